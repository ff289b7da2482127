package verifier_test

import (
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// bend is one thing that is otherwise than in a good signature, and what comes
// of it. What else is said is in testdata/verdicts.txt.
type bend struct {
	name   string
	change string // of the drawing
	do     func(*bench)
	sub    report.SubIndication // "": valid
}

func judgeBends(t *testing.T, bends []bend) {
	for _, c := range bends {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.change)
			c.do(b)
			b.v.Policy.Name = "bent"
			r := b.verify()
			s := r.Verdict.Signatures[0]
			require.Equal(t, c.sub, s.SubIndication, "%+v", failedChecks(s))
			require.Equal(t, c.sub == "", r.Verdict.Status == report.Valid)
		})
	}
}

// Every part that names the certificate must agree, because each is what some
// other program goes by.
func TestEveryPartOfTheReferenceCounts(t *testing.T) {
	none := report.NoSigningCertificateFound
	other := func(b *bench) *x509.Certificate { return b.p.Cert("bob") }
	judgeBends(t, []bend{
		{"another issuer", "", func(b *bench) { b.sig.Signer.Issuer = other(b).RawSubject }, none},
		{"another serial number", "", func(b *bench) { b.sig.Signer.Serial = other(b).SerialNumber }, none},
		{"another key identifier", "", func(b *bench) { b.sig.Signer.KeyID = []byte("another") }, none},
		{"another digest", "", func(b *bench) { b.sig.Signer.Digest = pki.SHA256.Sum(other(b).Raw) }, none},
		{"another digest, not signed", "", func(b *bench) {
			b.sig.Signer.Attribute, b.sig.Signer.Digest = false, pki.SHA256.Sum(other(b).Raw)
		}, none},
		{"a signed attribute without a digest", "", func(b *bench) { b.sig.Signer.Digest = nil }, none},
		{"a digest of an unknown kind", "", func(b *bench) { b.sig.Signer.Hash = 0 }, none},
		{"a digest of the kind of another", "", func(b *bench) { b.sig.Signer.Hash = pki.SHA384 }, none},
		{"only an issuer who has issued two", "", func(b *bench) {
			b.sig.Signer = formats.CertificateRef{Issuer: b.p.Cert("alice").RawIssuer}
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, other(b))
		}, none},
		{"only an issuer who has issued one", "", func(b *bench) {
			b.sig.Signer = formats.CertificateRef{Issuer: b.p.Cert("alice").RawIssuer}
		}, report.SigConstraintsFailure},
		{"only a key identifier", "", func(b *bench) {
			b.sig.Signer = formats.CertificateRef{KeyID: b.p.Cert("ca").SubjectKeyId}
		}, report.SigCryptoFailure},
		{"only a digest", "", func(b *bench) {
			b.sig.Signer.Issuer, b.sig.Signer.Serial = nil, nil
		}, ""},
		{"by issuer and serial number alone", "", func(b *bench) {
			b.sig.Signer.Attribute, b.sig.Signer.Digest, b.sig.Signer.Hash = false, nil, 0
		}, report.SigConstraintsFailure},
		{"the certificate itself, with another's number", "", func(b *bench) {
			b.sig.Signer.Certificate, b.sig.Signer.Serial = b.p.Cert("alice"), big.NewInt(1)
		}, none},
		{"the certificate itself, not in the bag", "", func(b *bench) {
			b.sig.Signer.Certificate = b.p.Cert("alice")
			b.sig.Evidence.Certificates = b.sig.Evidence.Certificates[1:]
		}, ""},
	})
}

// issueSigner gives the bench a signer whose certificate is as edit leaves it.
func (b *bench) issueSigner(issuer, name string, edit func(*x509.Certificate)) {
	b.p.Issue(issuer, name, edit)
	b.sig = b.signed(name, "the signature", content)
}

func (b *bench) rule() *policy.Rule {
	for i := range b.v.Policy.Formats {
		if b.v.Policy.Formats[i].ID == b.id {
			return &b.v.Policy.Formats[i].Rule
		}
	}
	b.t.Fatal("the policy does not know the format")
	return nil
}

const (
	mailPurpose  = "1.3.6.1.5.5.7.3.4"
	clockPurpose = "1.3.6.1.5.5.7.3.8"
)

// What a certificate is for, in every combination that a policy can ask for.
func TestPurposesByPolicy(t *testing.T) {
	bad := report.ChainConstraintsFailure
	signer := func(critical bool, numbers ...int) func(*bench) {
		return func(b *bench) {
			b.issueSigner("ca", "x", func(c *x509.Certificate) {
				if len(numbers) > 0 {
					c.ExtraExtensions = append(c.ExtraExtensions, extendedKeyUsage(b.t, critical, numbers...))
				}
			})
		}
	}
	with := func(p policy.Purpose, make func(*bench)) func(*bench) {
		return func(b *bench) {
			make(b)
			b.rule().Purpose = p
		}
	}
	need := policy.Purpose{Need: []string{mailPurpose}, AnyIssuer: true}
	only := policy.Purpose{Need: []string{mailPurpose, clockPurpose}, Only: true, AnyIssuer: true}
	mark := policy.Purpose{Need: []string{mailPurpose}, Critical: true, AnyIssuer: true}
	refuse := policy.Purpose{Refuse: []string{mailPurpose, clockPurpose}}
	judgeBends(t, []bend{
		{"needed and there", "", with(need, signer(false, 4)), ""},
		{"needed and there among others", "", with(need, signer(false, 8, 4)), ""},
		{"needed and another", "", with(need, signer(false, 8)), bad},
		{"needed and none", "", with(need, signer(false)), bad},
		{"only this", "", with(only, signer(false, 4)), ""},
		{"only these", "", with(only, signer(false, 8, 4)), ""},
		{"only this and more", "", with(only, signer(false, 4, 1)), bad},
		{"critical", "", with(mark, signer(true, 4)), ""},
		{"not critical", "", with(mark, signer(false, 4)), bad},
		{"one that is refused", "", with(refuse, signer(false, 4)), bad},
		{"two that are refused", "", with(refuse, signer(false, 4, 8)), bad},
		{"one refused and another", "", with(refuse, signer(false, 4, 1)), ""},
		{"none, and some refused", "", with(refuse, signer(false)), ""},
		{"one that has no name", "", with(refuse, signer(false, 17)), ""},
		{"nothing asked", "", with(policy.Purpose{}, signer(false, 4)), ""},
	})
}

// An authority that was certified to issue for one purpose must not be able to
// lend its name to another.
func TestPurposesOfIssuers(t *testing.T) {
	under := func(rule policy.Purpose, usages ...x509.ExtKeyUsage) func(*bench) {
		return func(b *bench) {
			b.p.Issue("root", "narrow", func(c *x509.Certificate) {
				c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
				c.NotAfter, c.ExtKeyUsage = day("2036-01-01"), usages
			})
			b.issueSigner("narrow", "x", func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
			})
			b.rule().Purpose = rule
		}
	}
	nested := policy.Purpose{Need: []string{mailPurpose}}
	bad := report.ChainConstraintsFailure
	judgeBends(t, []bend{
		{"the same", "", under(nested, x509.ExtKeyUsageEmailProtection), ""},
		{"the same among others", "", under(nested, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageEmailProtection), ""},
		{"any", "", under(nested, x509.ExtKeyUsageAny), ""},
		{"none", "", under(nested), ""},
		{"another", "", under(nested, x509.ExtKeyUsageServerAuth), bad},
		{"another, where issuers are not asked", "",
			under(policy.Purpose{Need: []string{mailPurpose}, AnyIssuer: true}, x509.ExtKeyUsageServerAuth), ""},
		{"another, where nothing is needed", "", under(policy.Purpose{}, x509.ExtKeyUsageServerAuth), ""},
		{"directly below the anchor", "", func(b *bench) {
			b.issueSigner("root", "y", func(c *x509.Certificate) {
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
			})
			b.rule().Purpose = nested
		}, ""},
	})
}

// lists are the lists of authorities as they were at a time.
func (b *bench) lists(at time.Time, issuers ...string) []pki.Revocation {
	now := b.p.Now
	defer func() { b.p.Now = now }()
	b.p.Now = at
	var out []pki.Revocation
	for _, name := range issuers {
		out = append(out, pki.Revocation{Kind: pki.CRL, Raw: b.p.CRL(name), Source: name + " of " + at.Format(time.DateOnly)})
	}
	return out
}

// fixed is a source of what it holds, or of an error.
type fixed struct {
	list []pki.Revocation
	err  error
}

func (f fixed) Revocation(context.Context, *x509.Certificate, *x509.Certificate) ([]pki.Revocation, error) {
	return f.list, f.err
}

// Several pieces of evidence, of several days, in every order: the newest fresh
// one counts, and a revocation in any of them.
func TestEvidenceOfSeveralDays(t *testing.T) {
	old, before, now := day("2026-03-01"), day("2026-05-20"), day("2026-06-01")
	sets := func(parts ...func(*bench) []pki.Revocation) func(*bench) {
		return func(b *bench) {
			var all []pki.Revocation
			for _, p := range parts {
				all = append(all, p(b)...)
			}
			b.v.Revocation = fixed{list: all}
		}
	}
	of := func(at time.Time) func(*bench) []pki.Revocation {
		return func(b *bench) []pki.Revocation { return b.lists(at, "root", "ca") }
	}
	only := func(at time.Time, who string) func(*bench) []pki.Revocation {
		return func(b *bench) []pki.Revocation { return b.lists(at, who) }
	}
	revoked := "alice.revoked = 2026-05-25"
	judgeBends(t, []bend{
		{"old and new", "", sets(of(old), of(now)), ""},
		{"new and old", "", sets(of(now), of(old)), ""},
		{"only old", "", sets(of(old)), report.TryLater},
		{"none of the signer", "", sets(only(now, "root")), report.TryLater},
		{"none of the issuer", "", sets(only(now, "ca")), report.TryLater},
		{"good before, revoked now", revoked, sets(of(before), of(now)), report.Revoked},
		{"revoked now, good before", revoked, sets(of(now), of(before)), report.Revoked},
		{"good before, and nothing since", revoked, sets(of(before)), report.TryLater},
		{"suspended", revoked + "; alice.reason = 6", sets(of(before), of(now)), report.TryLater},
		{"suspended, and long ago not", revoked + "; alice.reason = 6", sets(of(now), of(old)), report.TryLater},
		{"compromised", revoked + "; alice.reason = 1", sets(of(now)), report.Revoked},
		{"superseded", revoked + "; alice.reason = 4", sets(of(now)), report.Revoked},
		{"the issuer, superseded", "ca.revoked = 2026-05-25; ca.reason = 4", sets(of(now)), report.RevokedCANoPOE},
		{"the issuer, after all it said", "ca.revoked = 2026-05-31; ca.reason = 4", sets(of(before), only(now, "root")), report.RevokedCANoPOE},
		{"a source that fails silently", "", sets(func(*bench) []pki.Revocation { return []pki.Revocation{{Kind: pki.CRL, Raw: []byte("no list")}} }), report.TryLater},
		{"of no kind", "", sets(of(now), func(*bench) []pki.Revocation { return []pki.Revocation{{Raw: []byte("nothing")}} }), ""},
	})
}

func TestRevocationByPolicy(t *testing.T) {
	nothing := func(b *bench) { b.v.Revocation = nil }
	judgeBends(t, []bend{
		{"not required", "", func(b *bench) { nothing(b); b.rule().Revocation = false }, ""},
		{"required of the signer only", "", func(b *bench) {
			b.v.Revocation = fixed{list: b.lists(b.p.Now, "ca")}
			b.rule().SignerOnly = true
		}, ""},
		{"required of the signer, not there", "", func(b *bench) {
			b.v.Revocation = fixed{list: b.lists(b.p.Now, "root")}
			b.rule().SignerOnly = true
		}, report.TryLater},
		{"not required, but revoked", "alice.revoked = 2026-05-25", func(b *bench) { b.rule().Revocation = false }, report.Revoked},
		{"not required, but suspended", "alice.revoked = 2026-05-25; alice.reason = 6", func(b *bench) { b.rule().Revocation = false }, report.TryLater},
		{"an hour old, and none may be", "", func(b *bench) {
			b.rule().Freshness, b.v.Policy.Revocation.Skew = policy.Freshness{}, 0
			b.v.Revocation = fixed{list: b.lists(b.p.Now.Add(-time.Hour), "root", "ca")}
		}, report.TryLater},
		{"within the skew", "", func(b *bench) {
			b.rule().Freshness, b.v.Policy.Revocation.Skew = policy.Freshness{}, 3*time.Hour
			b.v.Revocation = fixed{list: b.lists(b.p.Now.Add(-time.Hour), "root", "ca")}
		}, ""},
		{"a day old, and two may be", "", func(b *bench) {
			b.rule().Freshness = policy.Freshness{MaxAge: 48 * time.Hour}
			b.v.Revocation = fixed{list: b.lists(b.p.Now.Add(-24*time.Hour), "root", "ca")}
		}, ""},
		{"three days old, and two may be", "", func(b *bench) {
			b.rule().Freshness = policy.Freshness{MaxAge: 48 * time.Hour}
			b.v.Revocation = fixed{list: b.lists(b.p.Now.Add(-72*time.Hour), "root", "ca")}
		}, report.TryLater},
		{"no piece allowed", "", func(b *bench) { b.v.Policy.Limits.Revocations = 0 }, report.TryLater},
		{"one piece allowed", "", func(b *bench) { b.v.Policy.Limits.Revocations = 1 }, ""},
	})
}

func marker(id asn1.ObjectIdentifier) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: id, Value: []byte{5, 0}})
	}
}

// A certificate that says of itself that nobody will revoke it is believed as
// far as the policy goes, and only if it is no authority.
func TestWithoutRevocation(t *testing.T) {
	noRevAvail := marker(asn1.ObjectIdentifier{2, 5, 29, 56})
	assured := marker(asn1.ObjectIdentifier{0, 4, 0, 194121, 2, 1})
	lasting := func(d time.Duration) func(*x509.Certificate) {
		return func(c *x509.Certificate) {
			c.NotBefore = day("2026-06-01")
			c.NotAfter = c.NotBefore.Add(d)
		}
	}
	signer := func(limit time.Duration, edit func(*x509.Certificate)) func(*bench) {
		return func(b *bench) {
			b.issueSigner("ca", "x", edit)
			b.sig.Claims.Time = b.p.Now
			b.v.Policy.Revocation.ShortLived = limit
			b.v.Revocation = fixed{list: b.lists(b.p.Now, "root")}
		}
	}
	judgeBends(t, []bend{
		{"noRevAvail", "", signer(time.Hour, noRevAvail), ""},
		{"validity assured", "", signer(time.Hour, assured), ""},
		{"as long as allowed", "", signer(24*time.Hour, lasting(24*time.Hour)), ""},
		{"a second longer", "", signer(24*time.Hour, lasting(24*time.Hour+time.Second)), report.TryLater},
		{"never allowed", "", signer(0, noRevAvail), report.TryLater},
		{"never allowed, for no time", "", signer(-time.Hour, noRevAvail), report.TryLater},
		{"an authority", "", func(b *bench) {
			b.p.Issue("root", "brief", func(c *x509.Certificate) {
				c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
				noRevAvail(c)
			})
			b.issueSigner("brief", "x", noRevAvail)
			b.v.Policy.Revocation.ShortLived = time.Hour
			b.v.Revocation = nil
		}, report.TryLater},
	})
}

// A port that fails is no verdict: what it would have said could be "revoked".
func TestPortsThatFail(t *testing.T) {
	gone := errors.New("gone")
	for name, do := range map[string]func(*bench){
		"revocation": func(b *bench) { b.v.Revocation = fixed{err: gone} },
		"trust":      func(b *bench) { b.v.Trust = noTrust{gone} },
		"issuers": func(b *bench) {
			b.v.Issuers, b.sig.Evidence.Certificates = noIssuers{gone}, b.sig.Evidence.Certificates[:1]
		},
	} {
		b := newBench(t)
		do(b)
		b.doc.Signatures = []formats.Signature{b.sig}
		b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
		r, err := b.v.Verify(t.Context(), b.input())
		require.ErrorIs(t, err, gone, name)
		require.Nil(t, r, name)
	}
}

type noTrust struct{ err error }

func (n noTrust) Anchors(context.Context, pki.Use) ([]pki.Anchor, error) { return nil, n.err }

type noIssuers struct{ err error }

func (n noIssuers) Issuers(context.Context, *x509.Certificate) ([]*x509.Certificate, error) {
	return nil, n.err
}

// Limits are to the number: one more than is allowed is not looked at.
func TestLimits(t *testing.T) {
	judgeBends(t, []bend{
		{"as many certificates as allowed", "", func(b *bench) { b.v.Policy.Limits.Certificates = 3 }, ""},
		{"too few allowed", "", func(b *bench) {
			b.v.Policy.Limits.Certificates = 1
			b.sig.Evidence.Certificates = b.sig.Evidence.Certificates[:2]
		}, report.NoCertificateChainFound},
		{"as large as allowed", "", func(b *bench) {
			for _, c := range b.sig.Evidence.Certificates {
				b.v.Policy.Limits.CertificateBytes = max(len(c.Raw), len(b.p.Cert("alice").Raw))
			}
			b.v.Policy.Limits.CertificateBytes = max(b.v.Policy.Limits.CertificateBytes, len(b.p.Cert("ca").Raw))
		}, ""},
		{"one that is none", "", func(b *bench) {
			b.sig.Evidence.Certificates = append([]*x509.Certificate{nil}, b.sig.Evidence.Certificates...)
		}, ""},
		{"as many stamps as allowed", "", func(b *bench) {
			b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute))
			b.v.Policy.Limits.Timestamps = 1
		}, ""},
		{"as long a path as allowed", "", func(b *bench) { b.v.Policy.Limits.Path = 3 }, ""},
	})
}

// An anchor counts between its own dates, to the second.
func TestAnchorsOfATime(t *testing.T) {
	anchored := func(from, until time.Time) func(*bench) {
		return func(b *bench) {
			a := b.p.Anchors()
			a[0].From, a[0].Until = from, until
			b.v.Trust = a
		}
	}
	now, second := day("2026-06-01").Add(12*time.Hour), time.Second
	then := report.NoCertificateChainFoundNoPOE
	judgeBends(t, []bend{
		{"always", "", anchored(time.Time{}, time.Time{}), ""},
		{"from now", "", anchored(now, time.Time{}), ""},
		{"from a second later", "", anchored(now.Add(second), time.Time{}), then},
		{"until now", "", anchored(time.Time{}, now), ""},
		{"until a second ago", "", anchored(time.Time{}, now.Add(-second)), then},
		{"within", "", anchored(now.Add(-second), now.Add(second)), ""},
	})
}

// What a signer claims is taken at its word against it, if the policy says so,
// and never in its favour.
func TestClaimsAgainst(t *testing.T) {
	revoked := "alice.revoked = 2026-05-01"
	judgeBends(t, []bend{
		{"after the revocation", revoked, func(b *bench) { b.sig.Claims.Time = day("2026-05-02") }, report.Revoked},
		{"at the revocation", revoked, func(b *bench) { b.sig.Claims.Time = day("2026-05-01") }, report.Revoked},
		{"before", revoked, func(b *bench) { b.sig.Claims.Time = day("2026-04-30") }, report.RevokedNoPOE},
		{"nothing claimed", revoked, func(b *bench) { b.sig.Claims.Time = time.Time{} }, report.RevokedNoPOE},
		{"after, where claims do not count", revoked, func(b *bench) {
			b.sig.Claims.Time, b.v.Policy.ClaimAgainst = day("2026-05-02"), false
		}, report.RevokedNoPOE},
	})
}
