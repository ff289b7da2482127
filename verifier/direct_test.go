package verifier_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/verifier/report"
)

// newDirect has alice's good signature over content itself.
func newDirect(t testing.TB) *bench {
	b := newBench(t)
	b.sig.Direct, b.sig.Signed, b.sig.References[0].Want = true, nil, nil
	value, err := b.p.Signer("alice").Sign(nil, pki.SHA256.Sum(content), pki.SHA256.Std())
	require.NoError(t, err)
	b.sig.Value = value
	return b
}

// A value over content itself holds if it fits the content, and says so in the
// report as others do.
func TestDirect(t *testing.T) {
	s := newDirect(t).expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, &report.Digest{Algorithm: "SHA-256", Value: hex.EncodeToString(pki.SHA256.Sum(content))}, s.Content)

	changed := newDirect(t)
	changed.sig.References[0].Open = func() io.Reader { return bytes.NewReader(content[1:]) }
	changed.expect(report.NotValid, report.TotalFailed, report.SigCryptoFailure)

	// What the reference claims of itself has no say.
	claimed := newDirect(t)
	claimed.sig.References[0].Hash, claimed.sig.References[0].Want = pki.SHA512, []byte("anything")
	s = claimed.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "SHA-256", s.Content.Algorithm)
}

// Only the first reference is signed directly: the others are compared.
func TestDirectAndMore(t *testing.T) {
	b := newDirect(t)
	b.sig.References = append(b.sig.References, reference("more", []byte("more")))
	b.expect(report.Valid, report.TotalPassed, "")
	b = newDirect(t)
	b.sig.References = append(b.sig.References, reference("more", []byte("more")))
	b.sig.References[1].Want[0] ^= 1
	b.expect(report.NotValid, report.TotalFailed, report.HashFailure)
}

// A signature over nothing, or over content that did not come along, is none.
func TestDirectOverNothing(t *testing.T) {
	b := newDirect(t)
	b.sig.References = nil
	b.expect(report.NotValid, report.TotalFailed, report.FormatFailure)
	b = newDirect(t)
	b.sig.References[0].Open = nil
	b.expect(report.CannotTell, report.Indeterminate, report.SignedDataNotFound)
	// Attributes of another kind of signature do not count for it.
	b = newBench(t)
	b.sig.Direct = true
	b.expect(report.NotValid, report.TotalFailed, report.SigCryptoFailure)
}

// An algorithm that wants the whole message has no digest to sign.
func TestDirectWithoutDigest(t *testing.T) {
	b := newBench(t, "alice[ed25519]")
	b.sig.Direct, b.sig.Signed = true, nil
	b.expect(report.CannotTell, report.Indeterminate, report.CryptoConstraintsFailure)
}
