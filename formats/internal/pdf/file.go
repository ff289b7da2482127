package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"tamga/formats"
)

// File is a PDF as it stands after one of its revisions. It is not safe for
// concurrent use.
type File struct {
	r        io.ReaderAt
	size     int64
	shift    int64      // what the offsets in the file count from: 0, or the header
	sections []*section // newest first
	*state
}

// state is what all views of one file share.
type state struct {
	budget      *budget
	subsections int
	streams     map[int64]*objectStream // by offset
	objects     *keptObjects
	version     string
	header      int64    // offset of the header
	crypt       *handler // nil: not encrypted
}

// Object is an indirect object.
type Object struct {
	Ref    Ref
	Value  Value // of a stream: its dictionary
	Stream bool
	Off    int64 // of the object in the file; -1 within an object stream
	data   int64 // where a stream's bytes begin
}

// Open reads the cross-reference sections of a PDF that opens without a
// password. The error wraps [formats.ErrMalformed], [formats.ErrTooLarge] or
// [formats.ErrUnsupported]; [formats.ErrPassword] where the file needs one.
func Open(r io.ReaderAt, size int64) (*File, error) { return OpenWith(r, size, nil) }

// OpenWith is Open with a password in UTF-8, the user's or the owner's. Files
// that need none open whatever it is.
func OpenWith(r io.ReaderAt, size int64, password []byte) (*File, error) {
	f := &File{r: r, size: size, state: &state{
		budget: &budget{}, streams: map[int64]*objectStream{},
		objects: &keptObjects{byOffset: map[int64]keptObject{}},
	}}
	if err := f.readHeader(); err != nil {
		return nil, err
	}
	start, err := f.findStart()
	if err != nil {
		return nil, err
	}
	if err := f.findOrigin(start); err != nil {
		return nil, err
	}
	if err := f.readChain(start + f.shift); err != nil {
		return nil, err
	}
	if err := f.openEncryption(password); err != nil {
		return nil, err
	}
	return f, nil
}

// readHeader finds "%PDF-n.m" in the first 1024 bytes (§7.5.2; Annex I of ISO
// 32000-1 allowed that much in front of it).
func (f *File) readHeader() error {
	head := make([]byte, min(f.size, 1024))
	if err := readFull(f.r, head, 0); err != nil {
		return err
	}
	i := bytes.Index(head, []byte("%PDF-"))
	if i < 0 {
		return malformed("no PDF header in the first 1024 bytes")
	}
	f.header = int64(i)
	version := head[i+5:]
	for n := 0; n < len(version) && n < 4; n++ {
		if c := version[n]; c != '.' && (c < '0' || c > '9') {
			version = version[:n]
		}
	}
	f.version = string(version[:min(len(version), 4)])
	return nil
}

// findStart reads the last startxref (§7.5.5).
func (f *File) findStart() (int64, error) {
	b := make([]byte, min(f.size, tailBytes))
	if err := readFull(f.r, b, f.size-int64(len(b))); err != nil {
		return 0, err
	}
	i := bytes.LastIndex(b, []byte("startxref"))
	if i < 0 {
		return 0, malformed("no startxref in the last %d bytes: the file is cut short, or something follows it",
			len(b))
	}
	i += len("startxref")
	eof := bytes.Index(b[i:], []byte("%%EOF"))
	if eof < 0 {
		return 0, malformed("no %%%%EOF after the last startxref: the file is cut short")
	}
	off, err := strconv.ParseInt(string(bytes.Trim(b[i:i+eof], "\r\n\t\f \x00")), 10, 64)
	if err != nil || off < 0 {
		return 0, malformed("a startxref without an offset")
	}
	return off, nil
}

// findOrigin tells from where offsets count in a file with something before its
// header: from the header (§7.5.1 with §7.5.2), or, as other producers and
// readers have it, from the first byte. Where startxref is right both ways,
// there are two documents in one file.
func (f *File) findOrigin(start int64) error {
	if f.header == 0 {
		return nil
	}
	fromFile, fromHeader := f.sectionAt(start), f.sectionAt(start+f.header)
	if fromFile && fromHeader {
		return malformed("a header at offset %d, and cross-references for offsets with and without it", f.header)
	}
	if fromHeader {
		f.shift = f.header
	}
	return nil
}

// sectionAt reports whether a cross-reference section begins at off: not only
// the letters, which stand in "startxref" as well.
func (f *File) sectionAt(off int64) bool {
	if off < 0 || off >= f.size || isSpace(f.lexer(off).at(0)) {
		return false
	}
	_, err := f.readSection(off)
	return err == nil
}

// readChain follows /Prev from the newest section. An offset that comes twice
// is a loop, which would hang a careless reader.
func (f *File) readChain(off int64) error {
	seen := map[int64]bool{}
	for {
		if seen[off] {
			return malformed("cross-reference sections that refer to each other in a loop")
		}
		seen[off] = true
		if len(f.sections) == maxSections {
			return fmt.Errorf("more than %d cross-reference sections: %w", maxSections, formats.ErrTooLarge)
		}
		s, err := f.readSection(off)
		if err != nil {
			return err
		}
		if err := f.readHybrid(s, seen); err != nil {
			return err
		}
		s.tail = f.readTail(s.end)
		f.sections = append(f.sections, s)
		prev := s.trailer.Get("Prev")
		if prev.Kind == Null {
			return nil
		}
		var ok bool
		if off, ok = prev.Int(); !ok {
			return malformed("a trailer with /Prev %.40s", prev.Raw)
		}
		off += f.shift
	}
}

// readHybrid reads the /XRefStm of a table. An object that both call used has
// two meanings, which is the differential that hybrid files are feared for.
func (f *File) readHybrid(s *section, seen map[int64]bool) error {
	v := s.trailer.Get("XRefStm")
	if s.stream || v.Kind == Null {
		return nil
	}
	off, ok := v.Int()
	off += f.shift
	if !ok || seen[off] {
		return malformed("a trailer with /XRefStm %.40s", v.Raw)
	}
	h, err := f.readSection(off)
	if err != nil {
		return err
	}
	if !h.stream {
		return malformed("a /XRefStm that is no stream")
	}
	s.hybrid = h
	for _, sub := range h.subs {
		for n := sub.first; n < sub.first+sub.count; n++ {
			p, err := f.entry(s, uint32(n))
			if err != nil {
				return err
			}
			q, err := f.entry(h, uint32(n))
			if err != nil {
				return err
			}
			if p.kind == inUse && q.kind != free && p != q {
				return malformed("a hybrid file that defines object %d twice", n)
			}
		}
	}
	return nil
}

func (f *File) lexer(off int64) *lexer {
	return &lexer{r: f.r, base: off, end: f.size, budget: f.budget}
}

// Size returns the length of the file up to the end of this revision.
func (f *File) Size() int64 { return f.size }

// Version returns the version of the header, such as "1.7".
func (f *File) Version() string { return f.version }

// HeaderOffset returns where the header stands; 0 in a good file.
func (f *File) HeaderOffset() int64 { return f.header }

// Trailer returns the newest trailer dictionary.
func (f *File) Trailer() Value { return f.sections[0].trailer }

// Hybrid reports whether a table has a cross-reference stream beside it
// (§7.5.8.4).
func (f *File) Hybrid() bool {
	for _, s := range f.sections {
		if s.hybrid != nil {
			return true
		}
	}
	return false
}

// ReadAt reads the file's own bytes.
func (f *File) ReadAt(b []byte, off int64) (int, error) { return f.r.ReadAt(b, off) }
