package cades

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/tsa"
)

// Preparer writes a CMS with one signature. The zero value makes a detached
// one: a file of its own, beside the document.
type Preparer struct {
	Attached bool // the document goes into the CMS; at most formats.MaxParsed bytes
}

// state is all that Complete needs.
type state struct {
	Version      int      `json:"version"`
	Certificates [][]byte `json:"certificates"` // DER, the signer's first
	Content      []byte   `json:"content,omitempty"`
	Attached     bool     `json:"attached"`
}

const stateVersion = 1

// bufferSize is how much of a document is held at a time.
const bufferSize = 256 << 10

// ID returns [formats.CAdES].
func (Preparer) ID() formats.ID { return formats.CAdES }

// Prepare reads the document once for its digest and lays out the signed
// attributes of EN 319 122-1 §6.3.
func (pr Preparer) Prepare(in formats.Input, p formats.Params) (*formats.Pending, error) {
	if len(p.Chain) == 0 || p.Time.IsZero() {
		return nil, errors.New("preparing a CAdES signature: certificate or time of signing is missing (EN 319 122-1 §6.3)")
	}
	if p.Level != formats.LevelB && p.Level != formats.LevelT {
		return nil, fmt.Errorf("preparing a CAdES signature at level %q: %w", p.Level, formats.ErrUnsupported)
	}
	st := state{Version: stateVersion, Attached: pr.Attached}
	for _, c := range p.Chain {
		st.Certificates = append(st.Certificates, c.Raw)
	}
	digest, err := pr.digest(in, p.Algorithm.Hash(), &st)
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	attrs, err := cms.Statement{
		ContentType: cms.OIDData, Digest: digest, Algorithm: p.Algorithm, Certificate: p.Chain[0], Time: p.Time,
	}.SignedAttributes()
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	raw, err := json.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	return &formats.Pending{Format: formats.CAdES, Algorithm: p.Algorithm, ToBeSigned: attrs, Level: p.Level, State: raw}, nil
}

// digest streams the document, and keeps it only if it goes into the CMS.
func (pr Preparer) digest(in formats.Input, h pki.Hash, st *state) ([]byte, error) {
	if !h.Known() {
		return nil, pki.ErrUnknownAlgorithm
	}
	if pr.Attached {
		if in.Size > formats.MaxParsed {
			return nil, fmt.Errorf("a document of %d bytes inside a CMS: %w; sign it detached", in.Size, formats.ErrTooLarge)
		}
		st.Content = make([]byte, in.Size)
		if n, err := in.ReadAt(st.Content, 0); n < len(st.Content) {
			return nil, fmt.Errorf("reading the document: %w", errors.Join(io.ErrUnexpectedEOF, err))
		}
		return h.Sum(st.Content), nil
	}
	d := h.New()
	n, err := io.CopyBuffer(writerOnly{d}, readerOnly{in.Reader()}, make([]byte, bufferSize))
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if n != in.Size {
		return nil, fmt.Errorf("reading the document: %w", io.ErrUnexpectedEOF)
	}
	return d.Sum(nil), nil
}

// writerOnly and readerOnly hide every other method, so that io.CopyBuffer
// uses its buffer.
type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)

// StampInput returns the value, which a signature time-stamp covers
// (EN 319 122-1 §5.3).
func (Preparer) StampInput(_ *formats.Pending, value []byte) []byte { return value }

// Complete writes the CMS. At level B-T the time-stamp must be over the value.
func (Preparer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	var st state
	if err := json.Unmarshal(p.State, &st); err != nil || p.Format != formats.CAdES || st.Version != stateVersion {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: not a pending one of this version: %w", formats.ErrUnsupported)
	}
	a := cms.Assembly{ContentType: cms.OIDData, Algorithm: p.Algorithm, SignedAttrs: p.ToBeSigned, Value: c.Value}
	for _, der := range st.Certificates {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			return formats.Edit{}, fmt.Errorf("completing a CAdES signature: %w", err)
		}
		a.Certificates = append(a.Certificates, cert)
	}
	if len(a.Certificates) > 0 {
		a.Certificate = a.Certificates[0]
	}
	if st.Attached {
		a.Content = append([]byte{}, st.Content...)
	}
	var err error
	if a.Unsigned, err = StampAttributes(p.Level, c); err != nil {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: %w", err)
	}
	der, err := a.Encode()
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: %w", err)
	}
	return formats.Edit{Tail: der}, nil
}

// StampAttributes returns the unsigned attributes for a level: the signature
// time-stamp at B-T, nothing at B-B. It fails where the time-stamp is missing,
// unasked for, or over something else than the value.
func StampAttributes(level formats.Level, c formats.Completion) ([][]byte, error) {
	if (level == formats.LevelT) != (len(c.Timestamp) > 0) {
		return nil, fmt.Errorf("level %s and a time-stamp of %d bytes", level, len(c.Timestamp))
	}
	if level != formats.LevelT {
		return nil, nil
	}
	_, info, err := tsa.ParseToken(c.Timestamp)
	if err != nil {
		return nil, err
	}
	if !info.Hash.Known() || !bytes.Equal(info.Imprint, info.Hash.Sum(c.Value)) {
		return nil, errors.New("the time-stamp is not over this signature's value")
	}
	return [][]byte{cms.TimestampAttribute(c.Timestamp)}, nil
}
