package mdoc_test

import (
	"encoding/base64"
	"io"
	"testing"

	"tamga/formats"
	"tamga/formats/formattest"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// The conformance suite of all formats, over what we and others made.
func TestFormat(t *testing.T) {
	p := pkitest.New(t, drawing)
	key := holder(t)
	small := preparer(key)
	small.Namespaces[0].Elements = small.Namespaces[0].Elements[:3]
	made := issue(t, p, "ds", pki.ES256, small)
	f := formattest.Format{
		Parser: mdoc.Parser{},
		Samples: []formattest.Sample{
			{Name: "made", Bytes: made},
			{Name: "as text", Bytes: []byte("\r\n " + base64.RawURLEncoding.EncodeToString(made) + "\n")},
			{Name: "shown", Bytes: shown(t, made, docType)},
		},
	}
	for _, a := range algorithms {
		f.Writers = append(f.Writers, formattest.Writer{
			Name: a.name,
			New: func(random io.Reader) formats.Preparer {
				w := preparer(key)
				w.Random = random
				return w
			},
			Params: params(p, a.name, a.alg), Key: p.Key(a.name), Use: pki.UseMdoc,
		})
	}
	formattest.Test(t, f)
}

func TestFormatForeign(t *testing.T) {
	formattest.Test(t, formattest.Format{
		Parser: mdoc.Parser{},
		Samples: []formattest.Sample{
			{Name: "Annex D", Bytes: unhex(t, corpus(t, "isomdl/definitions/issuer_signed.cbor"))},
			{Name: "bdr", Bytes: corpus(t, "mdoc-ts/bdr/issuerSigned.cbor")},
			{Name: "animo", Bytes: corpus(t, "mdoc-ts/animo-mdoc-05/deviceResponse.cbor")},
			{Name: "ubique", Bytes: corpus(t, "mdoc-ts/ubique/deviceResponse.cbor")},
		},
		Mutations: 1500,
	})
}
