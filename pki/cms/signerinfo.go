package cms

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"tamga/pki"
)

// SignerInfo is RFC 5652 §5.3.
//
//	SignerInfo ::= SEQUENCE { version, sid CHOICE { issuerAndSerialNumber,
//	  [0] subjectKeyIdentifier }, digestAlgorithm, [0] signedAttrs OPTIONAL,
//	  signatureAlgorithm, signature OCTET STRING, [1] unsignedAttrs OPTIONAL }
type SignerInfo struct {
	Raw             []byte
	Version         int
	Issuer          []byte // DER Name, with Serial
	Serial          *big.Int
	KeyID           []byte // instead of Issuer and Serial
	DigestAlgorithm pki.Hash
	Algorithm       pki.Algorithm // unknown: see AlgorithmError
	AlgorithmError  error
	SignedAttrs     []Attribute
	// Signed is what the value signs: the attributes under a SET tag (§5.4).
	// Nil where there are no signed attributes; then the content is signed.
	Signed        []byte
	Value         []byte
	UnsignedAttrs []Attribute
	Head          []byte // version to signature, as they came: what archive time-stamps are over
	UnsignedRaw   []byte // the unsigned attributes as they came, header included
	Counter       bool   // a counter-signature: signs another signature's value
	Defects       []Defect
}

// Attribute is RFC 5652 §5.3: SEQUENCE { attrType OID, attrValues SET }.
type Attribute struct {
	OID    string
	Raw    []byte
	Type   []byte   // attrType as it came
	Set    []byte   // attrValues as it came
	Values [][]byte // each value, tag and length included
}

func parseSignerInfo(e element, list *reader) (s SignerInfo, err error) {
	if list.err != nil {
		return s, list.err
	}
	s.Raw = e.raw
	r := e.children(list.depth)
	if s.Version, err = small(r.want(tagInteger, "version")); err != nil {
		return s, err
	}
	if err = s.readID(r); err != nil {
		return s, err
	}
	s.DigestAlgorithm = parseDigest(r.want(tagSequence, "digestAlgorithm"))
	if r.peek() == tag0 {
		attrs := r.any()
		if s.SignedAttrs, err = parseAttributes(attrs, r); err != nil {
			return s, fmt.Errorf("signed attributes: %w", err)
		}
		s.Signed = asSet(attrs)
	}
	algorithm := r.want(tagSequence, "signatureAlgorithm")
	if r.err == nil {
		s.Algorithm, s.AlgorithmError = pki.ParseAlgorithmIdentifier(algorithm.raw, s.DigestAlgorithm)
	}
	value := r.any()
	if r.err == nil && value.tag&^constructed != tagOctetString {
		return s, fmt.Errorf("%w: signature is no OCTET STRING", ErrMalformed)
	}
	if s.Value, err = value.octets(r.depth); err != nil {
		return s, err
	}
	s.Head = e.body[:len(e.body)-len(r.rest)]
	if r.peek() == tag1 {
		attrs := r.any()
		s.UnsignedRaw = attrs.raw
		if s.UnsignedAttrs, err = parseAttributes(attrs, r); err != nil {
			return s, fmt.Errorf("unsigned attributes: %w", err)
		}
	}
	if err := r.end("SignerInfo"); err != nil {
		return s, err
	}
	s.examine()
	return s, nil
}

// ParseCounterSignature reads the value of a counter-signature attribute: a
// SignerInfo over the value of another (RFC 5652 §11.4). It has no content
// type, and must not state one.
func ParseCounterSignature(raw []byte) (SignerInfo, error) {
	list := &reader{rest: raw}
	s, err := parseSignerInfo(list.want(tagSequence, "SignerInfo"), list)
	if err != nil {
		return s, fmt.Errorf("counter-signature: %w", err)
	}
	if err := list.end("counter-signature"); err != nil {
		return s, err
	}
	s.Counter = true
	s.Defects = nil
	s.examine()
	return s, nil
}

func (s *SignerInfo) readID(r *reader) (err error) {
	switch tag := r.peek(); tag {
	case tagSequence:
		id := r.any().children(r.depth)
		s.Issuer = id.want(tagSequence, "issuer").raw
		if s.Serial, err = integer(id.any()); err != nil {
			return errors.Join(id.err, err)
		}
		return id.end("issuerAndSerialNumber")
	case tag0Primitive, tag0:
		e := r.any()
		if r.err != nil {
			return r.err
		}
		s.KeyID, err = e.octets(r.depth)
		return err
	}
	return errors.Join(r.err, fmt.Errorf("%w: no signer identifier", ErrMalformed))
}

func parseAttributes(set element, parent *reader) ([]Attribute, error) {
	if parent.err != nil {
		return nil, parent.err
	}
	out := []Attribute{}
	for r := set.children(parent.depth); ; {
		if !r.more() {
			return out, r.err
		}
		if len(out) == maxAttributes {
			return nil, fmt.Errorf("%w: over %d attributes", ErrTooLarge, maxAttributes)
		}
		e := r.want(tagSequence, "Attribute")
		a := Attribute{Raw: e.raw}
		in := e.children(r.depth)
		id, set := in.want(tagOID, "attrType"), in.want(tagSet, "attrValues")
		var err error
		if a.OID, err = dotted(id); err != nil {
			return nil, errors.Join(r.err, err)
		}
		if err := in.end("Attribute"); err != nil {
			return nil, err
		}
		a.Type, a.Set = id.raw, set.raw
		values := set.children(in.depth)
		for values.more() {
			if len(a.Values) == maxAttributes {
				return nil, fmt.Errorf("%w: over %d values", ErrTooLarge, maxAttributes)
			}
			a.Values = append(a.Values, values.any().raw)
		}
		if values.err != nil {
			return nil, values.err
		}
		out = append(out, a)
	}
}

// asSet returns the attributes as §5.4 has them signed: under an explicit SET
// tag in place of [0]. The attributes themselves stay byte for byte as they
// came; only a header that is not DER is written anew.
func asSet(e element) []byte {
	head := len(e.raw) - len(e.body)
	if !e.indefinite && head == len(header(tagSet, len(e.body))) {
		out := bytes.Clone(e.raw)
		out[0] = tagSet
		return out
	}
	return append(header(tagSet, len(e.body)), e.body...)
}

// header is a DER tag and length.
func header(tag byte, size int) []byte {
	switch {
	case size < 0x80:
		return []byte{tag, byte(size)}
	case size < 0x100:
		return []byte{tag, 0x81, byte(size)}
	case size < 0x10000:
		return []byte{tag, 0x82, byte(size >> 8), byte(size)}
	case size < 0x1000000:
		return []byte{tag, 0x83, byte(size >> 16), byte(size >> 8), byte(size)}
	}
	return []byte{tag, 0x84, byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)}
}

// single are the attributes that may stand once, with one value: were there
// two, one program could read the first and another the last (§11.1, §11.2,
// §11.3, RFC 5035 §3, RFC 6211 §2).
var single = []string{
	OIDContentType, OIDMessageDigest, OIDSigningTime, OIDSigningCertificate,
	OIDSigningCertificateV2, OIDAlgorithmProtection,
}

// examine notes what RFC 5652 forbids.
func (s *SignerInfo) examine() {
	seen := map[string]int{}
	for _, a := range s.SignedAttrs {
		seen[a.OID]++
		if slices.Contains(single, a.OID) && (seen[a.OID] > 1 || len(a.Values) != 1) {
			s.defect("RFC 5652 11", true, "signed attribute %s does not stand once with one value", a.OID)
		}
		if len(a.Values) == 0 {
			s.defect("RFC 5652 5.3", false, "attribute %s has no value", a.OID)
		}
	}
	for _, a := range s.UnsignedAttrs {
		if slices.Contains(single[:3], a.OID) {
			s.defect("RFC 5652 11", false, "attribute %s is not signed", a.OID)
		}
	}
	if s.SignedAttrs == nil {
		return
	}
	if (seen[OIDContentType] == 0) != s.Counter || seen[OIDMessageDigest] == 0 {
		s.defect("RFC 5652 11", true, "content-type and message-digest are not both as they must be")
	}
	if !slices.IsSortedFunc(s.SignedAttrs, func(a, b Attribute) int { return bytes.Compare(a.Raw, b.Raw) }) {
		s.defect("RFC 5652 5.3", false, "signed attributes are not in DER order")
	}
	if s.DigestAlgorithm.Known() {
		if d := s.MessageDigest(); d != nil && len(d) != s.DigestAlgorithm.Size() {
			s.defect("RFC 5652 11.2", true, "message-digest of %d bytes for %s", len(d), s.DigestAlgorithm)
		}
	}
	s.examineProtection()
}

// examineProtection compares CMSAlgorithmProtection (RFC 6211 §2), which binds
// the algorithms to what is signed, with the algorithms that are used:
//
//	SEQUENCE { digestAlgorithm, [1] signatureAlgorithm OPTIONAL, … }
func (s *SignerInfo) examineProtection() {
	value := s.SignedValue(OIDAlgorithmProtection)
	if value == nil {
		return
	}
	e, _, err := next(value, 0)
	if err != nil {
		s.defect("RFC 6211 2", true, "algorithm protection cannot be read")
		return
	}
	r := e.children(0)
	hash := parseDigest(r.want(tagSequence, "digestAlgorithm"))
	algorithm := s.Algorithm
	if r.peek() == tag1 {
		implicit := bytes.Clone(r.any().raw)
		if len(implicit) > 0 {
			implicit[0] = tagSequence
		}
		algorithm, _ = pki.ParseAlgorithmIdentifier(implicit, s.DigestAlgorithm)
	}
	if r.err != nil || hash != s.DigestAlgorithm || algorithm != s.Algorithm {
		s.defect("RFC 6211 2", true, "the algorithms are not those that were signed")
	}
}

func (s *SignerInfo) defect(clause string, fatal bool, format string, args ...any) {
	s.Defects = append(s.Defects, Defect{clause, fmt.Sprintf(format, args...), fatal})
}

// SignedValue returns the value of the signed attribute oid, nil unless it
// stands there once with one value.
func (s *SignerInfo) SignedValue(oid string) []byte {
	var found []byte
	for _, a := range s.SignedAttrs {
		if a.OID != oid {
			continue
		}
		if found != nil || len(a.Values) != 1 {
			return nil
		}
		found = a.Values[0]
	}
	return found
}

// UnsignedValues returns all values of the unsigned attribute oid.
func (s *SignerInfo) UnsignedValues(oid string) [][]byte {
	var out [][]byte
	for _, a := range s.UnsignedAttrs {
		if a.OID == oid {
			out = append(out, a.Values...)
		}
	}
	return out
}

// MessageDigest returns the message-digest attribute, nil if there is none.
func (s *SignerInfo) MessageDigest() []byte {
	e, rest, err := next(s.SignedValue(OIDMessageDigest), 0)
	if err != nil || len(rest) > 0 || e.tag&^constructed != tagOctetString {
		return nil
	}
	d, err := e.octets(0)
	if err != nil {
		return nil
	}
	return d
}

// SignedContentType returns the content-type attribute, "" if there is none.
func (s *SignerInfo) SignedContentType() string {
	e, rest, err := next(s.SignedValue(OIDContentType), 0)
	if err != nil || len(rest) > 0 {
		return ""
	}
	oid, _ := dotted(e)
	return oid
}
