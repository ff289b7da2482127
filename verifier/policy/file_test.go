package policy_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
)

// own is the default policy under a name that anybody may use.
func own(t testing.TB) string {
	text, err := policy.Source(policy.DefaultName)
	require.NoError(t, err)
	return strings.Replace(string(text), `name = "tamga-2026-1"`, `name = "house-1"`, 1)
}

func TestParse(t *testing.T) {
	p, err := policy.Parse([]byte(own(t)))
	require.NoError(t, err)
	want := policy.Default()
	require.NotEqual(t, want.SHA256, p.SHA256)
	want.Name, want.SHA256 = "house-1", p.SHA256
	require.Equal(t, want, p)
	require.Equal(t, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC), p.Date)
}

// minimal says only what cannot be left out.
const minimal = `
schema = 1
name = "m"
date = 2026-01-02
[format.cades]
purpose = { need = [] }
certificate-policies = { policies = ["1.2.3"] }
[timestamp]
purpose = { need = ["1.3.6.1.5.5.7.3.8"] }
certificate-policies = { policies = [] }
[revocation.signer]
purpose = { need = [] }
certificate-policies = { policies = [] }
[limits]
certificates = 1
certificate-bytes = 1
path = 1
revocations = 1
timestamps = 1
signatures = 1
`

// What a policy leaves out is required.
func TestLeftOutIsRequired(t *testing.T) {
	p, err := policy.Parse([]byte(minimal))
	require.NoError(t, err)
	require.True(t, p.ClaimAgainst)
	require.True(t, p.Credential.StatusRequired)
	require.Zero(t, p.Credential.ShortLived)
	require.Equal(t, policy.RefuseFailing, p.Stamps)
	require.Zero(t, p.Revocation.ShortLived)
	require.Zero(t, p.Revocation.Skew)
	require.ErrorIs(t, p.Algorithm(pki.ES256, today), policy.ErrRefused)
	_, known := p.Rule(formats.PAdES)
	require.False(t, known)
	rule, known := p.Rule(formats.CAdES)
	require.True(t, known)
	require.Equal(t, policy.Rule{
		Attribute: true, References: true, Revocation: true,
		Purpose:  policy.Purpose{Need: []string{}, Only: true, Critical: true},
		Policies: policy.Policies{Accept: []string{"1.2.3"}},
	}, rule)
	require.False(t, rule.Reaches("B-LT"))
	require.True(t, p.Timestamp.Policies.AcceptAny)
	require.True(t, p.Timestamp.Reaches(""), "a token has no level")
}

func TestParseRefuses(t *testing.T) {
	good := own(t)
	before, _, _ := strings.Cut(good, "status-required")
	line := strings.Count(before, "\n") + 1
	for _, c := range []struct{ old, new, want string }{
		{"status-required = false", "status-requird = false", fmt.Sprintf("line %d: there is no key called %q", line, "credential.status-requird")},
		{"nested = false }", "nestd = false }", "nestd"},
		{`name = "house-1"`, `name = "tamga-2026-1"`, "for published policies"},
		{`name = "house-1"`, `name = "ades-2027-1"`, "for published policies"},
		{`name = "house-1"`, `name = "no\u001b[2J"`, "lower-case letters"},
		{`name = "house-1"`, ``, "lower-case letters"},
		{"schema = 1", "schema = 2", "schema 2 is not known"},
		{"schema = 1", "", "schema 0 is not known"},
		{"date = 2026-11-23", "", "date must say"},
		{"until = 2029-01-01", "", "until must be a date"},
		{"until = 2029-01-01", "until = 2029-01-01T00:00:00Z", "until must be a date"},
		{"until = 2029-01-01", "until = true", "until must be a date"},
		{`name = "ES256", until = "open"`, `name = "ES384", until = "open"`, "comes twice"},
		{`name = "ES256"`, `name = "MD5"`, `"MD5" is not known`},
		{`name = "SHA-512"`, `name = "SHA-256"`, "comes twice"},
		{`kind = "EC"`, `kind = "DSA"`, "need kind RSA or EC"},
		{"bits = 1900", "bits = 1024", "each once"},
		{"bits = 1900", "bits = -1", "bits above 0"},
		{`failing-timestamps = "refuse-broken"`, `failing-timestamps = "ignore"`, "failing-timestamps is one of"},
		{"[format.mdoc]", "[format.mdok]", `format "mdok" is not known`},
		{`trust = ["mdoc"]`, `trust = ["everything"]`, "is no use"},
		{`trust = ["mdoc"]`, `trust = ["mdoc", "mdoc"]`, "comes twice"},
		{`revocation = "all"`, `revocation = "some"`, `not "some"`},
		{"levels = []", `levels = ["B-X"]`, `level "B-X" is not known`},
		{"need = []", `need = ["timeStamping"]`, "no dotted object identifier"},
		{"need = []", `need = ["3.1"]`, "no dotted object identifier"},
		{"need = [], ", "", "need must say"},
		{"policies = [], ", "", "policies must say"},
		{"policies = []", `policies = ["1.2", "1.2"]`, "comes twice"},
		{`short-lived = "24h"`, `short-lived = "-24h"`, "no length of time"},
		{`short-lived = "24h"`, `short-lived = "a day"`, "no length of time"},
		{"path = 8 ", "", "limits: each of"},
		{"path = 8 ", "path = 0", "limits: each of"},
		{"path = 8 ", `path = "8"`, "line"},
		{"[limits]", "[limits", "line"},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		require.NotEqual(t, good, text, c.old)
		p, err := policy.Parse([]byte(text))
		require.ErrorContains(t, err, c.want, "%s -> %s", c.old, c.new)
		require.Nil(t, p)
	}
	_, err := policy.Parse(make([]byte, policy.MaxSize+1))
	require.ErrorContains(t, err, "more than")
	_, err = policy.Parse(nil)
	require.Error(t, err)
}

// A rule may want fresher information than authorities promise.
func TestMaxAge(t *testing.T) {
	text := strings.Replace(own(t), "freshness = { next-update = true }", `freshness = { max-age = "36h" }`, 1)
	p, err := policy.Parse([]byte(text))
	require.NoError(t, err)
	rule, _ := p.Rule(formats.CAdES)
	require.Equal(t, policy.Freshness{MaxAge: 36 * time.Hour}, rule.Freshness)
}

// Whatever the bytes: an error, or a policy that has a name of its own, bounds
// all that it must, and is rendered.
func FuzzParse(f *testing.F) {
	f.Add([]byte(own(f)))
	f.Add([]byte(minimal))
	f.Add([]byte("schema = 1\nname = 'a'\ndate = 2026-02-30\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := policy.Parse(data)
		if err != nil {
			require.Nil(t, p)
			return
		}
		require.NotEmpty(t, p.Name)
		require.NotContains(t, policy.Names(), p.Name)
		require.Positive(t, p.Limits.Path)
		require.GreaterOrEqual(t, p.Revocation.Skew, time.Duration(0))
		text, err := json.Marshal(p)
		require.NoError(t, err)
		require.True(t, json.Valid(text))
	})
}
