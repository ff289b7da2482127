package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// addField adds a signature field that is its own invisible widget: a
// rectangle without extent shows nothing (§12.7.5.5), and flags 132, print and
// locked, are what PDF/A demands of it.
func (pr Preparer) addField(f *pdf.File, u *pdf.Update, fm *form, name string, sig pdf.Ref) error {
	page, dict, err := findPage(f, fm.catalog, max(pr.Page, 1))
	if err != nil {
		return err
	}
	widget := u.New()
	u.Set(widget, fmt.Appendf(nil, "<<\n/Type /Annot\n/Subtype /Widget\n/FT /Sig\n/T %s\n/V %s\n/F 132\n"+
		"/Rect [0 0 0 0]\n/P %s\n>>", pdf.TextString(name), sig, page))
	if err := addAnnotation(f, u, page, dict, widget); err != nil {
		return err
	}
	addToForm(u, fm, widget)
	return nil
}

// addAnnotation names the widget in its page's /Annots: in the array, if that
// is an object of its own, or else in the page.
func addAnnotation(f *pdf.File, u *pdf.Update, page pdf.Ref, dict pdf.Value, widget pdf.Ref) error {
	list, err := f.Get(dict, "Annots")
	if err != nil {
		return err
	}
	raw := pdf.Append(list, widget.String())
	if ref, ok := dict.Get("Annots").Ref(); ok && list.Kind == pdf.Array {
		u.Set(ref, raw)
	} else {
		u.Set(page, pdf.Rewrite(dict, pdf.Set{Key: "Annots", Raw: raw}))
	}
	return nil
}

// addToForm names the field in AcroForm /Fields. Every other key of the form
// and of the catalogue stays as it is.
func addToForm(u *pdf.Update, fm *form, widget pdf.Ref) {
	if fm.dict.Kind != pdf.Dict {
		ref := u.New()
		u.Set(ref, fmt.Appendf(nil, "<<\n/Fields [%s]\n/SigFlags 3\n>>", widget))
		u.Set(fm.catalogRef, pdf.Rewrite(fm.catalog, pdf.Set{Key: "AcroForm", Raw: []byte(ref.String())}))
		return
	}
	fields := pdf.Append(fm.list, widget.String())
	if fm.fieldsRef != (pdf.Ref{}) && fm.list.Kind == pdf.Array {
		u.Set(fm.fieldsRef, fields)
		setFlags(u, fm)
		return
	}
	setForm(u, fm, pdf.Set{Key: "Fields", Raw: fields}, flags(fm))
}

// signaturesExist is /SigFlags: the document has signatures, and may only be
// appended to (table 225).
const signaturesExist = 3

func flags(fm *form) pdf.Set {
	n, _ := fm.dict.Get("SigFlags").Int()
	return pdf.Set{Key: "SigFlags", Raw: fmt.Appendf(nil, "%d", n|signaturesExist)}
}

// setFlags sets /SigFlags if they are not.
func setFlags(u *pdf.Update, fm *form) {
	if n, ok := fm.dict.Get("SigFlags").Int(); !ok || n&signaturesExist != signaturesExist {
		setForm(u, fm, flags(fm))
	}
}

func setForm(u *pdf.Update, fm *form, sets ...pdf.Set) {
	raw := pdf.Rewrite(fm.dict, sets...)
	if fm.ref != (pdf.Ref{}) {
		u.Set(fm.ref, raw)
	} else {
		u.Set(fm.catalogRef, pdf.Rewrite(fm.catalog, pdf.Set{Key: "AcroForm", Raw: raw}))
	}
}
