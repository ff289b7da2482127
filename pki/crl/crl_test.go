package crl_test

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"

	"github.com/stretchr/testify/require"
)

const drawn = "root -> ca -> alice, bob; ca.revoked(bob); bob.reason = 1; other -> eve"

func TestListOfOurOwnCA(t *testing.T) {
	p := pkitest.New(t, drawn)
	list, err := crl.Parse(p.CRL("ca"))
	require.NoError(t, err)
	require.NoError(t, list.Verify(p.Cert("ca"), pki.Verify))
	require.Equal(t, crl.AllReasons, covers(t, list, p.Cert("alice")))
	require.Equal(t, 2, list.Version)
	require.Equal(t, p.Now.Add(-time.Hour), list.ThisUpdate)
	require.Equal(t, p.Now.AddDate(0, 0, 7), list.NextUpdate)
	require.Equal(t, p.Now.Unix(), list.Number.Int64())
	require.Equal(t, p.Cert("ca").SubjectKeyId, list.IssuerKey)

	_, found, err := list.Lookup(p.Cert("alice"))
	require.NoError(t, err)
	require.False(t, found)
	entry, found, err := list.Lookup(p.Cert("bob"))
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, crl.KeyCompromise, entry.Reason)
	require.Equal(t, p.Now.AddDate(0, 0, -1), entry.Time)
	n := 0
	for e, err := range list.Entries() {
		require.NoError(t, err)
		require.Equal(t, entry, e)
		n++
	}
	require.Equal(t, 1, n)
	_, found, err = list.Lookup(&x509.Certificate{})
	require.Error(t, err)
	require.False(t, found)
	require.Empty(t, list.Defects)
}

func TestEveryKindOfKeySignsLists(t *testing.T) {
	for _, kind := range []string{"p256", "p384", "p521", "rsa2048", "ed25519", "mldsa44", "mldsa65", "mldsa87"} {
		p := pkitest.New(t, "ca["+kind+"] -> bob; ca.revoked(bob)")
		list, err := crl.Parse(p.CRL("ca"))
		require.NoError(t, err, kind)
		require.NoError(t, list.Verify(p.Cert("ca"), pki.Verify), kind)
		_, found, err := list.Lookup(p.Cert("bob"))
		require.NoError(t, err)
		require.True(t, found, kind)
	}
}

// A stranger's list, a list with one byte changed, and a list signed by one who
// may not sign lists must all fail, however well they are formed.
func TestVerifyRefuses(t *testing.T) {
	p := pkitest.New(t, drawn)
	der := p.CRL("ca")
	list, err := crl.Parse(der)
	require.NoError(t, err)
	require.ErrorIs(t, list.Verify(p.Cert("other"), pki.Verify), crl.ErrIssuer)
	_, err = list.Covers(p.Cert("eve"))
	require.ErrorIs(t, err, crl.ErrScope)

	twin := pkitest.New(t, drawn) // same names, other keys
	require.ErrorIs(t, list.Verify(twin.Cert("ca"), pki.Verify), pki.ErrInvalidSignature)

	changed := append([]byte(nil), der...)
	changed[len(changed)-1] ^= 1
	list, err = crl.Parse(changed)
	require.NoError(t, err)
	require.Error(t, list.Verify(p.Cert("ca"), pki.Verify))

	noSign := *p.Cert("ca")
	noSign.KeyUsage = x509.KeyUsageCertSign
	list, err = crl.Parse(der)
	require.NoError(t, err)
	require.ErrorIs(t, list.Verify(&noSign, pki.Verify), crl.ErrIssuer)
}

// Cut anywhere, or with anything after its end, a list is not a list.
func TestTruncatedAndExtended(t *testing.T) {
	der := pkitest.New(t, drawn).CRL("ca")
	for n := range der {
		_, err := crl.Parse(der[:n])
		require.ErrorIs(t, err, crl.ErrMalformed, "%d bytes", n)
	}
	_, err := crl.Parse(append(append([]byte(nil), der...), 0))
	require.ErrorIs(t, err, crl.ErrMalformed)
	_, err = crl.Parse(make([]byte, crl.MaxSize+1))
	require.ErrorIs(t, err, crl.ErrTooLarge)
}

// withExtension makes a CA's list with one more extension.
func withExtension(t *testing.T, p *pkitest.PKI, id asn1.ObjectIdentifier, value []byte) []byte {
	t.Helper()
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: p.Now, NextUpdate: p.Now.AddDate(0, 0, 1),
		ExtraExtensions: []pkix.Extension{{Id: id, Critical: true, Value: value}},
	}, p.Cert("ca"), p.Signer("ca"))
	require.NoError(t, err)
	return der
}

// A list with an extension that is critical and not known, or that contradicts
// itself, says nothing for sure.
func TestListsThatAreRefused(t *testing.T) {
	p := pkitest.New(t, drawn)
	idp := asn1.ObjectIdentifier{2, 5, 29, 28}
	for name, c := range map[string]struct {
		id    asn1.ObjectIdentifier
		value []byte
		want  error
	}{
		"no reasons":           {idp, []byte{0x30, 4, 0x83, 2, 1, 0}, crl.ErrMalformed},
		"unknown reasons":      {idp, []byte{0x30, 5, 0x83, 3, 0, 0, 1}, crl.ErrMalformed},
		"relative to nothing":  {idp, []byte{0x30, 4, 0xa0, 2, 0xa1, 0}, crl.ErrMalformed},
		"unknown and critical": {asn1.ObjectIdentifier{1, 2, 3}, []byte{5, 0}, crl.ErrUnsupported},
		"users and CAs":        {idp, []byte{0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff}, crl.ErrMalformed},
		"flag is no boolean":   {idp, []byte{0x30, 3, 0x81, 1, 1}, crl.ErrMalformed},
		"second CRL number":    {asn1.ObjectIdentifier{2, 5, 29, 20}, []byte{2, 1, 1}, crl.ErrMalformed},
		"base is no number":    {asn1.ObjectIdentifier{2, 5, 29, 27}, []byte{5, 0}, crl.ErrMalformed},
	} {
		_, err := crl.Parse(withExtension(t, p, c.id, c.value))
		require.ErrorIs(t, err, c.want, name)
	}
	list, err := crl.Parse(withExtension(t, p, idp, []byte{0x30, 3, 0x85, 1, 0xff}))
	require.NoError(t, err)
	_, err = list.Covers(p.Cert("alice"))
	require.ErrorIs(t, err, crl.ErrScope, "attribute certificates")
}

// Each of these lists is silent about certificates that are revoked. To read
// "not listed" from one of them alone would let a revoked certificate pass.
func TestListsThatSayLess(t *testing.T) {
	p := pkitest.New(t, drawn)
	idp := asn1.ObjectIdentifier{2, 5, 29, 28}
	for name, c := range map[string]struct {
		id    asn1.ObjectIdentifier
		value []byte
	}{
		"delta":                {asn1.ObjectIdentifier{2, 5, 29, 27}, []byte{2, 1, 1}},
		"some reasons":         {idp, []byte{0x30, 4, 0x83, 2, 1, 0x40}},
		"users only, and a CA": {idp, []byte{0x30, 3, 0x81, 1, 0xff}},
	} {
		list, err := crl.Parse(withExtension(t, p, c.id, c.value))
		require.NoError(t, err, name)
		cert := p.Cert("alice")
		if name == "users only, and a CA" {
			cert = p.Issue("ca", "sub", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })
		}
		answers, err := crl.Judge(cert, []crl.Checked{{List: list, Signer: p.Cert("ca")}})
		require.NoError(t, err)
		require.Empty(t, answers, name)
	}
}

// A user's certificate may say in so many words that it is none of a CA.
func TestUserWhoSaysSo(t *testing.T) {
	p := pkitest.New(t, drawn)
	list, err := crl.Parse(withExtension(t, p, asn1.ObjectIdentifier{2, 5, 29, 28}, []byte{0x30, 3, 0x81, 1, 0xff}))
	require.NoError(t, err)
	cert := p.Issue("ca", "user", func(c *x509.Certificate) { c.BasicConstraintsValid = true })
	require.True(t, cert.BasicConstraintsValid)
	require.Equal(t, crl.AllReasons, covers(t, list, cert))
}

func TestSet(t *testing.T) {
	p := pkitest.New(t, drawn)
	set, err := crl.NewSet(p.CRL("ca"), p.CRL("root"), p.CRL("other"))
	require.NoError(t, err)
	found, err := set.Revocation(context.Background(), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, pki.CRL, found[0].Kind)
	list, err := crl.Parse(found[0].Raw)
	require.NoError(t, err)
	require.NoError(t, list.Verify(p.Cert("ca"), pki.Verify))

	_, err = crl.NewSet(p.CRL("ca"), []byte("nonsense"))
	require.ErrorContains(t, err, "list 2 of 2")
}

// Names are equal in spite of case and spaces (RFC 5280 §7.1), and in nothing
// else.
func TestNames(t *testing.T) {
	p := pkitest.New(t, "ca -> alice; ca.cn = Test  Issuer")
	list, err := crl.Parse(p.CRL("ca"))
	require.NoError(t, err)
	for cn, same := range map[string]bool{
		"Test  Issuer": true, "test issuer": true, " TEST ISSUER ": true, "Test Issuer 2": false, "TestIssuer": false,
	} {
		twin := p.Issue("", cn, func(c *x509.Certificate) {
			c.IsCA, c.BasicConstraintsValid = true, true
			c.KeyUsage = x509.KeyUsageCRLSign
			c.Subject.CommonName = cn
		})
		err := list.Verify(twin, pki.Verify)
		require.ErrorIs(t, err, map[bool]error{true: pki.ErrInvalidSignature, false: crl.ErrIssuer}[same], "%q", cn)
	}
}

func covers(t testing.TB, list *crl.List, cert *x509.Certificate) crl.ReasonSet {
	t.Helper()
	reasons, err := list.Covers(cert)
	require.NoError(t, err)
	return reasons
}

// agree demands that every way of asking finds the same entries.
func agree(t testing.TB, list *crl.List) {
	t.Helper()
	for _, indexed := range []bool{false, true} {
		if indexed {
			require.NoError(t, list.BuildIndex())
		}
		n := 0
		for e, err := range list.Entries() {
			require.NoError(t, err)
			if n++; n > 50 {
				break
			}
			issuer := e.Issuer
			if issuer == nil {
				issuer = list.RawIssuer
			}
			first, found, err := list.Lookup(&x509.Certificate{SerialNumber: e.Serial, RawIssuer: issuer})
			require.NoError(t, err)
			require.True(t, found)
			require.Zero(t, first.Serial.Cmp(e.Serial))
		}
	}
}
