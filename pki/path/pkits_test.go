package path_test

import (
	"crypto/x509"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
	"tamga/pki/pkitest"
)

// pkitsPolicies are the names that the vectors use (PKITS 1.0.1 §2).
var pkitsPolicies = map[string]string{
	"anyPolicy":          path.AnyPolicy,
	"NIST-test-policy-1": "2.16.840.1.101.3.2.1.48.1",
	"NIST-test-policy-2": "2.16.840.1.101.3.2.1.48.2",
	"NIST-test-policy-3": "2.16.840.1.101.3.2.1.48.3",
	"NIST-test-policy-6": "2.16.840.1.101.3.2.1.48.6",
}

// pkitsRevocation are the vectors, by number, whose paths are good and whose
// revocation information is not: who looks at the path alone accepts them. The
// packages crl and verifier judge them.
var pkitsRevocation = strings.Fields(`
	4.4.1 4.4.2 4.4.3 4.4.4 4.4.5 4.4.6 4.4.8 4.4.9 4.4.10 4.4.11 4.4.12 4.4.18 4.4.20 4.4.21
	4.5.2 4.5.5 4.5.7 4.7.4 4.7.5
	4.14.2 4.14.3 4.14.8 4.14.9 4.14.11 4.14.12 4.14.14 4.14.15 4.14.16 4.14.17 4.14.20 4.14.21
	4.14.23 4.14.26 4.14.27 4.14.31 4.14.32 4.14.34 4.14.35
	4.15.1 4.15.3 4.15.4 4.15.6 4.15.9 4.15.10`)

// pkitsExceptions are valid vectors that are refused here.
var pkitsExceptions = map[string]string{
	"4.1.4":   "DSA is no algorithm of ours: FIPS 186-5 and TS 119 312 have withdrawn it",
	"4.1.5":   "DSA, and its inherited parameters (RFC 3279 §2.3.2) are refused by crypto/x509's parser",
	"4.14.4":  "crypto/x509 does not parse nameRelativeToCRLIssuer (RFC 5280 §4.2.1.13)",
	"4.14.5":  "crypto/x509 does not parse nameRelativeToCRLIssuer (RFC 5280 §4.2.1.13)",
	"4.14.29": "crypto/x509 does not parse nameRelativeToCRLIssuer (RFC 5280 §4.2.1.13)",
}

type pkitsVector struct {
	Name                        string
	CertPath                    []string // anchor first; some hold signers of CRLs, too
	ShouldValidate              bool
	InitialPolicySet            []string
	InitialPolicyMappingInhibit bool
	InitialExplicitPolicy       bool
	InitialAnyPolicyInhibit     bool
}

func loadPKITS(t *testing.T) (dir string, vectors []pkitsVector) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("the go command is not on PATH")
	}
	dir = filepath.Join(strings.TrimSpace(string(out)), "src", "crypto", "x509", "testdata", "nist-pkits")
	raw, err := os.ReadFile(filepath.Join(dir, "vectors.json"))
	if err != nil {
		t.Skip("this Go has no nist-pkits: ", err)
	}
	require.NoError(t, json.Unmarshal(raw, &vectors))
	return dir, vectors
}

// judge builds the path, and says whether one is valid.
func (v pkitsVector) judge(t *testing.T, dir string) error {
	var certs []*x509.Certificate
	for _, name := range v.CertPath {
		der, err := os.ReadFile(filepath.Join(dir, "certs", name))
		require.NoError(t, err)
		c, err := x509.ParseCertificate(der)
		if err != nil && name == v.CertPath[len(v.CertPath)-1] {
			return err
		}
		if err == nil {
			certs = append(certs, c)
		}
	}
	p := path.Params{
		At: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), Verify: pki.Verify,
		RequireExplicitPolicy: v.InitialExplicitPolicy,
		InhibitPolicyMapping:  v.InitialPolicyMappingInhibit,
		InhibitAnyPolicy:      v.InitialAnyPolicyInhibit,
	}
	for _, name := range v.InitialPolicySet {
		p.Policies = append(p.Policies, pkitsPolicies[name])
	}
	source := path.Source{Anchors: []pki.Anchor{{Certificate: certs[0]}}, Pool: certs[1:]}
	found, err := path.Find(certs[len(certs)-1], source, p)
	if err != nil {
		return err
	}
	if found[0].Err != nil {
		return found[0].Err
	}
	return nil
}

// TestVectorsPKITS runs NIST's Public Key Interoperability Test Suite as Go has
// it. The exceptions must all be needed: one too many fails.
func TestVectorsPKITS(t *testing.T) {
	dir, vectors := loadPKITS(t)
	require.Len(t, vectors, 249)
	excused := map[string]string{}
	for _, number := range pkitsRevocation {
		excused[number] = "the path is good: it is for revocation to refuse it"
	}
	tally := pkitest.Tally{Name: "pkits-path"}
	used := map[string]bool{}
	for _, v := range vectors {
		number, _, _ := strings.Cut(v.Name, " ")
		err := v.judge(t, dir)
		exception := ""
		switch {
		case err == nil && !v.ShouldValidate:
			exception = excused[number]
		case err != nil && v.ShouldValidate:
			exception = pkitsExceptions[number]
		}
		agreed := (err == nil) == v.ShouldValidate
		if !agreed {
			used[number] = true
			t.Log(v.Name, err)
		}
		tally.Case(t, v.Name, agreed, exception)
	}
	tally.Report(t)
	for number := range excused {
		require.True(t, used[number], "%s: the exception is not needed", number)
	}
	for number := range pkitsExceptions {
		require.True(t, used[number], "%s: the exception is not needed", number)
	}
}
