package crl_test

import (
	"crypto/x509"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// Two lists for some reasons each settle a status together, and it is as old as
// the older of them; of several for the same reasons the newest counts.
func TestReasonsTogether(t *testing.T) {
	p := pkitest.New(t, "ca -> alice, bob")
	part := func(bits []byte, days int, entries ...x509.RevocationListEntry) crl.Checked {
		return checked(t, p, "ca", func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, scope(someReasons(bits)))
			l.RevokedCertificateEntries = entries
			l.ThisUpdate, l.NextUpdate = p.Now.AddDate(0, 0, -days), p.Now.AddDate(0, 0, 30-days)
		})
	}
	old, stolen := part(compromised, 9), part(compromised, 2)
	rest := part(otherwise, 3, revoked(p, p.Cert("bob"), crl.Superseded))
	require.Equal(t, crl.ReasonSet(0x06), covers(t, stolen.List, p.Cert("alice")))
	require.Equal(t, crl.AllReasons&^0x06, covers(t, rest.List, p.Cert("alice")))

	for _, lists := range [][]crl.Checked{{old, stolen, rest}, {rest, stolen, old}} {
		answers := judged(t, p.Cert("alice"), lists...)
		require.Len(t, answers, 2, "as of three days ago, and as of two")
		require.Equal(t, old.List.ThisUpdate, answers[0].ThisUpdate)
		require.Equal(t, rest.List.ThisUpdate, answers[1].ThisUpdate)
		require.Equal(t, rest.List.NextUpdate, answers[1].NextUpdate)
		require.ElementsMatch(t, []*crl.List{stolen.List, rest.List}, answers[1].Lists)
	}
	answers := judged(t, p.Cert("bob"), stolen, rest)
	require.Len(t, answers, 1)
	require.True(t, answers[0].Revoked)
	require.Equal(t, crl.Superseded, answers[0].Entry.Reason)
}

// A certificate may send to one issuer for some reasons and to another for the
// rest, whose lists have the same scope.
func TestReasonsOfTwoIssuers(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca], lists[ca], more[ca]")
	cert := certificate(p, "ca", "alice", points(
		point(tlv(0x81, compromised), tlv(0xa2, directory(p.Cert("lists").RawSubject))),
		point(tlv(0x81, otherwise), tlv(0xa2, directory(p.Cert("more").RawSubject)))))
	part := func(name string) crl.Checked {
		return checked(t, p, name, func(l *x509.RevocationList) { l.ExtraExtensions = append(l.ExtraExtensions, scope(indirect)) })
	}
	require.Empty(t, judged(t, cert, part("lists")))
	answers := judged(t, cert, part("lists"), part("more"))
	require.Len(t, answers, 1)
	require.Len(t, answers[0].Lists, 2)
}

// A delta tells what has changed since a complete list: who is revoked now, for
// another reason now, or released.
func TestDelta(t *testing.T) {
	p := pkitest.New(t, "ca -> alice, bob, carol, dave")
	base := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.Number, l.ThisUpdate = big.NewInt(3), p.Now.AddDate(0, 0, -5)
		l.RevokedCertificateEntries = []x509.RevocationListEntry{
			revoked(p, p.Cert("bob"), crl.CertificateHold), revoked(p, p.Cert("carol"), crl.CertificateHold),
		}
	})
	later := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.Number, l.ExtraExtensions = big.NewInt(5), append(l.ExtraExtensions, delta(2))
		l.RevokedCertificateEntries = []x509.RevocationListEntry{
			revoked(p, p.Cert("bob"), crl.RemoveFromCRL), revoked(p, p.Cert("carol"), crl.KeyCompromise),
			revoked(p, p.Cert("dave"), crl.Superseded),
		}
	})
	both, err := crl.Combine(base.List, later.List)
	require.NoError(t, err)
	for name, reason := range map[string]crl.Reason{
		"alice": -1, "bob": -1, "carol": crl.KeyCompromise, "dave": crl.Superseded,
	} {
		entry, found, err := both.Lookup(p.Cert(name))
		require.NoError(t, err)
		require.Equal(t, reason >= 0, found, name)
		if found {
			require.Equal(t, reason, entry.Reason, name)
		}
		answers := judged(t, p.Cert(name), later, base)
		require.Len(t, answers, 2, "of the list, and of both")
		now := answers[1]
		require.Equal(t, []*crl.List{base.List, later.List}, now.Lists)
		require.Equal(t, later.List.ThisUpdate, now.ThisUpdate)
		require.Equal(t, found, now.Revoked, name)
		require.Equal(t, entry, now.Entry, name)
	}
}

// Whatever RFC 5280 §5.2.4 demands of a delta and its base, one by one.
func TestListsThatDoNotCombine(t *testing.T) {
	p := pkitest.New(t, "ca -> alice; other -> eve")
	for name, cn := range map[string]string{"alias": "another", "second": "ca"} {
		p.Issue("", name, func(c *x509.Certificate) {
			c.Subject, c.IsCA, c.BasicConstraintsValid = p.Cert("ca").Subject, true, true
			c.Subject.CommonName, c.SubjectKeyId, c.KeyUsage = cn, p.Cert("ca").SubjectKeyId, x509.KeyUsageCRLSign
			if cn == "ca" {
				c.SubjectKeyId = []byte("second")
			}
		})
	}
	make := func(issuer string, number int64, more func(*x509.RevocationList)) *crl.List {
		return checked(t, p, issuer, func(l *x509.RevocationList) {
			l.Number = big.NewInt(number)
			more(l)
		}).List
	}
	plain := func(*x509.RevocationList) {}
	adds := func(l *x509.RevocationList) { l.ExtraExtensions = append(l.ExtraExtensions, delta(4)) }
	scoped := func(l *x509.RevocationList) { l.ExtraExtensions = append(l.ExtraExtensions, scope(tlv(0x81, yes))) }
	good := make("ca", 6, adds)
	_, err := crl.Combine(make("ca", 4, plain), good)
	require.NoError(t, err)
	for name, c := range map[string]struct{ base, delta *crl.List }{
		"two complete lists":      {make("ca", 4, plain), make("ca", 6, plain)},
		"two deltas":              {make("ca", 5, adds), good},
		"the other way round":     {good, make("ca", 4, plain)},
		"another issuer":          {make("other", 4, plain), good},
		"another name of a key":   {make("ca", 4, plain), make("alias", 6, adds)},
		"another key of a name":   {make("ca", 4, plain), make("second", 6, adds)},
		"a gap":                   {make("ca", 3, plain), good},
		"the same number":         {make("ca", 6, plain), good},
		"older than the list":     {make("ca", 7, plain), good},
		"a scope in the list":     {make("ca", 4, scoped), good},
		"a scope in the delta":    {make("ca", 4, plain), make("ca", 6, func(l *x509.RevocationList) { adds(l); scoped(l) })},
		"the list has no number":  {without(t, p, plain), good},
		"the delta has no number": {make("ca", 4, plain), without(t, p, adds)},
	} {
		_, err := crl.Combine(c.base, c.delta)
		require.ErrorIs(t, err, crl.ErrDelta, name)
	}
}

// A delta that does not tell its number may come before the list or after it.
func TestDeltaWithoutNumber(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	base := checked(t, p, "ca", func(*x509.RevocationList) {})
	lone := without(t, p, func(l *x509.RevocationList) { l.ExtraExtensions = append(l.ExtraExtensions, delta(1)) })
	answers := judged(t, p.Cert("alice"), base, crl.Checked{List: lone, Signer: p.Cert("ca")})
	require.Len(t, answers, 1)
	require.Equal(t, []*crl.List{base.List}, answers[0].Lists)
}

// without is a list of ca's whose number has become an extension that nobody
// knows. It is no longer signed.
func without(t *testing.T, p *pkitest.PKI, edit func(*x509.RevocationList)) *crl.List {
	der := makeList(t, p, "ca", edit)
	list, err := crl.Parse(replaced(t, der, []byte{0x55, 0x1d, 20}, []byte{0x55, 0x1d, 99}))
	require.NoError(t, err)
	require.Nil(t, list.Number)
	return list
}

// An indirect list speaks of certificates that name its issuer, and minds whose
// each entry is.
func TestIndirectList(t *testing.T) {
	p := pkitest.New(t, "root -> ca1[ca], ca2[ca], lists[ca]")
	sends := points(point(tlv(0xa2, directory(p.Cert("lists").RawSubject))))
	mine := certificate(p, "lists", "own")
	one, two := certificate(p, "ca1", "one", sends), certificate(p, "ca2", "two", sends)
	three := certificate(p, "ca2", "three", sends)
	list := checked(t, p, "lists", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(indirect))
		first, second, third := revoked(p, mine, crl.Superseded), revoked(p, one, crl.KeyCompromise), revoked(p, two, crl.CertificateHold)
		second.ExtraExtensions, third.ExtraExtensions = of(p.Cert("ca1")), of(p.Cert("ca2"))
		// The issuer of an entry holds for those after it (RFC 5280 §5.3.3).
		l.RevokedCertificateEntries = []x509.RevocationListEntry{first, second, third, revoked(p, three, crl.CACompromise)}
	})
	for _, indexed := range []bool{false, true} {
		if indexed {
			require.NoError(t, list.List.BuildIndex())
		}
		for cert, reason := range map[*x509.Certificate]crl.Reason{
			mine: crl.Superseded, one: crl.KeyCompromise, two: crl.CertificateHold, three: crl.CACompromise,
		} {
			answers := judged(t, cert, list)
			require.Len(t, answers, 1)
			require.Equal(t, reason, answers[0].Entry.Reason)
			if cert == mine {
				require.Nil(t, answers[0].Entry.Issuer)
			} else {
				require.True(t, pki.SameName(cert.RawIssuer, answers[0].Entry.Issuer))
			}
		}
	}
	good := certificate(p, "ca1", "good", sends)
	require.Equal(t, crl.AllReasons, judged(t, good, list)[0].Reasons)
}

// A distribution point may be named below the issuer of the list: "CN=part 1"
// below "C=UT, CN=ca" is "C=UT, CN=ca, CN=part 1" (RFC 5280 §4.2.1.13).
func TestRelativePoint(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	rdn := func(cn string) []byte {
		return tlv(0x30, tlv(6, []byte{0x55, 4, 3}), tlv(0x0c, []byte(cn)))
	}
	whole := func(cn string) []byte {
		issuer := p.Cert("ca").RawSubject
		return directory(tlv(0x30, issuer[2:], tlv(0x31, rdn(cn))))
	}
	relative := func(cn string) []byte { return tlv(0xa0, tlv(0xa1, rdn(cn))) }
	list := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(relative("part 1")))
	})
	// Package x509 reads no certificate with a relative name: see pkits_test.go.
	same := certificate(p, "ca", "same", points(point(at(whole("PART 1")))))
	other := certificate(p, "ca", "other", points(point(at(whole("part 2")))))
	require.Len(t, judged(t, same, list), 1)
	require.Empty(t, judged(t, other, list))
	require.Empty(t, judged(t, p.Cert("alice"), list))
}

func TestWhatListsSayOfThemselves(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	since := time.Date(2020, 2, 29, 23, 59, 58, 0, time.UTC)
	list := checked(t, p, "ca", func(l *x509.RevocationList) {
		entry := revoked(p, p.Cert("alice"), crl.KeyCompromise)
		entry.ExtraExtensions = append(entry.ExtraExtensions, extension(24, false, tlv(0x18, []byte("20200229235958Z"))))
		l.RevokedCertificateEntries = []x509.RevocationListEntry{entry}
		l.ExtraExtensions = append(l.ExtraExtensions,
			extension(46, false, tlv(0x30, point(at(uri("http://pki.test/delta"))))),
			extension(60, false, tlv(0x18, []byte("20200229235958Z"))))
	}).List
	require.Equal(t, []crl.Point{{Names: [][]byte{uri("http://pki.test/delta")}}}, list.Freshest)
	require.Equal(t, since, list.ExpiredCerts)
	require.Equal(t, 1, list.Len())
	a := judged(t, p.Cert("alice"), crl.Checked{List: list, Signer: p.Cert("ca")})[0]
	require.Equal(t, since, a.Entry.Invalid)
	require.Equal(t, since, a.ExpiredCerts)

	loose := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, extension(60, false, tlv(0x17, []byte("200229235958Z"))))
	}).List
	require.Zero(t, loose.ExpiredCerts, "not in the form that says it")
	require.Len(t, loose.Defects, 1)
}
