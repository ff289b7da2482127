package pades

import (
	"bytes"
	"fmt"
	"slices"

	"tamga/formats/internal/pdf"
)

// The comparison of two revisions. Whatever a later revision does to an
// earlier one is a change of the document, unless it is on this list:
//
//   - a new signature field, with its signature; a visible one if it covers
//     nothing that was there (ink.go)
//   - an empty signature field that was filled, likewise
//   - where a certification or the locks of the signatures allow it, form fields
//     that were filled (diff_fill.go) and annotations (diff_note.go)
//   - the new field in AcroForm /Fields, and /SigFlags
//   - the new widget in its page's /Annots
//   - the catalogue's /AcroForm, /DSS, /Extensions and a later /Version
//   - the document security store (EN 319 142-1 §5.4.2)
//   - /ModDate and /Producer of the information dictionary, and their like in the
//     metadata
//   - an object that is written again and says the same
//   - cross-reference and object streams
//
// The list is that of ISO 32000-2 §12.8.2.2, and stricter: what covers text is a
// change (the evil-annotation and sneaky-signature attacks of 2021), and what
// shows something is told even where it is none. New objects count only if
// nothing old refers to them, so that nobody can plant an empty reference and
// define it later.

const (
	maxReach    = 10_000   // objects that hang on justified objects
	maxCompared = 16 << 20 // bytes of streams that were written again
)

// comparison is one step from a revision to the next.
type comparison struct {
	of       *document
	older    pdf.Revision
	old, new *pdf.File
	was, is  *form
	changed  map[uint32]pdf.Ref    // defined before, and again
	added    map[uint32]pdf.Ref    // not in use before
	allowed  map[uint32]bool       // justified
	uses     map[uint32]int        // how often a changed object may have been referred to
	widgets  map[pdf.Ref]pdf.Value // of new signature fields
	compared int64                 // bytes of streams compared
	level    Permission            // what the older signatures allow
	locked   []fieldLock
	listed   map[pdf.Ref]bool // widgets that their page names
	pageTree *pageIndex       // of the older revision; nil until it is asked for
	inks     map[pdf.Ref]*ink // of its pages
	shown    int              // things that can be seen
	said     []string         // what a person should know of what is allowed
}

// step is what came of a comparison.
type step struct {
	why  string   // why the newer revision changes what the older one shows; "" if it does not
	said []string // what it adds that can be seen
}

func changes(why string) step { return step{why: why} }

// compare tells whether newer changes what older shows.
func (d *document) compare(older, newer pdf.Revision) step {
	if older.End <= 0 || newer.End <= older.End {
		return changes("a later revision whose end cannot be told")
	}
	c := &comparison{
		of: d, older: older, old: d.file.At(older), new: d.file.At(newer),
		changed: map[uint32]pdf.Ref{}, added: map[uint32]pdf.Ref{}, allowed: map[uint32]bool{},
		uses: map[uint32]int{}, widgets: map[pdf.Ref]pdf.Value{}, listed: map[pdf.Ref]bool{},
		inks: map[pdf.Ref]*ink{},
	}
	if !c.old.Contained() {
		return changes("the signed revision uses a cross-reference that was added later")
	}
	var err error
	if c.was, err = d.formAt(c.old, older); err == nil {
		c.is, err = d.formAt(c.new, newer)
	}
	why := ""
	for _, step := range []func() (string, error){
		c.gather, c.permissions, c.trailer, c.catalogue, c.acroForm, c.fillings, c.formFills, c.pages, c.info,
		c.metadata, c.securityStore, c.containers, c.remainder, c.planted,
	} {
		if why != "" || err != nil {
			break
		}
		why, err = step()
	}
	if err != nil {
		return changes(fmt.Sprintf("a later revision that cannot be compared (%v)", err))
	}
	if why == "" {
		d.advance(c, newer)
	}
	return step{why, c.said}
}

// gather sorts what the revision defines into changed and added.
func (c *comparison) gather() (why string, err error) {
	each := func(ch pdf.Change) bool {
		at, ref, used, e := c.new.Locate(ch.Num)
		before, oldRef, was, e2 := c.old.Locate(ch.Num)
		switch {
		case e != nil || e2 != nil:
			err = fmt.Errorf("object %d: %w", ch.Num, firstError(e, e2))
		case was && !used:
			var role string
			role, err = c.role(ch.Num)
			why = fmt.Sprintf("object %d was deleted%s", ch.Num, role)
		case was && ref.Gen != oldRef.Gen:
			why = fmt.Sprintf("object %d was replaced", ch.Num)
		case was && at != before:
			var same bool
			if same, e = c.same(ref); e != nil {
				err = fmt.Errorf("object %d: %w", ch.Num, e)
			} else if !same {
				c.changed[ch.Num] = ref
				why = c.lay(ch.Num, at)
			}
		case !was && used:
			c.added[ch.Num] = ref
			why = c.lay(ch.Num, at)
		}
		return err == nil && why == ""
	}
	if e := c.new.NewestChanges(each); e != nil && err == nil {
		err = e
	}
	return why, err
}

// lay refuses what was planted: an object of the newer revision that lay unused
// in the bytes that were signed, and is only now brought out (shadow attack,
// "hide and replace").
func (c *comparison) lay(num uint32, at pdf.Location) string {
	if at.Offset() >= c.old.Size() {
		return ""
	}
	return fmt.Sprintf("object %d now is what lay unused in the signed document, at offset %d", num, at.Offset())
}

// same reports whether an object was only written again, to say what it said:
// some producers append more than they change.
func (c *comparison) same(ref pdf.Ref) (bool, error) {
	was, err := c.old.Object(ref)
	if err != nil {
		return false, err
	}
	is, err := c.new.Object(ref)
	if err != nil || was.Stream != is.Stream || !was.Value.Equal(is.Value) {
		return false, err
	}
	if !was.Stream {
		return true, nil
	}
	before, err := c.content(c.old, was)
	if err != nil || before == nil {
		return false, err
	}
	after, err := c.content(c.new, is)
	return bytes.Equal(before, after), err
}

// content returns the undecoded bytes of a small stream, nil of a large one.
func (c *comparison) content(f *pdf.File, obj pdf.Object) ([]byte, error) {
	from, to, err := f.StreamExtent(obj)
	if c.compared += to - from; err != nil || c.compared > maxCompared {
		return nil, err
	}
	b := make([]byte, to-from)
	_, err = f.ReadAt(b, from)
	return b, err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *comparison) trailer() (string, error) {
	was, is := c.old.Trailer(), c.new.Trailer()
	for _, key := range []string{"Root", "Info", "Encrypt"} {
		if was.Get(key).Kind != pdf.Null && !was.Get(key).Equal(is.Get(key)) {
			return "another /" + key, nil
		}
	}
	return "", nil
}

// catalogue allows a rewritten catalogue that says the same but for five keys.
// /Version (§7.2.2) may only grow; for /Metadata see diff_metadata.go.
func (c *comparison) catalogue() (string, error) {
	num := c.was.catalogRef.Num
	if _, ok := c.changed[num]; !ok {
		return "", nil
	}
	if key := differs(c.was.catalog, c.is.catalog, "AcroForm", "DSS", "Extensions", "Version", "Metadata"); key != "" {
		return "the catalogue's /" + key + " was changed", nil
	}
	if was, is := c.was.catalog.Get("Version"), c.is.catalog.Get("Version"); !was.Equal(is) && !later(was, is) {
		return "the catalogue's /Version was changed", nil
	}
	c.allowed[num] = true
	return "", c.reach(c.is.catalog.Get("Extensions"), 0)
}

// later reports whether a version of PDF is a known one, and no older.
func later(was, is pdf.Value) bool {
	known := []string{"1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0"}
	return slices.Index(known, is.Name()) >= max(0, slices.Index(known, was.Name()))
}

// differs returns a key in which two dictionaries differ, other than those
// that may; "" if there is none.
func differs(was, is pdf.Value, except ...string) string {
	may := map[string]bool{}
	for _, key := range except {
		may[key] = true
	}
	before := map[string]pdf.Value{}
	for _, e := range was.Entries() {
		before[e.Key] = e.Value
	}
	for _, e := range is.Entries() {
		if !may[e.Key] && !e.Value.Equal(before[e.Key]) {
			return e.Key
		}
		delete(before, e.Key)
	}
	for _, e := range was.Entries() { // in the order of the file
		if v, gone := before[e.Key]; gone && !may[e.Key] && v.Kind != pdf.Null {
			return e.Key
		}
	}
	return ""
}

// reach justifies the added objects that v leads to, through added objects
// only.
func (c *comparison) reach(v pdf.Value, depth int) error {
	if depth > maxFieldDepth || len(c.allowed) > maxReach {
		return fmt.Errorf("more than %d new objects", maxReach)
	}
	var err error
	v.References(func(ref pdf.Ref) {
		if added, ok := c.added[ref.Num]; !ok || added != ref || c.allowed[ref.Num] || err != nil {
			return
		}
		c.allowed[ref.Num] = true
		obj, e := c.new.Object(ref)
		if e == nil {
			e = c.reach(obj.Value, depth+1)
		}
		err = e
	})
	return err
}

// info allows the new date and tool of the information dictionary, which
// nothing but the trailer may refer to.
func (c *comparison) info() (string, error) {
	ref, ok := c.old.Trailer().Get("Info").Ref()
	if _, changed := c.changed[ref.Num]; !ok || !changed {
		return "", nil
	}
	was, err := c.old.Resolve(c.old.Trailer().Get("Info"))
	if err != nil {
		return "", err
	}
	is, err := c.new.Resolve(c.new.Trailer().Get("Info"))
	if err != nil {
		return "", err
	}
	if key := differs(was, is, "ModDate", "Producer"); key != "" {
		return "the document information's /" + key + " was changed", nil
	}
	c.allow(ref.Num, 0)
	return "", nil
}

// allow justifies a changed object if no more than uses references led to it
// before: what plays two parts may be changed in neither.
func (c *comparison) allow(num uint32, uses int) {
	c.allowed[num] = true
	c.uses[num] = uses
}

// containers allows new object and cross-reference streams.
func (c *comparison) containers() (string, error) {
	for num, ref := range c.added {
		if c.allowed[num] {
			continue
		}
		obj, err := c.new.Object(ref)
		if err != nil {
			return "", err
		}
		if kind := obj.Value.Get("Type").Name(); obj.Stream && (kind == "ObjStm" || kind == "XRef") {
			c.allowed[num] = true
		}
	}
	return "", nil
}

// remainder refuses what no rule has justified.
func (c *comparison) remainder() (string, error) {
	lowest, verb := uint32(0), ""
	for _, set := range []struct {
		verb    string
		objects map[uint32]pdf.Ref
	}{{"changed", c.changed}, {"added", c.added}} {
		for num := range set.objects {
			if !c.allowed[num] && (verb == "" || num < lowest) {
				lowest, verb = num, set.verb
			}
		}
	}
	if verb == "" {
		return "", nil
	}
	role, err := c.role(lowest)
	return fmt.Sprintf("object %d was %s%s", lowest, verb, role), err
}

// planted refuses references that were planted: no object of the older revision
// may refer to an object that was only added later, a changed one must play one
// part only, and none may reach beyond the revision's end.
func (c *comparison) planted() (why string, err error) {
	x, err := c.of.referencesAt(c.old, c.older)
	if err != nil || c.wellReferred(x) {
		return "", err
	}
	return c.whoRefers()
}

// whoRefers reads every object of the older revision for the one that refers
// wrongly.
func (c *comparison) whoRefers() (why string, err error) {
	count := map[uint32]int{}
	part := func(ref pdf.Ref, of string) {
		if most, ok := c.uses[ref.Num]; ok {
			if count[ref.Num]++; count[ref.Num] > most {
				why = fmt.Sprintf("object %d, which was changed, also serves %s", ref.Num, of)
			}
		}
	}
	for _, e := range partsOfTrailer(c.old) {
		e.Value.References(func(ref pdf.Ref) { part(ref, "the trailer") })
	}
	each := func(obj pdf.Object) bool {
		if c.old.IsSection(obj) {
			return true // its references are the trailer's
		}
		obj.Value.References(func(ref pdf.Ref) {
			if _, ok := c.added[ref.Num]; ok {
				why = fmt.Sprintf("object %d refers to object %d, which was only added later", obj.Ref.Num, ref.Num)
			}
			part(ref, fmt.Sprintf("object %d", obj.Ref.Num))
		})
		return why == ""
	}
	if e := c.old.Used(each); e != nil && err == nil {
		err = e
	}
	return why, err
}
