package pades

import (
	"fmt"
	"slices"

	"tamga/formats/internal/pdf"
)

// What may change of a field that is filled, and of its widget (ISO 32000-2
// §12.7.4, §12.7.5, §12.5.5): the value and how it looks. Everything else, its
// place and its actions first of all, is of who made the form.
var filledKeys = []string{"V", "AP", "AS", "I", "M", "RV"}

// Flags of buttons and texts (tables 229 and 231).
const (
	flagPushButton = 1 << 16
	flagPassword   = 1 << 13
)

// formFills allows fields to be filled where the signatures allow it (DocMDP /P
// 2 and 3). What a field shows afterwards stays in its rectangle, covers nothing
// and is its value: an appearance that says something else (shadow attacks,
// "replace") is a change.
func (c *comparison) formFills() (string, error) {
	if c.level < FillForms {
		return "", nil
	}
	for _, fl := range c.was.fields {
		if fl.kind == "Sig" || fl.ref == (pdf.Ref{}) || fl.signed() {
			continue
		}
		if why, err := c.fill(fl); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// filled is one field or widget before and after.
type filled struct {
	fl            field
	was, is       pdf.Value
	oldSay, sayIs pdf.Value // the value, of the field that it belongs to
}

func (c *comparison) fill(fl field) (string, error) {
	f := filled{fl: fl, was: fl.dict, is: fl.dict}
	_, rewritten := c.changed[fl.ref.Num]
	if rewritten {
		f.is = c.is.byRef[fl.ref]
	}
	var err error
	if f.oldSay, err = inherited(c.old, f.was, "V"); err != nil {
		return "", err
	}
	if f.sayIs, err = inherited(c.new, f.is, "V"); err != nil {
		return "", err
	}
	redrawn, err := c.redrawn(f.is)
	if err != nil {
		return "", err
	}
	if !rewritten && len(redrawn) == 0 && f.oldSay.Equal(f.sayIs) {
		return "", nil
	}
	if why, err := c.mayFill(fl.name); why != "" || err != nil {
		return why, err
	}
	if key := differs(f.was, f.is, filledKeys...); key != "" {
		return fmt.Sprintf("the /%s of the form field %q was changed", key, printable(fl.name)), nil
	}
	if why, err := c.looks(f, redrawn); why != "" || err != nil {
		return why, err
	}
	c.allowed[fl.ref.Num] = true
	if err := c.redraw(redrawn); err != nil {
		return "", err
	}
	for _, key := range filledKeys {
		if err := c.reach(f.is.Get(key), 0); err != nil {
			return "", err
		}
	}
	return "", nil
}

// redrawn are the parts of a widget's appearance that were written again, in
// their own places: /AP, what it names, and the states below.
func (c *comparison) redrawn(dict pdf.Value) ([]pdf.Ref, error) {
	var out []pdf.Ref
	level := []pdf.Value{dict.Get("AP")}
	for range 3 {
		var below []pdf.Value
		for _, v := range level {
			ref, ok := v.Ref()
			if ok {
				if changed, is := c.changed[ref.Num]; is && changed == ref && !slices.Contains(out, ref) {
					out = append(out, ref)
				}
				obj, err := c.new.Object(ref)
				if err != nil {
					return nil, err
				}
				if v = obj.Value; obj.Stream {
					continue
				}
			}
			for _, e := range v.Entries() {
				below = append(below, e.Value)
			}
		}
		level = below
	}
	return out, nil
}

// redraw justifies them, and what they are made of.
func (c *comparison) redraw(redrawn []pdf.Ref) error {
	for _, ref := range redrawn {
		c.allow(ref.Num, 1)
		obj, err := c.new.Object(ref)
		if err != nil {
			return err
		}
		if err := c.reach(obj.Value, 0); err != nil {
			return err
		}
	}
	return nil
}

// looks judges what a filled field shows.
func (c *comparison) looks(f filled, redrawn []pdf.Ref) (string, error) {
	name := printable(f.fl.name)
	drawn := len(redrawn) > 0 || !f.was.Get("AP").Equal(f.is.Get("AP"))
	said := !f.oldSay.Equal(f.sayIs)
	judge := c.looksOfText
	if f.fl.kind == "Btn" {
		judge = c.looksOfButton
	}
	if why, err := judge(f, drawn, said); why != "" || err != nil {
		return why, err
	}
	if said && !f.fl.widget {
		c.say("the form field %q was filled: %q, before %q", name, c.text(f.sayIs), c.text(f.oldSay))
	}
	turned := !f.was.Get("AS").Equal(f.is.Get("AS"))
	if f.was.Get("Subtype").Name() != "Widget" || !drawn && !turned && !said {
		return "", nil
	}
	page, ok, err := c.home(f.fl.ref, f.was)
	if err != nil || !ok {
		return fmt.Sprintf("the form field %q was filled, which stands on no page or on several", name), err
	}
	return c.see(fmt.Sprintf("the form field %q was filled", name), page, f.is, f.fl.ref)
}

// looksOfButton allows a check box or a radio button to be turned to the state
// that is its value, with the appearances that it had (§12.7.5.2).
func (c *comparison) looksOfButton(f filled, drawn, said bool) (string, error) {
	name := printable(f.fl.name)
	flags, err := inherited(c.new, f.is, "Ff")
	if bits, _ := flags.Int(); err != nil || drawn || bits&flagPushButton != 0 {
		return fmt.Sprintf("the button %q looks different", name), err
	}
	ap, err := c.new.Get(f.is, "AP")
	if err != nil {
		return "", err
	}
	states, err := c.new.Get(ap, "N")
	if err != nil || states.Kind != pdf.Dict {
		return "", err
	}
	value, state := f.sayIs.Name(), f.is.Get("AS").Name()
	off := state == "" || state == "Off"
	if !off && state != value || off && value != "Off" && states.Get(value).Kind != pdf.Null {
		return fmt.Sprintf("the button %q does not show its value", name), nil
	}
	return "", nil
}

// looksOfText allows a new appearance that shows the value, as far as it can be
// told. Where the form leaves appearances to the reader (/NeedAppearances), an
// old one is never shown.
func (c *comparison) looksOfText(f filled, drawn, said bool) (string, error) {
	name := printable(f.fl.name)
	if !drawn {
		if said && f.is.Get("AP").Kind != pdf.Null && !c.is.dict.Get("NeedAppearances").Bool() {
			return fmt.Sprintf("the form field %q has another value than it shows", name), nil
		}
		return "", nil
	}
	flags, err := inherited(c.new, f.is, "Ff")
	if err != nil {
		return "", err
	}
	shown, known, err := c.shows(f.is)
	if err != nil {
		return "", err
	}
	if bits, _ := flags.Int(); !known || bits&flagPassword != 0 {
		c.say("it cannot be told whether the form field %q shows its value", name)
		return "", nil
	}
	if !c.says(f.sayIs, shown) && !c.options(f, shown) {
		return fmt.Sprintf("the form field %q shows another text than its value", name), nil
	}
	return "", nil
}

func (c *comparison) text(v pdf.Value) string {
	if v.Kind == pdf.Name {
		return printable(v.Name())
	}
	return printable(v.Text())
}

// says reports whether a value is the text that is shown, blanks aside.
func (c *comparison) says(v pdf.Value, shown string) bool {
	return squeeze(v.Text()) == squeeze(shown)
}

// options reports whether what a choice shows are the words for its value, or
// all that there is to choose from (§12.7.5.4).
func (c *comparison) options(f filled, shown string) bool {
	if f.fl.kind != "Ch" {
		return false
	}
	list, err := inherited(c.old, f.was, "Opt")
	if err != nil {
		return false
	}
	all := ""
	for _, v := range list.Items() {
		v, err := c.old.Resolve(v)
		if err != nil {
			return false
		}
		words, export := v, v
		if items := v.Items(); len(items) == 2 {
			export, words = items[0], items[1]
		}
		if export.Text() == f.sayIs.Text() && c.says(words, shown) {
			return true
		}
		all += words.Text()
	}
	return squeeze(all) == squeeze(shown)
}
