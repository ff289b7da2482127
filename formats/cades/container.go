package cades

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	"tamga/formats"
	"tamga/pki/cms"
	"tamga/pki/tsa"
)

// Container is the CMS of one signature that lacks only its value. It can be
// stored as JSON and completed in another process. PAdES puts it into a PDF.
type Container struct {
	Attrs    []byte   `json:"attributes"` // DER, under a SET tag: what is to be signed
	Chain    [][]byte `json:"chain"`      // DER certificates, leaf first
	Attached bool     `json:"attached,omitempty"`
	Content  []byte   `json:"content,omitempty"` // if attached
}

// Lay lays out a detached signature over content with this digest. claimed is
// the signing-time attribute; zero leaves it out, as PAdES must.
func Lay(p formats.Params, digest []byte, claimed time.Time) (Container, error) {
	if len(p.Chain) == 0 {
		return Container{}, errors.New("no certificate")
	}
	if p.Level != formats.LevelB && p.Level != formats.LevelT {
		return Container{}, fmt.Errorf("level %q: %w", p.Level, formats.ErrUnsupported)
	}
	attrs, err := cms.Statement{
		ContentType: cms.OIDData, Digest: digest, Algorithm: p.Algorithm, Certificate: p.Chain[0], Time: claimed,
	}.SignedAttributes()
	c := Container{Attrs: attrs}
	for _, cert := range p.Chain {
		c.Chain = append(c.Chain, cert.Raw)
	}
	return c, err
}

// Encode writes the CMS with the value and, at level B-T, the signature
// time-stamp (EN 319 122-1 §5.3), which must be over the value.
func (c Container) Encode(p *formats.Pending, done formats.Completion) ([]byte, error) {
	a := cms.Assembly{ContentType: cms.OIDData, Algorithm: p.Algorithm, SignedAttrs: c.Attrs, Value: done.Value}
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
	if c.Attached {
		a.Content = append([]byte{}, c.Content...)
	}
	var err error
	if a.Unsigned, err = stampAttributes(p.Level, done); err != nil {
		return nil, err
	}
	return a.Encode()
}

// stampAttributes returns the unsigned attributes for a level: the signature
// time-stamp at B-T, nothing at B-B. It fails where the time-stamp is missing,
// unasked for, or over something else than the value.
func stampAttributes(level formats.Level, done formats.Completion) ([][]byte, error) {
	if (level == formats.LevelT) != (len(done.Timestamp) > 0) {
		return nil, fmt.Errorf("level %s and a time-stamp of %d bytes", level, len(done.Timestamp))
	}
	if level != formats.LevelT {
		return nil, nil
	}
	_, info, err := tsa.ParseToken(done.Timestamp)
	if err != nil {
		return nil, err
	}
	if !info.Hash.Known() || !bytes.Equal(info.Imprint, info.Hash.Sum(done.Value)) {
		return nil, errors.New("the time-stamp is not over this signature's value")
	}
	return [][]byte{cms.TimestampAttribute(done.Timestamp)}, nil
}
