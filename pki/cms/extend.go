package cms

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"tamga/pki"
)

// opened is a ContentInfo in the parts of its SignedData, each as it came.
type opened struct {
	contentType  []byte
	version      []byte
	head         [][]byte // digestAlgorithms and encapContentInfo
	certificates []byte   // the contents of certificates [0]
	revocations  []byte   // the contents of crls [1]
	signers      [][]byte
}

// open takes a SignedData apart:
//
//	ContentInfo ::= SEQUENCE { contentType, content [0] SignedData }
//	SignedData ::= SEQUENCE { version, digestAlgorithms, encapContentInfo,
//	  certificates [0] OPTIONAL, crls [1] OPTIONAL, signerInfos }
func open(raw []byte) (*opened, error) {
	info, rest, err := next(raw, 0)
	if err != nil || len(rest) > 0 {
		return nil, errors.Join(err, ErrMalformed)
	}
	o := &opened{}
	outer := info.children(0)
	o.contentType = outer.want(tagOID, "contentType").raw
	content := outer.want(tag0, "content").children(1)
	data := content.want(tagSequence, "SignedData").children(2)
	o.version = data.want(tagInteger, "version").raw
	o.head = [][]byte{data.want(tagSet, "digestAlgorithms").raw, data.want(tagSequence, "encapContentInfo").raw}
	if data.peek() == tag0 {
		o.certificates = data.any().body
	}
	if data.peek() == tag1 {
		o.revocations = data.any().body
	}
	infos := data.want(tagSet, "signerInfos").children(3)
	if err := errors.Join(outer.err, content.err, data.end("SignedData")); err != nil {
		return nil, err
	}
	for infos.more() {
		if len(o.signers) == maxSigners {
			return nil, fmt.Errorf("%w: over %d signers", ErrTooLarge, maxSigners)
		}
		o.signers = append(o.signers, infos.any().raw)
	}
	return o, infos.err
}

// encode puts the parts together. The parts keep their bytes; only the lengths
// around them are written anew, in DER.
func (o *opened) encode() []byte {
	parts := append([][]byte{o.version}, o.head...)
	if len(o.certificates) > 0 {
		parts = append(parts, wrap(tag0, o.certificates))
	}
	if len(o.revocations) > 0 {
		parts = append(parts, wrap(tag1, o.revocations))
	}
	parts = append(parts, wrap(tagSet, o.signers...))
	return wrap(tagSequence, o.contentType, wrap(tag0, wrap(tagSequence, parts...)))
}

// AddUnsigned returns raw with an attribute added to the unsigned ones of
// signer i. Every other byte of the signers, the certificates and the content
// stays as it was; only the lengths around it are written anew, in DER.
func AddUnsigned(raw []byte, i int, attr []byte) ([]byte, error) {
	o, err := open(raw)
	if err != nil {
		return nil, fmt.Errorf("adding an attribute: %w", err)
	}
	if i < 0 || i >= len(o.signers) {
		return nil, fmt.Errorf("adding an attribute: there is no signer %d", i+1)
	}
	if o.signers[i], err = withUnsigned(o.signers[i], attr); err != nil {
		return nil, fmt.Errorf("adding an attribute: %w", err)
	}
	return o.encode(), nil
}

func withUnsigned(signer, attr []byte) ([]byte, error) {
	e, _, err := next(signer, 4)
	if err != nil {
		return nil, err
	}
	var parts [][]byte
	r := e.children(4)
	for r.more() {
		part := r.any()
		if part.tag == tag1 && len(parts) >= 5 {
			attr = append(bytes.Clone(part.body), attr...)
			continue
		}
		parts = append(parts, part.raw)
	}
	return wrap(tagSequence, append(parts, wrap(tag1, attr))...), r.err
}

// Values are certificates and revocation information in DER.
type Values struct {
	Certificates [][]byte // Certificate
	CRLs         [][]byte // CertificateList
	OCSPs        [][]byte // OCSPResponse
}

// AddValues returns raw with more certificates, and with more revocation
// information among its crls: OCSP responses as RFC 5940 §2 has them. What is
// there stays, in its order and byte for byte; what is there already is not
// added. Nobody signs these fields, and archive time-stamps of version 3 name
// what they cover one by one.
func AddValues(raw []byte, v Values) ([]byte, error) {
	o, err := open(raw)
	if err != nil {
		return nil, fmt.Errorf("adding evidence: %w", err)
	}
	if o.certificates, err = union(o.certificates, v.Certificates); err != nil {
		return nil, fmt.Errorf("adding certificates: %w", err)
	}
	more := append([][]byte{}, v.CRLs...)
	for _, der := range v.OCSPs {
		more = append(more, wrap(tag1, oidBytes(oidOCSPResponse), der))
	}
	if o.revocations, err = union(o.revocations, more); err != nil {
		return nil, fmt.Errorf("adding revocation information: %w", err)
	}
	if len(v.OCSPs) > 0 {
		o.version = []byte{tagInteger, 1, 5} // RFC 5652 §5.1: another form among crls
	}
	return o.encode(), nil
}

// union appends to a list of elements those that it does not hold.
func union(list []byte, more [][]byte) ([]byte, error) {
	seen := map[string]bool{}
	r := &reader{rest: list}
	for r.more() {
		seen[string(r.any().raw)] = true
	}
	if r.err != nil {
		return nil, r.err
	}
	out := bytes.Clone(list)
	for _, der := range more {
		if _, rest, err := next(der, 0); err != nil || len(rest) > 0 {
			return nil, errors.Join(err, ErrMalformed)
		}
		if !seen[string(der)] {
			seen[string(der)] = true
			out = append(out, der...)
		}
	}
	return out, nil
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
