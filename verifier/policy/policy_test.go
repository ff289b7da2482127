package policy_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier/policy"
)

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

// The zero policy, and every row that is not there, refuses.
func TestNothingPassesByDefault(t *testing.T) {
	var p policy.Policy
	require.ErrorIs(t, p.Algorithm(pki.ES256, today), policy.ErrRefused)
	require.ErrorIs(t, p.Digest(pki.SHA256, today), policy.ErrRefused)
	require.ErrorIs(t, p.Key(rsaKey(4096), today), policy.ErrRefused)
	_, known := p.Rule(formats.CAdES)
	require.False(t, known)
	b := policy.Basic()
	require.ErrorIs(t, b.Algorithm(pki.UnknownAlgorithm, today), policy.ErrRefused)
	require.ErrorIs(t, b.Digest(pki.UnknownHash, today), policy.ErrRefused)
	require.ErrorIs(t, b.Key(nil, today), policy.ErrRefused)
}

func TestBasic(t *testing.T) {
	p := policy.Basic()
	require.Equal(t, policy.BasicName, p.Name)
	year := func(y int) time.Time { return time.Date(y, 6, 1, 0, 0, 0, 0, time.UTC) }
	require.NoError(t, p.Algorithm(pki.RSASHA1, year(2012)))
	require.ErrorIs(t, p.Algorithm(pki.RSASHA1, year(2013)), policy.ErrOutdated)
	require.ErrorIs(t, p.Digest(pki.SHA1, today), policy.ErrOutdated)
	require.NoError(t, p.Digest(pki.SHA224, today))
	require.ErrorIs(t, p.Digest(pki.SHA224, year(2029)), policy.ErrOutdated)
	require.ErrorIs(t, p.Algorithm(pki.RSASHA256, year(2029)), policy.ErrOutdated)
	require.NoError(t, p.Algorithm(pki.PSSSHA256, year(2029)))
	require.NoError(t, p.Key(rsaKey(2048), today))
	require.ErrorIs(t, p.Key(rsaKey(2048), year(2029)), policy.ErrOutdated)
	require.NoError(t, p.Key(rsaKey(3072), year(2029)))
	require.ErrorIs(t, p.Key(rsaKey(1024), today), policy.ErrOutdated)
	require.NoError(t, p.Key(rsaKey(1024), year(2010)))
	require.ErrorIs(t, p.Key(rsaKey(512), year(2010)), policy.ErrRefused)
	require.NoError(t, p.Key(&ecdsa.PublicKey{Curve: elliptic.P256()}, today))
	require.ErrorIs(t, p.Key(&ecdsa.PublicKey{Curve: elliptic.P224()}, today), policy.ErrRefused)
	require.NoError(t, p.Key(ed25519.PublicKey{}, today))
}

// Every algorithm and digest that can be read has a row: a new one must be
// decided on, not forgotten.
func TestBasicIsComplete(t *testing.T) {
	p := policy.Basic()
	for a := pki.UnknownAlgorithm + 1; a.Known(); a++ {
		require.NotErrorIs(t, p.Algorithm(a, today), policy.ErrRefused, a.String())
	}
	for h := pki.UnknownHash + 1; h.Known(); h++ {
		require.NotErrorIs(t, p.Digest(h, today), policy.ErrRefused, h.String())
	}
	for _, id := range []formats.ID{formats.CAdES, formats.PAdES, formats.Mdoc, formats.SDJWT} {
		rule, known := p.Rule(id)
		require.True(t, known)
		require.NotEmpty(t, rule.Use)
		require.True(t, rule.Revocation)
	}
}

// Who changes a built-in policy changes only their own copy.
func TestBuiltInsAreImmutable(t *testing.T) {
	p, err := policy.ByName(policy.BasicName)
	require.NoError(t, err)
	p.Algorithms[0].Until, p.Formats[0].Rule.Use = time.Time{}, ""
	again, err := policy.ByName(policy.BasicName)
	require.NoError(t, err)
	require.Equal(t, policy.Basic(), again)
	_, err = policy.ByName("none")
	require.Error(t, err)
}

func rsaKey(bits int) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), uint(bits-1)), E: 65537}
}

// The table is ETSI's: its machine-readable form, where it is at hand, says the
// same of every algorithm that it names.
func TestVectorsTS119312(t *testing.T) {
	path := filepath.Join(pkitest.Corpus(t, "dss/dss-policy-crypto-json"), "19312MachineReadable.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var file struct {
		SecuritySuitabilityPolicyType struct {
			Algorithm []struct {
				AlgorithmIdentifier struct{ Name string }
				Evaluation          json.RawMessage
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	p, tally := policy.Basic(), pkitest.Tally{Name: "ts-119312"}
	for _, a := range file.SecuritySuitabilityPolicyType.Algorithm {
		name := a.AlgorithmIdentifier.Name
		ask, known := asks[name]
		if !known {
			continue
		}
		for _, e := range evaluations(t, a.Evaluation) {
			// A year before, and a year after the end that is given.
			before, after := time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(2029, 12, 31, 0, 0, 0, 0, time.UTC)
			tally.Case(t, name, ask(p, before, e.bits()) == nil, "")
			tally.Case(t, name, (ask(p, after, e.bits()) == nil) == e.Validity.End.IsZero(), "")
		}
	}
	tally.Report(t)
}

type evaluation struct {
	Validity  struct{ End time.Time }
	Parameter struct {
		Min int `json:",string"`
	}
}

func (e evaluation) bits() int { return e.Parameter.Min }

// evaluations reads one or a list, as the file has both.
func evaluations(t *testing.T, raw json.RawMessage) (out []evaluation) {
	if json.Unmarshal(raw, &out) != nil {
		out = make([]evaluation, 1)
		require.NoError(t, json.Unmarshal(raw, &out[0]))
	}
	return out
}

type asking func(p *policy.Policy, at time.Time, bits int) error

// asks are what the file's names are here.
var asks = map[string]asking{
	"SHA224": ofDigest(pki.SHA224), "SHA256": ofDigest(pki.SHA256), "SHA384": ofDigest(pki.SHA384),
	"SHA512": ofDigest(pki.SHA512), "SHA3-256": ofDigest(pki.SHA3_256), "SHA3-384": ofDigest(pki.SHA3_384),
	"SHA3-512":                ofDigest(pki.SHA3_512),
	"sha256WithRSAEncryption": ofRSA(pki.RSASHA256), "sha384WithRSAEncryption": ofRSA(pki.RSASHA384),
	"sha512WithRSAEncryption": ofRSA(pki.RSASHA512), "rsassa-pss": ofRSA(pki.PSSSHA256),
	"ECDSA with SHA-256": ofAlgorithm(pki.ECDSASHA256), "ECDSA with SHA-384": ofAlgorithm(pki.ECDSASHA384),
	"ECDSA with SHA-512": ofAlgorithm(pki.ECDSASHA512),
	"secp256r1":          ofCurve(elliptic.P256()), "secp384r1": ofCurve(elliptic.P384()),
	"secp512r1": ofCurve(elliptic.P521()), // so named in the file
}

func ofDigest(h pki.Hash) asking {
	return func(p *policy.Policy, at time.Time, _ int) error { return p.Digest(h, at) }
}

func ofAlgorithm(a pki.Algorithm) asking {
	return func(p *policy.Policy, at time.Time, _ int) error { return p.Algorithm(a, at) }
}

func ofRSA(a pki.Algorithm) asking {
	return func(p *policy.Policy, at time.Time, bits int) error {
		return errors.Join(p.Algorithm(a, at), p.Key(rsaKey(bits), at))
	}
}

func ofCurve(c elliptic.Curve) asking {
	return func(p *policy.Policy, at time.Time, _ int) error {
		return p.Key(&ecdsa.PublicKey{Curve: c}, at)
	}
}
