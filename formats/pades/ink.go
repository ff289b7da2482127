package pades

import (
	"fmt"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// Limits on what is looked at to tell where a page shows something.
const (
	maxMarks  = 200_000 // marks of one page
	maxStates = 512     // q within q
	maxForms  = 12      // form XObjects within each other
	maxRuns   = 2_000   // form XObjects drawn on one page
	maxLine   = 3.0     // points: what is no thicker is a ruled line
	maxRules  = 40      // lines and panels under one rectangle before they are a drawing
)

// mark is something that a page shows.
type mark struct {
	area area
	kind string
}

// ink is where a page shows what somebody could miss if it were covered: text,
// pictures, drawings, annotations. It errs on the side of more: what is clipped,
// transparent or on a hidden layer counts. Single lines and panels do not, on
// which people sign, unless there are so many that they could be letters. It is
// no judge of fonts: glyphs are taken to be drawn where they are said to be.
type ink struct {
	marks []mark
	rules []area // lines and panels
	why   string // why nobody can tell; "" if all is known
}

// under returns what a rectangle would cover, "" if nothing.
func (k *ink) under(r area) string {
	if k.why != "" {
		return "what cannot be told (" + k.why + ")"
	}
	for _, m := range k.marks {
		if m.area.overlaps(r) {
			return m.kind
		}
	}
	rules := 0
	for _, b := range k.rules {
		if b.overlaps(r) {
			rules++
		}
	}
	if rules > maxRules {
		return "a drawing"
	}
	return ""
}

// unknown is a reason to say nothing about a page.
func unknown(format string, args ...any) error {
	return fmt.Errorf(format+": %w", append(args, formats.ErrUnsupported)...)
}

// readInk reads the contents of a page as far as it takes to tell where it
// shows something (ISO 32000-2 §7.8.2, §8, §9), and its annotations, but for
// those that are left out.
func readInk(f *pdf.File, page pdf.Value, leave map[pdf.Ref]bool) *ink {
	k := &ink{}
	if err := k.page(f, page); err != nil {
		k.why = err.Error()
		return k
	}
	if err := k.annotations(f, page, leave); err != nil {
		k.why = err.Error()
	}
	return k
}

// page reads the streams of /Contents, which count as one (§7.8.2).
func (k *ink) page(f *pdf.File, page pdf.Value) error {
	contents := page.Get("Contents")
	v, err := f.Resolve(contents)
	if err != nil {
		return err
	}
	parts := []pdf.Value{contents}
	if v.Kind == pdf.Array {
		parts = v.Items()
	}
	var data []byte
	for _, part := range parts {
		ref, ok := part.Ref()
		if !ok {
			if part.Kind == pdf.Null {
				continue
			}
			return unknown("a page with contents that are no stream")
		}
		obj, err := f.Object(ref)
		if err != nil {
			return err
		}
		if !obj.Stream {
			return unknown("a page with contents that are no stream")
		}
		piece, _, err := f.Content(obj)
		if err != nil {
			return err
		}
		data = append(append(data, piece...), '\n')
	}
	resources, err := inherited(f, page, "Resources")
	if err != nil {
		return err
	}
	p := &painter{file: f, ink: k, spent: &spending{}, fonts: map[pdf.Ref]*metrics{}}
	return p.run(data, resources, paintState{ctm: identity, text: newTextState()})
}

// Flags of an annotation (§12.5.3, table 167).
const (
	flagHidden   = 1 << 1
	flagNoZoom   = 1 << 3
	flagNoRotate = 1 << 4
)

// annotations adds those that can be seen.
func (k *ink) annotations(f *pdf.File, page pdf.Value, leave map[pdf.Ref]bool) error {
	list, err := f.Get(page, "Annots")
	if err != nil {
		return err
	}
	for _, v := range list.Items() {
		if ref, ok := v.Ref(); ok && leave[ref] {
			continue
		}
		dict, err := f.Resolve(v)
		if err != nil {
			return err
		}
		flags, err := f.Get(dict, "F")
		if err != nil {
			return err
		}
		bits, _ := flags.Int()
		kind := dict.Get("Subtype").Name()
		if dict.Kind != pdf.Dict || kind == "Popup" || bits&flagHidden != 0 {
			continue
		}
		rect, err := f.Get(dict, "Rect")
		if err != nil {
			return err
		}
		r, err := readBox(f, rect)
		if err != nil {
			return err
		}
		what := "an annotation"
		if kind == "Widget" {
			what = "a form field"
		}
		if err := k.add(area(r), what); err != nil {
			return err
		}
	}
	return nil
}

func (k *ink) add(b area, kind string) error {
	if len(k.marks)+len(k.rules) >= maxMarks {
		return unknown("a page with more than %d marks", maxMarks)
	}
	if kind == "" {
		k.rules = append(k.rules, b)
	} else {
		k.marks = append(k.marks, mark{b, kind})
	}
	return nil
}
