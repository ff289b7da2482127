package pades_test

import (
	"fmt"
	"strings"

	"tamga/formats/internal/pdf"
	"tamga/formats/pades"
)

// note adds an annotation over the page (evil annotation attack, P5).
func note(kind, entries string) func(e *edit) []byte {
	return func(e *edit) []byte {
		e.annotate(e.add(fmt.Sprintf("<< /Type /Annot /Subtype /%s %s %s >>", kind, missing(entries),
			strings.ReplaceAll(entries, "LOOK", e.form(lie).String()))))
		return e.done()
	}
}

// missing are the place and the flags of an annotation that names none.
func missing(entries string) string {
	out := ""
	if !strings.Contains(entries, "/Rect") {
		out = "/Rect " + everything
	}
	if !strings.Contains(entries, "/F ") {
		out += " /F 4"
	}
	return out
}

func evil(kind, entries string) attack {
	return attack{name: "EAA: " + kind + " " + strings.Fields(entries + " plain")[0], row: "P5", rule: "comparison.newNote",
		strike: note(kind, entries)}
}

// seen adds a signature field that shows something (sneaky signature attack, P5).
func seen(entries string) func(e *edit) []byte {
	return func(e *edit) []byte {
		_, sig := e.signed()
		value := e.add(string(pdfRewrite(sig.Value)))
		e.field(fmt.Sprintf("/FT /Sig /T (Director) /V %s %s", value, strings.ReplaceAll(entries, "LOOK", e.form(lie).String())))
		return e.done()
	}
}

// notes are what is laid over a page after it was signed (P5).
var notes = []attack{
	evil("FreeText", "/AP << /N LOOK >> /Contents (Pay 999)"),
	evil("FreeText", "/DA (/Helv 20 Tf) /Contents (Pay 999)"),
	evil("Stamp", "/AP << /N LOOK >>"),
	evil("Highlight", "/AP << /N LOOK >> /QuadPoints [0 0 9 0 0 9 9 9]"),
	evil("Highlight", "/C [0 0 0] /QuadPoints [0 0 900 0 0 900 900 900]"),
	evil("StrikeOut", "/AP << /N LOOK >>"),
	evil("Square", "/IC [1 1 1]"),
	evil("Ink", "/AP << /N LOOK >> /InkList [[0 0 9 9]]"),
	evil("Text", "/F 28 /AP << /N LOOK >> /Contents (x)"),
	evil("Redact", "/AP << /N LOOK >> /OverlayText (Pay 999)"),
	evil("Watermark", "/AP << /N LOOK >>"),
	evil("PrinterMark", "/AP << /N LOOK >>"),
	evil("Screen", "/AP << /N LOOK >>"),
	evil("Link", "/A << /S /URI /URI (https://evil.example) >> /Rect [1 1 9 9]"),
	evil("FileAttachment", "/Rect [1 1 9 9] /FS << /Type /Filespec /F (a.exe) >>"),
	evil("RichMedia", "/Rect [1 1 9 9]"),
	evil("Unknown", "/AP << /N LOOK >>"),
	{name: "EAA: Stamp with an action", row: "P5", rule: "comparison.newNote",
		strike: note("Stamp", "/Rect [1 1 2 2] /AP << /N LOOK >> /A "+script)},
	{name: "EAA: Stamp that does not zoom", row: "P5", rule: "comparison.extent", strike: func(e *edit) []byte {
		e.annotate(e.add("<< /Type /Annot /Subtype /Stamp /Rect [1 1 2 2] /F 28 /AP << /N " + e.form(lie).String() + " >> >>"))
		return e.done()
	}},
	{name: "EAA: a note that grows over the page", row: "P5", rule: "comparison.extent", strike: func(e *edit) []byte {
		icons, look := []pdf.Ref{}, e.form(lie)
		for at := range 63 { // somewhere there is something
			x, y := at%7*90, at/7*90
			icons = append(icons, e.add(fmt.Sprintf("<< /Type /Annot /Subtype /Text /F 28 /Rect [%d %d %d %d] /AP << /N %s >> >>",
				x, y, x+30, y+30, look)))
		}
		e.annotate(icons...)
		return e.done()
	}},
	{name: "EAA: Stamp on a layer", row: "P5", rule: "comparison.newNote",
		strike: note("Stamp", "/Rect [1 1 2 2] /AP << /N LOOK >> /OC << /Type /OCG /Name (x) >>")},
	{name: "EAA: an old object as an annotation", row: "P5", rule: "comparison.newNote", strike: func(e *edit) []byte {
		e.annotate(e.at)
		return e.done()
	}},
	{name: "EAA: a text field over the page", row: "P5", rule: "comparison.newField", strike: func(e *edit) []byte {
		e.field(fmt.Sprintf("/FT /Tx /T (x) /V (Pay 999) /Rect %s /AP << /N %s >>", everything, e.form(lie)))
		return e.done()
	}},
	{name: "EAA: a widget over the page, in no form", row: "P5", rule: "comparison.newNote", strike: func(e *edit) []byte {
		e.annotate(e.add(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Tx /T (x) /Rect %s /AP << /N %s >> >>",
			everything, e.form(lie))))
		return e.done()
	}},
	{name: "EAA: an annotation's look is overridden", row: "P5", rule: ruleDiff, strike: func(e *edit) []byte {
		for _, v := range e.get(e.page, "Annots").Items() {
			dict := e.resolve(v)
			ref, ok := v.Ref()
			if dict.Get("Subtype").Name() == "Square" && ok {
				e.rewrite(ref, dict, "AP", "<< /N "+e.form(lie).String()+" >>")
				return e.done()
			}
		}
		return nil
	}},
	{name: "EAA: an annotation is moved", row: "P5", rule: ruleDiff, strike: func(e *edit) []byte {
		for _, v := range e.get(e.page, "Annots").Items() {
			if ref, ok := v.Ref(); ok {
				e.rewrite(ref, e.resolve(v), "Rect", everything)
				return e.done()
			}
		}
		return nil
	}},
	{name: "SSA: a signature over the page", row: "P5", rule: "comparison.see",
		strike: seen("/Rect " + everything + " /AP << /N LOOK >>")},
	{name: "SSA: an empty signature field over the page", row: "P5", rule: "comparison.see", strike: func(e *edit) []byte {
		e.field("/FT /Sig /T (x) /Rect " + everything + " /MK << /BG [1 1 1] >>")
		return e.done()
	}},
	{name: "SSA: a signature that does not zoom", row: "P5", rule: "comparison.extent",
		strike: seen("/Rect [1 1 2 2] /F 24 /AP << /N LOOK >>")},
	{name: "SSA: a signature with an action", row: "P5", rule: "comparison.newWidget",
		strike: seen("/Rect [0 0 0 0] /A " + script)},
	{name: "SSA: a signature without a rectangle", row: "P5", rule: "comparison.see", strike: seen("/AP << /N LOOK >>")},
	{name: "SSA: a field below the signature", row: "P5", rule: "comparison.newField", strike: func(e *edit) []byte {
		kid, field := e.u.New(), e.u.New()
		e.u.Set(kid, []byte(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /T (y) /FT /Tx /Parent %s /Rect [1 1 9 9] /P %s >>", field, e.at)))
		e.u.Set(field, []byte(fmt.Sprintf("<< /FT /Sig /T (x) /Kids [%s] >>", kid)))
		e.annotate(kid)
		e.listField(field)
		return e.done()
	}},
	{name: "SSA: a signature on two pages", row: "P5", rule: "comparison.newAnnotation", strike: func(e *edit) []byte {
		pages := e.ofType("Page")
		if len(pages) < 2 {
			return nil
		}
		widget := e.field("/FT /Sig /T (x) /Rect [400 380 410 390]")
		for _, p := range pages {
			if p.Ref != e.at {
				e.rewrite(p.Ref, p.Value, "Annots", "["+widget.String()+"]")
				return e.done()
			}
		}
		return nil
	}},
	{name: "SSA: a signature that its page does not name", row: "P5", rule: "comparison.pages", strike: func(e *edit) []byte {
		e.listField(e.add(fmt.Sprintf("<< /Type /Annot /Subtype /Widget /FT /Sig /T (x) /P %s /Rect %s /AP << /N %s >> >>",
			e.at, everything, e.form(lie))))
		return e.done()
	}},
	{name: "SSA: the victim's signature looks different", row: "P5", rule: ruleDiff, strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "AP", "<< /N "+e.form(lie).String()+" >>")
		return e.done()
	}},
	{name: "SSA: the victim's signature grows", row: "P5", rule: ruleDiff, strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "Rect", everything)
		return e.done()
	}},
	{name: "SSA: the victim's look is overwritten", row: "P5", rule: ruleDiff, strike: func(e *edit) []byte {
		field, _ := e.signed()
		ref, ok := field.Value.Get("AP").Get("N").Ref()
		if !ok {
			return nil
		}
		e.u.Set(ref, []byte("<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream"))
		return e.done()
	}},
	{name: "DocMDP: a signature where nothing may be added", row: "P5", rule: "comparison.maySign", strike: func(e *edit) []byte {
		if e.c.level != pades.NoChanges {
			return nil
		}
		return seen("/Rect [0 0 0 0]")(e)
	}},
	{name: "DocMDP: a signature field where nothing may be added", row: "P5", rule: "comparison.maySign", strike: func(e *edit) []byte {
		if e.c.level != pades.NoChanges {
			return nil
		}
		e.field("/FT /Sig /T (x) /Rect [0 0 0 0]")
		return e.done()
	}},
	{name: "DocMDP: an annotation where none may be made", row: "P5", rule: "comparison.page", strike: func(e *edit) []byte {
		if e.c.level == pades.Annotate {
			return nil
		}
		return note("Stamp", "/Rect [1 1 2 2] /AP << /N LOOK >>")(e)
	}},
	{name: "DocMDP: a form filled where none may be", row: "P5", rule: ruleDiff, strike: func(e *edit) []byte {
		fields := e.find(func(o pdf.Object) bool {
			return o.Value.Get("FT").Name() == "Tx" && o.Value.Get("T").Kind == pdf.String
		})
		if len(fields) == 0 || e.c.level >= pades.FillForms {
			return nil
		}
		e.rewrite(fields[0].Ref, fields[0].Value, "V", "(Pay 999)")
		return e.done()
	}},
}
