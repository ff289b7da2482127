package pades_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"tamga/formats"
	"tamga/pki"
)

// oldPDF is a PDF of one page whose signature is as Adobe made them before 2008:
// nothing that we can write ourselves. contents makes the CMS, or what stands
// for it, from what /ByteRange covers.
func oldPDF(t testing.TB, entries string, contents func(signed []byte) []byte) []byte {
	const room = 8 << 10
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	object("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] /SigFlags 3 >> >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Annots [4 0 R] >>")
	object("<< /Type /Annot /Subtype /Widget /FT /Sig /T (Old) /V 5 0 R /Rect [0 0 0 0] /P 3 0 R >>")
	object("<< /Type /Sig /Filter /Adobe.PPKLite " + entries + "\n/ByteRange [0 AAAAAAAAAA BBBBBBBBBB CCCCCCCCCC]\n" +
		"/Contents <" + strings.Repeat("0", 2*room) + ">\n>>")
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, off := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	raw := b.Bytes()
	from := bytes.Index(raw, []byte("/Contents <")) + len("/Contents ")
	to := from + 2*room + 2
	for mark, n := range map[string]int{"AAAAAAAAAA": from, "BBBBBBBBBB": to, "CCCCCCCCCC": len(raw) - to} {
		raw = bytes.Replace(raw, []byte(mark), fmt.Appendf(nil, "%-10d", n), 1)
	}
	value := contents(append(bytes.Clone(raw[:from]), raw[to:]...))
	hex.Encode(raw[from+1:], value)
	return raw
}

// rsaSHA1 is an adbe.x509.rsa_sha1 of bob's.
func rsaSHA1(t testing.TB, certificates string) []byte {
	return oldPDF(t, "/SubFilter /adbe.x509.rsa_sha1 /Cert "+certificates, func(signed []byte) []byte {
		digest := sha1.Sum(signed)
		value, err := authority()(t).Signer("bob").Sign(nil, digest[:], crypto.SHA1)
		require.NoError(t, err)
		var b cryptobyte.Builder
		b.AddASN1OctetString(value)
		return b.BytesOrPanic()
	})
}

func certificates(t testing.TB, names ...string) string {
	list := "["
	for _, name := range names {
		list += fmt.Sprintf("<%x> ", authority()(t).Cert(name).Raw)
	}
	return list + "]"
}

// directly does what the verifier does with a value over content itself.
func directly(sig formats.Signature) error {
	if text := fatal(sig.Defects); text != "" {
		return fmt.Errorf("%s", text)
	}
	h, err := digestOf(sig.References[0], sig.Algorithm.Hash())
	if err != nil {
		return err
	}
	cert := sig.Signer.Certificate
	if cert == nil {
		cert = signerOf(sig)
	}
	return pki.VerifyDigest(cert.PublicKey, sig.Algorithm, h, sig.Value)
}

func digestOf(r formats.Reference, hash pki.Hash) ([]byte, error) {
	h := hash.New()
	_, err := formats.Stream(h, r.Open())
	return h.Sum(nil), err
}

func TestRSASHA1(t *testing.T) {
	for _, certs := range []string{certificates(t, "bob", "ca"), fmt.Sprintf("<%x>", authority()(t).Cert("bob").Raw)} {
		raw := rsaSHA1(t, certs)
		sig := parse(t, raw).Signatures[0]
		require.True(t, sig.Direct)
		require.Equal(t, pki.RSASHA1, sig.Algorithm)
		require.Equal(t, "bob", sig.Signer.Certificate.Subject.CommonName)
		require.True(t, sig.Coverage.Whole)
		require.NoError(t, directly(sig))

		bad := bytes.Replace(raw, []byte("200 200"), []byte("200 100"), 1)
		require.Error(t, directly(parse(t, bad).Signatures[0]))
	}
	// The first is the signer, whoever else is there.
	require.Error(t, directly(parse(t, rsaSHA1(t, certificates(t, "ca", "bob"))).Signatures[0]))
	for name, certs := range map[string]string{
		"none": "[]", "nothing": "null", "no string": "[1]", "no certificate": "[<3000>]", "garbage behind": certificates(t, "bob")[:20] + ">]",
		"too many": "[" + strings.Repeat("<3000> ", 101) + "]",
	} {
		require.NotEmpty(t, fatal(parse(t, rsaSHA1(t, certs)).Signatures[0].Defects), name)
	}
	// A CMS in the place of the value, or something behind it.
	for _, contents := range [][]byte{{0x30, 0x00}, {0x04, 0x01, 0x00, 0x04, 0x00}} {
		raw := oldPDF(t, "/SubFilter /adbe.x509.rsa_sha1 /Cert "+certificates(t, "bob"), func([]byte) []byte { return contents })
		require.NotEmpty(t, fatal(parse(t, raw).Signatures[0].Defects))
	}
}

// openssl makes the CMS of an adbe.pkcs7.sha1, with and without signed
// attributes; pdfsig accepts the file, and so do we.
func TestPKCS7SHA1(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not installed")
	}
	p, dir := authority()(t), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), p.PEM("bob"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), p.KeyPEM("bob"), 0o600))
	over := func(digest []byte, flags ...string) []byte {
		require.NoError(t, os.WriteFile(filepath.Join(dir, "digest"), digest, 0o600))
		cmd := exec.Command(openssl, append([]string{"cms", "-sign", "-binary", "-nodetach", "-outform", "DER", "-md", "sha1",
			"-in", "digest", "-signer", "cert.pem", "-inkey", "key.pem"}, flags...)...)
		cmd.Dir = dir
		out, err := cmd.Output()
		require.NoError(t, err)
		return out
	}
	const entries = "/SubFilter /adbe.pkcs7.sha1"
	for _, flags := range [][]string{nil, {"-noattr"}} {
		raw := oldPDF(t, entries, func(signed []byte) []byte {
			digest := sha1.Sum(signed)
			return over(digest[:], flags...)
		})
		good := func(raw []byte) error {
			sig := parse(t, raw).Signatures[0]
			require.Len(t, sig.References, 2)
			require.Equal(t, flags != nil, sig.Direct)
			actual, err := digestOf(sig.References[1], pki.SHA1)
			require.NoError(t, err)
			if !bytes.Equal(actual, sig.References[1].Want) {
				return fmt.Errorf("the digest of the file is another")
			}
			if sig.Direct {
				return directly(sig)
			}
			return holds(sig)
		}
		require.NoError(t, good(raw))
		bad := bytes.Replace(raw, []byte("200 200"), []byte("200 100"), 1)
		require.Error(t, good(bad))
		if pdfsig, err := exec.LookPath("pdfsig"); err == nil {
			for path, file := range map[string][]byte{"good.pdf": raw, "bad.pdf": bad} {
				require.NoError(t, os.WriteFile(filepath.Join(dir, path), file, 0o600))
				out, _ := exec.Command(pdfsig, "-nocert", filepath.Join(dir, path)).CombinedOutput()
				t.Logf("%s", out)
				require.Equal(t, path == "good.pdf", strings.Contains(string(out), "Signature is Valid"), "%s", out)
			}
		}
	}
	// The digest of another file, which is rightly signed.
	other := oldPDF(t, entries, func([]byte) []byte { d := sha1.Sum([]byte("another")); return over(d[:]) })
	sig := parse(t, other).Signatures[0]
	actual, err := digestOf(sig.References[1], pki.SHA1)
	require.NoError(t, err)
	require.NotEqual(t, actual, sig.References[1].Want)
	// Without the digest inside, and with content where none may be.
	for _, sub := range []string{"adbe.pkcs7.detached", "ETSI.CAdES.detached"} {
		inside := oldPDF(t, "/SubFilter /"+sub, func([]byte) []byte { return over([]byte("content")) })
		require.Contains(t, fatal(parse(t, inside).Signatures[0].Defects), "content of its own")
	}
}
