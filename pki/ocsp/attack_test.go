package ocsp_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

func oidBytes(t testing.TB, dotted string) []byte {
	t.Helper()
	var b cryptobyte.Builder
	b.AddASN1ObjectIdentifier(pki.MustOID(dotted))
	return b.BytesOrPanic()
}

func replaceOnce(t testing.TB, in, old, fresh []byte) []byte {
	t.Helper()
	require.GreaterOrEqual(t, bytes.Count(in, old), 1)
	return bytes.Replace(bytes.Clone(in), old, fresh, 1)
}

// delegate issues a responder's certificate with a mistake.
func delegate(p *pkitest.PKI, issuer, name string, edit func(*x509.Certificate)) *x509.Certificate {
	return p.Issue(issuer, name, func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		edit(c)
	})
}

// Mallory holds a certificate that was revoked yesterday, and shows a response
// that calls it good. Here it is signed by a holder of a certificate of the
// same CA, which was not given to him to answer, or not then.
func TestDelegatesThatMayNotAnswer(t *testing.T) {
	for name, edit := range map[string]func(p *pkitest.PKI, c *x509.Certificate){
		"for something else": func(_ *pkitest.PKI, c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
		},
		"for nothing that is said": func(_ *pkitest.PKI, c *x509.Certificate) { c.ExtKeyUsage = nil },
		"for any use": func(_ *pkitest.PKI, c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		},
		"to agree on keys": func(_ *pkitest.PKI, c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyAgreement },
		"with a critical extension that nobody knows": func(_ *pkitest.PKI, c *x509.Certificate) {
			c.ExtraExtensions = []pkix.Extension{{Id: pki.MustOID("1.2.3"), Critical: true, Value: []byte{5, 0}}}
		},
		"whose time was over": func(p *pkitest.PKI, c *x509.Certificate) {
			c.NotAfter = p.Now.Add(-time.Second)
		},
		"whose time had not begun": func(p *pkitest.PKI, c *x509.Certificate) {
			c.NotBefore = p.Now.Add(time.Second)
		},
	} {
		p := pkitest.New(t, drawn+"; ca -> mallory[revoked]")
		d := delegate(p, "ca", "d", func(c *x509.Certificate) { edit(p, c) })
		for _, byKey := range []bool{false, true} {
			m := recipe{p: p, by: "d", byKey: byKey, answers: []single{about(p, "ca", "mallory")}}
			_, err := judge(m.der(t), p.Cert("mallory"), p.Cert("ca"), d)
			require.ErrorIs(t, err, ocsp.ErrUnauthorised, name)
		}
	}
}

// The same, signed by somebody whom the CA has not certified, or under another
// name than the signer's. All but two of them can show a certificate.
func TestForgedSigners(t *testing.T) {
	plain := func(*x509.Certificate) {}
	for name, c := range map[string]struct {
		prepare func(p *pkitest.PKI, m *recipe)
		want    error
	}{
		"a delegate that another CA certified": {func(p *pkitest.PKI, m *recipe) {
			m.certs = []*x509.Certificate{delegate(p, "other", "d", plain)}
		}, ocsp.ErrUnauthorised},
		"a delegate that the CA above certified": {func(p *pkitest.PKI, m *recipe) {
			m.certs = []*x509.Certificate{delegate(p, "root", "d", plain)}
		}, ocsp.ErrUnauthorised},
		"a delegate that a delegate certified": {func(p *pkitest.PKI, m *recipe) {
			m.certs = []*x509.Certificate{delegate(p, "responder", "d", plain), p.Cert("responder")}
		}, ocsp.ErrUnauthorised},
		"a delegate that names the issuer, but was signed by another key": {func(p *pkitest.PKI, m *recipe) {
			fakeCA(p, "fake")
			m.certs = []*x509.Certificate{delegate(p, "fake", "d", plain)}
		}, pki.ErrInvalidSignature},
		"the issuer is named, and mallory signs": {func(_ *pkitest.PKI, m *recipe) {
			m.by, m.named = "mallory", "ca"
		}, pki.ErrInvalidSignature},
		"mallory signs as herself": {func(p *pkitest.PKI, m *recipe) {
			m.by, m.certs = "mallory", []*x509.Certificate{p.Cert("mallory")}
		}, ocsp.ErrUnauthorised},
		"a delegate is named whose certificate is nowhere": {func(_ *pkitest.PKI, m *recipe) {
			m.by = "responder"
		}, ocsp.ErrNoSigner},
		"one is named, and the delegate signs": {func(p *pkitest.PKI, m *recipe) {
			m.by, m.named, m.certs = "responder", "eve", []*x509.Certificate{p.Cert("responder")}
		}, ocsp.ErrNoSigner},
	} {
		for _, byKey := range []bool{false, true} {
			p := pkitest.New(t, drawn+"; ca -> mallory[revoked]")
			m := recipe{p: p, by: "d", byKey: byKey, answers: []single{about(p, "ca", "mallory")}}
			c.prepare(p, &m)
			_, err := judge(m.der(t), p.Cert("mallory"), p.Cert("ca"))
			require.ErrorIs(t, err, c.want, name)
		}
	}
}

// fakeCA issues itself a certificate with the name of the CA.
func fakeCA(p *pkitest.PKI, name string) *x509.Certificate {
	return p.Issue("", name, func(c *x509.Certificate) {
		c.Subject = p.Cert("ca").Subject
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	})
}

// The issuer's name is not the issuer: its key is. By key, it is nobody known.
func TestFakeIssuer(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "fake", certs: []*x509.Certificate{fakeCA(p, "fake")},
		answers: []single{about(p, "ca", "bob")}}
	_, err := judge(m.der(t), p.Cert("bob"), p.Cert("ca"))
	require.ErrorIs(t, err, pki.ErrInvalidSignature)
	m.byKey, m.certs = true, nil
	_, err = judge(m.der(t), p.Cert("bob"), p.Cert("ca"))
	require.ErrorIs(t, err, ocsp.ErrNoSigner)
	m.answers = []single{about(p, "fake", "bob")}
	_, err = judge(m.der(t), p.Cert("bob"), p.Cert("ca"))
	require.ErrorIs(t, err, ocsp.ErrNoAnswer)
}

// Two critical extensions are known to take nothing from a responder's
// certificate; but they do not make up for the CA's signature on it.
func TestCriticalExtensionsThatAreKnown(t *testing.T) {
	p := pkitest.New(t, drawn)
	d := delegate(p, "ca", "d", func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{
			{Id: pki.MustOID("1.3.6.1.5.5.7.48.1.5"), Critical: true, Value: []byte{5, 0}},
			{Id: pki.MustOID("1.3.6.1.5.5.7.1.3"), Critical: true, Value: []byte{0x30, 0}},
		}
	})
	m := recipe{p: p, by: "d", answers: []single{about(p, "ca", "alice")}}
	_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"), d)
	require.NoError(t, err)
	changed := *d
	changed.Signature = p.Cert("alice").Signature
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"), &changed)
	require.ErrorIs(t, err, pki.ErrInvalidSignature)
}

// A responder that the caller has appointed answers for whom it was appointed
// to, with a certificate of anybody; but not for itself, nor after its time.
func TestAppointedResponder(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "snoop", answers: []single{about(p, "ca", "alice")}}
	ask := func(name string, responders ...*x509.Certificate) (*ocsp.Statement, error) {
		r, err := ocsp.Parse(m.der(t))
		require.NoError(t, err)
		return r.Judge(ocsp.Question{Certificate: p.Cert(name), Issuer: p.Cert("ca"),
			Responders: responders, Pool: []*x509.Certificate{p.Cert("snoop")}, Verify: pki.Verify})
	}
	s, err := ask("alice", nil, p.Cert("snoop"))
	require.NoError(t, err)
	require.Equal(t, ocsp.Appointed, s.Authority)
	_, err = ask("alice", p.Cert("eve"))
	require.ErrorIs(t, err, ocsp.ErrUnauthorised)
	m.produced = p.Cert("snoop").NotAfter.Add(time.Second)
	_, err = ask("alice", p.Cert("snoop"))
	require.ErrorIs(t, err, ocsp.ErrUnauthorised)

	m = recipe{p: p, by: "bob", answers: []single{about(p, "ca", "bob")}}
	_, err = ask("bob", p.Cert("bob"))
	require.ErrorIs(t, err, ocsp.ErrUnauthorised)
	m = recipe{p: p, by: "eve", named: "snoop", answers: []single{about(p, "ca", "alice")}}
	_, err = ask("alice", p.Cert("snoop"))
	require.ErrorIs(t, err, pki.ErrInvalidSignature)
}

// A delegate whose own key was stolen answers that its certificate is good.
func TestDelegateForItself(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "responder", answers: []single{about(p, "ca", "responder")},
		certs: []*x509.Certificate{p.Cert("responder")}}
	_, err := judge(m.der(t), p.Cert("responder"), p.Cert("ca"))
	require.ErrorIs(t, err, ocsp.ErrUnauthorised)
}

// Two CAs give out the serial number 7. The good answer about the one's
// certificate, signed well by its own CA, is shown for the other's; also by a
// CA with the same name or with the same key.
func TestAnswerAboutANamesake(t *testing.T) {
	for _, drawing := range []string{
		"ca -> alice; other -> namesake",
		"ca -> alice; other[cn=ca] -> namesake",
		"ca -> alice; other[key=ca] -> namesake",
	} {
		p := pkitest.New(t, drawing)
		a := about(p, "other", "namesake")
		a.serial = p.Cert("alice").SerialNumber
		for _, by := range []string{"ca", "other"} {
			m := recipe{p: p, by: by, answers: []single{a}, certs: []*x509.Certificate{p.Cert("other")}}
			_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
			require.ErrorIs(t, err, ocsp.ErrNoAnswer, "%s by %s", drawing, by)
		}
	}
	// The caller takes the wrong CA for the namesake's issuer.
	p := pkitest.New(t, "ca -> alice; other -> bob")
	namesake := p.Issue("other", "namesake", func(c *x509.Certificate) {
		c.SerialNumber = p.Cert("alice").SerialNumber
	})
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	_, err := judge(m.der(t), namesake, p.Cert("ca"))
	require.ErrorIs(t, err, ocsp.ErrNoAnswer)
}

// "Good" comes first and "revoked" second, or the other way round: which of
// them counts must not depend on the reader. With two digests they are about
// one certificate all the same, and a digest that we do not know may be.
func TestTwoAnswers(t *testing.T) {
	p := pkitest.New(t, drawn)
	good, revoked := about(p, "ca", "alice"), about(p, "ca", "alice")
	revoked.revoked = p.Now.AddDate(0, 0, -1)
	sha256 := revoked
	sha256.hash = pki.SHA256
	foreign := revoked
	foreign.hash = pki.SHA224
	for name, answers := range map[string][]single{
		"good first": {good, revoked}, "revoked first": {revoked, good},
		"two digests": {good, sha256}, "the same twice": {good, good},
	} {
		m := recipe{p: p, by: "ca", answers: answers}
		_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
		require.ErrorIs(t, err, ocsp.ErrNoAnswer, name)
	}
	m := recipe{p: p, by: "ca", answers: []single{good, foreign}}
	der := replaceOnce(t, m.der(t), oidBytes(t, pki.SHA224.OID()), oidBytes(t, "2.16.840.1.101.3.4.2.99"))
	_, err := judge(der, p.Cert("alice"), p.Cert("ca"))
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)

	m.answers = []single{good, about(p, "ca", "bob"), about(p, "other", "eve")}
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
}

// A refusal is not signed. With a good answer behind it, a reader that looks
// for the answer first would take it.
func TestRefusalWithAnAnswer(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", status: 3, answers: []single{about(p, "ca", "alice")}}
	_, err := ocsp.Parse(m.der(t))
	require.ErrorIs(t, err, ocsp.TryLater)
}

// What is marked critical may turn the answer around, such as "good, if it was
// used in Utopia". Two extensions of one kind are two answers.
func TestExtensionsThatAreRefused(t *testing.T) {
	p := pkitest.New(t, drawn)
	nonce := extension{oidNonce, true, []byte{4, 1, 1}}
	for name, c := range map[string]struct {
		response, single []extension
		want             error
	}{
		"unknown, of the response": {[]extension{{"1.2.3", true, nil}}, nil, ocsp.ErrUnsupported},
		"unknown, of the answer":   {nil, []extension{{"1.2.3", true, nil}}, ocsp.ErrUnsupported},
		"an entry's other issuer":  {nil, []extension{{"2.5.29.29", true, []byte{0x30, 0}}}, ocsp.ErrUnsupported},
		"of a request":             {[]extension{{"1.3.6.1.5.5.7.48.1.7", true, nil}}, nil, ocsp.ErrUnsupported},
		"nonce twice":              {[]extension{nonce, nonce}, nil, ocsp.ErrMalformed},
		"cutoff is no time":        {nil, []extension{{oidCutoff, false, []byte{5, 0}}}, ocsp.ErrMalformed},
		"two cutoffs in one": {nil, []extension{{oidCutoff, false,
			[]byte("\x18\x0f20200101000000Z\x18\x0f20300101000000Z")}}, ocsp.ErrMalformed},
		"good, with a reason": {nil, []extension{{oidReason, false, []byte{10, 1, 1}}}, ocsp.ErrMalformed},
		"certificate digest":  {nil, []extension{{oidCertHash, false, []byte{0x30, 0}}}, ocsp.ErrMalformed},
		"revoked definition":  {[]extension{{oidExtendedRevoke, false, []byte{5, 1, 0}}}, nil, ocsp.ErrMalformed},
	} {
		a := about(p, "ca", "alice")
		a.extensions = c.single
		m := recipe{p: p, by: "ca", answers: []single{a}, extensions: c.response}
		_, err := ocsp.Parse(m.der(t))
		require.ErrorIs(t, err, c.want, name)
	}
	a := about(p, "ca", "alice")
	a.revoked, a.reason = p.Now, int(ocsp.Superseded)
	a.extensions = []extension{{oidReason, false, []byte{10, 1, 1}}}
	_, err := ocsp.Parse((&recipe{p: p, by: "ca", answers: []single{a}}).der(t))
	require.ErrorIs(t, err, ocsp.ErrMalformed, "revoked for two reasons")

	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}, version: []byte{0xa0, 3, 2, 1, 1}}
	_, err = ocsp.Parse(m.der(t))
	require.ErrorIs(t, err, ocsp.ErrUnsupported, "version 2")
}

// That a certificate was logged says nothing of its revocation (RFC 6962 §3.3),
// whatever stands there.
func TestTransparencyIsNoAnswer(t *testing.T) {
	p := pkitest.New(t, drawn)
	a := about(p, "ca", "alice")
	a.extensions = []extension{{"1.3.6.1.4.1.11129.2.4.5", false, []byte{1, 2, 3}}}
	s, err := judge((&recipe{p: p, by: "ca", answers: []single{a}}).der(t), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
	require.Equal(t, ocsp.Good, s.Status)
}

// An issuer of before version 3 cannot say that it is a CA, and whoever asks says
// so in its place.
func TestIssuerWithoutExtensions(t *testing.T) {
	p := pkitest.New(t, drawn)
	old := p.Issue("", "old", func(c *x509.Certificate) { c.KeyUsage, c.BasicConstraintsValid, c.IsCA = 0, false, false })
	require.False(t, old.BasicConstraintsValid)
	require.NoError(t, ocsp.Authorised(delegate(p, "old", "d", func(*x509.Certificate) {}), old, pki.Verify))
}

// A CA that was certified twice is one CA: its new certificate, or a
// cross-certificate, signs as well as the one that the caller believes.
func TestIssuerCertifiedTwice(t *testing.T) {
	p := pkitest.New(t, "ca -> alice; root -> twin[key=ca, cn=ca, ca]; root -> impostor[key=ca, ca]")
	m := recipe{p: p, by: "twin", byKey: true, answers: []single{about(p, "ca", "alice")},
		certs: []*x509.Certificate{p.Cert("twin")}}
	s, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
	require.Equal(t, ocsp.IssuerItself, s.Authority)
	require.NoError(t, ocsp.Authorised(p.Cert("twin"), p.Cert("ca"), pki.Verify))
	require.ErrorIs(t, ocsp.Authorised(p.Cert("impostor"), p.Cert("ca"), pki.Verify), ocsp.ErrUnauthorised)
}

// One byte of the response is changed: it is refused, or says the same.
func TestChangedBytes(t *testing.T) {
	p := pkitest.New(t, drawn)
	bob := about(p, "ca", "bob")
	bob.revoked, bob.reason = p.Now.AddDate(0, 0, -1), 1
	m := recipe{p: p, by: "responder", certs: []*x509.Certificate{p.Cert("responder")},
		answers: []single{bob}}
	der := m.der(t)
	want, err := judge(der, p.Cert("bob"), p.Cert("ca"))
	require.NoError(t, err)
	accepted := 0
	for at := range der {
		for _, bit := range []byte{1, 0x80, 0xff} {
			changed := bytes.Clone(der)
			changed[at] ^= bit
			got, err := judge(changed, p.Cert("bob"), p.Cert("ca"))
			if err != nil {
				continue
			}
			accepted++
			require.Equal(t, want.Answer, got.Answer, "byte %d", at)
		}
	}
	require.Less(t, accepted, 10)
}
