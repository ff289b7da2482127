package pdf

import (
	"cmp"
	"fmt"
	"slices"

	"tamga/formats"
)

// place says where an object is.
type place struct {
	kind   placeKind
	off    int64  // inUse: offset in the file
	stream uint32 // inStream: number of the object stream
	index  int    // inStream: position in it
	gen    uint16
}

type placeKind uint8

const (
	unknown placeKind = iota // no entry
	free
	inUse
	inStream
)

// section is one cross-reference section (§7.5.4, §7.5.8) and its trailer. Its
// entries stay in the file (table) or in rows (stream) until they are asked
// for.
type section struct {
	off     int64 // of "xref" or of the stream's object
	end     int64 // after the trailer dictionary or "endobj"
	stream  bool
	self    Ref // the stream's own number
	subs    []subsection
	rows    []byte // decoded stream
	width   [3]int // bytes of a row's fields
	trailer Value
	hybrid  *section // the /XRefStm of a table
	tail    tail
}

// subsection is a run of entries: count objects from first on.
type subsection struct {
	first, count int64
	off          int64 // of the first entry, in the file or in rows
	stride       int64 // from entry to entry
}

// readSection reads the cross-reference section at off.
func (f *File) readSection(off int64) (*section, error) {
	if off < 0 || off >= f.size {
		return nil, malformed("a cross-reference section at offset %d of %d", off, f.size)
	}
	l := f.lexer(off)
	l.blanks()
	if !l.keyword("xref") {
		return f.readXrefStream(off)
	}
	s := &section{off: off}
	for {
		l.space()
		if l.keyword("trailer") {
			break
		}
		if err := f.readSubsection(s, l); err != nil {
			return nil, err
		}
		// The entries are skipped: the window goes on behind them.
		last := s.subs[len(s.subs)-1]
		l = f.lexer(last.off + last.count*last.stride)
	}
	var err error
	if s.trailer, err = l.value(); err != nil {
		return nil, fmt.Errorf("reading the trailer: %w", err)
	}
	if s.trailer.Kind != Dict {
		return nil, l.fail("a trailer that is no dictionary")
	}
	s.end = l.base + int64(l.pos)
	return s, s.sortSubsections()
}

// readSubsection reads "first count" and finds the place and length of its
// entries, which are 20 bytes by §7.5.4; some producers write 19 or 21:
//
//	nnnnnnnnnn ggggg n eol
func (f *File) readSubsection(s *section, l *lexer) error {
	first, ok := l.unsigned()
	if !ok {
		return l.fail("a cross-reference table with neither a subsection nor a trailer")
	}
	l.space()
	count, ok := l.unsigned()
	if !ok || first+count > maxNumber+1 {
		return l.fail("a cross-reference subsection without a good count")
	}
	if err := f.countSubsection(); err != nil {
		return err
	}
	l.blanks()
	sub := subsection{first: first, count: count, off: l.base + int64(l.pos), stride: 20}
	if count > 0 {
		b := make([]byte, min(22, max(f.size-sub.off, 0)))
		if len(b) < 19 {
			return malformed("a cross-reference table at offset %d that is cut short", sub.off)
		}
		if err := readFull(f.r, b, sub.off); err != nil {
			return err
		}
		sub.stride = 18
		for sub.stride < int64(len(b)) && isSpace(int(b[sub.stride])) {
			sub.stride++
		}
		if sub.stride < 19 || count > 1 && sub.stride > 21 || sub.off+count*sub.stride > f.size {
			return malformed("cross-reference entries at offset %d of an impossible length", sub.off)
		}
	}
	s.subs = append(s.subs, sub)
	return nil
}

func (f *File) countSubsection() error {
	if f.subsections++; f.subsections > maxSubsections {
		return fmt.Errorf("more than %d cross-reference subsections: %w", maxSubsections, formats.ErrTooLarge)
	}
	return nil
}

// sortSubsections orders the runs for searching. An object in two of them
// would be one thing to one reader and another to the next.
func (s *section) sortSubsections() error {
	s.subs = slices.DeleteFunc(s.subs, func(sub subsection) bool { return sub.count == 0 })
	slices.SortFunc(s.subs, func(a, b subsection) int { return cmp.Compare(a.first, b.first) })
	for i := 1; i < len(s.subs); i++ {
		if s.subs[i-1].first+s.subs[i-1].count > s.subs[i].first {
			return malformed("object %d twice in the cross-reference section at offset %d", s.subs[i].first, s.off)
		}
	}
	return nil
}

// readXrefStream reads a cross-reference stream (§7.5.8).
func (f *File) readXrefStream(off int64) (*section, error) {
	obj, err := f.readObject(off, nil)
	if err != nil {
		return nil, fmt.Errorf("reading a cross-reference section: %w", err)
	}
	if !obj.Stream || obj.Value.Get("Type").Name() != "XRef" {
		return nil, malformed("no cross-reference section at offset %d", off)
	}
	s := &section{off: off, stream: true, trailer: obj.Value, self: obj.Ref}
	if s.rows, s.end, err = f.decodeStream(obj, f.plainValue); err != nil {
		return nil, fmt.Errorf("reading the cross-reference stream at offset %d: %w", off, err)
	}
	if err := f.indexRows(s); err != nil {
		return nil, err
	}
	return s, s.sortSubsections()
}

// indexRows applies /W and /Index (§7.5.8.2, table 17).
func (f *File) indexRows(s *section) error {
	w := s.trailer.Get("W").Items()
	if len(w) != 3 {
		return malformed("a cross-reference stream with /W %.40s", s.trailer.Get("W").Raw)
	}
	stride := int64(0)
	for i, v := range w {
		n, ok := v.Int()
		if !ok || n < 0 || n > 8 {
			return malformed("a cross-reference stream with /W %.40s", s.trailer.Get("W").Raw)
		}
		s.width[i] = int(n)
		stride += n
	}
	if s.width[1] == 0 {
		return malformed("a cross-reference stream without offsets")
	}
	numbers, err := s.index()
	if err != nil {
		return err
	}
	off := int64(0)
	for i := 0; i < len(numbers); i += 2 {
		sub := subsection{first: numbers[i], count: numbers[i+1], off: off, stride: stride}
		if sub.first+sub.count > maxNumber+1 || off+sub.count*stride > int64(len(s.rows)) {
			return malformed("a cross-reference stream with too few rows for its /Index")
		}
		if err := f.countSubsection(); err != nil {
			return err
		}
		off += sub.count * stride
		s.subs = append(s.subs, sub)
	}
	return nil
}

// index returns /Index as pairs of first and count; without it, one pair.
func (s *section) index() ([]int64, error) {
	items := s.trailer.Get("Index").Items()
	if s.trailer.Get("Index").Kind == Null {
		items = []Value{{Kind: Integer}, s.trailer.Get("Size")}
	}
	numbers := make([]int64, len(items))
	for i, v := range items {
		n, ok := v.Int()
		if !ok || n < 0 || n > maxNumber+1 {
			return nil, malformed("a cross-reference stream with a bad /Index or /Size")
		}
		numbers[i] = n
	}
	if len(numbers)%2 != 0 {
		return nil, malformed("a cross-reference stream with an odd /Index")
	}
	return numbers, nil
}

// find returns the entry of an object in this section. In a hybrid file
// (§7.5.8.4) the table hides objects by calling them free: the stream beside it
// tells where they are.
func (f *File) find(s *section, num uint32) (place, error) {
	p, err := f.entry(s, num)
	if err != nil || s.hybrid == nil || p.kind == inUse {
		return p, err
	}
	q, err := f.entry(s.hybrid, num)
	if err == nil && q.kind != unknown {
		return q, nil
	}
	return p, err
}

func (s *section) search(n int64) (int, bool) {
	return slices.BinarySearchFunc(s.subs, n, func(sub subsection, n int64) int {
		switch {
		case sub.first > n:
			return 1
		case sub.first+sub.count <= n:
			return -1
		}
		return 0
	})
}

func (f *File) entry(s *section, num uint32) (place, error) {
	n := int64(num)
	i, found := s.search(n)
	if !found {
		return place{}, nil
	}
	if err := f.budget.entry(); err != nil {
		return place{}, err
	}
	sub := s.subs[i]
	off := sub.off + (n-sub.first)*sub.stride
	if s.stream {
		return f.moved(s.row(s.rows[off:off+sub.stride], num))
	}
	var b [18]byte
	if off > f.size-int64(len(b)) {
		return place{}, malformed("a cross-reference entry at offset %d of %d", off, f.size)
	}
	if err := readFull(f.r, b[:], off); err != nil {
		return place{}, err
	}
	return f.moved(tableEntry(b, off))
}

// moved makes the offset of an entry one in the file.
func (f *File) moved(p place, err error) (place, error) {
	if p.kind == inUse {
		p.off += f.shift
	}
	return p, err
}

// tableEntry reads "nnnnnnnnnn ggggg n".
func tableEntry(b [18]byte, at int64) (place, error) {
	off, okOff := digits(b[:10])
	gen, okGen := digits(b[11:16])
	// Pillow writes 65536 for what is free, one more than there are.
	if !okOff || !okGen || b[10] != ' ' || b[16] != ' ' || gen > 65535 && b[17] != 'f' {
		return place{}, malformed("no cross-reference entry at offset %d", at)
	}
	switch b[17] {
	case 'n':
		if off == 0 { // the header stands there: producers that mean "free"
			return place{kind: free, gen: uint16(gen)}, nil
		}
		return place{kind: inUse, off: off, gen: uint16(gen)}, nil
	case 'f':
		return place{kind: free, gen: uint16(min(gen, 65535))}, nil
	}
	return place{}, malformed("a cross-reference entry at offset %d that is neither used nor free", at)
}

func digits(b []byte) (int64, bool) {
	n := int64(0)
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// row reads one row of a cross-reference stream (§7.5.8.3, table 18).
func (s *section) row(b []byte, num uint32) (place, error) {
	field := func(i int) uint64 {
		n := uint64(0)
		for _, c := range b[:s.width[i]] {
			n = n<<8 | uint64(c)
		}
		b = b[s.width[i]:]
		return n
	}
	kind := uint64(1) // the default where the first width is 0
	if s.width[0] > 0 {
		kind = field(0)
	}
	second, third := field(1), field(2)
	switch kind {
	case 0:
		return place{kind: free, gen: uint16(third)}, nil
	case 1:
		if second > 1<<62 || third > 65535 {
			return place{}, malformed("an impossible cross-reference row for object %d", num)
		}
		return place{kind: inUse, off: int64(second), gen: uint16(third)}, nil
	case 2:
		if second > maxNumber || third > 1<<24 {
			return place{}, malformed("an impossible cross-reference row for object %d", num)
		}
		return place{kind: inStream, stream: uint32(second), index: int(third)}, nil
	}
	return place{kind: free}, nil // table 18: any other type is the null object
}
