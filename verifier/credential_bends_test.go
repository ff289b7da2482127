package verifier_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// What an identity document says of its own time, and what it leaves out.
func TestCredentialDates(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*bench, *formats.Credential)
		sub  report.SubIndication
	}{
		{"no beginning", func(_ *bench, c *formats.Credential) { c.ValidFrom = time.Time{} }, ""},
		{"no end", func(_ *bench, c *formats.Credential) { c.ValidUntil = time.Time{} }, ""},
		{"no beginning, no end, no day", func(_ *bench, c *formats.Credential) { *c = formats.Credential{Type: c.Type} }, ""},
		{"from now", func(b *bench, c *formats.Credential) { c.ValidFrom = b.p.Now }, ""},
		{"until a second from now", func(b *bench, c *formats.Credential) { c.ValidUntil = b.p.Now.Add(time.Second) }, ""},
		{"signed before its issuer", func(b *bench, c *formats.Credential) {
			c.Signed = b.p.Cert("issuer").NotBefore.Add(-time.Second)
		}, report.SigConstraintsFailure},
		{"signed after its issuer", func(b *bench, c *formats.Credential) {
			c.Signed = b.p.Cert("issuer").NotAfter.Add(time.Second)
		}, report.SigConstraintsFailure},
		{"signed on the last day", func(b *bench, c *formats.Credential) { c.Signed = b.p.Cert("issuer").NotAfter }, ""},
		{"of a day, from when it was signed", func(b *bench, c *formats.Credential) {
			c.ValidFrom, c.ValidUntil = time.Time{}, c.Signed.Add(24*time.Hour)
		}, ""},
		{"without a holder", func(_ *bench, c *formats.Credential) { c.HolderKey = false }, ""},
		{"shown without a holder", func(_ *bench, c *formats.Credential) { c.HolderKey, c.Presented = false, true }, ""},
		{"shown with a proof that nobody can judge", func(_ *bench, c *formats.Credential) { c.Presented = true }, ""},
		{"claims another time", func(b *bench, c *formats.Credential) { b.sig.Claims.Time = c.Signed.Add(-time.Hour) }, ""},
		{"by nobody", func(b *bench, _ *formats.Credential) { b.sig.Signer = formats.CertificateRef{} }, report.NoSigningCertificateFound},
		{"without anything disclosed apart", func(b *bench, _ *formats.Credential) {
			b.sig.References = nil
			b.rule().References = false
		}, ""},
		{"one part that is not there", func(b *bench, _ *formats.Credential) {
			b.sig.References = append(b.sig.References, formats.Reference{Name: "absent", Hash: pki.SHA256, Want: make([]byte, 32)})
		}, report.SignedDataNotFound},
		{"one part by an unknown digest", func(b *bench, _ *formats.Credential) {
			b.sig.References = append(b.sig.References, reference("odd", []byte("odd")))
			b.sig.References[1].Hash = 0
		}, report.CryptoConstraintsFailure},
		{"a day, and a status is required", func(b *bench, c *formats.Credential) {
			b.v.Policy.Credential.StatusRequired, c.ValidUntil = true, c.ValidFrom.Add(24*time.Hour)
		}, ""},
		{"a second more", func(b *bench, c *formats.Credential) {
			b.v.Policy.Credential.StatusRequired, c.ValidUntil = true, c.ValidFrom.Add(24*time.Hour+time.Second)
		}, report.TryLater},
		{"no end, and a status is required", func(b *bench, c *formats.Credential) {
			b.v.Policy.Credential.StatusRequired, c.ValidUntil = true, time.Time{}
		}, report.TryLater},
		{"no date at all, and a status is required", func(b *bench, c *formats.Credential) {
			b.v.Policy.Credential.StatusRequired = true
			*c = formats.Credential{Type: c.Type, ValidUntil: b.p.Now.Add(time.Hour)}
		}, report.TryLater},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newCredential(t)
			c.do(b, b.sig.Credential)
			b.v.Policy.Name = "bent"
			s := b.verify().Verdict.Signatures[0]
			require.Equal(t, c.sub, s.SubIndication, "%+v", failedChecks(s))
		})
	}
}

// The holder's proof is one, is whole, and is the holder's.
func TestHolderBends(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(*bench, *formats.Signature)
		sub  report.SubIndication
	}{
		{"good", func(*bench, *formats.Signature) {}, ""},
		{"two", func(b *bench, p *formats.Signature) { b.sig.Counter = append(b.sig.Counter, *p) }, report.FormatFailure},
		{"a defect", func(_ *bench, p *formats.Signature) { p.Defects = []formats.Defect{{Text: "odd"}} }, ""},
		{"a fatal defect", func(_ *bench, p *formats.Signature) {
			p.Defects = []formats.Defect{{Text: "odd"}, {Text: "fatal", Fatal: true}}
		}, report.FormatFailure},
		{"no key", func(_ *bench, p *formats.Signature) { p.Signer.Key = nil }, report.FormatFailure},
		{"over nothing", func(_ *bench, p *formats.Signature) { p.References = nil }, report.FormatFailure},
		{"over what is absent", func(_ *bench, p *formats.Signature) { p.References[0].Open = nil }, report.HashFailure},
		{"by an unknown digest", func(_ *bench, p *formats.Signature) { p.References[0].Hash = 0 }, report.HashFailure},
		{"over something else", func(_ *bench, p *formats.Signature) { p.References[0].Want = make([]byte, 32) }, report.HashFailure},
		{"an algorithm for another key", func(_ *bench, p *formats.Signature) { p.Algorithm = pki.RSASHA256 }, report.CryptoConstraintsFailure},
		{"another value", func(_ *bench, p *formats.Signature) { p.Value[9] ^= 1 }, report.SigCryptoFailure},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newCredential(t)
			proof := b.signed("bob", "bob's", []byte("what is shown"))
			proof.Signer = formats.CertificateRef{Key: b.p.Cert("bob").PublicKey}
			b.sig.Counter = []formats.Signature{proof}
			c.do(b, &b.sig.Counter[0])
			s := b.verify().Verdict.Signatures[0]
			require.Equal(t, c.sub, s.SubIndication, "%+v", failedChecks(s))
		})
	}
}
