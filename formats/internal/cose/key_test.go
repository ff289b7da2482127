package cose_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"testing"

	"github.com/stretchr/testify/require"
	gocose "github.com/veraison/go-cose"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// go-cose reads the keys that we write, as the keys that they are.
func TestKeyAgainstGoCose(t *testing.T) {
	var keys []crypto.PublicKey
	for _, c := range []elliptic.Curve{elliptic.P256(), elliptic.P384(), elliptic.P521()} {
		k, err := ecdsa.GenerateKey(c, rand.Reader)
		require.NoError(t, err)
		keys = append(keys, k.Public())
	}
	ed, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for _, pub := range append(keys, ed) {
		raw, err := cose.AppendKey(nil, pub)
		require.NoError(t, err)
		var theirs gocose.Key
		require.NoError(t, theirs.UnmarshalCBOR(raw))
		got, err := theirs.PublicKey()
		require.NoError(t, err)
		require.True(t, pub.(interface{ Equal(crypto.PublicKey) bool }).Equal(got))

		fromTheirs, err := gocose.NewKeyFromPublic(pub)
		require.NoError(t, err)
		raw, err = fromTheirs.MarshalCBOR()
		require.NoError(t, err)
		got, err = cose.ParseKey(raw)
		require.NoError(t, err)
		require.True(t, pub.(interface{ Equal(crypto.PublicKey) bool }).Equal(got))
	}
}

func TestParseKey(t *testing.T) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p, err := k.PublicKey.Bytes()
	require.NoError(t, err)
	x, y := p[1:33], p[33:]
	off := bytes.Clone(y)
	off[31] ^= 1
	type m = map[int]any
	got, err := cose.ParseKey(item(t, m{1: 2, -1: 1, -2: x, -3: y[31]&1 == 1}))
	require.NoError(t, err)
	require.True(t, k.PublicKey.Equal(got), "x and the sign of y")

	for name, c := range map[string]struct {
		key  any
		want error
	}{
		"not on the curve":       {m{1: 2, -1: 1, -2: x, -3: off}, formats.ErrMalformed},
		"a short x":              {m{1: 2, -1: 1, -2: x[1:], -3: y}, formats.ErrMalformed},
		"a long y":               {m{1: 2, -1: 1, -2: x, -3: append([]byte{0}, y...)}, formats.ErrMalformed},
		"another curve":          {m{1: 2, -1: 2, -2: x, -3: y}, formats.ErrMalformed},
		"no y":                   {m{1: 2, -1: 1, -2: x}, formats.ErrMalformed},
		"y is null":              {m{1: 2, -1: 1, -2: x, -3: nil}, formats.ErrMalformed},
		"no root":                {m{1: 2, -1: 1, -2: bytes.Repeat([]byte{0xff}, 32), -3: true}, formats.ErrMalformed},
		"with its private half":  {m{1: 2, -1: 1, -2: x, -3: y, -4: x}, formats.ErrMalformed},
		"a curve of others":      {m{1: 2, -1: 8, -2: x, -3: y}, formats.ErrUnsupported},
		"Ed448":                  {m{1: 1, -1: 7, -2: make([]byte, 57)}, formats.ErrUnsupported},
		"a short Ed25519":        {m{1: 1, -1: 6, -2: x[1:]}, formats.ErrMalformed},
		"symmetric":              {m{1: 4, -1: x}, formats.ErrMalformed},
		"no map":                 {[]int{1}, formats.ErrMalformed},
		"the type is a name":     {m{1: "EC", -1: 1, -2: x, -3: y}, formats.ErrMalformed},
		"the curve is a list":    {m{1: 2, -1: []int{1}, -2: x, -3: y}, formats.ErrMalformed},
		"the type is a fraction": {m{1: 2.0, -1: 1, -2: x, -3: y}, formats.ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cose.ParseKey(item(t, c.key))
			require.ErrorIs(t, err, c.want)
		})
	}
}

func TestAppendKeyRefuses(t *testing.T) {
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	require.NoError(t, err)
	for _, pub := range []crypto.PublicKey{
		nil, (*ecdsa.PublicKey)(nil), &ecdsa.PublicKey{}, p224.Public(), ed25519.PublicKey(nil), &rsa.PublicKey{},
	} {
		_, err := cose.AppendKey(nil, pub)
		require.ErrorIs(t, err, formats.ErrUnsupported)
	}
}
