package sdjwt_test

import (
	"bytes"
	"crypto/x509"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/formattest"
	"tamga/formats/sdjwt"
	"tamga/pki"
)

// The compact serialisation is cut in TestMutations: cut at a tilde it is a
// document that shows less, as its holder may.
func TestConformance(t *testing.T) {
	p := world(t)
	f := forge{t, p}
	prep := identity(p)
	whole := issue(t, p, prep, "issuer", pki.ES256)
	plain := prep
	plain.Claims = []sdjwt.Claim{{Name: "given_name", Value: "Олена"}}
	writer := func(name string, alg pki.Algorithm) formattest.Writer {
		return formattest.Writer{
			Name: alg.String(), Input: input(nil), Params: params(p, name, alg),
			Key: p.Key(name), Use: pki.UseSDJWT,
			New: func(random io.Reader) formats.Preparer {
				out := prep
				out.Random = random
				return out
			},
		}
	}
	formattest.Test(t, formattest.Format{
		Parser: sdjwt.Parser{}, Mutations: 1500,
		Samples: []formattest.Sample{
			{Name: "nothing hidden", Bytes: issue(t, p, plain, "issuer", pki.ES256)},
			{Name: "flattened", Bytes: flattened(t, whole)},
			{Name: "flattened with key binding", Bytes: flattened(t, f.bind(whole, bindingPayload))},
			{Name: "old type", Bytes: f.make("vc+sd-jwt", `{"vct":"urn:x"}`), Broken: true},
		},
		Writers: []formattest.Writer{
			writer("issuer", pki.ES256), writer("issuer384", pki.ES384),
			writer("issuer521", pki.ES512), writer("ed", pki.Ed25519),
		},
	})
}

// stated is what a verifier would tell of a document that holds, by name; nil
// if it does not hold.
func stated(t testing.TB, data []byte, signer *x509.Certificate) []formats.Element {
	doc, err := sdjwt.Parser{}.Parse(input(data))
	if err != nil {
		return nil
	}
	sig := doc.Signatures[0]
	if len(fatal(sig)) > 0 || sig.Signer.Certificate == nil || !sig.Signer.Certificate.Equal(signer) ||
		pki.Verify(signer.PublicKey, sig.Algorithm, sig.Signed, sig.Value) != nil {
		return nil
	}
	for _, r := range sig.References {
		if !bytes.Equal(r.Want, digest(t, r)) {
			return nil
		}
	}
	c := sig.Credential
	return append([]formats.Element{
		{Name: "type", Value: c.Type}, {Name: "until", Value: c.ValidUntil.String()},
	}, c.Elements...)
}

// TestMutations: whatever is done to a document, it does not hold, or it says
// nothing that its issuer did not say. It may say less: withholding disclosures
// is what they are for.
func TestMutations(t *testing.T) {
	p := world(t)
	signer := p.Cert("issuer")
	data := issue(t, p, identity(p), "issuer", pki.ES256)
	all := stated(t, data, signer)
	require.NotEmpty(t, all)
	check := func(how string, changed []byte, mayHold bool) {
		t.Helper()
		got := stated(t, changed, signer)
		if !mayHold {
			require.Nil(t, got, how)
		}
		for _, e := range got {
			require.True(t, slices.ContainsFunc(all, func(a formats.Element) bool {
				moved := strings.Contains(e.Name, "[") // an element before it is hidden
				emptied := e.Value == "{}" && strings.HasPrefix(a.Name, e.Name+".")
				return a.Value == e.Value && (a.Name == e.Name || moved) || emptied
			}), "%s: %+v", how, e)
		}
	}
	for i := range data {
		for _, mask := range []byte{0x01, 0x04, 0x20, 0xff} {
			changed := bytes.Clone(data)
			changed[i] ^= mask
			check("flip", changed, false)
		}
		check("cut", data[:i], i > 0 && data[i-1] == '~')
		check("byte left out", slices.Concat(data[:i], data[i+1:]), false)
		check("byte doubled", slices.Concat(data[:i], data[i:i+1], data[i:]), false)
	}
	parts := strings.SplitAfter(string(data), "~")
	jwt, disclosures := parts[0], parts[1:len(parts)-1]
	require.Greater(t, len(disclosures), 5)
	for i := range disclosures {
		for j := range disclosures {
			swapped := slices.Clone(disclosures)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			text := []byte(jwt + strings.Join(swapped, ""))
			check("order", text, true)
			require.ElementsMatch(t, all, stated(t, text, signer), "the order of disclosures means nothing")
		}
		check("one twice", []byte(jwt+strings.Join(disclosures, "")+disclosures[i]), false)
		check("one left out", []byte(jwt+strings.Join(slices.Delete(slices.Clone(disclosures), i, i+1), "")), true)
	}
	other := identity(p)
	other.Claims[0].Value = "Mallory"
	theirs := strings.SplitAfter(string(issue(t, p, other, "issuer", pki.ES256)), "~")
	for i := range disclosures {
		mixed := slices.Clone(disclosures)
		mixed[i] = theirs[1+i]
		check("of another document", []byte(jwt+strings.Join(mixed, "")), theirs[1+i] == disclosures[i])
	}
}
