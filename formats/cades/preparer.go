package cades

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/tsa"
)

// Preparer writes a CMS with one signature, or adds one to a CMS. The zero value
// makes a detached one: a file of its own, beside the document.
type Preparer struct {
	Attached bool // the document goes into the CMS; at most formats.MaxParsed bytes
	// Parallel adds the signature to those in the document, which is a CMS: the
	// same content gets another signer (RFC 5652 §5.1). If the CMS is detached,
	// its content must come with it, as Input.Detached. Nothing of the others
	// changes; see [cms.Add].
	Parallel bool
	// Counter countersigns a signature in the document, which is a CMS: 1 is the
	// first signer, 0 none (RFC 5652 §11.4, EN 319 122-1 §5.2.7).
	Counter int
	// KeyID names the signer by subjectKeyIdentifier, not by issuer and serial.
	KeyID bool
	Properties
}

// state is all that Complete needs.
type state struct {
	Version int       `json:"version"`
	CMS     Container `json:"cms"`
	Base    []byte    `json:"base,omitempty"`    // the CMS that the signature is added to, as it came
	Counter int       `json:"counter,omitempty"` // the signer that it countersigns, from 1
}

// stateVersion is that of new states. Those of version 1, which knew nothing of
// additions, are completed as well.
const stateVersion = 2

// ID returns [formats.CAdES].
func (Preparer) ID() formats.ID { return formats.CAdES }

// Prepare reads the document once for its digest and lays out the signed
// attributes of EN 319 122-1 §6.3.
func (pr Preparer) Prepare(in formats.Input, p formats.Params) (*formats.Pending, error) {
	st, err := pr.layout(in, p)
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	st.Version = stateVersion
	raw, err := json.Marshal(st)
	if err != nil {
		return nil, fmt.Errorf("preparing a CAdES signature: %w", err)
	}
	return &formats.Pending{
		Format: formats.CAdES, Algorithm: p.Algorithm, ToBeSigned: st.CMS.Attrs, Level: p.Level, State: raw,
	}, nil
}

func (pr Preparer) layout(in formats.Input, p formats.Params) (st state, err error) {
	switch {
	case p.Time.IsZero():
		return st, errors.New("no time of signing, which EN 319 122-1 §6.3 demands")
	case pr.Counter < 0 || pr.Counter > 0 && pr.Parallel:
		return st, fmt.Errorf("a signature is either beside others or over one of them: %w", ErrWish)
	case (pr.Parallel || pr.Counter > 0) && pr.Attached:
		return st, fmt.Errorf("a signature that is added to others leaves their content where it is: %w", ErrWish)
	case !p.Algorithm.Hash().Known():
		return st, pki.ErrUnknownAlgorithm
	case pr.Counter > 0:
		return pr.counter(in, p)
	case pr.Parallel:
		return pr.parallel(in, p)
	}
	var content []byte
	source := in
	if pr.Attached {
		if content, err = whole(in); err != nil {
			return st, err
		}
		source = inMemory(content)
	}
	digest, err := pr.digest(source, p.Algorithm.Hash())
	if err != nil {
		return st, err
	}
	st.CMS, err = LayWith(p, Layout{Digest: digest, Time: p.Time, Properties: pr.Properties, KeyID: pr.KeyID})
	st.CMS.Attached, st.CMS.Content = pr.Attached, content
	return st, err
}

// whole reads a document that goes into a CMS, or is one.
func whole(in formats.Input) ([]byte, error) {
	if in.Size > formats.MaxParsed {
		return nil, fmt.Errorf("a document of %d bytes inside a CMS: %w; sign it detached", in.Size, formats.ErrTooLarge)
	}
	content := make([]byte, in.Size)
	if n, err := in.ReadAt(content, 0); n < len(content) {
		return nil, fmt.Errorf("reading the document: %w", errors.Join(io.ErrUnexpectedEOF, err))
	}
	return content, nil
}

func inMemory(content []byte) formats.Input {
	return formats.Input{ReaderAt: bytes.NewReader(content), Size: int64(len(content))}
}

// digest reads the content once. Content time-stamps must be over it: a stamp
// over something else would make the signature say what is not so.
func (pr Preparer) digest(content formats.Input, h pki.Hash) ([]byte, error) {
	wanted := []pki.Hash{h}
	var stamps []*tsa.Info
	for i, token := range pr.ContentStamps {
		_, info, err := tsa.ParseToken(token)
		if err != nil {
			return nil, fmt.Errorf("content time-stamp %d: %w", i+1, err)
		}
		if !info.Hash.Known() {
			return nil, fmt.Errorf("content time-stamp %d: %w", i+1, pki.ErrUnknownAlgorithm)
		}
		stamps, wanted = append(stamps, info), append(wanted, info.Hash)
	}
	sums, err := digests(content, wanted)
	if err != nil {
		return nil, err
	}
	for i, info := range stamps {
		if !bytes.Equal(info.Imprint, sums[info.Hash]) {
			return nil, fmt.Errorf("content time-stamp %d is not over this content", i+1)
		}
	}
	return sums[h], nil
}

// digests reads in once, in pieces, for all algorithms, which are known.
func digests(in formats.Input, wanted []pki.Hash) (map[pki.Hash][]byte, error) {
	running := map[pki.Hash]hash.Hash{}
	var writers []io.Writer
	for _, h := range wanted {
		if running[h] == nil {
			running[h] = h.New()
			writers = append(writers, running[h])
		}
	}
	n, err := formats.Stream(io.MultiWriter(writers...), in.Reader())
	if err == nil && n != in.Size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	out := map[pki.Hash][]byte{}
	for h, d := range running {
		out[h] = d.Sum(nil)
	}
	return out, nil
}

// StampInput returns the value, which a signature time-stamp covers
// (EN 319 122-1 §5.3).
func (Preparer) StampInput(_ *formats.Pending, value []byte) []byte { return value }

// Complete writes the CMS. At level B-T the time-stamp must be over the value.
// An addition to a CMS keeps at least its first byte, a signature that is a
// file of its own keeps none.
func (Preparer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	var st state
	if err := json.Unmarshal(p.State, &st); err != nil || p.Format != formats.CAdES || st.Version < 1 || st.Version > stateVersion {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: not a pending one of this version: %w", formats.ErrUnsupported)
	}
	complete := st.alone
	if st.Base != nil {
		complete = st.joined
	}
	edit, err := complete(p, c)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a CAdES signature: %w", err)
	}
	return edit, nil
}

func (st state) alone(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	der, err := st.CMS.Encode(p, c)
	return formats.Edit{Tail: der}, err
}
