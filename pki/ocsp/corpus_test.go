package ocsp_test

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

// fresh is what these corpora assume of an answer's times: it was made before
// the time in question, and it is not stale.
func fresh(s *ocsp.Statement, at time.Time, maxAge time.Duration) bool {
	return !s.ThisUpdate.After(at) && (s.NextUpdate.IsZero() || !s.NextUpdate.Before(at)) &&
		(maxAge == 0 || at.Sub(s.ThisUpdate) <= maxAge) &&
		(s.Authority != ocsp.Delegate || !at.Before(s.Signer.NotBefore) && !at.After(s.Signer.NotAfter))
}

var errStale = errors.New("not at this time")

// boring says of the certificate in one file what its response says, under the
// rules of BoringSSL's test: 2017-03-05, no older than a week, made while the
// certificate was valid.
func boring(blocks map[string][]byte) (ocsp.Status, error) {
	cert, err := x509.ParseCertificate(blocks["CERTIFICATE"])
	if err != nil {
		return ocsp.NoStatus, err
	}
	issuer, err := x509.ParseCertificate(blocks["CA CERTIFICATE"])
	if err != nil {
		return ocsp.NoStatus, err
	}
	s, err := judge(blocks["OCSP RESPONSE"], cert, issuer)
	if err != nil {
		return ocsp.NoStatus, err
	}
	at := time.Date(2017, 3, 5, 0, 0, 0, 0, time.UTC)
	if !fresh(s, at, 7*24*time.Hour) || s.ProducedAt.Before(cert.NotBefore) || s.ProducedAt.After(cert.NotAfter) {
		return ocsp.NoStatus, errStale
	}
	return s.Status, nil
}

// The verdicts of BoringSSL's ocsp_unittest.cc. What is not in the table says
// nothing: it is malformed, about another certificate, by a stranger or stale.
func TestVectorsBoringSSL(t *testing.T) {
	dir := pkitest.Corpus(t, filepath.Join("boringssl-pki", "ocsp_unittest"))
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	require.NoError(t, err)
	want := map[string]ocsp.Status{}
	for _, name := range []string{
		"good_response", "good_response_sha256", "good_response_invalid_serial", "good_response_next_update",
		"ocsp_sign_direct", "ocsp_sign_indirect", "ocsp_extra_certs", "has_version", "responder_name", "responder_id",
		"has_extension", "has_single_extension", "has_critical_ct_extension",
	} {
		want[name+".pem"] = ocsp.Good
	}
	for _, name := range []string{"revoke_response", "revoke_response_reason", "multiple_response_good_revoked"} {
		want[name+".pem"] = ocsp.Revoked
	}
	exceptions := map[string]string{
		"good_response_invalid_serial.pem": "its serial number is no DER INTEGER, so that it is no certificate",
		"multiple_response_good_revoked.pem": "two answers about one certificate are none: " +
			"it is left without information, and so not good",
	}
	tally := pkitest.Tally{Name: "boringssl-ocsp"}
	requests := pkitest.Tally{Name: "boringssl-ocsp-requests"}
	for _, path := range files {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		blocks := map[string][]byte{}
		for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
			blocks[block.Type] = block.Bytes
		}
		status, err := boring(blocks)
		agreed := status == want[name]
		if want[name] == ocsp.NoStatus { // theirs has one word for "unknown" and for every error
			agreed = err != nil || status == ocsp.Unknown
		}
		require.False(t, want[name] != ocsp.Good && status == ocsp.Good, name)
		tally.Case(t, name, agreed, exceptions[name])

		cert, certErr := x509.ParseCertificate(blocks["CERTIFICATE"])
		issuer, issuerErr := x509.ParseCertificate(blocks["CA CERTIFICATE"])
		if errors.Join(certErr, issuerErr) != nil {
			requests.Case(t, name, false, exceptions[name])
			continue
		}
		request, err := ocsp.NewRequest(cert, issuer, pki.SHA1, nil)
		requests.Case(t, name, err == nil && bytes.Equal(request, blocks["OCSP REQUEST"]), "")
	}
	tally.Report(t)
	requests.Report(t)
}

// openSSLCase is a case of the test suite of OpenSSL, in pyHanko's words.
type openSSLCase struct {
	Name, Root, Cert string
	OtherCerts       []string `json:"other_certs"`
	OCSPs            []string
	Moment           time.Time
	Error            *struct{ Class string }
}

// judge finds out whether there is a good answer at the time in question about
// each certificate of the path, from the leaf up, about which the case brings a
// response. Without one, a CA would be looked up in its issuer's list.
func (c *openSSLCase) judge(t *testing.T, dir string) error {
	load := func(name string) *x509.Certificate {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		block, _ := pem.Decode(data)
		require.NotNil(t, block, name)
		cert, err := x509.ParseCertificate(block.Bytes)
		require.NoError(t, err)
		return cert
	}
	path := []*x509.Certificate{load(c.Cert)}
	for _, name := range append(c.OtherCerts, c.Root) {
		path = append(path, load(name))
	}
	for i, cert := range path[:len(path)-1] {
		issuer := path[i+1]
		require.NoError(t, pki.VerifyCertificate(cert, issuer.PublicKey, pki.Verify))
		if i >= len(c.OCSPs) {
			continue
		}
		first := errors.New("no response")
		good := false
		for _, name := range c.OCSPs {
			data, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			der, err := base64.StdEncoding.DecodeString(string(bytes.Join(bytes.Fields(data), nil)))
			require.NoError(t, err)
			s, err := judge(der, cert, issuer)
			switch {
			case err != nil:
				first = err
			case !fresh(s, c.Moment, 0):
				first = errStale
			default:
				good = good || s.Status == ocsp.Good
			}
		}
		if !good {
			return first
		}
	}
	return nil
}

func TestVectorsOpenSSL(t *testing.T) {
	dir := pkitest.Corpus(t, filepath.Join("pyhanko", "certvalidator", "openssl-ocsp"))
	data, err := os.ReadFile(filepath.Join(dir, "openssl-ocsp.json"))
	require.NoError(t, err)
	var cases []openSSLCase
	require.NoError(t, json.Unmarshal(data, &cases))
	tally := pkitest.Tally{Name: "openssl-ocsp"}
	for _, c := range cases {
		err := c.judge(t, dir)
		agreed := (err == nil) == (c.Error == nil)
		if c.Error != nil && c.Error.Class == "StaleRevinfoError" {
			agreed = errors.Is(err, errStale)
		}
		if !agreed {
			t.Logf("%s: %v", c.Name, err)
		}
		tally.Case(t, c.Name, agreed, "")
	}
	tally.Report(t)
}
