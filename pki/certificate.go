package pki

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// VerifyFunc is [Verify], or what remembers its answers: see [Memo].
type VerifyFunc func(key crypto.PublicKey, alg Algorithm, message, sig []byte) error

// CertificateAlgorithm returns what c is signed with. It refuses a certificate
// with anything after the signature, which package x509 lets pass: the same
// certificate would have many fingerprints. The error else is that of
// [ParseAlgorithmIdentifier].
//
//	Certificate ::= SEQUENCE {
//	    tbsCertificate TBSCertificate, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
func CertificateAlgorithm(c *x509.Certificate) (Algorithm, error) {
	in := cryptobyte.String(c.Raw)
	var seq, algorithm cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.SkipASN1(cbasn1.SEQUENCE) ||
		!seq.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.BIT_STRING) || !seq.Empty() {
		return UnknownAlgorithm, errors.New("reading a certificate's signature algorithm: not DER")
	}
	return ParseAlgorithmIdentifier(algorithm, UnknownHash)
}

// VerifyCertificate returns nil if the signature on c is key's. It says nothing
// of names, dates or the right to issue: see package path. The error wraps
// [ErrInvalidSignature] or [ErrUnknownAlgorithm].
func VerifyCertificate(c *x509.Certificate, key crypto.PublicKey, verify VerifyFunc) error {
	alg, err := CertificateAlgorithm(c)
	if err != nil {
		return err
	}
	return verify(key, alg, c.RawTBSCertificate, c.Signature)
}

var oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}

// AllowsKeyUsage reports whether c's key may be used so (RFC 5280 §4.2.1.3): a
// certificate without the extension allows everything, one with an empty one
// nothing.
func AllowsKeyUsage(c *x509.Certificate, usage x509.KeyUsage) bool {
	if c.KeyUsage&usage != 0 {
		return true
	}
	return !slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidKeyUsage) })
}

// PublicKeyBits returns the BIT STRING of c's SubjectPublicKeyInfo, without
// tag, length and unused bits: what key hashes are made over (RFC 6960 §4.1.1).
func PublicKeyBits(c *x509.Certificate) ([]byte, error) {
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var seq cryptobyte.String
	var bits []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) || !seq.ReadASN1BitStringAsBytes(&bits) {
		return nil, fmt.Errorf("reading the public key of %s: not DER", c.Subject)
	}
	return bits, nil
}
