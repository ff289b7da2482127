package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// addField adds a signature field that is its own widget. Without an
// appearance its rectangle has no extent and shows nothing (§12.7.5.5); flags
// 132, print and locked, are what PDF/A demands of it.
func (b *building) addField(name string) error {
	page, dict, err := findPage(b.f, b.fm.catalog, b.pr.Page)
	if err != nil {
		return err
	}
	widget := b.u.New()
	shown, err := b.shownOn(dict)
	if err != nil {
		return err
	}
	b.u.Set(widget, fmt.Appendf(nil, "<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T %s\n/V %s\n/F 132\n"+
		"%s%s\n/P %s\n>>", pdf.TextString(name), b.sig, shown, b.lock.entry(), page))
	if err := b.addAnnotation(page, dict, widget); err != nil {
		return err
	}
	b.addToForm(widget)
	return nil
}

// shownOn returns the entries of a new widget that say where it is, and what
// it shows.
func (b *building) shownOn(page pdf.Value) (string, error) {
	if b.pr.Appearance == nil && b.isPDFA1() {
		empty := b.u.New()
		setRawStream(b.u, empty, "/Type /XObject\n/Subtype /Form\n/BBox [0 0 0 0]\n/Resources << >>", nil)
		return fmt.Sprintf("/Rect [0 0 0 0]\n/AP << /N %s >>", empty), nil
	}
	if b.pr.Appearance == nil {
		return "/Rect [0 0 0 0]", nil
	}
	g, err := geometry(b.f, page)
	if err != nil {
		return "", err
	}
	place, err := b.free(page, g)
	if err != nil {
		return "", err
	}
	form, err := b.draw(place)
	if err != nil {
		return "", err
	}
	shown := fmt.Sprintf("/Rect %s\n/AP << /N %s >>\n/TU %s", place.rect, form, pdf.TextString(b.alternate()))
	if place.rotate != 0 {
		shown += fmt.Sprintf("\n/MK << /R %d >>", place.rotate)
	}
	return shown, nil
}

// fillField puts the signature into an empty field. Its rectangle stays.
func (b *building) fillField(target field) error {
	sets := []pdf.Set{{Key: "V", Raw: []byte(b.sig.String())}}
	if b.pr.Appearance != nil {
		widget, dict, err := b.widgetOf(target)
		if err != nil {
			return fmt.Errorf("field %q: %w", target.name, err)
		}
		shown, err := b.shownIn(widget, dict)
		if err != nil {
			return fmt.Errorf("field %q: %w", target.name, err)
		}
		if widget == target.ref {
			sets = append(sets, shown...)
		} else {
			b.u.Set(widget, pdf.Rewrite(dict, shown...))
		}
	}
	b.u.Set(target.ref, pdf.Rewrite(target.dict, sets...))
	b.setFlags()
	return nil
}

// addAnnotation names the widget in its page's /Annots: in the array, if that
// is an object of its own, or else in the page.
func (b *building) addAnnotation(page pdf.Ref, dict pdf.Value, widget pdf.Ref) error {
	list, err := b.f.Get(dict, "Annots")
	if err != nil {
		return err
	}
	raw := pdf.Append(list, widget.String())
	if ref, ok := dict.Get("Annots").Ref(); ok && list.Kind == pdf.Array {
		b.u.Set(ref, raw)
	} else {
		b.u.Set(page, pdf.Rewrite(dict, pdf.Set{Key: "Annots", Raw: raw}))
	}
	return nil
}

// addToForm names the field in AcroForm /Fields. Every other key of the form
// and of the catalogue stays as it is.
func (b *building) addToForm(widget pdf.Ref) {
	if b.fm.dict.Kind != pdf.Dict {
		ref := b.u.New()
		b.u.Set(ref, fmt.Appendf(nil, "<<\n/Fields [%s]\n/SigFlags 3\n>>", widget))
		b.setCatalog("AcroForm", []byte(ref.String()))
		return
	}
	fields := pdf.Append(b.fm.list, widget.String())
	if b.fm.fieldsRef != (pdf.Ref{}) && b.fm.list.Kind == pdf.Array {
		b.u.Set(b.fm.fieldsRef, fields)
		b.setFlags()
		return
	}
	b.setForm(pdf.Set{Key: "Fields", Raw: fields}, b.flags())
}

// signaturesExist is /SigFlags: the document has signatures, and may only be
// appended to (table 225).
const signaturesExist = 3

func (b *building) flags() pdf.Set {
	n, _ := b.fm.dict.Get("SigFlags").Int()
	return pdf.Set{Key: "SigFlags", Raw: fmt.Appendf(nil, "%d", n|signaturesExist)}
}

// setFlags sets /SigFlags if they are not.
func (b *building) setFlags() {
	if n, ok := b.fm.dict.Get("SigFlags").Int(); !ok || n&signaturesExist != signaturesExist {
		b.setForm(b.flags())
	}
}

func (b *building) setForm(sets ...pdf.Set) {
	raw := pdf.Rewrite(b.fm.dict, sets...)
	if b.fm.ref != (pdf.Ref{}) {
		b.u.Set(b.fm.ref, raw)
	} else {
		b.setCatalog("AcroForm", raw)
	}
}

// setCatalog notes a new value of a key of the catalogue, which is written
// once, when all of them are known.
func (b *building) setCatalog(key string, raw []byte) {
	b.catalog = append(b.catalog, pdf.Set{Key: key, Raw: raw})
}

func (b *building) writeCatalog() {
	if len(b.catalog) > 0 {
		b.u.Set(b.fm.catalogRef, pdf.Rewrite(b.fm.catalog, b.catalog...))
	}
}
