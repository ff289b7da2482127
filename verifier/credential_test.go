package verifier_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/verifier/report"
)

// newCredential is a good identity document by the drawn issuer.
func newCredential(t testing.TB, change ...string) *bench {
	b := newBench(t, change...)
	b.id = formats.Mdoc
	b.sig = b.signed("issuer", "issuer's signature", []byte("element"))
	b.sig.Claims.Time = time.Time{}
	b.sig.Credential = &formats.Credential{
		Type: "org.example.id", Signed: b.p.Now.Add(-time.Hour),
		ValidFrom: b.p.Now.Add(-time.Hour), ValidUntil: b.p.Now.AddDate(0, 6, 0),
		Elements: []formats.Element{{Namespace: "ns", Name: "family_name", Value: "Коваль"}}, HolderKey: true,
	}
	return b
}

func TestCredential(t *testing.T) {
	s := newCredential(t).expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, []report.Claim{{Namespace: "ns", Name: "family_name", Value: "Коваль"}}, s.Claims)
	require.Equal(t, "who.issued", s.Answers[1].Code)
	require.Equal(t, "when.issued", s.Answers[3].Code)
	require.Equal(t, "force.document", s.Answers[4].Code)
	require.Contains(t, notes(s.Notes), "no way to revoke it")
}

// The elements of a document of which any digest does not fit are not shown:
// the issuer never said them.
func TestForgedElement(t *testing.T) {
	b := newCredential(t)
	b.sig.References[0].Open = func() io.Reader { return strings.NewReader("forged") }
	s := b.expect(report.NotValid, report.TotalFailed, report.HashFailure)
	require.Empty(t, s.Claims)

	b = newCredential(t)
	b.sig.References[0].Open = nil
	s = b.expect(report.CannotTell, report.Indeterminate, report.SignedDataNotFound)
	require.Empty(t, s.Claims)
}

func TestCredentialValidity(t *testing.T) {
	for name, c := range map[string]struct {
		bend   func(*bench, *formats.Credential)
		status report.Status
		sub    report.SubIndication
		code   string
	}{
		"expired":    {func(b *bench, c *formats.Credential) { c.ValidUntil = b.p.Now }, report.NotValid, report.Expired, "force.document-expired"},
		"not yet":    {func(b *bench, c *formats.Credential) { c.ValidFrom = b.p.Now.Add(time.Second) }, report.NotValid, report.NotYetValid, "force.document-not-yet"},
		"has status": {func(_ *bench, c *formats.Credential) { c.StatusURI = "https://example.org" }, report.CannotTell, report.TryLater, "force.status"},
		"signed before its issuer was certified": {func(_ *bench, c *formats.Credential) {
			c.Signed = day("2001-01-01")
		}, report.CannotTell, report.SigConstraintsFailure, "force.document"},
		"status demanded": {func(b *bench, c *formats.Credential) {
			b.v.Policy.Credential.StatusRequired = true
		}, report.CannotTell, report.TryLater, "force.status"},
		"short": {func(b *bench, c *formats.Credential) {
			b.v.Policy.Credential.StatusRequired = true
			c.ValidUntil = c.ValidFrom.Add(24 * time.Hour)
		}, report.Valid, "", "force.document"},
		"no end": {func(_ *bench, c *formats.Credential) { c.ValidUntil = time.Time{} }, report.Valid, "", "force.document-open"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newCredential(t)
			c.bend(b, b.sig.Credential)
			s := b.verify().Verdict.Signatures[0]
			b.doc.Signatures = nil
			require.Equal(t, c.sub, s.SubIndication)
			require.Equal(t, c.status, b.verify().Verdict.Status)
			require.Equal(t, c.code, s.Answers[4].Code)
		})
	}
}

// A key that was certified to sign files does not issue driving licences.
func TestIssuerPurpose(t *testing.T) {
	b := newCredential(t)
	c := b.sig.Credential
	b.sig = b.signed("alice", "alice's", []byte("element"))
	b.sig.Credential = c
	b.expect(report.CannotTell, report.Indeterminate, report.ChainConstraintsFailure)
}
