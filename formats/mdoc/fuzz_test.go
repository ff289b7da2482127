package mdoc_test

import (
	"encoding/base64"
	"errors"
	"testing"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// FuzzParse: whatever the bytes, there are facts or a reason; facts are whole,
// and a signature that holds under the genuine certificate is the genuine one.
func FuzzParse(f *testing.F) {
	p := pkitest.New(f, drawing)
	made := issue(f, p, "ds", pki.ES256, preparer(holder(f)))
	f.Add(made)
	f.Add(shown(f, made, docType))
	f.Add([]byte(base64.RawURLEncoding.EncodeToString(made)))
	d := newDocument(f)
	d.mso["status"] = object{"status_list": object{"idx": 412, "uri": "https://status.test/1"}}
	other := d.sign(f, p)
	f.Add(other)
	genuine := map[string]bool{}
	for _, raw := range [][]byte{made, other} {
		genuine[string(parseOne(f, raw).Signed)] = true
	}
	leaf := p.Cert("ds")
	f.Fuzz(func(t *testing.T, raw []byte) {
		mdoc.Parser{}.Sniff(raw)
		doc, err := mdoc.Parser{}.Parse(input(raw))
		if err != nil {
			if !errors.Is(err, formats.ErrMalformed) && !errors.Is(err, formats.ErrTooLarge) &&
				!errors.Is(err, formats.ErrUnsupported) {
				t.Fatal(err)
			}
			return
		}
		for i := range doc.Signatures {
			sig := &doc.Signatures[i]
			if sig.Credential == nil || len(sig.References) != len(sig.Credential.Elements) {
				t.Fatal("an element without a reference would be believed unchecked")
			}
			value, agreed := judge(sig)
			holds := value && agreed == len(sig.References) && sig.Signer.Certificate.Equal(leaf)
			if holds && !genuine[string(sig.Signed)] {
				t.Fatal("a forgery holds")
			}
		}
	})
}
