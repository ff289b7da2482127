package sdjwt_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/sdjwt"
	"tamga/pki"
)

// FuzzParse: a document is refused with a reason, or says the same twice; and
// what holds under the issuer's certificate says nothing new.
func FuzzParse(f *testing.F) {
	p := world(f)
	forger := forge{f, p}
	data := issue(f, p, identity(p), "issuer", pki.ES256)
	known := map[string]bool{}
	bound := forger.bind(data, bindingPayload)
	seeds := [][]byte{
		data, flattened(f, data), bound, flattened(f, bound),
		forger.make("dc+sd-jwt", vc(","+sd(`["s","o",{}]`)), `["s","o",{}]`),
		[]byte(general(f, string(forger.make("dc+sd-jwt", vc(""))), `{"disclosures":[]}`, `{}`)),
	}
	for _, s := range seeds {
		f.Add(s)
		for _, e := range stated(f, s, p.Cert("issuer")) {
			known[e.Value] = true
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		sdjwt.Parser{}.Sniff(text[:min(len(text), formats.HeadSize)])
		doc, err := sdjwt.Parser{}.Parse(input(text))
		if err != nil {
			require.True(t, errors.Is(err, formats.ErrMalformed) || errors.Is(err, formats.ErrTooLarge) ||
				errors.Is(err, formats.ErrUnsupported), "%v", err)
			return
		}
		require.NotEmpty(t, doc.Signatures)
		for _, sig := range doc.Signatures {
			for _, r := range sig.References {
				if len(fatal(sig)) == 0 {
					require.Equal(t, r.Want, digest(t, r), "what the parser has matched, fits")
				}
			}
		}
		for _, e := range stated(t, text, p.Cert("issuer")) {
			require.True(t, known[e.Value] || e.Value == "{}", e)
		}
	})
}
