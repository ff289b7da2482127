package cades_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

// stamped adds a time-stamp; what is pending crosses a process boundary.
func stamped(t testing.TB, p *pkitest.PKI, in formats.Input, params formats.StampParams) formats.Input {
	t.Helper()
	pending, err := cades.Extender{}.PrepareStamp(in, params)
	require.NoError(t, err)
	raw, err := json.Marshal(pending)
	require.NoError(t, err)
	var later formats.PendingStamp
	require.NoError(t, json.Unmarshal(raw, &later))
	token, err := authority(t, p).Timestamp(t.Context(), later.Hash, later.Imprint)
	require.NoError(t, err)
	edit, err := cades.Extender{}.CompleteStamp(in, &later, token)
	require.NoError(t, err)
	return edit.Apply(in, in.Name)
}

func bytesOf(t testing.TB, in formats.Input) []byte {
	out := make([]byte, in.Size)
	_, err := in.ReadAt(out, 0)
	require.NoError(t, err)
	return out
}

// A signature of level B-B goes all the way up, and once more. Its reader, which
// knows the rules of EN 319 122-1 §5.5.3 from signatures that others made, finds
// every reference of every time-stamp in place.
func TestExtend(t *testing.T) {
	p := pkitest.New(t, "root -> ca -> p256; ca -> stamper[timestamp]")
	content := input("document", document)
	list, lists, response := p.CRL("ca"), p.CRL("root"), p.OCSP("p256")
	for _, attached := range []bool{false, true} {
		in := input("signature", sign(t, p, "p256", cades.Preparer{Attached: attached}, 0, formats.LevelB, document))
		if !attached {
			in.Detached = []formats.Input{content}
		}
		first := parse(t, in).Signatures[0]
		in = stamped(t, p, in, formats.StampParams{Kind: formats.SignatureTimestamp, Hash: pki.SHA384})
		evidence := formats.Evidence{
			Certificates: append(p.Chain("p256"), p.Chain("stamper")...),
			Revocations: []pki.Revocation{
				{Kind: pki.CRL, Raw: list}, {Kind: pki.CRL, Raw: lists}, {Kind: pki.OCSP, Raw: response},
			},
		}
		for range 2 { // a second time adds nothing
			edit, err := cades.Extender{}.Embed(in, []formats.Embedding{{Signature: 0, Evidence: evidence}})
			require.NoError(t, err)
			size := in.Size
			if in = edit.Apply(in, in.Name); size == in.Size {
				break
			}
		}
		sd, err := cms.Parse(bytesOf(t, in))
		require.NoError(t, err)
		require.Equal(t, 5, sd.Version, "RFC 5652 §5.1: there is another form among the crls")
		require.Len(t, sd.Revocations, 3)
		require.Len(t, sd.Certificates, 3)
		for i := range 2 {
			in = stamped(t, p, in, formats.StampParams{Kind: formats.ArchiveTimestamp, Hash: pki.SHA256})
			doc := parse(t, in)
			require.Len(t, doc.Signatures, 1)
			sig := doc.Signatures[0]
			require.True(t, intact(t, sig))
			require.Equal(t, first.Value, sig.Value)
			require.Equal(t, first.Signed, sig.Signed)
			require.Len(t, sig.Evidence.Timestamps, 2+i)
			for _, ts := range sig.Evidence.Timestamps {
				require.True(t, intact(t, ts.Signature), ts.Kind)
			}
			last := sig.Evidence.Timestamps[1+i]
			require.Equal(t, formats.ArchiveTimestamp, last.Kind)
			for _, raw := range [][]byte{list, response, p.Cert("ca").Raw, sig.Evidence.Timestamps[0].Raw, sig.Value} {
				require.True(t, covers(last, raw))
			}
			if i == 1 {
				require.True(t, covers(last, sig.Evidence.Timestamps[1].Raw), "a renewal covers what it renews")
			}
		}
		out, err := run(t, "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", write(t, t.TempDir(), "s.p7s", bytesOf(t, in)),
			"-content", write(t, t.TempDir(), "c", document), "-CAfile", write(t, t.TempDir(), "ca.pem", p.PEM("root")),
			"-purpose", "any", "-attime", "1780000000")
		require.NoError(t, err, out)
	}
}

// What each signer of a CMS gets is its own.
func TestExtendOneOfTwo(t *testing.T) {
	l := newLab(t)
	raw, other := sign(t, l.PKI, "p256", cades.Preparer{}, 0, formats.LevelB, document), sign(t, l.PKI, "p256", cades.Preparer{}, 0, formats.LevelB, document)
	one, err := cms.Parse(raw)
	require.NoError(t, err)
	two, err := cms.Parse(other)
	require.NoError(t, err)
	outer := elements(t, raw)
	parts := elements(t, elements(t, outer[1])[0])
	parts[len(parts)-1] = der(0x31, one.Signers[0].Raw, two.Signers[0].Raw)
	in := input("s", der(0x30, outer[0], der(0xa0, der(0x30, parts...))), input("document", document))
	in = stamped(t, l.PKI, in, formats.StampParams{Kind: formats.SignatureTimestamp, Signature: 1, Hash: pki.SHA256})
	sigs := parse(t, in).Signatures
	require.Len(t, sigs, 2)
	require.Empty(t, sigs[0].Evidence.Timestamps)
	require.Len(t, sigs[1].Evidence.Timestamps, 1)
	require.True(t, intact(t, sigs[0]) && intact(t, sigs[1].Evidence.Timestamps[0].Signature))
}

func TestExtendRefuses(t *testing.T) {
	l := newLab(t)
	signed := input("s", sign(t, l.PKI, "p256", cades.Preparer{}, 0, formats.LevelB, document))
	archive := formats.StampParams{Kind: formats.ArchiveTimestamp, Hash: pki.SHA256}
	_, err := cades.Extender{}.PrepareStamp(signed, archive)
	require.ErrorContains(t, err, "the content that the signature is over is not here")
	_, err = cades.Extender{}.PrepareStamp(signed, formats.StampParams{Kind: formats.SignatureTimestamp, Signature: 1, Hash: pki.SHA256})
	require.ErrorContains(t, err, "no signature 2")
	_, err = cades.Extender{}.PrepareStamp(signed, formats.StampParams{Kind: formats.DocumentTimestamp, Hash: pki.SHA256})
	require.ErrorIs(t, err, formats.ErrUnsupported)
	_, err = cades.Extender{}.PrepareStamp(signed, formats.StampParams{Kind: formats.SignatureTimestamp})
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)
	_, err = cades.Extender{}.PrepareStamp(input("t", l.token(document)), archive)
	require.ErrorContains(t, err, "a time-stamp token")
	_, err = cades.Extender{}.PrepareStamp(input("x", []byte("text")), archive)
	require.ErrorIs(t, err, formats.ErrMalformed)

	pending, err := cades.Extender{}.PrepareStamp(signed, formats.StampParams{Kind: formats.SignatureTimestamp, Hash: pki.SHA256})
	require.NoError(t, err)
	_, err = cades.Extender{}.CompleteStamp(signed, pending, l.token([]byte("something else")))
	require.ErrorContains(t, err, "over something else")
	_, err = cades.Extender{}.CompleteStamp(signed, pending, []byte("no token"))
	require.Error(t, err)
	pending.State = []byte("{}")
	_, err = cades.Extender{}.CompleteStamp(signed, pending, l.token(document))
	require.ErrorIs(t, err, formats.ErrUnsupported)

	// An archive time-stamp of version 2 is over the certificates as they stand:
	// one more, and it proves nothing any more.
	old := l.signed(false)
	l.archiveV2(old, cms.OIDArchiveTimestampV2, false)
	_, err = cades.Extender{}.Embed(input("s", old.join(t), input("document", document)),
		[]formats.Embedding{{Evidence: formats.Evidence{Certificates: l.Chain("stamper")}}})
	require.ErrorIs(t, err, formats.ErrUnsupported)
	require.ErrorContains(t, err, "version 1 or 2")
}

// PEM goes in, DER comes out, and BER keeps the bytes of its parts.
func TestExtendOtherEncodings(t *testing.T) {
	l := newLab(t)
	raw := sign(t, l.PKI, "p256", cades.Preparer{Attached: true}, 0, formats.LevelB, document)
	for name, b := range map[string][]byte{
		"PEM":               append(append([]byte("-----BEGIN CMS-----\n"), base64Lines(raw)...), "-----END CMS-----\n"...),
		"indefinite length": append(append([]byte{0x30, 0x80}, contentsOf(t, raw)...), 0, 0),
	} {
		in := stamped(t, l.PKI, input(name, b), formats.StampParams{Kind: formats.SignatureTimestamp, Hash: pki.SHA256})
		sig := parse(t, in).Signatures[0]
		require.True(t, intact(t, sig), name)
		require.True(t, intact(t, sig.Evidence.Timestamps[0].Signature), name)
	}
}

func base64Lines(b []byte) []byte {
	text := base64.StdEncoding.EncodeToString(b)
	var out []byte
	for len(text) > 64 {
		out, text = append(append(out, text[:64]...), '\n'), text[64:]
	}
	return append(append(out, text...), '\n')
}

// contentsOf is what stands within the outermost SEQUENCE.
func contentsOf(t testing.TB, raw []byte) []byte {
	in := cryptobyte.String(raw)
	var body cryptobyte.String
	require.True(t, in.ReadASN1(&body, cbasn1.SEQUENCE))
	return body
}
