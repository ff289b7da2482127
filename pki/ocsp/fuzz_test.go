package ocsp_test

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	theirs "golang.org/x/crypto/ocsp"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/pki/pkitest"
)

// Two readers that see different answers are an attack on one of them: ours and
// package x/crypto/ocsp must agree on every response that both accept. And
// whatever is made of a good answer, nobody comes back to life.
func FuzzParse(f *testing.F) {
	p := pkitest.New(f, drawn)
	bob := about(p, "ca", "bob")
	bob.revoked, bob.reason = p.Now, 1
	alice := about(p, "ca", "alice")
	alice.extensions = []extension{
		{oidCutoff, false, []byte("\x18\x0f20200101000000Z")},
		{"2.5.29.24", false, []byte("\x18\x0f20200101000000Z")},
	}
	for i := range 4 {
		m := recipe{p: p, by: "ca", bare: i&1 != 0, byKey: i&1 != 0, answers: []single{alice, bob},
			extensions: []extension{{oidNonce, false, []byte{4, 2, 1, 2}}}}
		if i&2 != 0 {
			m.by, m.certs = "responder", []*x509.Certificate{p.Cert("responder")}
		}
		f.Add(m.der(f))
	}
	f.Add(p.OCSP("alice"))
	f.Add([]byte{0x30, 3, 10, 1, 6})
	f.Fuzz(func(t *testing.T, der []byte) {
		r, err := ocsp.Parse(der)
		if err != nil {
			require.Nil(t, r)
			return
		}
		require.True(t, bytes.Contains(der, r.Basic) && bytes.Contains(r.Basic, r.RawTBS))
		require.NotEqual(t, r.ResponderName == nil, r.ResponderKeyHash == nil)
		require.LessOrEqual(t, len(r.Defects), 16)
		for _, a := range r.Answers {
			require.True(t, a.Status >= ocsp.Good && a.Status <= ocsp.Unknown)
			require.True(t, a.Status == ocsp.Revoked || a.RevokedAt.IsZero() && a.Reason == ocsp.Unspecified)
		}
		agreed, err := same(t, "fuzz", r)
		require.True(t, agreed || err != nil)
		for name, status := range map[string]ocsp.Status{"alice": ocsp.Good, "bob": ocsp.Revoked} {
			s, err := r.Judge(ocsp.Question{Certificate: p.Cert(name), Issuer: p.Cert("ca"), Verify: pki.Verify})
			if err == nil {
				require.Equal(t, status, s.Status)
			}
		}
	})
}

// elements returns the offsets of all elements in DER that we wrote.
func elements(der []byte, base int) (out []int) {
	for in := cryptobyte.String(der); !in.Empty(); {
		var element, body cryptobyte.String
		var tag cbasn1.Tag
		at := base + len(der) - len(in)
		if !in.ReadAnyASN1Element(&element, &tag) {
			return out
		}
		out = append(out, at)
		if tag&0x20 != 0 && element.ReadAnyASN1(&body, &tag) {
			out = append(out, elements(body, base+len(der)-len(in)-len(body))...)
		}
	}
	return out
}

// The same where only one element of what is signed is another, with all
// lengths mended and the whole well signed: that reaches every field.
func FuzzParseSigned(f *testing.F) {
	p := pkitest.New(f, drawn)
	bob := about(p, "ca", "bob")
	bob.revoked, bob.reason = p.Now, 1
	bob.extensions = []extension{
		{oidCutoff, false, []byte("\x18\x0f20200101000000Z")},
		{oidCertHash, false, build(f, func(b *cryptobyte.Builder) {
			b.AddBytes(pki.SHA256.AlgorithmIdentifier())
			b.AddASN1OctetString(pki.SHA256.Sum(p.Cert("bob").Raw))
		})},
	}
	m := recipe{p: p, by: "ca", answers: []single{about(p, "ca", "alice"), bob}, version: []byte{0xa0, 3, 2, 1, 0},
		extensions: []extension{{oidNonce, true, []byte{4, 2, 1, 2}}}}
	plain := m.tbs(f)
	places := elements(plain, 0)
	for i := range places {
		f.Add(uint(i), []byte("\x18\x0f20200101000000Z"))
		f.Add(uint(i), []byte("\x02\x01\x01"))
	}
	f.Fuzz(func(t *testing.T, place uint, body []byte) {
		if len(body) > 1<<16 {
			return
		}
		forged := m
		forged.forge = func(tbs []byte) []byte {
			return pkitest.Forge(t, tbs, places[place%uint(len(places))], func([]byte) []byte { return body })
		}
		r, err := ocsp.Parse(forged.der(t))
		if err != nil {
			return
		}
		require.NoError(t, r.Verify(p.Cert("ca"), pki.Verify))
		agreed, err := same(t, "fuzz", r)
		require.True(t, agreed || err != nil)
	})
}

// Another reader finds in every request what went into it.
func FuzzNewRequest(f *testing.F) {
	p := pkitest.New(f, drawn)
	f.Add([]byte{1}, []byte(nil), 1)
	f.Add(p.Cert("alice").SerialNumber.Bytes(), bytes.Repeat([]byte{7}, 32), 3)
	f.Add([]byte{0x80}, bytes.Repeat([]byte{7}, 128), 5)
	f.Add([]byte{}, bytes.Repeat([]byte{7}, 129), 4)
	f.Fuzz(func(t *testing.T, serial, nonce []byte, digest int) {
		cert := &x509.Certificate{RawIssuer: p.Cert("ca").RawSubject, SerialNumber: new(big.Int).SetBytes(serial)}
		h := pki.Hash(digest)
		der, err := ocsp.NewRequest(cert, p.Cert("ca"), h, nonce)
		if nonce != nil && len(nonce) == 0 || len(nonce) > 128 || !h.Known() || len(serial) > 1<<16 {
			require.True(t, err != nil || len(serial) > 1<<16)
			return
		}
		require.NoError(t, err)
		require.True(t, bytes.Contains(der, nonce))
		got, err := theirs.ParseRequest(der)
		if err != nil {
			require.NotContains(t, []pki.Hash{pki.SHA1, pki.SHA256, pki.SHA384, pki.SHA512}, h)
			return
		}
		require.Equal(t, h.Std(), got.HashAlgorithm)
		require.Zero(t, got.SerialNumber.Cmp(cert.SerialNumber))
		require.Equal(t, h.Sum(p.Cert("ca").RawSubject), got.IssuerNameHash)
		require.Equal(t, h.Sum(keyBits(t, p.Cert("ca"))), got.IssuerKeyHash)
	})
}

func TestRequestsThatAreNotMade(t *testing.T) {
	p := pkitest.New(t, drawn)
	alice, ca := p.Cert("alice"), p.Cert("ca")
	for name, c := range map[string]struct {
		issuer *x509.Certificate
		hash   pki.Hash
		nonce  []byte
	}{
		"empty nonce":    {ca, pki.SHA1, []byte{}},
		"long nonce":     {ca, pki.SHA1, make([]byte, 129)},
		"no digest":      {ca, pki.UnknownHash, nil},
		"another issuer": {p.Cert("other"), pki.SHA1, nil},
	} {
		der, err := ocsp.NewRequest(alice, c.issuer, c.hash, c.nonce)
		require.Error(t, err, name)
		require.Nil(t, der)
	}
}
