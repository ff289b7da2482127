package main

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

const drawing = `
	root -> ca -> alice, bob, seal[rsa2048], seal2[rsa2048], clock[timestamp], clock2[timestamp]
	ca -> issuer[mdoc], issuer2[mdoc], vci[sdjwt], vci2[sdjwt], answers[ocsp], holder
	ca -> mallory[revoked=2026-05-01]
	root -> ca2[ed25519] -> carol, dave
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
	var lists evidence
	for _, name := range []string{"root", "ca", "ca2"} {
		lists = append(lists, pki.Revocation{Kind: pki.CRL, Raw: p.CRL(name)})
	}
	h := &house{ctx: ctx, pki: p, verifier: &verifier.Verifier{
		Formats: catalog.Parsers(), Trust: p.Anchors(), Revocation: lists, Policy: policy.Default(),
		Now: p.Clock(), Tool: "mutants", Memo: verifier.NewMemo(1 << 12),
	}}
	var out []*artefact
	twins := h.orders(true)
	for i, o := range h.orders(false) {
		doc, err := h.make(o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		twin, err := h.make(twins[i])
		if err != nil {
			return nil, fmt.Errorf("twin of %s: %w", o.name, err)
		}
		out = append(out, &artefact{name: o.name, original: doc, twin: twin, layers: o.layers, judge: h.document(o)})
	}
	more, err := h.evidence()
	if err != nil {
		return nil, err
	}
	out = append(out, more...)
	for _, a := range out {
		if err := a.hear(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// hear notes what the original says, and the twin, if it is valid in its place.
func (a *artefact) hear(ctx context.Context) error {
	for _, doc := range [][]byte{a.original, a.twin} {
		said, valid, err := a.judge(ctx, doc)
		switch {
		case err != nil:
			return fmt.Errorf("%s: %w", a.name, err)
		case len(a.said) == 0 && valid == a.never:
			return fmt.Errorf("%s: the original has the wrong verdict: %s", a.name, said)
		case valid || len(a.said) == 0:
			a.said = append(a.said, said)
		}
	}
	return nil
}

// bound is what a document says that its holder has signed as it is shown:
// nothing may be left out of it.
const bound = "note.holder-signed"

// told reports whether what a mutant says is what the original says, or else
// what the twin says. It may say less of it, but where that was signed, too.
func (a *artefact) told(said string) bool {
	return !a.never && slices.ContainsFunc(a.said, func(whole string) bool {
		return said == whole || within(said, whole) && !strings.Contains(said, bound)
	})
}

// evidence are artefacts that are no documents: what a verdict on one rests on.
// The document is always the same; a mutant of the evidence must not save it,
// and must not count unless it says the same.
func (h *house) evidence() ([]*artefact, error) {
	good := h.orders(false)[0]
	bad := good
	bad.by = "mallory"
	doc, err := h.make(good)
	if err != nil {
		return nil, err
	}
	revoked, err := h.make(bad)
	if err != nil {
		return nil, err
	}
	signed, err := h.sign(h.orders(false)[2])
	if err != nil {
		return nil, err
	}
	stamp, err := h.token("clock", signed.stampInput())
	if err != nil {
		return nil, err
	}
	other, err := h.token("clock2", []byte("something else"))
	if err != nil {
		return nil, err
	}
	response, certificates := "0.1.0.1.0.0", whole(der{})
	return []*artefact{
		{name: "crl", original: h.pki.CRL("ca"), twin: h.pki.CRL("ca2"), judge: h.with(doc, pki.CRL, "0.0"), layers: certificates},
		{name: "crl-revoking", never: true, original: h.pki.CRL("ca"), twin: h.pki.CRL("ca2"),
			judge: h.with(revoked, pki.CRL, "0.0"), layers: certificates},
		{name: "ocsp", original: h.pki.OCSP("alice"), twin: h.pki.OCSP("mallory"),
			judge: h.with(doc, pki.OCSP, response), layers: certificates},
		{name: "ocsp-delegated", original: h.pki.OCSP("alice", "answers"), twin: h.pki.OCSP("mallory", "answers"),
			judge: h.with(doc, pki.OCSP, response), layers: certificates},
		{name: "ocsp-revoking", never: true, original: h.pki.OCSP("mallory"), twin: h.pki.OCSP("alice"),
			judge: h.with(revoked, pki.OCSP, response), layers: certificates},
		{name: "certificate", original: h.pki.Cert("alice").Raw, twin: h.pki.Cert("carol").Raw,
			judge: h.certificate, layers: certificates},
		{name: "certificate-ca", original: h.pki.Cert("ca").Raw, twin: h.pki.Cert("ca2").Raw,
			judge: h.issuer, layers: certificates},
		{name: "timestamp", original: stamp, twin: other, judge: h.stamped(signed), layers: certificates},
	}, nil
}

// evidence is a source of what it holds, whatever is asked.
type evidence []pki.Revocation

func (e evidence) Revocation(context.Context, *x509.Certificate, *x509.Certificate) ([]pki.Revocation, error) {
	return e, nil
}

// at is the time of the PKI, which the stamps of originals prove.
var at = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

type judgement func(ctx context.Context, mutant []byte) (said string, valid bool, err error)

// with judges a document by a mutant of its revocation information, which says
// what it signs: the element at a path.
func (h *house) with(doc []byte, kind pki.RevocationKind, signed string) judgement {
	root := pki.Revocation{Kind: pki.CRL, Raw: h.pki.CRL("root")}
	return func(ctx context.Context, mutant []byte) (string, bool, error) {
		v := *h.verifier
		v.Revocation = evidence{root, {Kind: kind, Raw: mutant}}
		said, valid, err := verdict(ctx, &v, input(doc))
		e, _ := find(der{}.elements(mutant), signed)
		return fmt.Sprintf("%s%x\n", said, e.raw(mutant)), valid, err
	}
}

// certificate judges a mutant of a signer's certificate.
func (h *house) certificate(ctx context.Context, mutant []byte) (string, bool, error) {
	return h.path(ctx, mutant, h.pki.Chain("alice")[1:])
}

// issuer judges a certificate by a mutant of its issuer's.
func (h *house) issuer(ctx context.Context, mutant []byte) (string, bool, error) {
	ca, err := x509.ParseCertificate(mutant)
	if err != nil {
		return "", false, nil
	}
	return h.path(ctx, h.pki.Cert("alice").Raw, []*x509.Certificate{ca})
}

func (h *house) path(ctx context.Context, leaf []byte, with []*x509.Certificate) (string, bool, error) {
	cert, err := x509.ParseCertificate(leaf)
	if err != nil {
		return "", false, nil
	}
	rule, _ := h.verifier.Policy.Rule(formats.CAdES)
	s, err := h.verifier.Certificate(ctx, cert, formats.Evidence{Certificates: with}, rule)
	said := fmt.Sprintf("%v %x %x", s.Chain, cert.RawTBSCertificate, with[0].RawTBSCertificate)
	return said, s.Indication == report.TotalPassed, err
}

// stamped judges a mutant of a time-stamp within a document. It is valid if it
// proves a time.
func (h *house) stamped(signed *half) judgement {
	return func(ctx context.Context, mutant []byte) (string, bool, error) {
		doc, err := signed.complete(mutant)
		if err != nil {
			return "", false, nil
		}
		r, err := h.verifier.Verify(ctx, input(doc))
		switch {
		case errors.Is(err, verifier.ErrDefect) || ctx.Err() != nil:
			return "", false, err
		case err != nil || len(r.Verdict.Signatures) != 1:
			return "", false, nil
		}
		s := r.Verdict.Signatures[0]
		if len(s.Timestamps) != 1 || s.Timestamps[0].Indication != report.TotalPassed || s.BestTime == nil {
			return "", false, nil
		}
		sd, _, err := tsa.ParseToken(mutant)
		if err != nil {
			return "a token that cannot be read", true, nil
		}
		return fmt.Sprintf("%v %v %x", s.BestTime, s.Timestamps[0].Chain, sd.Content), true, nil
	}
}

// document judges a mutant of a document.
func (h *house) document(o order) judgement {
	return func(ctx context.Context, mutant []byte) (string, bool, error) {
		in := input(mutant)
		if o.detached {
			in.Detached = []formats.Input{input(o.in)}
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
// report tells people, what was signed, and the content itself, digested here
// and not by what is tested. Of the time it is only whether another was proven.
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
		for _, n := range s.Notes {
			if n.Code == bound {
				fmt.Fprintln(&b, bound)
			}
		}
		if s.BestTime != nil && !s.BestTime.Equal(at) {
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
		if !s.Coverage.Whole && !s.Coverage.Harmless {
			fmt.Fprintf(&b, "and %d bytes that nobody signed\n", s.Coverage.After)
		}
		for _, ref := range s.References {
			fmt.Fprintf(&b, "%s %x", ref.Hash, ref.Want)
			if ref.Open != nil {
				h := sha256.New()
				if _, err := io.Copy(h, ref.Open()); err != nil {
					return "", err
				}
				fmt.Fprintf(&b, " over %x", h.Sum(nil))
			}
			fmt.Fprintln(&b)
		}
	}
	return b.String(), nil
}
