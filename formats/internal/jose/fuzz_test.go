package jose_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"testing"

	"github.com/lestrrat-go/jwx/v4/jwa"
	"github.com/lestrrat-go/jwx/v4/jwk"
	"github.com/lestrrat-go/jwx/v4/jws"
	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/jose"
	"tamga/pki"
)

func requireRefusal(t *testing.T, err error) {
	for _, kind := range []error{formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported} {
		if errors.Is(err, kind) {
			return
		}
	}
	require.Fail(t, "a refusal of no kind", "%v", err)
}

// FuzzParse: what is read can be written again to the same bytes, in its compact
// form; and what verifies here also verifies in jwx, which is never stricter.
func FuzzParse(f *testing.F) {
	a := newAuthor(f)
	good := a.compact(`{"alg":"ES256","typ":"x"}`, `{"a":[1,"ü",null]}`)
	f.Add([]byte(good))
	f.Add([]byte(good + "="))
	f.Add([]byte(a.compact(`{"alg":"ES256","crit":["x"],"x":{}}`, "")))
	f.Add([]byte(a.flattened(`{"alg":"ES256"}`, `{"kid":"1"}`)))
	f.Add([]byte(`{"payload":"e30","signatures":[{"protected":"e30","signature":""}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		j, err := new(jose.Budget).Parse(text)
		if err != nil {
			requireRefusal(t, err)
			return
		}
		require.NotEmpty(t, j.Signatures)
		for _, s := range j.Signatures {
			_, payload, _ := bytes.Cut(s.Signed, []byte{'.'})
			require.Equal(t, string(payload), base64.RawURLEncoding.EncodeToString(j.Payload))
			require.Equal(t, s.Text, base64.RawURLEncoding.EncodeToString(s.Value))
			if j.Serialization == jose.Compact {
				require.Equal(t, string(text), string(s.Signed)+"."+s.Text)
			}
			if len(s.Header.Defects) == 0 {
				require.True(t, s.Header.Algorithm.Known())
			}
		}
		s := j.Signatures[0]
		if j.Serialization == jose.Compact && len(s.Header.Defects) == 0 &&
			pki.Verify(&a.key.PublicKey, s.Header.Algorithm, s.Signed, s.Value) == nil {
			_, err := jws.Verify(text, jws.WithKey(jwa.ES256(), &a.key.PublicKey))
			require.NoError(t, err)
		}
	})
}

// FuzzParseKey: what we read as a key, jwx reads as the same key; and it can be
// written and read again.
func FuzzParseKey(f *testing.F) {
	for _, public := range holderKeys(f) {
		text, err := jose.AppendKey(nil, public)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte(`{"kty":"EC","crv":"P-256","x":"AA","y":"AA","d":"AA"}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		key, err := new(jose.Budget).ParseKey(text)
		if err != nil {
			requireRefusal(t, err)
			return
		}
		again, err := jose.AppendKey(nil, key.Public)
		require.NoError(t, err)
		theirs, err := jwk.ParseKey(again)
		require.NoError(t, err)
		raw, err := jwk.Export[any](theirs)
		require.NoError(t, err)
		require.Equal(t, key.Public, raw)
	})
}
