package pades_test

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"testing"

	"github.com/digitorus/pdf"
	foreign "github.com/digitorus/pdfsign/sign"
	theirs "github.com/digitorus/pdfsign/verify"
	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// inMemory reads a whole document.
func inMemory(t testing.TB, in formats.Input) []byte {
	b, err := io.ReadAll(in.Reader())
	require.NoError(t, err)
	return b
}

var sizes = []int64{50 << 10, 50 << 20}

// BenchmarkSign: P-256, level B-B, against the bare hash of the same bytes and
// against pdfsign v0.9.0.
func BenchmarkSign(b *testing.B) {
	for _, size := range sizes {
		data := inMemory(b, largePDF(size))
		in := input(data)
		b.Run(fmt.Sprintf("tamga/%d", size), func(b *testing.B) {
			b.SetBytes(in.Size)
			b.ReportAllocs()
			for b.Loop() {
				signLarge(b, in)
			}
		})
		b.Run(fmt.Sprintf("hash/%d", size), func(b *testing.B) {
			b.SetBytes(in.Size)
			for b.Loop() {
				sha256.Sum256(data)
			}
		})
		b.Run(fmt.Sprintf("pdfsign/%d", size), func(b *testing.B) {
			b.SetBytes(in.Size)
			b.ReportAllocs()
			p := authority()(b)
			for b.Loop() {
				reader, err := pdf.NewReader(bytes.NewReader(data), in.Size)
				require.NoError(b, err)
				var out bytes.Buffer
				require.NoError(b, foreign.Sign(bytes.NewReader(data), &out, reader, in.Size, foreign.SignData{
					Signature: foreign.SignDataSignature{CertType: foreign.ApprovalSignature,
						Info: foreign.SignDataSignatureInfo{Date: claimedTime}},
					Signer: p.Signer("alice"), DigestAlgorithm: crypto.SHA256, Certificate: p.Cert("alice"),
					CertificateChains: [][]*x509.Certificate{p.Chain("alice")},
				}))
			}
		})
	}
}

// BenchmarkVerify: parsing, the digest of the range, the value; no path.
func BenchmarkVerify(b *testing.B) {
	for _, size := range sizes {
		data := inMemory(b, signLarge(b, largePDF(size)))
		in := input(data)
		b.Run(fmt.Sprintf("tamga/%d", size), func(b *testing.B) {
			b.SetBytes(in.Size)
			b.ReportAllocs()
			for b.Loop() {
				doc, err := pades.Parser{}.Parse(in)
				require.NoError(b, err)
				require.NoError(b, holds(doc.Signatures[0]))
			}
		})
		b.Run(fmt.Sprintf("hash/%d", size), func(b *testing.B) {
			b.SetBytes(in.Size)
			for b.Loop() {
				sha256.Sum256(data)
			}
		})
		b.Run(fmt.Sprintf("pdfsign/%d", size), func(b *testing.B) {
			b.SetBytes(in.Size)
			b.ReportAllocs()
			for b.Loop() {
				_, err := theirs.Verify(bytes.NewReader(data), in.Size)
				require.NoError(b, err)
			}
		})
	}
}
