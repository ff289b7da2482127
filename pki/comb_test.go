package pki_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"math/big"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// prepared returns a Memo that has seen the key so often that it has prepared
// it, if it is of a kind that can be.
func prepared(key crypto.PublicKey) *pki.Memo {
	memo := pki.NewMemo(1 << 10)
	if k, ok := key.(*ecdsa.PublicKey); ok && k.Curve == elliptic.P256() {
		for range 40 {
			_ = memo.VerifyAnew(k, pki.ECDSASHA256, nil, nil)
		}
	}
	return memo
}

func der(r, s *big.Int) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1BigInt(r)
		b.AddASN1BigInt(s)
	})
	return b.BytesOrPanic()
}

// A prepared key takes and refuses what crypto/ecdsa takes and refuses, for all
// that a stranger can choose: among the values are those that make a scalar 0,
// 1, the order less one, or nothing but one digit, and the sum a doubling or
// the point at infinity.
func TestPreparedKeysAgreeWithCryptoECDSA(t *testing.T) {
	n := elliptic.P256().Params().N
	digest := make([]byte, 32) // u1 = 0, so that u2·Q is all there is
	digest[31] = 7
	e := new(big.Int).SetBytes(digest)
	accepted := 0
	for i := range 4 {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		if i == 0 { // Q = G: u1·G and u2·Q meet
			key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 1))
			require.NoError(t, err)
		}
		memo := prepared(&key.PublicKey)
		compare := func(digest, sig []byte) {
			want := ecdsa.VerifyASN1(&key.PublicKey, digest, sig)
			got := memo.VerifyDigestAnew(&key.PublicKey, pki.ECDSASHA256, digest, sig) == nil
			require.Equal(t, want, got, "%x %x", digest, sig)
			if got {
				accepted++
			}
		}
		for range 50 {
			digest := make([]byte, 32)
			_, _ = rand.Read(digest)
			sig, err := ecdsa.SignASN1(rand.Reader, key, digest)
			require.NoError(t, err)
			compare(digest, sig)
			for _, at := range []int{0, 1, 3, 8, 20, len(sig) - 1} {
				sig[at] ^= 0x40
				compare(digest, sig)
				sig[at] ^= 0x40
			}
			compare(digest, append(sig, 0))
			digest[5] ^= 1
			compare(digest, sig)
		}
		for bit := i; bit < 257; bit += 4 {
			v := new(big.Int).Lsh(big.NewInt(1), uint(bit))
			for _, r := range []*big.Int{v, new(big.Int).Sub(n, v), new(big.Int).Sub(v, big.NewInt(1)), e} {
				for _, s := range []*big.Int{big.NewInt(1), r, e, new(big.Int).Sub(n, e), n, v} {
					compare(digest, der(r, s))
					compare(make([]byte, 32), der(r, s))
				}
			}
		}
	}
	require.GreaterOrEqual(t, accepted, 200)
}

// For any key Q = dG and any u1, u2 there is a signature with these scalars:
// r = x(u1·G + u2·Q), s = r/u2, e = u1·s. So each path through the digits can be
// met with a signature that must be accepted.
func TestPreparedKeysAcceptEveryDigit(t *testing.T) {
	curve := elliptic.P256()
	n := curve.Params().N
	d := big.NewInt(0x1357_9bdf)
	key, err := ecdsa.ParseRawPrivateKey(curve, d.FillBytes(make([]byte, 32)))
	require.NoError(t, err)
	memo := prepared(&key.PublicKey)
	for row := range 43 {
		for _, digit := range []int64{1, 31, 32, 33, 63} {
			u2 := new(big.Int).Lsh(big.NewInt(digit), uint(6*row))
			if u2.Cmp(n) >= 0 {
				continue
			}
			for _, u1 := range []*big.Int{big.NewInt(5), new(big.Int).Mod(new(big.Int).Mul(u2, d), n)} {
				sum := new(big.Int).Mul(u2, d)
				sum.Add(sum, u1).Mod(sum, n)
				point, err := ecdsa.ParseRawPrivateKey(curve, sum.FillBytes(make([]byte, 32)))
				require.NoError(t, err)
				raw, err := point.PublicKey.Bytes()
				require.NoError(t, err)
				r := new(big.Int).SetBytes(raw[1:33])
				r.Mod(r, n)
				s := new(big.Int).ModInverse(u2, n)
				s.Mul(s, r).Mod(s, n)
				e := new(big.Int).Mul(u1, s)
				e.Mod(e, n)
				digest, sig := e.FillBytes(make([]byte, 32)), der(r, s)
				require.True(t, ecdsa.VerifyASN1(&key.PublicKey, digest, sig))
				require.NoError(t, memo.VerifyDigestAnew(&key.PublicKey, pki.ECDSASHA256, digest, sig), "row %d digit %d", row, digit)
			}
		}
	}
}

func TestPreparingKeysIsSafeForConcurrentUse(t *testing.T) {
	memo := pki.NewMemo(1 << 10)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
				if err != nil {
					t.Error(err)
					return
				}
				sig, err := ecdsa.SignASN1(rand.Reader, key, make([]byte, 32))
				for i := range 40 {
					if err != nil || memo.VerifyDigestAnew(&key.PublicKey, pki.ECDSASHA256, make([]byte, 32), sig) != nil {
						t.Errorf("a good signature was refused at use %d", i)
					}
				}
			}
		})
	}
	wg.Wait()
}

// FuzzPreparedKey holds that a prepared key and crypto/ecdsa never disagree.
func FuzzPreparedKey(f *testing.F) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), append(make([]byte, 31), 9))
	require.NoError(f, err)
	digest := make([]byte, 32)
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest)
	require.NoError(f, err)
	f.Add(digest, sig)
	f.Add(digest, der(big.NewInt(1), big.NewInt(1)))
	f.Add(digest, der(big.NewInt(-1), elliptic.P256().Params().N))
	memo := prepared(&key.PublicKey)
	f.Fuzz(func(t *testing.T, digest, sig []byte) {
		digest = append(digest, make([]byte, 32)...)[:32]
		want := ecdsa.VerifyASN1(&key.PublicKey, digest, sig)
		got := memo.VerifyDigestAnew(&key.PublicKey, pki.ECDSASHA256, digest, sig) == nil
		if want != got {
			t.Fatalf("crypto/ecdsa says %v, the prepared key %v: %x %x", want, got, digest, sig)
		}
	})
}

func BenchmarkPreparedKey(b *testing.B) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(b, err)
	digest := make([]byte, 32)
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest)
	require.NoError(b, err)
	for name, memo := range map[string]*pki.Memo{"prepared": prepared(&key.PublicKey), "raw": nil} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				if memo.VerifyDigestAnew(&key.PublicKey, pki.ECDSASHA256, digest, sig) != nil {
					b.Fatal()
				}
			}
		})
	}
}
