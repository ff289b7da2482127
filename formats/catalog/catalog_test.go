package catalog_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/catalog"
)

func recognise(data string) (formats.Parser, error) {
	return catalog.Recognise(formats.Input{ReaderAt: bytes.NewReader([]byte(data)), Size: int64(len(data))})
}

func TestEachFormatOnce(t *testing.T) {
	seen := map[formats.ID]bool{}
	for _, p := range catalog.Parsers() {
		require.False(t, seen[p.ID()], p.ID())
		seen[p.ID()] = true
	}
	for _, id := range []formats.ID{formats.CAdES, formats.PAdES, formats.Mdoc, formats.SDJWT} {
		require.True(t, seen[id], id)
	}
}

// A PDF inside a CMS is a CMS: the format that owns the first byte wins over
// the one that may begin a kilobyte later.
func TestRecognise(t *testing.T) {
	cms := "\x30\x82\x01\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x82\x00\xf0"
	for data, want := range map[string]formats.ID{
		"%PDF-1.7\n":       formats.PAdES,
		cms + "%PDF-1.7\n": formats.CAdES,
		"eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCJ9.e30.c2ln~": formats.SDJWT,
		"\xa2\x6anameSpaces\xa0\x6aissuerAuth\x84":               formats.Mdoc,
	} {
		p, err := recognise(data)
		require.NoError(t, err, "%q", data)
		require.Equal(t, want, p.ID(), "%q", data)
	}
	for data, want := range map[string]string{
		"": "empty", "PK\x03\x04": "ZIP", strings.Repeat("\x00", 5000): "zero bytes", "hello\n": "plain text",
		`{"a":[` + strings.Repeat("[", 100_000): "JSON",
	} {
		_, err := recognise(data)
		require.ErrorIs(t, err, formats.ErrNotRecognised)
		require.ErrorContains(t, err, want)
	}
}
