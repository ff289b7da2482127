package cades

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"

	"tamga/formats"
	"tamga/pki/cms"
)

const (
	maxStamps = 32 // what a stranger can make a verifier do
	maxNested = 4  // time-stamps on the tokens of time-stamps
)

// stampAttribute is an attribute that holds time-stamp tokens.
type stampAttribute struct {
	kind   formats.TimestampKind
	clause string
	bind   func(*facts, *token) // says what the token is over, and what it covers
}

// stampKinds are the unsigned ones.
var stampKinds = map[string]stampAttribute{
	cms.OIDSignatureTimestamp:  {formats.SignatureTimestamp, "EN 319 122-1 5.3", (*facts).bindSignatureStamp},
	cms.OIDCompleteTimestamp:   {formats.EvidenceTimestamp, "RFC 5126 6.3.5", (*facts).bindCompleteStamp},
	cms.OIDReferencesTimestamp: {formats.EvidenceTimestamp, "RFC 5126 6.3.6", (*facts).bindReferencesStamp},
	cms.OIDArchiveTimestamp:    {formats.ArchiveTimestamp, "RFC 5126 6.4.1", (*facts).bindArchive},
	cms.OIDArchiveTimestampV2:  {formats.ArchiveTimestamp, "RFC 5126 6.4.1", (*facts).bindArchive},
	cms.OIDArchiveTimestampV3:  {formats.ArchiveTimestamp, "EN 319 122-1 5.5.3", (*facts).bindArchiveV3},
}

// contentStamp is the signed one (EN 319 122-1 §5.2.8).
var contentStamp = stampAttribute{formats.ContentTimestamp, "EN 319 122-1 5.2.8", (*facts).bindContentStamp}

// readStamps reads every time-stamp token. One that cannot be read is kept with
// a fatal defect: it proves nothing, and must not be passed over in silence.
func (f *facts) readStamps() {
	for _, a := range f.s.UnsignedAttrs {
		if kind, ok := stampKinds[a.OID]; ok {
			for _, raw := range a.Values {
				f.addStamp(kind, raw)
			}
		}
	}
	for _, a := range f.s.SignedAttrs {
		if a.OID == cms.OIDContentTimestamp {
			for _, raw := range a.Values {
				f.addStamp(contentStamp, raw)
			}
		}
	}
	// Those over the signature come first, for whoever reads only some.
	slices.SortStableFunc(f.stamps, func(a, b *token) int { return cmp.Compare(rank[a.Kind], rank[b.Kind]) })
}

// readSignatureStamps reads the tokens over a counter-signature. What others
// would be over there, no specification says.
func (f *facts) readSignatureStamps() {
	for _, raw := range f.s.UnsignedValues(cms.OIDSignatureTimestamp) {
		f.addStamp(stampKinds[cms.OIDSignatureTimestamp], raw)
	}
}

var rank = map[formats.TimestampKind]int{
	formats.SignatureTimestamp: 0, formats.ContentTimestamp: 1,
	formats.EvidenceTimestamp: 2, formats.ArchiveTimestamp: 2,
}

func (f *facts) addStamp(of stampAttribute, raw []byte) {
	switch {
	case len(f.stamps) == maxStamps:
		f.fatal(of.clause, fmt.Sprintf("more than %d time-stamps", maxStamps))
		return
	case f.depth == maxNested:
		f.fatal(of.clause, fmt.Sprintf("time-stamps on time-stamps, more than %d deep", maxNested))
		return
	}
	t, err := parseToken(f.sd.Memo, of.kind, raw, f.depth+1)
	if err != nil {
		t = &token{Timestamp: formats.Timestamp{Kind: of.kind, Raw: raw, Signature: formats.Signature{
			Name: string(of.kind) + " time-stamp", Kind: "time-stamp token (RFC 3161)",
			Defects: []formats.Defect{{Clause: "RFC 3161 2.4.2", Text: err.Error(), Fatal: true}},
		}}}
	}
	t.of, t.value = of, raw
	f.stamps = append(f.stamps, t)
	f.hold(raw, formats.ObjectOf(raw))
	f.hold(raw, Objects(&t.Signature)...)
}

// bindStamps says of every token what it is over and what it covers. It needs
// all evidence and all tokens.
func (f *facts) bindStamps() {
	for _, t := range f.stamps {
		if t.sd != nil {
			t.of.bind(f, t)
		}
		f.Evidence.Timestamps = append(f.Evidence.Timestamps, t.Timestamp)
	}
}

// over says what the message imprint is of. nil: it was not supplied.
func (t *token) over(open func() io.Reader) {
	t.Signature.References[imprint].Open = open
}

// unreadable leaves a token that proves nothing.
func (t *token) unreadable(text string) {
	t.Signature.Defects = append(t.Signature.Defects, formats.Defect{Clause: t.of.clause, Text: text, Fatal: true})
}

// bindContentStamp: the content alone, before it was signed.
func (f *facts) bindContentStamp(t *token) { t.over(f.content) }

// bindSignatureStamp: the octets of the value.
func (f *facts) bindSignatureStamp(t *token) {
	value := f.s.Value
	t.over(func() io.Reader { return bytes.NewReader(value) })
	t.Covers = f.commitment()
}

// bindCompleteStamp: the value, the signature time-stamps, and the references
// to certificates and revocation information, each attribute as its type and
// its values, without the SEQUENCE around them (RFC 5126 §6.3.5).
func (f *facts) bindCompleteStamp(t *token) {
	f.overAttributes(t, f.s.Value,
		cms.OIDSignatureTimestamp, cms.OIDCertificateReferences, cms.OIDRevocationReferences)
	f.cover(t, f.commitment(), f.heldBy(cms.OIDSignatureTimestamp), f.referenced())
}

// bindReferencesStamp: the references alone (RFC 5126 §6.3.6).
func (f *facts) bindReferencesStamp(t *token) {
	f.overAttributes(t, nil, cms.OIDCertificateReferences, cms.OIDRevocationReferences)
	f.cover(t, f.referenced())
}

// overAttributes says that t is over head and the attributes with these
// identifiers in this order. Some producers took them in the order in which
// they stand, so that is tried, too: it is the same statement.
func (f *facts) overAttributes(t *token, head []byte, oids ...string) {
	var listed, standing [][]byte
	for _, oid := range oids {
		for _, a := range f.s.UnsignedAttrs {
			if a.OID == oid {
				listed = append(listed, a.Type, a.Set)
			}
		}
	}
	for _, a := range f.s.UnsignedAttrs {
		if slices.Contains(oids, a.OID) {
			standing = append(standing, a.Type, a.Set)
		}
	}
	t.over(func() io.Reader { return newEndReader(t.info, bytes.NewReader(head), listed, standing) })
}
