package path_test

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
	"tamga/pki/pkitest"
)

// chainTest is a .test file of BoringSSL: keys, then the errors that it expects.
type chainTest struct {
	values map[string]string
	errors []string // without "ERROR: "; warnings and headings left out
}

func readChainTest(t *testing.T, file string) chainTest {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	test := chainTest{values: map[string]string{}}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		if text, ok := strings.CutPrefix(line, "ERROR: "); ok {
			test.errors = append(test.errors, text)
		} else if key, value, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, "-") {
			test.values[key] = strings.TrimSpace(value)
		}
	}
	return test
}

// purpose says BoringSSL's key purpose in our parameters. Those that are not
// strict let the leaf do without the extension, or have any purpose.
func (c chainTest) purpose(p *path.Params) {
	switch kind := c.values["key_purpose"]; kind {
	case "ANY_EKU":
	case "SERVER_AUTH":
		p.Purposes = []string{"1.3.6.1.5.5.7.3.1", path.AnyPurpose}
		p.PurposeOptional, p.NestedPurposes = true, true
	case "CLIENT_AUTH":
		p.Purposes = []string{"1.3.6.1.5.5.7.3.2", path.AnyPurpose}
		p.PurposeOptional, p.NestedPurposes = true, true
	case "SERVER_AUTH_STRICT", "SERVER_AUTH_STRICT_LEAF":
		p.Purposes, p.NestedPurposes = []string{"1.3.6.1.5.5.7.3.1"}, true
	case "CLIENT_AUTH_STRICT", "CLIENT_AUTH_STRICT_LEAF":
		p.Purposes, p.NestedPurposes = []string{"1.3.6.1.5.5.7.3.2"}, true
	case "C2PA_TIMESTAMPING":
		p.Purposes = []string{"1.3.6.1.5.5.7.3.8"}
	case "C2PA_MANIFEST":
		p.Purposes = []string{"1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36"}
	case "MLS_CLIENT_AUTH":
		p.Purposes, p.NestedPurposes = []string{"2.23.146.2.1.3"}, true
		p.Critical = []string{"2.23.146.2.1.4", "2.23.146.2.1.5"}
	}
}

func (c chainTest) params(t *testing.T) path.Params {
	trust := c.values["last_cert_trust"]
	p := path.Params{
		Verify: pki.Verify, MaxLength: 20,
		AnchorConstraints: strings.Contains(strings.ReplaceAll(trust, "BASIC_CONSTRAINTS", ""), "CONSTRAINTS"),
		AnchorValidity:    strings.Contains(trust, "EXPIRATION"),
		AnchorsIssueOnly:  !strings.Contains(trust, "LEAF"),
		At:                time.Date(2021, 10, 5, 12, 0, 0, 0, time.UTC), // DEFAULT
	}
	if at := c.values["utc_time"]; at != "DEFAULT" {
		var err error
		p.At, err = time.Parse("060102150405Z", at)
		require.NoError(t, err)
	}
	c.purpose(&p)
	return p
}

func readCertificates(data []byte) (out []*x509.Certificate, err error) {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// judge validates the chain. What BoringSSL does not trust as an anchor of
// others is for us no anchor at all.
func (c chainTest) judge(t *testing.T, chain []*x509.Certificate) (path.Result, error) {
	trust := c.values["last_cert_trust"]
	leafOnly := strings.HasPrefix(trust, "TRUSTED_LEAF") && len(chain) > 1
	if leafOnly || trust == "UNSPECIFIED" || trust == "DISTRUSTED" {
		_, err := path.Find(chain[0], path.Source{Pool: chain}, c.params(t))
		return path.Result{}, err
	}
	result, err := path.Validate(chain, c.params(t))
	if err != nil {
		return result, err
	}
	return result, nil
}

// chainErrors are the kinds that say the same as an error of BoringSSL, which
// collects all errors of a chain where we stop at the first.
var chainErrors = map[string][]path.Kind{
	"Basic Constraints indicates not a CA":     {path.BasicConstraints},
	"Certificate does not have extended key":   {path.Purpose},
	"Certificate is not a trust anchor":        {path.NoPath},
	"Couldn't parse SubjectPublicKeyInfo":      {path.Algorithm},
	"Distrusted by trust store":                {path.NoPath},
	"Does not have Basic Constraints":          {path.BasicConstraints},
	"KeyUsage must have only":                  {path.Purpose},
	"No valid policy":                          {path.Policy},
	"The extended key usage":                   {path.Purpose},
	"Time is after notAfter":                   {path.Expired},
	"Time is before notBefore":                 {path.NotYetValid},
	"Too many name constraints checks":         {path.TooComplex, path.NameConstraints},
	"Unacceptable public key":                  {path.Algorithm},
	"Unconsumed critical extension":            {path.CriticalExtension},
	"VerifySignedData failed":                  {path.Signature, path.NameChaining},
	"keyCertSign bit is not set":               {path.KeyUsage},
	"max_path_length reached":                  {path.PathLength},
	"subject does not match issuer":            {path.NameChaining},
	"Certificate has Basic Constraints indica": {},
}

func (c chainTest) expects(kind path.Kind) bool {
	for _, text := range c.errors {
		for prefix, kinds := range chainErrors {
			if strings.HasPrefix(text, prefix) && slices.Contains(kinds, kind) {
				return true
			}
		}
	}
	return false
}

const (
	strictProfile = "a rule of the CA/Browser Forum beyond RFC 5280: no server or client with purposes of " +
		"other trades, no CA as leaf, no CA without, or with any, extended key usage"
	policyJudges = "how strong keys and digests must be at some time is judged in verifier/policy"
	selfSigned   = "a leaf that is trusted by decision gains nothing by its own signature (RFC 5280 §6.1.1 (d))"
)

// chainExceptions are the cases where we do not agree, and why.
var chainExceptions = map[string]string{
	"intermediate-eku-any-and-clientauth/serverauth-strict.test": strictProfile,
	"target-eku-clientauth/clientauth-strict.test":               strictProfile,
	"target-eku-many/clientauth-strict-leaf.test":                strictProfile,
	"target-eku-many/clientauth-strict.test":                     strictProfile,
	"target-eku-many/serverauth-strict-leaf.test":                strictProfile,
	"target-eku-many/serverauth-strict.test":                     strictProfile,
	"target-has-ca-basic-constraints/strict.test":                strictProfile,
	"intermediate-eku-mlsclientauth-extra/mlsclientauth.test": "MLS asks for one purpose " +
		"and no other; the caller who wants it can count them",
	"intermediate-signed-with-sha1/main.test":                 policyJudges,
	"target-signed-with-sha1/main.test":                       policyJudges,
	"target-has-512bit-rsa-key/main.test":                     policyJudges,
	"target-only/trusted_leaf_require_self_signed.test":       selfSigned,
	"target-selfissued/trusted_leaf_require_self_signed.test": selfSigned,
	"root-lacks-basic-constraints/ta-with-constraints-require-basic-constraints.test": "an anchor of version 1 " +
		"cannot have the extension; RFC 5937 §3.2 does not ask for it",
	"many-names/ok-all-types.test": "its constraints on URIs are URIs and not hosts, which permit nothing by " +
		"RFC 5280 §4.2.1.10, and are two million comparisons; BoringSSL does not judge URIs",
	"target-msapplicationpolicies-and-eku/main.test": "refused: a critical extension of Microsoft's; " +
		"who understands it says so in Params.Critical",
}

// TestVectorsBoringSSLChains runs the chain cases: the verdict, the kind of
// error, and the policies where the case tells them.
func TestVectorsBoringSSLChains(t *testing.T) {
	root := pkitest.Corpus(t, filepath.Join("boringssl-pki", "verify_certificate_chain_unittest"))
	tally := pkitest.Tally{Name: "boringssl-chains"}
	used := map[string]bool{}
	err := filepath.WalkDir(root, func(file string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".test" {
			return err
		}
		name, err := filepath.Rel(root, file)
		require.NoError(t, err)
		test := readChainTest(t, file)
		data, err := os.ReadFile(filepath.Join(filepath.Dir(file), test.values["chain"]))
		require.NoError(t, err)
		chain, err := readCertificates(data)
		require.NoError(t, err, name)
		result, err := test.judge(t, chain)
		agreed := (err == nil) == (len(test.errors) == 0)
		if want := test.values["expected_user_constrained_policy_set"]; want != "" && agreed {
			list := strings.Split(want, ", ")
			slices.Sort(list)
			agreed = slices.Equal(list, result.Policies)
		}
		if e := (*path.Error)(nil); agreed && errors.As(err, &e) {
			agreed = test.expects(e.Kind)
		}
		if !agreed {
			used[name] = true
			t.Log(name, test.errors, err)
		}
		tally.Case(t, name, agreed, chainExceptions[name])
		return nil
	})
	require.NoError(t, err)
	tally.Report(t)
	for name := range chainExceptions {
		require.True(t, used[name], "%s: the exception is not needed", name)
	}
}
