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
	if why, err := c.resources(was, is); why != "" || err != nil {
		return why, err
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

// formKeys are the keys of an old form that may change. The default for text,
// which many signers set, may be added where there is no text field to which it
// could apply. How the resources may change is judged by itself.
func (c *comparison) formKeys() []string {
	keys := []string{"Fields", "SigFlags", "DR"}
	for _, fl := range c.was.fields {
		if fl.kind != "Sig" {
			return keys
		}
	}
	if c.was.dict.Get("DA").Kind == pdf.Null {
		keys = append(keys, "DA")
	}
	return keys
}

// resources allows a form's /DR (§12.7.3) to grow: many signers add the font of
// their appearance. What was there must stay.
func (c *comparison) resources(was, is pdf.Value) (string, error) {
	old, err := c.old.Get(was, "DR")
	if err != nil {
		return "", err
	}
	now, err := c.new.Get(is, "DR")
	if err != nil {
		return "", err
	}
	c.allowRefs(was.Get("DR"), is.Get("DR"))
	for _, e := range old.Entries() {
		before, err := c.old.Resolve(e.Value)
		if err != nil {
			return "", err
		}
		after, err := c.new.Get(now, e.Key)
		if err != nil {
			return "", err
		}
		c.allowRefs(e.Value, now.Get(e.Key))
		for _, one := range before.Entries() {
			if !one.Value.Equal(after.Get(one.Key)) {
				return fmt.Sprintf("the form's /DR /%s was changed", printable(e.Key)), nil
			}
		}
		if before.Kind != pdf.Dict && !before.Equal(after) {
			return fmt.Sprintf("the form's /DR /%s was changed", printable(e.Key)), nil
		}
		if err := c.reach(after, 0); err != nil {
			return "", err
		}
	}
	return "", c.reach(now, 0)
}

func (c *comparison) allowRefs(was, is pdf.Value) {
	old, _ := was.Ref()
	if now, ok := is.Ref(); ok {
		c.allowRef(old, now)
	}
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
	title, err := c.new.Get(dict, "T")
	if err != nil {
		return "", err
	}
	if why, err := c.maySign(dict, title.Text()); why != "" || err != nil {
		return why, err
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

// newWidget allows a field or widget that does nothing. What it shows is judged
// with its page.
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
	c.widgets[ref] = dict
	return "", nil
}

// fillings allows empty signature fields of the older revision to be filled,
// and to show it in their own rectangles.
func (c *comparison) fillings() (string, error) {
	for _, fl := range c.was.fields {
		if _, ok := c.changed[fl.ref.Num]; !ok {
			continue
		}
		empty := fl.empty()
		if fl.widget && fl.kind == "Sig" {
			v, err := inherited(c.old, fl.dict, "V")
			if err != nil {
				return "", err
			}
			empty = v.Kind == pdf.Null
		}
		if !empty {
			continue
		}
		if why, err := c.filling(fl); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// filling allows one field, or one of its widgets.
func (c *comparison) filling(fl field) (string, error) {
	if why, err := c.mayFill(fl.name); why != "" || err != nil {
		return why, err
	}
	is := c.is.byRef[fl.ref] // null if it is no field any more
	if why, err := c.maySign(is, fl.name); why != "" && !fl.widget || err != nil {
		return why, err
	}
	may := []string{"V", "AP", "F"}
	if key := differs(fl.dict, is, may...); key != "" {
		return fmt.Sprintf("the /%s of the signature field %q was changed", key, printable(fl.name)), nil
	}
	c.allowed[fl.ref.Num] = true
	for _, key := range may {
		if err := c.reach(is.Get(key), 0); err != nil {
			return "", err
		}
	}
	flat, err := c.withoutExtent(is)
	if err != nil {
		return "", err
	}
	redrawn, err := c.redrawn(is)
	if err != nil {
		return "", err
	}
	same := len(redrawn) == 0 && is.Get("AP").Equal(fl.dict.Get("AP")) &&
		(is.Get("AP").Kind == pdf.Null || is.Get("F").Equal(fl.dict.Get("F")))
	if err := c.redraw(redrawn); err != nil || flat || same {
		return "", err
	}
	value, err := inherited(c.new, is, "V")
	if err != nil {
		return "", err
	}
	if value.Kind != pdf.Dict {
		return fmt.Sprintf("the field %q looks signed and is not", printable(fl.name)), nil
	}
	if ref, ok := fl.dict.Get("AP").Ref(); ok {
		c.uses[ref.Num] = 1 // what is replaced here must not be shown elsewhere
	}
	page, ok, err := c.home(fl.ref, fl.dict)
	if err != nil || !ok {
		return fmt.Sprintf("the signature field %q shows something, and stands on no page or on several",
			printable(fl.name)), err
	}
	return c.see(fmt.Sprintf("a visible signature in the field %q", printable(fl.name)), page, is, fl.ref)
}

// pages allows the page of a new widget to name it in its /Annots, and those
// that were annotated to name their annotations.
func (c *comparison) pages() (string, error) {
	refs, err := c.touched()
	if err != nil {
		return "", err
	}
	for _, ref := range refs {
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
	for ref, widget := range c.widgets {
		flat, err := c.withoutExtent(widget)
		if err != nil {
			return "", err
		}
		if !flat && !c.listed[ref] {
			return "a visible signature was added that its page does not name", nil
		}
	}
	return "", nil
}

// touched are the old pages that new widgets name as theirs, and where the
// document may be annotated, those whose annotations changed.
func (c *comparison) touched() ([]pdf.Ref, error) {
	var out []pdf.Ref
	seen := map[pdf.Ref]bool{}
	for _, widget := range c.widgets {
		ref, ok := widget.Get("P").Ref()
		if !ok || c.added[ref.Num] == ref || seen[ref] {
			continue // nothing old is named; what is new must be reached otherwise
		}
		seen[ref] = true
		out = append(out, ref)
	}
	if c.level < Annotate {
		return out, nil
	}
	x, err := c.index()
	if err != nil {
		return nil, err
	}
	for _, ref := range x.order {
		page, err := c.old.Object(ref)
		if err != nil {
			return nil, err
		}
		list, _ := page.Value.Get("Annots").Ref()
		_, changed := c.changed[ref.Num]
		_, listChanged := c.changed[list.Num]
		if (changed || listChanged) && !seen[ref] {
			seen[ref] = true
			out = append(out, ref)
		}
	}
	return out, nil
}
