package ca_test

import (
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"tamga/pki/ca"
	"tamga/pki/crl"

	"github.com/stretchr/testify/require"
)

// judge is OpenSSL over files in a folder.
type judge struct {
	t         *testing.T
	path, dir string
}

func newJudge(t *testing.T) judge {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not on PATH")
	}
	return judge{t, path, t.TempDir()}
}

func (j judge) write(name, kind string, all ...[]byte) string {
	j.t.Helper()
	var data []byte
	for _, der := range all {
		data = append(data, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})...)
	}
	path := filepath.Join(j.dir, name)
	require.NoError(j.t, os.WriteFile(path, data, 0o600))
	return path
}

func (j judge) run(args ...string) (string, error) {
	out, err := exec.Command(j.path, args...).CombinedOutput()
	return string(out), err
}

// OpenSSL in its strict mode accepts what we make, and agrees on who is revoked
// and what for.
func TestOpenSSLAgrees(t *testing.T) {
	j := newJudge(t)
	for _, kind := range []string{"p256", "p384", "rsa2048", "ed25519"} {
		top := root(t, "root-ca", kind)
		issuing := below(t, top, kind)
		good, revoked := issue(t, issuing, "document-signer", "p256"), issue(t, issuing, "document-signer", "p256")
		list := func(a *ca.Authority, entries ...crl.Entry) []byte {
			der, err := a.CRL(ctx, ca.CRLRequest{
				Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, 1), Entries: entries,
			})
			require.NoError(t, err)
			return der
		}
		lists := j.write("lists.pem", "X509 CRL", list(top),
			list(issuing, crl.Entry{Serial: revoked.SerialNumber, Time: now, Reason: crl.KeyCompromise}))
		anchor := j.write("top.pem", "CERTIFICATE", top.Key.Certificate().Raw)
		verify := func(c *x509.Certificate, more ...string) (string, error) {
			args := append([]string{"verify", "-x509_strict", "-crl_check_all", "-CAfile", anchor,
				"-untrusted", j.write("issuing.pem", "CERTIFICATE", issuing.Key.Certificate().Raw),
				"-CRLfile", lists, "-attime", strconv.FormatInt(now.Unix(), 10)}, more...)
			return j.run(append(args, j.write("cert.pem", "CERTIFICATE", c.Raw))...)
		}
		stamp := issue(t, issuing, "timestamp", "p256")
		for _, c := range []*x509.Certificate{good, stamp, issue(t, issuing, "ocsp", "p256")} {
			out, err := verify(c)
			require.NoError(t, err, "%s: %s", kind, out)
		}
		out, err := verify(stamp, "-purpose", "timestampsign")
		require.NoError(t, err, "%s: %s", kind, out)
		out, err = verify(good, "-purpose", "timestampsign")
		require.Error(t, err, "%s: %s", kind, out)
		out, err = verify(revoked)
		require.Error(t, err, kind)
		require.Contains(t, out, "certificate revoked", kind)

		out, err = j.run("crl", "-in", lists, "-noout", "-text", "-CAfile", anchor)
		require.NoError(t, err, "%s", out)
		require.Contains(t, out, "verify OK", kind)
		require.Contains(t, out, "X509v3 CRL Number", kind)
	}
}
