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

// Preparer writes one signature into a PDF, as an incremental update: an
// approval signature, or with Certify a certification. The zero value is ready
// for use, and shows nothing on any page.
type Preparer struct {
	Field    string // an empty signature field, or the name of a new one; "": the next free "SignatureN"
	Reason   string
	Location string
	Name     string
	Contact  string
	Page     int // page of a new field's widget, from 1, or from the end with -1; 0: the first
	// Certify makes this the certification of the document, which must be its
	// first signature; zero: an approval signature.
	Certify Permission
	// Lock closes form fields, beside what an empty field says of itself.
	Lock *Lock
	// Attestation says why a certified document may hold what could change its
	// looks (ISO 32000-2 §12.8.7); certifications only.
	Attestation string
	// Appearance is what the signature shows on its page; nil: nothing.
	Appearance *Appearance
	// StampReserve is how many bytes are kept free for the time-stamp token at
	// level B-T; 0: 8 KiB, which is twice what common authorities send, or more
	// if [formats.Params] tell of a larger one.
	StampReserve int
}

const (
	stateVersion        = 1
	defaultStampReserve = 8 << 10
	stampSlack          = 512
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
		return nil, fmt.Errorf("preparing a PDF signature: %w", errHybrid)
	}
	reserve, err := pr.reserve(p)
	if err != nil {
		return nil, fmt.Errorf("preparing a PDF signature: %w", err)
	}
	l, err := pr.build(f, p, reserve)
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

var errHybrid = fmt.Errorf("a hybrid-reference file, with a cross-reference table and a stream that say "+
	"different things; save it anew as PDF 1.5 or later: %w", formats.ErrUnsupported)

// reserve returns how many bytes the CMS will need at most: what it will hold
// is known but for the value, whose length the key bounds, and the time-stamp.
// The place must be right at first: a larger one would move what is signed.
func (pr Preparer) reserve(p formats.Params) (int, error) {
	stamp := 0
	if p.Level == formats.LevelT {
		if stamp = pr.StampReserve; stamp == 0 {
			stamp = defaultStampReserve
		}
		// Tokens differ by a few bytes: serial numbers, fractions of a second.
		if p.StampSize > 0 {
			stamp = max(stamp, p.StampSize+stampSlack)
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
	if p.Format != formats.PAdES {
		return state{}, fmt.Errorf("a pending signature of format %q", p.Format)
	}
	return decodeState(p.State)
}

func decodeState(raw []byte) (state, error) {
	var st state
	dec := json.NewDecoder(bytes.NewReader(raw))
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
