package pades

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// What is told of revisions at most.
const (
	maxHistory = 100   // revisions
	maxTouched = 10000 // objects of one that are looked at
)

// history tells of every revision who signed it and what it touched, the oldest
// first, for people who inspect a document. It judges nothing.
func (d *document) history(out *formats.Document) {
	if len(d.revisions) < 2 {
		return
	}
	parts := d.partsOfPages()
	for i := len(d.revisions) - 1; i >= 0; i-- {
		n := len(d.revisions) - i
		if n > maxHistory {
			out.Facts = append(out.Facts, formats.Fact{Name: "further revisions", Value: fmt.Sprint(i + 1)})
			return
		}
		said := []string{fmt.Sprintf("to byte %d", d.revisions[i].End)}
		for k, p := range d.placed {
			if p.at == i && k < len(out.Signatures) {
				said = append(said, "signed by "+out.Signatures[k].Name)
			}
		}
		if n > 1 {
			said = append(said, d.touchedBy(i, parts))
		}
		out.Facts = append(out.Facts, formats.Fact{Name: fmt.Sprintf("revision %d", n), Value: strings.Join(said, "; ")})
	}
}

// partsOfPages says of objects that pages refer to what they are, as far as the
// newest page tree can be read.
func (d *document) partsOfPages() map[uint32]string {
	parts := map[uint32]string{}
	w := pageWalk{file: d.file, left: maxListed, seen: map[pdf.Ref]bool{}}
	w.each = func(_ pdf.Ref, page pdf.Value) error {
		for _, part := range pageParts {
			page.Get(part.key).References(func(r pdf.Ref) { parts[r.Num] = part.word })
		}
		return nil
	}
	_ = w.visit(d.form.catalog.Get("Pages"), 0) // what cannot be read stays "another object"
	return parts
}

// touchedBy says what kinds of objects revision i changed, added and deleted.
func (d *document) touchedBy(i int, parts map[uint32]string) string {
	old, latest := d.file.At(d.revisions[i+1]), d.file.At(d.revisions[i])
	var changed, added, deleted tally
	seen := 0
	var failure error
	each := func(ch pdf.Change) bool {
		seen++
		before, oldRef, was, err := old.Locate(ch.Num)
		at, ref, is, err2 := latest.Locate(ch.Num)
		if failure = firstError(err, err2); failure != nil || at == before && was == is {
			return failure == nil && seen < maxTouched
		}
		f, to := old, &changed
		switch {
		case !is:
			to = &deleted
		case !was:
			f, oldRef, to = latest, ref, &added
		}
		var obj pdf.Object
		if obj, failure = f.Object(oldRef); failure != nil {
			return false
		}
		kind := obj.Value.Get("Type").Name()
		if is && !was && (kind == "XRef" || kind == "ObjStm") {
			return seen < maxTouched
		}
		to.count(cmp.Or(roleOf(obj), parts[ch.Num], "another object"))
		return failure == nil && seen < maxTouched
	}
	if err := latest.NewestChanges(each); err != nil {
		failure = err
	}
	text := strings.Join(slices.DeleteFunc([]string{
		changed.text("changed"), added.text("added"), deleted.text("deleted"),
	}, func(s string) bool { return s == "" }), "; ")
	switch {
	case failure != nil:
		return "cannot be read (" + printable(failure.Error()) + ")"
	case seen == maxTouched:
		text += "; and more"
	case text == "":
		text = "touched nothing"
	}
	return text
}

// tally counts things by what they are, in the order in which they came.
type tally struct {
	kinds  []string
	counts map[string]int
}

func (t *tally) count(kind string) {
	if t.counts == nil {
		t.counts = map[string]int{}
	}
	if t.counts[kind]++; t.counts[kind] == 1 {
		t.kinds = append(t.kinds, kind)
	}
}

// text is "changed: the catalogue, a page (3 times)", or nothing.
func (t *tally) text(verb string) string {
	var out []string
	for _, kind := range t.kinds {
		if n := t.counts[kind]; n > 1 {
			kind = fmt.Sprintf("%s (%d times)", kind, n)
		}
		out = append(out, kind)
	}
	if out == nil {
		return ""
	}
	return verb + " " + strings.Join(out, ", ")
}
