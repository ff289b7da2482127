package mdoc_test

import (
	"bytes"
	"encoding/hex"
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// corpus reads a file that we did not write, or skips.
func corpus(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(pkitest.Corpus(t, path))
	require.NoError(t, err)
	return data
}

func unhex(t testing.TB, text []byte) []byte {
	t.Helper()
	out, err := hex.DecodeString(string(bytes.TrimSpace(text)))
	require.NoError(t, err)
	return out
}

func input(data []byte) formats.Input {
	return formats.Input{Name: "test", ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}

// judge checks what the verifier would: no fatal defect, the value under the
// named certificate, and every reference. It says how many elements agree.
func judge(sig *formats.Signature) (value bool, agreed int) {
	for _, d := range sig.Defects {
		if d.Fatal {
			return false, 0
		}
	}
	for _, r := range sig.References {
		if !r.Hash.Known() {
			continue
		}
		h := r.Hash.New()
		if _, err := io.Copy(h, r.Open()); err == nil && bytes.Equal(h.Sum(nil), r.Want) {
			agreed++
		}
	}
	cert := sig.Signer.Certificate
	return cert != nil && pki.Verify(cert.PublicKey, sig.Algorithm, sig.Signed, sig.Value) == nil, agreed
}

// Annex D.5.2 of ISO/IEC 18013-5 and five documents of other issuers: each
// value verifies under the issuer's certificate, each element has its digest.
func TestVectorsForeign(t *testing.T) {
	pkitest.Corpus(t, "mdoc-ts")
	tally := pkitest.Tally{Name: "mdoc-foreign"}
	for _, c := range []struct {
		path, docType string
		hex           bool
		elements      int
		presented     bool
	}{
		{"isomdl/definitions/issuer_signed.cbor", "org.iso.18013.5.1.mDL", true, 6, false},
		{"mdoc-ts/animo-mdoc-05/deviceResponse.cbor", "eu.europa.ec.eudi.pid.1", false, 2, true},
		{"mdoc-ts/bdr/issuerSigned.cbor", "org.iso.18013.5.1.mDL", false, -1, false},
		{"mdoc-ts/france/deviceResponse.cbor", "org.iso.18013.5.1.mDL", false, 6, true},
		{"mdoc-ts/google/deviceResponse.cbor", "org.iso.18013.5.1.mDL", false, 2, true},
		{"mdoc-ts/ubique/deviceResponse.cbor", "org.iso.18013.5.1.mDL", false, -1, true},
	} {
		t.Run(c.path, func(t *testing.T) {
			data := corpus(t, c.path)
			if c.hex {
				data = unhex(t, data)
			}
			require.True(t, mdoc.Parser{}.Sniff(data))
			doc, err := mdoc.Parser{}.Parse(input(data))
			require.NoError(t, err)
			require.Len(t, doc.Signatures, 1)
			sig := &doc.Signatures[0]
			value, agreed := judge(sig)
			tally.Case(t, c.path, value && agreed == len(sig.References), "")
			if c.elements >= 0 {
				require.Len(t, sig.References, c.elements)
			}
			require.Equal(t, c.docType, sig.Credential.Type)
			require.Equal(t, c.presented, sig.Credential.Presented)
			require.True(t, sig.Credential.HolderKey)
			require.NotEmpty(t, sig.References)
			require.Equal(t, len(sig.References), len(sig.Credential.Elements))
		})
	}
	tally.Report(t)
}

// isomdl's own sample of a DeviceResponse signs no MSO: it is refused, and
// says why.
func TestForeignWithoutMSO(t *testing.T) {
	data := unhex(t, corpus(t, "isomdl/definitions/device_response.cbor"))
	require.True(t, mdoc.Parser{}.Sniff(data))
	_, err := mdoc.Parser{}.Parse(input(data))
	require.ErrorIs(t, err, formats.ErrMalformed)
	require.ErrorContains(t, err, "MobileSecurityObject")
}
