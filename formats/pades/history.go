package pades

import (
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
	for i := len(d.revisions) - 1; i >= 0; i-- {
		n := len(d.revisions) - i
		if n > maxHistory {
			out.Facts = append(out.Facts, formats.Fact{Name: "further revisions", Value: fmt.Sprint(i + 1)})
			return
		}
		parts := []string{fmt.Sprintf("to byte %d", d.revisions[i].End)}
		for k, p := range d.placed {
			if p.at == i && k < len(out.Signatures) {
				parts = append(parts, "signed by "+out.Signatures[k].Name)
			}
		}
		if n > 1 {
			parts = append(parts, d.touchedBy(i))
		}
		out.Facts = append(out.Facts, formats.Fact{Name: fmt.Sprintf("revision %d", n), Value: strings.Join(parts, "; ")})
	}
}

// touchedBy says what kinds of objects revision i changed, added and deleted.
func (d *document) touchedBy(i int) string {
	c := &comparison{old: d.file.At(d.revisions[i+1]), new: d.file.At(d.revisions[i]), inks: map[pdf.Ref]*ink{}}
	var changed, added, deleted tally
	seen := 0
	var failure error
	if c.was, failure = readForm(c.old); failure != nil {
		return "cannot be read (" + printable(failure.Error()) + ")"
	}
	each := func(ch pdf.Change) bool {
		before, _, was, err := c.old.Locate(ch.Num)
		at, _, is, err2 := c.new.Locate(ch.Num)
		role := ""
		if failure = firstError(err, err2); failure == nil && (was || is) && at != before {
			role, failure = c.role(ch.Num)
		}
		switch {
		case failure != nil:
		case was && !is:
			deleted.count(role)
		case was && at != before:
			changed.count(role)
		case is && !was && !c.structural(ch.Num):
			added.count(role)
		}
		seen++
		return failure == nil && seen < maxTouched
	}
	if err := c.new.NewestChanges(each); err != nil {
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

// structural reports whether an object of the newer revision belongs to its
// cross-references or holds other objects.
func (c *comparison) structural(num uint32) bool {
	_, ref, _, err := c.new.Locate(num)
	if err != nil {
		return false
	}
	obj, err := c.new.Object(ref)
	kind := obj.Value.Get("Type").Name()
	return err == nil && (kind == "XRef" || kind == "ObjStm")
}

// tally counts things by what they are, in the order in which they came.
type tally struct {
	kinds  []string
	counts map[string]int
}

func (t *tally) count(role string) {
	kind := strings.Trim(role, " ()")
	if kind == "" {
		kind = "another object"
	}
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
