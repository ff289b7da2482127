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
	Digest      []byte // of the content's octets, with Algorithm.Hash()
	Algorithm   pki.Algorithm
	Certificate *x509.Certificate // the signer's
	Time        time.Time         // signing-time attribute; zero: none
}

// SignedAttributes returns the DER of the signed attributes under a SET tag,
// which is the message to be signed (RFC 5652 §5.4): content-type,
// message-digest, signing-certificate-v2 and, if a time is given, signing-time.
func (st Statement) SignedAttributes() ([]byte, error) {
	if len(st.Digest) != st.Algorithm.Hash().Size() || len(st.Digest) == 0 {
		return nil, fmt.Errorf("laying out a signature: digest of %d bytes for %s", len(st.Digest), st.Algorithm)
	}
	if st.Certificate == nil {
		return nil, errors.New("laying out a signature: no certificate")
	}
	contentType, err := pki.ParseOID(st.ContentType)
	if err != nil {
		return nil, fmt.Errorf("laying out a signature: content type: %w", err)
	}
	attrs := [][]byte{
		attribute(OIDContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(contentType) }),
		attribute(OIDMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(st.Digest) }),
		signingCertificateV2(st.Certificate),
	}
	if !st.Time.IsZero() {
		attrs = append(attrs, attribute(OIDSigningTime, func(b *cryptobyte.Builder) { addTime(b, st.Time.UTC()) }))
	}
	slices.SortFunc(attrs, bytes.Compare) // X.690 §11.6
	return wrap(tagSet, attrs...), nil
}

// addTime writes UTCTime up to 2049 and GeneralizedTime after (RFC 5652 §11.3).
func addTime(b *cryptobyte.Builder, t time.Time) {
	if y := t.Year(); y >= 1950 && y < 2050 {
		b.AddASN1UTCTime(t)
		return
	}
	b.AddASN1GeneralizedTime(t)
}

// Assembly is a SignedData with one signer, ready to be written.
type Assembly struct {
	ContentType  string
	Content      []byte // nil: detached
	Algorithm    pki.Algorithm
	Certificate  *x509.Certificate   // the signer's
	Certificates []*x509.Certificate // all to be sent, the signer's among them
	SignedAttrs  []byte              // as SignedAttributes returned them
	Value        []byte
	Unsigned     [][]byte // DER Attributes, such as TimestampAttribute makes
}

// Encode writes the ContentInfo in DER. The version is 1 for plain data and 3
// for every other content (RFC 5652 §5.1).
func (a Assembly) Encode() ([]byte, error) {
	if a.Certificate == nil || len(a.Value) == 0 || len(a.SignedAttrs) == 0 || a.Algorithm.AlgorithmIdentifier() == nil {
		return nil, errors.New("assembling a CMS: certificate, attributes, value or algorithm is missing")
	}
	if _, err := pki.ParseOID(a.ContentType); err != nil {
		return nil, fmt.Errorf("assembling a CMS: content type: %w", err)
	}
	version := byte(1)
	if a.ContentType != OIDData {
		version = 3
	}
	digest := a.Algorithm.Hash().AlgorithmIdentifier()
	content := oidBytes(a.ContentType)
	if a.Content != nil {
		content = append(content, wrap(tag0, wrap(tagOctetString, a.Content))...)
	}
	var certs [][]byte
	for _, c := range a.Certificates {
		certs = append(certs, c.Raw)
	}
	slices.SortFunc(certs, bytes.Compare)
	certs = slices.CompactFunc(certs, bytes.Equal)
	parts := [][]byte{{tagInteger, 1, version}, wrap(tagSet, digest), wrap(tagSequence, content)}
	if len(certs) > 0 {
		parts = append(parts, wrap(tag0, certs...))
	}
	parts = append(parts, wrap(tagSet, a.signerInfo(digest)))
	return wrap(tagSequence, oidBytes(OIDSignedData), wrap(tag0, wrap(tagSequence, parts...))), nil
}

func (a Assembly) signerInfo(digest []byte) []byte {
	serial := cryptobyte.NewBuilder(nil)
	serial.AddASN1BigInt(a.Certificate.SerialNumber)
	attrs := bytes.Clone(a.SignedAttrs)
	attrs[0] = tag0
	parts := [][]byte{
		{tagInteger, 1, 1}, // issuerAndSerialNumber (§5.3)
		wrap(tagSequence, a.Certificate.RawIssuer, serial.BytesOrPanic()),
		digest,
		attrs,
		a.Algorithm.AlgorithmIdentifier(),
		wrap(tagOctetString, a.Value),
	}
	if len(a.Unsigned) > 0 {
		unsigned := slices.Clone(a.Unsigned)
		slices.SortFunc(unsigned, bytes.Compare)
		parts = append(parts, wrap(tag1, unsigned...))
	}
	return wrap(tagSequence, parts...)
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
