package cose_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"errors"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"
	gocose "github.com/veraison/go-cose"

	"tamga/formats"
	"tamga/formats/internal/cose"
	"tamga/pki"
	"tamga/pki/pkitest"
)

const drawing = `iaca -> ds[mdoc]
iaca -> ds384[mdoc, p384], ds521[mdoc, p521], dsed[mdoc, ed25519]`

var kinds = []struct {
	name  string
	alg   pki.Algorithm
	judge gocose.Algorithm
	size  int
}{
	{"ds", pki.ES256, gocose.AlgorithmES256, 64},
	{"ds384", pki.ES384, gocose.AlgorithmES384, 96},
	{"ds521", pki.ES512, gocose.AlgorithmES512, 132},
	{"dsed", pki.Ed25519, gocose.AlgorithmEdDSA, 64},
}

// item encodes v with the library, as an independent writer.
func item(t testing.TB, v any) []byte {
	t.Helper()
	b, err := cbor.Marshal(v)
	require.NoError(t, err)
	return b
}

// encoded is item in a byte string.
func encoded(t testing.TB, v any) []byte { return item(t, item(t, v)) }

// go-cose verifies what we write, and we read what go-cose writes.
func TestSign1AgainstGoCose(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			payload := []byte("what is said")
			chain := [][]byte{p.Cert(k.name).Raw, p.Cert("iaca").Raw}
			protected := cose.AppendProtected(nil, k.alg)
			value, err := p.Key(k.name).Sign(t.Context(), pki.UseMdoc, k.alg, cose.AppendSigStructure(nil, protected, payload))
			require.NoError(t, err)
			for n := range 3 {
				ours := append(cose.AppendUnsigned(nil, cose.Unsigned{
					Algorithm: k.alg, Chain: chain[:n], Payload: payload, Value: k.size,
				}), value...)
				requireGoCoseAccepts(t, ours, k.judge, p.Cert(k.name).PublicKey)
				m, err := cose.ParseSign1(ours)
				require.NoError(t, err)
				require.Empty(t, m.Defects)
				require.Len(t, m.Certificates, n)
				require.Equal(t, k.alg, m.Algorithm)
			}

			signer, err := gocose.NewSigner(k.judge, p.Signer(k.name))
			require.NoError(t, err)
			theirs := gocose.Sign1Message{
				Headers: gocose.Headers{
					Protected:   gocose.ProtectedHeader{gocose.HeaderLabelAlgorithm: k.judge},
					Unprotected: gocose.UnprotectedHeader{gocose.HeaderLabelX5Chain: p.Cert(k.name).Raw},
				},
				Payload: payload,
			}
			require.NoError(t, theirs.Sign(rand.Reader, nil, signer))
			raw, err := theirs.MarshalCBOR()
			require.NoError(t, err)
			m, err := cose.ParseSign1(raw)
			require.NoError(t, err)
			require.True(t, m.Tagged)
			require.Empty(t, m.Defects)
			require.NoError(t, pki.Verify(m.Certificates[0].PublicKey, m.Algorithm, m.ToBeSigned(), m.Signature))
		})
	}
}

func requireGoCoseAccepts(t *testing.T, raw []byte, alg gocose.Algorithm, pub crypto.PublicKey) {
	t.Helper()
	var m gocose.UntaggedSign1Message
	require.NoError(t, m.UnmarshalCBOR(raw))
	verifier, err := gocose.NewVerifier(alg, pub)
	require.NoError(t, err)
	require.NoError(t, m.Verify(nil, verifier))
	m.Payload = append(bytes.Clone(m.Payload), 1)
	require.Error(t, m.Verify(nil, verifier))
}

// The library is the judge of the structure that is signed.
func TestSigStructure(t *testing.T) {
	got := cose.AppendSigStructure(nil, []byte{0xa1, 1, 0x26}, []byte("This is the content."))
	want := item(t, []any{"Signature1", []byte{0xa1, 1, 0x26}, []byte{}, []byte("This is the content.")})
	require.Equal(t, want, got)
}

// Whoever shows a message can add to its unprotected header. Nothing there may
// speak where the protected header does, or should.
func TestHeaders(t *testing.T) {
	p := pkitest.New(t, drawing)
	der, other := p.Cert("ds").Raw, p.Cert("iaca").Raw
	type m = map[any]any
	for name, c := range map[string]struct {
		protected, unprotected m
		want                   string // in the text of a fatal defect; "": none
	}{
		"plain":                       {m{1: -7}, m{33: der}, ""},
		"fully specified":             {m{1: -9}, m{33: der}, ""},
		"chain is signed":             {m{1: -7, 33: der}, m{}, ""},
		"unknown labels are let be":   {m{1: -7, "x": 1}, m{33: der, 99: "?", -70000: nil}, ""},
		"alg is not signed":           {m{}, m{1: -7, 33: der}, "not signed"},
		"no alg":                      {m{}, m{33: der}, "no alg"},
		"alg in both":                 {m{1: -7}, m{1: -8, 33: der}, "in the protected and in the unprotected"},
		"chain in both":               {m{1: -7, 33: der}, m{33: other}, "in the protected and in the unprotected"},
		"alg unknown":                 {m{1: -12345}, m{33: der}, "-12345"},
		"alg by name":                 {m{1: "ES256"}, m{33: der}, "not supported"},
		"alg is a list":               {m{1: []int{-7}}, m{33: der}, "neither a number nor a name"},
		"crit that we know":           {m{1: -7, 2: []any{1, 33}, 33: der}, m{}, ""},
		"crit that we do not":         {m{1: -7, 2: []any{"exp"}, "exp": 1}, m{33: der}, "exp"},
		"crit of a number":            {m{1: -7, 2: []any{99}, 99: 1}, m{33: der}, "99"},
		"crit that is absent":         {m{1: -7, 2: []any{33}}, m{33: der}, "which is not in"},
		"crit that is empty":          {m{1: -7, 2: []any{}}, m{33: der}, "no list"},
		"crit that is no list":        {m{1: -7, 2: 33}, m{33: der}, "no list"},
		"crit of a structure":         {m{1: -7, 2: []any{[]int{1}}}, m{33: der}, "not supported"},
		"crit is not signed":          {m{1: -7}, m{2: []any{1}, 33: der}, "unprotected"},
		"certificate cannot be read":  {m{1: -7}, m{33: []byte{0x30, 0}}, "cannot be read"},
		"certificate with more after": {m{1: -7}, m{33: append(bytes.Clone(der), 0)}, "cannot be read"},
		"empty chain":                 {m{1: -7}, m{33: []any{}}, "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			raw := item(t, []any{item(t, c.protected), c.unprotected, []byte("x"), []byte("v")})
			s, err := cose.ParseSign1(raw)
			require.NoError(t, err)
			var fatal []string
			for _, d := range s.Defects {
				if d.Fatal {
					fatal = append(fatal, d.Text)
				}
			}
			if c.want == "" {
				require.Empty(t, fatal)
				require.Equal(t, pki.ES256, s.Algorithm)
				require.Equal(t, der, s.Certificates[0].Raw)
				return
			}
			require.Contains(t, strings.Join(fatal, "\n"), c.want)
		})
	}
}

func TestChain(t *testing.T) {
	p := pkitest.New(t, drawing)
	leaf, ca := p.Cert("ds").Raw, p.Cert("iaca").Raw
	read := func(chain any) (*cose.Sign1, error) {
		return cose.ParseSign1(item(t, []any{item(t, map[int]int{1: -7}), map[int]any{33: chain}, nil, []byte{}}))
	}
	s, err := read([]any{leaf})
	require.NoError(t, err)
	require.Len(t, s.Certificates, 1)
	require.Equal(t, "RFC 9360 2", s.Defects[0].Clause)
	require.False(t, s.Defects[0].Fatal)
	require.Nil(t, s.Payload, "detached")

	s, err = read([]any{leaf, ca})
	require.NoError(t, err)
	require.Empty(t, s.Defects)
	require.Equal(t, ca, s.Certificates[1].Raw)

	s, err = read([]any{leaf, []byte{1}})
	require.NoError(t, err)
	require.Len(t, s.Certificates, 1, "other certificates are only evidence")
	require.False(t, s.Defects[0].Fatal)

	_, err = read(slicesOf(leaf, 17))
	require.ErrorIs(t, err, formats.ErrTooLarge)
	_, err = read("text")
	require.ErrorIs(t, err, formats.ErrMalformed)
	_, err = read([]any{leaf, "text"})
	require.ErrorIs(t, err, formats.ErrMalformed)
}

func slicesOf(b []byte, n int) (out []any) {
	for range n {
		out = append(out, b)
	}
	return out
}

// A protected header without members signs as an empty one (RFC 9052 §4.4).
func TestEmptyProtected(t *testing.T) {
	want := cose.AppendSigStructure(nil, nil, []byte("x"))
	for _, protected := range [][]byte{{}, {0xa0}, {0xbf, 0xff}} {
		s, err := cose.ParseSign1(item(t, []any{protected, map[int]int{}, []byte("x"), []byte{}}))
		require.NoError(t, err)
		require.Equal(t, want, s.ToBeSigned())
		require.Equal(t, pki.UnknownAlgorithm, s.Algorithm)
	}
}

func TestSign1Malformed(t *testing.T) {
	head := encoded(t, map[int]int{1: -7})
	join := func(parts ...string) string { return strings.Join(parts, "") }
	h := string(head)
	for name, raw := range map[string]string{
		"nothing":                 "",
		"no array":                "\xa0",
		"three parts":             join("\x83", h, "\xa0\x40"),
		"five parts":              join("\x85", h, "\xa0\x40\x40\x40"),
		"text for the header":     "\x84\x60\xa0\x40\x40",
		"header is no map":        "\x84\x41\x01\xa0\x40\x40",
		"two headers in one":      "\x84\x42\xa0\xa0\xa0\x40\x40",
		"alg twice":               "\x84\x45\xa2\x01\x26\x01\x27\xa0\x40\x40",
		"alg twice, once longer":  "\x84\x46\xa2\x01\x26\x18\x01\x27\xa0\x40\x40",
		"label twice, unsigned":   join("\x84", h, "\xa2\x04\x40\x04\x40\x40\x40"),
		"null for the header":     "\x84\xf6\xa0\x40\x40",
		"null for unprotected":    join("\x84", h, "\xf6\x40\x40"),
		"null for the value":      join("\x84", h, "\xa0\x40\xf6"),
		"undefined payload":       join("\x84", h, "\xa0\xf7\x40"),
		"text payload":            join("\x84", h, "\xa0\x60\x40"),
		"tagged value":            join("\x84", h, "\xa0\x40\xd8\x18\x40"),
		"numbers for the value":   join("\x84", h, "\xa0\x40\x81\x01"),
		"bytes after":             join("\x84", h, "\xa0\x40\x40\x00"),
		"tag 17":                  join("\xd1\x84", h, "\xa0\x40\x40"),
		"tag 18 twice":            join("\xd2\xd2\x84", h, "\xa0\x40\x40"),
		"huge array":              "\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
		"huge payload":            join("\x84", h, "\xa0\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
		"huge map":                "\x84\x49\xbb\xff\xff\xff\xff\xff\xff\xff\xff\xa0\x40\x40",
		"nested without an end":   strings.Repeat("\x81", 100_000),
		"tagged without an end":   strings.Repeat("\xd2", 100_000),
		"invalid UTF-8 in a name": "\x84\x44\xa1\x61\xff\x01\xa0\x40\x40",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := cose.ParseSign1([]byte(raw))
			require.Error(t, err)
			require.True(t, errors.Is(err, formats.ErrMalformed) || errors.Is(err, formats.ErrTooLarge), "%v", err)
		})
	}
	good := []byte(join("\xd2\x84", h, "\xa0\x41x\x41v"))
	_, err := cose.ParseSign1(good)
	require.NoError(t, err)
	for n := range good {
		_, err := cose.ParseSign1(good[:n])
		require.ErrorIs(t, err, formats.ErrMalformed, "cut at %d", n)
	}
}
