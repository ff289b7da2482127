package pdf

// tail is what follows a cross-reference section: "startxref", the offset and
// "%%EOF".
type tail struct {
	ok    bool
	start int64 // the offset it names
	end   int64 // after %%EOF
}

func (f *File) readTail(off int64) tail {
	l := f.lexer(off)
	l.space()                 // some producers put their name into a comment here
	if l.keyword("trailer") { // and Acrobat a trailer after a stream that has one
		if _, err := l.value(); err != nil {
			return tail{}
		}
		l.space()
	}
	if !l.keyword("startxref") {
		return tail{}
	}
	l.blanks()
	start, ok := l.unsigned()
	l.blanks()
	if !ok || !l.keywordPrefix("%%EOF") {
		return tail{}
	}
	return tail{ok: true, start: start + f.shift, end: l.base + int64(l.pos)}
}

// Revision is one saved state of the file.
type Revision struct {
	End   int64 // after its %%EOF; 0 if its end cannot be told
	first int   // its newest section
	last  int   // its oldest
}

// Revisions returns the states of the file, newest first. A revision is one
// section whose own startxref names it, or the two of a linearised file: the
// section of the first page, with the main one as its /Prev (Annex F.3).
func (f *File) Revisions() []Revision {
	var out []Revision
	for i := 0; i < len(f.sections); i++ {
		s, r := f.sections[i], Revision{first: i, last: i}
		switch {
		case s.tail.ok && s.tail.start == s.off:
			r.End = s.tail.end
		case i+1 < len(f.sections):
			if next := f.sections[i+1]; next.tail.ok && next.tail.start == s.off && next.off > s.off {
				r.End, r.last = next.tail.end, i+1
				i++
			}
		}
		out = append(out, r)
	}
	return out
}

// At returns the file as it stood when r was its newest revision. It must come
// from f itself. Whatever lies behind the end of r cannot be seen from there.
func (f *File) At(r Revision) *File {
	old := *f
	old.sections = f.sections[r.first:]
	if r.End > 0 {
		old.size = r.End
	}
	old.state = &state{
		budget: f.budget, streams: map[int64]*objectStream{}, objects: f.objects,
		version: f.version, header: f.header, crypt: f.crypt,
	}
	return &old
}

// Contained reports whether every cross-reference section of this revision
// and those before it lies within it.
func (f *File) Contained() bool {
	for _, s := range f.sections {
		if s.end > f.size || s.hybrid != nil && s.hybrid.end > f.size {
			return false
		}
	}
	return true
}

// IsSection reports whether obj is one of the file's cross-reference streams.
func (f *File) IsSection(obj Object) bool {
	for _, s := range f.sections {
		if s.stream && s.off == obj.Off || s.hybrid != nil && s.hybrid.off == obj.Off {
			return obj.Off >= 0
		}
	}
	return false
}

// Location tells one place of an object from another; comparable.
type Location struct {
	off   int64 // of the object, or of its object stream
	index int
	gen   uint16
}

// Locate returns where the newest definition of an object stands. ok is false
// if it is not in use.
func (f *File) Locate(num uint32) (at Location, ref Ref, ok bool, err error) {
	p, err := f.lookup(num)
	if err != nil {
		return Location{}, Ref{}, false, err
	}
	ref = Ref{num, p.gen}
	switch p.kind {
	case inUse:
		return Location{off: p.off, index: -1, gen: p.gen}, ref, true, nil
	case inStream:
		s, err := f.lookup(p.stream)
		return Location{off: s.off, index: p.index}, ref, true, err
	}
	return Location{}, Ref{}, false, nil
}

// Change is what a revision says of one object.
type Change struct {
	Num   uint32
	Freed bool
}

// NewestChanges calls yield with every entry of the sections of the newest
// revision, until it returns false.
func (f *File) NewestChanges(yield func(Change) bool) error {
	for _, s := range f.sections[:f.Revisions()[0].last+1] {
		for _, part := range []*section{s, s.hybrid} {
			if part == nil {
				continue
			}
			if done, err := f.sectionChanges(part, yield); done || err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *File) sectionChanges(s *section, yield func(Change) bool) (done bool, err error) {
	for _, sub := range s.subs {
		for n := sub.first; n < sub.first+sub.count; n++ {
			p, err := f.entry(s, uint32(n))
			if err != nil {
				return true, err
			}
			if !yield(Change{Num: uint32(n), Freed: p.kind == free}) {
				return true, nil
			}
		}
	}
	return false, nil
}

// Used calls yield with every object that is in use, each once, until it
// returns false. It fails if one of them cannot be read.
func (f *File) Used(yield func(Object) bool) error {
	for i, s := range f.sections {
		for _, part := range []*section{s, s.hybrid} {
			if part == nil {
				continue
			}
			if done, err := f.usedIn(i, part, yield); done || err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *File) usedIn(i int, s *section, yield func(Object) bool) (done bool, err error) {
	for _, sub := range s.subs {
		for n := sub.first; n < sub.first+sub.count; n++ {
			if err := f.budget.search(i + 1); err != nil {
				return true, err
			}
			if f.newer(i, s, uint32(n)) {
				continue
			}
			p, err := f.lookup(uint32(n))
			if err != nil {
				return true, err
			}
			if p.kind != inUse && p.kind != inStream {
				continue
			}
			obj, err := f.passing(Ref{uint32(n), p.gen}, p)
			if err != nil {
				return true, err
			}
			if !yield(obj) {
				return true, nil
			}
		}
	}
	return false, nil
}

// newer reports whether an earlier-visited section has an entry for num.
func (f *File) newer(i int, s *section, num uint32) bool {
	before := f.sections[:i]
	if f.sections[i].hybrid == s {
		before = f.sections[:i+1] // the table was visited before its stream
	}
	for _, b := range before {
		if b.has(num) || b != f.sections[i] && b.hybrid != nil && b.hybrid.has(num) {
			return true
		}
	}
	return false
}

func (s *section) has(num uint32) bool {
	_, found := s.search(int64(num))
	return found
}
