package verifier_test

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/crl"
	"tamga/verifier"
)

// What a verdict rests on is told once, the time-stamp's part of it included,
// and nothing else of what was at hand: who embeds it makes the document whole,
// and no larger than that takes.
func TestBasis(t *testing.T) {
	h := newHouse(t)
	lists := map[string][]byte{"ca": h.p.CRL("ca"), "root": h.p.CRL("root")}
	set, err := crl.NewSet(lists["ca"], lists["root"])
	require.NoError(t, err)
	h.v.Revocation = set
	doc := h.make(order{with: cades.Preparer{Attached: true}, by: "alice", use: pki.UseSign, in: []byte("text"), level: formats.LevelT, stamp: "clock"})
	one := func(doc []byte) verifier.Basis {
		list, err := h.v.Basis(t.Context(), input("doc", doc))
		require.NoError(t, err)
		require.Len(t, list, 1)
		return list[0]
	}
	b := one(doc)
	require.Zero(t, b.Signature)
	require.Equal(t, formats.LevelT, b.Level)
	verdict, err := h.v.Verify(t.Context(), input("doc", doc))
	require.NoError(t, err)
	require.Equal(t, verdict.Verdict.Signatures[0], b.Report, "the verdict is that of Verify")
	require.ElementsMatch(t, []*x509.Certificate{h.p.Cert("alice"), h.p.Cert("ca"), h.p.Cert("root"), h.p.Cert("clock")}, reread(b.Certificates))
	require.ElementsMatch(t, [][]byte{lists["ca"], lists["root"]}, raws(b.Revocations))
	require.Empty(t, b.Unknown)

	// What came with the document is not told: it is there.
	edit, err := cades.Extender{}.Embed(input("doc", doc), []formats.Embedding{{Evidence: formats.Evidence{Revocations: b.Revocations}}})
	require.NoError(t, err)
	h.v.Revocation = nil
	b = one(edit.Tail)
	require.Equal(t, formats.LevelLT, b.Level)
	require.Empty(t, b.Revocations)
	require.Empty(t, b.Unknown)

	// Whose status nobody tells is named once.
	b = one(doc)
	require.Equal(t, formats.LevelB, b.Level, "a time-stamp whose authority may be revoked proves nothing")
	require.Empty(t, b.Revocations)
	require.ElementsMatch(t, []*x509.Certificate{h.p.Cert("alice"), h.p.Cert("ca"), h.p.Cert("clock")}, reread(b.Unknown))

	// Who needs no status lacks none.
	lenient := *h.v.Policy
	lenient.Revocation.ShortLived = 100 * 365 * 24 * time.Hour
	h.v.Policy = &lenient
	b = one(doc)
	require.Equal(t, []*x509.Certificate{h.p.Cert("ca")}, reread(b.Unknown), "an authority is never short-lived")

	_, err = h.v.Basis(t.Context(), input("doc", []byte("nothing")))
	require.ErrorIs(t, err, formats.ErrNotRecognised)
}

// Each signature of a document rests on its own; a document time-stamp belongs
// to all of them.
func TestBasisOfSeveral(t *testing.T) {
	b := newBench(t)
	bob := b.signed("bob", "bob's", []byte("other"))
	stamp := b.signed("tsa", "stamp", content)
	stamp.Stamp = &formats.Timestamp{Time: day("2026-04-01")}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: []formats.Signature{stamp, b.sig, bob}}}}
	list, err := b.v.Basis(t.Context(), b.input())
	require.NoError(t, err)
	require.Len(t, list, 2)
	for i, who := range []string{"alice", "bob"} {
		require.Equal(t, 1+i, list[i].Signature)
		names := []string{}
		for _, c := range list[i].Certificates {
			names = append(names, c.Subject.CommonName)
		}
		require.Contains(t, names, b.p.Cert(who).Subject.CommonName)
		require.Contains(t, names, b.p.Cert("tsa").Subject.CommonName)
		require.NotContains(t, names, b.p.Cert([]string{"bob", "alice"}[i]).Subject.CommonName)
	}
}

// reread are certificates without what a memory of them may have added.
func reread(list []*x509.Certificate) []*x509.Certificate {
	out := slices.Clone(list)
	for i, c := range out {
		out[i], _ = x509.ParseCertificate(c.Raw)
	}
	return out
}

func raws(list []pki.Revocation) (out [][]byte) {
	for _, r := range list {
		out = append(out, r.Raw)
	}
	return out
}
