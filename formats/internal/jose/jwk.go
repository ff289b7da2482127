package jose

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/lestrrat-go/jwx/v4/jwk"

	"tamga/formats"
	"tamga/pki"
)

// maxKey bounds the text of a JWK, with whatever stands beside the key.
const maxKey = 16 << 10

// Key is a public key as a JWK states it, with the limits it states of itself.
type Key struct {
	Public    crypto.PublicKey // *ecdsa.PublicKey or ed25519.PublicKey
	KeyID     string
	Algorithm string   // alg, "": any that fits
	Use       string   // use, "": any
	Ops       []string // key_ops, nil: any
}

// curves are the curves of the table in package pki (RFC 7518 §6.2.1.1).
var curves = []struct {
	name  string
	curve elliptic.Curve
	size  int // of a coordinate, in bytes
}{
	{"P-256", elliptic.P256(), 32}, {"P-384", elliptic.P384(), 48}, {"P-521", elliptic.P521(), 66},
}

// ParseKey reads a JWK with a public key (RFC 7517 §4) of a holder: P-256,
// P-384, P-521 or Ed25519; wallets have no others. A private or symmetric key is
// refused, for it has no business in a document; so is one whose numbers are
// not written in their one canonical length and form.
func (b *Budget) ParseKey(text []byte) (*Key, error) {
	if len(text) > maxKey {
		return nil, fmt.Errorf("reading a JWK of %d bytes: %w", len(text), formats.ErrTooLarge)
	}
	v, err := b.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	return v.Key()
}

// privateMembers are those of RFC 7518 §6.2.2, §6.3.2 and §6.4.1.
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"}

// Key reads v as a JWK, see [Budget.ParseKey].
//
// The checks come first, on our own reading; package jwk then makes the key of
// the few members that a key has, written anew, so that what else a stranger
// put beside them (x5u, x5c, unknown kinds) never reaches it.
func (v *Value) Key() (*Key, error) {
	if v.Kind != '{' {
		return nil, malformedKey("no object")
	}
	for _, name := range privateMembers {
		if v.Get(name) != nil {
			return nil, malformedKey("it holds a private or symmetric key (member %s)", name)
		}
	}
	k := new(Key)
	if err := k.limits(v); err != nil {
		return nil, err
	}
	canonical, err := v.keyMembers()
	if err != nil {
		return nil, err
	}
	parsed, err := jwk.ParseKey(canonical)
	if err != nil {
		return nil, malformedKey("its numbers make no key")
	}
	if k.Public, err = jwk.Export[any](parsed); err != nil {
		return nil, malformedKey("its numbers make no key")
	}
	return k, sound(k.Public)
}

// limits reads what the key says of its own use (RFC 7517 §4.2–§4.5).
func (k *Key) limits(v *Value) error {
	for _, m := range []struct {
		name string
		to   *string
	}{{"kid", &k.KeyID}, {"alg", &k.Algorithm}, {"use", &k.Use}} {
		if at := v.Get(m.name); at != nil {
			s, ok := at.AsString()
			if !ok {
				return malformedKey("member %s is no string", m.name)
			}
			*m.to = s
		}
	}
	ops := v.Get("key_ops")
	if ops == nil {
		return nil
	}
	var ok bool
	if k.Ops, ok = ops.AsStrings(); !ok {
		return malformedKey("key_ops is no list of names")
	}
	return nil
}

// Verifies reports whether the key may verify values of alg by its own limits
// (RFC 7517 §4.2–§4.4): a key for encryption, or for another algorithm, does
// not (RFC 8725 §3.1).
func (k *Key) Verifies(alg pki.Algorithm) bool {
	return alg.Known() && (k.Algorithm == "" || pki.AlgorithmByJOSE(k.Algorithm) == alg) &&
		(k.Use == "" || k.Use == "sig") && (k.Ops == nil || slices.Contains(k.Ops, "verify"))
}

// keyMembers writes the members that make the key, in the order of RFC 7638.
func (v *Value) keyMembers() ([]byte, error) {
	kty, _ := v.Get("kty").AsString()
	switch kty {
	case "EC":
		crv, _ := v.Get("crv").AsString()
		for _, c := range curves {
			if c.name != crv {
				continue
			}
			x, err := v.number("x", c.size)
			if err != nil {
				return nil, err
			}
			y, err := v.number("y", c.size)
			return fmt.Appendf(nil, `{"crv":%q,"kty":"EC","x":%q,"y":%q}`, crv, x, y), err
		}
	case "OKP":
		if crv, _ := v.Get("crv").AsString(); crv == "Ed25519" {
			x, err := v.number("x", ed25519.PublicKeySize)
			return fmt.Appendf(nil, `{"crv":"Ed25519","kty":"OKP","x":%q}`, x), err
		}
	}
	return nil, fmt.Errorf("reading a JWK: kind or curve is none of ours: %w", formats.ErrUnsupported)
}

// number returns the text of a number of exactly size bytes (RFC 7518 §6.2.1.2)
// in canonical base64url.
func (v *Value) number(name string, size int) (string, error) {
	text, ok := v.Get(name).AsString()
	if !ok {
		return "", malformedKey("member %s is no string", name)
	}
	raw, err := Decode(text)
	if err != nil {
		return "", malformedKey("member %s is not canonical base64url", name)
	}
	if len(raw) != size {
		return "", malformedKey("member %s has %d bytes instead of %d", name, len(raw), size)
	}
	return text, nil
}

// sound refuses a point off its curve, which leaks or proves nothing (RFC 8725
// §3.4), and what package pki does not verify with.
func sound(key crypto.PublicKey) error {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		if _, err := k.Bytes(); err != nil {
			return malformedKey("its point is not on its curve")
		}
		return nil
	case ed25519.PublicKey:
		return nil
	}
	return fmt.Errorf("reading a JWK: a key of type %T: %w", key, formats.ErrUnsupported)
}

// AppendKey appends the JWK of a public key: the required members only, in the
// order of RFC 7638 §3.2, so that its digest is the key's thumbprint.
func AppendKey(dst []byte, key crypto.PublicKey) ([]byte, error) {
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		for _, c := range curves {
			if c.curve != k.Curve {
				continue
			}
			point, err := k.Bytes() // 4, x, y
			if err != nil {
				return nil, fmt.Errorf("writing a JWK: %w", err)
			}
			dst = append(dst, `{"crv":"`+c.name+`","kty":"EC","x":"`...)
			dst = AppendBase64(dst, point[1:1+c.size])
			dst = append(dst, `","y":"`...)
			dst = AppendBase64(dst, point[1+c.size:])
			return append(dst, `"}`...), nil
		}
	case ed25519.PublicKey:
		if len(k) == ed25519.PublicKeySize {
			dst = append(dst, `{"crv":"Ed25519","kty":"OKP","x":"`...)
			dst = AppendBase64(dst, k)
			return append(dst, `"}`...), nil
		}
	}
	return nil, fmt.Errorf("writing a JWK: a key of type %T: %w", key, formats.ErrUnsupported)
}

// Thumbprint returns the SHA-256 thumbprint of a public key (RFC 7638), in
// base64url. The error wraps [formats.ErrUnsupported] for keys of other kinds.
func Thumbprint(key crypto.PublicKey) (string, error) {
	text, err := AppendKey(nil, key)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return string(AppendBase64(nil, sum[:])), nil
}

func malformedKey(format string, args ...any) error {
	return fmt.Errorf("reading a JWK: %s: %w", fmt.Sprintf(format, args...), formats.ErrMalformed)
}
