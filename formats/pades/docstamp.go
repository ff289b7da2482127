package pades

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/formats/internal/pdf"
	"tamga/pki"
	"tamga/pki/tsa"
)

// Extender lifts PDF signatures, ours and others', to B-T, B-LT and B-LTA (EN
// 319 142-1 §6.3), by incremental updates. The zero value is ready for use.
type Extender struct{}

// ID returns [formats.PAdES].
func (Extender) ID() formats.ID { return formats.PAdES }

// Stamps returns the document time-stamp twice: it covers every signature that
// stands before it, with all evidence (§5.4.3).
func (Extender) Stamps() (signature, archive formats.TimestampKind) {
	return formats.DocumentTimestamp, formats.DocumentTimestamp
}

// stampName begins the names of the fields of document time-stamps.
const stampName = "DocumentTimestamp"

// PrepareStamp lays out a document time-stamp (EN 319 142-1 §5.4.3, ISO 32000-2
// §12.8.5):
//
//	n 0 obj << /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161
//	           /ByteRange [0 a b c] /Contents <00…> >> endobj
//	m 0 obj << … /FT /Sig /V n 0 R /F 132 /Rect [0 0 0 0] … >> endobj
//
// A certification that allows no changes allows this one (ISO 32000-2 table
// 257).
func (Extender) PrepareStamp(in formats.Input, p formats.StampParams) (*formats.PendingStamp, error) {
	if p.Kind != formats.DocumentTimestamp {
		return nil, fmt.Errorf("preparing a time-stamp of kind %q on a PDF: %w", p.Kind, formats.ErrUnsupported)
	}
	if !p.Hash.Known() {
		return nil, fmt.Errorf("preparing a time-stamp: %w", pki.ErrUnknownAlgorithm)
	}
	size := p.Size
	if size == 0 {
		size = defaultStampReserve
	}
	if size < 0 || size > maxReserve {
		return nil, fmt.Errorf("preparing a time-stamp of %d bytes: %w", size, formats.ErrTooLarge)
	}
	b, err := update(in)
	if err != nil {
		return nil, fmt.Errorf("preparing a time-stamp: %w", err)
	}
	l, err := b.stamp(size)
	if err != nil {
		return nil, fmt.Errorf("preparing a time-stamp: %w", err)
	}
	sum, err := l.digest(in, p.Hash)
	if err != nil {
		return nil, fmt.Errorf("preparing a time-stamp: %w", err)
	}
	st, err := json.Marshal(state{Version: stateVersion, Keep: in.Size, Tail: l.tail, A: l.a, B: l.b})
	if err != nil {
		return nil, fmt.Errorf("preparing a time-stamp: %w", err)
	}
	return &formats.PendingStamp{
		Format: formats.PAdES, Kind: p.Kind, Hash: p.Hash, Imprint: sum, State: st,
	}, nil
}

// update opens a document that is to be added to.
func update(in formats.Input) (*building, error) {
	f, err := pdf.OpenWith(in.ReaderAt, in.Size, in.Password)
	if err != nil {
		return nil, err
	}
	if f.Hybrid() {
		return nil, errHybrid
	}
	fm, err := readForm(f)
	if err != nil {
		return nil, err
	}
	u, err := f.Update()
	if err != nil {
		return nil, err
	}
	return &building{f: f, fm: fm, u: u}, nil
}

func (b *building) stamp(size int) (*layout, error) {
	b.sig = b.u.New()
	var body bytes.Buffer
	body.WriteString("<<\n/Type /DocTimeStamp\n/Filter /" + filterPPKLite + "\n/SubFilter /" + subFilterRFC3161)
	rangeAt, contentsAt := writeGap(&body, size)
	b.u.Set(b.sig, body.Bytes())
	if err := b.addField(b.fm.freeName(stampName)); err != nil {
		return nil, err
	}
	b.writeCatalog()
	return b.finish(rangeAt, contentsAt, size)
}

// CompleteStamp puts the token into the gap that was kept.
func (Extender) CompleteStamp(in formats.Input, p *formats.PendingStamp, token []byte) (formats.Edit, error) {
	if p.Format != formats.PAdES || p.Kind != formats.DocumentTimestamp {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp of %s: %w", p.Format, formats.ErrUnsupported)
	}
	st, err := decodeState(p.State)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: %w", err)
	}
	if st.Keep != in.Size {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: it was prepared for a document of %d bytes, "+
			"this one has %d", st.Keep, in.Size)
	}
	_, info, err := tsa.ParseToken(token)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: %w", err)
	}
	if info.Hash != p.Hash || !bytes.Equal(info.Imprint, p.Imprint) {
		return formats.Edit{}, errors.New("completing a time-stamp: the token is over something else")
	}
	gap := st.Tail[st.A-st.Keep+1 : st.B-st.Keep-1]
	if hex.EncodedLen(len(token)) > len(gap) {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: a token of %d bytes where %d were kept free: %w",
			len(token), len(gap)/2, formats.ErrNoRoom)
	}
	hex.Encode(gap, token)
	return formats.Edit{Keep: st.Keep, Tail: st.Tail}, nil
}
