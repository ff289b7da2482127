package verifier_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
)

// The judging of one signature beside the three ECDSA verifications that it
// cannot do without (value, two certificates; two more for the lists).
func BenchmarkVerify(b *testing.B) {
	bench := newBench(b)
	for _, name := range []string{"alice", "ca"} {
		list, err := bench.p.Revocation().Revocation(b.Context(), bench.p.Cert(name), nil)
		require.NoError(b, err)
		bench.sig.Evidence.Revocations = append(bench.sig.Evidence.Revocations, list...)
	}
	bench.v.Revocation = nil
	bench.v.Formats = []formats.Parser{fake{id: bench.id, doc: formats.Document{
		Signatures: []formats.Signature{bench.sig},
	}}}
	b.Run("judge", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, err := bench.v.Verify(b.Context(), bench.input())
			require.NoError(b, err)
		}
	})
	b.Run("value", func(b *testing.B) {
		for b.Loop() {
			require.NoError(b, pki.Verify(
				bench.p.Cert("alice").PublicKey, bench.sig.Algorithm, bench.sig.Signed, bench.sig.Value))
		}
	})
}
