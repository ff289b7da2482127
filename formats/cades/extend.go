package cades

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/ocsp"
	"tamga/pki/tsa"
)

// Extender lifts CMS signatures, ours and others', to B-T, B-LT and B-LTA (EN
// 319 122-1 §6.3). The zero value is ready for use.
type Extender struct{}

// ID returns [formats.CAdES].
func (Extender) ID() formats.ID { return formats.CAdES }

// Stamps returns the signature-time-stamp and the archive-time-stamp-v3.
func (Extender) Stamps() (signature, archive formats.TimestampKind) {
	return formats.SignatureTimestamp, formats.ArchiveTimestamp
}

// stampState is what CompleteStamp needs beside the document.
type stampState struct {
	Version   int    `json:"version"`
	Signature int    `json:"signature"`
	Index     []byte `json:"index,omitempty"` // ats-hash-index-v3
}

// PrepareStamp lays out a signature-time-stamp (§5.3), over the value, or an
// archive-time-stamp-v3 (§5.5.3), over the digest of the content, the signer
// and an index of all that stands beside it. A detached signature needs its
// content for that: in.Detached[0].
func (Extender) PrepareStamp(in formats.Input, p formats.StampParams) (*formats.PendingStamp, error) {
	sd, s, err := pick(in, p.Signature)
	if err != nil {
		return nil, fmt.Errorf("preparing a time-stamp: %w", err)
	}
	if !p.Hash.Known() {
		return nil, fmt.Errorf("preparing a time-stamp: %w", pki.ErrUnknownAlgorithm)
	}
	out := &formats.PendingStamp{Format: formats.CAdES, Kind: p.Kind, Hash: p.Hash}
	st := stampState{Version: stateVersion, Signature: p.Signature}
	switch p.Kind {
	case formats.SignatureTimestamp:
		out.Imprint = p.Hash.Sum(s.Value)
	case formats.ArchiveTimestamp:
		st.Index = sd.NewHashIndex(p.Signature, p.Hash)
		if out.Imprint, err = archiveImprint(in, sd, s, p.Hash, st.Index); err != nil {
			return nil, fmt.Errorf("preparing an archive time-stamp: %w", err)
		}
	default:
		return nil, fmt.Errorf("preparing a time-stamp of kind %q on a CMS: %w", p.Kind, formats.ErrUnsupported)
	}
	out.State, err = json.Marshal(st)
	return out, err
}

func pick(in formats.Input, i int) (*cms.SignedData, *cms.SignerInfo, error) {
	raw, err := read(in)
	if err != nil {
		return nil, nil, err
	}
	sd, err := parse(in, raw)
	if err != nil {
		return nil, nil, err
	}
	if sd.ContentType == cms.OIDTSTInfo {
		return nil, nil, fmt.Errorf("a time-stamp token, not a signature: %w", formats.ErrUnsupported)
	}
	if i < 0 || i >= len(sd.Signers) {
		return nil, nil, fmt.Errorf("there is no signature %d: %w", i+1, formats.ErrUnsupported)
	}
	s := &sd.Signers[i]
	if s.Signed == nil {
		return nil, nil, fmt.Errorf("signature %d has no signed attributes (EN 319 122-1 6.3): %w", i+1, formats.ErrUnsupported)
	}
	return sd, s, nil
}

// archiveImprint digests what bindArchiveV3 reads.
func archiveImprint(in formats.Input, sd *cms.SignedData, s *cms.SignerInfo, h pki.Hash, index []byte) ([]byte, error) {
	_, open := content(sd, in)
	if open == nil {
		return nil, errors.New("the content that the signature is over is not here; give it with the signature")
	}
	inner := h.New()
	if _, err := formats.Stream(inner, open()); err != nil {
		return nil, fmt.Errorf("reading the content: %w", err)
	}
	outer := h.New()
	for _, part := range [][]byte{sd.TypeRaw, inner.Sum(nil), s.Head, index} {
		outer.Write(part)
	}
	return outer.Sum(nil), nil
}

// CompleteStamp adds the token to the unsigned attributes of its signature.
func (Extender) CompleteStamp(in formats.Input, p *formats.PendingStamp, token []byte) (formats.Edit, error) {
	var st stampState
	if err := json.Unmarshal(p.State, &st); err != nil || p.Format != formats.CAdES || st.Version != stateVersion {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: not a pending one of this version: %w", formats.ErrUnsupported)
	}
	_, info, err := tsa.ParseToken(token)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: %w", err)
	}
	if info.Hash != p.Hash || !bytes.Equal(info.Imprint, p.Imprint) {
		return formats.Edit{}, errors.New("completing a time-stamp: the token is over something else")
	}
	raw, err := read(in)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: %w", err)
	}
	attr := cms.TimestampAttribute(token)
	if p.Kind == formats.ArchiveTimestamp {
		if attr, err = cms.ArchiveTimestampAttribute(token, st.Index); err != nil {
			return formats.Edit{}, fmt.Errorf("completing an archive time-stamp: %w", err)
		}
	}
	der, err := cms.AddUnsigned(raw, st.Signature, attr)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing a time-stamp: %w", err)
	}
	return formats.Edit{Tail: der}, nil
}

// Embed puts the evidence into SignedData.certificates and SignedData.crls,
// which all signers share, as level B-LT wants it (§6.3, rows of "SPO:
// certificate values" and "revocation values"). An archive time-stamp of an
// older kind covers these fields as a whole, and would be broken by that.
func (Extender) Embed(in formats.Input, list []formats.Embedding) (formats.Edit, error) {
	raw, err := read(in)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("embedding evidence: %w", err)
	}
	sd, err := parse(in, raw)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("embedding evidence: %w", err)
	}
	for i, s := range sd.Signers {
		for _, a := range s.UnsignedAttrs {
			if a.OID == cms.OIDArchiveTimestamp || a.OID == cms.OIDArchiveTimestampV2 {
				return formats.Edit{}, fmt.Errorf("embedding evidence: signature %d has an archive time-stamp of version 1 or 2, "+
					"which covers certificates and revocation information as they stand: %w", i+1, formats.ErrUnsupported)
			}
		}
	}
	var v cms.Values
	for _, e := range list {
		for _, c := range e.Evidence.Certificates {
			v.Certificates = append(v.Certificates, c.Raw)
		}
		for _, r := range e.Evidence.Revocations {
			if r.Kind == pki.CRL {
				v.CRLs = append(v.CRLs, r.Raw)
				continue
			}
			response, err := ocsp.Parse(r.Raw)
			if err != nil {
				return formats.Edit{}, fmt.Errorf("embedding evidence: %w", err)
			}
			v.OCSPs = append(v.OCSPs, response.Full())
		}
	}
	der, err := cms.AddValues(raw, v)
	if err != nil {
		return formats.Edit{}, err
	}
	return formats.Edit{Tail: der}, nil
}

// read returns the whole CMS, out of its PEM if it is in one.
func read(in formats.Input) ([]byte, error) {
	if in.Size > formats.MaxParsed {
		return nil, fmt.Errorf("a CMS of %d bytes: %w", in.Size, formats.ErrTooLarge)
	}
	raw := make([]byte, in.Size)
	if n, err := in.ReadAt(raw, 0); n < len(raw) {
		return nil, fmt.Errorf("reading a CMS: %w", errors.Join(io.ErrUnexpectedEOF, err))
	}
	return unarmour(raw)
}
