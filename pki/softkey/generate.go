package softkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/mldsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"strings"

	"tamga/pki"
)

// kinds are the keys that can be made, in the order of [Kinds].
var kinds = []struct {
	name string
	make func() (crypto.Signer, error)
}{
	{"p256", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }},
	{"p384", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P384(), rand.Reader) }},
	{"p521", func() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P521(), rand.Reader) }},
	{"rsa2048", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }},
	{"rsa3072", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 3072) }},
	{"rsa4096", func() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 4096) }},
	{"ed25519", func() (crypto.Signer, error) {
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}},
	{"ml-dsa-44", func() (crypto.Signer, error) { return mldsa.GenerateKey(mldsa.MLDSA44()) }},
	{"ml-dsa-65", func() (crypto.Signer, error) { return mldsa.GenerateKey(mldsa.MLDSA65()) }},
	{"ml-dsa-87", func() (crypto.Signer, error) { return mldsa.GenerateKey(mldsa.MLDSA87()) }},
}

// Kinds returns the names that [Generate] knows.
func Kinds() []string {
	var out []string
	for _, k := range kinds {
		out = append(out, k.name)
	}
	return out
}

// Generate makes a new key of a kind of [Kinds], in memory only.
func Generate(kind string) (crypto.Signer, error) {
	for _, k := range kinds {
		if k.name == kind {
			signer, err := k.make()
			if err != nil {
				return nil, fmt.Errorf("generating a %s key: %w", kind, err)
			}
			return signer, nil
		}
	}
	return nil, fmt.Errorf("generating a key: kind %q is none of %s", kind, strings.Join(Kinds(), ", "))
}

// minRSABits is what a key must have to sign anything new.
const minRSABits = 2048

// usable refuses keys that nothing here could sign with.
func usable(signer crypto.Signer) error {
	if _, err := pki.DefaultAlgorithm(signer.Public()); err != nil {
		return err
	}
	if k, ok := signer.Public().(*rsa.PublicKey); ok && k.N.BitLen() < minRSABits {
		return fmt.Errorf("an RSA key of %d bits, less than %d: %w", k.N.BitLen(), minRSABits, pki.ErrUnknownAlgorithm)
	}
	return nil
}
