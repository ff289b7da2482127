package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// withoutExtent reports whether an annotation's rectangle has no area.
func (c *comparison) withoutExtent(dict pdf.Value) (bool, error) {
	rect, err := c.new.Get(dict, "Rect")
	if err != nil || len(rect.Items()) != 4 {
		return false, err
	}
	var n [4]float64
	for i, item := range rect.Items() {
		v, err := c.new.Resolve(item)
		if err != nil {
			return false, err
		}
		var ok bool
		if n[i], ok = v.Number(); !ok {
			return false, nil
		}
	}
	return n[0] == n[2] || n[1] == n[3], nil
}

func (c *comparison) page(ref pdf.Ref, was, is pdf.Value) (string, error) {
	if key := differs(was, is, "Annots"); key != "" {
		return fmt.Sprintf("the /%s of page object %d was changed", key, ref.Num), nil
	}
	old, err := c.old.Get(was, "Annots")
	if err != nil {
		return "", err
	}
	now, err := c.new.Get(is, "Annots")
	if err != nil {
		return "", err
	}
	if len(now.Items()) < len(old.Items()) {
		return fmt.Sprintf("an annotation of page object %d was removed", ref.Num), nil
	}
	for i, v := range now.Items() {
		if i < len(old.Items()) {
			if !v.Equal(old.Items()[i]) {
				return fmt.Sprintf("an annotation of page object %d was replaced", ref.Num), nil
			}
			continue
		}
		if why, err := c.newAnnotation(v, ref); why != "" || err != nil {
			return why, err
		}
	}
	if _, ok := c.changed[ref.Num]; ok {
		c.allowed[ref.Num] = true
	}
	list, _ := was.Get("Annots").Ref()
	if newList, ok := is.Get("Annots").Ref(); ok {
		c.allowRef(list, newList)
	}
	return "", nil
}

// newAnnotation allows the widget of a new signature, or what the document may
// be annotated with.
func (c *comparison) newAnnotation(v pdf.Value, page pdf.Ref) (string, error) {
	ref, ok := v.Ref()
	widget, known := c.widgets[ref]
	if !ok || !known {
		if c.level == Annotate {
			return c.newNote(v, page)
		}
		return fmt.Sprintf("an annotation was added to page object %d", page.Num), nil
	}
	flat, err := c.withoutExtent(widget)
	if err != nil || flat {
		return "", err
	}
	if home, _ := widget.Get("P").Ref(); home != page || c.listed[ref] {
		return "a visible signature was added to several pages", nil
	}
	c.listed[ref] = true
	return c.see("a visible signature was added", page, widget, pdf.Ref{})
}
