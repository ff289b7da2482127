package cades

import (
	"tamga/formats"
	"tamga/pki/cms"
)

// cover lists what t covers. The lists of a file are bounded by its size: a
// hundred stamps over one token with a thousand certificates name them all, in
// a few bytes each.
func (f *facts) cover(t *token, parts ...[]formats.Object) {
	seen := map[formats.Object]bool{}
	for _, part := range parts {
		for _, o := range part {
			if seen[o] {
				continue
			}
			seen[o] = true
			if f.covered++; f.covered > maxCovered+len(f.sd.Raw)/16 {
				t.Covers = nil
				t.unreadable("the time-stamps cover too much")
				return
			}
			t.Covers = append(t.Covers, o)
		}
	}
}

// maxCovered is how many objects the time-stamps of even a small file may name.
const maxCovered = 2000

// commitment is what a stamp over the value proves to have existed. If the
// value holds under the signer's key, nobody could have made it before the
// signed attributes were known: so they existed, too, with the content
// time-stamps and Adobe's revocation information that stand in them; and so did
// the certificate whose digest is in signing-certificate, because nobody can
// make a certificate for a digest that is already there. That the digest may be
// of an old algorithm does no harm: two certificates with one digest can be
// made together, but the second not after the first.
func (f *facts) commitment() []formats.Object {
	if f.bound {
		return f.committed
	}
	f.bound = true
	f.committed = []formats.Object{formats.ObjectOf(f.s.Value)}
	if f.Signer.Attribute {
		if id, ok := f.own.find(f.Signer.Hash, f.Signer.Digest); ok {
			f.committed = append(f.committed, id)
		}
	}
	for _, a := range f.s.SignedAttrs {
		for _, raw := range a.Values {
			f.committed = append(f.committed, f.held[&raw[0]]...)
		}
	}
	return f.committed
}

// heldBy is what stands in the values of the unsigned attribute oid.
func (f *facts) heldBy(oid string) (out []formats.Object) {
	for _, raw := range f.s.UnsignedValues(oid) {
		out = append(out, f.held[&raw[0]]...)
	}
	return out
}

// referenced is the evidence whose digests stand in complete-certificate- and
// complete-revocation-references. What is named there and is not at hand is no
// defect: CAdES-C is without values by design.
func (f *facts) referenced() []formats.Object {
	if f.named != nil {
		return *f.named
	}
	f.named = new([]formats.Object)
	for _, a := range []struct {
		oid, clause string
		parse       func([]byte) ([]cms.DigestReference, error)
	}{
		{cms.OIDCertificateReferences, "RFC 5126 6.2.1", cms.ParseCertificateReferences},
		{cms.OIDRevocationReferences, "RFC 5126 6.2.2", cms.ParseRevocationReferences},
	} {
		for _, raw := range f.s.UnsignedValues(a.oid) {
			refs, err := a.parse(raw)
			if err != nil {
				f.defect(a.clause, err.Error())
			}
			for _, ref := range refs {
				if id, ok := f.own.find(ref.Hash, ref.Digest); ok {
					*f.named = append(*f.named, id)
				}
			}
		}
	}
	return *f.named
}
