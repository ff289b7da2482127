package config_test

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/config"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier/policy"
)

func put(t testing.TB, dir, name string, data []byte) string {
	path := filepath.Join(dir, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func armour(kind string, der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
}

// What a file is, its bytes tell, not its name.
func TestEvidence(t *testing.T) {
	p := pkitest.New(t, "root -> ca -> alice, bob; root2 -> eve")
	dir := t.TempDir()
	put(t, dir, "a", p.Cert("ca").Raw)
	put(t, dir, "b.txt", append([]byte("several\n"), append(p.PEM("root", "root2"), armour("X509 CRL", p.CRL("root"))...)...))
	put(t, dir, "deep/er/c.crl", p.CRL("ca"))
	answer := p.OCSP("alice")
	put(t, dir, "deep/d.ors", answer)
	put(t, dir, "deep/again", answer)
	put(t, dir, "README", []byte("hello"))
	put(t, dir, "empty", nil)
	put(t, dir, "key.pem", p.KeyPEM("alice"))
	put(t, dir, "cut.crl", p.CRL("ca")[:50])
	require.NoError(t, os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "link")))
	e, err := config.LoadEvidence([]string{dir})
	require.NoError(t, err)
	require.Len(t, e.Skipped, 4)

	find := func(name, issuer string) (out []pki.RevocationKind) {
		found, err := e.Revocation(t.Context(), p.Cert(name), p.Cert(issuer))
		require.NoError(t, err)
		for _, r := range found {
			out = append(out, r.Kind)
			require.True(t, strings.HasPrefix(r.Source, "evidence "), r.Source)
		}
		return out
	}
	require.Equal(t, []pki.RevocationKind{pki.OCSP, pki.CRL}, find("alice", "ca"))
	require.Equal(t, []pki.RevocationKind{pki.CRL}, find("bob", "ca"))
	require.Equal(t, []pki.RevocationKind{pki.CRL}, find("ca", "root"))
	require.Empty(t, find("eve", "root2"))
	issuers, err := e.Issuers(t.Context(), p.Cert("alice"))
	require.NoError(t, err)
	require.Len(t, issuers, 1)
	require.True(t, issuers[0].Equal(p.Cert("ca")))
}

// One that is named itself must be of use; a folder that is not there is an
// error, not no evidence.
func TestEvidenceThatIsNone(t *testing.T) {
	dir := t.TempDir()
	_, err := config.LoadEvidence([]string{put(t, dir, "README", []byte("hello"))})
	require.ErrorContains(t, err, "no certificate, revocation list")
	_, err = config.LoadEvidence([]string{filepath.Join(dir, "none")})
	require.ErrorContains(t, err, "loading evidence")
	deep := filepath.Join(append([]string{dir}, strings.Split(strings.Repeat("d/", 40), "/")...)...)
	require.NoError(t, os.MkdirAll(deep, 0o700))
	_, err = config.LoadEvidence([]string{dir})
	require.ErrorContains(t, err, "folders deep")
}

// A name that is written in another way is the same name (RFC 5280 §7.1).
func TestEvidenceByName(t *testing.T) {
	p := pkitest.New(t, "ca[cn=Some Authority] -> alice")
	e, err := config.LoadEvidence([]string{put(t, t.TempDir(), "ca", p.Cert("ca").Raw)})
	require.NoError(t, err)
	spelt := *p.Cert("alice")
	spelt.RawIssuer = []byte(strings.Replace(string(spelt.RawIssuer), "Some Authority", "SOME authority", 1))
	found, err := e.Issuers(t.Context(), &spelt)
	require.NoError(t, err)
	require.Len(t, found, 1)

	// The list that says "revoked" is not hidden by another one that spells the
	// authority's name as the certificate does.
	other := pkitest.New(t, "ca[cn=Some Authority] -> alice")
	upper := pkitest.New(t, "ca[cn=SOME AUTHORITY] -> alice")
	dir := t.TempDir()
	put(t, dir, "a.crl", other.CRL("ca"))
	put(t, dir, "b.crl", upper.CRL("ca"))
	e, err = config.LoadEvidence([]string{dir})
	require.NoError(t, err)
	lists, err := e.Revocation(t.Context(), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
	require.Len(t, lists, 2)
}

// Evidence is believed for its signatures, never for being there: a certificate
// in the folder makes nobody trusted.
func TestEvidenceIsNotTrust(t *testing.T) {
	p := pkitest.New(t, "root -> ca -> alice")
	dir := t.TempDir()
	put(t, dir, "all.pem", append(p.PEM("root", "ca"), armour("X509 CRL", p.CRL("ca"))...))
	e, err := config.LoadEvidence([]string{dir})
	require.NoError(t, err)
	v, err := config.Judge{Evidence: e, Now: p.Clock()}.Verifier()
	require.NoError(t, err)
	require.Equal(t, policy.DefaultName, v.Policy.Name)
	anchors, err := v.Trust.Anchors(t.Context(), pki.UseSign)
	require.NoError(t, err)
	require.Empty(t, anchors)
	found, err := v.Revocation.Revocation(t.Context(), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	issuers, err := v.Issuers.Issuers(t.Context(), p.Cert("alice"))
	require.NoError(t, err)
	require.Len(t, issuers, 1)
}

func TestCertificateFiles(t *testing.T) {
	p := pkitest.New(t, "root; other")
	dir := t.TempDir()
	_, err := config.LoadCertificateFolder(dir)
	require.ErrorContains(t, err, "no file in")
	put(t, dir, "a.DER", p.Cert("root").Raw)
	put(t, dir, "b.pem", p.PEM("root", "other"))
	put(t, dir, "README", []byte("hello"))
	put(t, dir, "sub/c.pem", p.PEM("other"))
	list, err := config.LoadCertificateFolder(dir)
	require.NoError(t, err)
	require.Len(t, list, 2)
	put(t, dir, "key.pem", p.KeyPEM("root"))
	_, err = config.LoadCertificateFolder(dir)
	require.ErrorContains(t, err, "key.pem: loading certificates: the file also holds a PRIVATE KEY")
	_, err = config.ParseCertificates(append(append([]byte{}, p.Cert("root").Raw...), 0))
	require.Error(t, err, "bytes after the end")
}

// Whatever the bytes: never a panic, and what is found are certificates.
func FuzzEvidence(f *testing.F) {
	p := pkitest.New(f, "root -> alice")
	f.Add(p.Cert("root").Raw)
	f.Add(p.CRL("root"))
	f.Add(p.OCSP("alice"))
	f.Add(armour("X509 CRL", p.CRL("root")))
	dir := f.TempDir()
	leaf := p.Cert("alice")
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := config.LoadEvidence([]string{put(t, dir, "e", data)})
		if err != nil {
			require.Nil(t, e)
			return
		}
		found, err := e.Issuers(t.Context(), leaf)
		require.NoError(t, err)
		for _, c := range found {
			_, err := x509.ParseCertificate(c.Raw)
			require.NoError(t, err)
		}
		_, err = e.Revocation(t.Context(), leaf, p.Cert("root"))
		require.NoError(t, err)
	})
}
