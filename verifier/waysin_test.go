package verifier_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/verifier/report"
)

// A mould makes a CMS by hand, so that every part of it can be bent by itself.
// The signature value is always made by a real key over the attributes as they
// stand: what is wrong is only what the test has bent.
type mould struct {
	h            *house
	by           string
	certificates []*x509.Certificate // the bag
	names        *x509.Certificate   // whom the signer identifier names
	content      []byte
	attributes   []attr
	digest       []byte // DER of digestAlgorithm
	algorithm    []byte // DER of signatureAlgorithm
	sign         func(signed []byte) []byte
	bare         bool // no signed attributes at all
}

type attr struct {
	oid    string
	values [][]byte
}

func der(build func(*cryptobyte.Builder)) []byte {
	var b cryptobyte.Builder
	build(&b)
	return b.BytesOrPanic()
}

func sequence(parts ...[]byte) []byte { return wrapped(cbasn1.SEQUENCE, parts...) }

func wrapped(tag cbasn1.Tag, parts ...[]byte) []byte {
	return der(func(b *cryptobyte.Builder) {
		b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(bytes.Join(parts, nil)) })
	})
}

func octets(data []byte) []byte { return wrapped(cbasn1.OCTET_STRING, data) }

func number(n *big.Int) []byte {
	return der(func(b *cryptobyte.Builder) { b.AddASN1BigInt(n) })
}

func oid(id string) []byte {
	return der(func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(pki.MustOID(id)) })
}

var asn1NULL = []byte{5, 0}

func constructed(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

// certID is the signing-certificate attribute, v2 with SHA-256 or v1 with SHA-1.
func certID(c *x509.Certificate, v2 bool) attr {
	if v2 {
		return attr{cms.OIDSigningCertificateV2, [][]byte{sequence(sequence(sequence(octets(pki.SHA256.Sum(c.Raw)))))}}
	}
	return attr{cms.OIDSigningCertificate, [][]byte{sequence(sequence(sequence(octets(pki.SHA1.Sum(c.Raw)))))}}
}

func newMould(h *house) *mould {
	m := &mould{
		h: h, by: "alice", certificates: h.p.Chain("alice"), names: h.p.Cert("alice"), content: content,
		digest:    sequence(oid(pki.SHA256.OID())),
		algorithm: sequence(oid(pki.ECDSASHA256.OID())),
	}
	m.sign = func(signed []byte) []byte { return m.value(pki.ECDSASHA256, signed) }
	m.attributes = []attr{
		{cms.OIDContentType, [][]byte{oid(cms.OIDData)}},
		{cms.OIDMessageDigest, [][]byte{octets(pki.SHA256.Sum(content))}},
		certID(h.p.Cert("alice"), true),
	}
	return m
}

func (m *mould) value(alg pki.Algorithm, signed []byte) []byte {
	value, err := m.h.p.Signer(m.by).Sign(nil, alg.Hash().Sum(signed), alg.Hash().Std())
	require.NoError(m.h.t, err)
	return value
}

func (m *mould) drop(id string) {
	m.attributes = slices.DeleteFunc(m.attributes, func(a attr) bool { return a.oid == id })
}

func (m *mould) set(id string, values ...[]byte) {
	m.drop(id)
	m.attributes = append(m.attributes, attr{id, values})
}

// signedAttributes are sorted, as DER wants a SET OF.
func (m *mould) signedAttributes() []byte {
	var list [][]byte
	for _, a := range m.attributes {
		list = append(list, sequence(oid(a.oid), wrapped(cbasn1.SET, a.values...)))
	}
	slices.SortFunc(list, bytes.Compare)
	return bytes.Join(list, nil)
}

// made is the whole: RFC 5652 §5.1 with the content inside.
func (m *mould) made() []byte {
	attributes := m.signedAttributes()
	signed, inInfo := wrapped(cbasn1.SET, attributes), wrapped(constructed(0), attributes)
	if m.bare {
		signed, inInfo = m.content, nil
	}
	info := sequence(
		number(big.NewInt(1)), sequence(m.names.RawIssuer, number(m.names.SerialNumber)),
		m.digest, inInfo, m.algorithm, octets(m.sign(signed)))
	var bag []byte
	for _, c := range m.certificates {
		bag = append(bag, c.Raw...)
	}
	return sequence(oid("1.2.840.113549.1.7.2"), wrapped(constructed(0), sequence(
		number(big.NewInt(1)), wrapped(cbasn1.SET, m.digest),
		sequence(oid(cms.OIDData), wrapped(constructed(0), octets(m.content))),
		wrapped(constructed(0), bag), wrapped(cbasn1.SET, info))))
}

func (m *mould) verify() *report.Report { return m.h.verify(m.made()) }

// The mould by itself makes good signatures, and each way of bending it below
// was a way into some other program.
func TestWaysIn(t *testing.T) {
	newMould(newHouse(t)).h.expect(newMould(newHouse(t)).verify(), report.Valid, "")
	for name, c := range map[string]struct {
		bend func(*mould)
		sub  report.SubIndication // "": unreadable is as good
	}{
		// The attacker signs with a key of his own and puts the victim's
		// certificate into the bag: whoever takes "the certificate in the CMS"
		// for the signer's reports the victim.
		"signing certificate taken from the bag instead of the signer": {func(m *mould) {
			eve := m.h.p.Issue("", "eve", func(*x509.Certificate) {})
			m.by, m.names = "eve", eve
			m.certificates = append(m.h.p.Chain("alice"), eve)
			m.attributes[2] = certID(eve, true)
		}, report.NoCertificateChainFound},
		"the signer named is the victim, the key is not hers": {func(m *mould) { m.by = "bob" }, report.SigCryptoFailure},
		"the certificate of the attribute is another's": {func(m *mould) {
			m.attributes[2] = certID(m.h.p.Cert("bob"), true)
			m.certificates = append(m.certificates, m.h.p.Cert("bob"))
		}, report.NoSigningCertificateFound},
		// Without signed attributes the value is over the content itself: DER of
		// attributes that somebody signed once could be passed off as content.
		"missing signed attributes":          {func(m *mould) { m.bare = true }, report.FormatFailure},
		"missing message-digest":             {func(m *mould) { m.drop(cms.OIDMessageDigest) }, report.FormatFailure},
		"missing content-type":               {func(m *mould) { m.drop(cms.OIDContentType) }, report.FormatFailure},
		"missing signing-certificate":        {func(m *mould) { m.drop(cms.OIDSigningCertificateV2) }, report.SigConstraintsFailure},
		"duplicated attribute":               {func(m *mould) { m.attributes = append(m.attributes, m.attributes[1]) }, report.FormatFailure},
		"attribute with two values":          {func(m *mould) { m.attributes[1].values = append(m.attributes[1].values, octets(make([]byte, 32))) }, report.FormatFailure},
		"attribute without a value":          {func(m *mould) { m.attributes[1].values = nil }, report.FormatFailure},
		"two signing-certificate attributes": {func(m *mould) { m.attributes = append(m.attributes, certID(m.h.p.Cert("bob"), true)) }, report.FormatFailure},
		// ESSCertID in both versions, each naming another certificate: one
		// program looks at the first, the next at the second.
		"ESSCertID v1/v2 mismatch": {func(m *mould) {
			m.attributes = append(m.attributes, certID(m.h.p.Cert("bob"), false))
		}, report.FormatFailure},
		"digest algorithm mismatch: SignerInfo says SHA-512, the value is over SHA-256": {func(m *mould) {
			m.digest = sequence(oid(pki.SHA512.OID()))
		}, report.FormatFailure},
		"digest algorithm mismatch: the message-digest is of another length": {func(m *mould) {
			m.set(cms.OIDMessageDigest, octets(pki.SHA512.Sum(m.content)))
		}, report.FormatFailure},
		"message-digest of other content": {func(m *mould) {
			m.set(cms.OIDMessageDigest, octets(pki.SHA256.Sum([]byte("I owe you two horses."))))
		}, report.HashFailure},
		"content-type of other content": {func(m *mould) {
			m.set(cms.OIDContentType, oid(cms.OIDTSTInfo))
		}, report.FormatFailure},
		"SHA-1, which a dated policy ended": {func(m *mould) {
			m.digest, m.algorithm = sequence(oid(pki.SHA1.OID())), sequence(oid(pki.ECDSASHA1.OID()))
			m.set(cms.OIDMessageDigest, octets(pki.SHA1.Sum(m.content)))
			m.sign = func(signed []byte) []byte { return m.value(pki.ECDSASHA1, signed) }
		}, report.CryptoConstraintsFailureNoPOE},
		"MD5, which no policy has": {func(m *mould) {
			m.digest = sequence(oid("1.2.840.113549.2.5"))
			m.algorithm = sequence(oid("1.2.840.113549.1.1.4"), asn1NULL)
		}, report.CryptoConstraintsFailure},
		"parameters that are no NULL": {func(m *mould) {
			m.algorithm = sequence(oid(pki.ECDSASHA256.OID()), sequence())
		}, report.CryptoConstraintsFailure},
		"digest parameters that are no NULL": {func(m *mould) {
			m.digest = sequence(oid(pki.SHA256.OID()), sequence())
		}, report.CryptoConstraintsFailure},
		// RSA-PSS with a salt of another length than the digest's: the value is
		// good under what it says, but what it says is not what we accept.
		"PSS salt length changed": {func(m *mould) {
			m.by, m.names, m.certificates = "seal", m.h.p.Cert("seal"), m.h.p.Chain("seal")
			m.attributes[2] = certID(m.names, true)
			salted := bytes.Replace(pki.PSSSHA256.AlgorithmIdentifier(), []byte{2, 1, 32}, []byte{2, 1, 20}, 1)
			require.NotEqual(m.h.t, pki.PSSSHA256.AlgorithmIdentifier(), salted)
			m.algorithm = salted
		}, report.CryptoConstraintsFailure},
		"ECDSA r out of range": {func(m *mould) {
			m.sign = func(signed []byte) []byte {
				return moved(m.value(pki.ECDSASHA256, signed), func(r, _ *big.Int, n *big.Int) { r.Add(r, n) })
			}
		}, report.SigCryptoFailure},
		"ECDSA s out of range": {func(m *mould) {
			m.sign = func(signed []byte) []byte {
				return moved(m.value(pki.ECDSASHA256, signed), func(_, s *big.Int, n *big.Int) { s.Add(s, n) })
			}
		}, report.SigCryptoFailure},
		"ECDSA r and s zero": {func(m *mould) {
			m.sign = func([]byte) []byte { return sequence(number(new(big.Int)), number(new(big.Int))) }
		}, report.SigCryptoFailure},
		"ECDSA r negative": {func(m *mould) {
			m.sign = func(signed []byte) []byte {
				return moved(m.value(pki.ECDSASHA256, signed), func(r, _ *big.Int, n *big.Int) { r.Sub(r, n) })
			}
		}, report.SigCryptoFailure},
		"BER in DER: the value in a long form of length": {func(m *mould) {
			m.sign = func(signed []byte) []byte {
				v := m.value(pki.ECDSASHA256, signed)
				return append([]byte{0x30, 0x81}, v[1:]...)
			}
		}, report.SigCryptoFailure},
		"bytes after the value": {func(m *mould) {
			m.sign = func(signed []byte) []byte { return append(m.value(pki.ECDSASHA256, signed), 0) }
		}, report.SigCryptoFailure},
		"critical extension ignored": {func(m *mould) {
			odd := m.h.p.Issue("ca", "odd", func(c *x509.Certificate) {
				c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
					Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 7}, Critical: true, Value: asn1NULL})
			})
			m.by, m.names, m.certificates = "odd", odd, m.h.p.Chain("odd")
			m.attributes[2] = certID(odd, true)
		}, report.CertificateChainGeneralFailure},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMould(newHouse(t))
			c.bend(m)
			r := m.verify()
			require.NotEqual(t, report.Valid, r.Verdict.Status)
			require.Len(t, r.Verdict.Signatures, 1)
			require.Equal(t, c.sub, r.Verdict.Signatures[0].SubIndication, "%+v", failedChecks(r.Verdict.Signatures[0]))
		})
	}
}

// moved changes r and s of a DER value by the order n of P-256.
func moved(value []byte, change func(r, s, n *big.Int)) []byte {
	var v struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(value, &v); err != nil {
		panic(err)
	}
	change(v.R, v.S, order256())
	return sequence(number(v.R), number(v.S))
}

func order256() *big.Int { return p256Order }

var p256Order, _ = new(big.Int).SetString("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16)

// NULL and nothing mean the same where the field writes both (RFC 5754 §2).
func TestAbsentAndNULLParameters(t *testing.T) {
	for name, digest := range map[string][]byte{
		"absent": sequence(oid(pki.SHA256.OID())), "NULL": sequence(oid(pki.SHA256.OID()), asn1NULL),
	} {
		t.Run(name, func(t *testing.T) {
			m := newMould(newHouse(t))
			m.digest = digest
			m.h.expect(m.verify(), report.Valid, "")
		})
	}
}

// Two certificates over one key: the time that the first allows is not the
// other's, and the time-stamp authority's validity is not the signer's.
func TestTimeOfOneKeyIsNotAnothers(t *testing.T) {
	b := newBench(t)
	late := b.p.Issue("ca", "late", func(c *x509.Certificate) { c.NotBefore, c.NotAfter = day("2026-05-20"), day("2027-05-20") })
	b.sig = b.signed("late", "late's", content)
	b.sig.Evidence.Certificates = append(b.p.Chain("alice"), late)
	// Before late's certificate began, alice's was valid, and so was the authority's.
	b.stamp("tsa", formats.SignatureTimestamp, day("2026-05-10"))
	b.expect(report.NotValid, report.TotalFailed, report.NotYetValid)

	// The authority has ended: that the signer's certificate still holds does
	// not make its token good.
	b = newBench(t, "tsa[until=2026-05-01]")
	ts := b.stamp("tsa", formats.SignatureTimestamp, day("2026-04-01"))
	ts.Signature.Evidence.Certificates = append(b.p.Chain("alice"), b.p.Chain("tsa")...)
	s := b.verify().Verdict.Signatures[0]
	require.NotEqual(t, report.TotalPassed, s.Timestamps[0].Indication)
	require.Nil(t, s.BestTime)
}

// Evidence that says it was made tomorrow is by somebody whose clock, or whose
// intent, is wrong.
func TestFutureDatedEvidence(t *testing.T) {
	b := newBench(t)
	now := b.p.Now
	b.p.Now = now.AddDate(0, 0, 2)
	b.sig.Evidence.Revocations = []pki.Revocation{
		{Kind: pki.CRL, Raw: b.p.CRL("ca")}, {Kind: pki.OCSP, Raw: b.p.OCSP("alice")}, {Kind: pki.CRL, Raw: b.p.CRL("root")}}
	b.p.Now, b.v.Revocation = now, nil
	b.expect(report.CannotTell, report.Indeterminate, report.TryLater)
}

// One signer twice is one signer: whoever asks for two signatures must not be
// satisfied by a copy.
func TestThresholdIsNotCountedTwice(t *testing.T) {
	b := newBench(t)
	second := b.signed("alice", "again", content)
	b.doc.Signatures = []formats.Signature{b.sig, second, b.signed("bob", "bob's", content)}
	r := b.verify()
	require.Equal(t, report.Valid, r.Verdict.Status)
	require.Len(t, r.Verdict.Signatures, 4)
	require.Equal(t, 2, r.Verdict.Signers, "alice and bob")
}

// A key that its certificate does not name verifies nothing, however good the
// value: the same name from another root is another's.
func TestSameNamesOtherKeys(t *testing.T) {
	h, twin := newHouse(t), newHouse(t)
	doc := newMould(twin).made()
	s := h.verify(doc).Verdict.Signatures[0]
	require.NotEqual(t, report.TotalPassed, s.Indication)
}
