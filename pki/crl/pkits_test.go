package crl_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"os"
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

// pkits is one case of NIST's suite, with a judge that knows of nothing but
// revocation: who is issued by whom it tells by names and signatures.
type pkits struct {
	root  *x509.Certificate
	certs []*x509.Certificate
	lists []*crl.List
	at    time.Time
	open  map[*x509.Certificate]bool // whose status is in question
}

// status returns nil if cert and all above it are in force.
func (k *pkits) status(cert *x509.Certificate) error {
	if cert.Equal(k.root) || k.open[cert] {
		return nil // 4.14.30: the signer of a list stands on it itself
	}
	k.open[cert] = true
	defer delete(k.open, cert)
	if err := k.above(cert); err != nil {
		return err
	}
	var lists []crl.Checked
	for _, l := range k.lists {
		if signer := k.signer(l, cert); signer != nil {
			lists = append(lists, crl.Checked{List: l, Signer: signer})
		}
	}
	answers, err := crl.Judge(cert, lists)
	if err != nil {
		return err
	}
	var newest *crl.Answer
	for i, a := range answers {
		if a.ThisUpdate.After(k.at) || k.at.After(a.NextUpdate) {
			continue
		}
		if a.Revoked && a.Entry.Reason != crl.CertificateHold {
			return fmt.Errorf("%w at %s, %s", errRevoked, a.Entry.Time.Format("15:04:05 on 2006-01-02"), a.Entry.Reason)
		}
		if newest == nil || a.ThisUpdate.After(newest.ThisUpdate) {
			newest = &answers[i]
		}
	}
	switch {
	case newest == nil:
		return errors.New("not known")
	case newest.Revoked:
		return fmt.Errorf("%w at %s, %s", errRevoked, newest.Entry.Time.Format("15:04:05 on 2006-01-02"), newest.Entry.Reason)
	}
	return nil
}

// above asks for the issuer, of which there is one in all of these cases.
func (k *pkits) above(cert *x509.Certificate) error {
	for _, c := range append(k.certs, k.root) {
		if c.KeyUsage&x509.KeyUsageCertSign != 0 && c != cert && pki.SameName(c.RawSubject, cert.RawIssuer) {
			return k.status(c)
		}
	}
	return errors.New("no issuer")
}

// signer is who has signed a list and is in force, nil if nobody is.
func (k *pkits) signer(l *crl.List, cert *x509.Certificate) *x509.Certificate {
	for _, c := range append(k.certs, k.root) {
		if c != cert && l.Verify(c, pki.Verify) == nil && k.status(c) == nil {
			return c
		}
		// The list may tell about its own signer, but nobody vouches for himself.
		if c == cert && l.Scope.Indirect && l.Verify(c, pki.Verify) == nil && k.above(c) == nil {
			return c
		}
	}
	return nil
}

// pkitsCertificate reads a certificate. Package x509 refuses distribution points
// whose names are relative, and negative serial numbers: it reads a copy without.
func pkitsCertificate(der []byte) (*x509.Certificate, error) {
	id, hidden := []byte{6, 3, 0x55, 0x1d, 31}, []byte{6, 3, 0x55, 0x1d, 99}
	minusOne, one := []byte{2, 1, 2, 2, 1, 0xff}, []byte{2, 1, 2, 2, 1, 1} // after the version
	copied := bytes.Replace(bytes.Replace(der, id, hidden, 1), minusOne, one, 1)
	c, err := x509.ParseCertificate(copied)
	if err != nil {
		return nil, err
	}
	for i, e := range c.Extensions {
		if e.Id.String() == "2.5.29.99" {
			c.Extensions[i].Id[3] = 31
		}
	}
	if bytes.Contains(der, minusOne) {
		c.SerialNumber = big.NewInt(-1)
	}
	return c, nil
}

// Sections 4.4 (CRLs), 4.14 (distribution points, indirect lists) and 4.15
// (deltas) of PKITS. The verifier runs all of it.
func TestVectorsPKITSRevocation(t *testing.T) {
	dir := pkitest.Corpus(t, "pyhanko/certvalidator/nist_pkits")
	raw, err := os.ReadFile(filepath.Join(dir, "pkits.json"))
	require.NoError(t, err)
	var cases []struct {
		ID, Name, Cert string
		Others         []string `json:"other_certs"`
		CRLs           []string
		Error          *struct {
			Message string `json:"msg_regex"`
		}
	}
	require.NoError(t, json.Unmarshal(raw, &cases))
	tally := pkitest.Tally{Name: "pkits-crl-judging"}
	for _, c := range cases {
		if !slices.Contains([]string{"404", "414", "415"}, c.ID[:3]) {
			continue
		}
		k := &pkits{at: time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC), open: map[*x509.Certificate]bool{}}
		for _, name := range append([]string{c.Cert, "TrustAnchorRootCertificate.crt"}, c.Others...) {
			der, err := os.ReadFile(filepath.Join(dir, "certs", name))
			require.NoError(t, err)
			cert, err := pkitsCertificate(der)
			require.NoError(t, err, name)
			k.certs = append(k.certs, cert)
		}
		k.root = k.certs[1]
		k.certs = slices.Delete(k.certs, 1, 2)
		for _, name := range append(c.CRLs, "TrustAnchorRootCRL.crl") {
			der, err := os.ReadFile(filepath.Join(dir, "crls", name))
			require.NoError(t, err)
			if l, err := crl.Parse(der); err == nil {
				k.lists = append(k.lists, l)
			} else {
				require.NotNil(t, c.Error, name)
			}
		}
		verdict, want := k.status(k.certs[0]), ""
		if c.Error != nil {
			want = c.Error.Message
		}
		tally.Case(t, fmt.Sprintf("%s %s: %v", c.ID, c.Name, verdict), samePKITS(verdict, want), "")
	}
	tally.Report(t)
}

// samePKITS compares a verdict with what the corpus expects, including when and
// why a certificate was revoked.
func samePKITS(verdict error, want string) bool {
	// What is revoked may be the certificate of a list's signer: then nothing is
	// known of the one in question (4.4.21).
	isRevoked := strings.HasPrefix(want, "CRL indicates ")
	_, when, _ := strings.Cut(want, " was revoked at ")
	switch {
	case want == "":
		return verdict == nil
	case !isRevoked:
		return verdict != nil && !errors.Is(verdict, errRevoked)
	}
	when, why, _ := strings.Cut(when, ", due to ")
	reason := map[string]crl.Reason{
		"a compromised key": crl.KeyCompromise, "a certificate hold": crl.CertificateHold,
		"an affiliation change": crl.AffiliationChanged,
	}[why]
	return errors.Is(verdict, errRevoked) && reason != crl.Unspecified &&
		strings.HasSuffix(verdict.Error(), when+", "+reason.String())
}
