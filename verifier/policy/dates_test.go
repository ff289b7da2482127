package policy_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/xml"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier/policy"
)

// The European baseline ends what it names on the day on which EU DSS does, by
// the table of one of its own policies. A row that DSS has and we can read must
// be there.
func TestVectorsDSSDates(t *testing.T) {
	path := filepath.Join(pkitest.Corpus(t, "dss/dss-validation/diag-data/policy"), "qwac-constraint.xml")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		Cryptographic struct {
			AlgoExpirationDate struct {
				Algo []struct {
					Date string `xml:",attr"`
					Size string `xml:",attr"`
					Name string `xml:",chardata"`
				}
			}
		}
	}
	require.NoError(t, xml.Unmarshal(raw, &file))
	p, err := policy.ByName("ades-2026-1")
	require.NoError(t, err)
	tally := pkitest.Tally{Name: "dss-dates"}
	for _, row := range file.Cryptographic.AlgoExpirationDate.Algo {
		ask := dssAsks(row.Name, row.Size)
		if ask == nil {
			continue // an algorithm that we do not read, or a size below all of ours
		}
		end := time.Date(2039, 1, 1, 0, 0, 0, 0, time.UTC)
		if row.Date != "" {
			end, err = time.Parse(time.DateOnly, row.Date)
			require.NoError(t, err)
			tally.Case(t, row.Name+row.Size+" after", ask(p, end) != nil, "")
		}
		tally.Case(t, row.Name+row.Size+" before", ask(p, end.Add(-time.Second)) == nil, "")
	}
	tally.Report(t)
}

func dssAsks(name, size string) func(p *policy.Policy, at time.Time) error {
	digests := map[string]pki.Hash{
		"SHA1": pki.SHA1, "SHA224": pki.SHA224, "SHA256": pki.SHA256, "SHA384": pki.SHA384, "SHA512": pki.SHA512,
		"SHA3-256": pki.SHA3_256, "SHA3-384": pki.SHA3_384, "SHA3-512": pki.SHA3_512,
	}
	if h := digests[name]; h.Known() {
		return func(p *policy.Policy, at time.Time) error { return p.Digest(h, at) }
	}
	bits, _ := strconv.Atoi(size)
	curves := map[int]elliptic.Curve{224: elliptic.P224(), 256: elliptic.P256()}
	switch {
	case name == "RSASSA-PSS" && bits >= 1024, name == "RSA" && bits >= 1024 && bits < 3000:
		return func(p *policy.Policy, at time.Time) error { return p.Key(rsaKey(bits), at) }
	case name == "RSA" && bits == 3000: // the padding ends, not the key
		return func(p *policy.Policy, at time.Time) error { return p.Algorithm(pki.RSASHA256, at) }
	case name == "ECDSA" && curves[bits] != nil:
		return func(p *policy.Policy, at time.Time) error {
			return p.Key(&ecdsa.PublicKey{Curve: curves[bits]}, at)
		}
	}
	return nil
}
