package ocsp_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

// full is a response with every field there is.
func full(p *pkitest.PKI) recipe {
	bob := about(p, "ca", "bob")
	bob.revoked, bob.reason = p.Now, 1
	bob.extensions = []extension{
		{oidCutoff, false, []byte("\x18\x0f20200101000000Z")},
		{"1.2.3", false, []byte{1}},
	}
	return recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice"), bob},
		version: []byte{0xa0, 3, 2, 1, 0}, certs: []*x509.Certificate{p.Cert("responder")},
		extensions: []extension{{oidNonce, true, []byte{4, 2, 1, 2}}}}
}

// What stands behind the last field of a structure is signed, but not read by
// all: one reader would see an answer where another sees none. So there is
// nothing behind it, whoever has signed.
func TestOneElementMore(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := full(p)
	more := func(body []byte) []byte { return append(bytes.Clone(body), 2, 1, 0) }
	tbs := m.tbs(t)
	for _, at := range elements(tbs, 0) {
		if tbs[at]&0x20 == 0 {
			continue
		}
		forged := m
		forged.forge = func(tbs []byte) []byte { return pkitest.Forge(t, tbs, at, more) }
		_, alice := judge(forged.der(t), p.Cert("alice"), p.Cert("ca"))
		_, bob := judge(forged.der(t), p.Cert("bob"), p.Cert("ca"))
		require.Error(t, errors.Join(alice, bob), "in the signed part, at %d", at)
	}
	for _, bare := range []bool{true, false} {
		m.bare = bare
		der := m.der(t)
		places := elements(der, 0)
		for _, at := range places[:min(len(places), 5)] {
			if der[at]&0x20 == 0 {
				continue
			}
			_, err := ocsp.Parse(pkitest.Forge(t, der, at, more))
			require.ErrorIs(t, err, ocsp.ErrMalformed, "bare %t, at %d", bare, at)
		}
	}
}

// withBody puts something into the last empty element with this tag.
func withBody(t *testing.T, tag byte) func(tbs []byte) []byte {
	return func(tbs []byte) []byte {
		at := bytes.LastIndex(tbs, []byte{tag, 0, 0x18, 15})
		require.Contains(t, elements(tbs, 0), at)
		return pkitest.Forge(t, tbs, at, func([]byte) []byte { return []byte{5, 0} })
	}
}

// Bodies that are not what their tags say.
func TestOddBodies(t *testing.T) {
	p := pkitest.New(t, drawn)
	good, unknown, revoked := about(p, "ca", "alice"), about(p, "ca", "alice"), about(p, "ca", "alice")
	unknown.unknown = true
	revoked.revoked, revoked.reason = p.Now, 1
	replace := func(old, fresh []byte) func([]byte) []byte {
		return func(tbs []byte) []byte {
			require.Len(t, fresh, len(old))
			at := bytes.LastIndex(tbs, old)
			require.Positive(t, at)
			return append(append(bytes.Clone(tbs[:at]), fresh...), tbs[at+len(old):]...)
		}
	}
	name := p.Cert("ca").RawSubject
	this := []byte("\x18\x0f20260601110000Z")
	status := append([]byte{0x80, 15}, this[2:]...)
	for odd, c := range map[string]struct {
		answer single
		forge  func([]byte) []byte
	}{
		"time is a status":    {good, replace(this, status)},
		"good with a body":    {good, withBody(t, 0x80)},
		"unknown with a body": {unknown, withBody(t, 0x82)},
		"unknown as revoked":  {unknown, replace([]byte{0x82, 0}, []byte{0xa1, 0})},
		"fourth status":       {unknown, replace([]byte{0x82, 0}, []byte{0x83, 0})},
		"good, constructed":   {good, replace([]byte{0x80, 0}, []byte{0xa0, 0})},
		"negative reason":     {revoked, replace([]byte{10, 1, 1}, []byte{10, 1, 0xff})},
		"reason is a number":  {revoked, replace([]byte{10, 1, 1}, []byte{2, 1, 1})},
		"name is no name":     {good, replace(name[:3], []byte{0x30, name[1], 2})},
		"UTCTime":             {good, replace([]byte("\x18\x0f20260601120000Z"), []byte("\x17\x0f20260601120000Z"))},
	} {
		m := recipe{p: p, by: "ca", answers: []single{c.answer}, forge: c.forge}
		_, err := ocsp.Parse(m.der(t))
		require.ErrorIs(t, err, ocsp.ErrMalformed, odd)
	}
}

// A BIT STRING that is no number of bytes is no signature.
func TestUnusedBits(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", bare: true, answers: []single{about(p, "ca", "alice")}}
	der := m.der(t)
	places := elements(der, 0)
	at := places[len(places)-1]
	require.Equal(t, byte(3), der[at])
	_, err := ocsp.Parse(pkitest.Forge(t, der, at, func(body []byte) []byte {
		return append(append([]byte{4}, body[1:len(body)-1]...), 0xf0)
	}))
	require.ErrorIs(t, err, ocsp.ErrMalformed)
}

// Some responders name their key by another digest than SHA-1. We cannot tell
// whom they mean, which is no fault of theirs.
func TestOtherKeyDigest(t *testing.T) {
	p := pkitest.New(t, drawn)
	m := recipe{p: p, by: "ca", byKey: true, answers: []single{about(p, "ca", "alice")}}
	m.forge = func(tbs []byte) []byte {
		return pkitest.Forge(t, tbs, elements(tbs, 0)[2], func([]byte) []byte {
			return pki.SHA256.Sum(keyBits(t, p.Cert("ca")))
		})
	}
	_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"))
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)
}

// Who is no CA appoints nobody, whatever the caller takes it for.
func TestDelegateOfNoCA(t *testing.T) {
	p := pkitest.New(t, "ca -> alice, d[ocsp]")
	d := p.Cert("d")
	require.NoError(t, ocsp.Authorised(d, p.Cert("ca"), pki.Verify))
	for name, edit := range map[string]func(*x509.Certificate){
		"key usage":         func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign },
		"basic constraints": func(c *x509.Certificate) { c.IsCA = false },
	} {
		ca := *p.Cert("ca")
		edit(&ca)
		require.ErrorIs(t, ocsp.Authorised(d, &ca, pki.Verify), ocsp.ErrUnauthorised, name)
		require.NoError(t, ocsp.Authorised(p.Cert("ca"), &ca, pki.Verify), "the CA itself")
	}
}

// Of two who bear the signer's name, one has a key of a kind that we do not
// know. It may well have signed: that the other has not is no verdict.
func TestNoVerdictBeforeAWrongOne(t *testing.T) {
	p := pkitest.New(t, drawn)
	named := func(c *x509.Certificate) { c.Subject = p.Cert("responder").Subject }
	other, strange := delegate(p, "ca", "d1", named), *delegate(p, "ca", "d2", named)
	strange.PublicKey = nil
	m := recipe{p: p, by: "responder", answers: []single{about(p, "ca", "alice")}}
	_, err := judge(m.der(t), p.Cert("alice"), p.Cert("ca"), other, &strange)
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"), other)
	require.ErrorIs(t, err, pki.ErrInvalidSignature)
	_, err = judge(m.der(t), p.Cert("alice"), p.Cert("ca"), other, &strange, p.Cert("responder"))
	require.NoError(t, err, "the third has signed")
}
