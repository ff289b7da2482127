package sdjwt

import (
	"bytes"
	"fmt"
	"slices"

	"tamga/formats"
	"tamga/formats/internal/jose"
)

// maxDisclosures bounds the disclosures of one document.
const maxDisclosures = 10_000

// Unprotected header members of the JSON serialisations (RFC 9901 §8.1).
const (
	headerDisclosures = "disclosures"
	headerBinding     = "kb_jwt"
)

// split takes the document apart.
func (r *reading) split(text []byte) error {
	if body := bytes.TrimLeft(text, " \t\r\n"); len(body) > 0 && body[0] == '{' {
		return r.splitJSON(text)
	}
	if end := bytes.TrimRight(text, " \t\r\n"); len(end) < len(text) {
		r.note("RFC 9901 4", "%d characters of white space follow the end", len(text)-len(end))
		text = end
	}
	return r.splitCompact(text)
}

// splitCompact reads (RFC 9901 §4):
//
//	issuer-signed JWT ~ disclosure ~ … ~ disclosure ~ [ KB-JWT ]
func (r *reading) splitCompact(text []byte) error {
	first, last := bytes.IndexByte(text, '~'), bytes.LastIndexByte(text, '~')
	if first < 0 {
		return fmt.Errorf("no tilde: at most a JWT: %w", formats.ErrMalformed)
	}
	var err error
	if r.jws, err = r.budget.ParseCompact(text[:first]); err != nil {
		return err
	}
	if last+1 < len(text) {
		r.binding = text[last+1:]
	}
	r.presented = text[:last+1]
	if first == last {
		return nil
	}
	if n := bytes.Count(text[first:], []byte{'~'}); n > maxDisclosures {
		return fmt.Errorf("%d disclosures: %w", n-1, formats.ErrTooLarge)
	}
	return r.read(bytes.Split(text[first+1:last], []byte{'~'}))
}

// splitJSON reads the JSON serialisations (RFC 9901 §8): disclosures and key
// binding are members of the first unprotected header.
func (r *reading) splitJSON(text []byte) error {
	v, err := r.budget.ParseJSON(text)
	if err != nil {
		return err
	}
	if r.jws, err = r.budget.ParseObject(v); err != nil {
		return err
	}
	for i := range r.jws.Signatures {
		if err := r.placed(r.jws.Signatures[i].Header, i == 0); err != nil {
			return err
		}
	}
	first := r.jws.Signatures[0]
	header := first.Header.Unprotected
	if header == nil || header.Get(headerDisclosures) == nil {
		return fmt.Errorf("no disclosures in the unprotected header: at most a JWS: %w", formats.ErrMalformed)
	}
	list, ok := header.Get(headerDisclosures).AsStrings()
	if !ok {
		return fmt.Errorf("disclosures is no list of them: %w", formats.ErrMalformed)
	}
	if at := header.Get(headerBinding); at != nil {
		r.binding = []byte(at.Text) // a string, as package jose has checked
	}
	if len(list) > maxDisclosures {
		return fmt.Errorf("%d disclosures: %w", len(list), formats.ErrTooLarge)
	}
	r.presented = slices.Concat(first.Signed, []byte{'.'}, []byte(first.Text), []byte{'~'})
	texts := make([][]byte, len(list))
	for i, d := range list {
		texts[i] = []byte(d)
		r.presented = append(append(r.presented, d...), '~')
	}
	r.aside = append(r.aside, r.jws.Unknown...)
	return r.read(texts)
}

// placed refuses disclosures and key binding anywhere but in the first
// unprotected header (RFC 9901 §8.2), where another reader might look. What
// else is unprotected nobody vouches for; it is named, not read.
func (r *reading) placed(h *jose.Header, first bool) error {
	for _, name := range []string{headerDisclosures, headerBinding} {
		if h.Protected.Get(name) != nil {
			return fmt.Errorf("%s is protected: %w", name, formats.ErrMalformed)
		}
	}
	if h.Unprotected == nil {
		return nil
	}
	for i := range h.Unprotected.Members {
		switch name := h.Unprotected.Members[i].Name; {
		case name != headerDisclosures && name != headerBinding:
			r.aside = append(r.aside, "header "+name)
		case !first:
			return fmt.Errorf("%s stands beside a later signature: %w", name, formats.ErrMalformed)
		}
	}
	return nil
}
