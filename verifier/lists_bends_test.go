package verifier_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// Who may sign the lists of an authority beside its own key, in the corners of
// the rule.
func TestSignersOfListsByTheRule(t *testing.T) {
	with := func(do func(*bench), more ...string) func(*bench) {
		return func(b *bench) {
			for _, who := range more {
				b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert(who))
			}
			do(b)
		}
	}
	unsaid := func(c *x509.Certificate) {
		c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = "ca", true, true, 0
	}
	judgeBends(t, []bend{
		// The certificate that the root gave its new key must not be vouched for
		// by that key.
		{"for itself", "root -> root2[cn=root] -> zoe", func(b *bench) {
			b.sig = b.signed("zoe", "zoe's", content)
			b.v.Revocation = fixed{list: []pki.Revocation{b.listBy("root2")}}
		}, report.TryLater},
		{"a forgery, beside a key that might have", "root -> ca2[cn=ca] -> dummy", with(func(b *bench) {
			b.only(newBench(b.t).lists(b.p.Now, "ca")...)
		}, "ca2"), report.TryLater},
		{"a key of tomorrow", "root -> ca2[cn=ca, from=2026-06-02] -> dummy", with(func(b *bench) { b.only(b.listBy("ca2")) }, "ca2"), report.TryLater},
		{"a key that is too short", "root -> ca2[cn=ca, rsa2048] -> dummy", with(func(b *bench) {
			b.v.Policy.Keys = slices.DeleteFunc(b.v.Policy.Keys, func(k policy.Key) bool { return k.Kind == policy.RSA && k.Bits < 3000 })
			b.only(b.listBy("ca2"))
		}, "ca2"), report.TryLater},
		{"a key that nobody said is for lists", "", func(b *bench) {
			b.p.Issue("root", "ca2", unsaid)
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert("ca2"))
			issuer := *b.p.Cert("ca2")
			issuer.KeyUsage = x509.KeyUsageCRLSign
			b.only(b.listOf(&issuer, "ca2"))
		}, report.TryLater},
		// Whose list speaks of whose list, and so on: at some depth there is an end.
		{"one behind the other", "root -> ca2[cn=ca] -> dummy; root -> root2[cn=root] -> dummy2; root -> root3[cn=root] -> dummy3",
			with(func(b *bench) {
				b.v.Revocation = fixed{list: []pki.Revocation{b.listBy("ca2"), b.listBy("root2"), b.listBy("root3")}}
			}, "ca2", "root2", "root3"), ""},
	})
}

// listOf is a list of an issuer as it is given, by the key of a name.
func (b *bench) listOf(issuer *x509.Certificate, key string, more ...pkix.Extension) pki.Revocation {
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(10), ThisUpdate: b.p.Now, NextUpdate: b.p.Now.AddDate(0, 0, 7), ExtraExtensions: more,
	}, issuer, b.p.Signer(key))
	require.NoError(b.t, err)
	return pki.Revocation{Kind: pki.CRL, Raw: der, Source: "list of " + key}
}

// A certificate does not say where its lists are, because that cannot be read:
// then none speaks of it.
func TestUnreadableDistributionPoints(t *testing.T) {
	b := newBench(t)
	b.issueSigner("ca", "x", func(c *x509.Certificate) {
		c.CRLDistributionPoints = nil
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 31}, Value: []byte{0x30, 0}}}
	})
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
}

// A status that rests on a list and on its changes is in the document only if
// both are.
func TestListAndItsChanges(t *testing.T) {
	for _, c := range []struct {
		base, delta bool // whether they came with the document
		good        bool
	}{{true, true, true}, {true, false, false}, {false, true, false}} {
		b := newBench(t)
		number, err := asn1.Marshal(9)
		require.NoError(t, err)
		base := b.listBy("ca")
		delta := b.listOf(b.p.Cert("ca"), "ca", pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: number})
		own := []pki.Revocation{}
		b.sig.Evidence.Revocations = b.lists(b.p.Now, "root")
		for _, l := range []struct {
			list     pki.Revocation
			embedded bool
		}{{base, c.base}, {delta, c.delta}} {
			if l.embedded {
				b.sig.Evidence.Revocations = append(b.sig.Evidence.Revocations, l.list)
			} else {
				own = append(own, l.list)
			}
		}
		b.v.Revocation = fixed{list: own}
		b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Second))
		b.rule().Levels = []formats.Level{formats.LevelLT}
		b.v.Policy.Name = "bent"
		r := b.verify()
		require.Equal(t, c.good, r.Verdict.Status == report.Valid, "%+v %+v", c, failedChecks(r.Verdict.Signatures[0]))
	}
}

// What answers say of their own time.
func TestAnswersByTheirTime(t *testing.T) {
	cutoff := func(at string) func(*ocsp.Response) {
		return func(r *ocsp.Response) {
			der, err := asn1.MarshalWithParams(day(at), "generalized")
			require.NoError(t, err)
			r.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 6}, Value: der}}
		}
	}
	expired := func(edit func(*ocsp.Response)) func(*bench) {
		return func(b *bench) {
			b.p.Now = day("2028-01-01") // alice's certificate ended in 2027
			b.sig.Claims.Time = day("2026-06-01")
			b.only(b.answer("alice", "ca", edit))
		}
	}
	judgeBends(t, []bend{
		{"no end", "", func(b *bench) {
			b.rule().Freshness = policy.Freshness{MaxAge: 48 * time.Hour}
			b.only(b.answer("alice", "ca", func(r *ocsp.Response) { r.NextUpdate = time.Time{} }))
		}, ""},
		{"from the network", "", func(b *bench) {
			r := b.answer("alice", "ca", plain)
			r.Source = "fetched from http://answers.example/"
			b.only(r)
		}, ""},
		{"after the end", "", expired(plain), report.OutOfBoundsNoPOE},
		{"after the end, of one who keeps them since before", "", expired(cutoff("2026-01-01")), report.OutOfBoundsNotRevoked},
		{"after the end, of one who keeps them since later", "", expired(cutoff("2027-06-01")), report.OutOfBoundsNoPOE},
		{"of this very moment, and none may be older", "", func(b *bench) {
			b.rule().Freshness, b.v.Policy.Revocation.Skew = policy.Freshness{}, 0
			b.only(b.answer("alice", "ca", func(r *ocsp.Response) { r.ThisUpdate = b.p.Now }), b.listOf(b.p.Cert("root"), "root"))
		}, ""},
		{"revoked, and good since", "", func(b *bench) {
			b.only(b.answer("alice", "ca", func(r *ocsp.Response) {
				revokedFor(ocsp.KeyCompromise)(r)
				r.ThisUpdate = b.p.Now.Add(-2 * time.Hour)
			}), b.answer("alice", "ca", plain))
		}, report.Revoked},
	})
}

// A responder was revoked after it answered. If its key was in other hands the
// answer may be theirs; if it was only out of use, the answer stands.
func TestRespondersOfThePast(t *testing.T) {
	since := func(reason int) func(*bench) {
		return func(b *bench) {
			b.issueResponder(func(*x509.Certificate) {})
			told := b.answer("alice", "answers", plain)
			b.p.Now = b.p.Now.AddDate(0, 0, 2)
			b.only(told, b.answer("answers", "ca", func(r *ocsp.Response) {
				r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, b.p.Now.AddDate(0, 0, -1), reason
			}))
		}
	}
	judgeBends(t, []bend{
		{"stolen", "", since(ocsp.KeyCompromise), report.TryLater},
		{"for no reason", "", since(ocsp.Unspecified), report.TryLater},
		{"superseded", "", since(ocsp.Superseded), ""},
		{"each by the other", "", func(b *bench) {
			b.issueResponder(func(*x509.Certificate) {})
			b.p.Issue("ca", "more", func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning} })
			b.only(b.answer("alice", "answers", plain), b.answer("answers", "more", plain), b.answer("more", "answers", plain))
		}, report.TryLater},
	})
}

// Of many paths, four are looked at for one that revocation leaves in force: a
// stranger could add more of them than there is time.
func TestPathsAreTriedByNumber(t *testing.T) {
	for others, good := range map[int]bool{3: true, 4: false} {
		b := newBench(t)
		ca := b.p.Cert("ca")
		var revoked []x509.RevocationListEntry
		for i := range others { // the newest are tried first
			der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
				SerialNumber: big.NewInt(int64(1000 + i)), RawSubject: ca.RawSubject, SubjectKeyId: ca.SubjectKeyId,
				NotBefore: ca.NotBefore.AddDate(0, 0, 1+i), NotAfter: ca.NotAfter,
				IsCA: true, BasicConstraintsValid: true, KeyUsage: ca.KeyUsage,
			}, b.p.Cert("root"), ca.PublicKey, b.p.Signer("root"))
			require.NoError(t, err)
			again, err := x509.ParseCertificate(der)
			require.NoError(t, err)
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, again)
			revoked = append(revoked, x509.RevocationListEntry{SerialNumber: again.SerialNumber, RevocationTime: day("2026-05-01")})
		}
		b.v.Revocation = fixed{list: append(b.lists(b.p.Now, "ca"), b.listBy("root", revoked...))}
		r := b.verify()
		require.Equal(t, good, r.Verdict.Status == report.Valid, "%d %+v", others, failedChecks(r.Verdict.Signatures[0]))
	}
}
