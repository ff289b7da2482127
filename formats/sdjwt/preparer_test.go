package sdjwt_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/sdjwt"
	"tamga/pki"
)

// payloadOf returns the payload as it is signed.
func payloadOf(t testing.TB, data []byte) string {
	raw, err := base64.RawURLEncoding.DecodeString(strings.Split(string(data), ".")[1])
	require.NoError(t, err)
	return string(raw)
}

// TestPayload shows the very bytes of a small document.
func TestPayload(t *testing.T) {
	p := world(t)
	prep := sdjwt.Preparer{
		Type: "urn:x", ValidUntil: p.Now.Add(time.Hour), Random: &counter{},
		Claims: []sdjwt.Claim{
			{Name: "a", Value: map[string]any{"z": []any{1, nil, "\u2028<>&"}, "b": []string{}}},
			{Name: "h", Value: true, Disclose: true},
		},
	}
	data := issue(t, p, prep, "issuer", pki.ES256)
	h := b64(`["AQIDBAUGBwgJCgsMDQ4PEA","h",true]`)
	require.Equal(t, `{"iat":1780315200,"exp":1780318800,"vct":"urn:x",`+
		"\"a\":{\"b\":[],\"z\":[1,null,\"\u2028<>&\"]},"+`"_sd":["`+hash(h)+`"],"_sd_alg":"sha-256"}`, payloadOf(t, data))
	require.True(t, strings.HasSuffix(string(data), "~"+h+"~"))

	// SD-JWT VC draft §3.2.2.4: nothing hidden, no trace of hiding.
	prep.Claims = prep.Claims[:1]
	data = issue(t, p, prep, "issuer", pki.ES256)
	require.NotContains(t, payloadOf(t, data), "_sd")
	require.Equal(t, 1, strings.Count(string(data), "~"))
}

// TestOrder: the place of a digest must not tell which claim it hides, and
// decoys not that they are decoys (RFC 9901 §4.2.5, §9.4).
func TestOrder(t *testing.T) {
	p := world(t)
	prep := identity(p)
	prep.Decoys, prep.Random = 3, nil
	digests := func(data []byte) []string {
		_, list, _ := strings.Cut(payloadOf(t, data), `],"_sd":["`)
		list, _, _ = strings.Cut(list, `"]`)
		return strings.Split(list, `","`)
	}
	one, two := issue(t, p, prep, "issuer", pki.ES256), issue(t, p, prep, "issuer", pki.ES256)
	require.True(t, slices.IsSorted(digests(one)))
	require.Len(t, digests(one), 6+3)
	for _, d := range digests(one) {
		require.Len(t, d, 43)
		require.NotContains(t, digests(two), d, "copies must not be linked by their salts")
	}
	require.Empty(t, fatal(read(t, one)))
	doc, err := sdjwt.Parser{}.Parse(input(one))
	require.NoError(t, err)
	require.Contains(t, doc.Facts, // top level, age, address
		formats.Fact{Name: "not disclosed", Value: "9 (withheld, or decoys)"})
}

type (
	wish   = sdjwt.Preparer
	around = formats.Params
)

// TestRefused: what no verifier would accept is not made.
func TestRefused(t *testing.T) {
	p := world(t)
	leaf := p.Cert("issuer")
	nest := func(depth int) any {
		var v any = 1
		for range depth {
			v = []any{v}
		}
		return v
	}
	claims := func(list ...sdjwt.Claim) func(*wish, *around) {
		return func(d *wish, _ *around) { d.Claims = list }
	}
	for name, change := range map[string]func(*wish, *around){
		"no type":               func(d *wish, _ *around) { d.Type = "" },
		"type is no text":       func(d *wish, _ *around) { d.Type = "\xff" },
		"a level":               func(_ *wish, a *around) { a.Level = formats.LevelB },
		"no algorithm":          func(_ *wish, a *around) { a.Algorithm = 0 },
		"an algorithm of CMS":   func(_ *wish, a *around) { a.Algorithm = pki.ECDSASHA256 },
		"RSA":                   func(_ *wish, a *around) { a.Algorithm = pki.RSASHA256 },
		"no certificate":        func(_ *wish, a *around) { a.Chain = nil },
		"a self-signed one":     func(_ *wish, a *around) { a.Chain = p.Chain("root") },
		"no time":               func(_ *wish, a *around) { a.Time = time.Time{} },
		"signed too early":      func(_ *wish, a *around) { a.Time = leaf.NotBefore.Add(-time.Second) },
		"no end":                func(d *wish, _ *around) { d.ValidUntil = time.Time{} },
		"over already":          func(d *wish, _ *around) { d.ValidUntil = p.Now },
		"over before it begins": func(d *wish, _ *around) { d.ValidFrom = d.ValidUntil },
		"outlives the issuer": func(d *wish, _ *around) {
			d.ValidUntil = leaf.NotAfter.Add(time.Second)
		},
		"older than the issuer": func(d *wish, _ *around) {
			d.ValidFrom = leaf.NotBefore.Add(-time.Second)
		},
		"issuer without TLS":     func(d *wish, _ *around) { d.Issuer = "http://issuer.test" },
		"issuer with a query":    func(d *wish, _ *around) { d.Issuer = "https://issuer.test/?a=1" },
		"issuer without a host":  func(d *wish, _ *around) { d.Issuer = "https:///x" },
		"holder's key":           func(d *wish, _ *around) { d.HolderKey = "key" },
		"decoys below nothing":   func(d *wish, _ *around) { d.Decoys = -1 },
		"too many decoys":        func(d *wish, _ *around) { d.Decoys = 1 << 20 },
		"no randomness":          func(d *wish, _ *around) { d.Random = bytes.NewReader(nil) },
		"broken randomness":      func(d *wish, _ *around) { d.Random = iotest.ErrReader(errors.New("x")) },
		"no name":                claims(sdjwt.Claim{Value: 1}),
		"a name twice":           claims(sdjwt.Claim{Name: "a"}, sdjwt.Claim{Name: "a", Disclose: true}),
		"a name twice in object": claims(sdjwt.Claim{Name: "o", Value: []sdjwt.Claim{{Name: "a"}, {Name: "a"}}}),
		"exp as a claim":         claims(sdjwt.Claim{Name: "exp", Value: 1}),
		"iat as a claim":         claims(sdjwt.Claim{Name: "iat", Value: 1}),
		"status as a claim":      claims(sdjwt.Claim{Name: "status", Value: 1, Disclose: true}),
		"_sd as a claim":         claims(sdjwt.Claim{Name: "_sd", Value: []any{}}),
		"_sd_alg as a claim":     claims(sdjwt.Claim{Name: "_sd_alg", Value: "md5"}),
		"... in an object":       claims(sdjwt.Claim{Name: "o", Value: []sdjwt.Claim{{Name: "..."}}}),
		"... in a map":           claims(sdjwt.Claim{Name: "o", Value: []any{map[string]any{"...": "x"}}}),
		"_sd in a map":           claims(sdjwt.Claim{Name: "o", Value: map[string]any{"_sd": []any{"x"}}, Disclose: true}),
		"_sd in an item":         claims(sdjwt.Claim{Name: "o", Value: []sdjwt.Item{{Value: map[string]any{"_sd": 1}}}}),
		"no number":              claims(sdjwt.Claim{Name: "a", Value: math.NaN()}),
		"infinite":               claims(sdjwt.Claim{Name: "a", Value: math.Inf(1), Disclose: true}),
		"not UTF-8":              claims(sdjwt.Claim{Name: "a", Value: "\xff"}),
		"a name not UTF-8":       claims(sdjwt.Claim{Name: "\xff", Value: 1, Disclose: true}),
		"bytes":                  claims(sdjwt.Claim{Name: "a", Value: []byte{1}}),
		"a time":                 claims(sdjwt.Claim{Name: "a", Value: p.Now}),
		"too deep":               claims(sdjwt.Claim{Name: "a", Value: nest(1000)}),
	} {
		prep, params := identity(p), params(p, "issuer", pki.ES256)
		change(&prep, &params)
		_, err := prep.Prepare(input(nil), params)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "Олена", "no claim of a person stands in an error")
	}
}

// TestNumbers: every kind of number is written as JSON has it.
func TestNumbers(t *testing.T) {
	p := world(t)
	prep := identity(p)
	prep.Claims = []sdjwt.Claim{{Name: "n", Value: []any{
		int(-1), int8(-8), int16(-16), int32(-32), int64(math.MinInt64),
		uint(1), uint8(8), uint16(16), uint32(32), uint64(math.MaxUint64), 0.1, 1e21, 0.0,
	}}}
	require.Contains(t, payloadOf(t, issue(t, p, prep, "issuer", pki.ES256)),
		`"n":[-1,-8,-16,-32,-9223372036854775808,1,8,16,32,18446744073709551615,0.1,1e+21,0]`)
}

func TestComplete(t *testing.T) {
	p := world(t)
	pending, err := identity(p).Prepare(input([]byte("whatever lies there")), params(p, "issuer", pki.ES256))
	require.NoError(t, err)
	require.Nil(t, sdjwt.Preparer{}.StampInput(pending, []byte{1}))
	ok := formats.Completion{Value: make([]byte, 64)}
	edit, err := sdjwt.Preparer{}.Complete(pending, ok)
	require.NoError(t, err)
	require.Zero(t, edit.Keep)
	for name, change := range map[string]func(*formats.Pending, *formats.Completion){
		"no value":       func(_ *formats.Pending, c *formats.Completion) { c.Value = nil },
		"a time-stamp":   func(_ *formats.Pending, c *formats.Completion) { c.Timestamp = []byte{1} },
		"another format": func(p *formats.Pending, _ *formats.Completion) { p.Format = formats.Mdoc },
		"no state":       func(p *formats.Pending, _ *formats.Completion) { p.State = nil },
		"another state":  func(p *formats.Pending, _ *formats.Completion) { p.State = []byte("{}") },
		"nothing signed": func(p *formats.Pending, _ *formats.Completion) { p.ToBeSigned = nil },
	} {
		was, c := *pending, ok
		change(&was, &c)
		_, err := sdjwt.Preparer{}.Complete(&was, c)
		require.Error(t, err, name)
	}
}

// twenty is the document of the speed goal: twenty hidden claims.
func twenty(b testing.TB) (sdjwt.Preparer, formats.Params, *pki.Key) {
	p := world(b)
	prep := sdjwt.Preparer{Type: "urn:test:person:1", HolderKey: p.Signer("holder").Public(),
		ValidFrom: p.Now, ValidUntil: p.Now.AddDate(0, 0, 14)}
	for i := range 20 {
		prep.Claims = append(prep.Claims, sdjwt.Claim{
			Name: "claim_" + string(rune('a'+i)), Value: "a value of usual length", Disclose: true})
	}
	return prep, params(p, "issuer", pki.ES256), p.Key("issuer")
}

// BenchmarkLayout is what a document costs on top of its signature.
func BenchmarkLayout(b *testing.B) {
	prep, params, _ := twenty(b)
	value := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		pending, err := prep.Prepare(formats.Input{}, params)
		if err == nil {
			_, err = prep.Complete(pending, formats.Completion{Value: value})
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkParse is what reading costs before anything is verified.
func BenchmarkParse(b *testing.B) {
	prep, params, key := twenty(b)
	pending, err := prep.Prepare(formats.Input{}, params)
	require.NoError(b, err)
	value, err := key.Sign(b.Context(), pki.UseSDJWT, pki.ES256, pending.ToBeSigned)
	require.NoError(b, err)
	edit, err := prep.Complete(pending, formats.Completion{Value: value})
	require.NoError(b, err)
	in := input(edit.Tail)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (sdjwt.Parser{}).Parse(in); err != nil {
			b.Fatal(err)
		}
	}
}
