package cms

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// Statement is what a signer signs, digest first: the content itself is not
// needed, so it may be of any size.
type Statement struct {
	ContentType string // dotted eContentType, such as OIDData
	Counter     bool   // over another signature's value, which has no content type (RFC 5652 §11.4)
	Digest      []byte // of the content's octets, with Algorithm.Hash()
	Algorithm   pki.Algorithm
	Certificate *x509.Certificate // the signer's
	Time        time.Time         // signing-time attribute; zero: none
	More        [][]byte          // further DER Attributes, such as [NewAttribute] makes
}

// SignedAttributes returns the DER of the signed attributes under a SET tag,
// which is the message to be signed (RFC 5652 §5.4): content-type,
// message-digest, signing-certificate-v2, signing-time if a time is given, and
// what is stated more. None that may stand once stands twice.
func (st Statement) SignedAttributes() ([]byte, error) {
	if len(st.Digest) != st.Algorithm.Hash().Size() || len(st.Digest) == 0 {
		return nil, fmt.Errorf("laying out a signature: digest of %d bytes for %s", len(st.Digest), st.Algorithm)
	}
	if st.Certificate == nil {
		return nil, errors.New("laying out a signature: no certificate")
	}
	attrs := [][]byte{
		attribute(OIDMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(st.Digest) }),
		signingCertificateV2(st.Certificate),
	}
	if !st.Counter {
		contentType, err := pki.ParseOID(st.ContentType)
		if err != nil {
			return nil, fmt.Errorf("laying out a signature: content type: %w", err)
		}
		attrs = append(attrs,
			attribute(OIDContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(contentType) }))
	}
	if !st.Time.IsZero() {
		attrs = append(attrs, attribute(OIDSigningTime, func(b *cryptobyte.Builder) { addTime(b, st.Time.UTC()) }))
	}
	attrs = append(attrs, st.More...)
	slices.SortFunc(attrs, bytes.Compare) // X.690 §11.6
	set := wrap(tagSet, attrs...)
	if err := distinct(set); err != nil {
		return nil, fmt.Errorf("laying out a signature: %w", err)
	}
	return set, nil
}

// distinct reads the attributes back, and refuses two where one may stand: one
// program would read the first and another the last.
func distinct(set []byte) error {
	e, _, err := next(set, 0)
	if err != nil {
		return err
	}
	attrs, err := parseAttributes(e, &reader{})
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, a := range attrs {
		if seen[a.OID] && slices.Contains(single, a.OID) || len(a.Values) == 0 {
			return fmt.Errorf("signed attribute %s twice, or without a value", a.OID)
		}
		seen[a.OID] = true
	}
	return nil
}

// addTime writes UTCTime up to 2049 and GeneralizedTime after (RFC 5652 §11.3).
func addTime(b *cryptobyte.Builder, t time.Time) {
	if y := t.Year(); y >= 1950 && y < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// Signer is a SignerInfo, ready to be written.
type Signer struct {
	Certificate *x509.Certificate
	KeyID       bool // named by subjectKeyIdentifier, not by issuer and serial number (RFC 5652 §5.3)
	Algorithm   pki.Algorithm
	SignedAttrs []byte // as [Statement.SignedAttributes] returned them
	Value       []byte
	Unsigned    [][]byte // DER Attributes, such as [TimestampAttribute] makes
}

// Assembly is a SignedData, ready to be written. The first signer stands in its
// own fields.
type Assembly struct {
	ContentType  string
	Content      []byte // nil: detached
	Algorithm    pki.Algorithm
	Certificate  *x509.Certificate   // the signer's
	KeyID        bool                // see [Signer]
	Certificates []*x509.Certificate // all to be sent, the signer's among them
	Revocations  [][]byte            // DER CRLs, and other forms as [OCSPChoice] makes
	SignedAttrs  []byte              // as SignedAttributes returned them
	Value        []byte
	Unsigned     [][]byte // DER Attributes, such as TimestampAttribute makes
	Others       []Signer // further signers of the same content
}

// Encode writes the ContentInfo in DER, its SETs sorted. The version is that of
// RFC 5652 §5.1.
func (a Assembly) Encode() ([]byte, error) {
	if _, err := pki.ParseOID(a.ContentType); err != nil {
		return nil, fmt.Errorf("assembling a CMS: content type: %w", err)
	}
	version := 1
	if a.ContentType != OIDData {
		version = 3
	}
	content := oidBytes(a.ContentType)
	if a.Content != nil {
		content = append(content, wrap(tag0, wrap(tagOctetString, a.Content))...)
	}
	var certs [][]byte
	for _, c := range a.Certificates {
		certs = append(certs, c.Raw)
	}
	for _, der := range a.Revocations {
		if e, rest, err := next(der, 4); err != nil || len(rest) > 0 || e.tag != tagSequence && e.tag != tag1 {
			return nil, errors.New("assembling a CMS: what shall be revocation information is none")
		}
	}
	first := Signer{a.Certificate, a.KeyID, a.Algorithm, a.SignedAttrs, a.Value, a.Unsigned}
	var digests, signers [][]byte
	for i, s := range append([]Signer{first}, a.Others...) {
		der, err := s.Encode()
		if err != nil {
			return nil, fmt.Errorf("assembling a CMS: signer %d: %w", i+1, err)
		}
		version = max(version, s.version())
		digests, signers = append(digests, s.Algorithm.Hash().AlgorithmIdentifier()), append(signers, der)
	}
	version = max(version, choicesVersion(nil, a.Revocations))
	parts := [][]byte{{tagInteger, 1, byte(version)}, setOf(tagSet, digests), wrap(tagSequence, content)}
	if len(certs) > 0 {
		parts = append(parts, setOf(tag0, certs))
	}
	if len(a.Revocations) > 0 {
		parts = append(parts, setOf(tag1, a.Revocations))
	}
	parts = append(parts, setOf(tagSet, signers))
	return wrap(tagSequence, oidBytes(OIDSignedData), wrap(tag0, wrap(tagSequence, parts...))), nil
}

// setOf writes a SET OF in DER (X.690 §11.6), each element once.
func setOf(tag byte, elements [][]byte) []byte {
	elements = slices.Clone(elements)
	slices.SortFunc(elements, bytes.Compare)
	return wrap(tag, slices.CompactFunc(elements, bytes.Equal)...)
}

// version is 1 for a signer named by issuer and serial number, 3 for one named
// by key identifier (§5.3).
func (s Signer) version() int {
	if s.KeyID {
		return 3
	}
	return 1
}

// Encode writes the SignerInfo in DER.
func (s Signer) Encode() ([]byte, error) {
	if s.Certificate == nil || len(s.Value) == 0 || len(s.SignedAttrs) == 0 || s.Algorithm.AlgorithmIdentifier() == nil {
		return nil, errors.New("writing a signer: certificate, attributes, value or algorithm is missing")
	}
	var sid []byte
	if s.KeyID {
		if len(s.Certificate.SubjectKeyId) == 0 {
			return nil, errors.New("writing a signer: its certificate has no subjectKeyIdentifier; " +
				"name it by issuer and serial number")
		}
		sid = wrap(tag0Primitive, s.Certificate.SubjectKeyId)
	} else {
		serial := cryptobyte.NewBuilder(nil)
		serial.AddASN1BigInt(s.Certificate.SerialNumber)
		sid = wrap(tagSequence, s.Certificate.RawIssuer, serial.BytesOrPanic())
	}
	attrs := bytes.Clone(s.SignedAttrs)
	attrs[0] = tag0
	parts := [][]byte{
		{tagInteger, 1, byte(s.version())},
		sid,
		s.Algorithm.Hash().AlgorithmIdentifier(),
		attrs,
		s.Algorithm.AlgorithmIdentifier(),
		wrap(tagOctetString, s.Value),
	}
	if len(s.Unsigned) > 0 {
		parts = append(parts, setOf(tag1, s.Unsigned))
	}
	return wrap(tagSequence, parts...), nil
}

// OCSPChoice is an OCSPResponse as a RevocationInfoChoice (RFC 5940 §2):
//
//	other [1] SEQUENCE { otherRevInfoFormat id-ri-ocsp-response, OCSPResponse }
func OCSPChoice(response []byte) []byte { return wrap(tag1, oidBytes(oidOCSPResponse), response) }

// NewAttribute is the DER of an Attribute of RFC 5652 §5.3 with DER values. It
// panics if oid is no object identifier.
func NewAttribute(oid string, values ...[]byte) []byte {
	return wrap(tagSequence, oidBytes(oid), setOf(tagSet, values))
}

// CounterSignatureAttribute is a countersignature attribute (RFC 5652 §11.4)
// with one SignerInfo.
func CounterSignatureAttribute(signer []byte) []byte {
	return NewAttribute(OIDCounterSignature, signer)
}

// TimestampAttribute is a signature-time-stamp attribute (RFC 3161 appendix A)
// with one token.
func TimestampAttribute(token []byte) []byte {
	return attribute(OIDSignatureTimestamp, func(b *cryptobyte.Builder) { b.AddBytes(token) })
}

// UnsignedHeader is the tag and length that unsigned attributes of so many
// bytes have in a SignerInfo.
func UnsignedHeader(size int) []byte { return header(tag1, size) }

// MaxSize is an upper bound on the size of a detached SignedData with these
// certificates, a value by alg, and unsigned attributes of so many bytes.
func MaxSize(certs []*x509.Certificate, alg pki.Algorithm, unsigned int) int {
	const frame = 768 // headers, identifiers, attributes without names
	size := frame + unsigned + maxValue(certs, alg) + 2*alg.Hash().Size()
	for _, c := range certs {
		size += len(c.Raw)
	}
	if len(certs) > 0 {
		size += 2*len(certs[0].RawIssuer) + 64 // sid and issuerSerial
	}
	return size
}

// maxValue bounds the value: it is never longer than the public key but for
// ECDSA, whose r and s come with headers, and ML-DSA (FIPS 204 table 2).
func maxValue(certs []*x509.Certificate, alg pki.Algorithm) int {
	switch alg {
	case pki.MLDSA44, pki.MLDSA65, pki.MLDSA87:
		return 4627 + 16
	}
	if len(certs) == 0 {
		return 2048
	}
	return max(160, len(certs[0].RawSubjectPublicKeyInfo))
}

// attribute writes SEQUENCE { OID, SET { value } }.
func attribute(id string, value func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(pki.MustOID(id))
		b.AddASN1(cbasn1.SET, value)
	})
	return b.BytesOrPanic()
}

// wrap puts parts under one tag and a DER length.
func wrap(tag byte, parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	head := header(tag, size)
	out := make([]byte, 0, len(head)+size)
	out = append(out, head...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func oidBytes(id string) []byte {
	var b cryptobyte.Builder
	b.AddASN1ObjectIdentifier(pki.MustOID(id))
	return b.BytesOrPanic()
}
