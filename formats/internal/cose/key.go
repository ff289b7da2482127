package cose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"fmt"

	"tamga/formats"
)

// Labels and values of COSE_Key: RFC 9052 §7.1, RFC 9053 §7.
const (
	keyType    = int64(1)
	keyCurve   = int64(-1)
	keyX       = int64(-2)
	keyY       = int64(-3)
	keyPrivate = int64(-4)

	typeOKP = int64(1)
	typeEC2 = int64(2)

	curveEd25519 = int64(6)
)

var curves = map[int64]elliptic.Curve{1: elliptic.P256(), 2: elliptic.P384(), 3: elliptic.P521()}

// ParseKey reads a public
//
//	COSE_Key = {                             RFC 9053 §7
//	  1: 2, -1: 1 / 2 / 3, -2: x, -3: y,     EC2: P-256, P-384, P-521
//	  1: 1, -1: 6, -2: x                     OKP: Ed25519
//	}
//
// into an *ecdsa.PublicKey or ed25519.PublicKey. The point must lie on its
// curve. The error wraps [formats.ErrUnsupported] for another kind of key.
func ParseKey(raw Raw) (crypto.PublicKey, error) {
	m, err := ReadMap(raw)
	if err != nil {
		return nil, fmt.Errorf("reading COSE_Key: %w", err)
	}
	if _, private := m[keyPrivate]; private {
		return nil, fmt.Errorf("reading COSE_Key: %w: its private half is in it", formats.ErrMalformed)
	}
	typ, err := Int(m[keyType])
	if err != nil {
		return nil, fmt.Errorf("reading the type of COSE_Key: %w", err)
	}
	curve, err := Int(m[keyCurve])
	if err != nil {
		return nil, fmt.Errorf("reading the curve of COSE_Key: %w", err)
	}
	x, err := Bytes(m[keyX])
	if err != nil {
		return nil, fmt.Errorf("reading x of COSE_Key: %w", err)
	}
	switch {
	case typ == typeEC2 && curves[curve] != nil:
		return point(curves[curve], x, m[keyY])
	case typ == typeOKP && curve == curveEd25519:
		if len(x) != ed25519.PublicKeySize {
			return nil, fmt.Errorf("reading COSE_Key: %w: x has %d bytes", formats.ErrMalformed, len(x))
		}
		return ed25519.PublicKey(x), nil
	}
	return nil, fmt.Errorf("reading COSE_Key: %w: type %d, curve %d", formats.ErrUnsupported, typ, curve)
}

// point reads x and y, or x and the sign of y (RFC 9053 §7.1.1).
func point(c elliptic.Curve, x []byte, rawY Raw) (crypto.PublicKey, error) {
	size := (c.Params().BitSize + 7) / 8
	if len(x) != size {
		return nil, fmt.Errorf("reading COSE_Key: %w: x has %d bytes", formats.ErrMalformed, len(x))
	}
	var y []byte
	var err error
	if major, _ := MajorOf(rawY); major == MajorSimple {
		y, err = root(c, x, rawY)
	} else {
		y, err = Bytes(rawY)
	}
	if err != nil {
		return nil, fmt.Errorf("reading y of COSE_Key: %w", err)
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(c, append(append([]byte{4}, x...), y...))
	if err != nil {
		return nil, fmt.Errorf("reading COSE_Key: %w: no point of %s", formats.ErrMalformed, c.Params().Name)
	}
	return pub, nil
}

// root finds y by its sign.
func root(c elliptic.Curve, x []byte, sign Raw) ([]byte, error) {
	v, err := Simple(sign)
	if err != nil {
		return nil, err
	}
	odd, ok := v.(bool)
	if !ok {
		return nil, fmt.Errorf("%w: neither bytes nor a sign", formats.ErrMalformed)
	}
	form := byte(2)
	if odd {
		form = 3
	}
	_, y := elliptic.UnmarshalCompressed(c, append([]byte{form}, x...))
	if y == nil {
		return nil, fmt.Errorf("%w: no point of %s has this x", formats.ErrMalformed, c.Params().Name)
	}
	return y.FillBytes(make([]byte, len(x))), nil
}

// AppendKey appends pub as a COSE_Key, its keys in deterministic order (1, -1,
// -2, -3). The error wraps [formats.ErrUnsupported] unless pub is ECDSA on a
// NIST curve or Ed25519.
func AppendKey(b []byte, pub crypto.PublicKey) ([]byte, error) {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		for n := int64(1); k != nil && n <= 3; n++ {
			if curves[n] != k.Curve {
				continue
			}
			p, err := k.Bytes() // 4, x, y
			if err != nil {
				return nil, fmt.Errorf("writing COSE_Key: %w", err)
			}
			half := len(p) / 2
			b = AppendInt(AppendInt(AppendHead(b, MajorMap, 4), keyType), typeEC2)
			b = AppendInt(AppendInt(b, keyCurve), n)
			b = AppendBytes(AppendInt(b, keyX), p[1:1+half])
			return AppendBytes(AppendInt(b, keyY), p[1+half:]), nil
		}
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			b = AppendInt(AppendInt(AppendHead(b, MajorMap, 3), keyType), typeOKP)
			b = AppendInt(AppendInt(b, keyCurve), curveEd25519)
			return AppendBytes(AppendInt(b, keyX), k), nil
		}
	}
	return nil, fmt.Errorf("writing COSE_Key: %w: a key of type %T", formats.ErrUnsupported, pub)
}
