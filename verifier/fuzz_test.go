package verifier_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// FuzzRevocation feeds strangers' bytes as the only evidence of alice's status.
// The seeds are genuine, but of others: nothing made of them without the
// issuer's key may say that she is in force, or that she is revoked.
func FuzzRevocation(f *testing.F) {
	b := newBench(f, "ca -> responder[ocsp]; root -> ca2 -> carol")
	roots, err := b.p.Revocation().Revocation(f.Context(), b.p.Cert("ca"), nil)
	require.NoError(f, err)
	f.Add(true, b.p.OCSP("bob"))
	f.Add(true, b.p.OCSP("bob", "responder"))
	f.Add(true, b.p.OCSP("carol"))
	f.Add(false, b.p.CRL("ca2"))
	f.Add(false, b.p.CRL("root"))
	f.Add(true, []byte{0x30, 0})
	b.v.Revocation = nil
	f.Fuzz(func(t *testing.T, ocsp bool, raw []byte) {
		kind := pki.CRL
		if ocsp {
			kind = pki.OCSP
		}
		sig := b.sig
		sig.Evidence.Revocations = append(roots[:len(roots):len(roots)], pki.Revocation{Kind: kind, Raw: raw})
		v := *b.v
		v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: []formats.Signature{sig}}}}
		r, err := v.Verify(t.Context(), b.input())
		require.NoError(t, err)
		checkInvariants(t, r)
		require.Equal(t, report.CannotTell, r.Verdict.Status)
		require.Equal(t, report.TryLater, r.Verdict.Signatures[0].SubIndication)
	})
}

// FuzzSignature bends the facts of a good signature. Whatever a format says,
// only what was signed is ever valid.
func FuzzSignature(f *testing.F) {
	b := newBench(f)
	f.Add(b.sig.Signed, b.sig.Value, b.sig.References[0].Want, b.sig.Signer.Digest, byte(b.sig.Algorithm), true)
	f.Add([]byte{}, []byte{}, []byte{}, []byte{}, byte(0), false)
	f.Fuzz(func(t *testing.T, signed, value, want, digest []byte, alg byte, attribute bool) {
		sig := b.sig
		ref := sig.References[0]
		ref.Want = want
		sig.References = []formats.Reference{ref}
		sig.Signed, sig.Value, sig.Algorithm = signed, value, pki.Algorithm(alg)
		sig.Signer.Digest, sig.Signer.Attribute = digest, attribute
		v := *b.v
		v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: []formats.Signature{sig}}}}
		r, err := v.Verify(t.Context(), b.input())
		require.NoError(t, err)
		checkInvariants(t, r)
		if r.Verdict.Status == report.Valid {
			require.Equal(t, b.sig.Signed, signed)
			require.Equal(t, b.sig.References[0].Want, want)
			require.True(t, attribute)
		}
	})
}

// FuzzVerify bends whole documents of every format. What is valid was issued by
// the drawn keys, and states nothing that they did not.
func FuzzVerify(f *testing.F) {
	h := newHouse(f)
	known := map[string]bool{}
	var detached []formats.Input
	for _, o := range h.orders() {
		doc := h.make(o)
		f.Add(doc)
		for _, d := range o.content() {
			detached = append(detached, input("content", d))
		}
		for _, s := range h.verify(doc, o.content()...).Verdict.Signatures {
			known[s.Answers[1].Text] = true
			for _, c := range s.Claims {
				known[c.Name+"="+c.Value] = true
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		in := input("doc", data)
		in.Detached = detached
		r, err := h.v.Verify(t.Context(), in)
		if err != nil {
			return
		}
		checkInvariants(t, r)
		if r.Verdict.Status != report.Valid {
			return
		}
		for _, s := range r.Verdict.Signatures {
			require.True(t, known[s.Answers[1].Text], s.Answers[1].Text)
			for _, c := range s.Claims {
				require.True(t, known[c.Name+"="+c.Value], "%+v", c)
			}
		}
	})
}
