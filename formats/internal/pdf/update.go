package pdf

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"tamga/formats"
)

// Update gathers objects that an incremental update (§7.5.6) shall append. The
// file before it stays as it is, byte for byte, so that earlier signatures
// stay valid.
type Update struct {
	f       *File
	next    uint32
	objects []object
}

type object struct {
	ref   Ref
	body  []byte
	off   int64
	moved []shift // what encryption moved in body
}

// Tail is an incremental update, laid out.
type Tail struct {
	Bytes  []byte
	bodies map[Ref]body
}

type body struct {
	off   int64
	moved []shift
}

// Body returns the offset in the file of the byte at which an object's body, as
// it was set, has at offset at. It must not be within a string that is
// encrypted.
func (t Tail) Body(ref Ref, at int) int64 {
	b := t.bodies[ref]
	return b.off + int64(at+moved(b.moved, at))
}

// Update begins an incremental update of the newest revision.
func (f *File) Update() (*Update, error) {
	size, ok := f.Trailer().Get("Size").Int()
	if !ok || size < 1 || size > maxNumber {
		return nil, malformed("a trailer with /Size %.40s", f.Trailer().Get("Size").Raw)
	}
	for _, s := range f.sections {
		for _, part := range []*section{s, s.hybrid} {
			if part != nil && len(part.subs) > 0 { // sorted: the last run is the highest
				last := part.subs[len(part.subs)-1]
				size = max(size, last.first+last.count)
			}
		}
	}
	return &Update{f: f, next: uint32(size)}, nil
}

// New returns the reference of a new object.
func (u *Update) New() Ref {
	u.next++
	return Ref{Num: u.next - 1}
}

// Set makes body the object of ref, new or rewritten: a value, or a stream with
// a /Length that is right and direct. In an encrypted file, Finish encrypts its
// strings and its data; body holds them plain.
func (u *Update) Set(ref Ref, body []byte) {
	for i := range u.objects {
		if u.objects[i].ref == ref {
			u.objects[i].body = body
			return
		}
	}
	u.objects = append(u.objects, object{ref: ref, body: body})
}

// Finish lays out the objects in the order in which they were set, a
// cross-reference section of the kind of the last one, and its trailer:
//
//	n g obj … endobj … xref … trailer << … >> startxref … %%EOF
//
// The same inputs give the same bytes.
func (u *Update) Finish() (Tail, error) {
	if u.next > maxNumber {
		return Tail{}, fmt.Errorf("an update beyond object %d: %w", maxNumber, formats.ErrTooLarge)
	}
	t := Tail{bodies: map[Ref]body{}}
	var b bytes.Buffer
	var last [1]byte
	if err := readFull(u.f.r, last[:], u.f.size-1); err != nil {
		return Tail{}, err
	}
	if last[0] != '\n' && last[0] != '\r' {
		b.WriteByte('\n')
	}
	for i := range u.objects {
		o := &u.objects[i]
		if err := u.encrypt(o); err != nil {
			return Tail{}, err
		}
		o.off = u.f.size + int64(b.Len())
		fmt.Fprintf(&b, "%d %d obj\n", o.ref.Num, o.ref.Gen)
		t.bodies[o.ref] = body{u.f.size + int64(b.Len()), o.moved}
		b.Write(o.body)
		b.WriteString("\nendobj\n")
	}
	for u.f.shift > 0 && u.f.sectionAt(u.f.size+int64(b.Len())-u.f.shift) {
		b.WriteByte('\n') // startxref would be right from the first byte, too: see findOrigin
	}
	start := u.f.size + int64(b.Len())
	var err error
	if u.f.sections[0].stream {
		err = u.writeStream(&b, start)
	} else {
		err = u.writeTable(&b, start)
	}
	fmt.Fprintf(&b, "startxref\n%d\n%%%%EOF\n", start-u.f.shift)
	t.Bytes = b.Bytes()
	return t, err
}

// runs returns the objects in order of number, split where numbers are missing.
func (u *Update) runs() [][]object {
	sorted := slices.Clone(u.objects)
	slices.SortFunc(sorted, func(a, b object) int { return cmp.Compare(a.ref.Num, b.ref.Num) })
	var out [][]object
	for i, o := range sorted {
		if i == 0 || o.ref.Num != sorted[i-1].ref.Num+1 {
			out = append(out, nil)
		}
		out[len(out)-1] = append(out[len(out)-1], o)
	}
	return out
}

func (u *Update) writeTable(b *bytes.Buffer, start int64) error {
	if start > 9_999_999_999 { // ten digits
		return fmt.Errorf("a cross-reference table for a file of %d bytes: %w", start, formats.ErrTooLarge)
	}
	id := u.id(b.Bytes())
	b.WriteString("xref\n")
	for _, run := range u.runs() {
		fmt.Fprintf(b, "%d %d\n", run[0].ref.Num, len(run))
		for _, o := range run {
			fmt.Fprintf(b, "%010d %05d n \n", o.off-u.f.shift, o.ref.Gen)
		}
	}
	b.WriteString("trailer\n<<")
	u.writeTrailer(b, id)
	b.WriteString("\n>>\n")
	return nil
}

// writeStream writes a cross-reference stream without a filter, whose rows are
// 1 byte of type, 4 of offset (8 beyond 4 GiB), 2 of generation.
func (u *Update) writeStream(b *bytes.Buffer, start int64) error {
	id := u.id(b.Bytes())
	self := u.New()
	u.objects = append(u.objects, object{ref: self, off: start})
	width := 4
	if start >= 1<<32 {
		width = 8
	}
	var index, rows []byte
	for _, run := range u.runs() {
		index = fmt.Appendf(index, " %d %d", run[0].ref.Num, len(run))
		for _, o := range run {
			rows = append(rows, 1)
			for shift := 8 * (width - 1); shift >= 0; shift -= 8 {
				rows = append(rows, byte((o.off-u.f.shift)>>shift))
			}
			rows = append(rows, byte(o.ref.Gen>>8), byte(o.ref.Gen))
		}
	}
	fmt.Fprintf(b, "%d %d obj\n<<\n/Type /XRef\n/W [1 %d 2]\n/Index [%s]\n/Length %d",
		self.Num, self.Gen, width, index[1:], len(rows))
	u.writeTrailer(b, id)
	b.WriteString("\n>>\nstream\n")
	b.Write(rows)
	b.WriteString("\nendstream\nendobj\n")
	return nil
}

// ownKeys are the keys of a trailer that belong to its section and not to the
// document (§7.5.5, §7.5.8.2); those of its stream among them.
var ownKeys = []string{
	"Size", "Prev", "XRefStm", "ID", "Type", "W", "Index", "Length", "Filter", "DecodeParms",
	"F", "FFilter", "FDecodeParms", "DL",
}

func (u *Update) writeTrailer(b *bytes.Buffer, id []byte) {
	fmt.Fprintf(b, "\n/Size %d\n/Prev %d\n/ID %s", u.next, u.f.sections[0].off-u.f.shift, id)
	for _, e := range u.f.Trailer().Entries() {
		if !slices.Contains(ownKeys, e.Key) {
			fmt.Fprintf(b, "\n%s %s", e.RawKey, e.Value.Raw)
		}
	}
}

// id keeps the first half of the file identifier and renews the second
// (§14.4), from the bytes of the update so that it needs no randomness.
func (u *Update) id(update []byte) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%d ", u.f.size)
	old := u.f.Trailer().Get("ID")
	h.Write(old.Raw)
	h.Write(update)
	second := h.Sum(nil)[:16]
	if items := old.Items(); len(items) == 2 && items[0].Kind == String {
		return fmt.Appendf(nil, "[%s <%X>]", items[0].Raw, second)
	}
	return fmt.Appendf(nil, "[<%X> <%X>]", second, second)
}

// Set is a new value for a key of a dictionary.
type Set struct {
	Key string
	Raw []byte
}

// Rewrite returns the dictionary v with some keys set and all others as they
// were, byte for byte.
func Rewrite(v Value, sets ...Set) []byte {
	var b bytes.Buffer
	b.WriteString("<<")
	done := make([]bool, len(sets))
	for _, e := range v.Entries() {
		raw := e.Value.Source()
		for i, set := range sets {
			if set.Key == e.Key {
				raw, done[i] = set.Raw, true
			}
		}
		fmt.Fprintf(&b, "\n%s %s", e.RawKey, raw)
	}
	for i, set := range sets {
		if !done[i] {
			fmt.Fprintf(&b, "\n/%s %s", set.Key, set.Raw)
		}
	}
	b.WriteString("\n>>")
	return b.Bytes()
}

// Append returns the array v with one more element and all others as they
// were, byte for byte; an array of that element alone if v is no array.
func Append(v Value, item string) []byte {
	if v.Kind != Array {
		return []byte("[" + item + "]")
	}
	raw := v.Source()
	return fmt.Appendf(nil, "%s %s]", raw[:len(raw)-1], item)
}
