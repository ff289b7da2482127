package pades

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/internal/pdf"
	"tamga/pki"
	"tamga/pki/cms"
)

// Preparer writes one approval signature into a PDF, as an incremental update.
// The zero value is ready for use.
type Preparer struct {
	Field    string // an empty signature field, or the name of a new one; "": the next free "SignatureN"
	Reason   string
	Location string
	Name     string
	Contact  string
	Page     int // page that names a new field's invisible widget, from 1; 0: the first
	// StampReserve is how many bytes are kept free for the time-stamp token at
	// level B-T; 0: 8 KiB, which is twice what common authorities send.
	StampReserve int
}

const (
	stateVersion        = 1
	defaultStampReserve = 8 << 10
	maxReserve          = 1 << 20
)

// state is what Complete needs; it is all in Pending.State.
type state struct {
	Version int             `json:"version"`
	Keep    int64           `json:"keep"` // size of the document that was prepared
	Tail    []byte          `json:"tail"`
	A       int64           `json:"a"` // the gap for the CMS, < and > included
	B       int64           `json:"b"`
	CMS     cades.Container `json:"cms"`
}

// ID returns [formats.PAdES].
func (Preparer) ID() formats.ID { return formats.PAdES }

// Prepare lays out the signature and reads the document once, in pieces, for
// its digest. The error wraps [ErrForbidden] if an earlier signature allows no
// further one.
func (pr Preparer) Prepare(in formats.Input, p formats.Params) (*formats.Pending, error) {
	if p.Time.IsZero() {
		return nil, fmt.Errorf("preparing a PDF signature: no time of signing, which EN 319 142-1 §6.3 demands")
	}
	f, err := pdf.OpenWith(in.ReaderAt, in.Size, in.Password)
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	if f.Hybrid() {
		return nil, fmt.Errorf("preparing a PDF signature: a hybrid-reference file, with a cross-reference table "+
			"and a stream that say different things; save it anew as PDF 1.5 or later: %w", formats.ErrUnsupported)
	}
	reserve, err := pr.reserve(p)
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	l, err := pr.build(f, p.Time, reserve)
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	hash := p.Algorithm.Hash()
	digest, err := l.digest(in, hash)
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	c, err := cades.Lay(p, digest, time.Time{}) // the time of signing is /M (EN 319 142-1 §6.3)
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	st, err := json.Marshal(state{stateVersion, in.Size, l.tail, l.a, l.b, c})
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	return &formats.Pending{
		Format: formats.PAdES, Algorithm: p.Algorithm, ToBeSigned: c.Attrs, Level: p.Level, State: st,
	}, nil
}

// reserve returns how many bytes the CMS will need at most: what it will hold
// is known but for the value, whose length the key bounds, and the time-stamp.
func (pr Preparer) reserve(p formats.Params) (int, error) {
	stamp := 0
	if p.Level == formats.LevelT {
		if stamp = pr.StampReserve; stamp == 0 {
			stamp = defaultStampReserve
		}
		stamp += len(cms.TimestampAttribute(nil)) + 8 // its own headers
	}
	n := cms.MaxSize(p.Chain, p.Algorithm, stamp)
	if n > maxReserve || pr.StampReserve < 0 {
		return 0, fmt.Errorf("a signature of %d bytes: %w", n, formats.ErrTooLarge)
	}
	return n, nil
}

// digest reads everything but the gap.
func (l *layout) digest(in formats.Input, hash pki.Hash) ([]byte, error) {
	d, err := in.Digest(hash)
	if err != nil {
		return nil, err
	}
	d.Write(l.tail[:l.a-in.Size])
	d.Write(l.tail[l.b-in.Size:])
	return d.Sum(nil), nil
}

// StampInput returns the bytes that the signature time-stamp must cover: the
// value (EN 319 142-1 §5.4.1, RFC 3161 appendix A).
func (Preparer) StampInput(_ *formats.Pending, value []byte) []byte { return value }

// Complete puts the value, and at level B-T the time-stamp, into the gap that
// was kept. It fails if they do not fit; the key is never asked twice.
func (Preparer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	st, err := readState(p)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a PDF signature: %w", err)
	}
	der, err := st.CMS.Encode(p, c)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a PDF signature: %w", err)
	}
	gap := st.Tail[st.A-st.Keep+1 : st.B-st.Keep-1]
	if hex.EncodedLen(len(der)) > len(gap) {
		return formats.Edit{}, fmt.Errorf("completing a PDF signature: %d bytes of CMS where %d were kept free "+
			"(the time-stamp takes %d; see StampReserve): %w",
			len(der), len(gap)/2, len(c.Timestamp), formats.ErrTooLarge)
	}
	hex.Encode(gap, der)
	return formats.Edit{Keep: st.Keep, Tail: st.Tail}, nil
}

// readState reads what Prepare wrote, perhaps in another process.
func readState(p *formats.Pending) (state, error) {
	var st state
	if p.Format != formats.PAdES {
		return st, fmt.Errorf("a pending signature of format %q", p.Format)
	}
	dec := json.NewDecoder(bytes.NewReader(p.State))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&st); err != nil {
		return st, fmt.Errorf("reading the pending state: %w", err)
	}
	if st.Version != stateVersion {
		return st, fmt.Errorf("pending state of version %d: %w", st.Version, formats.ErrUnsupported)
	}
	size := st.Keep + int64(len(st.Tail))
	if st.Keep < 0 || st.A < st.Keep || st.B < st.A+2 || st.B > size ||
		st.Tail[st.A-st.Keep] != '<' || st.Tail[st.B-st.Keep-1] != '>' {
		return st, fmt.Errorf("pending state with a gap out of place: %w", formats.ErrMalformed)
	}
	return st, nil
}
