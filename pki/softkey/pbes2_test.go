package softkey

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"tamga/pki"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// blockOf makes an encrypted key whose key derivation has the cost asked for.
func blockOf(t testing.TB, e encrypted) []byte {
	t.Helper()
	e.salt, e.iv, e.keySize = make([]byte, 16), make([]byte, 16), 32
	e.data = make([]byte, 16)
	der, err := e.marshal()
	require.NoError(t, err)
	return der
}

// A key file that asks for terabytes, or for hours, is a way to stop a service
// that starts with it.
func TestCostsAreBounded(t *testing.T) {
	for _, e := range []encrypted{
		{n: 1 << 30, r: 8, p: 1}, {n: 1 << 14, r: 1 << 20, p: 1}, {n: 1 << 14, r: 8, p: 1 << 20},
		{n: 1 << 18, r: 9, p: 1}, {n: 1 << 18, r: 8, p: 5}, {n: 1 << 62, r: 1 << 62, p: 1 << 62},
	} {
		_, err := parseEncrypted(blockOf(t, e))
		require.ErrorIs(t, err, ErrUnsupported, "%+v", e)
	}
	for _, e := range []encrypted{
		{n: 0, r: 8, p: 1}, {n: 1, r: 8, p: 1}, {n: 3, r: 8, p: 1}, {n: 16, r: 0, p: 1}, {n: 16, r: 8, p: 0},
		{n: -16, r: 8, p: 1}, {n: 16, r: -8, p: 1},
	} {
		_, err := parseEncrypted(blockOf(t, e))
		require.ErrorIs(t, err, ErrMalformed, "%+v", e)
	}
	for _, e := range []encrypted{{n: 1 << 18, r: 8, p: 4}, {n: 1 << 17, r: 8, p: 1}, {n: 1 << 14, r: 8, p: 5}} {
		_, err := parseEncrypted(blockOf(t, e))
		require.NoError(t, err, "%+v", e)
	}
	require.Error(t, (&encrypted{keySize: 32}).parsePBKDF2(pbkdf2Params(t, maxIterations+1)))
	require.Error(t, (&encrypted{keySize: 32}).parsePBKDF2(pbkdf2Params(t, 0)))
	require.NoError(t, (&encrypted{keySize: 32}).parsePBKDF2(pbkdf2Params(t, maxIterations)))
}

func pbkdf2Params(t testing.TB, iterations int64) cryptobyte.String {
	t.Helper()
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1OctetString(make([]byte, 8))
		b.AddASN1Int64(iterations)
	})
	der, err := b.Bytes()
	require.NoError(t, err)
	return der
}

func TestWeakKeysAreRefused(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	require.ErrorIs(t, usable(weak), pki.ErrUnknownAlgorithm)
	p224 := []byte{ // PKCS#8 of a P-224 key: version, { ecPublicKey, secp224r1 }, ECPrivateKey of ones
		0x30, 0x3a, 2, 1, 0, 0x30, 0x10, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 5, 0x2b, 0x81, 4, 0, 0x21,
		4, 0x23, 0x30, 0x21, 2, 1, 1, 4, 0x1c,
		1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
	}
	_, err = parseInfo(p224)
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)
}

// Property: whatever the bytes, no panic and no work beyond the limits; and
// what opens, opens to a key that can be written again.
func FuzzParseKey(f *testing.F) {
	signer, err := Generate("ed25519")
	require.NoError(f, err)
	plain, err := x509.MarshalPKCS8PrivateKey(signer)
	require.NoError(f, err)
	sealed, err := seal(plain, []byte("x"))
	require.NoError(f, err)
	cheap := encrypted{n: 16, r: 1, p: 1}
	f.Add(pem.EncodeToMemory(&pem.Block{Type: blockPlain, Bytes: plain}))
	f.Add(pem.EncodeToMemory(&pem.Block{Type: blockEncrypted, Bytes: sealed}))
	f.Add(pem.EncodeToMemory(&pem.Block{Type: blockEncrypted, Bytes: blockOf(f, cheap)}))
	f.Add([]byte("-----BEGIN RSA PRIVATE KEY-----\n-----END RSA PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if signer, err := ParsePlain(data); err == nil {
			require.NoError(t, usable(signer))
			_, err := x509.MarshalPKCS8PrivateKey(signer)
			require.NoError(t, err)
		}
		block, err := readBlock(data)
		if err != nil || block.Type != blockEncrypted {
			return
		}
		e, err := parseEncrypted(block.Bytes)
		if err != nil {
			require.Nil(t, e)
			return
		}
		require.LessOrEqual(t, 128*e.n*e.r, maxScryptMemory)
		require.LessOrEqual(t, e.iterations, maxIterations)
		if e.n*e.r*e.p > 1<<12 || e.iterations > 1000 {
			return // allowed, but too slow to try often
		}
		_, err = openBlock(block, []byte("x"))
		require.Error(t, err)
	})
}
