package cades

import (
	"crypto/x509"
	"fmt"
	"slices"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// maxValues bounds the certificates and pieces of revocation information that
// the attributes of one signer may hold.
const maxValues = 2000

// evidence is a list of certificates and revocation information without
// doubles, beside those of base.
type evidence struct {
	base         *evidence
	certificates []*x509.Certificate
	revocations  []pki.Revocation
	pieces       []piece
	seen         map[formats.Object]bool
	digests      map[pki.Hash]map[string]formats.Object // of pieces
}

// piece is one certificate or piece of revocation information.
type piece struct {
	raw []byte
	id  formats.Object
}

// add notes a piece and reports whether it is new.
func (e *evidence) add(raw []byte) (formats.Object, bool) {
	id := formats.ObjectOf(raw)
	if e.seen[id] || e.base != nil && e.base.seen[id] {
		return id, false
	}
	if e.seen == nil {
		e.seen = map[formats.Object]bool{}
	}
	e.seen[id] = true
	e.pieces = append(e.pieces, piece{raw, id})
	return id, true
}

func (e *evidence) addCertificate(c *x509.Certificate) formats.Object {
	id, fresh := e.add(c.Raw)
	if fresh {
		e.certificates = append(e.certificates, c)
	}
	return id
}

func (e *evidence) addRevocation(kind pki.RevocationKind, raw []byte, source string) formats.Object {
	id, fresh := e.add(raw)
	if fresh {
		e.revocations = append(e.revocations, pki.Revocation{Kind: kind, Raw: raw, Source: source})
	}
	return id
}

// all are the lists of base, then those of e. Signers that have none of their
// own share the lists.
func (e *evidence) all() ([]*x509.Certificate, []pki.Revocation) {
	if e.base == nil {
		return slices.Clip(e.certificates), slices.Clip(e.revocations)
	}
	certificates, revocations := e.base.all()
	return append(certificates, e.certificates...), append(revocations, e.revocations...)
}

// find returns the piece with this digest. Each piece is digested once for
// each algorithm.
func (e *evidence) find(h pki.Hash, digest []byte) (formats.Object, bool) {
	if !h.Known() {
		return formats.Object{}, false
	}
	if e.digests[h] == nil {
		if e.digests == nil {
			e.digests = map[pki.Hash]map[string]formats.Object{}
		}
		e.digests[h] = map[string]formats.Object{}
		for _, p := range e.pieces {
			e.digests[h][string(h.Sum(p.raw))] = p.id
		}
	}
	if id, ok := e.digests[h][string(digest)]; ok {
		return id, true
	}
	if e.base != nil {
		return e.base.find(h, digest)
	}
	return formats.Object{}, false
}

func (e *evidence) objects() []formats.Object {
	out := make([]formats.Object, len(e.pieces))
	for i, p := range e.pieces {
		out[i] = p.id
	}
	return out
}

// readEvidence reads what stands in the SignedData itself.
func (r *reading) readEvidence() {
	for _, c := range r.sd.Certificates {
		r.evidence.addCertificate(c)
	}
	for _, choice := range r.sd.Revocations {
		if choice.CRL != nil {
			r.evidence.addRevocation(pki.CRL, choice.CRL, r.source)
		}
		if choice.OCSP != nil {
			r.evidence.addRevocation(pki.OCSP, choice.OCSP, r.source)
		}
	}
}

// readValues reads the attributes that hold evidence: certificate-values (RFC
// 5126 §6.3.3), revocation-values (§6.3.4), and Adobe's signed
// RevocationInfoArchival (ISO 32000-2 §12.8.3.3.2).
func (f *facts) readValues() {
	f.held = map[*byte][]formats.Object{}
	for _, a := range f.s.SignedAttrs {
		for _, raw := range a.Values {
			if a.OID == cms.OIDAdobeRevocation {
				f.readRevocationValues(raw, "adobe-revocation-information")
			}
		}
	}
	for _, a := range f.s.UnsignedAttrs {
		for _, raw := range a.Values {
			switch a.OID {
			case cms.OIDCertificateValues:
				f.readCertificateValues(raw)
			case cms.OIDRevocationValues:
				f.readRevocationValues(raw, "revocation-values")
			case cms.OIDCounterSignature:
				if c, err := cms.ParseCounterSignature(raw); err == nil { // readCounters tells why not
					f.hold(raw, formats.ObjectOf(c.Value))
				}
			}
		}
	}
}

func (f *facts) hold(value []byte, o ...formats.Object) {
	f.held[&value[0]] = append(f.held[&value[0]], o...)
}

func (f *facts) readCertificateValues(raw []byte) {
	values, err := cms.ParseCertificateValues(raw)
	if err != nil {
		f.defect("RFC 5126 6.3.3", err.Error())
	}
	for _, der := range values {
		c, err := f.sd.Memo.ParseCertificate(der)
		switch {
		case err != nil:
			f.defect("RFC 5126 6.3.3", fmt.Sprintf("a certificate of %d bytes cannot be read", len(der)))
		case f.full("RFC 5126 6.3.3"):
			return
		default:
			f.hold(raw, f.own.addCertificate(c))
		}
	}
}

// full counts a value, and tells if it is one too many.
func (f *facts) full(clause string) bool {
	if f.values++; f.values == maxValues+1 {
		f.defect(clause, fmt.Sprintf("more than %d certificates and pieces of revocation information", maxValues))
	}
	return f.values > maxValues
}

func (f *facts) readRevocationValues(raw []byte, source string) {
	const clause = "RFC 5126 6.3.4"
	values, err := cms.ParseRevocationValues(raw)
	if err != nil {
		f.defect(clause, err.Error())
	}
	if values.Other {
		f.defect(clause, source+" in a form that is not known")
	}
	for _, part := range []struct {
		kind   pki.RevocationKind
		values [][]byte
	}{{pki.CRL, values.CRLs}, {pki.OCSP, values.OCSPs}} {
		for _, der := range part.values {
			if f.full(clause) {
				return
			}
			f.hold(raw, f.own.addRevocation(part.kind, der, source))
		}
	}
}

// Objects are the pieces of evidence that stand within a signature's CMS: its
// value, the certificates, the revocation information, and the time-stamp
// tokens, those of evidence records too, with what is in them.
func Objects(sig *formats.Signature) []formats.Object {
	var out []formats.Object
	if len(sig.Value) > 0 {
		out = append(out, formats.ObjectOf(sig.Value))
	}
	for _, c := range sig.Evidence.Certificates {
		out = append(out, formats.ObjectOf(c.Raw))
	}
	for _, r := range sig.Evidence.Revocations {
		out = append(out, formats.ObjectOf(r.Raw))
	}
	stamps := sig.Evidence.Timestamps
	for _, r := range sig.Evidence.Records {
		stamps = slices.Concat(stamps, r.Stamps)
	}
	for i := range stamps {
		out = append(out, formats.ObjectOf(stamps[i].Raw))
		out = append(out, Objects(&stamps[i].Signature)...)
	}
	return out
}
