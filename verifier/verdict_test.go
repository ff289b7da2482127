package verifier_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

func TestGood(t *testing.T) {
	s := newBench(t).expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "when.claimed", s.Answers[3].Code, "a claimed time is no failure, and no proof")
	require.Equal(t, report.Unknown, s.Answers[3].Mark)
	require.Len(t, s.Chain, 3)
	require.Equal(t, "root, Tamga Test (pkitest)", s.Chain[2].Anchor)
	require.Empty(t, s.Chain[0].Anchor)
}

// Content other than what was signed: the plainest forgery. Nothing else that
// the signature says is shown, because it does not speak of this content.
func TestChangedContent(t *testing.T) {
	b := newBench(t)
	b.sig.References[0].Open = func() io.Reader { return strings.NewReader("I owe you two horses.") }
	s := b.expect(report.NotValid, report.TotalFailed, report.HashFailure)
	require.Equal(t, report.No, s.Answers[0].Mark)
	for _, a := range s.Answers[1:] {
		require.Equal(t, "hidden", a.Code)
	}
	require.Empty(t, s.Chain)
	require.Nil(t, s.ClaimedTime)
}

// The last of many references is the one that a careless verifier forgets.
func TestEveryReferenceCounts(t *testing.T) {
	b := newBench(t)
	for range 20 {
		b.sig.References = append(b.sig.References, reference("more", []byte("more")))
	}
	b.sig.References[20].Want = pki.SHA256.Sum([]byte("other"))
	b.expect(report.NotValid, report.TotalFailed, report.HashFailure)
}

func TestBrokenValues(t *testing.T) {
	for name, change := range map[string]struct {
		bend func(*bench)
		sub  report.SubIndication
	}{
		"value changed":  {func(b *bench) { b.sig.Value[len(b.sig.Value)-1] ^= 1 }, report.SigCryptoFailure},
		"signed changed": {func(b *bench) { b.sig.Signed[0] ^= 1 }, report.SigCryptoFailure},
		"other's value":  {func(b *bench) { b.sign(&b.sig, "bob") }, report.SigCryptoFailure},
		"no value":       {func(b *bench) { b.sig.Value = nil }, report.FormatFailure},
		"nothing signed": {func(b *bench) { b.sig.Signed = nil }, report.FormatFailure},
		"no references":  {func(b *bench) { b.sig.References = nil }, report.FormatFailure},
		"fatal defect":   {func(b *bench) { b.sig.Defects = []formats.Defect{{Text: "bent", Fatal: true}} }, report.FormatFailure},
		"malformed stream": {func(b *bench) {
			b.sig.References[0].Open = func() io.Reader { return iotest.ErrReader(formats.ErrMalformed) }
		}, report.HashFailure},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			change.bend(b)
			s := b.expect(report.NotValid, report.TotalFailed, change.sub)
			require.Equal(t, report.No, s.Answers[0].Mark)
		})
	}
}

func TestCannotTell(t *testing.T) {
	for name, change := range map[string]struct {
		bend func(*bench)
		sub  report.SubIndication
	}{
		"content not supplied": {func(b *bench) { b.sig.References[0].Open = nil }, report.SignedDataNotFound},
		"nobody trusted":       {func(b *bench) { b.v.Trust = nil }, report.NoCertificateChainFound},
		"trusted for another use": {func(b *bench) {
			b.v.Trust = b.p.Anchors(pki.UseTimestamp)
		}, report.NoCertificateChainFound},
		"anchor no longer trusted": {func(b *bench) {
			a := b.p.Anchors()
			a[0].Until = b.p.Now.Add(-time.Second)
			b.v.Trust = a
		}, report.NoCertificateChainFoundNoPOE},
		"issuer missing": {func(b *bench) {
			b.sig.Evidence.Certificates = b.sig.Evidence.Certificates[:1]
		}, report.NoCertificateChainFound},
		"signer missing": {func(b *bench) {
			b.sig.Evidence.Certificates = b.sig.Evidence.Certificates[1:]
		}, report.NoSigningCertificateFound},
		"no certificate named": {func(b *bench) { b.sig.Signer = formats.CertificateRef{} }, report.NoSigningCertificateFound},
		"attribute absent": {func(b *bench) {
			b.sig.Signer.Attribute, b.sig.Signer.Digest = false, nil
		}, report.SigConstraintsFailure},
		"revocation unknown":      {func(b *bench) { b.v.Revocation = nil }, report.TryLater},
		"unknown algorithm":       {func(b *bench) { b.sig.Algorithm = 0 }, report.CryptoConstraintsFailure},
		"unknown digest":          {func(b *bench) { b.sig.References[0].Hash = 0 }, report.CryptoConstraintsFailure},
		"algorithm not in policy": {func(b *bench) { b.v.Policy.Algorithms = nil }, report.CryptoConstraintsFailure},
		"key not in policy":       {func(b *bench) { b.v.Policy.Keys = nil }, report.CryptoConstraintsFailure},
		"digest outdated": {func(b *bench) {
			b.v.Policy.Digests = []policy.Digest{{Hash: pki.SHA256, Until: b.p.Now}}
		}, report.CryptoConstraintsFailureNoPOE},
		"format not in policy":   {func(b *bench) { b.v.Policy.Formats = nil }, report.PolicyProcessingError},
		"path too long":          {func(b *bench) { b.v.Policy.Limits.Path = 2 }, report.NoCertificateChainFound},
		"certificates too large": {func(b *bench) { b.v.Policy.Limits.CertificateBytes = 10 }, report.NoSigningCertificateFound},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			change.bend(b)
			b.expect(report.CannotTell, report.Indeterminate, change.sub)
		})
	}
}

// Another certificate of the same key, with another name: the value verifies
// under it, and without the signed attribute nothing would tell them apart.
func TestSubstitutedCertificate(t *testing.T) {
	b := newBench(t, "ca -> mallory[key=alice]")
	mallory := b.p.Cert("mallory")
	b.sig.Signer.Issuer, b.sig.Signer.Serial = mallory.RawIssuer, mallory.SerialNumber
	b.sig.Evidence.Certificates = append([]*x509.Certificate{mallory}, b.sig.Evidence.Certificates...)
	b.expect(report.CannotTell, report.Indeterminate, report.NoSigningCertificateFound)
}

// Whatever the order of the unsigned certificates, and whatever is put among
// them, the report does not change.
func TestOrderOfCertificates(t *testing.T) {
	want := newBench(t).expect(report.Valid, report.TotalPassed, "")
	b := newBench(t)
	certs := b.sig.Evidence.Certificates
	b.sig.Evidence.Certificates = []*x509.Certificate{b.p.Cert("bob"), b.p.Cert("root"), certs[1], certs[0], certs[0]}
	got := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, len(want.Chain), len(got.Chain))
	require.Contains(t, got.Chain[0].Subject, "CN=alice,")
}

// adbe.pkcs7 is older than the attribute: noted, not refused.
func TestBeforePAdES(t *testing.T) {
	b := newBench(t)
	b.id, b.sig.Kind = formats.PAdES, "adbe.pkcs7.detached"
	b.sig.Signer.Attribute, b.sig.Signer.Digest = false, nil
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Contains(t, notes(s.Notes), "does not say which certificate")
}

func TestValidity(t *testing.T) {
	claim := func(at string) func(*bench) {
		return func(b *bench) { b.sig.Claims.Time = day(at) }
	}
	for name, c := range map[string]struct {
		now  string
		bend func(*bench)
		want report.SubIndication
		ind  report.Indication
		mark report.Mark
	}{
		"expired since":          {"2027-02-01", claim("2026-06-01"), report.OutOfBoundsNotRevoked, report.Indeterminate, report.Unknown},
		"signed after the end":   {"2027-02-01", claim("2027-01-15"), report.Expired, report.TotalFailed, report.No},
		"not yet valid":          {"2025-12-01", claim("2025-12-01"), report.OutOfBoundsNoPOE, report.Indeterminate, report.Unknown},
		"no time claimed at all": {"2027-02-01", func(b *bench) { b.sig.Claims.Time = time.Time{} }, report.OutOfBoundsNotRevoked, report.Indeterminate, report.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			c.bend(b)
			// The list of the certificate's last day is what is left of it.
			b.p.Now = day("2026-12-31")
			lists, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert("alice"), b.p.Cert("ca"))
			require.NoError(t, err)
			roots, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert("ca"), b.p.Cert("root"))
			require.NoError(t, err)
			b.sig.Evidence.Revocations = append(lists, roots...)
			b.v.Revocation = nil
			b.p.Now = day(c.now)
			status := report.CannotTell
			if c.ind == report.TotalFailed {
				status = report.NotValid
			}
			s := b.expect(status, c.ind, c.want)
			require.Equal(t, c.mark, s.Answers[4].Mark)
		})
	}
}

func day(s string) time.Time {
	at, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return at
}

// What was added after signing, and cannot be shown to be harmless, makes the
// document another one: not valid, though the signed bytes are intact.
func TestAddedLater(t *testing.T) {
	b := newBench(t)
	b.sig.Coverage = formats.Coverage{After: 100}
	s := b.expect(report.NotValid, report.Indeterminate, report.SigConstraintsFailure)
	require.Equal(t, "unchanged.added", s.Answers[0].Code)
	require.Equal(t, "who.earlier", s.Answers[1].Code)

	b = newBench(t)
	b.sig.Coverage = formats.Coverage{After: 100, Harmless: true}
	s = b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "unchanged.later", s.Answers[0].Code)

	b = newBench(t)
	b.sig.Coverage = formats.Coverage{After: 100, Harmless: true, Seen: "a visible signature"}
	s = b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "unchanged.seen", s.Answers[0].Code)
	require.Contains(t, s.Answers[0].Text, "a visible signature")

	b = newBench(t)
	b.sig.Coverage = formats.Coverage{After: 100, Seen: "a visible signature"} // and yet not shown to be harmless
	b.expect(report.NotValid, report.Indeterminate, report.SigConstraintsFailure)

	b = newBench(t)
	b.sig.Coverage = formats.Coverage{} // a format that says nothing has not covered anything
	b.expect(report.NotValid, report.Indeterminate, report.SigConstraintsFailure)
}

func TestDocumentVerdict(t *testing.T) {
	b := newBench(t)
	b.doc.Signatures = []formats.Signature{b.signed("bob", "second", content)}
	require.Equal(t, report.Valid, b.verify().Verdict.Status)

	b = newBench(t)
	second := b.signed("bob", "second", content)
	second.Evidence = formats.Evidence{}
	b.doc.Signatures = []formats.Signature{second}
	require.Equal(t, report.CannotTell, b.verify().Verdict.Status, "the worst counts")

	b = newBench(t)
	third := b.signed("bob", "third", content)
	third.Value[9] ^= 1
	b.doc.Signatures = []formats.Signature{second, third}
	require.Equal(t, report.NotValid, b.verify().Verdict.Status)

	b = newBench(t)
	b.doc.Defects = []formats.Defect{{Text: "two headers"}}
	require.Equal(t, report.Valid, b.verify().Verdict.Status)
	b = newBench(t)
	b.doc.Defects = []formats.Defect{{Text: "two headers", Fatal: true}}
	r := b.verify2()
	require.Equal(t, report.NotValid, r.Verdict.Status)
	require.Contains(t, notes(r.Document.Notes), "two headers")

	b.v.Formats = []formats.Parser{fake{id: formats.CAdES}}
	r, err := b.v.Verify(t.Context(), b.input())
	require.NoError(t, err)
	require.Equal(t, report.NotSigned, r.Verdict.Status)
}

// verify2 judges without the invariants of a document that is judged by its
// signatures alone.
func (b *bench) verify2() *report.Report {
	b.doc.Signatures = []formats.Signature{b.sig}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	r, err := b.v.Verify(b.t.Context(), b.input())
	require.NoError(b.t, err)
	return r
}

// An error is returned only where no verdict could be reached, never in place
// of a bad verdict, and a verdict never in place of an error.
func TestNoVerdict(t *testing.T) {
	b := newBench(t)
	broken := errors.New("the disk is gone")
	b.sig.References[0].Open = func() io.Reader { return iotest.ErrReader(broken) }
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: []formats.Signature{b.sig}}}}
	_, err := b.v.Verify(t.Context(), b.input())
	require.ErrorIs(t, err, broken)

	b.v.Formats = []formats.Parser{fake{id: b.id, err: formats.ErrMalformed}}
	_, err = b.v.Verify(t.Context(), b.input())
	require.ErrorIs(t, err, formats.ErrMalformed)

	_, err = b.v.Verify(t.Context(), formats.Input{ReaderAt: bytes.NewReader(nil)})
	require.ErrorIs(t, err, formats.ErrNotRecognised)

	_, err = (&verifier.Verifier{Formats: b.v.Formats}).Verify(t.Context(), b.input())
	require.ErrorContains(t, err, "without a policy")

	b.v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: make([]formats.Signature, 1000)}}}
	_, err = b.v.Verify(t.Context(), b.input())
	require.ErrorIs(t, err, formats.ErrTooLarge)
}

// broken is a parser with a defect of ours.
type broken struct{ fake }

func (broken) Parse(formats.Input) (*formats.Document, error) { panic("index out of range") }

// A document that makes the program panic gets no verdict, and ends no batch: Go
// would end the process with the code that says "not valid".
func TestPanicIsNoVerdict(t *testing.T) {
	b := newBench(t)
	b.v.Formats = []formats.Parser{broken{fake{id: b.id}}}
	r, err := b.v.Verify(t.Context(), b.input())
	require.Nil(t, r)
	require.ErrorIs(t, err, verifier.ErrDefect)
}
