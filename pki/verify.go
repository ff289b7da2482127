package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/mldsa"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	// ErrInvalidSignature says that a value does not fit message and key.
	ErrInvalidSignature = errors.New("the signature value is wrong")
	// ErrUnknownAlgorithm says that no verdict is possible, because the
	// algorithm, its parameters or its key are none of ours.
	ErrUnknownAlgorithm = errors.New("algorithm not supported")
)

// Limits on RSA keys: smaller ones prove nothing, larger ones cost seconds a
// verification (a known way to stall a verifier).
const (
	minRSABits = 1024
	maxRSABits = 16384
	// maxRSAExponent is the limit of package crypto/rsa, which would call a
	// good signature under a larger one wrong.
	maxRSAExponent = 1<<31 - 1
)

// Verify reports whether sig is a signature of message, not of a digest, under
// key and alg. The error wraps [ErrInvalidSignature] or [ErrUnknownAlgorithm].
// With [VerifyDigest] it is the only place in the module where a signature
// value is checked.
func Verify(key crypto.PublicKey, alg Algorithm, message, sig []byte) error {
	return verify(nil, key, alg, message, sig)
}

// verify is [Verify] with keys that may have been prepared.
func verify(prepared *combs, key crypto.PublicKey, alg Algorithm, message, sig []byte) error {
	if !alg.Known() {
		return ErrUnknownAlgorithm
	}
	switch row := algorithms[alg]; row.family {
	case ed25519Pure:
		pub, ok := key.(ed25519.PublicKey)
		if !ok || len(pub) != ed25519.PublicKeySize {
			return wrongKey(key, alg)
		}
		if signsEverything(pub) {
			return fmt.Errorf("%s: a key of small order: %w", alg, ErrInvalidSignature)
		}
		return verdict(alg, ed25519.Verify(pub, message, sig))
	case mldsaPure:
		pub, ok := key.(*mldsa.PublicKey)
		if !ok || pub.Parameters().String() != row.name {
			return wrongKey(key, alg)
		}
		return verdict(alg, mldsa.Verify(pub, message, sig, nil) == nil)
	default:
		return verifyDigest(prepared, key, alg, row.hash.Sum(message), sig)
	}
}

// smallOrder are the y-coordinates, little-endian, of the points whose order
// divides eight (RFC 8032 §5.1), and of the two encodings of a y that is not
// below the prime: 0, 1, p-1, those of order eight, p and p+1.
var smallOrder = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}

// signsEverything reports whether one value is a signature of every message
// under the key, or of one in eight. Whoever has such a key certified can put
// other content under a value that was time-stamped long ago.
func signsEverything(key ed25519.PublicKey) bool {
	y := bytes.Clone(key)
	y[len(y)-1] &= 0x7f // the sign of x
	return slices.Contains(smallOrder, hex.EncodeToString(y))
}

// Prehashed reports whether a signs a digest of the message, so that the
// message need not be in memory: see [VerifyDigest].
func (a Algorithm) Prehashed() bool {
	return a.Known() && algorithms[a].family != ed25519Pure && algorithms[a].family != mldsaPure
}

// VerifyDigest is [Verify] for a message that was too large to hold: digest is
// that of the message by a.Hash, and alg is [Algorithm.Prehashed].
func VerifyDigest(key crypto.PublicKey, alg Algorithm, digest, sig []byte) error {
	return verifyDigest(nil, key, alg, digest, sig)
}

func verifyDigest(prepared *combs, key crypto.PublicKey, alg Algorithm, digest, sig []byte) error {
	if !alg.Prehashed() || len(digest) != alg.Hash().Size() {
		return fmt.Errorf("%s over a digest of %d bytes: %w", alg, len(digest), ErrUnknownAlgorithm)
	}
	row := algorithms[alg]
	switch row.family {
	case rsaPKCS1, rsaPSS:
		pub, err := rsaKey(key, alg)
		if err != nil {
			return err
		}
		if row.family == rsaPKCS1 {
			err = rsa.VerifyPKCS1v15(pub, row.hash.Std(), digest, sig)
		} else {
			err = rsa.VerifyPSS(pub, row.hash.Std(), digest, sig,
				&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash})
		}
		return verdict(alg, err == nil)
	case ecdsaDER, ecdsaRaw:
		pub, ok := key.(*ecdsa.PublicKey)
		if !ok || !knownCurve(pub.Curve) {
			return wrongKey(key, alg)
		}
		if row.family == ecdsaRaw {
			if pub.Curve != row.curve {
				return wrongKey(key, alg)
			}
			if sig = rawToDER(sig, row.curve); sig == nil {
				return verdict(alg, false)
			}
		}
		if c := prepared.of(pub); c != nil {
			return verdict(alg, c.verify(digest, sig))
		}
		return verdict(alg, ecdsa.VerifyASN1(pub, digest, sig))
	}
	return ErrUnknownAlgorithm
}

func verdict(alg Algorithm, ok bool) error {
	if !ok {
		return fmt.Errorf("%s: %w", alg, ErrInvalidSignature)
	}
	return nil
}

func wrongKey(key crypto.PublicKey, alg Algorithm) error {
	return fmt.Errorf("%s with a key of type %T: %w", alg, key, ErrUnknownAlgorithm)
}

func rsaKey(key crypto.PublicKey, alg Algorithm) (*rsa.PublicKey, error) {
	pub, ok := key.(*rsa.PublicKey)
	if !ok || pub.N == nil {
		return nil, wrongKey(key, alg)
	}
	if n := pub.N.BitLen(); n < minRSABits || n > maxRSABits {
		return nil, fmt.Errorf("%s with a key of %d bits: %w", alg, n, ErrUnknownAlgorithm)
	}
	if pub.E > maxRSAExponent {
		return nil, fmt.Errorf("%s with a public exponent over 31 bits: %w", alg, ErrUnknownAlgorithm)
	}
	return pub, nil
}

func knownCurve(c elliptic.Curve) bool {
	return c == elliptic.P256() || c == elliptic.P384() || c == elliptic.P521()
}

// rawToDER turns r‖s, each exactly as long as the curve's order (RFC 7518
// §3.4), into the DER that package ecdsa reads; nil if the length is wrong.
func rawToDER(sig []byte, curve elliptic.Curve) []byte {
	n := coordinateSize(curve)
	if len(sig) != 2*n {
		return nil
	}
	b := cryptobyte.NewFixedBuilder(make([]byte, 0, 2*n+16))
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		addUnsigned(b, sig[:n])
		addUnsigned(b, sig[n:])
	})
	der, err := b.Bytes()
	if err != nil {
		return nil
	}
	return der
}

// addUnsigned writes big-endian bytes as a positive DER INTEGER (X.690 §8.3).
func addUnsigned(b *cryptobyte.Builder, v []byte) {
	for len(v) > 1 && v[0] == 0 {
		v = v[1:]
	}
	b.AddASN1(cbasn1.INTEGER, func(b *cryptobyte.Builder) {
		if v[0]&0x80 != 0 {
			b.AddUint8(0)
		}
		b.AddBytes(v)
	})
}

// derToRaw is the way back, for what package ecdsa has signed.
func derToRaw(sig []byte, curve elliptic.Curve) ([]byte, error) {
	n := coordinateSize(curve)
	in := cryptobyte.String(sig)
	var seq cryptobyte.String
	var r, s []byte
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Integer(&r) || !seq.ReadASN1Integer(&s) || !seq.Empty() || len(r) > n || len(s) > n {
		return nil, fmt.Errorf("the signer returned %d bytes that are no ECDSA value", len(sig))
	}
	raw := make([]byte, 2*n)
	copy(raw[n-len(r):n], r)
	copy(raw[2*n-len(s):], s)
	return raw, nil
}

func coordinateSize(c elliptic.Curve) int { return (c.Params().BitSize + 7) / 8 }
