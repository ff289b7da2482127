package ocsp

import (
	"crypto/x509"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// NewRequest returns the DER request for the status of cert, whose issuer is
// identified by digests made with h. SHA-1 is what every responder understands
// (RFC 5019 §2.1.1); nothing rests on its strength here. A nonce binds the answer
// to the request, at the price of one that cannot be cached: RFC 9654 §2.1
// allows 1 to 128 bytes and recommends 32, random. A nil nonce makes the
// request of the lightweight profile (RFC 5019 §2.1).
//
//	OCSPRequest ::= SEQUENCE {
//	    tbsRequest  SEQUENCE {
//	        requestList        SEQUENCE OF SEQUENCE { reqCert CertID },
//	        requestExtensions  [2] EXPLICIT Extensions OPTIONAL } }
func NewRequest(cert, issuer *x509.Certificate, h pki.Hash, nonce []byte) ([]byte, error) {
	if nonce != nil && (len(nonce) == 0 || len(nonce) > maxNonce) {
		return nil, fmt.Errorf("making an OCSP request: a nonce of %d bytes (RFC 9654 §2.1: 1 to 128)", len(nonce))
	}
	if !h.Known() {
		return nil, fmt.Errorf("making an OCSP request: %w", pki.ErrUnknownAlgorithm)
	}
	if !pki.SameName(cert.RawIssuer, issuer.RawSubject) {
		return nil, fmt.Errorf("making an OCSP request: the certificate has another issuer")
	}
	key, err := pki.PublicKeyBits(issuer)
	if err != nil {
		return nil, fmt.Errorf("making an OCSP request: %w", err)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					addCertID(b, h, cert, key)
				})
			})
			if nonce != nil {
				b.AddASN1(explicit(2), func(b *cryptobyte.Builder) { addNonce(b, nonce) })
			}
		})
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("making an OCSP request: %w", err)
	}
	return der, nil
}

// addCertID writes the identifier of cert. The digest algorithm carries NULL,
// as it does in everybody's requests: caches and responders that prepare their
// answers compare requests byte by byte (RFC 5019 §6).
func addCertID(b *cryptobyte.Builder, h pki.Hash, cert *x509.Certificate, issuerKey []byte) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(pki.MustOID(h.OID()))
			b.AddASN1NULL()
		})
		b.AddASN1OctetString(h.Sum(cert.RawIssuer))
		b.AddASN1OctetString(h.Sum(issuerKey))
		b.AddASN1BigInt(cert.SerialNumber)
	})
}

// addNonce writes Extensions of one, the nonce: an OCTET STRING in the OCTET
// STRING of every extension.
func addNonce(b *cryptobyte.Builder, nonce []byte) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(pki.MustOID(oidNonce))
			b.AddASN1(cbasn1.OCTET_STRING, func(b *cryptobyte.Builder) { b.AddASN1OctetString(nonce) })
		})
	})
}
