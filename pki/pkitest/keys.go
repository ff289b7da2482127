package pkitest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/mldsa"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"sync"
)

var keyKinds = []string{
	"p256", "p384", "p521", "rsa2048", "rsa3072", "rsa4096", "ed25519", "mldsa44", "mldsa65", "mldsa87",
}

// rsaKeys holds the process's RSA keys, by size and position: they take up to
// seconds to make, and tests make many PKIs.
var rsaKeys struct {
	sync.Mutex
	made map[[2]int]*rsa.PrivateKey
}

func newKey(kind string, position int) (crypto.Signer, error) {
	switch kind {
	case "", "p256":
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "p384":
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case "p521":
		return ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	case "rsa2048":
		return rsaKey(2048, position)
	case "rsa3072":
		return rsaKey(3072, position)
	case "rsa4096":
		return rsaKey(4096, position)
	case "ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	case "mldsa44":
		return mldsa.GenerateKey(mldsa.MLDSA44())
	case "mldsa65":
		return mldsa.GenerateKey(mldsa.MLDSA65())
	case "mldsa87":
		return mldsa.GenerateKey(mldsa.MLDSA87())
	}
	return nil, fmt.Errorf("no kind of key is called %q", kind)
}

func rsaKey(bits, position int) (crypto.Signer, error) {
	rsaKeys.Lock()
	defer rsaKeys.Unlock()
	slot := [2]int{bits, position}
	if key, ok := rsaKeys.made[slot]; ok {
		return key, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, err
	}
	if rsaKeys.made == nil {
		rsaKeys.made = map[[2]int]*rsa.PrivateKey{}
	}
	rsaKeys.made[slot] = key
	return key, nil
}
