package sdjwt

import (
	"bytes"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/formats/internal/jose"
)

// maxDocument bounds a document: a portrait has at most a few megabytes, and
// what is read is held in memory about five times over.
const maxDocument = 16 << 20

// Parser reads SD-JWTs and SD-JWT VCs, with or without key binding, in all
// three serialisations.
type Parser struct{}

// ID returns [formats.SDJWT].
func (Parser) ID() formats.ID { return formats.SDJWT }

// Sniff knows the compact serialisation by how a base64url of JSON begins, dots
// and tildes, and the JSON serialisations (RFC 9901 §8) by names of members.
func (Parser) Sniff(head []byte) bool {
	whole := len(head) < formats.HeadSize
	body := bytes.TrimLeft(head, " \t\r\n")
	if len(body) > 0 && body[0] == '{' {
		return bytes.Contains(body, []byte(`"disclosures"`)) || bytes.Contains(body, []byte(`"kb_jwt"`)) ||
			!whole && bytes.Contains(body, []byte(`"payload"`)) && bytes.Contains(body, []byte(`"protected"`))
	}
	// 'e' and one of these is how a base64url of "{" and white space or a
	// quote begins. The shortest header that names an algorithm has 20
	// characters. What comes after is not looked at: a token with a broken
	// character is a broken token, not plain text.
	if len(body) < 20 || body[0] != 'e' || body[1] != 'y' && body[1] != 'w' || !jose.Alphabet(body[:16]) {
		return false
	}
	has := func(c byte) bool { return !whole || bytes.IndexByte(body, c) >= 0 }
	return has('.') && has('~')
}

// Parse reduces a document to facts; see [formats.Parser]. What RFC 9901 §7.1
// rejects is a fatal defect of the signature; what cannot even be taken apart
// is an error.
func (Parser) Parse(in formats.Input) (*formats.Document, error) {
	if in.Size > maxDocument {
		return nil, fmt.Errorf("reading an SD-JWT of %d bytes: %w", in.Size, formats.ErrTooLarge)
	}
	text := make([]byte, max(in.Size, 0))
	if _, err := io.ReadFull(in.Reader(), text); err != nil {
		return nil, fmt.Errorf("reading an SD-JWT: %w", err) // the disk's fault, not the document's
	}
	r := &reading{}
	if err := r.split(text); err != nil {
		return nil, fmt.Errorf("reading an SD-JWT: %w", err)
	}
	if err := r.payload(); err != nil {
		return nil, fmt.Errorf("reading an SD-JWT: %w", err)
	}
	return r.document()
}

// reading is one document on its way from bytes to facts.
type reading struct {
	budget jose.Budget
	jws    *jose.JWS
	// presented is what a key binding covers: everything up to the last tilde
	// (RFC 9901 §4.3.1).
	presented   []byte
	disclosures []*disclosure
	binding     []byte // the KB-JWT, nil if there is none
	aside       []string

	claims  *jose.Value // the payload, at last with what was disclosed in it
	open    []string    // names of the claims that were never hidden
	process *processor
	defects []formats.Defect
}

func (r *reading) fatal(clause, format string, args ...any) {
	r.note(clause, format, args...)
	r.defects[len(r.defects)-1].Fatal = true
}

func (r *reading) note(clause, format string, args ...any) {
	r.defects = append(r.defects, formats.Defect{Clause: clause, Text: fmt.Sprintf(format, args...)})
}

// payload reads the payload and processes the disclosures into it (RFC 9901
// §7.1 step 3).
func (r *reading) payload() error {
	var err error
	if r.claims, err = r.budget.ParseJSON(r.jws.Payload); err != nil {
		return fmt.Errorf("payload: %w", err)
	}
	if r.claims.Kind != '{' {
		return fmt.Errorf("payload is no object: %w", formats.ErrMalformed)
	}
	for i := range r.claims.Members {
		if name := r.claims.Members[i].Name; name != nameDigests && name != nameHash {
			r.open = append(r.open, name)
		}
	}
	return r.processAll()
}
