package pkitest

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"tamga/pki"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"
)

const wholeDrawing = `
	# two roots, every kind of use
	root -> ca -> alice, bob[rsa2048]
	ca -> tsa[timestamp, p384]; ca -> responder[ocsp]
	ca.revoked(bob)
	iaca[pathlen=0, country=EE] -> ds[mdoc, sdjwt, ed25519, nocrl]
	old[until=2023-01-01] -> relic[mldsa65, revoked=2025-05-01, reason=1]
	relic.cn = Релікт
`

func TestDrawing(t *testing.T) {
	p := New(t, wholeDrawing)

	for _, name := range []string{"alice", "bob", "tsa", "responder", "ds"} {
		pool := x509.NewCertPool()
		for _, c := range p.Chain(name)[1:] {
			pool.AddCert(c)
		}
		_, err := p.Cert(name).Verify(x509.VerifyOptions{
			Roots: p.Roots(), Intermediates: pool, CurrentTime: p.Now,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		require.NoError(t, err, name)
	}
	require.Len(t, p.Chain("alice"), 2)
	require.Len(t, p.Anchors(), 3)
	require.Equal(t, []pki.Use{pki.UseMdoc}, p.Anchors(pki.UseMdoc)[0].Uses)
	require.Equal(t, "Релікт", p.Cert("relic").Subject.CommonName)
	require.Equal(t, []string{"EE"}, p.Cert("iaca").Subject.Country)
	require.True(t, p.Cert("iaca").MaxPathLenZero)
	require.Empty(t, p.Cert("ds").CRLDistributionPoints)
	require.Equal(t, []string{"http://pki.test/ca.crl"}, p.Cert("alice").CRLDistributionPoints)
}

func TestKeysSignForTheirUsesOnly(t *testing.T) {
	p := New(t, wholeDrawing)
	alg, err := pki.DefaultAlgorithm(p.Cert("ds").PublicKey)
	require.NoError(t, err)
	_, err = p.Key("ds").Sign(context.Background(), pki.UseMdoc, alg, []byte("m"))
	require.NoError(t, err)
	_, err = p.Key("ds").Sign(context.Background(), pki.UseTimestamp, alg, []byte("m"))
	require.ErrorIs(t, err, pki.ErrKeyUse)
	require.True(t, p.Key("ca").Allows(pki.UseCertificate, pki.ECDSASHA256))
}

func TestRevocationFollowsNow(t *testing.T) {
	p := New(t, wholeDrawing)
	list, err := x509.ParseRevocationList(p.CRL("ca"))
	require.NoError(t, err)
	require.NoError(t, list.CheckSignatureFrom(p.Cert("ca")))
	require.Len(t, list.RevokedCertificateEntries, 1)
	require.Equal(t, p.Cert("bob").SerialNumber, list.RevokedCertificateEntries[0].SerialNumber)

	list, err = x509.ParseRevocationList(p.CRL("old"))
	require.NoError(t, err)
	require.Equal(t, 1, list.RevokedCertificateEntries[0].ReasonCode)

	found, err := p.Revocation().Revocation(context.Background(), p.Cert("bob"), p.Cert("ca"))
	require.NoError(t, err)
	require.Len(t, found, 1)

	for _, by := range [][]string{nil, {"responder"}} {
		answer, err := ocsp.ParseResponse(p.OCSP("bob", by...), p.Cert("ca"))
		require.NoError(t, err)
		require.Equal(t, ocsp.Revoked, answer.Status)
	}
	p.Now = p.Now.AddDate(0, 0, -2)
	list, err = x509.ParseRevocationList(p.CRL("ca"))
	require.NoError(t, err)
	require.Empty(t, list.RevokedCertificateEntries)
	answer, err := ocsp.ParseResponse(p.OCSP("bob"), p.Cert("ca"))
	require.NoError(t, err)
	require.Equal(t, ocsp.Good, answer.Status)
}

func TestIssueBreaksRules(t *testing.T) {
	p := New(t, "root -> ca")
	c := p.Issue("ca", "mallory", func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid = true, true
		c.NotAfter = p.Now.Add(-time.Hour)
	})
	require.True(t, c.IsCA)
	require.NotNil(t, p.Key("mallory"))
}

func TestSharedKey(t *testing.T) {
	p := New(t, "a -> x; b[key=a] -> y")
	require.Equal(t, p.Signer("a").Public(), p.Signer("b").Public())
	require.NotEqual(t, p.Cert("a").Raw, p.Cert("b").Raw)
}

func TestKinds(t *testing.T) {
	for _, kind := range keyKinds {
		if kind == "rsa3072" || kind == "rsa4096" {
			continue // slow, and no different from rsa2048
		}
		p := New(t, "root["+kind+"] -> leaf["+kind+"]")
		require.NoError(t, p.Cert("leaf").CheckSignatureFrom(p.Cert("root")), kind)
		require.NotEqual(t, p.Signer("root").Public(), p.Signer("leaf").Public(), kind)
	}
}

func TestMistakes(t *testing.T) {
	for drawing, want := range map[string]string{
		"":                             "empty",
		"# nothing":                    "empty",
		"a -> b -> a":                  "circle",
		"a -> a":                       "circle",
		"a -> c; b -> c":               "two issuers",
		"a -> b, c -> d":               "only the end",
		"a -> b[p255]":                 "no attribute",
		"a -> b[p256":                  "no closing bracket",
		"a -> b] c":                    "is no name",
		"a -> ":                        "is no name",
		"a.revoked(b":                  "no closing parenthesis",
		"a -> b; c.revoked(b)":         "not issued by",
		"a[revoked]":                   "has no issuer",
		"a[until=tomorrow]":            "cannot parse",
		"a[key=b]":                     "not drawn",
		"a.until":                      "a change is",
		"a -> b[ocsp, timestamp]":      "does not go together",
		"a -> b[from=2026-13-01]":      "month out of range",
		"a -> b; b.revoked = whenever": "cannot parse",
	} {
		_, err := draw(drawing)
		require.ErrorContains(t, err, want, drawing)
	}
}

// stopper is a test that remembers how it was ended.
type stopper struct {
	testing.TB
	said string
}

func (s *stopper) Helper() {}

func (s *stopper) Fatalf(format string, args ...any) {
	s.said = fmt.Sprintf(format, args...)
	panic(s)
}

func TestUnknownNameEndsTheTest(t *testing.T) {
	s := &stopper{TB: t}
	p := New(s, "root -> alice")
	require.Panics(t, func() { p.Cert("alise") })
	require.Contains(t, s.said, "pkitest_test.go:")
	require.Contains(t, s.said, `"alise" is not drawn`)
	require.Panics(t, func() { New(s, "root ->") })
}

// openssl reads what we drew, and agrees on who is revoked.
func TestOpenSSLAgrees(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not on PATH")
	}
	p := New(t, "root -> ca -> alice, bob, tsa[timestamp], ds[mdoc]; ca.revoked(bob)")
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, data, 0o600))
		return path
	}
	root, ca := write("root.pem", p.PEM("root")), write("ca.pem", p.PEM("ca"))
	crl := write("ca.crl", p.CRL("ca"))
	verify := func(name string, more ...string) ([]byte, error) {
		args := append([]string{"verify", "-x509_strict", "-attime", "1780315200", "-crl_check",
			"-CAfile", root, "-untrusted", ca, "-CRLfile", crl}, more...)
		return exec.Command(openssl, append(args, write(name+".pem", p.PEM(name)))...).CombinedOutput()
	}
	for _, name := range []string{"alice", "tsa"} {
		out, err := verify(name)
		require.NoError(t, err, "%s", out)
	}
	out, err := verify("bob")
	require.Error(t, err)
	require.True(t, bytes.Contains(out, []byte("certificate revoked")), "%s", out)
	out, err = verify("tsa", "-purpose", "timestampsign")
	require.NoError(t, err, "%s", out)
}
