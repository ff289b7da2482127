package pki_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/mldsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
)

// signers makes one key for each family of the table.
func signers(t testing.TB) map[string]crypto.Signer {
	t.Helper()
	out := map[string]crypto.Signer{}
	var err error
	for name, curve := range map[string]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()} {
		out[name], err = ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(t, err)
	}
	out["RSA"], err = rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, out["Ed25519"], err = ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for name, p := range map[string]mldsa.Parameters{"ML-DSA-44": mldsa.MLDSA44(), "ML-DSA-65": mldsa.MLDSA65(), "ML-DSA-87": mldsa.MLDSA87()} {
		out[name], err = mldsa.GenerateKey(p)
		require.NoError(t, err)
	}
	return out
}

func selfSigned(t testing.TB, s crypto.Signer) *x509.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Key Test"},
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, s.Public(), s)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return cert
}

func keyOf(t testing.TB, s crypto.Signer) *pki.Key {
	t.Helper()
	k, err := pki.NewKey(pki.KeyConfig{Name: "test", Uses: []pki.Use{pki.UseSign}}, s, []*x509.Certificate{selfSigned(t, s)})
	require.NoError(t, err)
	return k
}

func TestKeySignsWithEachAlgorithm(t *testing.T) {
	fits := map[string][]pki.Algorithm{
		"P-256": {pki.ECDSASHA256, pki.ECDSASHA512, pki.ES256}, "P-384": {pki.ECDSASHA384, pki.ES384},
		"P-521": {pki.ECDSASHA512, pki.ES512}, "Ed25519": {pki.Ed25519},
		"RSA":       {pki.RSASHA256, pki.RSASHA384, pki.RSASHA512, pki.PSSSHA256, pki.PSSSHA384, pki.PSSSHA512},
		"ML-DSA-44": {pki.MLDSA44}, "ML-DSA-65": {pki.MLDSA65}, "ML-DSA-87": {pki.MLDSA87},
	}
	message := []byte("what is signed")
	for name, s := range signers(t) {
		key := keyOf(t, s)
		for _, alg := range fits[name] {
			t.Run(name+" "+alg.String(), func(t *testing.T) {
				sig, err := key.Sign(t.Context(), pki.UseSign, alg, message)
				require.NoError(t, err)
				require.NoError(t, pki.Verify(s.Public(), alg, message, sig))
				require.ErrorIs(t, pki.Verify(s.Public(), alg, []byte("what is not"), sig), pki.ErrInvalidSignature)
				sig[len(sig)/2] ^= 1
				require.ErrorIs(t, pki.Verify(s.Public(), alg, message, sig), pki.ErrInvalidSignature)
			})
		}
		for _, other := range []pki.Algorithm{pki.UnknownAlgorithm, pki.ES256, pki.Ed25519, pki.MLDSA65, pki.RSASHA256} {
			if !contains(fits[name], other) {
				require.ErrorIs(t, pki.Verify(s.Public(), other, message, make([]byte, 64)), pki.ErrUnknownAlgorithm, "%s with %s", name, other)
			}
		}
	}
}

func contains(list []pki.Algorithm, a pki.Algorithm) bool {
	for _, b := range list {
		if a == b {
			return true
		}
	}
	return false
}

func TestKeyKeepsItsLimits(t *testing.T) {
	s, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	cert := selfSigned(t, s)
	key, err := pki.NewKey(pki.KeyConfig{Name: "limited", Uses: []pki.Use{pki.UseTimestamp}, Algorithms: []pki.Algorithm{pki.ECDSASHA256}}, s, []*x509.Certificate{cert})
	require.NoError(t, err)

	_, err = key.Sign(t.Context(), pki.UseSign, pki.ECDSASHA256, []byte("m"))
	require.ErrorIs(t, err, pki.ErrKeyUse)
	_, err = key.Sign(t.Context(), pki.UseTimestamp, pki.ES256, []byte("m"))
	require.ErrorIs(t, err, pki.ErrKeyUse)
	_, err = key.CertificateSigner()
	require.ErrorIs(t, err, pki.ErrKeyUse)

	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = key.Sign(done, pki.UseTimestamp, pki.ECDSASHA256, []byte("m"))
	require.ErrorIs(t, err, context.Canceled)

	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	_, err = pki.NewKey(pki.KeyConfig{Name: "mixed", Uses: pki.Uses()}, other, []*x509.Certificate{cert})
	require.ErrorContains(t, err, "for another key")
	_, err = pki.NewKey(pki.KeyConfig{Name: "useless"}, s, []*x509.Certificate{cert})
	require.Error(t, err)
	_, err = pki.NewKey(pki.KeyConfig{Name: "bare", Uses: pki.Uses()}, s, nil)
	require.Error(t, err)
}

// faulty is a token that flips one bit of every signature, as a failing chip
// or an induced fault would.
type faulty struct{ crypto.Signer }

func (f faulty) Sign(r io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	sig, err := f.Signer.Sign(r, digest, opts)
	if err == nil {
		sig[len(sig)-1] ^= 1
	}
	return sig, err
}

func TestKeyReleasesNoFaultySignature(t *testing.T) {
	for name, s := range signers(t) {
		key, err := pki.NewKey(pki.KeyConfig{Name: name, Uses: []pki.Use{pki.UseSign}}, faulty{s}, []*x509.Certificate{selfSigned(t, s)})
		require.NoError(t, err)
		alg, err := pki.DefaultAlgorithm(s.Public())
		require.NoError(t, err)
		sig, err := key.Sign(t.Context(), pki.UseSign, alg, []byte("message"))
		require.ErrorIs(t, err, pki.ErrInvalidSignature, name)
		require.Nil(t, sig)
	}
}

// Package x509 writes and reads the identifiers independently of us.
func TestAlgorithmIdentifierAgreesWithX509(t *testing.T) {
	for name, s := range signers(t) {
		cert := selfSigned(t, s)
		alg, err := pki.DefaultAlgorithm(cert.PublicKey)
		require.NoError(t, err, name)
		require.Contains(t, string(cert.Raw), string(alg.AlgorithmIdentifier()), name)
		back, err := pki.ParseAlgorithmIdentifier(alg.AlgorithmIdentifier(), pki.UnknownHash)
		require.NoError(t, err)
		require.Equal(t, alg, back)
		require.NoError(t, pki.Verify(cert.PublicKey, alg, cert.RawTBSCertificate, cert.Signature), name)
	}
	for _, alg := range []pki.Algorithm{pki.PSSSHA256, pki.PSSSHA384, pki.PSSSHA512} {
		back, err := pki.ParseAlgorithmIdentifier(alg.AlgorithmIdentifier(), alg.Hash())
		require.NoError(t, err)
		require.Equal(t, alg, back)
	}
	_, err := pki.ParseAlgorithmIdentifier(pki.RSASHA256.AlgorithmIdentifier(), pki.SHA512)
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm, "digest and signature algorithm must agree")
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[any]pki.Algorithm{}
	for a := pki.RSASHA1; a.Known(); a++ {
		require.NotEmpty(t, a.String())
		require.True(t, a.Hash().Known())
		if a.JOSE() != "" {
			require.Equal(t, a, pki.AlgorithmByJOSE(a.JOSE()))
			require.NotContains(t, seen, a.JOSE())
			seen[a.JOSE()] = a
		}
		if a.COSE() != 0 {
			require.Equal(t, a, pki.AlgorithmByCOSE(a.COSE()))
		}
	}
	for h := pki.SHA1; h.Known(); h++ {
		require.Equal(t, h, pki.HashByOID(h.OID()))
		require.Equal(t, h, pki.HashByIANA(h.IANA()))
		require.Len(t, h.Sum(nil), h.Size())
		back, err := pki.ParseHashIdentifier(h.AlgorithmIdentifier())
		require.NoError(t, err)
		require.Equal(t, h, back)
	}
	require.False(t, pki.AlgorithmByJOSE("none").Known())
	require.False(t, pki.AlgorithmByJOSE("").Known())
	require.False(t, pki.AlgorithmByCOSE(0).Known())
}

func FuzzParseAlgorithmIdentifier(f *testing.F) {
	for a := pki.RSASHA1; a.Known(); a++ {
		f.Add(a.AlgorithmIdentifier(), uint8(a.Hash()))
	}
	f.Fuzz(func(t *testing.T, der []byte, h uint8) {
		a, err := pki.ParseAlgorithmIdentifier(der, pki.Hash(h))
		if (err == nil) != a.Known() {
			t.Fatalf("algorithm %v with error %v", a, err)
		}
		if d := pki.Hash(h); err == nil && d.Known() && a != pki.Ed25519 && a < pki.MLDSA44 && a.Hash() != d {
			t.Fatalf("%v read with digest %v", a, d)
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	for name, s := range signers(b) {
		key := keyOf(b, s)
		alg, err := pki.DefaultAlgorithm(s.Public())
		require.NoError(b, err)
		sig, err := key.Sign(b.Context(), pki.UseSign, alg, []byte("message"))
		require.NoError(b, err)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := pki.Verify(s.Public(), alg, []byte("message"), sig); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
