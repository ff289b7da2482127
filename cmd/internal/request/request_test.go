package request_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/formats/pades"
)

func input(text string) formats.Input {
	return formats.Input{Name: "x", ReaderAt: bytes.NewReader([]byte(text)), Size: int64(len(text))}
}

func TestSignature(t *testing.T) {
	for name, c := range map[string]struct {
		wish   request.Signature
		text   string
		format formats.ID
		level  formats.Level
		errs   string
	}{
		"a PDF is signed inside":    {request.Signature{}, "%PDF-1.7\n", formats.PAdES, formats.LevelT, ""},
		"in capitals":               {request.Signature{Format: "CAdES", Level: "b-b"}, "x", formats.CAdES, formats.LevelB, ""},
		"a PDF can be signed aside": {request.Signature{Format: "cades"}, "%PDF-1.7\n", formats.CAdES, formats.LevelT, ""},
		"nothing else is guessed":   {request.Signature{}, "hello", "", "", "not a PDF"},
		"empty":                     {request.Signature{}, "", "", "", "it is empty"},
		"unknown format":            {request.Signature{Format: "xades"}, "x", "", "", "unknown signature format"},
		"unknown level":             {request.Signature{Level: "B-X"}, "%PDF-1.7\n", "", "", "unknown signature level"},
		"a reason without a PDF":    {request.Signature{Format: "cades", PDF: request.PDF{Reason: "r"}}, "x", "", "", "belong to PDF"},
	} {
		t.Run(name, func(t *testing.T) {
			p, level, err := c.wish.Resolve(input(c.text))
			if c.errs != "" {
				var mistake *request.Error
				require.ErrorAs(t, err, &mistake)
				require.Contains(t, err.Error(), c.errs)
				require.NotEmpty(t, mistake.Hint)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.format, p.ID())
			require.Equal(t, c.level, level)
		})
	}
}

func TestSignedName(t *testing.T) {
	require.Equal(t, "a.signed.pdf", request.SignedName("a.pdf", formats.PAdES))
	require.Equal(t, "d/a.b.signed.PDF", request.SignedName("d/a.b.PDF", formats.PAdES))
	require.Equal(t, "a.signed", request.SignedName("a", formats.PAdES))
	require.Equal(t, "report.docx.p7s", request.SignedName("report.docx", formats.CAdES))
}

func pemKey(t *testing.T, kind string, key any) []byte {
	var der []byte
	var err error
	if kind == "PUBLIC KEY" {
		der, err = x509.MarshalPKIXPublicKey(key)
	} else {
		der, err = x509.MarshalPKCS8PrivateKey(key)
	}
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

func TestHolderKey(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	point, err := key.PublicKey.Bytes()
	require.NoError(t, err)
	b64 := base64.RawURLEncoding.EncodeToString
	asJWK := func(y []byte, more string) []byte {
		return fmt.Appendf(nil, `{"kty":"EC","crv":"P-256","x":%q,"y":%q%s}`, b64(point[1:33]), b64(y), more)
	}
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)

	for name, text := range map[string][]byte{
		"PEM":                pemKey(t, "PUBLIC KEY", &key.PublicKey),
		"PEM in white space": append([]byte("\n\n "), pemKey(t, "PUBLIC KEY", &key.PublicKey)...),
		"JWK":                asJWK(point[33:], ""),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := request.HolderKey(text)
			require.NoError(t, err)
			require.True(t, key.PublicKey.Equal(got))
		})
	}
	got, err := request.HolderKey(fmt.Appendf(nil, `{"kty":"OKP","crv":"Ed25519","x":%q}`, b64(edwards)))
	require.NoError(t, err)
	require.True(t, edwards.Equal(got))

	off := bytes.Clone(point[33:])
	off[31] ^= 1
	for name, text := range map[string][]byte{
		"empty":                        nil,
		"text":                         []byte("hello"),
		"a private PEM":                pemKey(t, "PRIVATE KEY", key),
		"a private JWK":                asJWK(point[33:], fmt.Sprintf(`,"d":%q`, b64(bytes.Repeat([]byte{1}, 32)))),
		"a point off its curve":        asJWK(off, ""),
		"RSA, which mdoc cannot carry": pemKey(t, "PUBLIC KEY", &rsaKey.PublicKey),
		"a secret":                     []byte(`{"kty":"oct","k":"AAAA"}`),
		"JSON without a key":           []byte(`{}`),
		"two keys":                     bytes.Repeat(pemKey(t, "PUBLIC KEY", edwards), 2),
		"a certificate label":          bytes.ReplaceAll(pemKey(t, "PUBLIC KEY", edwards), []byte("PUBLIC KEY"), []byte("CERTIFICATE")),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := request.HolderKey(text)
			var mistake *request.Error
			require.ErrorAs(t, err, &mistake)
			require.NotEmpty(t, mistake.Hint)
		})
	}
}

func TestPDF(t *testing.T) {
	mm := func(n float64) float64 { return n * 72 / 25.4 }
	for name, c := range map[string]struct {
		wish request.PDF
		want pades.Preparer
	}{
		"nothing":   {request.PDF{Language: "uk"}, pades.Preparer{}},
		"words":     {request.PDF{Field: "f", Reason: "r", Location: "l"}, pades.Preparer{Field: "f", Reason: "r", Location: "l"}},
		"certify":   {request.PDF{Certify: "Forms", Attestation: "a"}, pades.Preparer{Certify: pades.FillForms, Attestation: "a"}},
		"all":       {request.PDF{Lock: "all"}, pades.Preparer{Lock: &pades.Lock{Action: pades.LockAll}}},
		"fields":    {request.PDF{Lock: "fields:a,b c"}, pades.Preparer{Lock: &pades.Lock{Action: pades.LockInclude, Fields: []string{"a", "b c"}}}},
		"except":    {request.PDF{Lock: "except:a"}, pades.Preparer{Lock: &pades.Lock{Action: pades.LockExclude, Fields: []string{"a"}}}},
		"document":  {request.PDF{Lock: "document"}, pades.Preparer{Lock: &pades.Lock{Action: pades.LockAll, Permission: pades.NoChanges}}},
		"visible":   {request.PDF{Visible: "yes", Language: "et"}, pades.Preparer{Appearance: &pades.Appearance{Language: "et"}}},
		"QR":        {request.PDF{QR: "x"}, pades.Preparer{Appearance: &pades.Appearance{QR: "x"}}},
		"picture":   {request.PDF{Image: []byte{1}}, pades.Preparer{Appearance: &pades.Appearance{Image: []byte{1}}}},
		"last page": {request.PDF{Visible: "page=last, text=no"}, pades.Preparer{Page: -1, Appearance: &pades.Appearance{NoText: true}}},
		"place": {request.PDF{Visible: "rect=10:20:30.5:40,page=2"}, pades.Preparer{Page: 2, Appearance: &pades.Appearance{
			Rect: pades.Rect{Left: mm(10), Top: mm(20), Width: mm(30.5), Height: mm(40)}}}},
	} {
		got, _, err := request.Signature{Format: "pades", PDF: c.wish}.Resolve(input("x"))
		require.NoError(t, err, name)
		require.Equal(t, c.want, got, name)
	}
	for _, wish := range []request.PDF{
		{Certify: "all"}, {Lock: "fields"}, {Lock: "fields:"}, {Lock: "all:a"}, {Lock: "x"}, {Visible: "no"},
		{Visible: "page=0"}, {Visible: "page=1,page=2"}, {Visible: "rect=1:2:3"}, {Visible: "rect=1:2:NaN:4"},
		{Visible: "rect=1:2:0:4"}, {Visible: "rect=-1:2:3:4"}, {Visible: "rect=1:2:3:Inf"}, {Visible: "text"},
		{Visible: "page=99999999999"}, {Visible: ","},
	} {
		_, _, err := request.Signature{Format: "pades", PDF: wish}.Resolve(input("x"))
		var mistake *request.Error
		require.ErrorAs(t, err, &mistake, "%+v", wish)
		require.NotEmpty(t, mistake.Hint)
		_, _, err = request.Signature{Format: "cades", PDF: wish}.Resolve(input("x"))
		require.ErrorContains(t, err, "belong to PDF")
	}
}
