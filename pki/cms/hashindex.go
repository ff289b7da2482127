package cms

import (
	"fmt"

	"tamga/pki"
)

// HashIndex is the ats-hash-index in a time-stamp token: what an
// archive-time-stamp-v3 covers beside the signature itself (EN 319 122-1
// §5.5.2, and TS 101 733 v2.2.1 §6.4.2 for the first version).
//
//	ATSHashIndexV3 ::= SEQUENCE { hashIndAlgorithm AlgorithmIdentifier,
//	  certificatesHashIndex, crlsHashIndex, unsignedAttrValuesHashIndex
//	    SEQUENCE OF OCTET STRING }
//
// The first version takes SHA-256 where there is no algorithm; the first and
// the second digest whole Attributes where the third digests type and value.
type HashIndex struct {
	Raw  []byte // as it came: a part of the message imprint
	Hash pki.Hash
	// Values is whether Attributes are digests of attrType and one attrValue
	// (version 3) and not of whole Attributes.
	Values       bool
	Certificates [][]byte // digests of CertificateChoices
	Revocations  [][]byte // digests of RevocationInfoChoices
	Attributes   [][]byte
}

// HashIndex reads the index among the unsigned attributes of a token's signer.
// There must be exactly one: with two, two readers could see two.
func (s *SignerInfo) HashIndex() (*HashIndex, error) {
	var found *Attribute
	for i, a := range s.UnsignedAttrs {
		if a.OID != oidHashIndex && a.OID != oidHashIndexV2 && a.OID != oidHashIndexV3 {
			continue
		}
		if found != nil || len(a.Values) != 1 {
			return nil, fmt.Errorf("%w: more than one ats-hash-index", ErrMalformed)
		}
		found = &s.UnsignedAttrs[i]
	}
	if found == nil {
		return nil, fmt.Errorf("%w: no ats-hash-index", ErrMalformed)
	}
	return parseHashIndex(found.Values[0], found.OID == oidHashIndexV3)
}

func parseHashIndex(raw []byte, values bool) (*HashIndex, error) {
	r, err := list(raw, tagSequence, "ats-hash-index")
	if err != nil {
		return nil, err
	}
	x := &HashIndex{Raw: raw, Hash: pki.SHA256, Values: values}
	first := r.want(tagSequence, "certificatesHashIndex")
	// An AlgorithmIdentifier begins with an OBJECT IDENTIFIER, a list of digests
	// with an OCTET STRING, if with anything.
	if r.err == nil && len(first.body) > 0 && first.body[0] == tagOID {
		x.Hash = parseDigest(first)
		first = r.want(tagSequence, "certificatesHashIndex")
	}
	crls, attributes := r.want(tagSequence, "crlsHashIndex"), r.want(tagSequence, "unsignedAttrsHashIndex")
	if err := r.end("ats-hash-index"); err != nil {
		return nil, err
	}
	left := maxIndexed
	for _, part := range []struct {
		in element
		to *[][]byte
	}{{first, &x.Certificates}, {crls, &x.Revocations}, {attributes, &x.Attributes}} {
		digests := part.in.children(r.depth)
		for digests.more() {
			if left--; left < 0 {
				return nil, fmt.Errorf("%w: over %d digests in an ats-hash-index", ErrTooLarge, maxIndexed)
			}
			*part.to = append(*part.to, digests.want(tagOctetString, "digest").body)
		}
		if digests.err != nil {
			return nil, fmt.Errorf("ats-hash-index: %w", digests.err)
		}
	}
	return x, nil
}
