package verifier_test

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier/report"
)

func TestProvenTime(t *testing.T) {
	b := newBench(t)
	b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-30*time.Minute))
	b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-20*time.Minute))
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "when.proven", s.Answers[3].Code)
	require.Equal(t, b.p.Now.Add(-30*time.Minute), *s.BestTime, "the earliest counts")
	require.Len(t, s.Timestamps, 2)
	require.Equal(t, report.TotalPassed, s.Timestamps[0].Indication)
}

// What happened to the certificate after the proven time does no harm.
func TestTimeHeals(t *testing.T) {
	b := newBench(t, "alice.revoked = 2026-05-01")
	b.stamp("tsa", formats.SignatureTimestamp, day("2026-04-01"))
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "force.then", s.Answers[4].Code)

	b = newBench(t, "alice.revoked = 2026-05-01")
	b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-10"))
	b.sig.Claims.Time = day("2026-04-01")
	s = b.expect(report.CannotTell, report.Indeterminate, report.RevokedNoPOE)
	require.Equal(t, "force.revoked", s.Answers[4].Code)
	require.Equal(t, report.No, s.Answers[4].Mark)
}

func TestExpiredSince(t *testing.T) {
	b := newBench(t)
	b.stamp("tsa", formats.SignatureTimestamp, day("2026-06-01"))
	b.sig.Claims.Time = day("2026-06-01")
	for _, name := range []string{"alice", "ca"} {
		list, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert(name), nil)
		require.NoError(t, err)
		b.sig.Evidence.Revocations = append(b.sig.Evidence.Revocations, list...)
	}
	b.p.Now = day("2028-01-01") // alice's certificate ended in 2027
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "force.then", s.Answers[4].Code)

	// Lists made after the end say nothing: issuers drop what has expired.
	b.sig.Evidence.Revocations = nil
	b.doc.Signatures = nil
	s = b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
	require.Equal(t, report.Unknown, s.Answers[4].Mark)
}

func TestRevoked(t *testing.T) {
	for name, c := range map[string]struct {
		change  string
		claimed string
		status  report.Status
		ind     report.Indication
		sub     report.SubIndication
	}{
		"after it says it signed":  {"alice.revoked = 2026-05-01", "2026-04-01", report.CannotTell, report.Indeterminate, report.RevokedNoPOE},
		"before it says it signed": {"alice.revoked = 2026-05-01", "2026-05-02", report.NotValid, report.TotalFailed, report.Revoked},
		"issuer":                   {"ca.revoked = 2026-05-01", "2026-04-01", report.CannotTell, report.Indeterminate, report.RevokedCANoPOE},
		"suspended":                {"alice.revoked = 2026-05-01; alice.reason = 6", "2026-04-01", report.CannotTell, report.Indeterminate, report.TryLater},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, c.change)
			b.sig.Claims.Time = day(c.claimed)
			b.expect(c.status, c.ind, c.sub)
		})
	}
}

// A content time-stamp proves that the signature is younger: revoked before,
// it was revoked when it signed.
func TestContentStampProvesRevocationBefore(t *testing.T) {
	b := newBench(t, "alice.revoked = 2026-05-01")
	b.sig.Claims.Time = day("2026-04-01")
	b.stamp("tsa", formats.ContentTimestamp, day("2026-05-20"))
	b.expect(report.NotValid, report.TotalFailed, report.Revoked)

	b = newBench(t)
	b.stamp("tsa", formats.ContentTimestamp, day("2026-05-20"))
	b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-10"))
	b.expect(report.CannotTell, report.Indeterminate, report.TimestampOrderFailure)
}

// A signature that existed before its certificate was not made under it.
func TestStampBeforeCertificate(t *testing.T) {
	b := newBench(t)
	b.stamp("tsa", formats.SignatureTimestamp, day("2025-11-01"))
	s := b.expect(report.NotValid, report.TotalFailed, report.NotYetValid)
	require.Equal(t, "when.order", s.Answers[3].Code)
}

// A token that does not wholly validate proves no time. One that is forged or
// copied also says that somebody has been at the file.
func TestWorthlessStamps(t *testing.T) {
	for name, c := range map[string]struct {
		bend func(*bench, *formats.Timestamp)
		sub  report.SubIndication
	}{
		"over another value": {func(b *bench, ts *formats.Timestamp) {
			ts.Signature = b.signed("tsa", "copied", []byte("another value"))
			ts.Signature.References[0].Open = reference("value", b.sig.Value).Open
		}, report.HashFailure},
		"value changed": {func(_ *bench, ts *formats.Timestamp) { ts.Signature.Value[9] ^= 1 }, report.SigCryptoFailure},
		"made by a signer of files": {func(b *bench, ts *formats.Timestamp) {
			ts.Signature = b.signed("bob", "bob's", b.sig.Value)
		}, report.ChainConstraintsFailure},
		"purpose not critical": {func(b *bench, ts *formats.Timestamp) {
			b.p.Issue("ca", "lax", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping} })
			ts.Signature = b.signed("lax", "lax", b.sig.Value)
		}, report.ChainConstraintsFailure},
		"purpose not the only one": {func(b *bench, ts *formats.Timestamp) {
			b.p.Issue("ca", "wide", func(c *x509.Certificate) {
				c.ExtraExtensions = append(c.ExtraExtensions, extendedKeyUsage(t, true, 8, 4))
			})
			ts.Signature = b.signed("wide", "wide", b.sig.Value)
		}, report.ChainConstraintsFailure},
		"in the future": {func(b *bench, ts *formats.Timestamp) { ts.Time = b.p.Now.Add(time.Hour) }, report.TimestampOrderFailure},
		"no time":       {func(_ *bench, ts *formats.Timestamp) { ts.Time = time.Time{} }, report.TimestampOrderFailure},
		"attribute absent": {func(_ *bench, ts *formats.Timestamp) {
			ts.Signature.Signer.Attribute, ts.Signature.Signer.Digest = false, nil
		}, report.SigConstraintsFailure},
		"no references": {func(_ *bench, ts *formats.Timestamp) { ts.Signature.References = nil }, report.FormatFailure},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			ts := b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute))
			c.bend(b, ts)
			s := b.verify().Verdict.Signatures[0]
			switch c.sub {
			case report.HashFailure, report.SigCryptoFailure, report.FormatFailure:
				require.Equal(t, report.SigConstraintsFailure, s.SubIndication)
				require.Equal(t, "time.whole", failedChecks(s)[0].ID)
			default:
				require.Equal(t, report.TotalPassed, s.Indication)
			}
			require.Equal(t, "when.unproven", s.Answers[3].Code)
			require.Nil(t, s.BestTime)
			require.Equal(t, c.sub, s.Timestamps[0].SubIndication)
			require.Contains(t, notes(s.Notes), "proves nothing")
		})
	}
}

// extendedKeyUsage is the extension with purposes of id-kp.
func extendedKeyUsage(t testing.TB, critical bool, purposes ...int) (out pkix.Extension) {
	var list []asn1.ObjectIdentifier
	for _, p := range purposes {
		list = append(list, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, p})
	}
	der, err := asn1.Marshal(list)
	require.NoError(t, err)
	out.Id, out.Critical, out.Value = asn1.ObjectIdentifier{2, 5, 29, 37}, critical, der
	return out
}

// Keys certified for time, status answers or servers do not sign files; nor do
// keys certified for encryption.
func TestPurposeOfSigner(t *testing.T) {
	for name, edit := range map[string]func(*x509.Certificate){
		"TLS server": func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} },
		"OCSP":       func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} },
		"encryption": func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.p.Issue("ca", "other", edit)
			b.sig = b.signed("other", "other's", content)
			s := b.expect(report.CannotTell, report.Indeterminate, report.ChainConstraintsFailure)
			require.Equal(t, "vouches.refused", s.Answers[2].Code)
		})
	}
}

// An extension that is critical and not known may take back everything that
// the certificate says.
func TestCriticalExtension(t *testing.T) {
	b := newBench(t)
	b.p.Issue("ca", "odd", func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
			Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0},
		})
	})
	b.sig = b.signed("odd", "odd's", content)
	b.expect(report.CannotTell, report.Indeterminate, report.CertificateChainGeneralFailure)
}

// The certificate of a responder ends, and the answer is fresh still: whoever has
// the key by now could have written it. A proof that it is older helps, another
// source does, and what it says of a revocation counts all the same.
func TestResponderWhoseCertificateHasEnded(t *testing.T) {
	late := func(change ...string) *bench {
		// The library that writes answers has them produced today.
		b := newBench(t, append(change, "ca -> responder[ocsp]; responder[until=2034-06-03]; alice[until=2039-01-01]")...)
		b.p.Now = day("2034-06-01")
		list, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert("ca"), nil)
		require.NoError(t, err)
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = append(list, pki.Revocation{Kind: pki.OCSP, Raw: b.p.OCSP("alice", "responder")})
		b.p.Now = day("2034-06-04")
		return b
	}
	s := late().expect(report.CannotTell, report.Indeterminate, report.RevocationOutOfBoundsNoPOE)
	require.Contains(t, failedChecks(s)[0].Detail, "the certificate of the responder has ended")
	late("alice.revoked = 2026-05-30").expect(report.NotValid, report.TotalFailed, report.Revoked)

	b := late()
	b.p.Now = day("2034-06-03") // its very end
	b.expect(report.Valid, report.TotalPassed, "")

	b = late()
	b.sig.Evidence.Revocations = append(b.sig.Evidence.Revocations, pki.Revocation{Kind: pki.CRL, Raw: b.p.CRL("ca")})
	b.expect(report.Valid, report.TotalPassed, "")

	b = late()
	ts := b.stamp("tsa", formats.ArchiveTimestamp, day("2034-06-02"))
	ts.Covers = []formats.Object{formats.ObjectOf(b.sig.Evidence.Revocations[len(b.sig.Evidence.Revocations)-1].Raw)}
	b.v.Revocation = notAlice{b.p}
	b.expect(report.Valid, report.TotalPassed, "")
}

// What is known of the authority of the last time-stamp cannot be proven by a
// later one: that its responder's certificate has ended does no harm there.
func TestResponderOfAStamp(t *testing.T) {
	b := newBench(t, "ca -> responder[ocsp]; responder[until=2034-06-03]; alice[until=2039-01-01]")
	b.p.Now = day("2034-06-01")
	lists, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert("ca"), nil)
	require.NoError(t, err)
	b.stamp("tsa", formats.SignatureTimestamp, day("2034-05-31"))
	b.sig.Evidence.Revocations = append(lists, pki.Revocation{Kind: pki.OCSP, Raw: b.p.OCSP("tsa", "responder")})
	b.p.Now = day("2034-06-04")
	b.v.Revocation = notTSA{b.p}
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, day("2034-05-31"), *s.BestTime)
}

// notTSA tells of all but the time-stamp authority.
type notTSA struct{ p *pkitest.PKI }

func (s notTSA) Revocation(ctx context.Context, cert, issuer *x509.Certificate) ([]pki.Revocation, error) {
	if cert.Equal(s.p.Cert("tsa")) {
		return nil, nil
	}
	return s.p.Revocation().Revocation(ctx, cert, issuer)
}

// notAlice tells of all but alice.
type notAlice struct{ p *pkitest.PKI }

func (s notAlice) Revocation(ctx context.Context, cert, issuer *x509.Certificate) ([]pki.Revocation, error) {
	if cert.Equal(s.p.Cert("alice")) {
		return nil, nil
	}
	return s.p.Revocation().Revocation(ctx, cert, issuer)
}

func TestOCSP(t *testing.T) {
	judge := func(change string, ocsp func(*pkitest.PKI) []byte) *bench {
		b := newBench(t, change)
		list, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert("ca"), nil)
		require.NoError(t, err)
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = append(list, pki.Revocation{Kind: pki.OCSP, Raw: ocsp(b.p)})
		return b
	}
	direct := func(p *pkitest.PKI) []byte { return p.OCSP("alice") }
	judge("", direct).expect(report.Valid, report.TotalPassed, "")
	judge("alice.revoked = 2026-05-30", direct).expect(report.NotValid, report.TotalFailed, report.Revoked)

	delegated := func(p *pkitest.PKI) []byte { return p.OCSP("alice", "responder") }
	judge("ca -> responder[ocsp]", delegated).expect(report.Valid, report.TotalPassed, "")

	// A responder that the issuer did not make one: any user could say "good".
	judge("ca -> responder[sign]", delegated).expect(report.CannotTell, report.Indeterminate, report.TryLater)
	// One of another CA.
	judge("root -> responder[ocsp]", delegated).expect(report.CannotTell, report.Indeterminate, report.TryLater)
	// An answer about somebody else.
	judge("", func(p *pkitest.PKI) []byte { return p.OCSP("bob") }).
		expect(report.CannotTell, report.Indeterminate, report.TryLater)
	// A namesake: the same serial number, from another issuer.
	b := judge("root -> ca2 -> carol", direct)
	serial := b.p.Cert("alice").SerialNumber
	b.p.Issue("ca2", "namesake", func(c *x509.Certificate) { c.SerialNumber = serial })
	b.sig.Evidence.Revocations[len(b.sig.Evidence.Revocations)-1].Raw = b.p.OCSP("namesake")
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
	// Stale: the answer ran out.
	b = judge("", direct)
	b.p.Now = b.p.Now.AddDate(0, 0, 30)
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
	// From the future.
	b = judge("", direct)
	b.p.Now = b.p.Now.Add(-24 * time.Hour)
	b.sig.Claims.Time = b.p.Now
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
}

// A list by somebody else with the issuer's name says nothing.
func TestForeignCRL(t *testing.T) {
	b := newBench(t)
	other := newBench(t)
	other.p.Now = b.p.Now.Add(time.Minute)
	b.v.Revocation = other.p.Revocation()
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
}

func TestShortLivedCertificateNeedsNoList(t *testing.T) {
	b := newBench(t)
	b.p.Issue("ca", "brief", func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = b.p.Now.Add(-time.Hour), b.p.Now.Add(time.Hour)
	})
	list, err := b.p.Revocation().Revocation(t.Context(), b.p.Cert("ca"), nil)
	require.NoError(t, err)
	b.v.Revocation = nil
	b.sig = b.signed("brief", "brief's", content)
	b.sig.Evidence.Revocations = list
	b.sig.Claims.Time = b.p.Now
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "force.short", s.Answers[4].Code)
}

// A certificate that the operator trusts directly needs no other.
func TestSignerIsAnchor(t *testing.T) {
	b := newBench(t)
	b.v.Trust = pki.Anchors{{Certificate: b.p.Cert("alice"), Uses: []pki.Use{pki.UseSign}, Source: "me"}}
	b.v.Revocation = nil
	s := b.expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "vouches.self", s.Answers[2].Code)
	require.Equal(t, "force.anchor", s.Answers[4].Code)
}

// A time-stamp of the document as it stood proves the time of every signature
// that was in it by then, and is no signature itself.
func TestDocumentStamp(t *testing.T) {
	with := func(bend func(*formats.Signature)) *bench {
		b := newBench(t, "alice.revoked = 2026-05-01")
		b.sig.Coverage = formats.Coverage{After: 1000, Harmless: true}
		sig := b.signed("tsa", "stamp", content)
		sig.Stamp = &formats.Timestamp{Time: day("2026-04-01")}
		sig.Claims.Time = day("2001-01-01") // what a PDF dictionary says counts for nothing
		bend(&sig)
		b.doc.Signatures = []formats.Signature{sig}
		return b
	}
	s := with(func(*formats.Signature) {}).expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, day("2026-04-01"), *s.BestTime)

	// One that was made before the signature was added proves nothing of it.
	with(func(s *formats.Signature) { s.Coverage = formats.Coverage{After: 2000, Harmless: true} }).
		expect(report.NotValid, report.TotalFailed, report.Revoked)

	// Nor does one that was made together with it.
	with(func(s *formats.Signature) { s.Coverage = formats.Coverage{After: 1000, Harmless: true} }).
		expect(report.NotValid, report.TotalFailed, report.Revoked)

	// One that does not fit says that the document has changed.
	b := with(func(s *formats.Signature) { s.References[0].Want[0] ^= 1 })
	require.Equal(t, report.NotValid, b.verify().Verdict.Status)

	// Alone, it makes no signed document.
	b = with(func(*formats.Signature) {})
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	r, err := b.v.Verify(t.Context(), b.input())
	require.NoError(t, err)
	require.Equal(t, report.NotSigned, r.Verdict.Status)
	require.Contains(t, r.Document.Notes[0].Text, "TOTAL-PASSED")
}

// An anchor that is trusted no more still vouches for what was signed while it
// was, if the time is proven.
func TestAnchorOfThen(t *testing.T) {
	b := newBench(t)
	anchors := b.p.Anchors(pki.UseSign)
	anchors[0].Until = day("2026-05-01")
	b.v.Trust = append(anchors, b.p.Anchors(pki.UseTimestamp)...)
	b.stamp("tsa", formats.SignatureTimestamp, day("2026-04-01"))
	b.expect(report.Valid, report.TotalPassed, "")
}
