package pades_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"testing"

	"github.com/digitorus/pdf"
	foreign "github.com/digitorus/pdfsign/sign"
	"github.com/stretchr/testify/require"

	"tamga/formats/pades"
)

// pdfsignSign signs with github.com/digitorus/pdfsign v0.9.0, the foreign
// producer and the baseline.
func pdfsignSign(t testing.TB, b []byte) []byte {
	t.Helper()
	p := authority()(t)
	reader, err := pdf.NewReader(bytes.NewReader(b), int64(len(b)))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, foreign.Sign(bytes.NewReader(b), &out, reader, int64(len(b)), foreign.SignData{
		Signature: foreign.SignDataSignature{
			CertType: foreign.ApprovalSignature, Info: foreign.SignDataSignatureInfo{Name: "Bob", Date: claimedTime},
		},
		Signer: p.Signer("bob"), DigestAlgorithm: crypto.SHA256, Certificate: p.Cert("bob"),
		CertificateChains: [][]*x509.Certificate{p.Chain("bob")},
	}))
	return out.Bytes()
}

// What pdfsign makes is read, whole and right; and after we sign it too, both
// signatures are valid, for pdfsig as well.
func TestPdfsignAsForeignProducer(t *testing.T) {
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) {
			theirs := pdfsignSign(t, b)
			doc := parse(t, theirs)
			require.Len(t, doc.Signatures, 1)
			require.NoError(t, holds(doc.Signatures[0]))
			require.Equal(t, "PDF signature (adbe.pkcs7.detached)", doc.Signatures[0].Kind)
			require.True(t, doc.Signatures[0].Coverage.Whole)
			requirePdfsig(t, theirs, 1)
			both := sign(t, theirs, pades.Preparer{})
			doc = parse(t, both)
			require.Len(t, doc.Signatures, 2)
			for _, sig := range doc.Signatures {
				require.NoError(t, holds(sig))
			}
			requirePdfsig(t, both, 2)
		})
	}
}
