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
	KeyID    bool     `json:"keyID,omitempty"`
	Attached bool     `json:"attached,omitempty"`
	Content  []byte   `json:"content,omitempty"` // if attached
}

// Lay lays out a detached signature over content with this digest. claimed is
// the signing-time attribute; zero leaves it out, as PAdES must.
func Lay(p formats.Params, digest []byte, claimed time.Time) (Container, error) {
	return LayWith(p, Layout{Digest: digest, Time: claimed})
}

// Layout is what a signature is over and what it says.
type Layout struct {
	Type       string    // of the content, dotted; "": plain data
	Counter    bool      // over another signature's value, which has no type
	Digest     []byte    // of the content
	Time       time.Time // the signing-time attribute; zero leaves it out
	Properties Properties
	// KeyID names the signer by subjectKeyIdentifier, not by issuer and serial.
	KeyID bool
}

// LayWith is [Lay] with all that a signature may say. Content time-stamps are
// put in as they are: what they are over is the caller's to know.
func LayWith(p formats.Params, l Layout) (Container, error) {
	if len(p.Chain) == 0 {
		return Container{}, errors.New("no certificate")
	}
	if p.Level != formats.LevelB && p.Level != formats.LevelT {
		return Container{}, fmt.Errorf("level %q: %w", p.Level, formats.ErrUnsupported)
	}
	if l.KeyID && len(p.Chain[0].SubjectKeyId) == 0 {
		return Container{}, fmt.Errorf("the certificate has no subjectKeyIdentifier to name the signer by: %w", ErrWish)
	}
	more, err := l.Properties.attributes()
	if err != nil {
		return Container{}, fmt.Errorf("%w: %w", ErrWish, err)
	}
	if l.Type == "" {
		l.Type = cms.OIDData
	}
	attrs, err := cms.Statement{
		ContentType: l.Type, Counter: l.Counter, Digest: l.Digest, Algorithm: p.Algorithm,
		Certificate: p.Chain[0], Time: l.Time, More: more,
	}.SignedAttributes()
	c := Container{Attrs: attrs, KeyID: l.KeyID}
	for _, cert := range p.Chain {
		c.Chain = append(c.Chain, cert.Raw)
	}
	return c, err
}

// Encode writes the CMS with the value and, at level B-T, the signature
// time-stamp (EN 319 122-1 §5.3), which must be over the value.
func (c Container) Encode(p *formats.Pending, done formats.Completion) ([]byte, error) {
	s, chain, err := c.signer(p, done)
	if err != nil {
		return nil, err
	}
	a := cms.Assembly{
		ContentType: cms.OIDData, Algorithm: s.Algorithm, Certificate: s.Certificate, KeyID: s.KeyID,
		Certificates: chain, SignedAttrs: s.SignedAttrs, Value: s.Value, Unsigned: s.Unsigned,
	}
	if c.Attached {
		a.Content = append([]byte{}, c.Content...)
	}
	return a.Encode()
}

// signer is the completed SignerInfo and the certificates that go with it.
func (c Container) signer(p *formats.Pending, done formats.Completion) (cms.Signer, []*x509.Certificate, error) {
	s := cms.Signer{KeyID: c.KeyID, Algorithm: p.Algorithm, SignedAttrs: c.Attrs, Value: done.Value}
	var chain []*x509.Certificate
	for _, der := range c.Chain {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return s, nil, fmt.Errorf("reading the pending state: %w", err)
		}
		chain = append(chain, cert)
	}
	if len(chain) == 0 {
		return s, nil, errors.New("reading the pending state: no certificate")
	}
	s.Certificate = chain[0]
	var err error
	s.Unsigned, err = stampAttributes(p.Level, done)
	return s, chain, err
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
