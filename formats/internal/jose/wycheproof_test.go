package jose_test

import (
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/big"
	"strings"
	"testing"

	"github.com/c2sp/wycheproof"
	"github.com/lestrrat-go/jwx/v4/jwa"
	"github.com/lestrrat-go/jwx/v4/jwk"
	"github.com/lestrrat-go/jwx/v4/jws"
	"github.com/stretchr/testify/require"

	"tamga/formats/internal/jose"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// signatureVectors is the part of Wycheproof's JWS file that we need.
type signatureVectors struct {
	NumberOfTests int
	TestGroups    []struct {
		Comment string
		Public  json.RawMessage
		Private json.RawMessage
		Tests   []struct {
			TcID    int `json:"tcId"`
			Comment string
			Jws     json.RawMessage
			Result  string
		}
	}
}

func loadVectors(t *testing.T) signatureVectors {
	raw, err := fs.ReadFile(wycheproof.TestVectors, "json_web_signature_test.json")
	require.NoError(t, err)
	var file signatureVectors
	require.NoError(t, json.Unmarshal(raw, &file))
	return file
}

// text is the JWS itself: a string of the file, or JSON that stands in it.
func text(raw json.RawMessage) []byte {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return []byte(s)
	}
	return raw
}

// accepts is how a verifier uses the package: read, no fatal defect, a key that
// is for this algorithm, pki.Verify. Compact only, as the vectors demand.
func accepts(key *jose.Key, data []byte) bool {
	j, err := new(jose.Budget).ParseCompact(data)
	if err != nil || key == nil {
		return false
	}
	s := j.Signatures[0]
	return len(s.Header.Defects) == 0 && key.Verifies(s.Header.Algorithm) &&
		pki.Verify(key.Public, s.Header.Algorithm, s.Signed, s.Value) == nil
}

// keyOf reads a key of the vectors. RSA keys are none that a holder may have, so
// package jose does not read them; their limits are held all the same.
func keyOf(t *testing.T, material []byte) *jose.Key {
	if key, err := new(jose.Budget).ParseKey(material); err == nil {
		return key
	}
	var k struct {
		Kty, N, E, Alg, Use string
		Ops                 []string `json:"key_ops"`
	}
	require.NoError(t, json.Unmarshal(material, &k))
	if k.Kty != "RSA" {
		return nil
	}
	n, err := jose.Decode(k.N)
	require.NoError(t, err)
	e, err := jose.Decode(k.E)
	require.NoError(t, err)
	pub := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	return &jose.Key{Public: pub, Algorithm: k.Alg, Use: k.Use, Ops: k.Ops}
}

// exception holds the reasons for which we refuse what the vectors call valid.
// There is none for an acceptance.
func exception(accepted bool, key, data []byte) string {
	switch {
	case accepted:
		return ""
	case strings.Contains(string(key), `"oct"`):
		return "HMAC proves nothing to a third party, and is none of our algorithms (RFC 8725 3.1)"
	case strings.Contains(string(key), `"ES521"`):
		return "the key says that it is for ES521, which is no algorithm (RFC 7518 3.1 has ES512)"
	case strings.Contains(string(key), `"PS256"`) && strings.HasPrefix(string(data), headerPS384):
		return "the key says that it is for PS256, the signature is of PS384 (RFC 7517 4.4)"
	}
	return ""
}

// headerPS384 is how {"alg":"PS384" begins in base64url.
const headerPS384 = "eyJhbGciOiJQUzM4NCIs"

func TestVectorsJWS(t *testing.T) {
	file := loadVectors(t)
	tally := pkitest.Tally{Name: "wycheproof-jws"}
	falseAccepts := 0
	for _, g := range file.TestGroups {
		material := g.Public
		if material == nil {
			material = g.Private
		}
		key := keyOf(t, material)
		for _, c := range g.Tests {
			accepted := accepts(key, text(c.Jws))
			if accepted && c.Result == "invalid" {
				falseAccepts++
			}
			tally.Case(t, fmt.Sprintf("%d %s", c.TcID, c.Comment),
				accepted == (c.Result == "valid"), exception(accepted, material, text(c.Jws)))
		}
	}
	tally.Report(t)
	require.Equal(t, 401, file.NumberOfTests)
	require.Zero(t, falseAccepts)
}

// TestVectorsJWSBase64 looks at the reading alone: where HMAC is what signs, we
// never accept, and so never show that we refuse for the right reason. Here the
// test itself checks HMAC over what we say was signed.
func TestVectorsJWSBase64(t *testing.T) {
	tally := pkitest.Tally{Name: "wycheproof-jws-reading"}
	valid := map[string]bool{}
	for _, g := range loadVectors(t).TestGroups {
		var key struct{ Kty, K, Alg string }
		require.NoError(t, json.Unmarshal(g.Private, &key))
		if key.Kty != "oct" || key.Alg != "HS256" {
			continue
		}
		secret, err := base64.RawURLEncoding.DecodeString(key.K)
		require.NoError(t, err)
		for _, c := range g.Tests {
			accepted := false
			if j, err := new(jose.Budget).ParseCompact(text(c.Jws)); err == nil {
				s := j.Signatures[0]
				mac := hmac.New(sha256.New, secret)
				mac.Write(s.Signed)
				accepted = s.Header.Name == "HS256" && hmac.Equal(mac.Sum(nil), s.Value)
			}
			valid[string(text(c.Jws))] = valid[string(text(c.Jws))] || c.Result == "valid"
			why := ""
			switch {
			case accepted && valid[string(text(c.Jws))]:
				why = "the same bytes as an earlier case that is valid: the change was lost in the making"
			case !accepted && strings.Contains(string(text(c.Jws)), "?"):
				why = "a question mark is no base64url (RFC 7515 2), whatever the vector calls it"
			}
			tally.Case(t, fmt.Sprintf("%d %s", c.TcID, c.Comment), accepted == (c.Result == "valid"), why)
		}
	}
	tally.Report(t)
}

// TestVectorsJWK verifies under the keys of Wycheproof's JWK file, one by one as
// a holder's key would come.
func TestVectorsJWK(t *testing.T) {
	raw, err := fs.ReadFile(wycheproof.TestVectors, "json_web_key_test.json")
	require.NoError(t, err)
	var file struct {
		TestGroups []struct {
			Public, Private struct{ Keys []json.RawMessage }
			Tests           []struct {
				TcID    int `json:"tcId"`
				Comment string
				Jws     json.RawMessage
				Result  string
			}
		}
	}
	require.NoError(t, json.Unmarshal(raw, &file))
	tally := pkitest.Tally{Name: "wycheproof-jwk"}
	for _, g := range file.TestGroups {
		keys := g.Public.Keys
		if len(keys) == 0 {
			keys = g.Private.Keys
		}
		for _, c := range g.Tests {
			accepted, why := false, ""
			for _, k := range keys {
				key, err := new(jose.Budget).ParseKey(k)
				accepted = accepted || err == nil && accepts(key, text(c.Jws))
			}
			first := string(keys[0])
			if !accepted && (strings.Contains(first, `"oct"`) || strings.Contains(first, `"RSA"`)) {
				why = "a holder's key is neither symmetric nor RSA"
			}
			tally.Case(t, fmt.Sprintf("%d %s", c.TcID, c.Comment), accepted == (c.Result == "valid"), why)
		}
	}
	tally.Report(t)
}

// TestJwxMeasured holds the package comment to what it says of jwx v4. Cases 367
// and 370 are the bytes of 357, which is valid; 372 and 373 are called valid and
// have a question mark in the middle: both are faults of the vectors.
func TestJwxMeasured(t *testing.T) {
	var wrong, refused []string
	for _, g := range loadVectors(t).TestGroups {
		material := g.Public
		if material == nil {
			material = g.Private
		}
		for _, c := range g.Tests {
			switch accepted := jwxAccepts(material, text(c.Jws)); {
			case accepted && c.Result == "invalid":
				wrong = append(wrong, fmt.Sprintf("%d %s", c.TcID, c.Comment))
			case !accepted && c.Result == "valid":
				refused = append(refused, fmt.Sprintf("%d %s", c.TcID, c.Comment))
			}
		}
	}
	require.Equal(t, []string{
		"367 invalidBase64Padding", "370 invalidBase64PaddingInPayload", "374 ModifiedUnusedBitsInPayload",
	}, wrong)
	require.Equal(t, []string{
		"346 Figure20", "347 Figure27", "350 Figure20", "351 Figure27",
		"372 InvalidCharacterInsertedInHeader", "373 InvalidCharacterInsertedInPayload",
	}, refused)
}

// jwxAccepts verifies as jwx's documentation says: the key with its own alg.
func jwxAccepts(material, data []byte) bool {
	key, err := jwk.ParseKey(material)
	if err != nil {
		return false
	}
	if public, err := jwk.PublicKeyOf(key); err == nil && key.KeyType() != jwa.OctetSeq() {
		key = public
	}
	set := jwk.NewSet()
	if set.AddKey(key) != nil {
		return false
	}
	_, err = jws.Verify(data, jws.WithKeySet(set))
	return err == nil
}
