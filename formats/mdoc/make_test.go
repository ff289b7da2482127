package mdoc_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/mdoc"
	"tamga/pki"
	"tamga/pki/pkitest"
)

const drawing = `iaca -> ds[mdoc]
iaca -> ds384[mdoc, p384], ds521[mdoc, p521], dsed[mdoc, ed25519], dsrsa[mdoc, rsa2048]
iaca -> sub -> below[mdoc]`

var (
	signed = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	ends   = signed.AddDate(0, 3, 0)
)

const (
	docType   = "org.example.library.1"
	namespace = "org.example.library.1"
)

func holder(t testing.TB) crypto.PublicKey {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return k.Public()
}

// preparer wishes for one value of every type.
func preparer(holder crypto.PublicKey) mdoc.Preparer {
	return mdoc.Preparer{
		DocType: docType,
		Namespaces: []mdoc.Namespace{
			{Name: namespace, Elements: []mdoc.Element{
				{ID: "family_name", Value: "Коваль"},
				{ID: "birth_date", Value: mdoc.FullDate("1990-02-28")},
				{ID: "joined", Value: time.Date(2026, 5, 4, 3, 2, 1, 9, time.FixedZone("", 7200))},
				{ID: "portrait", Value: bytes.Repeat([]byte{0xff, 0xd8}, 150)},
				{ID: "age_over_18", Value: true},
				{ID: "banned", Value: false},
				{ID: "books", Value: 7},
				{ID: "debt", Value: int64(-70000)},
				{ID: "number", Value: uint64(1 << 63)},
				{ID: "languages", Value: []any{"uk", "et"}},
				{ID: "address", Value: map[string]any{
					"street": "Вулиця 1", "country": "UT", "since": mdoc.FullDate("2020-01-01"),
				}},
			}},
			{Name: "org.example", Elements: []mdoc.Element{{ID: "branch", Value: "Main"}}},
		},
		HolderKey: holder, ValidFrom: signed, ValidUntil: ends, Random: rand.Reader,
	}
}

func params(p *pkitest.PKI, name string, alg pki.Algorithm) formats.Params {
	return formats.Params{Algorithm: alg, Chain: p.Chain(name), Time: signed}
}

// issue makes a whole document.
func issue(t testing.TB, p *pkitest.PKI, name string, alg pki.Algorithm, w mdoc.Preparer) []byte {
	t.Helper()
	pending, err := w.Prepare(formats.Input{}, params(p, name, alg))
	require.NoError(t, err)
	value, err := p.Key(name).Sign(t.Context(), pki.UseMdoc, alg, pending.ToBeSigned)
	require.NoError(t, err)
	edit, err := w.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	require.Zero(t, edit.Keep)
	return edit.Tail
}

func edKey(t testing.TB) crypto.PublicKey {
	t.Helper()
	pub, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	return pub
}

// stuck is randomness that has died.
type stuck struct{}

func (stuck) Read(b []byte) (int, error) { return len(b), nil }

// short is randomness that runs out.
func short(n int64) io.Reader { return io.LimitReader(rand.Reader, n) }
