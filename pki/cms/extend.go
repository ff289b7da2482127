package cms

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"

	"tamga/pki"
)

// Values are certificates and revocation information in DER.
type Values struct {
	Certificates [][]byte // Certificate
	CRLs         [][]byte // CertificateList
	OCSPs        [][]byte // OCSPResponse
}

// AddValues is [Add] of certificates, and of revocation information among the
// crls: OCSP responses as RFC 5940 §2 has them. Nobody signs these fields, and
// archive time-stamps of version 3 name what they cover one by one.
func AddValues(raw []byte, v Values) ([]byte, error) {
	choices := slices.Clone(v.CRLs)
	for _, der := range v.OCSPs {
		choices = append(choices, wrap(tag1, oidBytes(oidOCSPResponse), der))
	}
	return Add(raw, Addition{Certificates: v.Certificates, Revocations: choices})
}

// NewHashIndex is the DER of an ats-hash-index-v3 of all that stands beside the
// signature of signer i now: see [HashIndex].
func (sd *SignedData) NewHashIndex(i int, h pki.Hash) []byte {
	digests := func(raws ...[]byte) (out []byte) {
		for _, raw := range raws {
			out = append(out, wrap(tagOctetString, h.Sum(raw))...)
		}
		return out
	}
	var certificates, revocations, attributes []byte
	for _, c := range sd.Certificates {
		certificates = append(certificates, digests(c.Raw)...)
	}
	certificates = append(certificates, digests(sd.Unparsed...)...)
	for _, choice := range sd.Revocations {
		revocations = append(revocations, digests(choice.Raw)...)
	}
	for _, a := range sd.Signers[i].UnsignedAttrs {
		for _, value := range a.Values {
			attributes = append(attributes, digests(append(bytes.Clone(a.Type), value...))...)
		}
	}
	return wrap(tagSequence, h.AlgorithmIdentifier(),
		wrap(tagSequence, certificates), wrap(tagSequence, revocations), wrap(tagSequence, attributes))
}

// ArchiveTimestampAttribute is an archive-time-stamp-v3 attribute (EN 319 122-1
// §5.5.3): the token with the index that its imprint is over.
func ArchiveTimestampAttribute(token, index []byte) ([]byte, error) {
	attr := attribute(oidHashIndexV3, func(b *cryptobyte.Builder) { b.AddBytes(index) })
	token, err := AddUnsigned(token, 0, attr)
	if err != nil {
		return nil, fmt.Errorf("putting the index into the time-stamp: %w", err)
	}
	return attribute(OIDArchiveTimestampV3, func(b *cryptobyte.Builder) { b.AddBytes(token) }), nil
}
