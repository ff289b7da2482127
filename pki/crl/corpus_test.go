package crl_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tamga/pki/crl"

	"github.com/stretchr/testify/require"
)

// corpus returns the folder of files that we did not make.
func corpus(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("TAMGA_CORPORA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpora")
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skip("corpora absent: set TAMGA_CORPORA")
	}
	return dir
}

var errRevoked = errors.New("revoked")

// judge says of the certificate in a BoringSSL file what its CRL says, under
// the rules that the file names assume: a time of 2017-03-09 and lists no older
// than a week.
func judge(data []byte) error {
	var list *crl.List
	certs := map[string]*x509.Certificate{}
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		var err error
		if block.Type == "CRL" {
			list, err = crl.Parse(block.Bytes)
		} else {
			certs[block.Type], err = x509.ParseCertificate(block.Bytes)
		}
		if err != nil {
			return err
		}
	}
	issuer, cert := certs["CA CERTIFICATE"], certs["CERTIFICATE"]
	if second := certs["CA CERTIFICATE 2"]; second != nil {
		issuer = second
	}
	if err := errors.Join(list.Verify(issuer), list.Covers(cert)); err != nil {
		return err
	}
	now := time.Date(2017, 3, 9, 0, 0, 0, 0, time.UTC)
	switch {
	case list.ThisUpdate.After(now), list.ThisUpdate.Before(now.AddDate(0, 0, -7)):
		return fmt.Errorf("made at %s", list.ThisUpdate)
	case !list.NextUpdate.IsZero() && list.NextUpdate.Before(now):
		return fmt.Errorf("good until %s", list.NextUpdate)
	}
	if _, found := list.Lookup(cert.SerialNumber); found {
		return errRevoked
	}
	return nil
}

func TestBoringSSL(t *testing.T) {
	dir := corpus(t, filepath.Join("boringssl-pki", "crl_unittest"))
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	// Where we differ, and why.
	exceptions := map[string]string{
		"invalid_revoked_empty_sequence.pem": "named as a defect: Ukraine's CZO and pyHanko write such lists, " +
			"and they mean one thing only",
	}
	agreed := 0
	for _, path := range files {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Contains(data, []byte("-----BEGIN CRL")), name)
		verdict := judge(data)
		if exceptions[name] != "" {
			require.NoError(t, verdict, name)
			continue
		}
		switch kind, _, _ := strings.Cut(strings.TrimSuffix(name, ".pem"), "_"); kind {
		case "good":
			require.NoError(t, verdict, name)
		case "revoked":
			require.ErrorIs(t, verdict, errRevoked, name)
		case "bad", "invalid":
			require.Error(t, verdict, name)
			require.NotErrorIs(t, verdict, errRevoked, name)
		default:
			t.Fatalf("%s: no verdict in its name", name)
		}
		agreed++
	}
	t.Logf("agreed on %d of %d, %d excepted", agreed, len(files), len(exceptions))
}

// The lists of NIST's PKITS: all are read but those of the kinds that this
// package refuses by name, and one whose signature is no signature.
func TestPKITS(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus(t, filepath.Join("boringssl-pki", "nist-pkits")), "crls", "*.crl"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	refused := 0
	for _, path := range files {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		list, err := crl.Parse(data)
		want := error(nil)
		switch {
		case name == "BadCRLSignatureCACRL.crl":
			want = crl.ErrMalformed
		case strings.HasSuffix(name, "deltaCRL.crl"),
			strings.HasPrefix(name, "onlySomeReasons"), strings.HasPrefix(name, "UnknownCRL"),
			strings.HasPrefix(name, "indirectCRL") && name != "indirectCRLCA3CRL.crl", // a direct list
			name == "deltaCRLIndicatorNoBaseCACRL.crl",
			name == "distributionPoint2CACRL.crl":
			want = crl.ErrUnsupported
		}
		if want != nil {
			require.ErrorIs(t, err, want, name)
			refused++
			continue
		}
		require.NoError(t, err, name)
		require.Empty(t, list.Defects, name)
	}
	t.Logf("read %d of %d, refused %d as they should be", len(files)-refused, len(files), refused)
}
