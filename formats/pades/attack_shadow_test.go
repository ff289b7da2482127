package pades_test

import (
	"bytes"
	"fmt"
	"strings"

	"tamga/formats/internal/pdf"
	"tamga/formats/pades"
)

const white = "1 g 0 0 3000 3000 re f"

// overlay puts an annotation that hides the page into the document.
func overlay(e *edit) []byte {
	look := e.form(white)
	e.annotate(e.add(fmt.Sprintf("<< /Type /Annot /Subtype /Stamp /NM (cover) /Rect %s /F 4 /AP << /N %s >> >>", everything, look)))
	return e.done()
}

func (e *edit) named(name string) pdf.Object {
	for _, o := range e.find(func(o pdf.Object) bool { return o.Value.Get("NM").Text() == name }) {
		return o
	}
	e.t.Fatalf("%s: no annotation %s", e.c.name, name)
	return pdf.Object{}
}

// coverField plants an empty form field over the page.
func coverField(entries string) func(e *edit) []byte {
	return func(e *edit) []byte {
		e.field(fmt.Sprintf("/T (cover) /Rect %s %s", everything, strings.ReplaceAll(entries, "LOOK", e.form(white).String())))
		return e.done()
	}
}

// filledWith changes the planted field.
func filledWith(pairs ...string) func(e *edit) []byte {
	return func(e *edit) []byte {
		o, with := e.fieldNamed("cover"), make([]string, len(pairs))
		for i, s := range pairs {
			if with[i] = s; strings.Contains(s, "LOOK") {
				with[i] = strings.ReplaceAll(s, "LOOK", e.form(lie).String())
			}
		}
		e.rewrite(o.Ref, o.Value, with...)
		return e.done()
	}
}

// shadows are the attacks in which the document is prepared before the victim
// signs it (P4): what is hidden comes out, what is shown is replaced, or both.
var shadows = []attack{
	{name: "shadow hide: the cover is removed", row: "P4", rule: "comparison.page", plant: overlay,
		strike: func(e *edit) []byte {
			cover := e.named("cover").Ref
			v := e.get(e.page, "Annots")
			list := strings.Replace(string(v.Source()), cover.String(), "", 1)
			if ref, ok := e.page.Get("Annots").Ref(); ok {
				e.u.Set(ref, []byte(list))
			} else {
				e.rewrite(e.at, e.page, "Annots", list)
			}
			return e.done()
		}},
	{name: "shadow hide: the cover is freed", row: "P4", rule: "gather", plant: overlay, strike: func(e *edit) []byte {
		return e.raw(raw{rows: []string{fmt.Sprintf("%d 1\n0000000000 00001 f \n", e.named("cover").Ref.Num)}})
	}},
	{name: "shadow hide: the cover is made hidden", row: "P4", rule: ruleDiff, plant: overlay, strike: func(e *edit) []byte {
		o := e.named("cover")
		e.rewrite(o.Ref, o.Value, "F", "2")
		return e.done()
	}},
	{name: "shadow hide: the cover is made small", row: "P4", rule: ruleDiff, plant: overlay, strike: func(e *edit) []byte {
		o := e.named("cover")
		e.rewrite(o.Ref, o.Value, "Rect", "[0 0 0 0]")
		return e.done()
	}},
	{name: "shadow hide: the cover's look is emptied", row: "P4", rule: ruleDiff, plant: overlay, strike: func(e *edit) []byte {
		ref, _ := e.named("cover").Value.Get("AP").Get("N").Ref()
		e.u.Set(ref, []byte("<< /Type /XObject /Subtype /Form /BBox [0 0 1 1] /Length 0 >>\nstream\n\nendstream"))
		return e.done()
	}},
	{name: "shadow replace: a hidden annotation is shown", row: "P4", rule: ruleDiff, plant: func(e *edit) []byte {
		e.annotate(e.add(fmt.Sprintf("<< /Type /Annot /Subtype /Stamp /NM (cover) /Rect %s /F 2 /AP << /N %s >> >>",
			everything, e.form(lie))))
		return e.done()
	}, strike: func(e *edit) []byte {
		o := e.named("cover")
		e.rewrite(o.Ref, o.Value, "F", "4")
		return e.done()
	}},
	{name: "shadow replace: font", row: "P4", rule: ruleDiff, strike: func(e *edit) []byte {
		fonts := e.ofType("Font")
		if len(fonts) == 0 {
			return nil
		}
		e.u.Set(fonts[0].Ref, []byte("<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"))
		return e.done()
	}},
	{name: "shadow replace: font descriptor", row: "P4", rule: ruleDiff, strike: func(e *edit) []byte {
		fonts := e.ofType("FontDescriptor")
		if len(fonts) == 0 {
			return nil
		}
		e.rewrite(fonts[0].Ref, fonts[0].Value, "FontFile2", e.add(stream("x")).String())
		return e.done()
	}},
	{name: "shadow replace: glyphs", row: "P4", rule: ruleDiff, strike: func(e *edit) []byte {
		fonts := e.ofType("FontDescriptor")
		if len(fonts) == 0 {
			return nil
		}
		for _, key := range []string{"FontFile", "FontFile2", "FontFile3"} {
			if ref, ok := fonts[0].Value.Get(key).Ref(); ok {
				e.u.Set(ref, []byte(stream("other glyphs")))
			}
		}
		return e.done()
	}},
	{name: "shadow replace: picture", row: "P4", rule: ruleDiff, strike: replaced("Image")},
	{name: "shadow replace: drawn part", row: "P4", rule: ruleDiff, strike: replaced("Form")},
	{name: "shadow replace: a text field over the page is filled", row: "P4", rule: "comparison.see",
		plant: coverField("/FT /Tx /DA (/F 10 Tf)"), strike: filledWith("V", "(x)", "AP", "<< /N LOOK >>")},
	{name: "shadow replace: a text field over the page is filled, its look left to the reader", row: "P4", rule: "comparison.see",
		plant: coverField("/FT /Tx /DA (/F 10 Tf)"), strike: filledWith("V", "(Pay 999 euro)")},
	{name: "shadow replace: a check box over the page is ticked", row: "P4", rule: "comparison.see",
		plant: coverField("/FT /Btn /V /Off /AS /Off /AP << /N << /Yes LOOK >> >>"), strike: filledWith("V", "/Yes", "AS", "/Yes")},
	{name: "shadow replace: a list over the page is filled", row: "P4", rule: "comparison.see",
		plant: coverField("/FT /Ch /DA (/F 10 Tf) /Opt [(a) (b)]"), strike: filledWith("V", "(a)")},
	{name: "shadow replace: a button's picture", row: "P4", rule: "looksOfButton",
		plant:  coverField("/FT /Btn /Ff 65536 /AP << /N LOOK >>"),
		strike: filledWith("AP", "<< /N LOOK >>")},
	{name: "shadow replace: the look of a field, not its value", row: "P4", rule: "looksOfText", plant: func(e *edit) []byte {
		e.field("/FT /Tx /T (cover) /DA (/F 10 Tf) /V (100) /Rect [1 1 20 5] /AP << /N " + e.form("BT (100) Tj ET").String() + " >>")
		return e.done()
	}, strike: func(e *edit) []byte {
		o := e.fieldNamed("cover")
		e.rewrite(o.Ref, o.Value, "AP", "<< /N "+e.form("BT /F 9 Tf (999) Tj ET").String()+" >>")
		return e.done()
	}},
	{name: "shadow replace: the value of a field, not its look", row: "P4", rule: "looksOfText", plant: func(e *edit) []byte {
		if form := e.get(e.catalog, "AcroForm"); form.Get("NeedAppearances").Bool() {
			return nil // looks are of no meaning
		}
		e.field("/FT /Tx /T (cover) /DA (/F 10 Tf) /V (100) /Rect [1 1 20 5] /AP << /N " + e.form("BT (100) Tj ET").String() + " >>")
		return e.done()
	}, strike: func(e *edit) []byte {
		o := e.fieldNamed("cover")
		e.rewrite(o.Ref, o.Value, "V", "(999)")
		return e.done()
	}},
	{name: "shadow replace: a form field", row: "P4", rule: ruleDiff, plant: coverField("/FT /Tx /DA (/F 10 Tf)"),
		strike: filledWith("Rect", "[0 0 1 1]", "V", "(x)", "MK", "<< /BG [1 0 0] >>")},
	{name: "shadow hide and replace: a planted content", row: "P4", rule: "lay", plant: func(e *edit) []byte {
		// The bytes of another content lie in the file, as the data of a stream.
		body := evilContents(e)
		e.u.Set(e.u.New(), []byte(stream("\n"+body+"\n")))
		return e.done()
	}, strike: func(e *edit) []byte {
		ref := e.contents().Ref
		at := bytes.LastIndex(e.b, []byte("Pay 999"))
		if at < 0 {
			return nil // encrypted
		}
		at = bytes.LastIndex(e.b[:at], fmt.Appendf(nil, "\n%d %d obj", ref.Num, ref.Gen)) + 1
		return e.raw(raw{rows: []string{fmt.Sprintf("%d 1\n%010d %05d n \n", ref.Num, at, ref.Gen)}})
	}},
	{name: "shadow hide and replace: planted pages", row: "P4", rule: "catalogue", plant: func(e *edit) []byte {
		page := e.u.New()
		tree := e.add(fmt.Sprintf("<< /Type /Pages /Shadow true /Count 1 /Kids [%s] >>", page))
		e.u.Set(page, pdfRewrite(e.page, "Parent", tree.String(), "Contents", e.add(stream(lie)).String()))
		return e.done()
	}, strike: func(e *edit) []byte {
		tree := e.find(func(o pdf.Object) bool { return o.Value.Get("Shadow").Bool() })[0]
		e.rewrite(e.root, e.catalog, "Pages", tree.Ref.String())
		return e.done()
	}},
	{name: "shadow hide and replace: a planted page", row: "P4", rule: ruleDiff, plant: func(e *edit) []byte {
		e.add(string(pdfRewrite(e.page, "Shadow", "true", "Contents", e.add(stream(lie)).String())))
		return e.done()
	}, strike: func(e *edit) []byte {
		page := e.find(func(o pdf.Object) bool { return o.Value.Get("Shadow").Bool() })[0]
		return withPages(e, func(kids string) string { return strings.Replace(kids, e.at.String(), page.Ref.String(), 1) })
	}},
	{name: "shadow hide and replace: a planted reference", row: "P4", rule: "planted", plant: func(e *edit) []byte {
		first := e.contents().Ref
		e.rewrite(e.at, e.page, "Contents", fmt.Sprintf("[%s %d 0 R]", first, 800_000))
		return e.done()
	}, strike: func(e *edit) []byte {
		// It passes for the value of a new signature field.
		form, body := e.formWith("800001 0 R")
		return e.raw(raw{
			bodies: []string{
				"800000 0 obj\n" + stream(lie) + "\nendobj",
				"800001 0 obj\n<< /FT /Sig /T (x) /V 800000 0 R >>\nendobj",
				fmt.Sprintf("%d %d obj\n%s\nendobj", form.Num, form.Gen, body),
			},
			numbers: []int{800_000, 800_001, int(form.Num)},
		})
	}},
	{name: "shadow hide and replace: layers turned", row: "P4", rule: ruleDiff, plant: func(e *edit) []byte {
		layer := e.add("<< /Type /OCG /Name (x) >>")
		e.rewrite(e.root, e.catalog, "OCProperties",
			e.add(fmt.Sprintf("<< /OCGs [%s] /D << /ON [] /OFF [%s] >> /Layers true >>", layer, layer)).String())
		return e.done()
	}, strike: func(e *edit) []byte {
		o := e.find(func(o pdf.Object) bool { return o.Value.Get("Layers").Bool() })[0]
		layer := string(e.get(o.Value, "OCGs").Raw)
		e.rewrite(o.Ref, o.Value, "D", "<< /ON "+layer+" /OFF [] >>")
		return e.done()
	}},
	{name: "SSA: a signature field over the page is signed", row: "P5", rule: "comparison.see",
		plant: coverField("/FT /Sig"), strike: func(e *edit) []byte {
			if e.c.level == pades.NoChanges {
				return nil
			}
			look := e.form(lie)
			o := e.fieldNamed("cover")
			_, sig := e.signed()
			e.rewrite(o.Ref, o.Value, "V", e.add(string(pdfRewrite(sig.Value))).String(), "AP", "<< /N "+look.String()+" >>")
			return e.done()
		}},
	{name: "SSA: an empty signature field looks signed", row: "P5", rule: "comparison.filling",
		plant: func(e *edit) []byte {
			e.field("/FT /Sig /T (cover) /Rect [1 1 20 5]")
			return e.done()
		}, strike: filledWith("AP", "<< /N LOOK >>")},
}

// replaced overwrites every XObject of a kind.
func replaced(kind string) func(e *edit) []byte {
	return func(e *edit) []byte {
		_, sig := e.signed()
		all := e.find(func(o pdf.Object) bool {
			return o.Stream && o.Value.Get("Subtype").Name() == kind && o.Ref.Num < sig.Ref.Num
		})
		if len(all) == 0 {
			return nil
		}
		for _, o := range all {
			e.u.Set(o.Ref, []byte(fmt.Sprintf("<< /Type /XObject /Subtype /%s /BBox [0 0 9 9] /Width 1 /Height 1 "+
				"/ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\nB\nendstream", kind)))
		}
		return e.done()
	}
}
