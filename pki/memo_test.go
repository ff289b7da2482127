package pki_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/pkitest"
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

// A certificate is remembered by all of its bytes, and its memory is not that
// of the document it came in.
func TestMemoOfCertificates(t *testing.T) {
	p := pkitest.New(t, "root -> alice")
	document := append([]byte("before"), p.Cert("alice").Raw...)
	for name, m := range map[string]*pki.Memo{"nil": nil, "zero": {}, "one": pki.NewMemo(1), "many": pki.NewMemo(100)} {
		for range 3 {
			der := bytes.Clone(document)[6:]
			c, err := m.ParseCertificate(der)
			require.NoError(t, err, name)
			require.True(t, c.Equal(p.Cert("alice")))
			c, err = m.ParseCertificate(p.Cert("root").Raw)
			require.NoError(t, err)
			require.True(t, c.Equal(p.Cert("root")))
			_, err = m.ParseCertificate(der[:len(der)-1])
			require.Error(t, err)
		}
	}
	m := pki.NewMemo(10)
	first, err := m.ParseCertificate(p.Cert("root").Raw)
	require.NoError(t, err)
	for i := range 9 {
		_, err := m.ParseCertificate(pkitest.New(t, fmt.Sprintf("r%d", i)).Cert(fmt.Sprintf("r%d", i)).Raw)
		require.NoError(t, err)
	}
	again, err := m.ParseCertificate(p.Cert("root").Raw)
	require.NoError(t, err)
	require.Same(t, first, again)
}

func TestGenerations(t *testing.T) {
	g := pki.Generations[int, int]{Limit: 10}
	for i := range 1000 {
		g.Put(i, -i)
		v, ok := g.Get(0)
		require.True(t, ok, "what is asked for stays")
		require.Zero(t, v)
	}
	held := 0
	for i := range 1000 {
		if v, ok := g.Get(i); ok {
			require.Equal(t, -i, v)
			held++
		}
	}
	require.LessOrEqual(t, held, 20)
	none := pki.Generations[int, int]{}
	none.Put(1, 1)
	_, ok := none.Get(1)
	require.False(t, ok)
}

// A key of small order signs every message, or one in eight, with one value: so
// nothing is signed by it.
func TestKeysThatSignEverything(t *testing.T) {
	value := make([]byte, 64)
	value[0] = 1 // R is the neutral element, S is 0
	for _, y := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	} {
		for _, sign := range []byte{0, 0x80} {
			key, err := hex.DecodeString(y)
			require.NoError(t, err)
			key[31] |= sign
			signs := false
			for i := range 200 {
				message := fmt.Append(nil, i)
				signs = signs || ed25519.Verify(key, message, value)
				require.Error(t, pki.Verify(ed25519.PublicKey(key), pki.Ed25519, message, value))
			}
			require.True(t, signs || sign != 0, "package ed25519 takes it: %s", y)
		}
	}
}
