package verifier_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/crl"
	"tamga/verifier"
)

// BenchmarkArchive judges documents of one signer under one issuer, as an
// auditor does by the thousand: with evidence that is the same in all of them.
func BenchmarkArchive(b *testing.B) {
	h := newHouse(b)
	set, err := crl.NewSet(h.p.CRL("root"), h.p.CRL("ca"))
	require.NoError(b, err)
	h.v.Revocation, h.v.Memo = set, verifier.NewMemo(1<<12)
	var docs [][]byte
	for i := range 64 {
		docs = append(docs, h.make(order{with: cades.Preparer{Attached: true}, by: "alice", use: pki.UseSign, in: fmt.Appendf(nil, "document %d", i)}))
	}
	b.Run("documents", func(b *testing.B) {
		b.ReportAllocs()
		for i := range b.N {
			r, err := h.v.Verify(b.Context(), input("doc", docs[i%len(docs)]))
			if err != nil || r.Verdict.Status != "valid" {
				b.Fatal(r, err)
			}
		}
	})
	b.Run("alone", func(b *testing.B) {
		h.v.Memo = nil
		b.ReportAllocs()
		for i := range b.N {
			r, err := h.v.Verify(b.Context(), input("doc", docs[i%len(docs)]))
			if err != nil || r.Verdict.Status != "valid" {
				b.Fatal(r, err)
			}
		}
	})
	b.Run("raw", func(b *testing.B) {
		sd := parsed(b, docs[0])
		for range b.N {
			if pki.Verify(h.p.Cert("alice").PublicKey, sd.Algorithm, sd.Signed, sd.Value) != nil {
				b.Fatal()
			}
		}
	})
}

func parsed(b *testing.B, doc []byte) cms.SignerInfo {
	sd, err := cms.Parse(doc)
	require.NoError(b, err)
	return sd.Signers[0]
}
