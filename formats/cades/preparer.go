package cades

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/pki"
)

// Preparer writes a CMS with one signature. The zero value makes a detached
// one: a file of its own, beside the document.
type Preparer struct {
	Attached bool // the document goes into the CMS; at most formats.MaxParsed bytes
}

// state is all that Complete needs.
type state struct {
	Version int       `json:"version"`
	CMS     Container `json:"cms"`
}

const stateVersion = 1

// ID returns [formats.CAdES].
func (Preparer) ID() formats.ID { return formats.CAdES }

// Prepare reads the document once for its digest and lays out the signed
// attributes of EN 319 122-1 §6.3.
func (pr Preparer) Prepare(in formats.Input, p formats.Params) (*formats.Pending, error) {
	if p.Time.IsZero() {
		return nil, errors.New("preparing a CAdES signature: no time of signing, which EN 319 122-1 §6.3 demands")
	}
	digest, content, err := pr.digest(in, p.Algorithm.Hash())
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	c, err := Lay(p, digest, p.Time)
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	c.Attached, c.Content = pr.Attached, content
	raw, err := json.Marshal(state{stateVersion, c})
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	return &formats.Pending{Format: formats.CAdES, Algorithm: p.Algorithm, ToBeSigned: c.Attrs, Level: p.Level, State: raw}, nil
}

// digest streams the document, and keeps it only if it goes into the CMS.
func (pr Preparer) digest(in formats.Input, h pki.Hash) (digest, content []byte, err error) {
	if !pr.Attached {
		d, err := in.Digest(h)
		if err != nil {
			return nil, nil, err
		}
		return d.Sum(nil), nil, nil
	}
	if in.Size > formats.MaxParsed {
		return nil, nil, fmt.Errorf("a document of %d bytes inside a CMS: %w; sign it detached", in.Size, formats.ErrTooLarge)
	}
	if !h.Known() {
		return nil, nil, pki.ErrUnknownAlgorithm
	}
	content = make([]byte, in.Size)
	if n, err := in.ReadAt(content, 0); n < len(content) {
		return nil, nil, fmt.Errorf("reading the document: %w", errors.Join(io.ErrUnexpectedEOF, err))
	}
	return h.Sum(content), content, nil
}

// StampInput returns the value, which a signature time-stamp covers
// (EN 319 122-1 §5.3).
func (Preparer) StampInput(_ *formats.Pending, value []byte) []byte { return value }

// Complete writes the CMS. At level B-T the time-stamp must be over the value.
func (Preparer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	var st state
	if err := json.Unmarshal(p.State, &st); err != nil || p.Format != formats.CAdES || st.Version != stateVersion {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: not a pending one of this version: %w", formats.ErrUnsupported)
	}
	der, err := st.CMS.Encode(p, c)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: %w", err)
	}
	return formats.Edit{Tail: der}, nil
}
