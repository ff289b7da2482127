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

// build appends to a document:
//
//	n 0 obj << /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached
//	           /M (D:…) /ByteRange [0 a b c] /Contents <00…> >> endobj
//	m 0 obj << /Type /Annot /Subtype /Widget /FT /Sig /T (…) /V n 0 R /F 132
//	           /Rect [0 0 0 0] /P … >> endobj          (or the empty field, filled)
//	catalogue, AcroForm, page or their arrays as far as they must name m
//	cross-reference section
func (pr Preparer) build(f *pdf.File, claimed time.Time, reserve int) (*layout, error) {
	fm, err := readForm(f)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	sig := u.New()
	target, err := pr.target(fm)
	if err != nil {
		return nil, err
	}
	if err := permitted(f, fm, target.name); err != nil {
		return nil, err
	}
	if err := unlocked(f, target); err != nil {
		return nil, err
	}
	lock, err := lockOf(f, fm, target)
	if err != nil {
		return nil, err
	}
	body, rangeAt, contentsAt := pr.dictionary(claimed, lock, reserve)
	u.Set(sig, body)
	if target.dict.Kind == pdf.Dict {
		u.Set(target.ref, pdf.Rewrite(target.dict, pdf.Set{Key: "V", Raw: []byte(sig.String())}))
		setFlags(u, fm)
	} else if err := pr.addField(f, u, fm, target.name, sig); err != nil {
		return nil, err
	}
	tail, err := u.Finish()
	if err != nil {
		return nil, err
	}
	l := &layout{tail: tail.Bytes, a: tail.Body(sig, contentsAt)}
	l.b = l.a + int64(2*reserve) + 2
	numbers := fmt.Sprintf("%-*d %-*d %-*d", numberWidth, l.a, numberWidth, l.b,
		numberWidth, f.Size()+int64(len(tail.Bytes))-l.b)
	if len(numbers) != 3*numberWidth+2 {
		return nil, fmt.Errorf("a file of %d bytes: %w", f.Size(), formats.ErrTooLarge)
	}
	copy(tail.Bytes[tail.Body(sig, rangeAt)-f.Size():], numbers)
	return l, nil
}

// dictionary writes the signature dictionary (ISO 32000-2 table 255, EN 319
// 142-1 §6.3) and tells where in it the numbers of /ByteRange and the string
// of /Contents begin.
func (pr Preparer) dictionary(
	claimed time.Time, lock []byte, reserve int,
) (body []byte, rangeAt, contentsAt int) {
	var b bytes.Buffer
	b.WriteString("<<\n/Type /Sig\n/Filter /Adobe.PPKLite\n/SubFilter /" + subFilterCAdES)
	fmt.Fprintf(&b, "\n/M (%s)", formatDate(claimed))
	for _, text := range []struct{ key, value string }{
		{"Name", pr.Name}, {"Reason", pr.Reason}, {"Location", pr.Location}, {"ContactInfo", pr.Contact},
	} {
		if text.value != "" {
			fmt.Fprintf(&b, "\n/%s %s", text.key, pdf.TextString(text.value))
		}
	}
	b.Write(lock)
	b.WriteString("\n/ByteRange [0 ")
	rangeAt = b.Len()
	b.WriteString(strings.Repeat(" ", 3*numberWidth+2))
	b.WriteString("]\n/Contents ")
	contentsAt = b.Len()
	b.WriteByte('<')
	b.Write(bytes.Repeat([]byte{'0'}, 2*reserve))
	b.WriteString(">\n>>")
	return b.Bytes(), rangeAt, contentsAt
}

// target finds the empty signature field that Field names, or the name of the
// field that is to be added (then without a dictionary).
func (pr Preparer) target(fm *form) (field, error) {
	taken := map[string]bool{}
	for _, fl := range fm.fields {
		taken[fl.name] = true
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
			pr.Field, formats.ErrUnsupported)
	}
	name := pr.Field
	for i := 1; name == ""; i++ {
		if candidate := fmt.Sprintf("Signature%d", i); !taken[candidate] {
			name = candidate
		}
	}
	return field{name: name}, nil
}

// lockOf returns the /Reference that a field with a /Lock demands of its
// signature (§12.7.5.5), and refuses fields whose seed values demand more than
// we know.
func lockOf(f *pdf.File, fm *form, target field) ([]byte, error) {
	seed, err := f.Get(target.dict, "SV")
	if err != nil {
		return nil, err
	}
	if flags, ok := seed.Get("Ff").Int(); ok && flags != 0 {
		return nil, fmt.Errorf("field %q demands seed values (/SV): %w", target.name, formats.ErrUnsupported)
	}
	lock, err := f.Get(target.dict, "Lock")
	if err != nil || lock.Kind != pdf.Dict {
		return nil, err
	}
	if lock.Get("P").Kind != pdf.Null {
		return nil, fmt.Errorf("field %q demands document permissions (/Lock /P): %w",
			target.name, formats.ErrUnsupported)
	}
	params := []byte("<< /Type /TransformParams /V /1.2")
	for _, key := range []string{"Action", "Fields"} {
		v, err := f.Get(lock, key)
		if err != nil {
			return nil, err
		}
		if v.Kind != pdf.Null {
			params = fmt.Appendf(params, " /%s %s", key, v.Source())
		}
	}
	return fmt.Appendf(nil, "\n/Reference [<< /Type /SigRef /TransformMethod /FieldMDP /Data %s"+
		" /TransformParams %s >> >>]", fm.catalogRef, params), nil
}
