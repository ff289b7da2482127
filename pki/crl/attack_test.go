package crl_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// replaced changes the one place where old stands in der.
func replaced(t *testing.T, der, old, now []byte) []byte {
	t.Helper()
	require.Equal(t, 1, bytes.Count(der, old))
	return bytes.Replace(der, old, now, 1)
}

// Mallory makes a CA with the name of bob's, and under its own key a list on
// which bob is not. The name is right, the signature is right, and it is not by
// bob's issuer.
func TestListByAnotherKeyOfTheSameName(t *testing.T) {
	p := pkitest.New(t, "ca -> bob; ca.revoked(bob)")
	mallory := pkitest.New(t, "ca -> bob")
	list, err := crl.Parse(mallory.CRL("ca"))
	require.NoError(t, err)
	require.ErrorIs(t, list.Verify(p.Cert("ca"), pki.Verify), pki.ErrInvalidSignature)
	for _, c := range []crl.Checked{{List: list}, {Signer: p.Cert("ca")}} {
		_, err = crl.Judge(p.Cert("bob"), []crl.Checked{c})
		require.Error(t, err, "nobody has verified it")
	}
}

// The CA changed its key, and the old one was stolen. With it Mallory signs a
// delta that releases bob. Both keys are of the same name and lead to the same
// anchor, but a delta counts only under the key of its list.
func TestDeltaByAnotherKey(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca]; ca -> bob")
	p.Issue("root", "old", func(c *x509.Certificate) {
		c.Subject, c.IsCA, c.BasicConstraintsValid = p.Cert("ca").Subject, true, true
		c.KeyUsage, c.SubjectKeyId = x509.KeyUsageCRLSign|x509.KeyUsageCertSign, p.Cert("ca").SubjectKeyId
	})
	require.True(t, pki.SameName(p.Cert("old").RawSubject, p.Cert("ca").RawSubject))
	base := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.CertificateHold)}
	})
	release := func(l *x509.RevocationList) {
		l.Number, l.ExtraExtensions = big.NewInt(2), append(l.ExtraExtensions, delta(1))
		l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.RemoveFromCRL)}
	}
	answers := judged(t, p.Cert("bob"), base, checked(t, p, "old", release))
	require.Len(t, answers, 1)
	require.True(t, answers[0].Revoked)
	answers = judged(t, p.Cert("bob"), base, checked(t, p, "ca", release))
	require.Len(t, answers, 2)
	require.False(t, answers[1].Revoked)
}

// In an indirect list stands number 7 of another issuer, before or after number
// 7 of bob's. Mallory is not revoked because bob is, and bob is not free because
// Mallory comes first.
func TestSameNumberOfAnotherIssuer(t *testing.T) {
	p := pkitest.New(t, "root -> ca1[ca], ca2[ca], ca3[ca], lists[ca]")
	sends := points(point(tlv(0xa2, directory(p.Cert("lists").RawSubject))))
	bob := certificate(p, "ca1", "bob", sends)
	twin, third := sibling(p, "ca2", "twin", bob, sends), sibling(p, "ca3", "third", bob, sends)
	first, second := revoked(p, bob, crl.KeyCompromise), revoked(p, twin, crl.Superseded)
	first.ExtraExtensions, second.ExtraExtensions = of(p.Cert("ca1")), of(p.Cert("ca2"))
	for _, entries := range [][]x509.RevocationListEntry{{first, second}, {second, first}} {
		list := checked(t, p, "lists", func(l *x509.RevocationList) {
			l.ExtraExtensions, l.RevokedCertificateEntries = append(l.ExtraExtensions, scope(indirect)), entries
		})
		for e, err := range list.List.Entries() {
			require.NoError(t, err)
			issuer := map[crl.Reason]string{crl.KeyCompromise: "ca1", crl.Superseded: "ca2"}[e.Reason]
			require.True(t, pki.SameName(p.Cert(issuer).RawSubject, e.Issuer), issuer)
		}
		for range 2 {
			require.Equal(t, crl.KeyCompromise, judged(t, bob, list)[0].Entry.Reason)
			require.Equal(t, crl.Superseded, judged(t, twin, list)[0].Entry.Reason)
			require.False(t, judged(t, third, list)[0].Revoked)
			require.NoError(t, list.List.BuildIndex())
		}
	}
	// The same with a direct list, asked without Covers.
	list := checked(t, p, "ca1", func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, bob, crl.KeyCompromise)}
	})
	_, found, err := list.List.Lookup(twin)
	require.NoError(t, err)
	require.False(t, found)
}

// A list of a CA is shown as the indirect one that alice's certificate asks for,
// and an entry of another issuer stands in a list that does not say that it is
// indirect: readers who know nothing of them would take it for the list's own.
func TestDirectListAsIndirect(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca], lists[ca]")
	alice := certificate(p, "ca", "alice", points(point(tlv(0xa2, directory(p.Cert("lists").RawSubject)))))
	for _, issuer := range []string{"lists", "ca"} {
		require.Empty(t, judged(t, alice, checked(t, p, issuer, func(*x509.RevocationList) {})), issuer)
	}
	_, err := crl.Parse(makeList(t, p, "lists", func(l *x509.RevocationList) {
		entry := revoked(p, alice, crl.KeyCompromise)
		entry.ExtraExtensions = of(p.Cert("ca"))
		l.RevokedCertificateEntries = []x509.RevocationListEntry{entry}
	}))
	require.ErrorIs(t, err, crl.ErrMalformed)
}

// A delta is silent about whoever was revoked before it. Alone, or with a list
// from before a gap, it must not say that anybody is in force. But nobody may
// hide that bob is on it by keeping back the list between.
func TestDeltaWithoutItsBase(t *testing.T) {
	p := pkitest.New(t, "ca -> alice, bob, carol")
	lone := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.Number, l.ExtraExtensions = big.NewInt(9), append(l.ExtraExtensions, delta(8))
		l.RevokedCertificateEntries = []x509.RevocationListEntry{
			revoked(p, p.Cert("bob"), crl.KeyCompromise), revoked(p, p.Cert("carol"), crl.RemoveFromCRL),
		}
	})
	old := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.Number, l.ThisUpdate = big.NewInt(7), p.Now.AddDate(0, 0, -3)
	})
	for _, name := range []string{"alice", "carol"} {
		require.Empty(t, judged(t, p.Cert(name), lone), name)
		answers := judged(t, p.Cert(name), lone, old)
		require.Len(t, answers, 1, "the old list by itself")
		require.Equal(t, old.List.ThisUpdate, answers[0].ThisUpdate)
	}
	for _, lists := range [][]crl.Checked{{lone}, {old, lone}} {
		answers := judged(t, p.Cert("bob"), lists...)
		require.True(t, answers[len(answers)-1].Revoked)
		require.Equal(t, lone.List.ThisUpdate, answers[len(answers)-1].ThisUpdate)
	}
}

// A delta for user certificates only, with a base for all: bob, a CA, is not on
// it because it does not speak of him.
func TestDeltaOfAnotherScope(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	base := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.CertificateHold)}
	})
	for name, part := range map[string][]byte{"users": tlv(0x81, yes), "reasons": someReasons(compromised)} {
		released := checked(t, p, "ca", func(l *x509.RevocationList) {
			l.Number, l.ExtraExtensions = big.NewInt(2), append(l.ExtraExtensions, delta(1), scope(part))
			l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.RemoveFromCRL)}
		})
		answers := judged(t, p.Cert("bob"), base, released)
		require.Len(t, answers, 1, name)
		require.True(t, answers[0].Revoked, name)
	}
}

// A CA takes certificates off its list when they end, and a delta says "remove"
// for that as for the end of a suspension. What Mallory signed with bob's stolen
// key must not become good because bob's certificate has ended since.
func TestRemovedAfterTheftStaysRevoked(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	for _, reason := range []crl.Reason{crl.KeyCompromise, crl.Unspecified, crl.Superseded} {
		base := checked(t, p, "ca", func(l *x509.RevocationList) {
			l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), reason)}
		})
		removed := checked(t, p, "ca", func(l *x509.RevocationList) {
			l.Number, l.ExtraExtensions = big.NewInt(2), append(l.ExtraExtensions, delta(1))
			l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.RemoveFromCRL)}
		})
		for _, a := range judged(t, p.Cert("bob"), base, removed) {
			require.True(t, a.Revoked)
			require.Equal(t, reason, a.Entry.Reason)
		}
	}
}

// A list for one reason is shown as if it were for all; and bits that are only
// padding are set, so that a careless reader counts more reasons.
func TestSomeReasonsAreNotAll(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	some := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(someReasons(compromised)))
	})
	require.Empty(t, judged(t, p.Cert("alice"), some))
	require.Empty(t, judged(t, p.Cert("alice"), some, some), "twice is not more")
	_, err := crl.Parse(makeList(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(someReasons([]byte{5, 0x7f})))
	}))
	require.ErrorIs(t, err, crl.ErrMalformed)

	// The certificate itself sends to the list for some reasons only.
	picky := certificate(p, "ca", "picky", points(point(at(uri("http://pki.test/1")), tlv(0x81, compromised))))
	all := checked(t, p, "ca", func(*x509.RevocationList) {})
	require.Equal(t, crl.ReasonSet(0x06), covers(t, all.List, picky))
	require.Empty(t, judged(t, picky, all))
}

// Bob's number with a leading zero octet is another sequence of bytes. A reader
// that compares bytes would not find him.
func TestSerialNumberInASecondForm(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	der := makeList(t, p, "ca", func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{{
			SerialNumber: big.NewInt(0x1234), RevocationTime: p.Now,
		}}
	})
	for name, number := range map[string][]byte{"zero": {2, 2, 0, 0x34}, "minus one": {2, 2, 0xff, 0x80}} {
		_, err := crl.Parse(replaced(t, der, []byte{2, 2, 0x12, 0x34}, number))
		require.ErrorIs(t, err, crl.ErrMalformed, name)
	}
}

// A list says of bob that he is revoked, and again that he is removed, held, or
// revoked later: whoever takes the first, or the last, is free to choose.
func TestEntryTwice(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	entry := func(reason crl.Reason, days int) x509.RevocationListEntry {
		e := revoked(p, p.Cert("bob"), reason)
		e.RevocationTime = p.Now.AddDate(0, 0, -days)
		return e
	}
	grave := entry(crl.KeyCompromise, 5)
	for _, light := range []x509.RevocationListEntry{
		entry(crl.RemoveFromCRL, 9), entry(crl.CertificateHold, 9), entry(crl.Superseded, 4),
	} {
		for _, entries := range [][]x509.RevocationListEntry{{grave, light}, {light, grave}} {
			list := checked(t, p, "ca", func(l *x509.RevocationList) { l.RevokedCertificateEntries = entries })
			for range 2 {
				found := judged(t, p.Cert("bob"), list)[0].Entry
				require.Equal(t, crl.KeyCompromise, found.Reason)
				require.Equal(t, grave.RevocationTime, found.Time)
				require.NoError(t, list.List.BuildIndex())
			}
		}
	}
}

// A list from the future is an answer of the future. It must say so, and must
// not stand in the way of the list that counts now.
func TestListFromTheFuture(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	now := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.KeyCompromise)}
	})
	for name, edit := range map[string]func(*x509.RevocationList){
		"complete": func(*x509.RevocationList) {},
		"delta": func(l *x509.RevocationList) {
			l.Number, l.ExtraExtensions = big.NewInt(2), append(l.ExtraExtensions, delta(1))
		},
	} {
		future := checked(t, p, "ca", func(l *x509.RevocationList) {
			edit(l)
			l.ThisUpdate, l.NextUpdate = p.Now.AddDate(1, 0, 0), p.Now.AddDate(2, 0, 0)
		})
		answers := judged(t, p.Cert("bob"), future, now)
		require.Len(t, answers, 2, name)
		made := map[time.Time]bool{}
		for _, a := range answers {
			made[a.ThisUpdate] = a.Revoked
		}
		require.True(t, made[now.List.ThisUpdate], name)
		require.Contains(t, made, future.List.ThisUpdate, name)
	}
}

// A document brings four thousand lists of one CA, half of them deltas: to try
// each with each would be four million answers.
func TestManyListsAreNotSquared(t *testing.T) {
	p := pkitest.New(t, "ca[ed25519] -> bob")
	var lists []crl.Checked
	for i := range 400 {
		l, err := crl.Parse(makeList(t, p, "ca", func(l *x509.RevocationList) {
			l.Number = big.NewInt(int64(i))
			switch i % 4 {
			case 0:
				l.ExtraExtensions = append(l.ExtraExtensions, delta(0))
			case 1:
				l.ExtraExtensions = append(l.ExtraExtensions, scope(someReasons(compromised)))
			case 2:
				l.ExtraExtensions = append(l.ExtraExtensions, scope(someReasons(otherwise)))
			}
		}))
		require.NoError(t, err)
		for range 10 {
			lists = append(lists, crl.Checked{List: l, Signer: p.Cert("ca")})
		}
	}
	start := time.Now()
	require.Greater(t, len(judged(t, p.Cert("bob"), lists...)), 100)
	require.Less(t, time.Since(start), time.Minute)
}

// Ten thousand issuers' lists at hand: a certificate finds those of its own, and
// of whom it sends to, without a look at the others.
func TestSetFindsByName(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca], lists[ca]")
	cert := certificate(p, "ca", "alice",
		points(point(at(uri("http://pki.test/a"))), point(tlv(0xa2, directory(p.Cert("lists").RawSubject)))))
	all := [][]byte{
		makeList(t, p, "ca", func(*x509.RevocationList) {}),
		makeList(t, p, "ca", func(l *x509.RevocationList) { l.ExtraExtensions = append(l.ExtraExtensions, delta(1)) }),
		makeList(t, p, "lists", func(l *x509.RevocationList) { l.ExtraExtensions = append(l.ExtraExtensions, scope(indirect)) }),
	}
	other := makeList(t, p, "root", func(*x509.RevocationList) {})
	for i := range 10_000 {
		name := fmt.Appendf(nil, "%04d", i)
		all = append(all, bytes.Replace(other, []byte("root"), name, 1))
	}
	set, err := crl.NewSet(all...)
	require.NoError(t, err)
	for range 2 {
		found, err := set.Revocation(t.Context(), cert, p.Cert("ca"))
		require.NoError(t, err)
		require.Len(t, found, 3)
		for i, r := range found {
			require.Equal(t, all[i], r.Raw)
		}
	}
	one := *cert
	require.Less(t, testing.AllocsPerRun(10, func() {
		one = *cert // asked for the first time
		fresh := one
		_, err = set.Revocation(t.Context(), &fresh, p.Cert("ca"))
	}), 200.0)
}
