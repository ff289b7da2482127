package ocsp_test

import (
	"context"
	"crypto/x509"
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

// single is one answer to be written. Its zero value is good, about nobody.
type single struct {
	issuer     *x509.Certificate
	serial     *big.Int
	hash       pki.Hash // SHA-1 unless said
	revoked    time.Time
	reason     int // -1: not said
	unknown    bool
	this, next time.Time
	extensions []extension
}

type extension struct {
	oid      string
	critical bool
	value    []byte
}

// Extensions that the tests write.
const (
	oidNonce          = "1.3.6.1.5.5.7.48.1.2"
	oidCutoff         = "1.3.6.1.5.5.7.48.1.6"
	oidExtendedRevoke = "1.3.6.1.5.5.7.48.1.9"
	oidReason         = "2.5.29.21"
	oidCertHash       = "1.3.36.8.3.13"
)

// recipe is a response to be written, with every mistake that one can make.
type recipe struct {
	p          *pkitest.PKI
	by         string // whose key signs
	named      string // whom it names as signer: by, unless said
	byKey      bool
	produced   time.Time
	answers    []single
	extensions []extension
	certs      []*x509.Certificate
	status     uint8
	bare       bool
	version    []byte                  // DER of the version
	forge      func(tbs []byte) []byte // before it is signed
	edit       func(tbs []byte) []byte // after that
}

// about is the answer "good" about name, made now by the one who issued it.
func about(p *pkitest.PKI, issuer, name string) single {
	return single{
		issuer: p.Cert(issuer), serial: p.Cert(name).SerialNumber, reason: -1,
		this: p.Now.Add(-time.Hour), next: p.Now.AddDate(0, 0, 7),
	}
}

func (m *recipe) der(t testing.TB) []byte {
	t.Helper()
	tbs := m.tbs(t)
	if m.forge != nil {
		tbs = m.forge(tbs)
	}
	key := m.p.Key(m.by, pki.UseOCSP)
	alg, err := pki.DefaultAlgorithm(m.p.Cert(m.by).PublicKey)
	require.NoError(t, err)
	signature, err := key.Sign(context.Background(), pki.UseOCSP, alg, tbs)
	require.NoError(t, err)
	if m.edit != nil {
		tbs = m.edit(tbs)
	}
	basic := build(t, func(b *cryptobyte.Builder) {
		b.AddBytes(tbs)
		b.AddBytes(alg.AlgorithmIdentifier())
		b.AddASN1BitString(signature)
		if m.certs != nil {
			b.AddASN1(tag(0), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, c := range m.certs {
						b.AddBytes(c.Raw)
					}
				})
			})
		}
	})
	if m.bare {
		return basic
	}
	return wrap(t, m.status, basic)
}

// wrap makes the OCSPResponse around a BasicOCSPResponse.
func wrap(t testing.TB, status uint8, basic []byte) []byte {
	return build(t, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.ENUM, func(b *cryptobyte.Builder) { b.AddUint8(status) })
		b.AddASN1(tag(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(pki.MustOID("1.3.6.1.5.5.7.48.1.1"))
				b.AddASN1OctetString(basic)
			})
		})
	})
}

func (m *recipe) tbs(t testing.TB) []byte {
	named, produced := m.named, m.produced
	if named == "" {
		named = m.by
	}
	if produced.IsZero() {
		produced = m.p.Now
	}
	return build(t, func(b *cryptobyte.Builder) {
		b.AddBytes(m.version)
		if m.byKey {
			b.AddASN1(tag(2), func(b *cryptobyte.Builder) {
				b.AddASN1OctetString(pki.SHA1.Sum(keyBits(t, m.p.Cert(named))))
			})
		} else {
			b.AddASN1(tag(1), func(b *cryptobyte.Builder) { b.AddBytes(m.p.Cert(named).RawSubject) })
		}
		b.AddASN1GeneralizedTime(produced)
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, s := range m.answers {
				s.add(t, b)
			}
		})
		addExtensions(b, m.extensions)
	})
}

func (s *single) add(t testing.TB, b *cryptobyte.Builder) {
	h := s.hash
	if !h.Known() {
		h = pki.SHA1
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(h.AlgorithmIdentifier())
			b.AddASN1OctetString(h.Sum(s.issuer.RawSubject))
			b.AddASN1OctetString(h.Sum(keyBits(t, s.issuer)))
			b.AddASN1BigInt(s.serial)
		})
		switch {
		case s.unknown:
			b.AddASN1(cbasn1.Tag(2).ContextSpecific(), func(*cryptobyte.Builder) {})
		case s.revoked.IsZero():
			b.AddASN1(cbasn1.Tag(0).ContextSpecific(), func(*cryptobyte.Builder) {})
		default:
			b.AddASN1(tag(1), func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(s.revoked)
				if s.reason >= 0 {
					b.AddASN1(tag(0), func(b *cryptobyte.Builder) { b.AddASN1Enum(int64(s.reason)) })
				}
			})
		}
		b.AddASN1GeneralizedTime(s.this)
		if !s.next.IsZero() {
			b.AddASN1(tag(0), func(b *cryptobyte.Builder) { b.AddASN1GeneralizedTime(s.next) })
		}
		addExtensions(b, s.extensions)
	})
}

func addExtensions(b *cryptobyte.Builder, list []extension) {
	if list == nil {
		return
	}
	b.AddASN1(tag(1), func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			for _, e := range list {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(pki.MustOID(e.oid))
					if e.critical {
						b.AddASN1Boolean(true)
					}
					b.AddASN1OctetString(e.value)
				})
			}
		})
	})
}

func tag(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

// build makes a SEQUENCE.
func build(t testing.TB, content func(*cryptobyte.Builder)) []byte {
	t.Helper()
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, content)
	der, err := b.Bytes()
	require.NoError(t, err)
	return der
}

func keyBits(t testing.TB, c *x509.Certificate) []byte {
	t.Helper()
	bits, err := pki.PublicKeyBits(c)
	require.NoError(t, err)
	return bits
}

// judge asks what der says of name, as a verifier does that believes issuer.
func judge(der []byte, cert, issuer *x509.Certificate, pool ...*x509.Certificate) (*ocsp.Statement, error) {
	r, err := ocsp.Parse(der)
	if err != nil {
		return nil, err
	}
	return r.Judge(ocsp.Question{Certificate: cert, Issuer: issuer, Pool: pool, Verify: pki.Verify})
}
