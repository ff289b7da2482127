package ca_test

import (
	"context"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net/url"
	"testing"
	"time"

	"tamga/pki"
	"tamga/pki/ca"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
	"tamga/pki/softkey"

	"github.com/stretchr/testify/require"
)

var (
	now  = time.Date(2026, 6, 1, 12, 0, 30, 0, time.UTC)
	ctx  = context.Background()
	keys = map[string]crypto.Signer{}
)

func clock() time.Time { return now }

// key returns one key of each kind for the whole test run.
func key(t testing.TB, kind string) crypto.Signer {
	t.Helper()
	if keys[kind] == nil {
		signer, err := softkey.Generate(kind)
		require.NoError(t, err)
		keys[kind] = signer
	}
	return keys[kind]
}

func profiles(t testing.TB) *ca.Profiles {
	t.Helper()
	p, err := ca.DefaultProfiles()
	require.NoError(t, err)
	return p
}

func name(cn string) pkix.Name {
	return pkix.Name{Country: []string{"UA"}, Organization: []string{"Тамга"}, CommonName: cn}
}

// root returns the authority of a new self-signed CA.
func root(t testing.TB, profile, kind string) *ca.Authority {
	t.Helper()
	signer, err := softkey.Generate(kind)
	require.NoError(t, err)
	cert, err := ca.SelfSign(ctx, ca.Root{
		Request: ca.Request{Profile: profile, Subject: name("Root")}, Signer: signer,
		Profiles: profiles(t), Now: clock, Contact: "https://ca.example/contact",
	})
	require.NoError(t, err)
	return authority(t, signer, cert)
}

func authority(t testing.TB, signer crypto.Signer, cert *x509.Certificate) *ca.Authority {
	t.Helper()
	cfg := pki.KeyConfig{Name: "ca", Uses: []pki.Use{pki.UseCertificate}}
	k, err := pki.NewKey(cfg, signer, []*x509.Certificate{cert})
	require.NoError(t, err)
	return &ca.Authority{
		Key: k, Profiles: profiles(t), Now: clock, CRLURL: "http://ca.example/ca.crl",
		OCSPURL: "http://ca.example/ocsp", IssuerURL: "http://ca.example/ca.cer", Contact: "ca@example.com",
	}
}

// below returns the authority of an issuing CA under a.
func below(t testing.TB, a *ca.Authority, kind string) *ca.Authority {
	t.Helper()
	signer, err := softkey.Generate(kind)
	require.NoError(t, err)
	cert, err := a.Issue(ctx, ca.Request{
		Profile: "issuing-ca", Subject: name("Issuing CA"), PublicKey: signer.Public(),
	})
	require.NoError(t, err)
	return authority(t, signer, cert)
}

func issue(t testing.TB, a *ca.Authority, profile, kind string) *x509.Certificate {
	t.Helper()
	cert, err := a.Issue(ctx, ca.Request{
		Profile: profile, Subject: name("Кому треба"), PublicKey: key(t, kind).Public(),
	})
	require.NoError(t, err)
	return cert
}

func TestDefaultProfiles(t *testing.T) {
	top := root(t, "root-ca", "p384")
	issuing := below(t, top, "p256")
	iaca := root(t, "iaca", "p256")
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(top.Key.Certificate())
	roots.AddCert(iaca.Key.Certificate())
	middle.AddCert(issuing.Key.Certificate())

	sign := x509.KeyUsageDigitalSignature
	for _, c := range []struct {
		by       *ca.Authority
		profile  string
		usage    x509.KeyUsage
		extended []x509.ExtKeyUsage
		critical string // extension
		days     int
	}{
		{issuing, "document-signer", sign | x509.KeyUsageContentCommitment, nil, "", 1095},
		{issuing, "timestamp", sign, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}, "2.5.29.37", 1825},
		{issuing, "ocsp", sign, []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}, "", 90},
		{issuing, "sdjwt-signer", sign, nil, "", 456},
		{iaca, "mdoc-signer", sign, nil, "2.5.29.37", 456},
	} {
		cert := issue(t, c.by, c.profile, "p256")
		require.Equal(t, c.usage, cert.KeyUsage, c.profile)
		require.Equal(t, c.extended, cert.ExtKeyUsage, c.profile)
		require.Equal(t, time.Duration(c.days)*24*time.Hour, cert.NotAfter.Sub(cert.NotBefore), c.profile)
		require.Equal(t, now.Truncate(time.Minute).Add(-5*time.Minute), cert.NotBefore, c.profile)
		require.False(t, cert.IsCA, c.profile)
		require.Len(t, cert.SubjectKeyId, 20, c.profile)
		require.Equal(t, c.by.Key.Certificate().SubjectKeyId, cert.AuthorityKeyId, c.profile)
		require.Equal(t, 127, cert.SerialNumber.BitLen(), c.profile)
		for _, e := range cert.Extensions {
			critical := e.Id.String() == "2.5.29.15" || e.Id.String() == c.critical
			require.Equal(t, critical, e.Critical, "%s: %s", c.profile, e.Id)
		}
		_, err := cert.Verify(x509.VerifyOptions{
			Roots: roots, Intermediates: middle, CurrentTime: now,
			KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
		})
		require.NoError(t, err, c.profile)
	}
	require.True(t, issuing.Key.Certificate().MaxPathLenZero)
	require.Equal(t, top.Key.Certificate().SubjectKeyId, issuing.Key.Certificate().AuthorityKeyId)
	require.Equal(t, -1, top.Key.Certificate().MaxPathLen)
}

func extension(c *x509.Certificate, id string) *pkix.Extension {
	for i, e := range c.Extensions {
		if e.Id.String() == id {
			return &c.Extensions[i]
		}
	}
	return nil
}

// The profile of ISO/IEC 18013-5 tables B.1 and B.3.
func TestMdocCertificates(t *testing.T) {
	iaca := root(t, "iaca", "p256")
	top := iaca.Key.Certificate()
	require.True(t, top.IsCA && top.MaxPathLenZero)
	require.Equal(t, x509.KeyUsageCertSign|x509.KeyUsageCRLSign, top.KeyUsage)
	contact := append([]byte{0x30, 28, 0x86, 26}, "https://ca.example/contact"...)
	require.Equal(t, contact, extension(top, "2.5.29.18").Value)
	require.LessOrEqual(t, top.NotAfter.Sub(top.NotBefore), 20*365*24*time.Hour)

	ds := issue(t, iaca, "mdoc-signer", "p256")
	require.Equal(t, []byte{0x30, 9, 6, 7, 0x28, 0x81, 0x8c, 0x5d, 5, 1, 2}, extension(ds, "2.5.29.37").Value)
	require.Equal(t, append([]byte{0x30, 16, 0x81, 14}, "ca@example.com"...), extension(ds, "2.5.29.18").Value)
	require.Nil(t, extension(ds, "2.5.29.19"), "basic constraints")
	require.Equal(t, []string{"http://ca.example/ca.crl"}, ds.CRLDistributionPoints)

	request := ca.Request{Profile: "mdoc-signer", Subject: name("DS"), PublicKey: key(t, "p256").Public()}
	foreign := request
	foreign.Subject.Country = []string{"EE"}
	_, err := iaca.Issue(ctx, foreign)
	require.ErrorIs(t, err, ca.ErrRefused, "another country than the IACA's")
	foreign = request
	foreign.PublicKey = key(t, "rsa2048").Public()
	_, err = iaca.Issue(ctx, foreign)
	require.ErrorIs(t, err, ca.ErrRefused, "RSA")
	noCRL := *iaca
	noCRL.CRLURL = ""
	_, err = noCRL.Issue(ctx, request)
	require.ErrorContains(t, err, "CRL URL")
	noContact := *iaca
	noContact.Contact = ""
	_, err = noContact.Issue(ctx, request)
	require.ErrorContains(t, err, "contact")
}

func TestOCSPResponderIsNotChecked(t *testing.T) {
	cert := issue(t, below(t, root(t, "root-ca", "p256"), "p256"), "ocsp", "p256")
	require.Equal(t, []byte{5, 0}, extension(cert, "1.3.6.1.5.5.7.48.1.5").Value)
	require.Empty(t, cert.OCSPServer)
	require.Empty(t, cert.CRLDistributionPoints)
	require.Equal(t, []string{"http://ca.example/ca.cer"}, cert.IssuingCertificateURL)
}

func TestEveryKindOfKey(t *testing.T) {
	for _, kind := range []string{"p256", "p384", "p521", "rsa2048", "ed25519", "ml-dsa-44", "ml-dsa-65", "ml-dsa-87"} {
		a := root(t, "root-ca", kind)
		cert := issue(t, a, "document-signer", kind)
		require.NoError(t, cert.CheckSignatureFrom(a.Key.Certificate()), kind)
		require.NoError(t, a.Key.Certificate().CheckSignatureFrom(a.Key.Certificate()), kind)
		_, err := a.CRL(ctx, ca.CRLRequest{Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.Add(time.Hour)})
		require.NoError(t, err, kind)
	}
}

func TestValidityEndsWithTheIssuers(t *testing.T) {
	signer := key(t, "p256")
	cert, err := ca.SelfSign(ctx, ca.Root{
		Request: ca.Request{Profile: "root-ca", Subject: name("Short"), NotAfter: now.Add(48 * time.Hour)},
		Signer:  signer, Profiles: profiles(t), Now: clock,
	})
	require.NoError(t, err)
	a := authority(t, signer, cert)
	leaf := issue(t, a, "document-signer", "p384")
	require.Equal(t, cert.NotAfter, leaf.NotAfter)
	require.Equal(t, cert.NotBefore, leaf.NotBefore)

	req := ca.Request{Profile: "document-signer", Subject: name("x"), PublicKey: key(t, "p384").Public()}
	req.NotAfter = now.Add(time.Hour)
	short, err := a.Issue(ctx, req)
	require.NoError(t, err)
	require.Equal(t, now.Add(time.Hour), short.NotAfter)

	a.Now = func() time.Time { return now.AddDate(0, 1, 0) } // the CA has expired
	_, err = a.Issue(ctx, req)
	require.ErrorIs(t, err, ca.ErrRefused)
}

func TestIssueRefuses(t *testing.T) {
	top := root(t, "root-ca", "p256")
	issuing := below(t, top, "p256")
	pub := key(t, "p384").Public()
	good := ca.Request{Profile: "timestamp", Subject: name("x"), PublicKey: pub}
	for what, change := range map[string]func(r *ca.Request){
		"the CA's own key":             func(r *ca.Request) { r.PublicKey = top.Key.Certificate().PublicKey },
		"no key":                       func(r *ca.Request) { r.PublicKey = nil },
		"a key of unknown kind":        func(r *ca.Request) { r.PublicKey = "key" },
		"no subject":                   func(r *ca.Request) { r.Subject = pkix.Name{} },
		"a subject with a control":     func(r *ca.Request) { r.Subject.CommonName = "a\nb" },
		"a subject written backwards":  func(r *ca.Request) { r.Subject.CommonName = "a\u202eb" },
		"a country that is none":       func(r *ca.Request) { r.Subject.Country = []string{"Ukraine"} },
		"names of a CA":                func(r *ca.Request) { r.Profile, r.DNSNames = "issuing-ca", []string{"x.example"} },
		"a nil URI":                    func(r *ca.Request) { r.URIs = []*url.URL{nil} },
		"a host with a space":          func(r *ca.Request) { r.DNSNames = []string{"x example"} },
		"serial number 0":              func(r *ca.Request) { r.Serial = new(big.Int) },
		"a serial number of 21 octets": func(r *ca.Request) { r.Serial = new(big.Int).Lsh(big.NewInt(1), 159) },
		"an end that has passed":       func(r *ca.Request) { r.NotAfter = now.Add(-time.Second) },
	} {
		req := good
		change(&req)
		cert, err := top.Issue(ctx, req)
		require.ErrorIs(t, err, ca.ErrRefused, what)
		require.Nil(t, cert, what)
	}
	good.Profile = "issuing-ca"
	_, err := issuing.Issue(ctx, good)
	require.ErrorIs(t, err, ca.ErrRefused, "a CA below a CA of path length 0")
	good.Profile = "nonsense"
	_, err = top.Issue(ctx, good)
	require.ErrorIs(t, err, ca.ErrNoProfile)
	require.ErrorContains(t, err, "document-signer")
	_, err = (&ca.Authority{}).Issue(ctx, good)
	require.ErrorIs(t, err, ca.ErrNoProfile)
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	good.Profile = "timestamp"
	_, err = top.Issue(canceled, good)
	require.ErrorIs(t, err, context.Canceled)
}

// Whoever is no CA, or whose key is kept for something else, issues nothing,
// whatever the configuration says.
func TestWhoMayNotIssue(t *testing.T) {
	_, err := ca.SelfSign(ctx, ca.Root{
		Request: ca.Request{Profile: "timestamp", Subject: name("x")},
		Signer:  key(t, "p256"), Profiles: profiles(t), Now: clock,
	})
	require.ErrorIs(t, err, ca.ErrRefused, "a time-stamp unit that signs itself")

	p := pkitest.New(t, "root -> leaf")
	req := ca.Request{Profile: "timestamp", Subject: name("x"), PublicKey: key(t, "p384").Public()}
	for use, who := range map[pki.Use]string{pki.UseCertificate: "leaf", pki.UseSign: "root"} {
		a := ca.Authority{Key: p.Key(who, use), Profiles: profiles(t), Now: clock}
		_, err = a.Issue(ctx, req)
		require.Error(t, err, who)
		require.True(t, errors.Is(err, ca.ErrRefused) || errors.Is(err, pki.ErrKeyUse), who)
	}
	_, err = (&ca.Authority{Profiles: profiles(t)}).Issue(ctx, req)
	require.ErrorContains(t, err, "no key")
}

func TestReservedSerial(t *testing.T) {
	serial := ca.NewSerial()
	cert, err := root(t, "root-ca", "p256").Issue(ctx, ca.Request{
		Profile: "timestamp", Subject: name("x"), PublicKey: key(t, "p384").Public(), Serial: serial,
	})
	require.NoError(t, err)
	require.Zero(t, serial.Cmp(cert.SerialNumber))
	require.NotZero(t, serial.Cmp(ca.NewSerial()))
}

func TestCRL(t *testing.T) {
	a := root(t, "root-ca", "p256")
	seven := big.NewInt(7)
	entries := []crl.Entry{
		{Serial: seven, Time: now.Add(-time.Hour), Reason: crl.KeyCompromise, Invalid: now.AddDate(0, 0, -3)},
		{Serial: ca.NewSerial(), Time: now.AddDate(-1, 0, 0)},
	}
	der, err := a.CRL(ctx, ca.CRLRequest{
		Number: big.NewInt(42), ThisUpdate: now, NextUpdate: now.AddDate(0, 0, 7), Entries: entries,
	})
	require.NoError(t, err)
	list, err := x509.ParseRevocationList(der)
	require.NoError(t, err)
	require.NoError(t, list.CheckSignatureFrom(a.Key.Certificate()))
	require.Equal(t, int64(42), list.Number.Int64())
	require.Equal(t, a.Key.Certificate().SubjectKeyId, list.AuthorityKeyId)
	require.Equal(t, 1, list.RevokedCertificateEntries[0].ReasonCode)
	require.Empty(t, list.RevokedCertificateEntries[1].Extensions, "unspecified is not written (RFC 5280 §5.3.1)")
	ours, err := crl.Parse(der)
	require.NoError(t, err)
	entry, found, err := ours.Lookup(&x509.Certificate{SerialNumber: big.NewInt(7), RawIssuer: ours.RawIssuer})
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, entries[0], entry)

	good := ca.CRLRequest{Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.Add(time.Hour)}
	for what, change := range map[string]func(r *ca.CRLRequest){
		"no number":       func(r *ca.CRLRequest) { r.Number = nil },
		"negative number": func(r *ca.CRLRequest) { r.Number = big.NewInt(-1) },
		"no time":         func(r *ca.CRLRequest) { r.ThisUpdate = time.Time{} },
		"no next update":  func(r *ca.CRLRequest) { r.NextUpdate = time.Time{} },
		"twice":           func(r *ca.CRLRequest) { r.Entries = []crl.Entry{entries[0], entries[0]} },
		"no serial":       func(r *ca.CRLRequest) { r.Entries = []crl.Entry{{Time: now}} },
		"the future":      func(r *ca.CRLRequest) { r.Entries = []crl.Entry{{Serial: seven, Time: now.Add(1)}} },
		"reason 7":        func(r *ca.CRLRequest) { r.Entries = []crl.Entry{{Serial: seven, Time: now, Reason: 7}} },
		"remove from CRL": func(r *ca.CRLRequest) { r.Entries = []crl.Entry{{Serial: seven, Time: now, Reason: 8}} },
	} {
		req := good
		change(&req)
		der, err := a.CRL(ctx, req)
		require.ErrorIs(t, err, ca.ErrRefused, what)
		require.Nil(t, der, what)
	}
}
