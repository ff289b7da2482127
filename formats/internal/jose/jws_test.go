package jose_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lestrrat-go/jwx/v4/jwa"
	"github.com/lestrrat-go/jwx/v4/jws"
	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/jose"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// author signs whatever header it is told to, so that what is refused is
// refused for its form: the value is right.
type author struct {
	t   testing.TB
	key *ecdsa.PrivateKey
}

func newAuthor(t testing.TB) author {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return author{t, key}
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func (a author) sign(signed string) string {
	p := pki.SHA256.Sum([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, a.key, p)
	require.NoError(a.t, err)
	value := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	return base64.RawURLEncoding.EncodeToString(value)
}

func (a author) compact(header, payload string) string {
	signed := b64(header) + "." + b64(payload)
	return signed + "." + a.sign(signed)
}

// flattened has an unprotected header.
func (a author) flattened(protected, unprotected string) string {
	signature := a.sign(b64(protected) + "." + b64("{}"))
	return fmt.Sprintf(`{"payload":%q,"protected":%q,"header":%s,"signature":%q}`,
		b64("{}"), b64(protected), unprotected, signature)
}

// verdict is what becomes of a JWS: how it was refused, or "" if it holds.
func (a author) verdict(text string) string {
	j, err := new(jose.Budget).Parse([]byte(text))
	for _, kind := range []error{formats.ErrMalformed, formats.ErrTooLarge} {
		if errors.Is(err, kind) {
			return kind.Error()
		}
	}
	require.NoError(a.t, err)
	for _, s := range j.Signatures {
		if len(s.Header.Defects) > 0 {
			return s.Header.Defects[0].Clause
		}
		if err := pki.Verify(&a.key.PublicKey, s.Header.Algorithm, s.Signed, s.Value); err != nil {
			return err.Error()
		}
	}
	return ""
}

func (a author) jwx(text string) bool {
	_, err := jws.Verify([]byte(text), jws.WithKey(jwa.ES256(), &a.key.PublicKey))
	return err == nil
}

const malformed, tooLarge = "malformed", "too large or too deep"

// TestForm refuses each form in which one JWS could be read in two ways, or be
// written in many. The last column is what jwx v4 does with it, for the package
// comment: true, it verifies.
func TestForm(t *testing.T) {
	a := newAuthor(t)
	good := a.compact(`{"alg":"ES256"}`, "{}")
	head, rest, _ := strings.Cut(good, ".")
	payload, value, _ := strings.Cut(rest, ".")
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	for _, c := range []struct {
		name, text, want string
		jwx              bool
	}{
		{"as it should be", good, "", true},
		{"white space in the header", a.compact("{ \"alg\" :\r\n \"ES256\" }", "{}"), "", true},
		{"an unknown member", a.compact(`{"alg":"ES256","x":{"y":[1,null]}}`, "{}"), "", true},
		{"flattened", a.flattened(`{"alg":"ES256"}`, `{"kid":"1"}`), "", true},

		// Whoever remembers what he has seen must not be shown it again in
		// another spelling.
		{"line end after it", good + "\n", malformed, true},
		{"line end in it", head + "\n." + payload + "." + value, malformed, true},
		{"line end in the value", good[:len(good)-4] + "\n" + good[len(good)-4:], malformed, true},
		{"padding", good + "==", malformed, true},
		{"unused bits", good[:len(good)-1] + nextLetter(good[len(good)-1]), malformed, true},
		{"standard alphabet", a.signedAs(b64(`{"alg":"ES256"}`), "Pz8/"), malformed, false},
		{"four parts", good + ".", malformed, false},
		{"two parts", head + "." + payload, malformed, false},
		{"nothing", "", malformed, false},

		// Of a name that stands twice one reader takes the first, one the last.
		{"alg twice", a.compact(`{"alg":"ES256","alg":"ES256"}`, "{}"), malformed, false},
		{"alg twice, once in escapes", a.compact(`{"alg":"ES256","\u0061lg":"ES256"}`, "{}"), malformed, false},
		{"a name twice deep within", a.compact(`{"alg":"ES256","x":{"y":1,"y":2}}`, "{}"), malformed, false},
		{"half a surrogate", a.compact(`{"alg":"ES256","x":"\ud800"}`, "{}"), malformed, false},
		{"not UTF-8", a.compact("{\"alg\":\"ES256\",\"x\":\"\xff\"}", "{}"), malformed, false},
		{"byte order mark", a.compact("\ufeff{\"alg\":\"ES256\"}", "{}"), malformed, false},
		{"something after the header", a.compact(`{"alg":"ES256"}{}`, "{}"), malformed, false},
		{"header is a list", a.compact(`["ES256"]`, "{}"), malformed, false},
		{"alg is a number", a.compact(`{"alg":256}`, "{}"), malformed, false},
		{"typ is a list", a.compact(`{"alg":"ES256","typ":["a"]}`, "{}"), malformed, false},
		{"kid is a number", a.compact(`{"alg":"ES256","kid":1}`, "{}"), malformed, false},

		// The algorithm must be one that proves who signed.
		{"no alg", a.compact(`{"typ":"x"}`, "{}"), "RFC 7515 4.1.1", true},
		{"alg none", b64(`{"alg":"none"}`) + "." + payload + ".", "RFC 8725 3.1", false},
		{"alg nOnE", b64(`{"alg":"nOnE"}`) + "." + payload + ".", "RFC 8725 3.1", false},
		{"HMAC", a.compact(`{"alg":"HS256"}`, "{}"), "RFC 8725 3.1", false},
		{"empty alg", a.compact(`{"alg":""}`, "{}"), "RFC 8725 3.1", false},

		// Extensions change what a JWS means.
		{"crit", a.compact(`{"alg":"ES256","crit":["x"],"x":1}`, "{}"), "RFC 7515 4.1.11", false},
		{"crit without the member", a.compact(`{"alg":"ES256","crit":["x"]}`, "{}"), malformed, false},
		{"crit empty", a.compact(`{"alg":"ES256","crit":[]}`, "{}"), malformed, false},
		{"crit with a name twice", a.compact(`{"alg":"ES256","crit":["x","x"],"x":1}`, "{}"), malformed, false},
		{"crit is a text", a.compact(`{"alg":"ES256","crit":"x","x":1}`, "{}"), malformed, false},
		{"crit unprotected", a.flattened(`{"alg":"ES256"}`, `{"crit":["x"],"x":1}`), malformed, true},
		{"b64", a.unencoded("e30"), "RFC 7797 6", false},
		{"b64 without crit", a.compact(`{"alg":"ES256","b64":true}`, "{}"), "RFC 7797 6", true},

		// What is unprotected, anybody can change.
		{"alg unprotected", a.flattened(`{"typ":"x"}`, `{"alg":"ES256"}`), "RFC 7515 4.1.1", true},
		{"a name in both headers", a.flattened(`{"alg":"ES256","kid":"1"}`, `{"kid":"2"}`), malformed, true},
		{"alg in both headers", a.flattened(`{"alg":"ES256"}`, `{"alg":"ES256"}`), malformed, true},
		{"header is a text", a.flattened(`{"alg":"ES256"}`, `"x"`), malformed, false},
		{"signature and signatures", strings.Replace(a.flattened(`{"alg":"ES256"}`, `{}`),
			`"payload"`, `"signatures":[],"payload"`, 1), malformed, true},
		{"payload twice", strings.Replace(a.flattened(`{"alg":"ES256"}`, `{}`),
			`"payload"`, `"payload":"e30","payload"`, 1), malformed, false},
		{"no signatures", `{"payload":"e30","signatures":[]}`, malformed, false},
		{"signatures without protected header", `{"payload":"e30","signatures":[{"signature":""}]}`, malformed, false},

		// Bombs.
		{"deep header", a.compact(`{"alg":"ES256","x":`+deep+`}`, "{}"), tooLarge, false},
		{"deep JSON", `{"payload":` + deep + `}`, tooLarge, false},
		{"deep and broken", strings.Repeat(`{"a":`, 100_000), tooLarge, false},
		{"many values", `{"payload":[` + strings.Repeat("0,", jose.MaxValues) + `0]}`, tooLarge, false},
		{"many signatures", `{"payload":"e30","signatures":[` + strings.Repeat("{},", 20) + `{}]}`, tooLarge, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			require.Equal(t, c.want, a.verdict(c.text))
			require.Less(t, time.Since(start), time.Minute) // no hang
			require.Equal(t, c.jwx, a.jwx(c.text), "what jwx v4 does has changed: correct the package comment")
		})
	}
}

func (a author) signedAs(header, payload string) string {
	return header + "." + payload + "." + a.sign(header+"."+payload)
}

// unencoded is of RFC 7797: the payload is signed as it is.
func (a author) unencoded(payload string) string {
	header := b64(`{"alg":"ES256","b64":false,"crit":["b64"]}`)
	return header + "." + payload + "." + a.sign(header+"."+payload)
}

func nextLetter(c byte) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	return string(letters[strings.IndexByte(letters, c)+1])
}

// TestCertificates reads x5c, and only where it is protected: whoever carries
// the document could else put another certificate of the same key in its place.
func TestCertificates(t *testing.T) {
	a := newAuthor(t)
	p := pkitest.New(t, "root -> ca -> leaf")
	x5c := func(encode func([]byte) string, names ...string) string {
		var list []string
		for _, n := range names {
			list = append(list, encode(p.Cert(n).Raw))
		}
		out, err := json.Marshal(list)
		require.NoError(t, err)
		return string(out)
	}
	std := base64.StdEncoding.EncodeToString
	header := func(list string) string { return `{"alg":"ES256","x5c":` + list + `}` }
	j, err := new(jose.Budget).Parse([]byte(a.compact(header(x5c(std, "leaf", "ca")), "{}")))
	require.NoError(t, err)
	certs := j.Signatures[0].Header.Certificates
	require.Len(t, certs, 2)
	require.True(t, certs[0].Equal(p.Cert("leaf")))

	j, err = new(jose.Budget).Parse([]byte(a.flattened(`{"alg":"ES256"}`, `{"x5c":`+x5c(std, "leaf")+`}`)))
	require.NoError(t, err)
	require.Empty(t, j.Signatures[0].Header.Certificates)

	long := `["` + std(bytes.Repeat([]byte{1}, 1<<17)) + `"]`
	for name, c := range map[string]struct{ list, want string }{
		"base64url":       {x5c(base64.URLEncoding.EncodeToString, "leaf", "ca", "root"), malformed},
		"without padding": {x5c(base64.RawStdEncoding.EncodeToString, "leaf", "ca", "root"), malformed},
		"line ends":       {x5c(func(b []byte) string { return std(b[:30]) + "\n" + std(b[30:]) }, "leaf"), malformed},
		"bytes after it":  {x5c(func(b []byte) string { return std(append(bytes.Clone(b), 0)) }, "leaf"), malformed},
		"a text":          {`"x"`, malformed},
		"empty":           {`[]`, malformed},
		"numbers":         {`[1]`, malformed},
		"no certificate":  {`["AAAA"]`, malformed},
		"too many":        {x5c(std, strings.Split(strings.Repeat("leaf ", 32)+"leaf", " ")...), tooLarge},
		"too large":       {long, tooLarge},
	} {
		require.Equal(t, c.want, a.verdict(a.compact(header(c.list), "{}")), name)
	}
}

func TestGeneral(t *testing.T) {
	a := newAuthor(t)
	entry := func(header string) string {
		return fmt.Sprintf(`{"protected":%q,"signature":%q}`, b64(header), a.sign(b64(header)+"."+b64("{}")))
	}
	text := fmt.Sprintf(`{"payload":%q,"extra":1,"signatures":[%s,%s]}`,
		b64("{}"), entry(`{"alg":"ES256"}`), entry(`{"alg":"ES256","kid":"2"}`))
	require.Empty(t, a.verdict(text))
	j, err := new(jose.Budget).Parse([]byte(text))
	require.NoError(t, err)
	require.Equal(t, jose.General, j.Serialization)
	require.Equal(t, "{}", string(j.Payload))
	require.Equal(t, []string{"extra"}, j.Unknown)
	require.Equal(t, "2", j.Signatures[1].Header.KeyID)
}
