package verifier_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"io"
	"math/big"
	"slices"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// answer is an OCSP response about one certificate by another.
func (b *bench) answer(about, by string, edit func(*ocsp.Response)) pki.Revocation {
	cert, responder := b.p.Cert(about), b.p.Cert(by)
	template := ocsp.Response{
		Status: ocsp.Good, SerialNumber: cert.SerialNumber,
		ThisUpdate: b.p.Now.Add(-time.Hour), NextUpdate: b.p.Now.AddDate(0, 0, 7),
	}
	issuer := append(b.p.Chain(about), responder)[1] // who is a root stands in no chain
	if !responder.Equal(issuer) {
		template.Certificate = responder
	}
	edit(&template)
	der, err := ocsp.CreateResponse(issuer, responder, template, b.p.Signer(by))
	require.NoError(b.t, err)
	return pki.Revocation{Kind: pki.OCSP, Raw: b.producedNow(der, by), Source: "answer of " + by}
}

// producedNow puts the time of the PKI in the place of that of the machine, which
// is what x/crypto/ocsp writes as producedAt, and signs anew.
func (b *bench) producedNow(der []byte, by string) []byte {
	var outer struct {
		Status asn1.Enumerated
		Bytes  struct {
			Type     asn1.ObjectIdentifier
			Response []byte
		} `asn1:"explicit,tag:0"`
	}
	var basic struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Value     asn1.BitString
		Certs     []asn1.RawValue `asn1:"explicit,tag:0,optional"`
	}
	_, err := asn1.Unmarshal(der, &outer)
	require.NoError(b.t, err)
	_, err = asn1.Unmarshal(outer.Bytes.Response, &basic)
	require.NoError(b.t, err)
	tbs := basic.TBS.FullBytes
	at := bytes.Index(tbs, []byte{0x18, 15}) + 2 // the first GeneralizedTime of ResponseData
	require.Greater(b.t, at, 2)
	copy(tbs[at:], b.p.Now.Format("20060102150405Z"))
	value, err := b.p.Signer(by).Sign(rand.Reader, pki.SHA256.Sum(tbs), crypto.SHA256)
	require.NoError(b.t, err)
	basic.TBS, basic.Value = asn1.RawValue{FullBytes: tbs}, asn1.BitString{Bytes: value, BitLength: 8 * len(value)}
	outer.Bytes.Response, err = asn1.Marshal(basic)
	require.NoError(b.t, err)
	der, err = asn1.Marshal(outer)
	require.NoError(b.t, err)
	return der
}

func plain(*ocsp.Response) {}

// revokedFor is an answer that a certificate was revoked in May.
func revokedFor(reason int, more ...pkix.Extension) func(*ocsp.Response) {
	return func(r *ocsp.Response) {
		r.Status, r.RevokedAt, r.RevocationReason = ocsp.Revoked, day("2026-05-20"), reason
		r.ExtraExtensions = more
	}
}

// invalidity is when a key is thought to have been stolen (RFC 5280 §5.3.2).
func invalidity(t testing.TB, at string) pkix.Extension {
	der, err := asn1.MarshalWithParams(day(at), "generalized")
	require.NoError(t, err)
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 24}, Value: der}
}

// only gives the verifier these pieces, and the list of the root.
func (b *bench) only(pieces ...pki.Revocation) {
	b.v.Revocation = fixed{list: append(b.lists(b.p.Now, "root"), pieces...)}
}

// What an answer says, in all its words.
func TestAnswers(t *testing.T) {
	about := func(edit func(*ocsp.Response)) func(*bench) {
		return func(b *bench) { b.only(b.answer("alice", "ca", edit)) }
	}
	claimed := func(at string, do func(*bench)) func(*bench) {
		return func(b *bench) {
			b.sig.Claims.Time = day(at)
			do(b)
		}
	}
	judgeBends(t, []bend{
		{"good", "", about(plain), ""},
		{"unknown", "", about(func(r *ocsp.Response) { r.Status = ocsp.Unknown }), report.TryLater},
		{"revoked", "", about(revokedFor(ocsp.Unspecified)), report.Revoked},
		{"superseded", "", about(revokedFor(ocsp.Superseded)), report.Revoked},
		{"suspended", "", about(revokedFor(ocsp.CertificateHold)), report.TryLater},
		{"stolen", "", claimed("2026-05-19", about(revokedFor(ocsp.KeyCompromise))), report.RevokedNoPOE},
		{"stolen before it was told", "", claimed("2026-05-19", about(revokedFor(ocsp.KeyCompromise, invalidity(t, "2026-05-10")))), report.Revoked},
		{"stolen after it was told", "", claimed("2026-05-22", about(revokedFor(ocsp.KeyCompromise, invalidity(t, "2026-05-25")))), report.Revoked},
		{"the authority's stolen before", "", claimed("2026-05-19", about(revokedFor(ocsp.CACompromise, invalidity(t, "2026-05-10")))), report.Revoked},
		{"out of use before it was told", "", claimed("2026-05-19", about(revokedFor(ocsp.Superseded, invalidity(t, "2026-05-10")))), report.RevokedNoPOE},
		{"good, and an older one that says it is unknown", "", func(b *bench) {
			b.only(b.answer("alice", "ca", plain), b.answer("alice", "ca", func(r *ocsp.Response) {
				r.Status, r.ThisUpdate = ocsp.Unknown, b.p.Now.Add(-2*time.Hour)
			}))
		}, ""},
		{"revoked in April by one, in May by the other", "", claimed("2026-05-01", func(b *bench) {
			b.only(b.answer("alice", "ca", revokedFor(ocsp.Unspecified)), b.answer("alice", "ca", func(r *ocsp.Response) {
				r.Status, r.RevokedAt = ocsp.Revoked, day("2026-04-20")
			}))
		}), report.Revoked},
		{"revoked in May by one, in April by the other, in the other order", "", claimed("2026-05-01", func(b *bench) {
			b.only(b.answer("alice", "ca", func(r *ocsp.Response) {
				r.Status, r.RevokedAt = ocsp.Revoked, day("2026-04-20")
			}), b.answer("alice", "ca", revokedFor(ocsp.Unspecified)))
		}), report.Revoked},
		{"no answer", "", func(b *bench) {
			b.only(pki.Revocation{Kind: pki.OCSP, Raw: []byte{0x30, 3, 10, 1, 3}})
		}, report.TryLater},
	})
}

// issueResponder gives ca a responder whose own certificate must be asked for.
func (b *bench) issueResponder(edit func(*x509.Certificate)) {
	b.p.Issue("ca", "answers", func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		edit(c)
	})
}

// A delegate's answer is worth what the delegate's own certificate is worth
// (RFC 6960 §4.2.2.2.1).
func TestRespondersOwnCertificate(t *testing.T) {
	lasting := func(*x509.Certificate) {}
	with := func(own func(*ocsp.Response)) func(*bench) {
		return func(b *bench) {
			b.issueResponder(lasting)
			b.only(b.answer("alice", "answers", plain), b.answer("answers", "ca", own))
		}
	}
	nothing := func(b *bench) {
		b.issueResponder(lasting)
		b.only(b.answer("alice", "answers", plain))
	}
	judgeBends(t, []bend{
		{"good", "", with(plain), ""},
		{"by a list", "", func(b *bench) {
			b.issueResponder(lasting)
			b.only(append(b.lists(b.p.Now, "ca"), b.answer("alice", "answers", plain))...)
		}, ""},
		{"not known", "", nothing, report.TryLater},
		{"not known, and need not be", "", func(b *bench) {
			nothing(b)
			b.v.Policy.Revocation.Signer.Revocation = false
		}, ""},
		{"short-lived", "", func(b *bench) {
			b.issueResponder(func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = b.p.Now.Add(-2*time.Hour), b.p.Now.Add(time.Hour)
			})
			b.only(b.answer("alice", "answers", plain))
		}, ""},
		{"revoked", "", with(revokedFor(ocsp.Unspecified)), report.TryLater},
		{"revoked, though it need not be known", "", func(b *bench) {
			with(revokedFor(ocsp.Unspecified))(b)
			b.v.Policy.Revocation.Signer.Revocation = false
		}, report.TryLater},
		{"superseded", "", with(revokedFor(ocsp.Superseded)), report.TryLater},
		{"suspended", "", with(revokedFor(ocsp.CertificateHold)), report.TryLater},
		{"revoked before its answer", "", with(func(r *ocsp.Response) {
			r.Status, r.RevokedAt = ocsp.Revoked, r.ThisUpdate.Add(-time.Minute)
		}), report.TryLater},
		{"answers for itself", "", func(b *bench) {
			b.issueResponder(lasting)
			b.only(b.answer("alice", "answers", plain), b.answer("answers", "answers", plain))
		}, report.TryLater},
		{"a key that is too short", "ca -> weak[ocsp, rsa2048]", func(b *bench) {
			b.v.Policy.Keys = slices.DeleteFunc(b.v.Policy.Keys, func(k policy.Key) bool { return k.Kind == policy.RSA && k.Bits < 3000 })
			b.only(b.answer("alice", "weak", plain))
		}, report.TryLater},
		{"an algorithm that is no longer good", "ca -> weak[ocsp, rsa2048]", func(b *bench) {
			b.v.Policy.Algorithms = slices.DeleteFunc(b.v.Policy.Algorithms, func(a policy.Algorithm) bool { return a.Algorithm == pki.RSASHA256 })
			b.only(b.answer("alice", "weak", plain))
		}, report.TryLater},
		{"the same, where it is good", "ca -> weak[ocsp, rsa2048]", func(b *bench) { b.only(b.answer("alice", "weak", plain)) }, ""},
	})
}

// A responder that is trusted by decision answers for anybody, if it is trusted
// for that and certified for nothing else.
func TestAppointedResponders(t *testing.T) {
	appointed := func(name string, uses ...pki.Use) func(*bench) {
		return func(b *bench) {
			b.v.Trust = append(b.p.Anchors(), pki.Anchor{}, pki.Anchor{Uses: []pki.Use{pki.UseOCSP}},
				pki.Anchor{Certificate: b.p.Cert(name), Uses: uses, Source: "me"})
			b.only(b.answer("alice", name, plain))
		}
	}
	other := "elsewhere -> far[ocsp], mail"
	judgeBends(t, []bend{
		{"appointed", other, appointed("far", pki.UseOCSP), ""},
		{"trusted for something else", other, appointed("far", pki.UseTimestamp), report.TryLater},
		{"no responder", other, appointed("mail", pki.UseOCSP), report.TryLater},
		{"nobody is trusted", other, func(b *bench) {
			appointed("far", pki.UseOCSP)(b)
			b.v.Trust = nil
		}, report.NoCertificateChainFound},
	})
}

// listBy is a list under the name of one authority by the key of another.
func (b *bench) listBy(signer string, entries ...x509.RevocationListEntry) pki.Revocation {
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(9), ThisUpdate: b.p.Now.Add(-time.Minute), NextUpdate: b.p.Now.AddDate(0, 0, 7),
		RevokedCertificateEntries: entries,
	}, b.p.Cert(signer), b.p.Signer(signer))
	require.NoError(b.t, err)
	return pki.Revocation{Kind: pki.CRL, Raw: der, Source: "list of " + signer}
}

// A theft counts from when it is thought to have happened, if a list says so.
func TestListsOfTheft(t *testing.T) {
	stolen := func(claimed string, reason int, more ...pkix.Extension) func(*bench) {
		return func(b *bench) {
			b.sig.Claims.Time = day(claimed)
			b.only(b.listBy("ca", x509.RevocationListEntry{
				SerialNumber: b.p.Cert("alice").SerialNumber, RevocationTime: day("2026-05-20"), ReasonCode: reason,
				ExtraExtensions: more,
			}))
		}
	}
	judgeBends(t, []bend{
		{"stolen", "", stolen("2026-05-19", 1), report.RevokedNoPOE},
		{"stolen before", "", stolen("2026-05-19", 1, invalidity(t, "2026-05-10")), report.Revoked},
		{"stolen after", "", stolen("2026-05-22", 1, invalidity(t, "2026-05-25")), report.Revoked},
		{"out of use before", "", stolen("2026-05-19", 5, invalidity(t, "2026-05-10")), report.RevokedNoPOE},
	})
}

// An authority with a new key signs its lists with that. So may nobody else who
// bears its name.
func TestListsByTheOtherKeyOfAnAuthority(t *testing.T) {
	by := func(who string) func(*bench) {
		return func(b *bench) {
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert(who))
			b.only(b.listBy(who))
		}
	}
	judgeBends(t, []bend{
		{"the new key", "root -> ca2[cn=ca] -> dummy", by("ca2"), ""},
		{"another name", "root -> ca2 -> dummy", by("ca2"), report.TryLater},
		{"another root", "far -> ca2[cn=ca] -> dummy", by("ca2"), report.TryLater},
		{"revoked", "root -> ca2[cn=ca] -> dummy; root.revoked(ca2)", by("ca2"), report.TryLater},
		{"suspended", "root -> ca2[cn=ca] -> dummy; root.revoked(ca2); ca2.reason = 6", by("ca2"), report.TryLater},
		{"not for lists", "", func(b *bench) {
			b.p.Issue("root", "ca2", func(c *x509.Certificate) {
				c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid, c.KeyUsage = "ca", true, true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
			})
			b.p.Issue("root", "ca3", func(c *x509.Certificate) { c.Subject.CommonName = "ca" })
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert("ca3"))
			b.only(b.listBy("ca2"))
		}, report.TryLater},
	})
}

// A counter-signature is judged as what it is; one that is forged says that
// somebody has been at the file.
func TestCounterSignatures(t *testing.T) {
	judgeBends(t, []bend{
		{"good", "", func(b *bench) { b.sig.Counter = []formats.Signature{b.signed("bob", "bob's", b.sig.Value)} }, ""},
		{"forged", "", func(b *bench) {
			b.sig.Counter = []formats.Signature{b.signed("bob", "bob's", b.sig.Value), b.signed("bob", "more", b.sig.Value)}
			b.sig.Counter[1].Value[9] ^= 1
		}, report.SigConstraintsFailure},
		{"of another", "", func(b *bench) {
			b.sig.Counter = []formats.Signature{b.signed("bob", "bob's", []byte("another value"))}
			b.sig.Counter[0].References[0].Open = reference("value", b.sig.Value).Open
		}, report.SigConstraintsFailure},
		{"by somebody unknown", "far -> eve", func(b *bench) {
			b.v.Trust = b.p.Anchors()[:1]
			b.sig.Counter = []formats.Signature{b.signed("eve", "eve's", b.sig.Value)}
		}, ""},
	})
}

// What the path is made of must be good enough, too.
func TestPathByPolicy(t *testing.T) {
	weak := "root -> old[rsa2048] -> zoe"
	signer := func(do func(*bench)) func(*bench) {
		return func(b *bench) {
			b.sig = b.signed("zoe", "zoe's", content)
			do(b)
		}
	}
	without := func(bits int) func(*bench) {
		return func(b *bench) {
			b.v.Policy.Keys = slices.DeleteFunc(b.v.Policy.Keys, func(k policy.Key) bool { return k.Kind == policy.RSA && k.Bits < bits })
		}
	}
	judgeBends(t, []bend{
		{"an authority's key that is long enough", weak, signer(without(1900)), ""},
		{"an authority's key that is too short", weak, signer(without(3000)), report.CryptoConstraintsFailure},
		{"a certificate's algorithm", weak, signer(func(b *bench) {
			b.rule().Revocation = false
			b.v.Policy.Algorithms = slices.DeleteFunc(b.v.Policy.Algorithms, func(a policy.Algorithm) bool { return a.Algorithm == pki.RSASHA256 })
		}), report.CryptoConstraintsFailure},
		{"a certificate's algorithm that is outdated", weak, signer(func(b *bench) {
			b.rule().Revocation = false
			for i := range b.v.Policy.Algorithms {
				if b.v.Policy.Algorithms[i].Algorithm == pki.RSASHA256 {
					b.v.Policy.Algorithms[i].Until = b.p.Now
				}
			}
		}), report.CryptoConstraintsFailureNoPOE},
		{"a policy that no certificate has", "", func(b *bench) { b.rule().Policies = policy.Policies{Accept: []string{"1.2.3"}} }, report.ChainConstraintsFailure},
		{"an authority that ended", "root -> brief[until=2026-05-01] -> zoe", signer(func(*bench) {}), report.OutOfBoundsNoPOE},
		{"no key usage at all", "", func(b *bench) {
			b.issueSigner("ca", "x", func(c *x509.Certificate) { c.KeyUsage = 0 })
		}, ""},
	})
}

// Levels are reached by what was found to hold (EN 319 122-1 §6.1).
func TestLevels(t *testing.T) {
	embedded := func(b *bench) {
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = b.lists(b.p.Now, "root", "ca")
	}
	stamped := func(b *bench) { b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute)) }
	kept := func(kind formats.TimestampKind, covers bool) func(*bench) {
		return func(b *bench) {
			if len(b.sig.Evidence.Revocations) == 0 {
				embedded(b)
				stamped(b)
			}
			ts := b.stamp("tsa", kind, b.p.Now.Add(-time.Second))
			for _, r := range b.sig.Evidence.Revocations {
				if covers {
					ts.Covers = append(ts.Covers, formats.ObjectOf(r.Raw))
				}
			}
		}
	}
	required := func(level formats.Level, do ...func(*bench)) func(*bench) {
		return func(b *bench) {
			for _, d := range do {
				d(b)
			}
			b.rule().Levels = []formats.Level{level}
		}
	}
	brief := func(do func(*bench)) func(*bench) {
		return func(b *bench) {
			b.issueSigner("ca", "brief", func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = b.p.Now.Add(-time.Hour), b.p.Now.Add(time.Hour)
			})
			b.sig.Claims.Time = b.p.Now
			do(b)
			b.v.Policy.Timestamp.Revocation = false
		}
	}
	short := func(b *bench) {
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = b.lists(b.p.Now, "root")
	}
	low := report.SigConstraintsFailure
	judgeBends(t, []bend{
		{"B", "", required(formats.LevelB), ""},
		{"T from B", "", required(formats.LevelT), low},
		{"T", "", required(formats.LevelT, stamped), ""},
		{"LT from T", "", required(formats.LevelLT, stamped), low},
		{"LT without a stamp", "", required(formats.LevelLT, embedded), low},
		{"LT", "", required(formats.LevelLT, embedded, stamped), ""},
		{"LTA from LT", "", required(formats.LevelLTA, embedded, stamped), low},
		{"LTA by an archive stamp over something else", "", required(formats.LevelLTA, kept(formats.ArchiveTimestamp, false), func(b *bench) {
			b.sig.Evidence.Timestamps[1].Covers = []formats.Object{formats.ObjectOf([]byte("else"))}
		}), low},
		{"LTA by an archive stamp over nothing", "", required(formats.LevelLTA, kept(formats.ArchiveTimestamp, false)), low},
		{"LTA by a stamp of another kind", "", required(formats.LevelLTA, kept(formats.SignatureTimestamp, true)), low},
		{"LTA", "", required(formats.LevelLTA, kept(formats.ArchiveTimestamp, true)), ""},
		{"LTA by a stamp over the document", "", required(formats.LevelLTA, kept(formats.DocumentTimestamp, true)), ""},
		{"LTA by a stamp that does not hold", "", required(formats.LevelLTA, kept(formats.ArchiveTimestamp, true), func(b *bench) {
			b.sig.Evidence.Timestamps[1].Signature.Value[9] ^= 1
			b.v.Policy.Stamps = policy.DropFailing
		}), low},
		{"LT, short-lived", "", brief(required(formats.LevelLT, embedded, stamped)), ""},
		{"LT, short-lived, without its list", "", brief(required(formats.LevelLT, short, stamped)), ""},
		{"LTA, short-lived, without its list", "", brief(required(formats.LevelLTA, short, stamped, kept(formats.ArchiveTimestamp, true))), ""},
	})
}

// What cannot be read to its end has no digest; if the reading failed and not
// the bytes, there is no verdict.
func TestReadersThatFail(t *testing.T) {
	gone := errors.New("gone")
	failing := func(err error) func() io.Reader { return func() io.Reader { return iotest.ErrReader(err) } }
	for _, fault := range []error{formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported} {
		b := newBench(t)
		b.sig.References[0].Open = failing(fault)
		b.expect(report.NotValid, report.TotalFailed, report.HashFailure)
	}
	// What could not be read once is not remembered as the digest of nothing.
	twice := newBench(t)
	twice.sig.References[0].Whole = &formats.Input{Size: 1, ReaderAt: readerAtFunc(func([]byte, int64) (int, error) {
		return 0, formats.ErrMalformed
	})}
	twice.doc.Signatures = []formats.Signature{twice.sig}
	for _, s := range twice.verify().Verdict.Signatures {
		require.Contains(t, failedChecks(s)[0].Detail, "cannot be read")
	}

	b := newCredential(t)
	proof := b.signed("bob", "bob's", []byte("what is shown"))
	proof.Signer = formats.CertificateRef{Key: b.p.Cert("bob").PublicKey}
	proof.References[0].Open = failing(gone)
	b.sig.Counter = []formats.Signature{proof}
	b.fails(gone)

	b = newBench(t)
	b.sig.References[0].Open = failing(gone)
	b.fails(gone)
	b = newBench(t)
	b.stamp("tsa", formats.SignatureTimestamp, b.p.Now).Signature.References[0].Open = failing(gone)
	b.fails(gone)
	b = newBench(t)
	b.sig.Counter = []formats.Signature{b.signed("bob", "bob's", b.sig.Value)}
	b.sig.Counter[0].References[0].Open = failing(gone)
	b.fails(gone)
}

// fails demands that there is no verdict, for this reason.
func (b *bench) fails(want error) {
	b.t.Helper()
	b.doc.Signatures = []formats.Signature{b.sig}
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: b.doc}}
	r, err := b.v.Verify(b.t.Context(), b.input())
	require.ErrorIs(b.t, err, want)
	require.Nil(b.t, r)
}
