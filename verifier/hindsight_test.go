package verifier_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// A thief signs with a stolen key after its revocation, has that stamped, and
// puts the list of before the revocation into the archive. Whoever looks later,
// with a list that knows of it, must not be content with the old one, not even
// when the certificate has come to its end since.
func TestArchiveOfAThief(t *testing.T) {
	for _, change := range []string{
		"alice.revoked = 2026-05-30; alice.reason = 1",
		"ca[until=2029-01-01]; ca.revoked = 2026-05-30; ca.reason = 2",
	} {
		for _, now := range []string{"2026-06-20", "2026-12-01", "2027-02-01", "2030-01-01"} {
			a := &archive{bench: newBench(t, archived, change)}
			a.sig.Claims.Time = day("2026-05-20")
			token := a.stamp("tsa", formats.SignatureTimestamp, day("2026-06-01").Add(time.Hour))
			token.Raw, token.Covers = []byte("the token of tsa"), []formats.Object{formats.ObjectOf(a.sig.Value)}
			a.p.Now = day("2026-05-28")
			a.sig.Evidence.Revocations = []pki.Revocation{
				{Kind: pki.CRL, Raw: a.p.CRL("ca")}, {Kind: pki.CRL, Raw: a.p.CRL("root")}}
			a.p.Now = day("2026-06-02")
			a.keeper = a.stamp("keeper", formats.ArchiveTimestamp, a.p.Now)
			a.keeper.Raw = []byte("the token of keeper")
			a.keeper.Covers = a.everything()
			a.p.Now = day(now)
			s := a.verify().Verdict.Signatures[0]
			require.NotEqual(t, report.TotalPassed, s.Indication, "%s, asked %s", change, now)
		}
	}
}

// A key that a CA gave up in 2012 must not make lists for it today, though the
// root has certified it under the CA's name.
func TestListByAKeyOfThePast(t *testing.T) {
	b := newBench(t, "alice.revoked = 2026-05-20; alice.reason = 1")
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(99), RawSubject: b.p.Cert("ca").RawSubject,
		NotBefore: day("2010-01-01"), NotAfter: day("2012-01-01"), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}, b.p.Cert("root"), &key.PublicKey, b.p.Signer("root"))
	require.NoError(t, err)
	old, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1 << 40), ThisUpdate: b.p.Now.Add(-time.Minute), NextUpdate: b.p.Now.AddDate(0, 0, 7),
	}, old, key)
	require.NoError(t, err)
	b.v.Revocation = nil
	b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, old)
	b.sig.Evidence.Revocations = []pki.Revocation{{Kind: pki.CRL, Raw: list}, {Kind: pki.CRL, Raw: b.p.CRL("root")}}
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
}

// Who may reorder what came along must not choose the verdict: the newest answer
// counts, wherever it stands.
func TestOrderOfAnswers(t *testing.T) {
	for _, swap := range []bool{false, true} {
		b := newBench(t)
		answer := func(status int, made time.Time) pki.Revocation {
			der, err := ocsp.CreateResponse(b.p.Cert("ca"), b.p.Cert("ca"), ocsp.Response{
				Status: status, SerialNumber: b.p.Cert("alice").SerialNumber, ThisUpdate: made, NextUpdate: b.p.Now.AddDate(0, 0, 3),
			}, b.p.Signer("ca"))
			require.NoError(t, err)
			return pki.Revocation{Kind: pki.OCSP, Raw: der}
		}
		good, unknown := answer(ocsp.Good, b.p.Now.AddDate(0, 0, -3)), answer(ocsp.Unknown, b.p.Now.Add(-time.Minute))
		if swap {
			good, unknown = unknown, good
		}
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = []pki.Revocation{{Kind: pki.CRL, Raw: b.p.CRL("root")}, good, unknown}
		b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
	}
}

// What one rule of a policy found good enough is not remembered for another.
func TestMemoMindsTheRule(t *testing.T) {
	b := newBench(t)
	strict := policy.Default()
	for i := range strict.Formats {
		if strict.Formats[i].ID == formats.CAdES {
			strict.Formats[i].Rule.Policies = policy.Policies{Accept: []string{"1.2.3.4"}}
		}
	}
	b.v.Policy, b.v.Memo = strict, verifier.NewMemo(100)
	b.id = formats.PAdES
	b.expect(report.Valid, report.TotalPassed, "")
	b.id, b.doc.Signatures = formats.CAdES, nil
	b.expect(report.CannotTell, report.Indeterminate, report.ChainConstraintsFailure)
}

// Certificates and lists are not signed by the signer: whoever adds them by the
// hundred to a good file must not be able to keep a verifier busy, nor to keep
// it from being told to stop.
func TestWorkHasAnEnd(t *testing.T) {
	b := newBench(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	name := b.p.Cert("ca").RawSubject
	for i := range 90 {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 100)), RawSubject: name, NotBefore: day("2010-01-01"),
			NotAfter: day("2040-01-01"), IsCA: true, BasicConstraintsValid: true,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, other)
		require.NoError(t, err)
		c, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, c)
	}
	issuer := *b.p.Cert("ca") // and by none of these keys are the lists
	issuer.PublicKey = &other.PublicKey
	for i := range 90 {
		list, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
			Number: big.NewInt(int64(i)), ThisUpdate: b.p.Now.Add(-time.Minute), NextUpdate: b.p.Now.AddDate(0, 0, 7),
		}, &issuer, other)
		require.NoError(t, err)
		b.sig.Evidence.Revocations = append(b.sig.Evidence.Revocations, pki.Revocation{Kind: pki.CRL, Raw: list})
	}
	b.doc.Signatures = []formats.Signature{b.sig}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	r, err := b.v.Verify(t.Context(), b.input())
	require.ErrorIs(t, err, formats.ErrTooLarge)
	require.Nil(t, r)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err = b.v.Verify(stopped, b.input())
	require.ErrorIs(t, err, context.Canceled)
}

// A responder that was trusted until last year answers no more, whatever date it
// writes.
func TestResponderOfThePast(t *testing.T) {
	for _, c := range []struct {
		from, until string
		sub         report.SubIndication
	}{
		{"", "2026-12-31", ""}, {"", "2026-01-01", report.TryLater},
		{"2026-01-01", "", ""}, {"2026-06-02", "", report.TryLater},
	} {
		b := newBench(t, "other -> answers[ocsp], more[ocsp]")
		answers := pki.Anchor{Certificate: b.p.Cert("answers"), Uses: []pki.Use{pki.UseOCSP}}
		if c.from != "" {
			answers.From = day(c.from)
		}
		if c.until != "" {
			answers.Until = day(c.until)
		}
		more := pki.Anchor{Certificate: b.p.Cert("more"), Uses: []pki.Use{pki.UseOCSP}} // who has said nothing
		b.v.Trust = append(b.trusting("root"), answers, more)
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = []pki.Revocation{{Kind: pki.CRL, Raw: b.p.CRL("root")}, b.answer("alice", "answers", plain)}
		require.Equal(t, c.sub, b.verify().Verdict.Signatures[0].SubIndication, "%+v", c)
	}
}
