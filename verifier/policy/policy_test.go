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
	"slices"
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
	require.Equal(t, "refuse", p.Stamps.String())
	require.Equal(t, "refuse", policy.Stamps(200).String())
	for _, name := range policy.Names() {
		b, err := policy.ByName(name)
		require.NoError(t, err)
		require.ErrorIs(t, b.Algorithm(pki.UnknownAlgorithm, today), policy.ErrRefused)
		require.ErrorIs(t, b.Digest(pki.UnknownHash, today), policy.ErrRefused)
		require.ErrorIs(t, b.Key(nil, today), policy.ErrRefused)
	}
}

// The zero rule trusts nobody, asks for the highest level, and takes nothing
// for fresh that was made before.
func TestZeroRuleIsStrictest(t *testing.T) {
	var r policy.Rule
	require.Empty(t, r.Uses())
	require.False(t, r.Reaches("B-B"))
	require.False(t, r.Reaches("B-LT"))
	require.False(t, r.Reaches(""))
	require.True(t, r.Reaches("B-LTA"))
	require.Equal(t, today, r.Freshness.Until(today, today.AddDate(1, 0, 0)))
	require.False(t, r.Policies.AcceptAny)
}

func TestReaches(t *testing.T) {
	r := policy.Rule{Levels: []formats.Level{"B-T"}}
	for level, want := range map[formats.Level]bool{"": false, "B-B": false, "B-T": true, "B-LT": true, "B-LTA": true, "x": false} {
		require.Equal(t, want, r.Reaches(level), level)
	}
	require.False(t, policy.Rule{Levels: []formats.Level{"x"}}.Reaches("B-LTA"))
	require.True(t, policy.Rule{Levels: []formats.Level{}}.Reaches(""))
}

func TestFreshness(t *testing.T) {
	next := today.Add(48 * time.Hour)
	for _, c := range []struct {
		f    policy.Freshness
		next time.Time
		want time.Time
	}{
		{policy.Freshness{NextUpdate: true}, next, next},
		{policy.Freshness{NextUpdate: true}, time.Time{}, today}, // it says nothing, so nothing is promised
		{policy.Freshness{NextUpdate: true}, today.Add(-time.Hour), today},
		{policy.Freshness{MaxAge: time.Hour}, next, today.Add(time.Hour)},
		{policy.Freshness{NextUpdate: true, MaxAge: time.Hour}, next, today.Add(time.Hour)},
		{policy.Freshness{NextUpdate: true, MaxAge: 72 * time.Hour}, next, next},
		{policy.Freshness{NextUpdate: true, MaxAge: 72 * time.Hour}, time.Time{}, today},
	} {
		require.Equal(t, c.want, c.f.Until(today, c.next))
	}
}

func TestDefault(t *testing.T) {
	p := policy.Default()
	require.Equal(t, policy.DefaultName, p.Name)
	year := func(y int) time.Time { return time.Date(y, 6, 1, 0, 0, 0, 0, time.UTC) }
	require.NoError(t, p.Algorithm(pki.RSASHA1, year(2010)))
	require.ErrorIs(t, p.Algorithm(pki.RSASHA1, year(2011)), policy.ErrOutdated)
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

// Every algorithm and digest that can be read has a row in the default: a new
// one must be decided on, not forgotten.
func TestDefaultIsComplete(t *testing.T) {
	p := policy.Default()
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
		require.False(t, rule.SignerOnly)
	}
}

// The strict policy accepts nothing that the European baseline refuses, except
// what European tables do not know.
func TestStrictIsStricter(t *testing.T) {
	strict := policy.Default()
	base, err := policy.ByName("ades-2026-1")
	require.NoError(t, err)
	unknownToETSI := []pki.Algorithm{pki.Ed25519, pki.MLDSA44, pki.MLDSA65, pki.MLDSA87}
	for at := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2040; at = at.AddDate(0, 0, 31) {
		for a := pki.UnknownAlgorithm + 1; a.Known(); a++ {
			if strict.Algorithm(a, at) == nil && !slices.Contains(unknownToETSI, a) {
				require.NoError(t, base.Algorithm(a, at))
			}
		}
		for h := pki.UnknownHash + 1; h.Known(); h++ {
			if strict.Digest(h, at) == nil {
				require.NoError(t, base.Digest(h, at))
			}
		}
		for _, bits := range []int{512, 1023, 1024, 1536, 1900, 2048, 3000, 4096} {
			if strict.Key(rsaKey(bits), at) == nil {
				require.NoError(t, base.Key(rsaKey(bits), at))
			}
		}
	}
	require.Less(t, strict.Stamps, base.Stamps)
	require.True(t, strict.ClaimAgainst)
	require.False(t, base.ClaimAgainst)
	require.False(t, strict.Timestamp.SignerOnly)
	require.True(t, base.Timestamp.SignerOnly)
}

// Who changes a built-in policy changes only their own copy.
func TestBuiltInsAreImmutable(t *testing.T) {
	p, err := policy.ByName(policy.DefaultName)
	require.NoError(t, err)
	p.Algorithms[0].Until, p.Formats[0].Rule.Use = time.Time{}, ""
	p.Formats[0].Rule.Purpose.Refuse[0] = ""
	again, err := policy.ByName(policy.DefaultName)
	require.NoError(t, err)
	require.Equal(t, policy.Default(), again)
	require.NotEqual(t, p, again)
	_, err = policy.ByName("none")
	require.ErrorContains(t, err, "there are only tamga-2026-1, ades-2026-1")
	_, err = policy.ByName("../tamga-2026-1")
	require.Error(t, err)
}

// A published policy never changes: whoever verified by its name in the past
// must be able to say what that meant. If this test fails, do not change the
// golden file: publish the new requirements under a new name.
func TestPublishedPoliciesNeverChange(t *testing.T) {
	for _, name := range policy.Names() {
		p, err := policy.ByName(name)
		require.NoError(t, err)
		require.Equal(t, name, p.Name)
		text, err := json.MarshalIndent(p, "", "  ")
		require.NoError(t, err)
		golden, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		require.NoError(t, err)
		require.Equal(t, string(golden), string(text)+"\n")
	}
}

func rsaKey(bits int) *rsa.PublicKey {
	return &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), uint(bits-1)), E: 65537}
}

// The table is ETSI's: its machine-readable form, where it is at hand, says the
// same of every algorithm that it names.
func TestVectorsTS119312(t *testing.T) {
	for _, name := range policy.Names() {
		t.Run(name, func(t *testing.T) { testTS119312(t, name) })
	}
}

func testTS119312(t *testing.T, name string) {
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
	p, err := policy.ByName(name)
	require.NoError(t, err)
	tally := pkitest.Tally{Name: "ts-119312-" + name}
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
