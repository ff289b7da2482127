package main

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/catalog"
	"tamga/formats/mdoc"
	"tamga/formats/pades"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// artefact is an original, and how a mutant of it is judged.
type artefact struct {
	name     string
	original []byte
	said     string // what the original says
	judge    func(ctx context.Context, mutant []byte) (said string, valid bool, err error)
}

const drawing = `
	root -> ca -> alice, bob, seal[rsa2048], clock[timestamp], issuer[mdoc], vci[sdjwt], answers[ocsp]
	root -> ca2[ed25519] -> carol
`

// house makes originals and judges mutants.
type house struct {
	ctx      context.Context
	pki      *pkitest.PKI
	verifier *verifier.Verifier
}

// harness lets the test PKI be drawn outside of a test.
type harness struct{ testing.TB }

func (harness) Helper() {}

func (harness) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func newArtefacts(ctx context.Context) ([]*artefact, error) {
	p := pkitest.New(harness{}, drawing)
	lists := evidence{{Kind: pki.CRL, Raw: p.CRL("root")}, {Kind: pki.CRL, Raw: p.CRL("ca")}, {Kind: pki.CRL, Raw: p.CRL("ca2")}}
	h := &house{ctx: ctx, pki: p, verifier: &verifier.Verifier{
		Formats: catalog.Parsers(), Trust: p.Anchors(), Revocation: lists, Policy: policy.Default(),
		Now: p.Clock(), Tool: "mutants", Memo: verifier.NewMemo(1 << 12),
	}}
	var out []*artefact
	for _, o := range h.orders() {
		doc, err := h.make(o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		out = append(out, &artefact{name: o.name, original: doc, judge: h.document(o.detached)})
	}
	more, err := h.evidence()
	if err != nil {
		return nil, err
	}
	out = append(out, more...)
	for _, a := range out {
		var valid bool
		var err error
		if a.said, valid, err = a.judge(ctx, a.original); err != nil || !valid {
			return nil, fmt.Errorf("%s is not valid: %s %w", a.name, a.said, err)
		}
	}
	return out, nil
}

// stamped is the one time that stamps of originals prove: the time of the PKI.
var stamped = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// order is a document to be made.
type order struct {
	name     string
	by       string
	use      pki.Use
	with     formats.Preparer
	in       []byte
	raw      bool // JOSE and COSE
	level    formats.Level
	detached []byte
}

func (h *house) orders() []order {
	text := []byte("I owe you one horse.")
	now := h.pki.Now
	holder := h.pki.Cert("bob").PublicKey
	return []order{
		{name: "cades-attached", by: "alice", use: pki.UseSign, with: cades.Preparer{Attached: true}, in: text, level: formats.LevelB},
		{name: "cades-detached", by: "alice", use: pki.UseSign, with: cades.Preparer{}, in: text, level: formats.LevelB, detached: text},
		{name: "cades-stamped", by: "alice", use: pki.UseSign, with: cades.Preparer{Attached: true}, in: text, level: formats.LevelT},
		{name: "cades-rsa", by: "seal", use: pki.UseSign, with: cades.Preparer{Attached: true}, in: text, level: formats.LevelB},
		{name: "cades-ed25519-ca", by: "carol", use: pki.UseSign, with: cades.Preparer{Attached: true}, in: text, level: formats.LevelB},
		{name: "pades", by: "alice", use: pki.UseSign, with: pades.Preparer{}, in: page(), level: formats.LevelT},
		{name: "mdoc", by: "issuer", use: pki.UseMdoc, raw: true, with: mdoc.Preparer{
			DocType: "org.iso.18013.5.1.mDL", HolderKey: holder,
			Namespaces: []mdoc.Namespace{{Name: "org.iso.18013.5.1", Elements: []mdoc.Element{
				{ID: "family_name", Value: "Коваль"}, {ID: "birth_date", Value: mdoc.FullDate("1990-01-01")},
			}}},
			ValidFrom: now.Add(-time.Minute), ValidUntil: now.AddDate(0, 3, 0), Random: &counter{},
		}},
		{name: "sdjwt", by: "vci", use: pki.UseSDJWT, raw: true, with: sdjwt.Preparer{
			Type: "urn:eudi:pid:1", HolderKey: holder,
			Claims:    []sdjwt.Claim{{Name: "family_name", Value: "Коваль", Disclose: true}, {Name: "age", Value: 36}},
			ValidFrom: now.Add(-time.Minute), ValidUntil: now.AddDate(0, 3, 0), Random: &counter{},
		}},
	}
}

func (h *house) make(o order) ([]byte, error) {
	cert := h.pki.Cert(o.by)
	alg, err := pki.DefaultAlgorithm(cert.PublicKey)
	if o.raw {
		alg, err = pki.DefaultRawAlgorithm(cert.PublicKey)
	}
	if err != nil {
		return nil, err
	}
	pending, err := o.with.Prepare(input(o.in), formats.Params{
		Algorithm: alg, Chain: h.pki.Chain(o.by), Time: h.pki.Now.Add(-time.Hour), Level: o.level,
	})
	if err != nil {
		return nil, err
	}
	value, err := h.pki.Key(o.by, o.use).Sign(h.ctx, o.use, alg, pending.ToBeSigned)
	if err != nil {
		return nil, err
	}
	done := formats.Completion{Value: value}
	if o.level == formats.LevelT {
		if done.Timestamp, err = h.token(o.with.StampInput(pending, value)); err != nil {
			return nil, err
		}
	}
	edit, err := o.with.Complete(pending, done)
	if err != nil {
		return nil, err
	}
	return append(bytes.Clone(o.in[:edit.Keep]), edit.Tail...), nil
}

func (h *house) token(over []byte) ([]byte, error) {
	authority, err := tsa.NewAuthority(tsa.AuthorityConfig{
		Key: h.pki.Key("clock", pki.UseTimestamp), Policy: "1.3.6.1.4.1.99999.1", Now: h.pki.Clock(),
	})
	if err != nil {
		return nil, err
	}
	return authority.Timestamp(h.ctx, pki.SHA256, pki.SHA256.Sum(over))
}

// evidence are artefacts that are no documents: what a verdict on one rests on.
// The document is always the same, and good; a mutant of its evidence must not
// make it valid unless it says the same.
func (h *house) evidence() ([]*artefact, error) {
	doc, err := h.make(h.orders()[0])
	if err != nil {
		return nil, err
	}
	root := pki.Revocation{Kind: pki.CRL, Raw: h.pki.CRL("root")}
	judgeWith := func(kind pki.RevocationKind) func(context.Context, []byte) (string, bool, error) {
		return func(ctx context.Context, mutant []byte) (string, bool, error) {
			v := *h.verifier
			v.Revocation, v.Memo = evidence{root, {Kind: kind, Raw: mutant}}, nil
			return verdict(ctx, &v, input(doc))
		}
	}
	certificate := func(ctx context.Context, mutant []byte) (string, bool, error) {
		leaf, err := x509.ParseCertificate(mutant)
		if err != nil {
			return "", false, nil
		}
		rule, _ := h.verifier.Policy.Rule(formats.CAdES)
		s, err := h.verifier.Certificate(ctx, leaf, formats.Evidence{Certificates: h.pki.Chain("alice")[1:]}, rule)
		return fmt.Sprintln(s.Chain), s.Indication == report.TotalPassed, err
	}
	return []*artefact{
		{name: "crl", original: h.pki.CRL("ca"), judge: judgeWith(pki.CRL)},
		{name: "ocsp", original: h.pki.OCSP("alice"), judge: judgeWith(pki.OCSP)},
		{name: "ocsp-delegated", original: h.pki.OCSP("alice", "answers"), judge: judgeWith(pki.OCSP)},
		{name: "certificate", original: bytes.Clone(h.pki.Cert("alice").Raw), judge: certificate},
	}, nil
}

// evidence is a source of what it holds, whatever is asked.
type evidence []pki.Revocation

func (e evidence) Revocation(context.Context, *x509.Certificate, *x509.Certificate) ([]pki.Revocation, error) {
	return e, nil
}

func (h *house) document(detached []byte) func(context.Context, []byte) (string, bool, error) {
	return func(ctx context.Context, mutant []byte) (string, bool, error) {
		in := input(mutant)
		if detached != nil {
			in.Detached = []formats.Input{input(detached)}
		}
		return verdict(ctx, h.verifier, in)
	}
}

// verdict is what the verifier says of a document, and whether it is valid. That
// it cannot be read is no error here, but a defect of the program is.
func verdict(ctx context.Context, v *verifier.Verifier, in formats.Input) (string, bool, error) {
	r, err := v.Verify(ctx, in)
	switch {
	case errors.Is(err, verifier.ErrDefect) || ctx.Err() != nil:
		return "", false, err
	case err != nil || r.Verdict.Status != report.Valid:
		return "", false, nil
	}
	said, err := says(v, in, r)
	return said, true, err
}

// says is everything that the document is said to say, a line each: what the
// report tells people, and the digests that the signed bytes state of the
// content. Of the time it is only whether another was proven.
func says(v *verifier.Verifier, in formats.Input, r *report.Report) (string, error) {
	var b strings.Builder
	for _, s := range r.Verdict.Signatures {
		for _, a := range s.Answers[:3] {
			fmt.Fprintln(&b, a.Mark, a.Code, a.Args)
		}
		fmt.Fprintln(&b, s.Kind, s.Chain, s.ClaimedTime)
		for _, c := range s.Claims {
			fmt.Fprintf(&b, "%q\n", c)
		}
		if s.BestTime != nil && !s.BestTime.Equal(stamped) {
			fmt.Fprintln(&b, s.BestTime)
		}
	}
	parser, err := formats.Recognise(v.Formats, in)
	if err != nil {
		return "", err
	}
	doc, err := parser.Parse(in)
	if err != nil {
		return "", err
	}
	for _, s := range doc.Signatures {
		fmt.Fprintf(&b, "%x\n", s.Signed)
		for _, ref := range s.References {
			fmt.Fprintf(&b, "%s %x\n", ref.Hash, ref.Want)
		}
	}
	return b.String(), nil
}

func input(data []byte) formats.Input {
	return formats.Input{Name: "document", ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}

// counter is no randomness: the same in every run.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n * 7
	}
	return len(b), nil
}

// page is a PDF of one empty page.
func page() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
	} {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	xref := b.Len()
	b.WriteString("xref\n0 4\n0000000000 65535 f \n")
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", xref)
	return b.Bytes()
}
