package mdoc_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

func elements(n int) mdoc.Preparer {
	w := mdoc.Preparer{DocType: docType, ValidFrom: signed, ValidUntil: ends, Random: rand.Reader}
	w.Namespaces = []mdoc.Namespace{{Name: namespace}}
	for i := range n {
		w.Namespaces[0].Elements = append(w.Namespaces[0].Elements,
			mdoc.Element{ID: fmt.Sprintf("element_%02d", i), Value: "a value of some length"})
	}
	return w
}

// BenchmarkRaw is what BenchmarkIssue is measured against.
func BenchmarkRaw(b *testing.B) {
	p := pkitest.New(b, drawing)
	key := p.Signer("ds").(*ecdsa.PrivateKey)
	digest := sha256.Sum256(nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := key.Sign(nil, digest[:], pki.SHA256.Std()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLayout is issuing with a signer that answers at once.
func BenchmarkLayout(b *testing.B) {
	p := pkitest.New(b, drawing)
	w := elements(24)
	w.HolderKey = holder(b)
	f := params(p, "ds", pki.ES256)
	value := make([]byte, 64)
	b.ReportAllocs()
	for b.Loop() {
		pending, err := w.Prepare(formats.Input{}, f)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Complete(pending, formats.Completion{Value: value}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	p := pkitest.New(b, drawing)
	w := elements(24)
	w.HolderKey = holder(b)
	made := issue(b, p, "ds", pki.ES256, w)
	b.ReportAllocs()
	for b.Loop() {
		doc, err := mdoc.Parser{}.Parse(input(made))
		if err != nil {
			b.Fatal(err)
		}
		_, agreed := judge(&doc.Signatures[0])
		require.Equal(b, 24, agreed)
	}
}
