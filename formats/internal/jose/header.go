package jose

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"

	"tamga/formats"
	"tamga/pki"
)

// Limits on x5c: the longest chains in use have five certificates.
const (
	maxCertificates     = 32
	maxCertificateBytes = 64 << 10
)

// Header is a JOSE header (RFC 7515 §4): the union of the protected and the
// unprotected part, whose names are disjoint. Every field but Unprotected comes
// from the protected part alone: what anybody may change must not choose the
// algorithm, the type or the certificate.
type Header struct {
	Algorithm    pki.Algorithm // unknown if alg is none of ours
	Name         string        // alg as it stands
	Type         string        // typ
	ContentType  string        // cty
	KeyID        string        // kid
	Certificates []*x509.Certificate
	Protected    *Value
	Unprotected  *Value // nil if there is none
	Defects      []formats.Defect
}

// stringMembers must be strings wherever they stand (RFC 7515 §4.1.1–§4.1.10).
var stringMembers = []string{"alg", "jku", "kid", "x5u", "x5t", "x5t#S256", "typ", "cty", "kb_jwt"}

// parseHeader reads the two parts of a header; text is the protected one.
func (b *Budget) parseHeader(text []byte, unprotected *Value) (*Header, error) {
	h := &Header{Unprotected: unprotected}
	var err error
	if h.Protected, err = b.ParseJSON(text); err != nil {
		return nil, err
	}
	if h.Protected.Kind != '{' {
		return nil, malformed("the protected header is no object")
	}
	if err := disjoint(h.Protected, unprotected); err != nil {
		return nil, err
	}
	if h.Name, err = h.text("alg"); err != nil {
		return nil, err
	}
	if h.Type, err = h.text("typ"); err != nil {
		return nil, err
	}
	if h.ContentType, err = h.text("cty"); err != nil {
		return nil, err
	}
	if h.KeyID, err = h.text("kid"); err != nil {
		return nil, err
	}
	h.algorithm()
	if err := h.critical(); err != nil {
		return nil, err
	}
	return h, h.certificates()
}

// disjoint holds RFC 7515 §4: the names of the two parts must be disjoint, and
// what has a type has it in either. Two readers of a name that stands in both
// would take different ones.
func disjoint(protected, unprotected *Value) error {
	for _, part := range []*Value{protected, unprotected} {
		if part == nil {
			continue
		}
		for i := range part.Members {
			m := &part.Members[i]
			if m.Kind != '"' && slices.Contains(stringMembers, m.Name) {
				return malformed("header member %s is no string", m.Name)
			}
		}
	}
	if unprotected == nil {
		return nil
	}
	names := make(map[string]bool, len(protected.Members))
	for i := range protected.Members {
		names[protected.Members[i].Name] = true
	}
	for i := range unprotected.Members {
		if names[unprotected.Members[i].Name] {
			return malformed("a header member is both protected and unprotected")
		}
	}
	return nil
}

// text returns a string member of the protected part, "" if there is none.
func (h *Header) text(name string) (string, error) {
	v := h.Protected.Get(name)
	if v == nil {
		return "", nil
	}
	s, ok := v.AsString()
	if !ok {
		return "", malformed("header member %s is no string", name)
	}
	return s, nil
}

// algorithm looks alg up in the one table. "none" and the HMAC family are not
// in it: the first proves nothing, the second lets whoever has the public key
// of a naive verifier sign (RFC 8725 §2.1).
func (h *Header) algorithm() {
	h.Algorithm = pki.AlgorithmByJOSE(h.Name)
	switch {
	case h.Name == "" && h.Protected.Get("alg") == nil:
		h.fatal("RFC 7515 4.1.1", "the protected header names no algorithm")
	case !h.Algorithm.Known():
		h.fatal("RFC 8725 3.1", fmt.Sprintf("algorithm %.32q is none that can prove who signed", h.Name))
	}
	if h.Unprotected != nil && h.Unprotected.Get("alg") != nil {
		h.fatal("RFC 8725 3.1", "the algorithm is not protected")
	}
}

// critical holds RFC 7515 §4.1.11: crit is protected, not empty, names each
// member once, and none that we do not understand. We understand none. Not to
// look is how an attacker has a signature read by other rules than its own; b64
// (RFC 7797), which changes what is signed, is one of those.
func (h *Header) critical() error {
	if h.Unprotected != nil && h.Unprotected.Get("crit") != nil {
		return malformed("crit is not protected")
	}
	for _, part := range []*Value{h.Protected, h.Unprotected} {
		if part != nil && part.Get("b64") != nil {
			h.fatal("RFC 7797 6", "the payload may not be base64url (b64), which is not supported")
		}
	}
	crit := h.Protected.Get("crit")
	if crit == nil {
		return nil
	}
	names, ok := crit.AsStrings()
	if !ok || len(names) == 0 {
		return malformed("crit is no list of names")
	}
	for i, name := range names {
		if slices.Contains(names[:min(i, 64)], name) {
			return malformed("crit names a member twice")
		}
		if h.Protected.Get(name) == nil {
			return malformed("crit names a member that is not there")
		}
	}
	h.fatal("RFC 7515 4.1.11", fmt.Sprintf("extension %.32q must be understood, and is not", names[0]))
	return nil
}

// certificates reads x5c (RFC 7515 §4.1.6): standard base64 of DER, the
// signer's first. Those of the unprotected part are not read: whoever carries
// the document could exchange them for another certificate of the same key.
func (h *Header) certificates() error {
	x5c := h.Protected.Get("x5c")
	if x5c == nil {
		return nil
	}
	list, ok := x5c.AsStrings()
	if !ok || len(list) == 0 {
		return malformed("x5c is no list of certificates")
	}
	if len(list) > maxCertificates {
		return fmt.Errorf("reading a header: x5c with %d certificates: %w", len(list), formats.ErrTooLarge)
	}
	for i, text := range list {
		if len(text) > base64.StdEncoding.EncodedLen(maxCertificateBytes) {
			return fmt.Errorf("reading a header: x5c[%d] is too long: %w", i, formats.ErrTooLarge)
		}
		for _, c := range []byte(text) { // package base64 skips CR and LF
			if c == '\r' || c == '\n' {
				return malformed("x5c[%d] has line ends", i)
			}
		}
		der, err := base64.StdEncoding.Strict().DecodeString(text)
		if err != nil {
			return malformed("x5c[%d] is not canonical base64", i)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return malformed("x5c[%d] is no certificate: %v", i, err)
		}
		h.Certificates = append(h.Certificates, cert)
	}
	return nil
}

func (h *Header) fatal(clause, text string) {
	h.Defects = append(h.Defects, formats.Defect{Clause: clause, Text: text, Fatal: true})
}

func malformed(format string, args ...any) error {
	return fmt.Errorf("reading a JWS: %s: %w", fmt.Sprintf(format, args...), formats.ErrMalformed)
}
