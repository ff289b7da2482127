package verifier_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// pkitsCase is a case of NIST's Public Key Interoperability Test Suite, as the
// corpus lists them.
type pkitsCase struct {
	ID         string
	Name       string
	Cert       string
	OtherCerts []string `json:"other_certs"`
	CRLs       []string `json:"crls"`
	Error      *struct{ Class string }
	Params     struct {
		Policies  []string `json:"user_initial_policy_set"`
		Explicit  bool     `json:"initial_explicit_policy"`
		NoMapping bool     `json:"initial_policy_mapping_inhibit"`
		NoAny     bool     `json:"initial_any_policy_inhibit"`
	}
}

// rule asks for what the case asks: nothing of purposes, everything of
// revocation.
func (c *pkitsCase) rule() policy.Rule {
	return policy.Rule{
		Use: pki.UseSign, Revocation: true, Freshness: policy.Freshness{NextUpdate: true},
		Policies: policy.Policies{
			Accept: c.Params.Policies, AcceptAny: len(c.Params.Policies) == 0,
			NotExplicit: !c.Params.Explicit, AnyPolicy: !c.Params.NoAny, Mapping: !c.Params.NoMapping,
		},
	}
}

// All of PKITS, with its revocation lists.
func TestVectorsPKITS(t *testing.T) {
	dir := pkitest.Corpus(t, "pyhanko/certvalidator/nist_pkits")
	raw, err := os.ReadFile(filepath.Join(dir, "pkits.json"))
	require.NoError(t, err)
	var cases []pkitsCase
	require.NoError(t, json.Unmarshal(raw, &cases))
	certificate := func(name string) (*x509.Certificate, error) {
		der, err := os.ReadFile(filepath.Join(dir, "certs", name))
		require.NoError(t, err)
		return x509.ParseCertificate(der)
	}
	root, err := certificate("TrustAnchorRootCertificate.crt")
	require.NoError(t, err)
	v := &verifier.Verifier{
		Trust:  pki.Anchors{{Certificate: root, Uses: []pki.Use{pki.UseSign}, Source: "PKITS"}},
		Policy: policy.Default(), Now: func() time.Time { return time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC) },
	}
	tally := pkitest.Tally{Name: "pkits"}
	for _, c := range cases {
		name := c.ID + " " + c.Name
		leaf, err := certificate(c.Cert)
		if err != nil {
			tally.Case(t, name, c.Error != nil, pkitsExceptions[c.ID])
			continue
		}
		with := formats.Evidence{}
		for _, other := range c.OtherCerts {
			if cert, err := certificate(other); err == nil {
				with.Certificates = append(with.Certificates, cert)
			}
		}
		for _, list := range append(c.CRLs, "TrustAnchorRootCRL.crl") {
			der, err := os.ReadFile(filepath.Join(dir, "crls", list))
			require.NoError(t, err)
			with.Revocations = append(with.Revocations, pki.Revocation{Kind: pki.CRL, Raw: der, Source: list})
		}
		s, err := v.Certificate(context.Background(), leaf, with, c.rule())
		require.NoError(t, err, name)
		agreed := (s.Indication == report.TotalPassed) == (c.Error == nil)
		if !agreed {
			t.Logf("%s: want error %v, found %s %s %+v", name, c.Error, s.Indication, s.SubIndication, failedChecks(s))
		}
		tally.Case(t, name, agreed, pkitsExceptions[c.ID])
	}
	tally.Report(t)
}

// pkitsExceptions are valid certificates that we refuse.
var pkitsExceptions = map[string]string{
	"40104": "DSA, which FIPS 186-5 has withdrawn (§1.2) and no policy of ours ever accepted",
	"40105": "DSA, as above",
	"41404": relativeName, "41405": relativeName, "41429": relativeName,
}

const relativeName = "package x509 reads no certificate with nameRelativeToCRLIssuer, which RFC 5280 §4.2.1.13 " +
	"says CAs should not use; our lists know it"
