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
		}
	}
	tally.Report(t)
}
