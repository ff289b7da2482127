package sdjwt_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/sdjwt"
	"tamga/pki"
)

// vc is a payload with the one claim that it must have, and more.
func vc(more string) string { return `{"vct":"urn:x"` + more + `}` }

func sd(disclosures ...string) string {
	var list []string
	for _, d := range disclosures {
		list = append(list, `"`+hash(b64(d))+`"`)
	}
	return `"_sd":[` + strings.Join(list, ",") + `]`
}

// TestProcessing holds RFC 9901 §7.1: each row is a way to have a verifier see
// what the issuer did not say, or two verifiers see two things.
func TestProcessing(t *testing.T) {
	f := forge{t, world(t)}
	name := `["salt","name","Olena"]`
	item := `["salt","UT"]`
	hide := func(claim string) string { return fmt.Sprintf(`["salt",%q,"x"]`, claim) }
	for _, c := range []struct {
		name, payload string
		disclosures   []string
		want          string // part of the fatal defect, "" if there is none
	}{
		{"nothing hidden", vc(""), nil, ""},
		{"a claim", vc("," + sd(name)), []string{name}, ""},
		{"a claim withheld", vc("," + sd(name, item)), nil, ""},
		{"in an object", vc(`,"o":{"a":1,` + sd(name) + `}`), []string{name}, ""},
		{"an element", vc(`,"l":["XX",{"...":"` + hash(b64(item)) + `"}]`), []string{item}, ""},
		{"in another disclosure", vc("," + sd(`["salt","o",{`+sd(name)+`}]`)),
			[]string{name, `["salt","o",{` + sd(name) + `}]`}, ""},
		{"time of issue", vc("," + sd(`["salt","iat",1]`)), []string{`["salt","iat",1]`}, ""},

		// Slipped into somebody else's document.
		{"nobody signed it", vc("," + sd(name)), []string{name, hide("admin")}, "disclosure 2: its digest is not in"},
		{"the outer one is withheld", vc("," + sd(`["salt","o",{`+sd(name)+`}]`)), []string{name}, "disclosure 1"},
		{"shown twice", vc("," + sd(name)), []string{name, name}, "stands twice"},
		// One claim in two places, of which one reader sees one.
		{"a digest twice", vc("," + sd(name, name)), []string{name}, "a digest stands twice"},
		{"a digest in two places", vc(`,"o":{` + sd(name) + `},` + sd(name)), []string{name}, "a digest stands twice"},
		{"a digest twice, withheld", vc("," + sd(name, name)), nil, "a digest stands twice"},
		// Of two values for one name one reader takes this, one that.
		{"the claim is there already", vc(`,"name":"Oksana",` + sd(name)), []string{name}, "name is there already"},
		{"two disclosures of a name", vc("," + sd(name, hide("name"))), []string{name, hide("name")}, "is there already"},
		// A disclosure that brings more digests than the issuer wrote.
		{"called _sd", vc("," + sd(hide("_sd"))), []string{hide("_sd")}, "a claim called _sd"},
		{"called ...", vc("," + sd(hide("..."))), []string{hide("...")}, "a claim called ..."},
		{"called _sd_alg", vc("," + sd(hide("_sd_alg"))), []string{hide("_sd_alg")}, "a claim called _sd_alg"},
		// A holder who leaves out exp or status outlives both.
		{"iss hidden", vc("," + sd(hide("iss"))), []string{hide("iss")}, "iss must not be hidden"},
		{"nbf hidden", vc("," + sd(`["salt","nbf",1]`)), []string{`["salt","nbf",1]`}, "nbf must not be hidden"},
		{"exp hidden", vc("," + sd(`["salt","exp",1]`)), []string{`["salt","exp",1]`}, "exp must not be hidden"},
		{"cnf hidden", vc("," + sd(`["salt","cnf",{}]`)), []string{`["salt","cnf",{}]`}, "cnf must not be hidden"},
		{"status hidden", vc("," + sd(`["salt","status",{}]`)), []string{`["salt","status",{}]`}, "status must not be hidden"},
		{"vct#integrity hidden", vc("," + sd(hide("vct#integrity"))), []string{hide("vct#integrity")}, "must not be hidden"},
		{"vct hidden", "{" + sd(hide("vct")) + "}", []string{hide("vct")}, "vct must not be hidden"},
		// Kinds that do not fit.
		{"element for a claim", vc("," + sd(item)), []string{item}, "an array element in place of a claim"},
		{"claim for an element", vc(`,"l":[{"...":"` + hash(b64(name)) + `"}]`), []string{name}, "a claim in place"},
		{"_sd is a text", vc(`,"_sd":"x"`), nil, "no list of digests"},
		{"_sd with a number", vc(`,"_sd":[1]`), nil, "no list of digests"},
		{"a claim called ...", vc(`,"o":{"...":"x"}`), nil, "is called ..."},
		{"... beside another", vc(`,"l":[{"...":"x","a":1}]`), nil, "is called ..."},
		{"... is a number", vc(`,"l":[{"...":1}]`), nil, "is called ..."},
		{"no name", vc("," + sd(`["salt",1,2]`)), []string{`["salt",1,2]`}, "is no string"},
		{"no salt", vc("," + sd(`[1,"name",2]`)), []string{`[1,"name",2]`}, "is no string"},
		{"four parts", vc("," + sd(`["s","n",1,2]`)), []string{`["s","n",1,2]`}, "two or three"},
		{"no array", vc("," + sd(`{}`)), []string{`{}`}, "two or three"},
		{"no JSON", vc("," + sd(`["s","n",`)), []string{`["s","n",`}, "not JSON"},
		{"a name twice in it", vc("," + sd(`["s","n",{"a":1,"a":2}]`)), []string{`["s","n",{"a":1,"a":2}]`}, "twice"},
		// The digest algorithm.
		{"unknown", vc(`,"_sd_alg":"md5"`), nil, "none of ours"},
		{"upper case", vc(`,"_sd_alg":"SHA-256"`), nil, "none of ours"},
		{"a number", vc(`,"_sd_alg":1`), nil, "none of ours"},
	} {
		t.Run(c.name, func(t *testing.T) {
			sig := read(t, f.make("dc+sd-jwt", c.payload, c.disclosures...))
			if c.want == "" {
				require.Empty(t, fatal(sig))
				require.Len(t, sig.References, len(c.disclosures))
				for _, r := range sig.References {
					require.Equal(t, r.Want, digest(t, r), r.Name)
				}
				return
			}
			require.Contains(t, strings.Join(fatal(sig), "\n"), c.want)
		})
	}
}

// TestOtherDigest: SHA-512 digests are found as SHA-256 ones are.
func TestOtherDigest(t *testing.T) {
	f := forge{t, world(t)}
	d := `["salt","name","Olena"]`
	want := pki.SHA512.Sum([]byte(b64(d)))
	payload := fmt.Sprintf(`,"_sd":[%q],"_sd_alg":"sha-512"`, base64.RawURLEncoding.EncodeToString(want))
	sig := read(t, f.make("dc+sd-jwt", vc(payload), d))
	require.Empty(t, fatal(sig))
	require.Equal(t, pki.SHA512, sig.References[0].Hash)
	require.Equal(t, want, sig.References[0].Want)
	require.Equal(t, "name", sig.References[0].Name)
}

// TestBombs are refused at once, whatever they are worth.
func TestBombs(t *testing.T) {
	f := forge{t, world(t)}
	inner := `["s","a",1]`
	nested := []string{inner}
	for range 80 {
		inner = `["s","a",{` + sd(inner) + `}]`
		nested = append(nested, inner)
	}
	long := strings.Repeat("n", 1<<20)
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for name, data := range map[string][]byte{
		"disclosures in disclosures": f.make("dc+sd-jwt", vc(","+sd(inner)), nested...),
		"deep payload":               f.make("dc+sd-jwt", vc(`,"a":`+deep)),
		"deep disclosure":            f.make("dc+sd-jwt", vc(""), `["s","a",`+deep+`]`),
		"deep JSON":                  []byte(`{"payload":"","header":{"disclosures":` + deep + `}}`),
		"long names over many":       f.make("dc+sd-jwt", vc(`,"`+long+`":[`+strings.Repeat("0,", 100_000)+`0]`)),
		"many disclosures":           f.make("dc+sd-jwt", vc(""), make([]string, 20_000)...),
		"many values":                f.make("dc+sd-jwt", vc(`,"a":[`+strings.Repeat("0,", 1<<17)+`0]`)),
		"large":                      []byte("eyJ" + strings.Repeat("a", 17<<20)),
	} {
		start := time.Now()
		_, err := sdjwt.Parser{}.Parse(input(data))
		require.ErrorIs(t, err, formats.ErrTooLarge, name)
		require.Less(t, time.Since(start), time.Minute, name)
	}
}
