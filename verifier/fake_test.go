package verifier_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// fake is a format whose documents are made in the test: it reduces nothing,
// so that every fact of the vocabulary can be bent by itself.
type fake struct {
	id  formats.ID
	doc formats.Document
	err error
}

func (f fake) ID() formats.ID         { return f.id }
func (f fake) Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte("fake")) }
func (f fake) Parse(formats.Input) (*formats.Document, error) {
	f.doc.Format = f.id
	return &f.doc, f.err
}

const drawing = `
	root -> ca -> alice, bob, tsa[timestamp], issuer[mdoc]
	root[until=2040-01-01]; ca[until=2040-01-01]
	alice[from=2026-01-01, until=2027-01-01]
	tsa[from=2020-01-01, until=2039-01-01]
`

// bench is a PKI, a signature, and the verifier that judges it.
type bench struct {
	t   testing.TB
	p   *pkitest.PKI
	v   *verifier.Verifier
	sig formats.Signature
	doc formats.Document
	id  formats.ID
}

var content = []byte("I owe you one horse.")

// newBench has alice's good signature over content.
func newBench(t testing.TB, change ...string) *bench {
	p := pkitest.New(t, drawing+"\n"+strings.Join(change, "\n"))
	b := &bench{t: t, p: p, id: formats.CAdES}
	b.sig = b.signed("alice", "the signature", content)
	b.v = &verifier.Verifier{
		Trust: p.Anchors(), Revocation: p.Revocation(), Policy: policy.Default(), Now: p.Clock(), Tool: "test",
	}
	return b
}

// signed is a signature of name over the digest of data.
func (b *bench) signed(name, label string, data []byte) formats.Signature {
	cert := b.p.Cert(name)
	alg, err := pki.DefaultAlgorithm(cert.PublicKey)
	require.NoError(b.t, err)
	sig := formats.Signature{
		Name: label, Kind: "fake", Algorithm: alg,
		References: []formats.Reference{reference("content", data)},
		Signer: formats.CertificateRef{
			Issuer: cert.RawIssuer, Serial: cert.SerialNumber,
			Hash: pki.SHA256, Digest: pki.SHA256.Sum(cert.Raw), Attribute: true,
		},
		Claims:   formats.Claims{Time: b.p.Now.Add(-time.Hour)},
		Evidence: formats.Evidence{Certificates: b.p.Chain(name)},
		Coverage: formats.Coverage{Whole: true},
	}
	sig.Signed = append([]byte("attributes:"), sig.References[0].Want...)
	b.sign(&sig, name)
	return sig
}

// sign gives sig a fresh value by name's key.
func (b *bench) sign(sig *formats.Signature, name string) {
	value, err := b.p.Signer(name).Sign(nil, sig.Algorithm.Hash().Sum(sig.Signed), sig.Algorithm.Hash().Std())
	require.NoError(b.t, err)
	sig.Value = value
}

func reference(name string, data []byte) formats.Reference {
	return formats.Reference{
		Name: name, Hash: pki.SHA256, Want: pki.SHA256.Sum(data),
		Open: func() io.Reader { return bytes.NewReader(data) },
	}
}

// stamp adds name's time-stamp over the value of the signature.
func (b *bench) stamp(name string, kind formats.TimestampKind, at time.Time) *formats.Timestamp {
	token := b.signed(name, "stamp of "+name, b.sig.Value)
	b.sig.Evidence.Timestamps = append(b.sig.Evidence.Timestamps, formats.Timestamp{
		Kind: kind, Time: at, Signature: token,
	})
	return &b.sig.Evidence.Timestamps[len(b.sig.Evidence.Timestamps)-1]
}

func (b *bench) input() formats.Input {
	return formats.Input{Name: "fake.doc", ReaderAt: strings.NewReader("fake"), Size: 4}
}

// verify judges a document with the one signature.
func (b *bench) verify() *report.Report {
	b.doc.Signatures = append([]formats.Signature{b.sig}, b.doc.Signatures...)
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	r, err := b.v.Verify(b.t.Context(), b.input())
	require.NoError(b.t, err)
	checkInvariants(b.t, r)
	return r
}

// expect judges, and compares the verdict and the indication of the signature.
func (b *bench) expect(status report.Status, ind report.Indication, sub report.SubIndication) report.Signature {
	r := b.verify()
	s := r.Verdict.Signatures[0]
	require.Equal(b.t, [...]any{status, ind.String(), sub},
		[...]any{r.Verdict.Status, s.Indication.String(), s.SubIndication}, "%+v", failedChecks(s))
	return s
}

func failedChecks(s report.Signature) (out []report.Check) {
	for _, c := range s.Checks {
		if !c.Passed {
			out = append(out, c)
		}
	}
	return out
}

// checkInvariants holds what is true of every report, whatever was judged.
func checkInvariants(t testing.TB, r *report.Report) {
	require.Equal(t, report.Schema, r.Schema)
	hear(t, r)
	for _, s := range r.Verdict.Signatures {
		require.Len(t, s.Answers, 5)
		bad := failedChecks(s)
		for i, a := range s.Answers {
			require.Equal(t, report.Questions()[i], a.Question)
			text, known := report.Text("en", a.Code, a.Args...)
			require.True(t, known, a.Code)
			require.Equal(t, text, a.Text)
		}
		if s.Indication == report.TotalPassed {
			require.Empty(t, bad)
			require.Empty(t, s.SubIndication)
			for _, i := range []int{0, 1, 2} {
				require.Equal(t, report.Yes, s.Answers[i].Mark, s.Answers[i].Text)
			}
			require.NotEqual(t, report.No, s.Answers[3].Mark) // a claimed time is no failure
			if r.Context.Policy == policy.DefaultName {
				require.Equal(t, report.Yes, s.Answers[4].Mark, s.Answers[4].Text)
			}
			require.NotEmpty(t, s.Chain[len(s.Chain)-1].Anchor)
		} else {
			require.NotEmpty(t, bad)
			require.NotEqual(t, report.Valid, r.Verdict.Status)
		}
		if s.Answers[0].Mark == report.No {
			require.Equal(t, report.NotValid, r.Verdict.Status)
		}
		for _, c := range allChecks(s) {
			for _, lang := range report.Languages() {
				_, known := report.Text(lang, "check."+c.ID)
				require.True(t, known, c.ID)
			}
			require.NotEmpty(t, c.Clause)
			require.Equal(t, c.Passed, c.Sub == "", c.ID)
			if !c.Passed {
				_, known := report.Text("en", "sub."+string(c.Sub))
				require.True(t, known, c.Sub)
			}
		}
	}
}

func allChecks(s report.Signature) []report.Check {
	out := s.Checks
	for _, stamp := range s.Timestamps {
		out = append(out, stamp.Checks...)
	}
	return out
}

// notes are the texts of notes, a line each.
func notes(list []report.Note) string {
	var b strings.Builder
	for _, n := range list {
		b.WriteString(n.Text + "\n")
	}
	return b.String()
}
