package cose_test

import (
	"math"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// The library's deterministic encoding is the judge of ours.
func TestEncodeAgainstCBOR(t *testing.T) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	require.NoError(t, err)
	for _, n := range []int64{
		0, 1, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64,
		-1, -24, -25, -256, -257, -65537, math.MinInt64,
	} {
		want, err := mode.Marshal(n)
		require.NoError(t, err)
		require.Equal(t, want, cose.AppendInt(nil, n))
		if n > math.MinInt64 {
			got, err := cose.Int(want)
			require.NoError(t, err)
			require.Equal(t, n, got)
		}
		major, value, rest, ok := cose.ReadHead(append(want, 7))
		require.True(t, ok)
		require.Equal(t, []byte{7}, rest)
		require.Equal(t, want, cose.AppendHead(nil, major, value))
	}
	for _, size := range []int{0, 23, 24, 300, 70000} {
		b := make([]byte, size)
		for got, v := range map[string]any{
			string(cose.AppendBytes(nil, b)):         b,
			string(cose.AppendText(nil, string(b))):  string(b),
			string(cose.AppendEncoded(nil, b)):       cbor.Tag{Number: 24, Content: b},
			string(cose.AppendHead(nil, 0, 1<<63+7)): uint64(1<<63 + 7),
		} {
			want, err := mode.Marshal(v)
			require.NoError(t, err)
			require.Equal(t, string(want), got)
		}
	}
}

// One type may not pass for another: package cbor alone takes null for "",
// looks through tags, and takes an array of numbers for bytes.
func TestReadersAreStrict(t *testing.T) {
	readers := map[string]func(cose.Raw) error{
		"text":  func(r cose.Raw) error { _, err := cose.Text(r); return err },
		"bytes": func(r cose.Raw) error { _, err := cose.Bytes(r); return err },
		"uint":  func(r cose.Raw) error { _, err := cose.Uint(r); return err },
		"int":   func(r cose.Raw) error { _, err := cose.Int(r); return err },
		"array": func(r cose.Raw) error { _, err := cose.Array(r); return err },
		"map":   func(r cose.Raw) error { _, err := cose.ReadMap(r); return err },
		"tag":   func(r cose.Raw) error { _, _, err := cose.Tagged(r); return err },
		"tag24": func(r cose.Raw) error { _, err := cose.Encoded(r); return err },
	}
	items := map[string]string{
		"text": "\x61a", "bytes": "\x41a", "uint": "\x01", "array": "\x81\x01", "map": "\xa1\x01\x02",
		"tag": "\xc1\x01", "tag24": "\xd8\x18\x41a", "int": "\x20", "null": "\xf6", "float": "\xf9\x3c\x00",
		"nothing": "", "chunks": "\x5f\x41a\xff", "endless": "\x9f\x01\xff",
	}
	also := map[string][]string{
		"int": {"uint"}, "tag": {"tag24"}, "bytes": {"chunks"}, "array": {"endless"},
	}
	for reader, read := range readers {
		accepted := append([]string{reader}, also[reader]...)
		for name, raw := range items {
			err := read(cose.Raw(raw))
			if contains(accepted, name) {
				require.NoError(t, err, "%s as %s", name, reader)
			} else {
				require.ErrorIs(t, err, formats.ErrMalformed, "%s as %s", name, reader)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// An empty byte string is there, however it is written.
func TestEmptyBytes(t *testing.T) {
	for _, raw := range []string{"\x40", "\x58\x00", "\x5f\xff", "\x5f\x40\xff"} {
		b, err := cose.Bytes(cose.Raw(raw))
		require.NoError(t, err)
		require.NotNil(t, b, "%x", raw)
		require.Empty(t, b)
	}
}
