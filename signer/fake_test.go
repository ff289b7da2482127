package signer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/signer"
	"tamga/signer/profile"
)

const drawing = `
root -> ca -> file, sdjwt[sdjwt], tsa[timestamp]
root -> old[until=2026-05-01], young[from=2026-07-01]
root -> brief[sdjwt,until=2026-06-02T11:00:00Z]
iaca -> mdoc[mdoc]`

func input(content string) formats.Input {
	return formats.Input{Name: "letter.txt", ReaderAt: bytes.NewReader([]byte(content)), Size: int64(len(content))}
}

// newService returns a service over the keys called names, after edit.
func newService(t *testing.T, p *pkitest.PKI, edit func(*signer.Config), names ...string) *signer.Service {
	t.Helper()
	types, err := profile.EU()
	require.NoError(t, err)
	cfg := signer.Config{
		Check: check, Types: types, Now: p.Clock(),
		Issuer: profile.Issuer{Authority: "Testimaa Amet", Country: "UT"},
	}
	for _, name := range names {
		cfg.Keys = append(cfg.Keys, p.Key(name))
	}
	if edit != nil {
		edit(&cfg)
	}
	s, err := signer.New(cfg)
	require.NoError(t, err)
	return s
}

// check is the least that a verifier does: values, under the certificate that
// the document names, and references. It trusts everybody.
func check(_ context.Context, in formats.Input) error {
	parser, err := catalog.Recognise(in)
	if err != nil {
		return err
	}
	doc, err := parser.Parse(in)
	if err != nil {
		return err
	}
	if len(doc.Signatures) == 0 {
		return errors.New("not signed")
	}
	for _, sig := range doc.Signatures {
		if err := checkSignature(sig); err != nil {
			return err
		}
	}
	return nil
}

func checkSignature(sig formats.Signature) error {
	cert := sig.Signer.Certificate
	for _, c := range sig.Evidence.Certificates {
		if cert == nil && c.SerialNumber.Cmp(sig.Signer.Serial) == 0 {
			cert = c
		}
	}
	if cert == nil {
		return errors.New("no certificate")
	}
	if err := pki.Verify(cert.PublicKey, sig.Algorithm, sig.Signed, sig.Value); err != nil {
		return err
	}
	for _, ref := range sig.References {
		if ref.Open == nil {
			return fmt.Errorf("reference %s is not there", ref.Name)
		}
		d := ref.Hash.New()
		if _, err := io.Copy(d, ref.Open()); err != nil {
			return err
		}
		if !bytes.Equal(d.Sum(nil), ref.Want) {
			return fmt.Errorf("reference %s does not match", ref.Name)
		}
	}
	for _, ts := range sig.Evidence.Timestamps {
		if err := checkSignature(ts.Signature); err != nil {
			return fmt.Errorf("time-stamp: %w", err)
		}
	}
	return nil
}

// tampered is a format that does its work, but for what its functions do to it.
type tampered struct {
	formats.Preparer
	pending func(*formats.Pending) *formats.Pending
	edit    func(formats.Edit) formats.Edit
}

func (f tampered) Prepare(in formats.Input, p formats.Params) (*formats.Pending, error) {
	pending, err := f.Preparer.Prepare(in, p)
	if err == nil && f.pending != nil {
		pending = f.pending(pending)
	}
	return pending, err
}

func (f tampered) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	e, err := f.Preparer.Complete(p, c)
	if err == nil && f.edit != nil {
		e = f.edit(e)
	}
	return e, err
}

// stamper is a time-stamp authority that does what it is told.
type stamper func(h pki.Hash, imprint []byte) ([]byte, error)

func (s stamper) Timestamp(_ context.Context, h pki.Hash, imprint []byte) ([]byte, error) {
	return s(h, imprint)
}

// page is a PDF of one empty page.
func page() formats.Input {
	var b bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.7\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>")
	start := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", start)
	return input(b.String())
}

func copyBytes(t *testing.T, in formats.Input) []byte {
	t.Helper()
	out, err := io.ReadAll(in.Reader())
	require.NoError(t, err)
	return out
}

// copyOf returns in as a document of its own.
func copyOf(t *testing.T, in formats.Input) formats.Input {
	return input(string(copyBytes(t, in)))
}

// parse returns the n signatures of a document.
func parse(t *testing.T, doc []byte, n int) []formats.Signature {
	t.Helper()
	in := input(string(doc))
	parser, err := catalog.Recognise(in)
	require.NoError(t, err)
	d, err := parser.Parse(in)
	require.NoError(t, err)
	require.Len(t, d.Signatures, n)
	return d.Signatures
}
