package pades

import (
	"crypto/x509"
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// container is the CMS of a signature that lacks its value: detached, digest
// first, with signing-certificate-v2 and without signing-time, which PAdES
// leaves to /M (EN 319 142-1 §6.3).
type container struct {
	Attrs []byte   `json:"attributes"` // DER, under a SET tag: what is to be signed
	Chain [][]byte `json:"chain"`      // DER certificates, leaf first
}

func layContainer(p formats.Params, digest []byte) (container, error) {
	if len(p.Chain) == 0 {
		return container{}, errors.New("no certificate")
	}
	attrs, err := cms.Statement{
		ContentType: cms.OIDData, Digest: digest, Algorithm: p.Algorithm, Certificate: p.Chain[0],
	}.SignedAttributes()
	c := container{Attrs: attrs}
	for _, cert := range p.Chain {
		c.Chain = append(c.Chain, cert.Raw)
	}
	return c, err
}

// assemble adds the value, and the time-stamp if there is one.
func (c container) assemble(alg pki.Algorithm, done formats.Completion) ([]byte, error) {
	a := cms.Assembly{ContentType: cms.OIDData, Algorithm: alg, SignedAttrs: c.Attrs, Value: done.Value}
	for _, der := range c.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return nil, fmt.Errorf("reading the pending state: %w", err)
		}
		a.Certificates = append(a.Certificates, cert)
	}
	if len(a.Certificates) == 0 {
		return nil, errors.New("reading the pending state: no certificate")
	}
	a.Certificate = a.Certificates[0]
	if len(done.Timestamp) > 0 {
		a.Unsigned = [][]byte{cms.TimestampAttribute(done.Timestamp)}
	}
	return a.Encode()
}
