package pki_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
)

// What a Memo remembers must be the question as a whole: an answer about one
// message, key, algorithm or value that stood for another would let a forgery
// through at no cost.
func TestMemo(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	edPublic, edKey, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	message := []byte("message")
	sum := sha256.Sum256(message)
	sig, err := ecdsa.SignASN1(rand.Reader, key, sum[:])
	require.NoError(t, err)
	for name, m := range map[string]*pki.Memo{"zero": {}, "one": pki.NewMemo(1), "many": pki.NewMemo(100)} {
		for range 3 {
			require.NoError(t, m.Verify(&key.PublicKey, pki.ECDSASHA256, message, sig), name)
			require.NoError(t, m.Verify(edPublic, pki.Ed25519, message, ed25519.Sign(edKey, message)), name)
			require.ErrorIs(t, m.Verify(&other.PublicKey, pki.ECDSASHA256, message, sig), pki.ErrInvalidSignature)
			require.ErrorIs(t, m.Verify(&key.PublicKey, pki.ECDSASHA384, message, sig), pki.ErrInvalidSignature)
			require.ErrorIs(t, m.Verify(&key.PublicKey, pki.ECDSASHA256, message[:6], append([]byte("e"), sig...)), pki.ErrInvalidSignature)
			require.ErrorIs(t, m.Verify(&key.PublicKey, pki.ECDSASHA256, message, sig[:len(sig)-1]), pki.ErrInvalidSignature)
			require.ErrorIs(t, m.Verify("no key", pki.ECDSASHA256, message, sig), pki.ErrUnknownAlgorithm)
		}
	}
}

func TestMemoIsSafeForConcurrentUse(t *testing.T) {
	public, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	m := pki.NewMemo(8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 50 {
				message := fmt.Append(nil, i)
				var anyKey crypto.PublicKey = public
				if m.Verify(anyKey, pki.Ed25519, message, ed25519.Sign(key, message)) != nil {
					t.Error("a good signature was refused")
				}
			}
		})
	}
	wg.Wait()
}
