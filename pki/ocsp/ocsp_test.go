package ocsp_test

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

const drawn = "root -> ca -> alice, bob; ca -> responder[ocsp]; ca.revoked(bob); bob.reason = 4; " +
	"other -> eve, snoop[ocsp]"

func TestAnswersOfAnotherWriter(t *testing.T) {
	p := pkitest.New(t, drawn)
	ca := p.Cert("ca")
	s, err := judge(p.OCSP("alice"), p.Cert("alice"), ca)
	require.NoError(t, err)
	require.Equal(t, ocsp.Good, s.Status)
	require.Equal(t, p.Now.Add(-time.Hour), s.ThisUpdate)
	require.Equal(t, p.Now.AddDate(0, 0, 7), s.NextUpdate)
	require.Same(t, ca, s.Signer)
	require.Equal(t, ocsp.IssuerItself, s.Authority)

	s, err = judge(p.OCSP("bob", "responder"), p.Cert("bob"), ca)
	require.NoError(t, err)
	require.Equal(t, ocsp.Revoked, s.Status)
	require.Equal(t, ocsp.Superseded, s.Reason)
	require.Equal(t, "superseded", s.Reason.String())
	require.Equal(t, p.Now.AddDate(0, 0, -1), s.RevokedAt)
	require.Equal(t, ocsp.Delegate, s.Authority)
	require.True(t, ocsp.NoCheck(s.Signer))
	require.False(t, ocsp.NoCheck(ca))
}

// What is kept in a PDF is an OCSPResponse, also where the answer came without
// one, as it does in a CMS.
func TestFull(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	whole := m.der(t)
	parsed, err := ocsp.Parse(whole)
	require.NoError(t, err)
	require.Equal(t, whole, parsed.Full())

	m.bare = true
	bare := m.der(t)
	parsed, err = ocsp.Parse(bare)
	require.NoError(t, err)
	require.Equal(t, wrap(t, 0, bare), parsed.Full())
	again, err := ocsp.Parse(parsed.Full())
	require.NoError(t, err)
	require.Equal(t, bare, again.Basic)
}

// Whatever signs certificates signs answers, and each is told by name and by
// key, with its certificate inside or known from elsewhere, whole and bare.
func TestEveryKindOfKey(t *testing.T) {
	for _, kind := range []string{"p256", "p384", "p521", "rsa2048", "ed25519", "mldsa44", "mldsa65", "mldsa87"} {
		p := pkitest.New(t, "ca["+kind+"] -> alice, d[ocsp, "+kind+"]")
		for i := range 8 {
			m := recipe{p: p, by: "ca", byKey: i&1 != 0, bare: i&2 != 0, answers: []single{about(p, "ca", "alice")}}
			if i&4 != 0 {
				m.by, m.certs = "d", []*x509.Certificate{p.Cert("d")}
			}
			s, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
			require.NoError(t, err, "%s %d", kind, i)
			require.Equal(t, ocsp.Good, s.Status)
			require.Equal(t, i&4 != 0, s.Authority == ocsp.Delegate)
		}
		m := recipe{p: p, by: "d", answers: []single{about(p, "ca", "alice")}}
		_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
		require.ErrorIs(t, err, ocsp.ErrNoSigner)
		_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"), nil, p.Cert("alice"), p.Cert("d"))
		require.NoError(t, err)
	}
}

func TestFieldsOfAnAnswer(t *testing.T) {
	p := pkitest.New(t, drawn)
	a := about(p, "ca", "alice")
	a.hash, a.revoked, a.next = pki.SHA512, p.Now.AddDate(0, 0, -3), time.Time{}
	stamp := func(at time.Time) []byte {
		var b cryptobyte.Builder
		b.AddASN1GeneralizedTime(at)
		return b.BytesOrPanic()
	}
	sum := sha256.Sum256(p.Cert("alice").Raw)
	certHash := func(sum []byte) []byte {
		return build(t, func(b *cryptobyte.Builder) {
			b.AddBytes(pki.SHA256.AlgorithmIdentifier())
			b.AddASN1OctetString(sum)
		})
	}
	a.extensions = []extension{
		{oidCutoff, false, stamp(p.Now.AddDate(-5, 0, 0))},
		{"2.5.29.24", false, stamp(p.Now.AddDate(0, 0, -9))},
		{oidReason, false, []byte{10, 1, 1}},
		{oidCertHash, false, certHash(sum[:])},
		{"1.2.3", false, []byte("whatever")},
	}
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "bob"), a},
		extensions: []extension{{oidNonce, false, []byte{4, 3, 'a', 'b', 'c'}}}}
	r, err := ocsp.Parse(m.der(t))
	require.NoError(t, err)
	require.Empty(t, r.Defects)
	got, err := r.Answer(p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)
	require.Equal(t, ocsp.Answer{
		Hash: pki.SHA512, HashOID: pki.SHA512.OID(), NameHash: pki.SHA512.Sum(p.Cert("ca").RawSubject),
		KeyHash: pki.SHA512.Sum(keyBits(t, p.Cert("ca"))), Serial: p.Cert("alice").SerialNumber,
		Status: ocsp.Revoked, RevokedAt: a.revoked, Reason: ocsp.KeyCompromise, ThisUpdate: a.this,
		ArchiveCutoff: p.Now.AddDate(-5, 0, 0), Invalid: p.Now.AddDate(0, 0, -9),
		CertHash: &ocsp.CertHash{Hash: pki.SHA256, Sum: sum[:]},
	}, *got)
	require.Equal(t, []byte("abc"), r.Nonce)
	require.Equal(t, p.Now, r.ProducedAt)
	alg, err := r.Algorithm()
	require.NoError(t, err)
	require.Equal(t, pki.ECDSASHA256, alg)

	// The CA has used the serial number twice, and means the other certificate.
	sum[0] ^= 1
	m.answers[1].extensions[3].value = certHash(sum[:])
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
	require.ErrorIs(t, err, ocsp.ErrNoAnswer)
}

// RFC 6960 §2.2: a certificate that was never issued is revoked since 1970, on
// hold, by a responder that says that it tells so.
func TestNeverIssued(t *testing.T) {
	p := pkitest.New(t, drawn)
	a := about(p, "ca", "alice")
	a.revoked, a.reason = time.Unix(0, 0), int(ocsp.CertificateHold)
	m := recipe{p: p, by: "ca", answers: []single{a}}
	for _, extended := range []bool{false, true} {
		if extended {
			m.extensions = []extension{{oidExtendedRevoke, false, []byte{5, 0}}}
		}
		s, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
		require.NoError(t, err)
		require.Equal(t, ocsp.Revoked, s.Status)
		require.Equal(t, extended, s.NeverIssued)
	}
}

// What can be read in one way only is read, and named.
func TestDefects(t *testing.T) {
	p := pkitest.New(t, drawn)
	plain := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	for name, c := range map[string]struct {
		change func(m *recipe)
		clause string
	}{
		"version written": {func(m *recipe) { m.version = []byte{0xa0, 3, 2, 1, 0} }, "X.690 11.5"},
		"bare nonce": {func(m *recipe) {
			m.extensions = []extension{{oidNonce, false, []byte("abc")}}
		}, "RFC 9654 2.1"},
		"nonce in the answer": {func(m *recipe) {
			m.answers[0].extensions = []extension{{oidNonce, true, []byte{4, 1, 1}}}
		}, "RFC 6960 4.4.1"},
		"no extensions": {func(m *recipe) { m.extensions = []extension{} }, "RFC 5280 4.1"},
		"reason 7": {func(m *recipe) { m.answers[0].revoked, m.answers[0].reason = p.Now, 7 },
			"RFC 5280 5.3.1"},
		"next before this": {func(m *recipe) { m.answers[0].next = p.Now.AddDate(0, 0, -1) }, "RFC 6960 4.2.2.1"},
	} {
		m := plain
		m.answers = []single{plain.answers[0]}
		c.change(&m)
		r, err := ocsp.Parse(m.der(t))
		require.NoError(t, err, name)
		require.Len(t, r.Defects, 1, name)
		require.Contains(t, r.Defects[0], c.clause, name)
		_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
		require.NoError(t, err, name)
	}
}

func TestTimes(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	at := func(text string) (time.Time, error) {
		m.edit = func(tbs []byte) []byte {
			out := build(t, func(b *cryptobyte.Builder) {
				in := cryptobyte.String(tbs)
				var seq, id, rest cryptobyte.String
				require.True(t, in.ReadASN1(&seq, cbasn1.SEQUENCE))
				require.True(t, seq.ReadASN1Element(&id, tag(1)))
				require.True(t, seq.SkipASN1(cbasn1.GeneralizedTime))
				rest = seq
				b.AddBytes(id)
				b.AddASN1(cbasn1.GeneralizedTime, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
				b.AddBytes(rest)
			})
			return out
		}
		r, err := ocsp.Parse(m.der(t))
		if err != nil {
			return time.Time{}, err
		}
		require.Equal(t, text != "20260601120000Z", len(r.Defects) == 1, text)
		return r.ProducedAt, nil
	}
	noon := p.Now
	for text, want := range map[string]time.Time{
		"20260601120000Z": noon, "20260601120000.25Z": noon.Add(time.Second / 4), "20260601140000+0200": noon,
	} {
		got, err := at(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{
		"", "Z", "20260601120000", "2026060112Z", "202606011200Z",
		"20260631120000Z", "20260601120060Z", "20260601250000Z",
		"20260601120000,25Z", "20260601120000Z ", "20260601120000.Z", "2026-06-01T12:00:00Z", "260601120000Z",
		"20260601120000.12345678901234567890Z",
	} {
		_, err := at(text)
		require.ErrorIs(t, err, ocsp.ErrMalformed, "%q", text)
	}
}

func TestNonce(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	r, err := ocsp.Parse(m.der(t))
	require.NoError(t, err)
	require.NoError(t, r.AnswersRequest(nil))
	require.ErrorIs(t, r.AnswersRequest([]byte("abc")), ocsp.ErrNoNonce)
	m.extensions = []extension{{oidNonce, false, []byte{4, 3, 'a', 'b', 'c'}}}
	r, err = ocsp.Parse(m.der(t))
	require.NoError(t, err)
	require.NoError(t, r.AnswersRequest(nil))
	require.NoError(t, r.AnswersRequest([]byte("abc")))
	// Yesterday's answer, from before the revocation, for today's question.
	require.ErrorIs(t, r.AnswersRequest([]byte("abd")), ocsp.ErrNonce)
	require.ErrorIs(t, r.AnswersRequest([]byte("ab")), ocsp.ErrNonce)
}

// Cut anywhere, or with anything after its end, a response is not a response.
func TestTruncatedAndExtended(t *testing.T) {
	p := pkitest.New(t, drawn)
	for _, bare := range []bool{false, true} {
		m := recipe{p: p, by: "responder", bare: bare, certs: []*x509.Certificate{p.Cert("responder")},
			answers: []single{about(p, "ca", "alice")}}
		der := m.der(t)
		for n := range der {
			_, err := ocsp.Parse(der[:n])
			require.ErrorIs(t, err, ocsp.ErrMalformed, "%d bytes", n)
		}
		_, err := ocsp.Parse(append(append([]byte(nil), der...), 0))
		require.ErrorIs(t, err, ocsp.ErrMalformed)
		if !bare {
			continue
		}
		_, err = ocsp.Parse(wrap(t, 0, append(append([]byte(nil), der...), 5, 0)))
		require.ErrorIs(t, err, ocsp.ErrMalformed)
	}
}

func TestLimits(t *testing.T) {
	_, err := ocsp.Parse(make([]byte, ocsp.MaxSize+1))
	require.ErrorIs(t, err, ocsp.ErrTooLarge)

	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca"}
	for i := range 1001 {
		a := about(p, "ca", "alice")
		a.serial = big.NewInt(int64(i + 1))
		m.answers = append(m.answers, a)
	}
	m.answers[500].serial = p.Cert("alice").SerialNumber
	_, err = ocsp.Parse(m.der(t))
	require.ErrorIs(t, err, ocsp.ErrTooLarge)
	m.answers = m.answers[:1000]
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)

	m.answers = m.answers[500:501]
	for range 33 {
		m.certs = append(m.certs, p.Cert("responder"))
	}
	_, err = ocsp.Parse(m.der(t))
	require.ErrorIs(t, err, ocsp.ErrTooLarge)
	m.certs = m.certs[:32]
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
	require.NoError(t, err)

	m.certs = nil
	for i := range 65 {
		m.extensions = append(m.extensions, extension{fmt.Sprintf("1.2.3.%d", i), false, nil})
	}
	_, err = ocsp.Parse(m.der(t))
	require.ErrorIs(t, err, ocsp.ErrTooLarge)
}

// A certificate that cannot be read is no reason to lose an answer, but is
// named; and a stuffed list of namesakes costs no more than a few signatures.
func TestCertificatesInTheResponse(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")},
		certs: []*x509.Certificate{{Raw: []byte{0x30, 0}}, p.Cert("responder")}}
	r, err := ocsp.Parse(m.der(t))
	require.NoError(t, err)
	require.Len(t, r.Certificates, 1)
	require.Len(t, r.Defects, 1)

	m = recipe{p: p, by: "responder", answers: m.answers}
	for i := range 20 {
		m.certs = append(m.certs, p.Issue("ca", fmt.Sprintf("d%d", i), func(c *x509.Certificate) {
			c.Subject = p.Cert("responder").Subject
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		}))
	}
	r, err = ocsp.Parse(m.der(t))
	require.NoError(t, err)
	calls := 0
	_, err = r.Judge(ocsp.Question{Certificate: p.Cert("alice"), Issuer: p.Cert("ca"),
		Verify: func(key crypto.PublicKey, alg pki.Algorithm, message, sig []byte) error {
			calls++
			return pki.Verify(key, alg, message, sig)
		}})
	require.ErrorIs(t, err, pki.ErrInvalidSignature)
	require.Equal(t, 16, calls)
}

func TestRefusals(t *testing.T) {
	for status := range 256 {
		_, err := ocsp.Parse([]byte{0x30, 3, 10, 1, byte(status)})
		var refusal ocsp.Refusal
		switch status {
		case 1, 2, 3, 5, 6:
			require.ErrorIs(t, err, ocsp.Refusal(status))
			require.True(t, errors.As(err, &refusal))
		default:
			require.ErrorIs(t, err, ocsp.ErrMalformed, "%d", status)
			require.False(t, errors.As(err, &refusal))
		}
	}
	require.EqualError(t, ocsp.TryLater, "the responder refused to answer: tryLater")
}

// Unknown algorithms are no verdict: neither the answer nor its signature is
// called wrong.
func TestUnknownAlgorithmsAreNotInvalid(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	der := m.der(t)
	for name, c := range map[string][2]string{
		"digest of the identifier": {pki.SHA1.OID(), "1.3.14.3.2.99"},
		"signature":                {pki.ECDSASHA256.OID(), "1.2.840.10045.4.3.9"},
	} {
		old, fresh := oidBytes(t, c[0]), oidBytes(t, c[1])
		require.Len(t, fresh, len(old))
		changed := replaceOnce(t, der, old, fresh)
		_, err := judge(changed, p.Cert("alice"), p.Cert("ca"))
		require.ErrorIs(t, err, pki.ErrUnknownAlgorithm, name)
		require.NotErrorIs(t, err, pki.ErrInvalidSignature, name)
	}
}
