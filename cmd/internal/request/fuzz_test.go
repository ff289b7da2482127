package request_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/request"
)

// Whatever the bytes: a public key of a kind that documents can carry, or a
// mistake with a hint that repeats nothing.
func FuzzHolderKey(f *testing.F) {
	f.Add([]byte(`{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}`))
	f.Add([]byte(`{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}`))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n"))
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := request.HolderKey(text)
		if err != nil {
			var mistake *request.Error
			require.ErrorAs(t, err, &mistake)
			require.NotEmpty(t, mistake.Hint)
			require.Nil(t, key)
			return
		}
		switch pub := key.(type) {
		case *ecdsa.PublicKey:
			_, err := pub.Bytes()
			require.NoError(t, err)
		case ed25519.PublicKey:
			require.Len(t, pub, ed25519.PublicKeySize)
		default:
			t.Fatalf("%T", key)
		}
	})
}
