package pades

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// layout is an incremental update that lacks only what stands in the gap of
// its /ByteRange.
type layout struct {
	tail []byte
	a, b int64 // the gap, < and > included, as offsets in the signed file
}

// Widths of the numbers in /ByteRange, which are known only when everything
// else is laid out.
const numberWidth = 12

// building is one update while it is put together.
type building struct {
	pr      Preparer
	p       formats.Params
	f       *pdf.File
	fm      *form
	u       *pdf.Update
	sig     pdf.Ref   // the signature dictionary
	lock    *Lock     // what the signature locks, the field's own wish included
	catalog []pdf.Set // new values in the catalogue
}

// build appends to a document:
//
//	n 0 obj << /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached
//	           /M (D:…) /Reference […] /ByteRange [0 a b c] /Contents <00…> >> endobj
//	m 0 obj << /Type /Annot /Subtype /Widget /FT /Sig /T (…) /V n 0 R /F 132
//	           /Rect [0 0 0 0] /P … >> endobj          (or the empty field, filled)
//	the appearance of a visible signature
//	catalogue, AcroForm, page or their arrays as far as they must name m
//	cross-reference section
func (pr Preparer) build(f *pdf.File, p formats.Params, reserve int) (*layout, error) {
	fm, err := readForm(f)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	b := &building{pr: pr, p: p, f: f, fm: fm, u: u, sig: u.New()}
	target, err := pr.target(fm)
	if err != nil {
		return nil, err
	}
	if err := b.rules(target); err != nil {
		return nil, err
	}
	body, rangeAt, contentsAt := pr.dictionary(p.Time, b.references(), reserve)
	u.Set(b.sig, body)
	if target.dict.Kind == pdf.Dict {
		err = b.fillField(target)
	} else {
		err = b.addField(target.name)
	}
	if err != nil {
		return nil, err
	}
	if err := b.certify(); err != nil {
		return nil, err
	}
	b.writeCatalog()
	return b.finish(rangeAt, contentsAt, reserve)
}

// rules asks everybody who has a say: the earlier signatures, the seed values
// and the lock of the field, and the rules of certification.
func (b *building) rules(target field) error {
	if err := permitted(b.f, b.fm, target.name); err != nil {
		return err
	}
	if err := unlocked(b.f, target); err != nil {
		return err
	}
	if err := b.certifiable(); err != nil {
		return err
	}
	if err := b.setLock(target); err != nil {
		return err
	}
	return b.obeySeed(target)
}

// finish lays out the update and writes the numbers of /ByteRange.
func (b *building) finish(rangeAt, contentsAt, reserve int) (*layout, error) {
	tail, err := b.u.Finish()
	if err != nil {
		return nil, err
	}
	l := &layout{tail: tail.Bytes, a: tail.Body(b.sig, contentsAt)}
	l.b = l.a + int64(2*reserve) + 2
	numbers := fmt.Sprintf("%-*d %-*d %-*d", numberWidth, l.a, numberWidth, l.b,
		numberWidth, b.f.Size()+int64(len(tail.Bytes))-l.b)
	if len(numbers) != 3*numberWidth+2 {
		return nil, fmt.Errorf("a file of %d bytes: %w", b.f.Size(), formats.ErrTooLarge)
	}
	copy(tail.Bytes[tail.Body(b.sig, rangeAt)-b.f.Size():], numbers)
	return l, nil
}

// dictionary writes the signature dictionary (ISO 32000-2 table 255, EN 319
// 142-1 §6.3) and tells where in it the numbers of /ByteRange and the string
// of /Contents begin.
func (pr Preparer) dictionary(
	claimed time.Time, references []byte, reserve int,
) (body []byte, rangeAt, contentsAt int) {
	var b bytes.Buffer
	b.WriteString("<<\n/Type /Sig\n/Filter /" + filterPPKLite + "\n/SubFilter /" + subFilterCAdES)
	fmt.Fprintf(&b, "\n/M (%s)", formatDate(claimed))
	for _, text := range []struct{ key, value string }{
		{"Name", pr.Name}, {"Reason", pr.Reason}, {"Location", pr.Location}, {"ContactInfo", pr.Contact},
	} {
		if text.value != "" {
			fmt.Fprintf(&b, "\n/%s %s", text.key, pdf.TextString(text.value))
		}
	}
	b.Write(references)
	rangeAt, contentsAt = writeGap(&b, reserve)
	return b.Bytes(), rangeAt, contentsAt
}

// writeGap ends a signature dictionary with places for the numbers of /ByteRange
// and for the string of /Contents.
func writeGap(b *bytes.Buffer, reserve int) (rangeAt, contentsAt int) {
	b.WriteString("\n/ByteRange [0 ")
	rangeAt = b.Len()
	b.WriteString(strings.Repeat(" ", 3*numberWidth+2))
	b.WriteString("]\n/Contents ")
	contentsAt = b.Len()
	b.WriteByte('<')
	b.Write(bytes.Repeat([]byte{'0'}, 2*reserve))
	b.WriteString(">\n>>")
	return rangeAt, contentsAt
}

// target finds the empty signature field that Field names, or the name of the
// field that is to be added (then without a dictionary).
func (pr Preparer) target(fm *form) (field, error) {
	for _, fl := range fm.fields {
		if pr.Field == "" || fl.name != pr.Field || fl.widget {
			continue
		}
		switch {
		case fl.signed():
			return field{}, fmt.Errorf("field %q is signed already: %w", pr.Field, ErrForbidden)
		case !fl.empty():
			return field{}, fmt.Errorf("field %q is not a signature field: %w", pr.Field, ErrForbidden)
		case fl.ref == (pdf.Ref{}):
			return field{}, fmt.Errorf("field %q is no object of its own: %w", pr.Field, formats.ErrUnsupported)
		}
		return fl, nil
	}
	if strings.Contains(pr.Field, ".") {
		return field{}, fmt.Errorf("no field %q, and a new one may have no full stop in its name: %w",
			pr.Field, ErrWish)
	}
	if pr.Field == "" {
		return field{name: fm.freeName("Signature")}, nil
	}
	return field{name: pr.Field}, nil
}

// freeName is prefix with the first number that makes it the name of no field.
func (fm *form) freeName(prefix string) string {
	taken := map[string]bool{}
	for _, fl := range fm.fields {
		taken[fl.name] = true
	}
	for i := 1; ; i++ {
		if name := fmt.Sprint(prefix, i); !taken[name] {
			return name
		}
	}
}
