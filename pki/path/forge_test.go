package path_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
	"tamga/pki/path"
)

// now is the time of all certificates that these tests make.
var now = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// forged is a certificate and the key that it is of.
type forged struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// testKeys are made once: what they are plays no part.
var testKeys = sync.OnceValue(func() []*ecdsa.PrivateKey {
	var out []*ecdsa.PrivateKey
	for range 8 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		out = append(out, key)
	}
	return out
})

// forge issues a certificate under issuer, or under itself for nil. A name that
// ends in "CA" is one. The key is chosen by number.
func forge(t testing.TB, issuer *forged, name string, key int, edit func(*x509.Certificate)) *forged {
	t.Helper()
	out := &forged{key: testKeys()[key]}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(int64(1000 + key)), Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.AddDate(1, 0, 0),
		BasicConstraintsValid: true,
	}
	if len(name) > 1 && name[len(name)-2:] == "CA" {
		template.IsCA, template.KeyUsage = true, x509.KeyUsageCertSign|x509.KeyUsageCRLSign
	} else {
		template.BasicConstraintsValid = false
		template.KeyUsage = x509.KeyUsageDigitalSignature
	}
	if edit != nil {
		edit(template)
	}
	parent, signer := template, out.key
	if issuer != nil {
		named := *issuer.Certificate // whose key may be of another, in the differential tests
		named.PublicKey = issuer.key.Public()
		parent, signer = &named, issuer.key
		template.AuthorityKeyId = issuer.SubjectKeyId // CreateCertificate leaves it out of self-issued ones
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, out.key.Public(), signer)
	require.NoError(t, err)
	out.Certificate, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	return out
}

// extension is one that crypto/x509 does not write, or not so.
func extension(oid string, critical bool, value []byte) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions,
			pkix.Extension{Id: pki.MustOID(oid), Critical: critical, Value: value})
	}
}

// all makes one edit of several.
func all(edits ...func(*x509.Certificate)) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		for _, e := range edits {
			e(c)
		}
	}
}

// tlv writes an element, its content the concatenation of parts.
func tlv(tag byte, parts ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.Tag(tag), func(b *cryptobyte.Builder) {
		for _, p := range parts {
			b.AddBytes(p)
		}
	})
	return b.BytesOrPanic()
}

func oidDER(dotted string) []byte {
	der, err := asn1.Marshal(pki.MustOID(dotted))
	if err != nil {
		panic(err)
	}
	return der
}

// policies is certificatePolicies, mapped is policyMappings of pairs.
func policies(list ...string) func(*x509.Certificate) {
	var infos [][]byte
	for _, p := range list {
		infos = append(infos, tlv(0x30, oidDER(p)))
	}
	return extension("2.5.29.32", false, tlv(0x30, infos...))
}

func mapped(pairs ...string) func(*x509.Certificate) {
	var list [][]byte
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, tlv(0x30, oidDER(pairs[i]), oidDER(pairs[i+1])))
	}
	return extension("2.5.29.33", true, tlv(0x30, list...))
}

// permit and exclude are nameConstraints of bases in DER, altNames is
// subjectAltName of names in DER.
func permit(bases ...[]byte) func(*x509.Certificate)  { return constrain(0xa0, bases) }
func exclude(bases ...[]byte) func(*x509.Certificate) { return constrain(0xa1, bases) }

func constrain(tag byte, bases [][]byte) func(*x509.Certificate) {
	var list [][]byte
	for _, b := range bases {
		list = append(list, tlv(0x30, b))
	}
	return extension("2.5.29.30", true, tlv(0x30, tlv(tag, list...)))
}

func altNames(names ...[]byte) func(*x509.Certificate) {
	return extension("2.5.29.17", false, tlv(0x30, names...))
}

// chainOf is a chain from leaf to anchor.
func chainOf(certs ...*forged) (out []*x509.Certificate) {
	for _, c := range certs {
		out = append(out, c.Certificate)
	}
	return out
}

func params() path.Params { return path.Params{At: now, Verify: pki.Verify} }

// refused requires that the chain is refused for this kind of reason.
func refused(t *testing.T, kind path.Kind, p path.Params, certs ...*forged) {
	t.Helper()
	_, err := path.Validate(chainOf(certs...), p)
	require.NotNil(t, err, "accepted")
	require.Equal(t, kind, err.Kind, "%v", err)
	require.NotEmpty(t, err.Clause)
	require.NotEmpty(t, err.Detail)
}

// blames requires that the chain is refused for its policies, and that it is
// this certificate that is told of.
func blames(t *testing.T, whom *forged, p path.Params, certs ...*forged) {
	t.Helper()
	_, err := path.Validate(chainOf(certs...), p)
	require.NotNil(t, err, "accepted")
	require.Equal(t, path.Policy, err.Kind, "%v", err)
	require.Equal(t, "RFC 5280 §6.1.3 (f)", err.Clause)
	require.Equal(t, whom.Certificate, err.Certificate)
}

// accepted requires that the chain is valid.
func accepted(t *testing.T, p path.Params, certs ...*forged) path.Result {
	t.Helper()
	result, err := path.Validate(chainOf(certs...), p)
	if err != nil {
		require.Fail(t, "refused", "%v", err)
	}
	return result
}

// freshKey issues a CA with a key of its own.
func freshKey(t testing.TB, issuer *forged, name string) *forged {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(5), Subject: pkix.Name{CommonName: name},
		NotBefore: issuer.NotBefore, NotAfter: issuer.NotAfter, BasicConstraintsValid: true, IsCA: true}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer.Certificate, key.Public(), issuer.key)
	require.NoError(t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &forged{c, key}
}
