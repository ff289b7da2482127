package ocsp_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

func tlv(tag byte, parts ...[]byte) []byte {
	out, err := asn1.Marshal(asn1.RawValue{
		Class: int(tag >> 6), Tag: int(tag & 0x1f), IsCompound: tag&0x20 != 0, Bytes: bytes.Join(parts, nil),
	})
	if err != nil {
		panic(err)
	}
	return out
}

func oid(dotted string) []byte {
	der, err := asn1.Marshal(pki.MustOID(dotted))
	if err != nil {
		panic(err)
	}
	return der
}

// letter is a response with parts bent: by their names, others than the usual
// ones, nil to leave one out. Where no part stands, "… end" adds one.
type letter map[string][]byte

func (l letter) part(name string, usual []byte) []byte {
	if bent, ok := l[name]; ok {
		return bent
	}
	return usual
}

var (
	noon    = tlv(0x18, []byte("20260601120000Z"))
	nobody  = tlv(0x30)
	twenty  = bytes.Repeat([]byte{7}, 20)
	tooMuch = []byte{5, 0}
)

func (l letter) answer() []byte {
	id := l.part("certID", tlv(0x30,
		l.part("algorithm of digests", pki.SHA1.AlgorithmIdentifier()),
		l.part("digest of the name", tlv(4, twenty)), l.part("digest of the key", tlv(4, twenty)),
		l.part("serial", []byte{2, 1, 42}), l.part("certID end", nil)))
	return l.part("answer", tlv(0x30, id, l.part("status", []byte{0x80, 0}), l.part("thisUpdate", noon),
		l.part("nextUpdate", nil), l.part("extensions of the answer", nil), l.part("answer end", nil)))
}

func (l letter) basic() []byte {
	data := l.part("data", tlv(0x30, l.part("version", nil), l.part("responder", tlv(0xa1, nobody)),
		l.part("producedAt", noon), l.part("answers", tlv(0x30, l.answer())),
		l.part("extensions", nil), l.part("data end", nil)))
	return l.part("basic", tlv(0x30, data, l.part("algorithm", pki.ECDSASHA256.AlgorithmIdentifier()),
		l.part("signature", []byte{3, 2, 0, 1}), l.part("certificates", nil), l.part("basic end", nil)))
}

func (l letter) whole() []byte {
	body := l.part("body", tlv(0x30, l.part("type", oid("1.3.6.1.5.5.7.48.1.1")),
		l.part("response", tlv(4, l.basic())), l.part("body end", nil)))
	return append(tlv(0x30, l.part("responseStatus", []byte{10, 1, 0}),
		l.part("bytes", tlv(0xa0, body, l.part("bytes end", nil))), l.part("whole end", nil)), l["end"]...)
}

// retagged has the tag of something else, and the same contents.
func retagged(der []byte, tag byte) []byte { return append([]byte{tag}, der[1:]...) }

// extensionList is Extensions under an explicit tag 1.
func extensionList(list ...[]byte) []byte { return tlv(0xa1, tlv(0x30, list...)) }

func anExtension(id string, value []byte) []byte { return tlv(0x30, oid(id), tlv(4, value)) }

// Whoever passes over a part that he cannot read, reads another response than
// the next one does. Each of these has one part that is not what RFC 6960 §4.2.1
// draws.
func TestToTheLetter(t *testing.T) {
	_, err := ocsp.Parse(letter{}.whole())
	require.NoError(t, err)
	sha1 := pki.SHA1.AlgorithmIdentifier()
	cut := func(tag byte) []byte { return []byte{tag, 0x7f} }
	fine := anExtension("1.2.3", nil)
	digest := func(parts ...[]byte) []byte { return extensionList(anExtension(oidCertHash, bytes.Join(parts, nil))) }
	revoked := func(parts ...[]byte) []byte { return tlv(0xa1, parts...) }
	for _, c := range []struct {
		part string
		der  []byte
		says string
	}{
		{"end", []byte{0}, "no single SEQUENCE"},
		{"responseStatus", nil, "no responseStatus"},
		{"responseStatus", []byte{2, 1, 0}, "no responseStatus"},
		{"responseStatus", []byte{10, 1, 4}, "responseStatus 4"},
		{"bytes", nil, "no responseBytes"},
		{"bytes", tlv(0xa1, tlv(0x30, oid("1.3.6.1.5.5.7.48.1.1"), tlv(4, letter{}.basic()))), "no responseBytes"},
		{"bytes end", tooMuch, "no responseBytes"},
		{"whole end", tooMuch, "no responseBytes"},
		{"body", tlv(0x31, oid("1.3.6.1.5.5.7.48.1.1"), tlv(4, letter{}.basic())), "no responseBytes"},
		{"body end", tooMuch, "no responseBytes"},
		{"type", nil, "no responseBytes"},
		{"type", retagged(oid("1.3.6.1.5.5.7.48.1.1"), 4), "no responseBytes"},
		{"response", tlv(3, letter{}.basic()), "no responseBytes"},
		{"basic", retagged(letter{}.basic(), 0x31), "no BasicOCSPResponse"},
		{"basic", append(letter{}.basic(), 0), "no BasicOCSPResponse"},
		{"basic end", tooMuch, "no BasicOCSPResponse"},
		{"data", tlv(0x31, tlv(0xa1, nobody), noon, tlv(0x30)), "no BasicOCSPResponse"},
		{"algorithm", tlv(0x31), "no BasicOCSPResponse"},
		{"signature", []byte{4, 2, 0, 1}, "no BasicOCSPResponse"},
		{"signature", []byte{3, 2, 1, 2}, "no BasicOCSPResponse"},
		{"certificates", cut(0xa0), "no BasicOCSPResponse"},
		{"certificates", tlv(0xa0, tlv(0x31)), "the certificates"},
		{"certificates", tlv(0xa0, tlv(0x30), tooMuch), "the certificates"},
		{"certificates", tlv(0xa0, tlv(0x30, tlv(0x31))), "a certificate"},
		{"certificates", tlv(0xa0, tlv(0x30, tlv(0x30), tlv(0x31))), "a certificate"},
		{"version", cut(0xa0), "no ResponseData"},
		{"version", tlv(0xa0, []byte{4, 1, 0}), "the version"},
		{"version", tlv(0xa0, []byte{2, 1, 0}, tooMuch), "the version"},
		{"responder", nil, "the responder's identifier"},
		{"responder", tlv(0xa1), "the responder's identifier"},
		{"responder", tlv(0xa3, tlv(4, twenty)), "the responder's identifier"},
		{"responder", tlv(0xa2, tlv(3, twenty)), "the responder's identifier"},
		{"responder", tlv(0xa2, tlv(4, twenty), tooMuch), "the responder's identifier"},
		{"responder", tlv(0xa2, tlv(4)), "the responder's identifier"},
		{"producedAt", nil, "producedAt"},
		{"answers", tlv(0x31, letter{}.answer()), "the fields of ResponseData"},
		{"extensions", cut(0xa1), "the fields of ResponseData"},
		{"data end", tooMuch, "the fields of ResponseData"},
		{"extensions", tlv(0xa1, tlv(0x31, fine)), "the list of extensions"},
		{"extensions", tlv(0xa1, tlv(0x30, fine), tooMuch), "the list of extensions"},
		{"extensions", extensionList(retagged(fine, 0x31)), "an extension"},
		{"extensions", extensionList(tlv(0x30, retagged(oid("1.2.3"), 4), tlv(4))), "an extension"},
		{"extensions", extensionList(tlv(0x30, oid("1.2.3"), tlv(3))), "an extension"},
		{"extensions", extensionList(tlv(0x30, oid("1.2.3"), []byte{1, 1, 1}, tlv(4))), "an extension"},
		{"extensions", extensionList(tlv(0x30, oid("1.2.3"), tlv(4), tooMuch)), "an extension"},
		{"extensions", extensionList(fine, fine), "twice"},
		{"extensions", extensionList(anExtension(oidExtendedRevoke, tlv(4))), "extended revoked"},
		{"extensions", extensionList(anExtension(oidExtendedRevoke, tlv(5, []byte{0}))), "extended revoked"},
		{"extensions", extensionList(anExtension(oidExtendedRevoke, []byte{5, 0, 5, 0})), "extended revoked"},
		{"answer", retagged(letter{}.answer(), 0x31), "no SEQUENCE"},
		{"answer end", tooMuch, "the fields of SingleResponse"},
		{"certID", tlv(0x31, sha1, tlv(4, twenty), tlv(4, twenty), []byte{2, 1, 42}), "the certificate's identifier"},
		{"certID end", tooMuch, "the certificate's identifier"},
		{"algorithm of digests", retagged(sha1, 0x31), "the certificate's identifier"},
		{"algorithm of digests", tlv(0x30), "a digest algorithm"},
		{"digest of the name", tlv(3, twenty), "the certificate's identifier"},
		{"digest of the key", tlv(3, twenty), "the certificate's identifier"},
		{"serial", []byte{4, 1, 42}, "the certificate's identifier"},
		{"serial", []byte{2, 2, 0, 42}, "the certificate's identifier"},
		{"status", tlv(0x83), "the status"},
		{"status", revoked(tlv(0x17, noon[2:])), "the time of revocation"},
		{"status", revoked(noon, tooMuch), "the fields of RevokedInfo"},
		{"status", revoked(noon, cut(0xa0)), "the fields of RevokedInfo"},
		{"status", revoked(noon, tlv(0xa0, []byte{2, 1, 1})), "the reason of revocation"},
		{"status", revoked(noon, tlv(0xa0, []byte{10, 1, 0xff})), "the reason of revocation"},
		{"status", revoked(noon, tlv(0xa0, []byte{10, 1, 1}, tooMuch)), "the reason of revocation"},
		{"thisUpdate", nil, "thisUpdate"},
		{"nextUpdate", cut(0xa0), "the fields of SingleResponse"},
		{"nextUpdate", tlv(0xa0, tlv(0x17, noon[2:])), "nextUpdate"},
		{"nextUpdate", tlv(0xa0, noon, tooMuch), "nextUpdate"},
		{"extensions of the answer", cut(0xa1), "the fields of SingleResponse"},
		{"extensions of the answer", extensionList(anExtension(oidCutoff, tlv(0x17))), "extension " + oidCutoff},
		{"extensions of the answer", extensionList(anExtension(oidCutoff, append(noon, 5, 0))), "extension " + oidCutoff},
		{"extensions of the answer", extensionList(anExtension(oidReason, []byte{2, 1, 1})), "extension " + oidReason},
		{"extensions of the answer", digest(tlv(0x31, sha1, tlv(4, twenty))), "the digest of the certificate"},
		{"extensions of the answer", digest(tlv(0x30, sha1, tlv(4, twenty)), tooMuch), "the digest of the certificate"},
		{"extensions of the answer", digest(tlv(0x30, retagged(sha1, 0x31), tlv(4, twenty))), "the digest of the certificate"},
		{"extensions of the answer", digest(tlv(0x30, sha1, tlv(3, twenty))), "the digest of the certificate"},
		{"extensions of the answer", digest(tlv(0x30, sha1, tlv(4, twenty), tooMuch)), "the digest of the certificate"},
		{"extensions of the answer", digest(tlv(0x30, tlv(0x30), tlv(4, twenty))), "a digest algorithm"},
	} {
		_, err := ocsp.Parse(letter{c.part: c.der}.whole())
		require.ErrorIs(t, err, ocsp.ErrMalformed, "%s %x", c.part, c.der)
		require.ErrorContains(t, err, c.says, "%s %x", c.part, c.der)
	}
	_, err = ocsp.Parse(letter{"status": nil, "thisUpdate": nil}.whole())
	require.ErrorContains(t, err, "no status")
	for _, der := range [][]byte{nil, retagged(letter{}.whole(), 0x31)} {
		_, err = ocsp.Parse(der)
		require.ErrorContains(t, err, "no single SEQUENCE")
	}
	_, err = ocsp.Parse(letter{"version": tlv(0xa0, []byte{2, 1, 1})}.whole())
	require.ErrorIs(t, err, ocsp.ErrUnsupported)
	_, err = ocsp.Parse(letter{"type": oid("1.2.3")}.whole())
	require.ErrorIs(t, err, ocsp.ErrUnsupported)
}

// What departs from the standard and is clear all the same is read, and noted
// where it is a fault.
func TestToTheLetterIsClear(t *testing.T) {
	sum := tlv(0x30, tlv(0x30, oid("1.2.3")), tlv(4, twenty))
	read := func(l letter) *ocsp.Response {
		r, err := ocsp.Parse(l.whole())
		require.NoError(t, err, l)
		require.Len(t, r.Answers, 1)
		require.Equal(t, big.NewInt(42), r.Answers[0].Serial)
		return r
	}
	require.Equal(t, ocsp.Good, read(letter{}).Answers[0].Status)
	require.Empty(t, read(letter{}).Defects)
	require.Equal(t, ocsp.Unknown, read(letter{"status": tlv(0x82)}).Answers[0].Status)
	a := read(letter{"status": tlv(0xa1, noon, tlv(0xa0, []byte{10, 1, 0}))}).Answers[0]
	require.Equal(t, ocsp.Revoked, a.Status)
	require.Equal(t, ocsp.Unspecified, a.Reason)
	a = read(letter{"algorithm of digests": tlv(0x30, oid("1.2.3"))}).Answers[0]
	require.False(t, a.Hash.Known())
	require.Equal(t, "1.2.3", a.HashOID)
	a = read(letter{"extensions of the answer": extensionList(anExtension(oidCertHash, sum))}).Answers[0]
	require.Equal(t, &ocsp.CertHash{Sum: twenty}, a.CertHash)
	r := read(letter{"extensions": extensionList(tlv(0x30, oid("1.2.3"), []byte{1, 1, 0}, tlv(4)))})
	require.Len(t, r.Defects, 1)
	require.Contains(t, r.Defects[0], "X.690 11.5")
	r = read(letter{"certificates": tlv(0xa0, tlv(0x30, tlv(0x30)))})
	require.Empty(t, r.Certificates)
	require.Contains(t, r.Defects[0], "RFC 5280 4.1")
}

// Nonces come in two forms, and not every one is as long as it should be.
func TestNonceForms(t *testing.T) {
	long := bytes.Repeat([]byte{1}, 129)
	const odd, length = "RFC 9654 2.1: the nonce is no OCTET STRING", "RFC 9654 2.1: the nonce is not of 1 to 128 bytes"
	for _, c := range []struct {
		value, nonce []byte
		defects      []string
	}{
		{tlv(4, []byte{1}), []byte{1}, nil},
		{tlv(4, long[:128]), long[:128], nil},
		{tlv(4, long), long, []string{length}},
		{tlv(4), []byte{}, []string{length}},
		{[]byte{9, 9, 9}, []byte{9, 9, 9}, []string{odd}},
		{[]byte{3, 1, 9}, []byte{3, 1, 9}, []string{odd}},
		{[]byte{4, 1, 9, 9}, []byte{4, 1, 9, 9}, []string{odd}},
		{nil, []byte{}, []string{odd, length}},
	} {
		r, err := ocsp.Parse(letter{"extensions": extensionList(anExtension(oidNonce, c.value))}.whole())
		require.NoError(t, err, "%x", c.value)
		require.Equal(t, c.nonce, r.Nonce, "%x", c.value)
		require.Equal(t, c.defects, r.Defects, "%x", c.value)
	}
}

// "Never issued" is said by four things at once (RFC 6960 §2.2, §4.4.8); who
// has but three of them was revoked.
func TestNeverIssuedByThree(t *testing.T) {
	begin := tlv(0x18, []byte("19700101000000Z"))
	hold, other := tlv(0xa0, []byte{10, 1, 6}), tlv(0xa0, []byte{10, 1, 1})
	extended := extensionList(anExtension(oidExtendedRevoke, []byte{5, 0}))
	for _, c := range []struct {
		status, extensions []byte
		never              bool
	}{
		{tlv(0xa1, begin, hold), extended, true},
		{tlv(0xa1, begin, hold), nil, false},
		{tlv(0xa1, begin, other), extended, false},
		{tlv(0xa1, begin), extended, false},
		{tlv(0xa1, noon, hold), extended, false},
		{tlv(0x80), extended, false},
	} {
		r, err := ocsp.Parse(letter{"status": c.status, "extensions": c.extensions}.whole())
		require.NoError(t, err)
		require.Equal(t, c.never, r.Answers[0].NeverIssued, "%x", c.status)
	}
}

// A reason in the status and another in an extension: whoever believes the
// milder one takes signatures of a stolen key for good.
func TestTwoReasons(t *testing.T) {
	said := func(reason byte) []byte { return tlv(0xa1, noon, tlv(0xa0, []byte{10, 1, reason})) }
	also := func(reason byte) []byte { return extensionList(anExtension(oidReason, []byte{10, 1, reason})) }
	for _, c := range []struct {
		status, extensions []byte
		want               ocsp.Reason // -1: none
	}{
		{said(1), also(1), ocsp.KeyCompromise},
		{said(1), also(0), ocsp.KeyCompromise},
		{said(1), extensionList(anExtension(oidCutoff, noon)), ocsp.KeyCompromise},
		{said(0), also(4), ocsp.Superseded},
		{tlv(0xa1, noon), also(4), ocsp.Superseded},
		{said(1), also(4), -1},
		{said(4), also(1), -1},
		{tlv(0x80), also(1), -1},
	} {
		r, err := ocsp.Parse(letter{"status": c.status, "extensions of the answer": c.extensions}.whole())
		if c.want < 0 {
			require.ErrorContains(t, err, "two reasons of revocation")
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, r.Answers[0].Reason)
	}
}

// The forms of a time that responders in service write, and none that could be
// another time for another reader.
func TestForms(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"20260601120000Z":                at,
		"20260601120000.5Z":              at.Add(500 * time.Millisecond),
		"20260601130000+0100":            at,
		"20260601110000-0100":            at,
		"20260601130000.000000001+0100":  at.Add(1),
		"20260601130000.0000000001+0100": {},
		"20260601120000,5Z":              {},
		"20260601120000":                 {},
		"20260601120000a":                {},
		"202606011200Z":                  {},
		"20260631120000Z":                {},
		"260601120000Z":                  {},
		"":                               {},
	} {
		r, err := ocsp.Parse(letter{"producedAt": tlv(0x18, []byte(text))}.whole())
		if want.IsZero() {
			require.ErrorContains(t, err, "producedAt", text)
			continue
		}
		require.NoError(t, err, text)
		require.True(t, want.Equal(r.ProducedAt), text)
		require.Equal(t, text != "20260601120000Z", len(r.Defects) == 1, text)
	}
}

func TestLimitsAreReached(t *testing.T) {
	many := func(n int) []byte {
		var list [][]byte
		for i := range n {
			list = append(list, anExtension("1.2."+big.NewInt(int64(i)).String(), nil))
		}
		return extensionList(list...)
	}
	filled := func(n int) []byte {
		return letter{"extensions": extensionList(anExtension("1.2.3", make([]byte, n)))}.whole()
	}
	rest := ocsp.MaxSize - len(filled(1<<17)) + 1<<17
	answers := func(n int) letter {
		return letter{"answers": tlv(0x30, bytes.Repeat(letter{}.answer(), n))}
	}
	for name, c := range map[string]struct {
		most, more []byte
	}{
		"extensions":   {letter{"extensions": many(64)}.whole(), letter{"extensions": many(65)}.whole()},
		"bytes":        {filled(rest), filled(rest + 1)},
		"answers":      {answers(1000).whole(), answers(1001).whole()},
		"certificates": {certificates(32), certificates(33)},
	} {
		_, err := ocsp.Parse(c.most)
		require.NoError(t, err, name)
		_, err = ocsp.Parse(c.more)
		require.ErrorIs(t, err, ocsp.ErrTooLarge, name)
	}
	require.Len(t, filled(rest), ocsp.MaxSize)
}

// certificates is a response with n that cannot be read.
func certificates(n int) []byte {
	return letter{"certificates": tlv(0xa0, tlv(0x30, bytes.Repeat([]byte{0x30, 0}, n)))}.whole()
}

func TestNamesOfValues(t *testing.T) {
	require.Equal(t, "no status", ocsp.NoStatus.String())
	require.Equal(t, "unknown", ocsp.Unknown.String())
	require.Equal(t, "status 4", ocsp.Status(4).String())
	require.Equal(t, "status 9", ocsp.Status(9).String())
	require.Equal(t, "keyCompromise", ocsp.KeyCompromise.String())
	require.Equal(t, "reason 7", ocsp.Reason(7).String())
	require.ErrorContains(t, ocsp.TryLater, "tryLater")
	require.ErrorContains(t, ocsp.Refusal(4), "(4)")
}

// An issuer whose key cannot be read, as a certificate from a damaged file, is
// the issuer of nothing.
func TestIssuerWithoutAKey(t *testing.T) {
	p := pkitest.New(t, drawn)
	alice, ca := p.Cert("alice"), *p.Cert("ca")
	ca.RawSubjectPublicKeyInfo = nil
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice")}}
	m.forge = func(tbs []byte) []byte { // the digest of no key at all
		return bytes.Replace(tbs, pki.SHA1.Sum(keyBits(t, p.Cert("ca"))), pki.SHA1.Sum(nil), 1)
	}
	r, err := ocsp.Parse(m.der(t))
	require.NoError(t, err)
	_, err = r.Answer(alice, &ca)
	require.ErrorContains(t, err, "reading the public key")
	_, err = ocsp.NewRequest(alice, &ca, pki.SHA1, nil)
	require.ErrorContains(t, err, "reading the public key")
	m.byKey, m.named, m.forge = true, "ca", func(tbs []byte) []byte {
		return pkitest.Forge(t, tbs, elements(tbs, 0)[2], func([]byte) []byte { return pki.SHA1.Sum(nil) })
	}
	r, err = ocsp.Parse(m.der(t))
	require.NoError(t, err)
	_, err = r.Signer(&ca, nil)
	require.ErrorIs(t, err, ocsp.ErrNoSigner)
}

// Who believes whatever is signed in an unknown way believes everybody.
func TestUnknownAlgorithm(t *testing.T) {
	p := pkitest.New(t, drawn)
	r, err := ocsp.Parse(letter{"algorithm": tlv(0x30, oid("1.2.3"))}.whole())
	require.NoError(t, err)
	anything := func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error { return nil }
	require.ErrorIs(t, r.Verify(p.Cert("ca"), anything), pki.ErrUnknownAlgorithm)
}

// The signer's certificate comes with the response, and stands in the pool: it
// is tried once. With twice as many tries an attacker would have half as many
// of his own, and a real one may fall over the limit.
func TestSignerOnce(t *testing.T) {
	p := pkitest.New(t, drawn)
	responder := p.Cert("responder")
	m := recipe{p: p, by: "responder", answers: []single{about(p, "ca", "alice")}}
	m.certs = append(m.certs, responder, responder)
	r, err := ocsp.Parse(m.der(t))
	require.NoError(t, err)
	found, err := r.Signer(p.Cert("ca"), m.certs)
	require.NoError(t, err)
	require.Len(t, found, 1)
}

// Serial numbers repeat between issuers. An answer for another's certificate
// beside alice's own is no second answer; alone it is none.
func TestNamesakes(t *testing.T) {
	p := pkitest.New(t, drawn)
	own, others := about(p, "ca", "alice"), about(p, "ca", "alice")
	others.issuer = p.Cert("other")
	for _, c := range []struct {
		answers []single
		says    string
	}{
		{[]single{own}, ""},
		{[]single{own, others}, ""},
		{[]single{others, own}, ""},
		{[]single{others}, "of another issuer"},
		{[]single{about(p, "ca", "bob")}, "finding the answer: no answer"},
		{[]single{own, own}, "several"},
	} {
		m := recipe{p: p, by: "ca", answers: c.answers}
		_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
		if c.says == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorIs(t, err, ocsp.ErrNoAnswer)
		require.ErrorContains(t, err, c.says)
	}
}

// The CA's name is written in one kind of string in its own certificate, and in
// another in alice's: a digest of either means the CA.
func TestNameInAnotherString(t *testing.T) {
	p := pkitest.New(t, drawn)
	alice, ca := *p.Cert("alice"), p.Cert("ca")
	alice.RawIssuer = bytes.ReplaceAll(alice.RawIssuer, []byte("\x13\x02ca"), []byte("\x0c\x02ca"))
	require.NotEqual(t, ca.RawSubject, alice.RawIssuer)
	require.True(t, pki.SameName(ca.RawSubject, alice.RawIssuer))
	written := *ca
	written.RawSubject = alice.RawIssuer
	own, asked := about(p, "ca", "alice"), about(p, "ca", "alice")
	asked.issuer = &written
	for _, answer := range []single{own, asked} {
		m := recipe{p: p, by: "ca", answers: []single{answer}}
		_, err := judge(m.der(t), &alice, ca)
		require.NoError(t, err)
	}
	strange := about(p, "ca", "alice")
	strange.extensions = []extension{{oidCertHash, false, tlv(0x30, tlv(0x30, oid("1.2.3")), tlv(4, twenty))}}
	m := recipe{p: p, by: "ca", answers: []single{strange}}
	_, err := judge(m.der(t), p.Cert("alice"), ca)
	require.NoError(t, err, "a digest that nobody can compare says nothing")
}
