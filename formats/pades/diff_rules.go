package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// acroForm allows a form that differs by new signature fields only.
func (c *comparison) acroForm() (string, error) {
	was, is := c.was.dict, c.is.dict
	if was.Kind == pdf.Dict && is.Kind != pdf.Dict {
		return "the form was removed", nil
	}
	if was.Kind == pdf.Null {
		if key := differs(was, is, "Fields", "SigFlags", "DA", "DR"); key != "" {
			return "a form with /" + key + " was added", nil
		}
	} else if key := differs(was, is, c.formKeys()...); key != "" {
		return "the form's /" + key + " was changed", nil
	}
	if was.Get("DR").Kind == pdf.Null {
		if err := c.reach(is.Get("DR"), 0); err != nil {
			return "", err
		}
	}
	c.allowRef(c.was.ref, c.is.ref)
	c.allowRef(c.was.fieldsRef, c.is.fieldsRef)
	old, now := c.was.list.Items(), c.is.list.Items()
	if len(now) < len(old) {
		return "a form field was removed", nil
	}
	for i, v := range now {
		if i < len(old) {
			if !v.Equal(old[i]) {
				return "a form field was replaced", nil
			}
		} else if why, err := c.newField(v); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// formKeys are the keys of an old form that may change. The defaults for text,
// which many signers set, may be added where there is no text field to which
// they could apply.
func (c *comparison) formKeys() []string {
	keys := []string{"Fields", "SigFlags"}
	for _, fl := range c.was.fields {
		if fl.kind != "Sig" {
			return keys
		}
	}
	for _, key := range []string{"DA", "DR"} {
		if c.was.dict.Get(key).Kind == pdf.Null {
			keys = append(keys, key)
		}
	}
	return keys
}

// allowRef justifies the object that plays a part if it is new, or if it
// played the same part, and no other, before.
func (c *comparison) allowRef(was, is pdf.Ref) {
	if _, ok := c.added[is.Num]; ok {
		c.allowed[is.Num] = true
	} else if _, ok := c.changed[is.Num]; ok && was == is {
		c.allow(is.Num, 1)
	}
}

// Keys that a new signature field and its widget may have (ISO 32000-2 tables
// 166, 191, 226, 228, 234). Actions (/A, /AA) are not among them.
var fieldKeys = map[string]bool{
	"Type": true, "Subtype": true, "FT": true, "T": true, "TU": true, "TM": true, "V": true, "F": true,
	"Ff": true, "Rect": true, "P": true, "AP": true, "Kids": true, "Parent": true, "Lock": true,
	"SV": true, "M": true, "NM": true,
	"MK": true, "DA": true, "Border": true, "BS": true, "DR": true,
	"H": true, "StructParent": true,
}

// newField allows a new top-level signature field.
func (c *comparison) newField(v pdf.Value) (string, error) {
	ref, ok := v.Ref()
	if !ok || c.added[ref.Num] != ref {
		return "an old object became a form field", nil
	}
	dict, err := c.new.Resolve(v)
	if err != nil {
		return "", err
	}
	if dict.Get("FT").Name() != "Sig" || dict.Get("Parent").Kind != pdf.Null {
		return "a form field was added that is no signature", nil
	}
	if why, err := c.newWidget(ref, dict); why != "" || err != nil {
		return why, err
	}
	kids, err := c.new.Get(dict, "Kids")
	if err != nil {
		return "", err
	}
	for _, kid := range kids.Items() {
		kidRef, ok := kid.Ref()
		if !ok || c.added[kidRef.Num] != kidRef {
			return "an old object became a widget", nil
		}
		widget, err := c.new.Resolve(kid)
		if err != nil {
			return "", err
		}
		if widget.Get("T").Kind != pdf.Null || !widget.Get("Parent").Equal(v) {
			return "a form field was added below a signature", nil
		}
		if why, err := c.newWidget(kidRef, widget); why != "" || err != nil {
			return why, err
		}
	}
	return "", c.reach(v, 0)
}

// newWidget allows a field or widget that shows nothing and does nothing.
func (c *comparison) newWidget(ref pdf.Ref, dict pdf.Value) (string, error) {
	for _, e := range dict.Entries() {
		if !fieldKeys[e.Key] {
			return "a signature field was added that has /" + e.Key, nil
		}
	}
	if dict.Get("Subtype").Kind == pdf.Null {
		return "", nil // a field alone; its widgets are its kids
	}
	if dict.Get("Subtype").Name() != "Widget" {
		return "an annotation was added that is no signature", nil
	}
	flat, err := c.withoutExtent(dict)
	if err != nil || !flat {
		return "a visible signature was added, which may cover what was signed", err
	}
	c.widgets[ref] = dict
	return "", nil
}

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

// fillings allows empty signature fields of the older revision to be filled.
func (c *comparison) fillings() (string, error) {
	for _, fl := range c.was.fields {
		if _, ok := c.changed[fl.ref.Num]; !ok || !fl.empty() {
			continue
		}
		is := c.is.byRef[fl.ref] // null if it is no field any more
		may := []string{"V"}
		if flat, err := c.withoutExtent(is); err != nil {
			return "", err
		} else if flat {
			may = append(may, "AP", "F")
		} else if is.Get("AP").Kind == pdf.Null {
			may = append(may, "F") // nothing is there that flags could show
		}
		if key := differs(fl.dict, is, may...); key != "" {
			return fmt.Sprintf("the /%s of the signature field %q was changed", key, fl.name), nil
		}
		c.allowed[fl.ref.Num] = true
		for _, key := range may {
			if err := c.reach(is.Get(key), 0); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// pages allows the page of a new widget to name it in its /Annots.
func (c *comparison) pages() (string, error) {
	for _, widget := range c.widgets {
		ref, ok := widget.Get("P").Ref()
		if !ok || c.added[ref.Num] == ref {
			continue // nothing old is named; what is new must be reached otherwise
		}
		was, err := c.old.Object(ref)
		if err != nil {
			return "", err
		}
		is, err := c.new.Object(ref)
		if err != nil {
			return "", err
		}
		if was.Value.Get("Type").Name() != "Page" || was.Stream || is.Stream {
			return fmt.Sprintf("a signature on object %d, which is no page", ref.Num), nil
		}
		if why, err := c.page(ref, was.Value, is.Value); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
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
		widget, ok := v.Ref()
		if _, known := c.widgets[widget]; !ok || !known {
			return fmt.Sprintf("an annotation was added to page object %d", ref.Num), nil
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
