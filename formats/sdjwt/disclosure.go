package sdjwt

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/formats/internal/jose"
	"tamga/pki"
)

// disclosure is what reveals one claim or array element (RFC 9901 §4.2):
//
//	["salt", "name", value] or ["salt", value]
type disclosure struct {
	number int    // from 1, as it stands in the document
	text   []byte // as received: what is hashed
	named  bool
	name   string
	value  *jose.Value
	broken string // why it is no disclosure, "" if it is one
	path   string // where it was found, "" if nowhere
	want   []byte // the digest that the issuer signed for it
}

// read takes the disclosures apart. One that is broken is a defect, not an
// error: the rest still tells what the document was.
func (r *reading) read(texts [][]byte) error {
	for i, text := range texts {
		d := &disclosure{number: i + 1, text: text}
		r.disclosures = append(r.disclosures, d)
		err := d.parse(&r.budget)
		switch {
		case errors.Is(err, formats.ErrTooLarge):
			return fmt.Errorf("disclosure %d: %w", d.number, err)
		case err != nil:
			d.broken = err.Error()
			r.fatal("RFC 9901 4.2", "disclosure %d: %v", d.number, err)
		}
	}
	return nil
}

func (d *disclosure) parse(budget *jose.Budget) error {
	raw, err := jose.Decode(d.text)
	if err != nil {
		return err
	}
	v, err := budget.ParseJSON(raw)
	if err != nil {
		return err
	}
	if v.Kind != '[' || len(v.Items) != 2 && len(v.Items) != 3 {
		return errors.New("no array of two or three")
	}
	if _, ok := v.Items[0].AsString(); !ok {
		return errors.New("its salt is no string")
	}
	if len(v.Items) == 3 {
		if d.name, d.named = v.Items[1].AsString(); !d.named {
			return errors.New("the name of its claim is no string")
		}
	}
	d.value = &v.Items[len(v.Items)-1]
	return nil
}

// reference is what the verifier compares. A disclosure that nobody signed
// wants the digest of nothing, so that it can never fit.
func (d *disclosure) reference(h pki.Hash) formats.Reference {
	name := d.path
	if name == "" {
		name = fmt.Sprintf("disclosure %d", d.number)
	}
	text := d.text
	return formats.Reference{
		Name: name, Hash: h, Want: d.want,
		Open: func() io.Reader { return bytes.NewReader(text) },
	}
}
