package profile_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/signer/profile"
)

const library = `
name = "library"
validity = "12h"
formats = ["mdoc", "sdjwt"]
display.en = "Library card"
mdoc.doctype = "org.example.library.1"
mdoc.namespace = "org.example.library.1"
sdjwt.vct = "urn:example:library:1"

[[claim]]
name = "reader"
type = "string"
required = true
mdoc = "reader"
sdjwt = "reader"
disclose = "always"

[[claim]]
name = "adult"
type = "bool"
mdoc = "adult"
sdjwt = "adult"
`

func TestEU(t *testing.T) {
	set, err := profile.EU()
	require.NoError(t, err)
	pid, ok := set.ByName("pid")
	require.True(t, ok)
	require.Equal(t, "eu.europa.ec.eudi.pid.1", pid.DocType())
	require.Equal(t, "urn:eudi:pid:1", pid.VCT())
	require.Equal(t, 24*time.Hour, pid.Validity())
	require.Equal(t, []formats.ID{formats.Mdoc, formats.SDJWT}, pid.Formats())
	require.Equal(t, "Isikutuvastusandmed", pid.Title("et"))
	require.Equal(t, "Person identification data", pid.Title("fr"))
	require.Empty(t, profile.Lint(pid))
	require.Len(t, pid.Claims(), 27)
	require.Equal(t, profile.Claim{Name: "nationality", Kind: "list of country", Required: true}, pid.Claims()[4])

	_, ok = set.ByName("mdl")
	require.False(t, ok)
	_, ok = (*profile.Set)(nil).ByName("pid")
	require.False(t, ok, "no set issues nothing")
}

// Two types of one vct would let a request for a library card be answered
// with something that verifiers take for a PID.
func TestNewSetRefusesDoubles(t *testing.T) {
	first, err := profile.Parse([]byte(library))
	require.NoError(t, err)
	second, err := profile.Parse([]byte(strings.Replace(library, `name = "library"`, `name = "other"`, 1)))
	require.NoError(t, err)
	_, err = profile.NewSet(first, second)
	require.ErrorContains(t, err, "docType org.example.library.1")
	_, err = profile.NewSet(first, nil)
	require.Error(t, err)
}

func TestParseRefuses(t *testing.T) {
	_, err := profile.Parse([]byte(library))
	require.NoError(t, err)
	for name, c := range map[string]struct{ old, new, want string }{
		"a key that nobody reads":         {"required = true", "requried = true", `line 13: unknown key "claim.requried"`},
		"no TOML":                         {"name =", "name", "line 2"},
		"a name with spaces":              {`name = "library"`, `name = "a b"`, "name: need"},
		"no English name":                 {"display.en", "display.et", "display.en is missing"},
		"no validity":                     {"validity", "display.uk", "validity: need"},
		"a life that needs revocation":    {"12h", "24h1s", "VCR_01"},
		"a life of no time":               {"12h", "-12h", "validity: need"},
		"an unknown format":               {`"sdjwt"]`, `"jwt"]`, `"jwt" is none of`},
		"a format twice":                  {`"sdjwt"]`, `"mdoc"]`, "stands twice"},
		"a section of no format":          {`["mdoc", "sdjwt"]`, `["mdoc"]`, "sdjwt.vct: sdjwt is not among"},
		"no docType":                      {"org.example.library.1\"\nmdoc.n", "\"\nmdoc.n", "mdoc.doctype: need"},
		"an unknown type":                 {`"bool"`, `"boolean"`, `type "boolean" is none of`},
		"the same claim twice":            {`name = "adult"`, `name = "reader"`, `claim "reader" stands twice`},
		"two claims in one element":       {`mdoc = "adult"`, `mdoc = "reader"`, `"reader" and "adult" are both mdoc reader`},
		"two claims of one name":          {`sdjwt = "adult"`, `sdjwt = "reader"`, "are both sdjwt reader"},
		"a claim that is also an object":  {`sdjwt = "adult"`, `sdjwt = "reader.adult"`, "both a claim and an object"},
		"a claim that sets the holder":    {`sdjwt = "adult"`, `sdjwt = "cnf"`, `"cnf" is not free`},
		"a claim that sets the end":       {`sdjwt = "adult"`, `sdjwt = "exp"`, `"exp" is not free`},
		"a claim that sets the type":      {`sdjwt = "adult"`, `sdjwt = "vct"`, `"vct" is not free`},
		"a claim that forges digests":     {`sdjwt = "adult"`, `sdjwt = "a._sd"`, `"_sd" is not free`},
		"an empty step":                   {`sdjwt = "adult"`, `sdjwt = "a."`, `"" is not free`},
		"too deep":                        {`sdjwt = "adult"`, `sdjwt = "a.b.c"`, "more than one level"},
		"no place at all":                 {"mdoc = \"adult\"\nsdjwt = \"adult\"", "", "has no place"},
		"a word that is not disclosed":    {`"always"`, `"never"`, "none of always, selectively"},
		"always, but inside of an object": {`sdjwt = "reader"`, `sdjwt = "a.reader"`, "of its own"},
		"past for what is no date":        {`type = "bool"`, "type = \"bool\"\npast = true", "past is for dates"},
		"values for what is no integer":   {`type = "bool"`, "type = \"bool\"\nvalues = [1]", "values are for integers"},
		"an unknown fill":                 {`type = "bool"`, "type = \"bool\"\nfill = \"me\"", `fill "me" is none of`},
		"a fill of another kind":          {`type = "bool"`, "type = \"bool\"\nfill = \"country\"", "is for a country"},
		"max where it means nothing":      {`type = "bool"`, "type = \"bool\"\nmax = 3", "max must be from 0 to 0"},
		"text without end":                {`type = "string"`, "type = \"string\"\nmax = 100000", "max must be from 0 to 150"},
		"an object without members":       {`type = "bool"`, `type = "object"`, "has members"},
		"members of what is no object": {`type = "bool"`,
			"type = \"bool\"\n[[claim.member]]\nname=\"a\"\ntype=\"bool\"\n[[claim]]", "has members"},
		"a member that is an object": {`type = "bool"`,
			"type = \"object\"\n[[claim.member]]\nname=\"a\"\ntype=\"object\"\n[[claim]]", "too deep"},
		"a list of pictures": {`type = "bool"`, "type = \"image\"\nlist = true", "no lists of image"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(library, c.old, c.new, 1)
			require.NotEqual(t, library, changed)
			_, err := profile.Parse([]byte(changed))
			require.ErrorContains(t, err, c.want)
		})
	}
	_, err = profile.Parse(make([]byte, 1<<20))
	require.ErrorContains(t, err, "more than")
}

// An operator mends a file once, not once for each mistake.
func TestParseTellsEverything(t *testing.T) {
	_, err := profile.Parse([]byte(`name = "x"`))
	for _, want := range []string{"display.en", "validity", "formats", "no claims"} {
		require.ErrorContains(t, err, want)
	}
}

func TestLint(t *testing.T) {
	typ, err := profile.Parse([]byte(strings.Replace(library, `sdjwt = "adult"`, "", 1)))
	require.NoError(t, err)
	text := strings.Join(profile.Lint(typ), "\n")
	for _, want := range []string{
		"display.uk", "display.et", `"adult": not in sdjwt`, `"reader": every verifier`, `fill = "expires"`,
	} {
		require.Contains(t, text, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(library))
	f.Add([]byte("name = \"a\"\n[[claim]]\n[[claim.member]]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		typ, err := profile.Parse(data)
		require.Equal(t, err == nil, typ != nil)
		if err != nil {
			return
		}
		// What has been accepted can be used, whatever it is.
		require.NotEmpty(t, typ.Formats())
		require.LessOrEqual(t, typ.Validity(), 24*time.Hour)
		profile.Lint(typ)
		_, err = profile.NewSet(typ)
		require.NoError(t, err)
		_, err = typ.Read([]byte(`{}`), occasion)
		if err != nil {
			require.ErrorIs(t, err, profile.ErrClaims)
		}
	})
}
