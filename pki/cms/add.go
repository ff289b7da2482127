package cms

import (
	"errors"
	"fmt"
	"slices"
)

// Addition is what is added to a SignedData that stands.
type Addition struct {
	Signers      [][]byte         // DER SignerInfos, as [Signer.Encode] makes them
	Certificates [][]byte         // DER CertificateChoices
	Revocations  [][]byte         // DER RevocationInfoChoices
	Unsigned     map[int][][]byte // DER Attributes, by the position of their signer, from 0
}

// Add returns raw with an addition. Every byte of what is there stays as it was
// received and where it stood among its like: content, certificates, signed and
// unsigned attributes, in DER or not. New elements go behind those of their
// kind, and what is there already is not added again. Written anew are only
//
//   - the lengths of the elements around an addition, in as many octets as
//     before if they suffice. Around the indefinite form (X.690 §8.1.3.6)
//     nothing is: it stays what it is, and BER stays BER;
//   - digestAlgorithms, if a new signer uses another one (RFC 5652 §5.1);
//   - the version, if what is new demands a higher one.
//
// The SETs are not sorted anew: archive time-stamps of the first two kinds are
// over the certificates as they stand, and whoever counts signers goes on
// counting them as before. An attribute is a new one even where there is one of
// its type, because the first hash indexes digest whole attributes.
//
// What the elements mean is the caller's matter: a time-stamp over all that
// stands does not hold with more. The error wraps [ErrMalformed] or
// [ErrTooLarge].
func Add(raw []byte, a Addition) ([]byte, error) {
	info, rest, err := next(raw, 0)
	if err != nil || len(rest) > 0 {
		return nil, fmt.Errorf("adding to a CMS: %w", errors.Join(err, ErrMalformed))
	}
	outer := info.children(0)
	id := outer.want(tagOID, "contentType")
	wrapper := outer.want(tag0, "content")
	inner := wrapper.children(outer.depth)
	data := inner.want(tagSequence, "SignedData")
	if err := firstError(outer.end("ContentInfo"), inner.end("content")); err != nil {
		return nil, fmt.Errorf("adding to a CMS: %w", err)
	}
	body, err := a.signedData(data.children(inner.depth))
	if err != nil {
		return nil, fmt.Errorf("adding to a CMS: %w", err)
	}
	return info.framed(row(id.raw).then(wrapper.framed(data.framed(body)))).join(), nil
}

// AddUnsigned is [Add] of one attribute to the unsigned ones of signer i.
func AddUnsigned(raw []byte, i int, attr []byte) ([]byte, error) {
	return Add(raw, Addition{Unsigned: map[int][][]byte{i: {attr}}})
}

// signedData is the contents of a SignedData with the addition.
func (a Addition) signedData(r *reader) (out octets, err error) {
	version := r.want(tagInteger, "version")
	digests := r.want(tagSet, "digestAlgorithms")
	encap := r.want(tagSequence, "encapContentInfo")
	certificates, revocations := r.optional(tag0), r.optional(tag1)
	infos := r.want(tagSet, "signerInfos")
	if err := r.end("SignedData"); err != nil {
		return out, err
	}
	fresh, err := a.freshSigners()
	if err != nil {
		return out, err
	}
	raised, err := a.version(version, fresh)
	if err != nil {
		return out, err
	}
	algorithms, err := digests.withDigests(fresh, r.depth)
	if err != nil {
		return out, err
	}
	certs, err := certificates.union(a.Certificates, r.depth)
	if err != nil {
		return out, fmt.Errorf("certificates: %w", err)
	}
	crls, err := revocations.union(a.Revocations, r.depth)
	if err != nil {
		return out, fmt.Errorf("revocation information: %w", err)
	}
	signers, err := a.signers(infos, r.depth)
	if err != nil {
		return out, err
	}
	return row(raised).then(algorithms).then(row(encap.raw)).then(certs).then(crls).then(signers), nil
}

// freshSigners reads the signers that are added.
func (a Addition) freshSigners() (out []SignerInfo, err error) {
	for _, der := range a.Signers {
		list := &reader{rest: der}
		s, err := parseSignerInfo(list.want(tagSequence, "SignerInfo"), list)
		if err = firstError(err, list.end("SignerInfo")); err != nil {
			return nil, fmt.Errorf("new signer: %w", err)
		}
		out = append(out, s)
	}
	return out, nil
}

// version is the version of RFC 5652 §5.1, and never lower than it was.
func (a Addition) version(old element, fresh []SignerInfo) ([]byte, error) {
	v, err := small(old)
	if err != nil {
		return nil, err
	}
	need := choicesVersion(a.Certificates, a.Revocations)
	for _, s := range fresh {
		need = max(need, s.Version) // 3 if named by key identifier
	}
	if need <= v {
		return old.raw, nil
	}
	return []byte{tagInteger, 1, byte(need)}, nil
}

// choicesVersion is the version that CertificateChoices (§10.2.2) and
// RevocationInfoChoices (§10.2.1) demand.
func choicesVersion(certificates, revocations [][]byte) int {
	need := 1
	for _, der := range certificates {
		if len(der) == 0 {
			continue // told by whoever reads it
		}
		switch der[0] {
		case tag1: // v1AttrCert
			need = max(need, 3)
		case tag2: // v2AttrCert
			need = max(need, 4)
		case tag3: // other
			need = max(need, 5)
		}
	}
	for _, der := range revocations {
		if len(der) > 0 && der[0] == tag1 { // other
			need = max(need, 5)
		}
	}
	return need
}

// withDigests adds the digest algorithms of signers that are not named yet. The
// list is a hint to readers, and ours does not read it: one that is broken
// stays broken.
func (e element) withDigests(fresh []SignerInfo, depth int) (out octets, err error) {
	out = row(e.body)
	var known []string
	r := e.children(depth)
	for r.more() {
		known = append(known, parseDigest(r.any()).String())
	}
	for _, s := range fresh {
		name := s.DigestAlgorithm.String()
		if !s.DigestAlgorithm.Known() {
			return out, fmt.Errorf("%w: a new signer with an unknown digest algorithm", ErrMalformed)
		}
		if !slices.Contains(known, name) {
			known, out = append(known, name), out.then(row(s.DigestAlgorithm.AlgorithmIdentifier()))
		}
	}
	return e.framed(out), nil
}

// union is e with the elements of more that it does not hold.
func (e element) union(more [][]byte, depth int) (out octets, err error) {
	out = row(e.body)
	seen := map[string]bool{}
	r := e.children(depth)
	for r.more() {
		seen[string(r.any().raw)] = true
	}
	if r.err != nil {
		return out, r.err
	}
	for _, der := range more {
		if _, rest, err := next(der, depth); err != nil || len(rest) > 0 {
			return out, errors.Join(err, ErrMalformed)
		}
		if !seen[string(der)] {
			seen[string(der)], out = true, out.then(row(der))
		}
	}
	if len(seen) > maxCertificates {
		return out, fmt.Errorf("%w: over %d", ErrTooLarge, maxCertificates)
	}
	if e.raw == nil && out.size == 0 {
		return octets{}, nil // absent, and stays so
	}
	return e.framed(out), nil
}

// signers are the signerInfos with new attributes, and new ones behind them.
func (a Addition) signers(infos element, depth int) (out octets, err error) {
	n := 0
	r := infos.children(depth)
	for ; r.more(); n++ {
		signer := r.any()
		if attrs := a.Unsigned[n]; len(attrs) > 0 && r.err == nil {
			changed, err := signer.withUnsigned(attrs, r.depth)
			if err != nil {
				return out, fmt.Errorf("signer %d: %w", n+1, err)
			}
			out = out.then(changed)
			continue
		}
		out = out.then(row(signer.raw))
	}
	if r.err != nil {
		return out, r.err
	}
	for i := range a.Unsigned {
		if i < 0 || i >= n {
			return out, fmt.Errorf("there is no signer %d", i+1)
		}
	}
	if n+len(a.Signers) > maxSigners {
		return out, fmt.Errorf("%w: over %d signers", ErrTooLarge, maxSigners)
	}
	return infos.framed(out.then(row(a.Signers...))), nil
}

// withUnsigned is a SignerInfo with attributes behind its unsigned ones.
func (e element) withUnsigned(attrs [][]byte, depth int) (out octets, err error) {
	r := e.children(depth)
	r.want(tagInteger, "version")
	r.any() // sid
	r.want(tagSequence, "digestAlgorithm")
	r.optional(tag0) // signedAttrs
	r.want(tagSequence, "signatureAlgorithm")
	r.any() // signature
	if r.err != nil {
		return out, r.err
	}
	head := e.body[:len(e.body)-len(r.rest)]
	unsigned := r.optional(tag1)
	if err := r.end("SignerInfo"); err != nil {
		return out, err
	}
	body := row(unsigned.body).then(row(attrs...))
	// What is written must be what is read.
	if _, err := parseAttributes(element{tag: tag1, body: body.join()}, r); err != nil {
		return out, fmt.Errorf("unsigned attributes: %w", err)
	}
	return e.framed(row(head).then(unsigned.framed(body))), nil
}

// optional reads the next element if it has this tag; otherwise it is an empty
// one that has nothing raw.
func (r *reader) optional(tag byte) element {
	if r.peek() == tag {
		return r.any()
	}
	return element{tag: tag}
}
