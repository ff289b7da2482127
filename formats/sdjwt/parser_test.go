package sdjwt_test

import (
	"crypto/ecdsa"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/sdjwt"
	"tamga/pki"
)

// TestFacts reads a whole document.
func TestFacts(t *testing.T) {
	p := world(t)
	data := issue(t, p, identity(p), "issuer", pki.ES256)
	for name, data := range map[string][]byte{"compact": data, "flattened": flattened(t, data)} {
		t.Run(name, func(t *testing.T) {
			require.True(t, sdjwt.Parser{}.Sniff(data[:min(len(data), formats.HeadSize)]))
			doc, err := sdjwt.Parser{}.Parse(input(data))
			require.NoError(t, err)
			require.Equal(t, "SD-JWT VC with 10 disclosures", doc.Title)
			sig := doc.Signatures[0]
			require.Empty(t, sig.Defects)
			require.Equal(t, "SD-JWT VC", sig.Kind)
			require.Equal(t, pki.ES256, sig.Algorithm)
			require.True(t, sig.Coverage.Whole)
			require.True(t, sig.Signer.Certificate.Equal(p.Cert("issuer")))
			require.Len(t, sig.Evidence.Certificates, 2, "without the trust anchor")
			require.NoError(t, pki.Verify(p.Cert("issuer").PublicKey, sig.Algorithm, sig.Signed, sig.Value))
			require.Len(t, sig.References, 10)

			c := sig.Credential
			require.Equal(t, "urn:test:person:1", c.Type)
			require.Equal(t, "https://issuer.test", c.Issuer)
			require.Equal(t, p.Now, c.ValidFrom)
			require.Equal(t, p.Now, c.Signed)
			require.Equal(t, p.Now.AddDate(0, 0, 14), c.ValidUntil)
			require.True(t, c.HolderKey)
			require.False(t, c.Presented)
			require.Empty(t, c.StatusURI)
			require.ElementsMatch(t, []formats.Element{
				{Name: "given_name", Value: "Олена"}, {Name: "family_name", Value: `O"Neill\`},
				{Name: "issuing_country", Value: "UT"},
				{Name: "address.locality", Value: "Kõrvemaa"}, {Name: "address.country", Value: "UT"},
				{Name: "age.18", Value: "true"}, {Name: "age.65", Value: "false"},
				{Name: "nationalities[0]", Value: "UT"}, {Name: "nationalities[1]", Value: "XX"},
				{Name: "height", Value: "1.75"}, {Name: "children", Value: "2"},
				{Name: "portrait", Value: "(27 bytes)"},
			}, c.Elements)
			require.Contains(t, doc.Facts, formats.Fact{Name: "disclosures", Value: "10"})
			require.Contains(t, doc.Facts, formats.Fact{Name: "always shown",
				Value: "iss, iat, nbf, exp, vct, cnf, issuing_country, age, nationalities"})
		})
	}
}

// TestKinds: what the issuer's key has signed for another purpose must not pass
// for a credential. All that it takes is a tilde.
func TestKinds(t *testing.T) {
	f := forge{t, world(t)}
	hidden := `["salt","name","Olena"]`
	for _, c := range []struct {
		typ, payload string
		fatal        bool
		told         int // claims that are told
	}{
		{"dc+sd-jwt", vc("," + sd(hidden)), false, 1},
		{"dc+sd-jwt", `{"sub":"1",` + sd(hidden) + `}`, true, 2}, // no vct
		{"dc+sd-jwt", `{"vct":1,` + sd(hidden) + `}`, true, 1},
		{"dc+sd-jwt", `{"vct":"",` + sd(hidden) + `}`, true, 1},
		{"vc+sd-jwt", vc("," + sd(hidden)), true, 0},
		{"example+sd-jwt", vc("," + sd(hidden)), false, 0},
		{"", vc("," + sd(hidden)), false, 0},
		{"JWT", vc("," + sd(hidden)), true, 0},
		{"DC+SD-JWT", vc("," + sd(hidden)), true, 0},
		{"application/dc+sd-jwt", vc("," + sd(hidden)), false, 0},
		{"statuslist+jwt", `{"status_list":{"bits":1,"lst":"eNo"},` + sd(hidden) + `}`, true, 0},
		{"kb+jwt", vc("," + sd(hidden)), true, 0},
	} {
		sig := read(t, f.make(c.typ, c.payload, hidden))
		require.Equal(t, c.fatal, len(fatal(sig)) > 0, c.typ)
		require.Len(t, sig.Credential.Elements, c.told, c.typ)
		if c.told == 0 {
			require.NotEmpty(t, sig.Defects, c.typ)
			require.Empty(t, sig.Credential.Type, c.typ)
		}
	}
	// Without typ and without anything hidden it may be any token.
	require.NotEmpty(t, fatal(read(t, f.make("", `{"vct":"urn:x"}`))))
}

func TestClaims(t *testing.T) {
	f := forge{t, world(t)}
	jwk := `{"crv":"Ed25519","kty":"OKP","x":"` + strings.Repeat("A", 43) + `"}`
	for _, c := range []struct {
		more, want string // part of the fatal defect
		check      func(formats.Credential) bool
	}{
		{`,"exp":253402300799`, "", func(c formats.Credential) bool { return c.ValidUntil.Year() == 9999 }},
		{`,"exp":100.9`, "", func(c formats.Credential) bool { return c.ValidUntil.Unix() == 100 }},
		{`,"nbf":100.1`, "", func(c formats.Credential) bool { return c.ValidFrom.Unix() == 101 }},
		{`,"iat":1e3`, "", func(c formats.Credential) bool { return c.Signed.Unix() == 1000 }},
		{`,"exp":"100"`, "exp is no date", nil},
		{`,"exp":null`, "exp is no date", nil},
		{`,"exp":-1`, "exp is no date", nil},
		{`,"exp":1e300`, "exp is no date", nil},
		{`,"exp":1e999999`, "exp is no date", nil},
		{`,"nbf":253402300800`, "nbf is no date", nil},
		{`,"iss":1`, "iss is no text", nil},
		{`,"status":{"status_list":{"idx":7,"uri":"https://s.test/1"}}`, "",
			func(c formats.Credential) bool { return c.StatusURI == "https://s.test/1" && c.StatusIdx == 7 }},
		{`,"status":{"status_list":{"idx":-1,"uri":"https://s.test/1"}}`, "no index", nil},
		{`,"status":{"status_list":{"idx":1.5,"uri":"https://s.test/1"}}`, "no index", nil},
		{`,"status":{"status_list":{"idx":"1","uri":"https://s.test/1"}}`, "no idx", nil},
		{`,"status":{"status_list":{"uri":"https://s.test/1"}}`, "no idx", nil},
		{`,"status":{"status_list":{"idx":1}}`, "no uri", nil},
		{`,"status":{"status_list":[]}`, "no uri", nil},
		// Whoever names a list that we do not know must not be beyond revocation.
		{`,"status":{"identifier_list":{}}`, "", func(c formats.Credential) bool { return c.StatusURI != "" }},
		{`,"status":{}`, "", func(c formats.Credential) bool { return c.StatusURI != "" }},
		{`,"status":null`, "", func(c formats.Credential) bool { return c.StatusURI != "" }},
		{`,"cnf":{"jwk":` + jwk + `}`, "", func(c formats.Credential) bool { return c.HolderKey }},
		{`,"cnf":{"kid":"1"}`, "", func(c formats.Credential) bool { return c.HolderKey }},
		{`,"cnf":{}`, "cnf names no key", nil},
		{`,"cnf":null`, "cnf names no key", nil},
		{`,"cnf":{"jwk":{"kty":"oct","k":"AAAA"}}`, "private or symmetric", nil},
		{`,"cnf":{"jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`, "instead of 32", nil},
	} {
		sig := read(t, f.make("dc+sd-jwt", vc(c.more)))
		if c.want != "" {
			require.Contains(t, strings.Join(fatal(sig), "\n"), c.want, c.more)
			continue
		}
		require.Empty(t, fatal(sig), c.more)
		require.True(t, c.check(*sig.Credential), c.more)
	}
}

// TestNamesApart: two claims never have one path, whatever they are called.
func TestNamesApart(t *testing.T) {
	f := forge{t, world(t)}
	sig := read(t, f.make("dc+sd-jwt", vc(`,"a.b":1,"a":{"b":2,"":{}},"l[0]":3,"l":[4,[]],"\u001b[2J":null`)))
	require.Equal(t, []formats.Element{
		{Name: `["a.b"]`, Value: "1"}, {Name: "a.b", Value: "2"}, {Name: `a[""]`, Value: "{}"},
		{Name: `["l[0]"]`, Value: "3"}, {Name: "l[0]", Value: "4"}, {Name: "l[1]", Value: "[]"},
		{Name: `["\x1b[2J"]`, Value: "null"},
	}, sig.Credential.Elements)
}

// TestIssuerKey: the key comes from the certificate in the protected header, or
// not at all.
func TestIssuerKey(t *testing.T) {
	f := forge{t, world(t)}
	for header, want := range map[string]string{
		`{"alg":"ES256","typ":"dc+sd-jwt"}`:                                 "no certificate of the issuer",
		`{"alg":"ES256","typ":"dc+sd-jwt","kid":"1"}`:                       "no certificate of the issuer",
		`{"alg":"ES256","typ":"dc+sd-jwt","jku":"https://127.0.0.1/keys"}`:  "no certificate of the issuer",
		`{"alg":"ES256","typ":"dc+sd-jwt","x5u":"https://127.0.0.1/chain"}`: "no certificate of the issuer",
		`{"alg":"none","typ":"dc+sd-jwt"}`:                                  "none that can prove who signed",
		`{"alg":"HS256","typ":"dc+sd-jwt"}`:                                 "none that can prove who signed",
		`{"alg":"ES256","typ":"dc+sd-jwt","crit":["exp"],"exp":1}`:          "must be understood",
	} {
		sig := read(t, []byte(f.sign("issuer", header, vc(""))+"~"))
		require.Contains(t, strings.Join(fatal(sig), "\n"), want, header)
	}
}

func TestMalformed(t *testing.T) {
	f := forge{t, world(t)}
	good := string(f.make("dc+sd-jwt", vc("")))
	jwt := strings.TrimSuffix(good, "~")
	json := string(flattened(t, []byte(good)))
	for name, text := range map[string]string{
		"empty": "", "only a tilde": "~", "a JWT": jwt, "no dots": "abc~",
		"payload is a list":             f.sign("issuer", f.header("dc+sd-jwt"), "[]") + "~",
		"payload is no JSON":            f.sign("issuer", f.header("dc+sd-jwt"), "x") + "~",
		"a name twice":                  f.sign("issuer", f.header("dc+sd-jwt"), `{"exp":1,"exp":2}`) + "~",
		"key binding is none":           good + "x",
		"a line end within":             jwt + "\n~",
		"JSON without header":           strings.Replace(json, `"header"`, `"headers"`, 1),
		"JSON without disclosures":      strings.Replace(json, `"disclosures"`, `"disclosure"`, 1),
		"disclosures are a text":        strings.Replace(json, `"disclosures":[]`, `"disclosures":"x"`, 1),
		"disclosures are numbers":       strings.Replace(json, `"disclosures":[]`, `"disclosures":[1]`, 1),
		"key binding is a number":       strings.Replace(json, `"disclosures":[]`, `"disclosures":[],"kb_jwt":1`, 1),
		"JSON cut":                      json[:len(json)-1],
		"disclosures in a later header": general(t, good, `{"disclosures":[]}`, `{"disclosures":[]}`),
		"key binding in a later header": general(t, good, `{"disclosures":[]}`, `{"kb_jwt":"x"}`),
	} {
		_, err := sdjwt.Parser{}.Parse(input([]byte(text)))
		require.ErrorIs(t, err, formats.ErrMalformed, name)
	}
	// A line end that an editor has put there means nothing, and is noted.
	sig := read(t, []byte(good+"\r\n"))
	require.Empty(t, fatal(sig))
	require.Len(t, sig.Defects, 1)
}

// general writes the same signature once for each unprotected header.
func general(_ testing.TB, compact string, headers ...string) string {
	jwt := strings.Split(strings.TrimSuffix(compact, "~"), ".")
	var list []string
	for _, h := range headers {
		list = append(list, fmt.Sprintf(`{"protected":%q,"signature":%q,"header":%s}`, jwt[0], jwt[2], h))
	}
	return fmt.Sprintf(`{"payload":%q,"signatures":[%s]}`, jwt[1], strings.Join(list, ","))
}

func TestGeneral(t *testing.T) {
	f := forge{t, world(t)}
	doc, err := sdjwt.Parser{}.Parse(input([]byte(general(t, string(f.make("dc+sd-jwt", vc(""))),
		`{"disclosures":[],"kid":"1"}`, `{}`))))
	require.NoError(t, err)
	require.Len(t, doc.Signatures, 2)
	require.Equal(t, "issuer 2", doc.Signatures[1].Name)
	require.False(t, doc.Signatures[0].Coverage.Whole)
	require.True(t, doc.Signatures[0].Coverage.Harmless)
	require.Contains(t, doc.Signatures[0].Coverage.Note, "kid")
}

func TestSniff(t *testing.T) {
	f := forge{t, world(t)}
	good := f.make("dc+sd-jwt", vc(""))
	long := append([]byte("eyJ"+strings.Repeat("a", formats.HeadSize)), good...)
	for text, want := range map[string]bool{
		string(good): true, string(good) + "\n": true, string(long[:formats.HeadSize]): true,
		string(flattened(t, good)):                            true,
		" {\"header\":{\"kb_jwt\":\"x\",\"disclosures\":[]}}": true,
		"":                                     false,
		"e":                                    false,
		"eyJ":                                  false,
		"eyJhbGci.e30.AA":                      false,
		"eyJhbGci.e30.AA.BB~":                  false,
		"eyJ not a token~":                     false,
		"eyes~":                                false,
		"eyebrow-raising prose. It ends so: ~": false,
		strings.Replace(string(good), ".", ".\x00", 1):         true, // broken, but one
		`{"payload":"e30","protected":"e30","signature":"AA"}`: false,
		`{}`:         false,
		"%PDF-1.7\n": false,
	} {
		require.Equal(t, want, sdjwt.Parser{}.Sniff([]byte(text)), "%.40q", text)
	}
}

// TestKeyBinding: the holder's proof is a signature of its own, under the key
// that the issuer has named, over what is shown.
func TestKeyBinding(t *testing.T) {
	p := world(t)
	f := forge{t, p}
	whole := issue(t, p, identity(p), "issuer", pki.ES256)
	cut := strings.LastIndex(strings.TrimSuffix(string(whole), "~"), "~")
	for name, shown := range map[string][]byte{"all": whole, "less": whole[:cut+1]} {
		for form, data := range map[string][]byte{
			"compact": f.bind(shown, bindingPayload), "flattened": flattened(t, f.bind(shown, bindingPayload)),
		} {
			sig := read(t, data)
			require.Empty(t, fatal(sig), name+form)
			require.True(t, sig.Credential.Presented)
			require.Len(t, sig.Counter, 1)
			proof := sig.Counter[0]
			require.Empty(t, proof.Defects)
			require.Equal(t, p.Now, proof.Claims.Time)
			require.Equal(t, p.Signer("holder").Public().(*ecdsa.PublicKey), proof.Signer.Key)
			require.NoError(t, pki.Verify(proof.Signer.Key, proof.Algorithm, proof.Signed, proof.Value))
			require.Equal(t, proof.References[0].Want, digest(t, proof.References[0]))
		}
	}
	// A proof over more than is shown: the holder has proven something else.
	proof := read(t, append(whole[:cut+1:cut+1], f.bind(whole, bindingPayload)[len(whole):]...)).Counter[0]
	require.NotEqual(t, proof.References[0].Want, digest(t, proof.References[0]))

	for payload, want := range map[string]string{
		strings.Replace(bindingPayload, "nonce", "once", 1):            "nonce is absent",
		strings.Replace(bindingPayload, "aud", "bud", 1):               "aud is absent",
		strings.Replace(bindingPayload, "iat", "jat", 1):               "iat is absent",
		strings.Replace(bindingPayload, "SD_HASH", "=", 1):             "sd_hash is not base64url",
		strings.Replace(bindingPayload, `"nonce":"1"`, `"nonce":1`, 1): "nonce is absent",
	} {
		sig := read(t, f.bind(whole, payload))
		require.Contains(t, strings.Join(fatal(sig.Counter[0]), "\n"), want)
		require.Empty(t, fatal(sig), "the issuer's own signature is as good as it was")
	}
	unbound := identity(p)
	unbound.HolderKey = nil
	sig := read(t, f.bind(issue(t, p, unbound, "issuer", pki.ES256), bindingPayload))
	require.Contains(t, strings.Join(fatal(sig.Counter[0]), "\n"), "no key of the holder")
	require.Nil(t, sig.Counter[0].Signer.Key)
	require.False(t, sig.Credential.HolderKey)
}
