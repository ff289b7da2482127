package crl_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

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
	if err := list.Verify(issuer, pki.Verify); err != nil {
		return err
	}
	answers, err := crl.Judge(cert, []crl.Checked{{List: list, Signer: issuer}})
	if err != nil || len(answers) == 0 {
		return fmt.Errorf("no answer: %w", err)
	}
	now := time.Date(2017, 3, 9, 0, 0, 0, 0, time.UTC)
	switch {
	case list.ThisUpdate.After(now), list.ThisUpdate.Before(now.AddDate(0, 0, -7)):
		return fmt.Errorf("made at %s", list.ThisUpdate)
	case !list.NextUpdate.IsZero() && list.NextUpdate.Before(now):
		return fmt.Errorf("good until %s", list.NextUpdate)
	}
	if answers[0].Revoked {
		return errRevoked
	}
	return nil
}

func TestVectorsBoringSSL(t *testing.T) {
	dir := pkitest.Corpus(t, filepath.Join("boringssl-pki", "crl_unittest"))
	files, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	require.NoError(t, err)
	exceptions := map[string]string{
		"bad_idp_indirectcrl.pem": "RFC 5280 §6.3.3 (b)(1) lets an indirect list of the issuer itself speak of its " +
			"certificates, as PKITS 4.14.22 wants; BoringSSL has no indirect lists at all",
		"invalid_revoked_empty_sequence.pem": "named as a defect: Ukraine's CZO and pyHanko write such lists, " +
			"and they mean one thing only",
	}
	tally := pkitest.Tally{Name: "boringssl-crl"}
	for _, path := range files {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Contains(data, []byte("-----BEGIN CRL")), name)
		verdict := judge(data)
		agreed := false
		switch kind, _, _ := strings.Cut(strings.TrimSuffix(name, ".pem"), "_"); kind {
		case "good":
			agreed = verdict == nil
		case "revoked":
			agreed = errors.Is(verdict, errRevoked)
		case "bad", "invalid":
			agreed = verdict != nil && !errors.Is(verdict, errRevoked)
		}
		tally.Case(t, name, agreed, exceptions[name])
	}
	tally.Report(t)
}

// The lists of NIST's PKITS: all are read but one with an extension that is
// critical and not known, and one whose signature is no signature.
func TestVectorsPKITSLists(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(pkitest.Corpus(t, filepath.Join("boringssl-pki", "nist-pkits")), "crls", "*.crl"))
	require.NoError(t, err)
	tally := pkitest.Tally{Name: "pkits-crl-reading"}
	for _, path := range files {
		name := filepath.Base(path)
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		list, err := crl.Parse(data)
		want := error(nil)
		switch {
		case name == "BadCRLSignatureCACRL.crl":
			want = crl.ErrMalformed
		case strings.HasPrefix(name, "UnknownCRL"):
			want = crl.ErrUnsupported
		}
		tally.Case(t, name, errors.Is(err, want) && (err != nil || len(list.Defects) == 0), "")
		if err == nil {
			agree(t, list)
			require.True(t, sameAsX509(t, list, data), name)
		}
	}
	tally.Report(t)
}

// listsAndCertificates are all lists below dirs, in DER by file name, and all
// certificates.
func listsAndCertificates(t *testing.T, dirs ...string) (map[string][]byte, []*x509.Certificate) {
	t.Helper()
	lists := map[string][]byte{}
	var certs []*x509.Certificate
	for _, dir := range dirs {
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Name() == "nist_pkits" {
				return fs.SkipDir // these have a test of their own
			}
			if err != nil || d.IsDir() {
				return err
			}
			kind := strings.ToLower(filepath.Ext(path))
			if !slices.Contains([]string{".crl", ".arl", ".cer", ".crt", ".pem", ".dat"}, kind) {
				return nil
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			isList := kind == ".crl" || kind == ".arl" || filepath.Base(path) == "crl.dat"
			if block, _ := pem.Decode(data); block != nil {
				data, isList = block.Bytes, block.Type == "X509 CRL"
			}
			if isList {
				lists[filepath.ToSlash(path[len(filepath.Dir(dir))+1:])] = data
			} else if c, err := x509.ParseCertificate(data); err == nil {
				certs = append(certs, c)
			}
			return nil
		}))
	}
	return lists, certs
}

// Lists of authorities in service and of other projects' tests: ours, package
// x509 and OpenSSL read the same in them, and OpenSSL and we find the same
// signatures good.
func TestVectorsLists(t *testing.T) {
	lists, certs := listsAndCertificates(t, pkitest.Corpus(t, "dss"), pkitest.Corpus(t, "cryptonite"),
		pkitest.Corpus(t, "uapki"), pkitest.Corpus(t, "jkurwa"), pkitest.Corpus(t, "pyhanko/certvalidator"))
	reading, verifying := pkitest.Tally{Name: "crl-reading"}, pkitest.Tally{Name: "crl-signatures"}
	for _, name := range slices.Sorted(maps.Keys(lists)) {
		der := lists[name]
		list, err := crl.Parse(der)
		reading.Case(t, name, sameReading(t, list, der), "")
		if err != nil {
			continue
		}
		agree(t, list)
		for _, c := range certs {
			if !pki.SameName(c.RawSubject, list.RawIssuer) {
				continue
			}
			err := list.Verify(c, pki.Verify)
			want := openSSLVerifies(t, der, c)
			exception := ""
			if want && errors.Is(err, pki.ErrUnknownAlgorithm) {
				exception = "an algorithm, or a kind of key, that is none of ours"
			}
			if want && errors.Is(err, crl.ErrIssuer) {
				exception = "openssl crl -verify does not ask for cRLSign"
			}
			verifying.Case(t, name, want == (err == nil), exception)
		}
	}
	reading.Report(t)
	verifying.Report(t)
}

// openSSLReads returns how many entries OpenSSL prints of a list, and whether it
// reads it.
func openSSLReads(t *testing.T, der []byte) (int, bool) {
	t.Helper()
	cmd := exec.Command(openssl(t), "crl", "-inform", "DER", "-noout", "-text")
	cmd.Stdin = bytes.NewReader(der)
	out, err := cmd.Output()
	return bytes.Count(out, []byte("\n    Serial Number: ")), err == nil
}

func openSSLVerifies(t *testing.T, der []byte, issuer *x509.Certificate) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "issuer.pem")
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: issuer.Raw}), 0o600))
	cmd := exec.Command(openssl(t), "crl", "-inform", "DER", "-noout", "-verify", "-CAfile", path)
	cmd.Stdin = bytes.NewReader(der)
	out, err := cmd.CombinedOutput()
	return err == nil && bytes.Contains(out, []byte("verify OK"))
}

// sameReading reports whether we read a list (nil: did not) as others do.
func sameReading(t *testing.T, list *crl.List, der []byte) bool {
	t.Helper()
	entries, read := openSSLReads(t, der)
	if list == nil || !read {
		return (list != nil) == read
	}
	return entries == list.Len() && sameAsX509(t, list, der)
}

// sameAsX509 compares all that package x509 reads. It knows no version 1.
func sameAsX509(t *testing.T, list *crl.List, der []byte) bool {
	t.Helper()
	other, err := x509.ParseRevocationList(der)
	if err != nil {
		return list.Version == 1
	}
	n := 0
	for e, err := range list.Entries() {
		require.NoError(t, err)
		o := other.RevokedCertificateEntries[n]
		if e.Serial.Cmp(o.SerialNumber) != 0 || !e.Time.Equal(o.RevocationTime) || int(e.Reason) != o.ReasonCode {
			return false
		}
		n++
	}
	return n == len(other.RevokedCertificateEntries) && bytes.Equal(list.RawIssuer, other.RawIssuer) &&
		list.ThisUpdate.Equal(other.ThisUpdate) && list.NextUpdate.Equal(other.NextUpdate) &&
		bytes.Equal(list.IssuerKey, other.AuthorityKeyId) && (list.Number == nil) == (other.Number == nil)
}
