package jose_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v4/jwk"
	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/jose"
	"tamga/pki"
)

func holderKeys(t testing.TB) map[pki.Algorithm]crypto.PublicKey {
	out := map[pki.Algorithm]crypto.PublicKey{}
	for alg, curve := range map[pki.Algorithm]elliptic.Curve{
		pki.ES256: elliptic.P256(), pki.ES384: elliptic.P384(), pki.ES512: elliptic.P521(),
	} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		require.NoError(t, err)
		out[alg] = key.Public()
	}
	public, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	out[pki.Ed25519] = public
	return out
}

// TestKey writes each kind of key, and lets jwx read it and take its thumbprint.
func TestKey(t *testing.T) {
	for alg, public := range holderKeys(t) {
		text, err := jose.AppendKey([]byte("before"), public)
		require.NoError(t, err)
		text = text[len("before"):]
		theirs, err := jwk.ParseKey(text)
		require.NoError(t, err)
		raw, err := jwk.Export[any](theirs)
		require.NoError(t, err)
		require.Equal(t, public, raw)

		ours, err := jose.Thumbprint(public)
		require.NoError(t, err)
		print, err := theirs.Thumbprint(crypto.SHA256)
		require.NoError(t, err)
		require.Equal(t, base64.RawURLEncoding.EncodeToString(print), ours)

		back, err := new(jose.Budget).ParseKey(text)
		require.NoError(t, err)
		require.Equal(t, public, back.Public)
		require.True(t, back.Verifies(alg))
		require.False(t, back.Verifies(pki.UnknownAlgorithm))
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	for _, key := range []crypto.PublicKey{nil, "key", other.Public(), ed25519.PublicKey{1}} {
		_, err := jose.AppendKey(nil, key)
		require.ErrorIs(t, err, formats.ErrUnsupported)
	}
}

// TestKeyLimits: a key says itself what it is for (RFC 8725 §3.1).
func TestKeyLimits(t *testing.T) {
	text, err := jose.AppendKey(nil, holderKeys(t)[pki.ES256])
	require.NoError(t, err)
	for more, want := range map[string]bool{
		`"kid":"1"`:                    true,
		`"alg":"ES256"`:                true,
		`"alg":"ES384"`:                false,
		`"alg":"none"`:                 false,
		`"use":"sig"`:                  true,
		`"use":"enc"`:                  false,
		`"key_ops":["sign","verify"]`:  true,
		`"key_ops":["deriveKey"]`:      false,
		`"key_ops":[]`:                 false,
		`"x5u":"http://127.0.0.1/key"`: true, // never asked
	} {
		key, err := new(jose.Budget).ParseKey([]byte(string(text[:len(text)-1]) + "," + more + "}"))
		require.NoError(t, err, more)
		require.Equal(t, want, key.Verifies(pki.ES256), more)
	}
}

func TestKeyRefused(t *testing.T) {
	public := holderKeys(t)[pki.ES256].(*ecdsa.PublicKey)
	point, err := public.Bytes()
	require.NoError(t, err)
	x, y := b64(string(point[1:33])), b64(string(point[33:]))
	ec := func(x, y, more string) string {
		return fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q,"y":%q%s}`, x, y, more)
	}
	ed := b64(strings.Repeat("\x01", 33))
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"nothing":            {"", formats.ErrMalformed},
		"no object":          {"[]", formats.ErrMalformed},
		"private":            {ec(x, y, `,"d":"AQ"`), formats.ErrMalformed},
		"private, null":      {ec(x, y, `,"d":null`), formats.ErrMalformed},
		"symmetric":          {`{"kty":"oct","k":"AQ"}`, formats.ErrMalformed},
		"off its curve":      {ec(x, x, ""), formats.ErrMalformed},
		"at infinity":        {ec(b64(strings.Repeat("\x00", 32)), b64(strings.Repeat("\x00", 32)), ""), formats.ErrMalformed},
		"short coordinate":   {ec(b64(string(point[2:33])), y, ""), formats.ErrMalformed},
		"long coordinate":    {ec(b64("\x00"+string(point[1:33])), y, ""), formats.ErrMalformed},
		"no y":               {fmt.Sprintf(`{"kty":"EC","crv":"P-256","x":%q}`, x), formats.ErrMalformed},
		"unused bits":        {ec(x[:42]+nextLetter(x[42]), y, ""), formats.ErrMalformed},
		"padding":            {ec(x+"=", y, ""), formats.ErrMalformed},
		"a number":           {`{"kty":"EC","crv":"P-256","x":1,"y":2}`, formats.ErrMalformed},
		"x twice":            {ec(x, y, `,"x":"AQ"`), formats.ErrMalformed},
		"kid is a number":    {ec(x, y, `,"kid":1`), formats.ErrMalformed},
		"key_ops is a text":  {ec(x, y, `,"key_ops":"verify"`), formats.ErrMalformed},
		"another curve":      {strings.Replace(ec(x, y, ""), "P-256", "secp256k1", 1), formats.ErrUnsupported},
		"another kind":       {`{"kty":"RSA","n":"AQ","e":"AQAB"}`, formats.ErrUnsupported},
		"key agreement":      {fmt.Sprintf(`{"kty":"OKP","crv":"X25519","x":%q}`, x), formats.ErrUnsupported},
		"Ed25519 too long":   {fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","x":%q}`, ed), formats.ErrMalformed},
		"a great many bytes": {ec(x, y, `,"kid":"`+strings.Repeat("a", 1<<15)+`"`), formats.ErrTooLarge},
	} {
		_, err := new(jose.Budget).ParseKey([]byte(c.text))
		require.ErrorIs(t, err, c.want, name)
	}
}
