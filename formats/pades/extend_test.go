package pades_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
	"tamga/pki/tsa"
)

// lifted adds a document time-stamp; what is pending crosses a process boundary.
func lifted(t testing.TB, b []byte) []byte {
	t.Helper()
	pending, err := pades.Extender{}.PrepareStamp(input(b), formats.StampParams{Kind: formats.DocumentTimestamp, Hash: pki.SHA256})
	require.NoError(t, err)
	raw, err := json.Marshal(pending)
	require.NoError(t, err)
	var later formats.PendingStamp
	require.NoError(t, json.Unmarshal(raw, &later))
	edit, err := pades.Extender{}.CompleteStamp(input(b), &later, tokenOver(t, &later))
	require.NoError(t, err)
	require.EqualValues(t, len(b), edit.Keep)
	return append(b[:len(b):len(b)], edit.Tail...)
}

func tokenOver(t testing.TB, p *formats.PendingStamp) []byte {
	t.Helper()
	pk := authority()(t)
	a, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: pk.Key("tsa"), Policy: "1.3.6.1.4.1.13762.3", Now: pk.Clock()})
	require.NoError(t, err)
	token, err := a.Timestamp(t.Context(), p.Hash, p.Imprint)
	require.NoError(t, err)
	return token
}

func embedded(t testing.TB, b []byte, list ...formats.Embedding) []byte {
	t.Helper()
	edit, err := pades.Extender{}.Embed(input(b), list)
	require.NoError(t, err)
	require.EqualValues(t, len(b), edit.Keep)
	return append(b[:len(b):len(b)], edit.Tail...)
}

// Files of many makers, signed, go all the way up and once more. The reader,
// which knows the rules from files that others made, finds that nothing has
// changed, and everything covered; qpdf and pdfsig agree as far as they judge.
func TestExtendRealFiles(t *testing.T) {
	p := authority()(t)
	list, response := p.CRL("ca"), p.OCSP("alice")
	evidence := formats.Evidence{
		Certificates: append(p.Chain("alice"), p.Cert("root")),
		Revocations:  []pki.Revocation{{Kind: pki.CRL, Raw: list}, {Kind: pki.OCSP, Raw: response}},
	}
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) {
			b := sign(t, b, pades.Preparer{})
			before := parse(t, b)
			n := len(before.Signatures)
			b = embedded(t, b, formats.Embedding{Signature: n - 1, Evidence: evidence})
			b = lifted(t, b)
			size := len(b)
			b = embedded(t, b, formats.Embedding{Signature: n - 1, Evidence: evidence})
			require.NotContains(t, string(b[size:]), "stream\n0", "what is there is not added again")
			b = lifted(t, b)
			doc := parse(t, b)
			require.Empty(t, doc.Defects)
			require.Len(t, doc.Signatures, n+2)
			for i, sig := range doc.Signatures {
				require.NoError(t, holds(sig), sig.Name)
				require.True(t, sig.Coverage.Whole || sig.Coverage.Harmless, sig.Coverage.Note)
				if i < n {
					require.Equal(t, before.Signatures[i].Value, sig.Value)
				}
			}
			first, second := doc.Signatures[n].Stamp, doc.Signatures[n+1].Stamp
			require.NotNil(t, first)
			for _, raw := range [][]byte{list, response, p.Cert("root").Raw, before.Signatures[n-1].Value} {
				require.True(t, covers(first, raw))
				require.True(t, covers(second, raw))
			}
			require.True(t, covers(second, first.Raw), "a renewal covers what it renews")
			qpdfCheck(t, b)
			requirePdfsig(t, b, n)
		})
	}
}

// A certification that allows no changes at all allows evidence and document
// time-stamps (ISO 32000-2 table 257): else no such document could ever last.
func TestExtendCertified(t *testing.T) {
	p := authority()(t)
	for _, permission := range []pades.Permission{pades.NoChanges, pades.FillForms, pades.Annotate} {
		b := sign(t, page(), pades.Preparer{Certify: permission})
		b = embedded(t, b, formats.Embedding{Evidence: formats.Evidence{Certificates: p.Chain("alice")}})
		b = lifted(t, b)
		doc := parse(t, b)
		require.Len(t, doc.Signatures, 2)
		for _, sig := range doc.Signatures {
			require.NoError(t, holds(sig))
			require.True(t, sig.Coverage.Whole || sig.Coverage.Harmless, "%v: %s", permission, sig.Coverage.Note)
		}
	}
}

func TestExtendRefuses(t *testing.T) {
	b := sign(t, page(), pades.Preparer{})
	stamp := formats.StampParams{Kind: formats.DocumentTimestamp, Hash: pki.SHA256, Size: 100}
	pending, err := pades.Extender{}.PrepareStamp(input(b), stamp)
	require.NoError(t, err)
	_, err = pades.Extender{}.CompleteStamp(input(b), pending, tokenOver(t, pending))
	require.ErrorIs(t, err, formats.ErrNoRoom)
	_, err = pades.Extender{}.CompleteStamp(input(append(b, '\n')), pending, tokenOver(t, pending))
	require.ErrorContains(t, err, "prepared for a document of")
	other := *pending
	other.Imprint = pki.SHA256.Sum(nil)
	_, err = pades.Extender{}.CompleteStamp(input(b), pending, tokenOver(t, &other))
	require.ErrorContains(t, err, "over something else")

	for _, wrong := range []formats.StampParams{
		{Kind: formats.SignatureTimestamp, Hash: pki.SHA256},
		{Kind: formats.ArchiveTimestamp, Hash: pki.SHA256},
		{Kind: formats.DocumentTimestamp},
		{Kind: formats.DocumentTimestamp, Hash: pki.SHA256, Size: -1},
		{Kind: formats.DocumentTimestamp, Hash: pki.SHA256, Size: 1 << 30},
	} {
		_, err := pades.Extender{}.PrepareStamp(input(b), wrong)
		require.Error(t, err, wrong)
	}
	_, err = pades.Extender{}.Embed(input(b), []formats.Embedding{{Signature: 1}})
	require.ErrorContains(t, err, "no signature 2")
	_, err = pades.Extender{}.Embed(input([]byte("%PDF-1.7")), nil)
	require.Error(t, err)
	_, err = pades.Extender{}.Embed(input(b), []formats.Embedding{{Evidence: formats.Evidence{
		Revocations: []pki.Revocation{{Kind: pki.OCSP, Raw: []byte("no response")}}}}})
	require.Error(t, err)
}
