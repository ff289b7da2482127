package verifier_test

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// known are issuers by the name of whom they certified.
type known map[string][]*x509.Certificate

func (k known) Issuers(_ context.Context, c *x509.Certificate) ([]*x509.Certificate, error) {
	return k[c.Subject.CommonName], nil
}

// Issuers from elsewhere fill the middle of a path, and are bounded like those
// that came with the document.
func TestIssuersFromElsewhere(t *testing.T) {
	long := "root -> top -> middle -> zoe"
	from := func(limit func(*policy.Limits), more ...string) func(*bench) {
		return func(b *bench) {
			b.sig = b.signed("zoe", "zoe's", content)
			b.sig.Evidence.Certificates = b.sig.Evidence.Certificates[:1]
			middle, top := b.p.Cert("middle"), b.p.Cert("top")
			k := known{"zoe": {middle}, "middle": {top, top, middle}, "top": {b.p.Cert("root"), middle, top}}
			for _, name := range more {
				k["zoe"] = append([]*x509.Certificate{b.p.Cert(name)}, k["zoe"]...)
			}
			b.v.Issuers = k
			limit(&b.v.Policy.Limits)
		}
	}
	none := report.NoCertificateChainFound
	judgeBends(t, []bend{
		{"in a row", long, from(func(*policy.Limits) {}), ""},
		{"strangers among them", long, from(func(*policy.Limits) {}, "alice", "bob"), ""},
		{"as many as allowed", long, from(func(l *policy.Limits) { l.Certificates = 3 }), ""},
		{"as many as allowed, one of them twice", long, from(func(l *policy.Limits) { l.Certificates = 3 }, "middle"), ""},
		{"one too few", long, from(func(l *policy.Limits) { l.Certificates = 2 }), none},
		{"strangers in the place of those", long, from(func(l *policy.Limits) { l.Certificates = 3 }, "alice", "bob"), none},
		{"too large", "root -> top -> middle -> zoe", func(b *bench) {
			from(func(l *policy.Limits) {})(b)
			b.v.Policy.Limits.CertificateBytes = len(b.p.Cert("middle").Raw) - 1
		}, none},
		{"as large as allowed", "root -> top -> middle -> zoe", func(b *bench) {
			from(func(l *policy.Limits) {})(b)
			b.v.Policy.Limits.CertificateBytes = max(len(b.p.Cert("zoe").Raw), len(b.p.Cert("middle").Raw), len(b.p.Cert("top").Raw))
		}, ""},
	})
}

// Where several paths lead to an anchor, one whose issuer was revoked must not
// hide the one that is in force, nor the other way round.
func TestSeveralPaths(t *testing.T) {
	twoWays := func(add ...string) func(*bench) {
		return func(b *bench) {
			for _, name := range add {
				b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert(name))
			}
		}
	}
	other := "second -> ca2[cn=ca, key=ca] -> dummy; "
	judgeBends(t, []bend{
		{"both in force", other, twoWays("ca2"), ""},
		{"one revoked", other + "root.revoked(ca)", twoWays("ca2"), ""},
		{"the other revoked", other + "second.revoked(ca2)", twoWays("ca2"), ""},
		{"both revoked", other + "root.revoked(ca); second.revoked(ca2)", twoWays("ca2"), report.RevokedCANoPOE},
		{"one is trusted", other + "root.revoked(ca)", func(b *bench) {
			twoWays("ca2")(b)
			b.v.Trust = pki.Anchors{{Certificate: b.p.Cert("second"), Uses: []pki.Use{pki.UseSign}, Source: "me"}}
		}, ""},
	})
}

// Anchors that are none, or stand there twice, change nothing.
func TestOddAnchors(t *testing.T) {
	anchored := func(times ...pki.Anchor) func(*bench) {
		return func(b *bench) {
			var list pki.Anchors
			for _, a := range times {
				a.Certificate, a.Uses, a.Source = b.p.Cert("root"), []pki.Use{pki.UseSign}, "me"
				list = append(list, a)
			}
			b.v.Trust = list
		}
	}
	judgeBends(t, []bend{
		{"one without a certificate", "", func(b *bench) {
			b.v.Trust = append(pki.Anchors{{Uses: []pki.Use{pki.UseSign}}}, b.p.Anchors()...)
		}, ""},
		{"only one without a certificate", "", func(b *bench) { b.v.Trust = pki.Anchors{{Uses: []pki.Use{pki.UseSign}}} }, report.NoCertificateChainFound},
		{"twice", "", func(b *bench) { b.v.Trust = append(b.p.Anchors(), b.p.Anchors()...) }, ""},
		{"no more, and since then again", "", anchored(
			pki.Anchor{Until: day("2026-01-01")}, pki.Anchor{From: day("2026-02-01")}), ""},
		{"no more, and always", "", anchored(pki.Anchor{Until: day("2026-01-01")}, pki.Anchor{}), ""},
		{"not yet, and always", "", anchored(pki.Anchor{From: day("2027-01-01")}, pki.Anchor{}), ""},
		{"five times, and another for the path that is in force", "second -> ca2[cn=ca, key=ca] -> dummy; root.revoked(ca)", func(b *bench) {
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert("ca2"))
			root, second := b.trusting("root")[0], b.trusting("second")[0]
			b.v.Trust = pki.Anchors{root, root, root, root, root, second}
		}, ""},
		{"a refusal that another of another time would not heal", "", func(b *bench) {
			b.issueSigner("ca", "odd", func(c *x509.Certificate) {
				c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
			})
			anchored(pki.Anchor{}, pki.Anchor{Until: day("2026-01-01")})(b)
		}, report.CertificateChainGeneralFailure},
		{"for two uses", "", func(b *bench) { b.rule().Also = []pki.Use{pki.UseTimestamp, pki.UseSign} }, ""},
		{"by another use alone", "", func(b *bench) {
			b.v.Trust = b.p.Anchors(pki.UseTimestamp)
			b.rule().Also = []pki.Use{pki.UseTimestamp}
		}, ""},
	})
}

// Stamps of every kind, and what a policy may make of one that fails.
func TestStampsByPolicy(t *testing.T) {
	stranger := func(b *bench) {
		b.v.Trust = pki.Anchors{{Certificate: b.p.Cert("root"), Uses: []pki.Use{pki.UseSign}, Source: "me"}}
		b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute))
	}
	broken := func(b *bench) {
		b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute)).Signature.Value[9] ^= 1
	}
	under := func(s policy.Stamps, do func(*bench)) func(*bench) {
		return func(b *bench) {
			do(b)
			b.v.Policy.Stamps = s
		}
	}
	tooMany := func(b *bench) {
		b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-20"))
		b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-10"))
		b.v.Policy.Limits.Timestamps = 1
	}
	refused := report.SigConstraintsFailure
	judgeBends(t, []bend{
		{"a stranger's", "", under(policy.RefuseBroken, stranger), ""},
		{"a stranger's, dropped", "", under(policy.DropFailing, stranger), ""},
		{"a stranger's, refused", "", under(policy.RefuseFailing, stranger), refused},
		{"broken", "", under(policy.RefuseBroken, broken), refused},
		{"broken, dropped", "", under(policy.DropFailing, broken), ""},
		{"broken, refused", "", under(policy.RefuseFailing, broken), refused},
		{"good, and all must be", "", under(policy.RefuseFailing, func(b *bench) {
			b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute))
		}), ""},
		{"more than are looked at", "", tooMany, report.SigConstraintsFailure},
		{"more than are looked at, dropped", "", under(policy.DropFailing, tooMany), ""},
		{"by nobody", "", func(b *bench) {
			b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-20")).Signature.Signer = formats.CertificateRef{}
		}, ""},
		{"without a name", "", func(b *bench) {
			b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-20")).Signature.Name = ""
		}, ""},
		{"older than its authority", "", func(b *bench) {
			b.stamp("tsa", formats.SignatureTimestamp, day("2019-05-20"))
		}, ""},
		{"two over the content, the later counts", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.ContentTimestamp, day("2026-05-20"))
			b.stamp("tsa", formats.ContentTimestamp, day("2026-04-20"))
		}, report.Revoked},
		{"two over the content, in the other order", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.ContentTimestamp, day("2026-04-20"))
			b.stamp("tsa", formats.ContentTimestamp, day("2026-05-20"))
		}, report.Revoked},
		{"over the content, at the revocation", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.ContentTimestamp, day("2026-05-01"))
		}, report.Revoked},
		{"over the content, before the revocation", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.ContentTimestamp, day("2026-04-20"))
		}, report.RevokedNoPOE},
		{"over evidence without the signature", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.EvidenceTimestamp, day("2026-04-20"))
		}, report.RevokedNoPOE},
		{"over evidence with the signature", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.EvidenceTimestamp, day("2026-04-20")).Covers = []formats.Object{formats.ObjectOf(b.sig.Value)}
		}, ""},
		{"two over the signature, the later first", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-20"))
			b.stamp("tsa", formats.SignatureTimestamp, day("2026-04-20"))
		}, ""},
		{"two over the signature, the earlier first", "alice.revoked = 2026-05-01", func(b *bench) {
			b.sig.Claims.Time = day("2026-04-01")
			b.stamp("tsa", formats.SignatureTimestamp, day("2026-04-20"))
			b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-20"))
		}, ""},
	})
}

// What is odd in a document, but decides nothing, is told as it is.
func TestOddFacts(t *testing.T) {
	year := func(n int) func(*bench) {
		return func(b *bench) { b.sig.Claims.Time = time.Date(n, 1, 2, 0, 0, 0, 0, time.UTC) }
	}
	named := func(name pkix.Name) func(*bench) {
		return func(b *bench) { b.issueSigner("ca", "x", func(c *x509.Certificate) { c.Subject = name }) }
	}
	judgeBends(t, []bend{
		{"claimed in the year 1", "", year(1), ""},
		{"claimed in the year 0", "", year(0), ""},
		{"claimed in the year 9999", "", year(9999), ""},
		{"claimed in the year 10000", "", year(10000), ""},
		{"an organisation", "", named(pkix.Name{Organization: []string{"The Post"}}), ""},
		{"an organisation of its own name", "", named(pkix.Name{CommonName: "The Post", Organization: []string{"The Post"}}), ""},
		{"a person of an organisation", "", named(pkix.Name{CommonName: "Clerk", Organization: []string{"The Post"}}), ""},
		{"a serial number for a name", "", named(pkix.Name{SerialNumber: "42"}), ""},
		{"no name at all", "", named(pkix.Name{}), ""},
		{"a signature policy", "", func(b *bench) { b.sig.Claims.Policy = "1.2.3.4" }, ""},
		{"a country", "", named(pkix.Name{Country: []string{"UT"}}), ""},
		{"a defect without a clause", "", func(b *bench) { b.sig.Defects = []formats.Defect{{Text: "odd"}} }, ""},
		{"a defect with one", "", func(b *bench) { b.sig.Defects = []formats.Defect{{Text: "odd", Clause: "RFC 5652 5.3"}} }, ""},
		{"not wholly covered, and nothing came after", "", func(b *bench) { b.sig.Coverage = formats.Coverage{} }, report.SigConstraintsFailure},
		{"said to be whole, and something came after", "", func(b *bench) {
			b.sig.Coverage = formats.Coverage{Whole: true, After: 1}
		}, report.SigConstraintsFailure},
		{"references that are not needed", "", func(b *bench) {
			b.sig.References = nil
			b.rule().References = false
		}, ""},
	})
}

// A stamp over the document that is forged says that the document has changed,
// even where its signatures stand without it.
func TestForgedDocumentStamp(t *testing.T) {
	for _, broken := range []bool{false, true} {
		b := newBench(t)
		b.sig.Coverage = formats.Coverage{After: 1000, Harmless: true}
		stamp := b.signed("tsa", "stamp", content)
		stamp.Stamp = &formats.Timestamp{Time: day("2026-04-01")}
		if broken {
			stamp.Value[9] ^= 1
			stamp.Coverage = formats.Coverage{After: 2000, Harmless: true} // of before the signature
		}
		b.v.Policy.Stamps = policy.DropFailing
		b.v.Policy.Name = "bent"
		b.doc.Signatures = []formats.Signature{stamp}
		r := b.verify()
		require.Equal(t, report.TotalPassed, r.Verdict.Signatures[0].Indication)
		require.Equal(t, !broken, r.Verdict.Status == report.Valid)
	}
}

// As many signatures as are allowed are judged; one more, and none is.
func TestSignaturesByLimit(t *testing.T) {
	for limit, good := range map[int]bool{1: false, 2: true, 3: true} {
		b := newBench(t)
		b.v.Policy.Limits.Signatures = limit
		b.v.Policy.Name = "bent"
		b.doc.Signatures = []formats.Signature{b.signed("bob", "bob's", content)}
		b.doc.Signatures = append([]formats.Signature{b.sig}, b.doc.Signatures...)
		b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
		r, err := b.v.Verify(t.Context(), b.input())
		require.Equal(t, good, err == nil && r.Verdict.Status == report.Valid, "%d %v", limit, err)
	}
}

// A certificate by itself is judged by the rule that is given, or not at all.
func TestCertificateByItself(t *testing.T) {
	b := newBench(t)
	rule := *b.rule()
	with := formats.Evidence{Certificates: b.p.Chain("alice")}
	s, err := b.v.Certificate(t.Context(), b.p.Cert("alice"), with, rule)
	require.NoError(t, err)
	require.Equal(t, report.TotalPassed, s.Indication)
	require.Len(t, s.Chain, 3)
	require.NotEmpty(t, s.Chain[2].Anchor)
	heard := func(s report.Signature) {
		hear(t, &report.Report{Verdict: report.Verdict{Signatures: []report.Signature{s}}})
	}
	heard(s)

	s, err = b.v.Certificate(t.Context(), b.p.Cert("root"), formats.Evidence{}, rule)
	require.NoError(t, err)
	require.Len(t, s.Chain, 1)
	heard(s)

	b.v.Policy.Keys = nil
	s, err = b.v.Certificate(t.Context(), b.p.Cert("alice"), with, rule)
	require.NoError(t, err)
	require.Equal(t, report.CryptoConstraintsFailure, s.SubIndication)
	heard(s)

	s, err = b.v.Certificate(t.Context(), b.p.Cert("alice"), formats.Evidence{}, rule)
	require.NoError(t, err)
	heard(s)
	require.Equal(t, report.NoCertificateChainFound, s.SubIndication)
	require.Len(t, s.Chain, 1)
	require.Empty(t, s.Chain[0].Anchor)

	for name, v := range map[string]verifier.Verifier{
		"no policy": {Trust: b.v.Trust, Now: b.v.Now}, "no clock": {Trust: b.v.Trust, Policy: b.v.Policy},
	} {
		_, err = v.Certificate(t.Context(), b.p.Cert("alice"), with, rule)
		require.Error(t, err, name)
		v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: []formats.Signature{b.sig}}}}
		_, err = v.Verify(t.Context(), b.input())
		require.Error(t, err, name)
		require.NotErrorIs(t, err, verifier.ErrDefect, name)
	}
	_, err = b.v.Certificate(t.Context(), nil, with, rule)
	require.Error(t, err)
	require.NotErrorIs(t, err, verifier.ErrDefect)
	gone := errors.New("gone")
	b.v.Revocation = fixed{err: gone}
	_, err = b.v.Certificate(t.Context(), b.p.Cert("alice"), with, rule)
	require.ErrorIs(t, err, gone)
}
