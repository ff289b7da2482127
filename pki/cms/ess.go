package cms

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// CertID is ESSCertID or ESSCertIDv2 (RFC 5035 §3, §4): the signed statement
// which certificate belongs to the signature.
//
//	ESSCertIDv2 ::= SEQUENCE { hashAlgorithm DEFAULT sha256, certHash OCTET STRING,
//	  issuerSerial SEQUENCE { GeneralNames, serial } OPTIONAL }
type CertID struct {
	Hash   pki.Hash
	Digest []byte
	Issuer []byte // DER Name, if issuerSerial is there
	Serial *big.Int
}

// SigningCertificate returns the first CertID of the signing-certificate-v2
// attribute, or else of signing-certificate (whose digest is SHA-1); nil if
// there is neither. The first is the signer's (RFC 5035 §3).
func (s *SignerInfo) SigningCertificate() (*CertID, error) {
	if v := s.SignedValue(OIDSigningCertificateV2); v != nil {
		return parseCertID(v, true)
	}
	if v := s.SignedValue(OIDSigningCertificate); v != nil {
		return parseCertID(v, false)
	}
	return nil, nil
}

// BothSigningCertificates returns the CertIDs of both versions of the attribute
// where a signer has both; nil where it does not.
func (s *SignerInfo) BothSigningCertificates() (v1, v2 *CertID, err error) {
	one, two := s.SignedValue(OIDSigningCertificate), s.SignedValue(OIDSigningCertificateV2)
	if one == nil || two == nil {
		return nil, nil, nil
	}
	if v1, err = parseCertID(one, false); err != nil {
		return nil, nil, err
	}
	v2, err = parseCertID(two, true)
	return v1, v2, err
}

func parseCertID(value []byte, v2 bool) (*CertID, error) {
	e, rest, err := next(value, 0)
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("%w: signing-certificate attribute", ErrMalformed)
	}
	certs := e.children(0).want(tagSequence, "certs")
	id := certs.children(1).want(tagSequence, "ESSCertID").children(2)
	out := &CertID{Hash: pki.SHA1}
	if v2 {
		out.Hash = pki.SHA256
		if id.peek() == tagSequence {
			out.Hash = parseDigest(id.any())
		}
	}
	digest := id.want(tagOctetString, "certHash")
	if id.err != nil {
		return nil, fmt.Errorf("signing-certificate attribute: %w", id.err)
	}
	out.Digest = digest.body
	if id.peek() == tagSequence {
		if err := out.readIssuerSerial(id.any().children(id.depth)); err != nil {
			return nil, fmt.Errorf("signing-certificate attribute: %w", err)
		}
	}
	return out, id.end("ESSCertID")
}

// readIssuerSerial reads IssuerSerial { GeneralNames, serialNumber }; of the
// names, only a directoryName [4] can be compared with a certificate.
func (c *CertID) readIssuerSerial(r *reader) (err error) {
	names := r.want(tagSequence, "issuer").children(r.depth)
	if names.peek() == tag4 {
		c.Issuer = names.any().children(names.depth).any().raw
	}
	if c.Serial, err = integer(r.any()); err != nil {
		return errors.Join(r.err, err)
	}
	return errors.Join(names.err, r.end("issuerSerial"))
}

// Fits reports whether c is the certificate that id means.
func (id *CertID) Fits(c *x509.Certificate) bool {
	if !id.Hash.Known() || !bytes.Equal(id.Hash.Sum(c.Raw), id.Digest) {
		return false
	}
	return id.Serial == nil || c.SerialNumber.Cmp(id.Serial) == 0 && (id.Issuer == nil || bytes.Equal(id.Issuer, c.RawIssuer))
}

// signingCertificateV2 writes the attribute with one ESSCertIDv2 (RFC 5035 §3).
// The digest is SHA-256, the default that DER leaves out.
func signingCertificateV2(c *x509.Certificate) []byte {
	return attribute(OIDSigningCertificateV2, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // SigningCertificateV2
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // certs
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // ESSCertIDv2
					b.AddASN1OctetString(pki.SHA256.Sum(c.Raw))
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { // issuerSerial
						b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
							b.AddASN1(cbasn1.Tag(4).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
								b.AddBytes(c.RawIssuer)
							})
						})
						b.AddASN1BigInt(c.SerialNumber)
					})
				})
			})
		})
	})
}
