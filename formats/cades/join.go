package cades

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// ErrWish says that what was asked of a signature does not go together with the
// document, or with itself. The document is not at fault.
var ErrWish = errors.New("not as it was asked for")

// ErrForbidden says that what is in a CMS forbids the addition: a proof in it
// would not survive, or its signatures are over something else.
var ErrForbidden = errors.New("the document forbids it")

// base is a CMS that a signature is added to.
type base struct {
	raw   []byte     // as it came
	armor *pem.Block // nil: DER or BER
	sd    *cms.SignedData
}

// openBase reads a CMS with signatures.
func openBase(raw []byte) (*base, error) {
	b := &base{raw: raw}
	der := raw
	if bytes.HasPrefix(raw, []byte("-----BEGIN ")) {
		block, rest := pem.Decode(raw)
		if block == nil || len(bytes.TrimSpace(rest)) > 0 {
			return nil, fmt.Errorf("reading a CMS: bad PEM: %w", formats.ErrMalformed)
		}
		b.armor, der = block, block.Bytes
	}
	var err error
	b.sd, err = cms.Parse(der)
	switch {
	case errors.Is(err, cms.ErrTooLarge):
		return nil, fmt.Errorf("reading a CMS: %w: %w", formats.ErrTooLarge, err)
	case err != nil:
		return nil, fmt.Errorf("reading a CMS: %w: %w", formats.ErrMalformed, err)
	case len(b.sd.Signers) == 0:
		return nil, fmt.Errorf("there is no signature in the CMS: %w", formats.ErrUnsupported)
	case b.sd.ContentType == cms.OIDTSTInfo: // RFC 3161 §2.4.2: one signer, the authority
		return nil, fmt.Errorf("a time-stamp token takes no further signature: %w", ErrForbidden)
	}
	return b, nil
}

// parallel lays out a further signature of the content of a CMS.
func (pr Preparer) parallel(in formats.Input, p formats.Params) (st state, err error) {
	raw, err := whole(in)
	if err != nil {
		return st, err
	}
	b, err := openBase(raw)
	if err != nil {
		return st, err
	}
	for _, d := range b.sd.Defects {
		if d.Clause == "RFC 5652 5.2" { // PKCS #7 1.5: programs disagree on what is signed
			return st, fmt.Errorf("%s: %w", d.Text, formats.ErrUnsupported)
		}
	}
	content, err := b.content(in)
	if err != nil {
		return st, err
	}
	if err := b.signsOnly(content); err != nil {
		return st, err
	}
	digest, err := pr.digest(content, p.Algorithm.Hash())
	if err != nil {
		return st, err
	}
	return b.lay(p, Layout{
		Type: b.sd.ContentType, Digest: digest, Time: p.Time, Properties: pr.Properties, KeyID: pr.KeyID,
	}, 0)
}

// counter lays out a signature of the value of another.
func (pr Preparer) counter(in formats.Input, p formats.Params) (st state, err error) {
	if pr.Hint != "" || pr.MIMEType != "" || len(pr.ContentStamps) > 0 {
		return st, fmt.Errorf("a counter-signature has no content to tell of (EN 319 122-1 §5.2.4, §5.2.8): %w", ErrWish)
	}
	raw, err := whole(in)
	if err != nil {
		return st, err
	}
	b, err := openBase(raw)
	if err != nil {
		return st, err
	}
	if pr.Counter > len(b.sd.Signers) {
		return st, fmt.Errorf("there is no signature %d to countersign, only %d: %w", pr.Counter, len(b.sd.Signers), ErrWish)
	}
	value := b.sd.Signers[pr.Counter-1].Value
	if len(value) == 0 {
		return st, fmt.Errorf("signature %d has no value to countersign: %w", pr.Counter, formats.ErrMalformed)
	}
	return b.lay(p, Layout{
		Counter: true, Digest: p.Algorithm.Hash().Sum(value), Time: p.Time, Properties: pr.Properties, KeyID: pr.KeyID,
	}, pr.Counter)
}

// content is what the signatures in b are over.
func (b *base) content(in formats.Input) (formats.Input, error) {
	if b.sd.Attached {
		return inMemory(b.sd.Content), nil
	}
	if len(in.Detached) == 0 {
		return formats.Input{}, fmt.Errorf("the CMS is detached, and the file that it is over did not come with it: %w", ErrWish)
	}
	return in.Detached[0], nil
}

// signsOnly refuses content that is not what every other signer states: the
// signers of one CMS are of one content, and a file that was mixed up must not
// get a good signature among those over another.
func (b *base) signsOnly(content formats.Input) error {
	var wanted []pki.Hash
	for i := range b.sd.Signers {
		if s := &b.sd.Signers[i]; s.DigestAlgorithm.Known() && s.MessageDigest() != nil {
			wanted = append(wanted, s.DigestAlgorithm)
		}
	}
	if len(wanted) == 0 {
		return fmt.Errorf("no signature in the CMS says what it is over in a way that is known: %w", formats.ErrUnsupported)
	}
	sums, err := digests(content, wanted)
	if err != nil {
		return err
	}
	for i := range b.sd.Signers {
		s := &b.sd.Signers[i]
		if d := s.MessageDigest(); s.DigestAlgorithm.Known() && d != nil && !bytes.Equal(d, sums[s.DigestAlgorithm]) {
			return fmt.Errorf("the content is not what signature %d is over: %w", i+1, ErrForbidden)
		}
	}
	return nil
}

// lay lays out the signature and refuses it where it would break what is there.
func (b *base) lay(p formats.Params, l Layout, counter int) (st state, err error) {
	if st.CMS, err = LayWith(p, l); err != nil {
		return st, err
	}
	if err := b.allows(st.CMS.Chain, counter); err != nil {
		return st, err
	}
	if err := b.lacks(st.CMS.Attrs, counter); err != nil {
		return st, err
	}
	st.Base, st.Counter = b.raw, counter
	return st, nil
}

// Attributes that cover more than what stands in their own signer.
const (
	oidLongTermValidation = "0.4.0.1733.2.2"             // TS 101 733 v1.8.3 §6.4.2
	oidInternalEvidence   = "1.2.840.113549.1.9.16.2.49" // RFC 4998 appendix A
	oidExternalEvidence   = "1.2.840.113549.1.9.16.2.50"
)

// allows refuses an addition that a proof in the CMS would not survive:
//
//   - evidence records are over the whole SignedData (RFC 4998 appendix A);
//   - archive time-stamps of the first two kinds, and long-term-validation, are
//     over all certificates as they stand, and over the unsigned attributes of
//     their signer (TS 101 733 v1.8.3 §6.4.1): no new certificate, and no
//     counter-signature on that signer;
//   - those of the third kind name what they cover piece by piece, and may have
//     anything put beside it (EN 319 122-1 §5.5.2).
func (b *base) allows(chain [][]byte, counter int) error {
	fresh := false
	for _, der := range chain {
		fresh = fresh || !b.holds(der)
	}
	for i := range b.sd.Signers {
		for _, a := range b.sd.Signers[i].UnsignedAttrs {
			switch a.OID {
			case oidInternalEvidence, oidExternalEvidence:
				return fmt.Errorf("the evidence record of signature %d is over the whole CMS, and would not hold with "+
					"a further signature; sign the CMS itself as a file: %w", i+1, ErrForbidden)
			case cms.OIDArchiveTimestamp, cms.OIDArchiveTimestampV2, oidLongTermValidation:
				if fresh {
					return fmt.Errorf("the archive time-stamp of signature %d is over all certificates in the CMS, and would "+
						"not hold with those of a further signer; sign the CMS itself as a file: %w", i+1, ErrForbidden)
				}
				if i == counter-1 {
					return fmt.Errorf("the archive time-stamp of signature %d is over all its attributes, and would not "+
						"hold with a counter-signature; sign the CMS itself as a file: %w", i+1, ErrForbidden)
				}
			}
		}
	}
	return nil
}

// lacks refuses to sign the very statement that stands there signed. It would
// add nothing, and where the algorithm has one value for one message, nobody
// could tell the two signatures apart.
func (b *base) lacks(attrs []byte, counter int) error {
	known := b.sd.Signers
	if counter > 0 {
		known = nil
		for _, raw := range b.sd.Signers[counter-1].UnsignedValues(cms.OIDCounterSignature) {
			if c, err := cms.ParseCounterSignature(raw); err == nil { // what cannot be read is not ours
				known = append(known, c)
			}
		}
	}
	for i := range known {
		if bytes.Equal(known[i].Signed, attrs) {
			return fmt.Errorf("the same signer has signed the same, at the same time: %w", ErrForbidden)
		}
	}
	return nil
}

func (b *base) holds(der []byte) bool {
	for _, c := range b.sd.Certificates {
		if bytes.Equal(c.Raw, der) {
			return true
		}
	}
	return false
}

// joined adds the completed signature to the CMS that it was prepared for.
func (st state) joined(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	b, err := openBase(st.Base)
	if err != nil {
		return formats.Edit{}, err
	}
	signer, _, err := st.CMS.signer(p, c)
	if err != nil {
		return formats.Edit{}, err
	}
	der, err := signer.Encode()
	if err != nil {
		return formats.Edit{}, err
	}
	add := cms.Addition{Certificates: st.CMS.Chain}
	if st.Counter > 0 {
		add.Unsigned = map[int][][]byte{st.Counter - 1: {cms.CounterSignatureAttribute(der)}}
	} else {
		add.Signers = [][]byte{der}
	}
	out, err := cms.Add(b.sd.Raw, add)
	if err != nil {
		return formats.Edit{}, err
	}
	if b.armor != nil {
		out = pem.EncodeToMemory(&pem.Block{Type: b.armor.Type, Headers: b.armor.Headers, Bytes: out})
		if out == nil {
			return formats.Edit{}, fmt.Errorf("the headers of the PEM cannot be written again; convert it to DER: %w",
				formats.ErrUnsupported)
		}
	}
	if len(out) > formats.MaxParsed {
		return formats.Edit{}, fmt.Errorf("a CMS of %d bytes with a further signature: %w", len(out), formats.ErrTooLarge)
	}
	keep := 0
	for keep < min(len(out), len(st.Base)) && out[keep] == st.Base[keep] {
		keep++
	}
	return formats.Edit{Keep: int64(keep), Tail: out[keep:]}, nil
}
