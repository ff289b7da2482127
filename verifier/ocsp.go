package verifier

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"

	"tamga/pki"
	"tamga/pki/crl"
)

// maxOCSP bounds one response: real ones have a few kilobytes.
const maxOCSP = 256 << 10

// ocspSays reads an OCSP response about c (RFC 6960). It accepts an answer of
// the issuer itself or of a responder whose certificate the issuer signed with
// id-kp-OCSPSigning (§4.2.2.2), valid when it answered. An answer by anybody
// else, or about a namesake's certificate of the same serial number, is none.
func ocspSays(raw []byte, c, issuer *x509.Certificate) (statement, error) {
	if len(raw) > maxOCSP {
		return statement{}, fmt.Errorf("an OCSP response of %d bytes is too large", len(raw))
	}
	if err := aboutOnly(raw, c, issuer); err != nil {
		return statement{}, fmt.Errorf("reading an OCSP response: %w", err)
	}
	r, err := ocsp.ParseResponseForCert(whole(raw), c, nil)
	if err != nil {
		return statement{}, fmt.Errorf("reading an OCSP response: %w", err)
	}
	if err := authorised(r, issuer); err != nil {
		return statement{}, fmt.Errorf("OCSP response: %w", err)
	}
	s := statement{updated: r.ThisUpdate, next: r.NextUpdate}
	switch r.Status {
	case ocsp.Good:
		s.standing = inForce
	case ocsp.Revoked:
		s.standing, s.since, s.reason = revoked, r.RevokedAt, crl.Reason(r.RevocationReason).String()
		if r.RevocationReason == ocsp.CertificateHold {
			s.standing = onHold
		}
	}
	return s, nil
}

// authorised checks the response's signature under the issuer's key, or under
// that of a delegate that the issuer certified for nothing but this.
func authorised(r *ocsp.Response, issuer *x509.Certificate) error {
	d := r.Certificate
	if d == nil || bytes.Equal(d.Raw, issuer.Raw) {
		return r.CheckSignatureFrom(issuer)
	}
	if err := d.CheckSignatureFrom(issuer); err != nil {
		return fmt.Errorf("its responder was not certified by the issuer: %w", err)
	}
	if !slices.Contains(d.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning) {
		return errors.New("its responder is not authorised (no OCSPSigning)")
	}
	if len(d.UnhandledCriticalExtensions) > 0 {
		return errors.New("its responder's certificate has a critical extension that is not known")
	}
	if r.ProducedAt.Before(d.NotBefore) || r.ProducedAt.After(d.NotAfter) {
		return errors.New("its responder's certificate was not valid when it answered")
	}
	return r.CheckSignatureFrom(d)
}

// whole wraps a bare BasicOCSPResponse, as CAdES attributes carry it, in the
// OCSPResponse that x/crypto/ocsp reads:
//
//	OCSPResponse ::= SEQUENCE {
//	    responseStatus  ENUMERATED,
//	    responseBytes   [0] EXPLICIT SEQUENCE {
//	        responseType  OBJECT IDENTIFIER,
//	        response      OCTET STRING } OPTIONAL }
func whole(raw []byte) []byte {
	if _, bare := basicResponse(raw); !bare {
		return raw
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(0)
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier([]int{1, 3, 6, 1, 5, 5, 7, 48, 1, 1})
				b.AddASN1OctetString(raw)
			})
		})
	})
	return b.BytesOrPanic()
}

// basicResponse returns the BasicOCSPResponse in raw, and whether raw is
// nothing else. It is nil if raw is neither.
func basicResponse(raw []byte) (basic []byte, bare bool) {
	in := cryptobyte.String(raw)
	var seq, tagged, inner, octets cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return nil, false
	}
	if seq.PeekASN1Tag(cbasn1.SEQUENCE) {
		return raw, true
	}
	if !seq.SkipASN1(cbasn1.ENUM) || !seq.ReadASN1(&tagged, cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!tagged.ReadASN1(&inner, cbasn1.SEQUENCE) || !inner.SkipASN1(cbasn1.OBJECT_IDENTIFIER) ||
		!inner.ReadASN1(&octets, cbasn1.OCTET_STRING) {
		return nil, false
	}
	return octets, false
}

// aboutOnly demands that the response has exactly one answer with c's serial
// number, and that its CertID names this issuer by name and key. x/crypto/ocsp
// compares the serial number alone, and serial numbers repeat between issuers.
//
//	ResponseData ::= SEQUENCE {
//	    version     [0] EXPLICIT INTEGER DEFAULT v1,
//	    responderID     CHOICE { [1] Name, [2] KeyHash },
//	    producedAt      GeneralizedTime,
//	    responses       SEQUENCE OF SEQUENCE { certID CertID, … },
//	    extensions  [1] EXPLICIT OPTIONAL }
func aboutOnly(raw []byte, c, issuer *x509.Certificate) error {
	basic, _ := basicResponse(raw)
	in := cryptobyte.String(basic)
	var seq, data, responses, single, id cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1(&data, cbasn1.SEQUENCE) ||
		!data.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!data.SkipOptionalASN1(cbasn1.Tag(1).ContextSpecific().Constructed()) ||
		!data.SkipOptionalASN1(cbasn1.Tag(2).ContextSpecific().Constructed()) ||
		!data.SkipASN1(cbasn1.GeneralizedTime) || !data.ReadASN1(&responses, cbasn1.SEQUENCE) {
		return errors.New("not a BasicOCSPResponse")
	}
	answers := 0
	for !responses.Empty() {
		if !responses.ReadASN1(&single, cbasn1.SEQUENCE) || !single.ReadASN1(&id, cbasn1.SEQUENCE) {
			return errors.New("not a SingleResponse")
		}
		serial, ours, err := certID(id, issuer)
		if err != nil {
			return err
		}
		if serial.Cmp(c.SerialNumber) != 0 {
			continue
		}
		if !ours {
			return errors.New("it is about a certificate of another issuer")
		}
		answers++
	}
	if answers != 1 {
		return fmt.Errorf("it has %d answers about this certificate", answers)
	}
	return nil
}

// certID reads a CertID and reports whether it names issuer:
//
//	CertID ::= SEQUENCE { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }
func certID(id cryptobyte.String, issuer *x509.Certificate) (*big.Int, bool, error) {
	var alg, name, key cryptobyte.String
	serial := new(big.Int)
	if !id.ReadASN1Element(&alg, cbasn1.SEQUENCE) || !id.ReadASN1(&name, cbasn1.OCTET_STRING) ||
		!id.ReadASN1(&key, cbasn1.OCTET_STRING) || !id.ReadASN1Integer(serial) || !id.Empty() {
		return nil, false, errors.New("not a CertID")
	}
	h, err := pki.ParseHashIdentifier(alg)
	if err != nil {
		return nil, false, err
	}
	bits, err := publicKeyBits(issuer)
	if err != nil {
		return nil, false, err
	}
	ours := bytes.Equal(name, h.Sum(issuer.RawSubject)) && bytes.Equal(key, h.Sum(bits))
	return serial, ours, nil
}

// publicKeyBits is the BIT STRING of the SubjectPublicKeyInfo, without tag,
// length and unused bits (RFC 6960 §4.1.1).
func publicKeyBits(c *x509.Certificate) ([]byte, error) {
	in := cryptobyte.String(c.RawSubjectPublicKeyInfo)
	var seq cryptobyte.String
	var bits []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.SkipASN1(cbasn1.SEQUENCE) ||
		!seq.ReadASN1BitStringAsBytes(&bits) {
		return nil, errors.New("the issuer's key is not readable")
	}
	return bits, nil
}
