package pades

import "tamga/formats/internal/pdf"

// references are how often each object of a revision is referred to by others
// that are in use there. To count them, all objects must be read; from one
// revision to the next only what it touches, so that a large document that was
// signed many times is read once, and not as often as it was signed.
type references struct {
	of    pdf.Revision
	count map[uint32]int32
}

// referencesAt counts for a revision, of which f is the view.
func (d *document) referencesAt(f *pdf.File, r pdf.Revision) (*references, error) {
	if d.references != nil && d.references.of == r {
		return d.references, nil
	}
	x := &references{of: r, count: map[uint32]int32{}}
	var err error
	each := func(obj pdf.Object) bool {
		err = x.add(f, obj, 1)
		return err == nil
	}
	if e := f.Used(each); e != nil && err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	d.references = x
	return x, nil
}

// add counts what an object refers to n times more. It fails if a stream reaches
// beyond the end of the revision.
func (x *references) add(f *pdf.File, obj pdf.Object, n int32) error {
	if f.IsSection(obj) {
		return nil // its references are the trailer's
	}
	if obj.Stream {
		if _, _, err := f.StreamExtent(obj); err != nil {
			return err
		}
	}
	obj.Value.References(func(ref pdf.Ref) { x.count[ref.Num] += n })
	return nil
}

// advance makes the counts those of the next revision. Where that cannot be, they
// are given up: whoever asks for them will be told why.
func (d *document) advance(c *comparison, newer pdf.Revision) {
	x := d.references
	d.references = nil
	if x == nil {
		return
	}
	seen := map[uint32]bool{}
	var failure error
	each := func(ch pdf.Change) bool {
		if seen[ch.Num] {
			return true
		}
		seen[ch.Num] = true
		before, oldRef, was, err := c.old.Locate(ch.Num)
		at, ref, is, err2 := c.new.Locate(ch.Num)
		if failure = firstError(err, err2); failure != nil || was && is && at == before {
			return failure == nil
		}
		if was {
			failure = x.move(c.old, oldRef, -1)
		}
		if is && failure == nil {
			failure = x.move(c.new, ref, 1)
		}
		return failure == nil
	}
	if err := c.new.NewestChanges(each); err == nil && failure == nil {
		x.of, d.references = newer, x
	}
}

func (x *references) move(f *pdf.File, ref pdf.Ref, n int32) error {
	obj, err := f.Object(ref)
	if err != nil {
		return err
	}
	return x.add(f, obj, n)
}

// wellReferred reports whether no object of the older revision refers to what
// was only added later, or to what was changed more often than its part in the
// document explains.
func (c *comparison) wellReferred(x *references) bool {
	for num := range c.added {
		if x.count[num] > 0 {
			return false
		}
	}
	inTrailer := map[uint32]int{}
	for _, e := range partsOfTrailer(c.old) {
		e.Value.References(func(ref pdf.Ref) { inTrailer[ref.Num]++ })
	}
	for num, most := range c.uses {
		if int(x.count[num])+inTrailer[num] > most {
			return false
		}
	}
	return true
}

// partsOfTrailer are the entries of a trailer that lead to objects which no rule
// speaks of.
func partsOfTrailer(f *pdf.File) (out []pdf.Entry) {
	for _, e := range f.Trailer().Entries() {
		if e.Key != "Root" && e.Key != "Info" && e.Key != "Encrypt" {
			out = append(out, e)
		}
	}
	return out
}
