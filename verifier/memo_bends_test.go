package verifier_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/report"
)

// again judges the signature once more, as a document of its own.
func (b *bench) again() report.SubIndication {
	b.doc.Signatures = nil
	return b.verify().Verdict.Signatures[0].SubIndication
}

// What is remembered of one document must not answer for another: not at
// another time, nor by other trust, nor with other evidence.
func TestMemoryDoesNotAnswerOtherQuestions(t *testing.T) {
	remembering := func(change string) *bench {
		b := newBench(t, change)
		b.v.Memo = verifier.NewMemo(100)
		b.v.Policy.Name = "bent"
		require.Empty(t, b.again())
		require.Empty(t, b.again(), "remembered")
		return b
	}
	trust := func(b *bench, names ...string) pki.Anchors {
		var out pki.Anchors
		for _, n := range names {
			out = append(out, pki.Anchor{Certificate: b.p.Cert(n), Uses: []pki.Use{pki.UseSign}, Source: "by " + n})
		}
		return out
	}
	t.Run("other trust", func(t *testing.T) {
		b := remembering("far -> eve")
		b.v.Trust = trust(b, "far")
		require.Equal(t, report.NoCertificateChainFound, b.again())
		b.v.Trust = trust(b, "far", "root")
		require.Empty(t, b.again())
		s := b.verify().Verdict.Signatures[0]
		require.Equal(t, "root, Tamga Test (by root)", s.Chain[2].Anchor, "who trusts it now, not who did")
		b.v.Trust = nil
		require.Equal(t, report.NoCertificateChainFound, b.again())
	})
	t.Run("another time", func(t *testing.T) {
		b := remembering("ca.from = 2026-03-01; ca.until = 2026-11-01")
		b.p.Now = day("2026-12-01")
		require.Equal(t, report.OutOfBoundsNoPOE, b.again(), "the issuer has ended, the signer not")
		b.p.Now = day("2026-02-01")
		require.Equal(t, report.OutOfBoundsNoPOE, b.again(), "the issuer is not yet valid")
		b.p.Now = day("2026-06-01")
		require.Empty(t, b.again())
	})
	t.Run("another list", func(t *testing.T) {
		b := remembering("alice.revoked = 2026-06-10; alice.from = 2026-01-01")
		b.p.Now = day("2026-06-11")
		b.sig.Claims.Time = day("2026-06-01")
		require.Equal(t, report.RevokedNoPOE, b.again())
		b.v.Revocation = nil
		require.Equal(t, report.TryLater, b.again())
	})
	t.Run("another policy", func(t *testing.T) {
		b := remembering("")
		b.rule().Policies.NotExplicit = false
		require.Equal(t, report.ChainConstraintsFailure, b.again())
	})
	t.Run("more certificates than are told apart", func(t *testing.T) {
		b := newBench(t, "a1 -> b1; a2 -> b2; a3 -> b3; a4 -> dummy")
		b.v.Memo = verifier.NewMemo(100)
		chain := b.sig.Evidence.Certificates
		b.sig.Evidence.Certificates = chain[:1:1]
		for _, n := range []string{"a1", "b1", "a2", "b2", "a3", "b3", "a4"} {
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert(n))
		}
		without := b.sig.Evidence.Certificates
		b.sig.Evidence.Certificates = append(without[:len(without):len(without)], chain[1])
		require.Empty(t, b.again())
		b.sig.Evidence.Certificates = without
		require.Equal(t, report.NoCertificateChainFound, b.again(), "the issuer has not come with this one")
	})
	t.Run("one certificate more than are told apart", func(t *testing.T) {
		b := newBench(t, "a1 -> b1; a2 -> b2; a3 -> b3; second -> ca2[cn=ca, key=ca] -> dummy; root.revoked(ca)")
		b.v.Memo = verifier.NewMemo(100)
		chain := b.sig.Evidence.Certificates
		b.sig.Evidence.Certificates = chain[:2:2]
		for _, n := range []string{"a1", "b1", "a2", "b2", "a3", "b3"} {
			b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert(n))
		}
		require.Equal(t, report.RevokedCANoPOE, b.again())
		b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert("ca2"))
		require.Empty(t, b.again(), "the other way has not come with that one")
	})
	t.Run("one path of two", func(t *testing.T) {
		b := newBench(t, "second -> ca2[cn=ca, key=ca] -> dummy; ca.revoked = 2026-06-10; ca2.revoked = 2026-06-20")
		b.v.Memo = verifier.NewMemo(100)
		b.sig.Evidence.Certificates = append(b.sig.Evidence.Certificates, b.p.Cert("ca2"))
		require.Empty(t, b.again())
		b.p.Now = day("2026-06-11")
		require.Empty(t, b.again(), "the other one is in force")
		b.p.Now = day("2026-06-21")
		require.Equal(t, report.RevokedCANoPOE, b.again())
	})
	t.Run("a path that is refused", func(t *testing.T) {
		b := newBench(t)
		b.v.Memo = verifier.NewMemo(100)
		b.issueSigner("ca", "odd", func(c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
		})
		for range 2 {
			require.Equal(t, report.CertificateChainGeneralFailure, b.again())
		}
	})
	t.Run("a path of then", func(t *testing.T) {
		a := newArchive(t)
		a.v.Memo = verifier.NewMemo(100)
		root := a.p.Anchors()[0]
		ended, since := root, root
		ended.Until, since.From = day("2026-05-05"), day("2026-05-06")
		a.v.Trust = pki.Anchors{ended, since}
		a.p.Now = day("2026-06-04")
		require.Empty(t, a.again())
		a.p.Now = day("2030-01-01")
		require.Empty(t, a.again(), "trusted anew, since before it was signed")
	})
	t.Run("a list by nobody", func(t *testing.T) {
		b, other := newBench(t), newBench(t)
		b.v.Memo = verifier.NewMemo(100)
		b.v.Revocation = fixed{list: append(b.lists(b.p.Now, "root"), other.lists(b.p.Now, "ca")...)}
		for range 2 {
			require.Equal(t, report.TryLater, b.again())
		}
	})
	t.Run("a responder that is trusted no more", func(t *testing.T) {
		b := newBench(t, "elsewhere -> far[ocsp]")
		b.v.Memo = verifier.NewMemo(100)
		b.only(b.answer("alice", "far", plain))
		b.v.Trust = append(b.p.Anchors(), pki.Anchor{Certificate: b.p.Cert("far"), Uses: []pki.Use{pki.UseOCSP}})
		require.Empty(t, b.again())
		b.v.Trust = b.p.Anchors()
		require.Equal(t, report.TryLater, b.again())
	})
	t.Run("a list more than are told apart", func(t *testing.T) {
		for _, order := range [][]int{{4, 6}, {6, 4}, {5, 6}, {6, 5}} {
			b := newBench(t)
			b.v.Memo = verifier.NewMemo(100)
			b.sig.Claims.Time = day("2026-04-01")
			lists := b.lists(b.p.Now, "ca", "ca", "ca", "ca", "ca")
			lists = append(lists, b.listBy("ca", x509.RevocationListEntry{
				SerialNumber: b.p.Cert("alice").SerialNumber, RevocationTime: day("2026-05-01"), ReasonCode: 1}))
			root := b.lists(b.p.Now, "root")[0]
			for range 2 {
				for _, n := range order {
					b.v.Revocation = fixed{list: append(lists[:n:n], root)}
					want := map[int]report.SubIndication{4: "", 5: "", 6: report.RevokedNoPOE}[n]
					require.Equal(t, want, b.again(), "%d of %v", n, order)
				}
			}
		}
	})
	t.Run("a document's own lists", func(t *testing.T) {
		b := newBench(t)
		b.v.Memo = verifier.NewMemo(100)
		b.sig.Claims.Time = day("2026-04-01")
		list := func(name string) pki.Revocation {
			return b.listBy("ca", x509.RevocationListEntry{
				SerialNumber: b.p.Cert(name).SerialNumber, RevocationTime: day("2026-05-01"), ReasonCode: 1})
		}
		bobs, alices := list("bob"), list("alice")
		for len(alices.Raw) != len(bobs.Raw) { // signatures are of several lengths
			alices = list("alice")
		}
		b.v.Revocation = nil
		b.sig.Evidence.Revocations = append(b.lists(b.p.Now, "root"), bobs)
		require.Empty(t, b.again())
		// The same memory holds other bytes now, as of a buffer that is used again.
		copy(bobs.Raw, alices.Raw)
		require.Equal(t, report.RevokedNoPOE, b.again())
	})
}

// Large pieces that are no lists are refused like small ones, and one that is
// empty is none.
func TestOddPieces(t *testing.T) {
	large := bytes.Repeat([]byte{0x30}, 100<<10)
	both := func(do func(*bench, []pki.Revocation), pieces ...pki.Revocation) func(*bench) {
		return func(b *bench) { do(b, append(pieces, b.lists(b.p.Now, "root", "ca")...)) }
	}
	own := func(b *bench, list []pki.Revocation) { b.v.Revocation = fixed{list: list} }
	embedded := func(b *bench, list []pki.Revocation) {
		b.v.Revocation, b.sig.Evidence.Revocations = nil, list
	}
	judgeBends(t, []bend{
		{"large, of our own", "", both(own, pki.Revocation{Kind: pki.CRL, Raw: large}), ""},
		{"large, of the document", "", both(embedded, pki.Revocation{Kind: pki.CRL, Raw: large}), ""},
		{"empty, of our own", "", both(own, pki.Revocation{Kind: pki.CRL}, pki.Revocation{Kind: pki.OCSP}), ""},
		{"empty, of the document", "", both(embedded, pki.Revocation{Kind: pki.CRL}), ""},
		{"the same twice", "", func(b *bench) {
			embedded(b, append(b.lists(b.p.Now, "root", "ca"), b.lists(b.p.Now, "root", "ca")...))
		}, ""},
		{"a list called an answer", "", func(b *bench) {
			list := b.lists(b.p.Now, "root", "ca")
			list[1].Kind = pki.OCSP
			embedded(b, list)
		}, report.TryLater},
		{"a list called an answer, and the list", "", func(b *bench) {
			list := append(b.lists(b.p.Now, "ca"), b.lists(b.p.Now, "root", "ca")...)
			list[0].Kind = pki.OCSP
			embedded(b, list)
		}, ""},
		{"an answer that is a list, and the same as a list", "", func(b *bench) {
			list := b.lists(b.p.Now, "root", "ca")
			embedded(b, append([]pki.Revocation{{Kind: pki.OCSP, Raw: list[1].Raw}}, list...))
		}, ""},
		{"the same twice, and as many as allowed", "", func(b *bench) {
			list := b.lists(b.p.Now, "root", "ca")
			embedded(b, append(list[:1:1], list...))
			b.v.Policy.Limits.Revocations = 2
		}, ""},
		{"as many of the document as allowed", "", func(b *bench) {
			embedded(b, b.lists(b.p.Now, "root", "ca"))
			b.v.Policy.Limits.Revocations = 2
		}, ""},
		{"one more than allowed", "", func(b *bench) {
			embedded(b, b.lists(b.p.Now, "root", "ca"))
			b.v.Policy.Limits.Revocations = 1
		}, report.TryLater},
		{"only with the stamp", "", func(b *bench) {
			list := b.lists(b.p.Now, "root", "ca")
			b.v.Revocation = nil
			b.stamp("tsa", formats.SignatureTimestamp, b.p.Now.Add(-time.Minute)).Signature.Evidence.Revocations = list
		}, ""},
	})
}
