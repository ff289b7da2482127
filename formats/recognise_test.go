package formats_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
)

type sniffer string

func (s sniffer) ID() formats.ID         { return formats.ID(s) }
func (s sniffer) Sniff(head []byte) bool { return bytes.HasPrefix(head, []byte(s)) }
func (s sniffer) Parse(formats.Input) (*formats.Document, error) {
	return nil, formats.ErrUnsupported
}

func TestRecognise(t *testing.T) {
	parsers := []formats.Parser{sniffer("a"), sniffer("ab"), sniffer("c")}
	in := func(s string) formats.Input {
		return formats.Input{ReaderAt: strings.NewReader(s), Size: int64(len(s))}
	}
	p, err := formats.Recognise(parsers, in("abc"))
	require.NoError(t, err)
	require.Equal(t, formats.ID("a"), p.ID(), "the first that knows it")

	for data, want := range map[string]string{
		"":                          "empty",
		"PK\x03\x04":                "ZIP",
		"\xff\xd8\xff\xe0":          "JPEG",
		"\x7fELF\x02":               "ELF",
		"%PDF-1.7":                  "PDF",
		strings.Repeat("\x00", 100): "zero bytes",
		"plain words\n":             "plain text",
		"звичайний текст":           "plain text",
		" \n{\"a\":1}":              "JSON",
		"<html>":                    "XML",
		"\x30\x82\x01\x00\x02":      "DER",
		"\xa2\x01\x02\x03\x04\x05":  "CBOR",
		"\xff\xfe\x00\x01":          "none of the kinds",
		" \n\t":                     "none of the kinds",
	} {
		_, err := formats.Recognise(parsers, in(data))
		require.ErrorIs(t, err, formats.ErrNotRecognised, "%q", data)
		require.ErrorContains(t, err, want, "%q", data)
	}
}

// A document of ten gigabytes is recognised by its first four kilobytes.
func TestRecogniseReadsTheHeadOnly(t *testing.T) {
	r := &limited{}
	_, err := formats.Recognise([]formats.Parser{sniffer("a")}, formats.Input{ReaderAt: r, Size: 10 << 30})
	require.ErrorIs(t, err, formats.ErrNotRecognised)
	require.LessOrEqual(t, r.end, int64(formats.HeadSize))

	broken := errors.New("the disk is gone")
	_, err = formats.Recognise(nil, formats.Input{ReaderAt: failing{broken}, Size: 10})
	require.ErrorIs(t, err, broken)
	_, err = formats.Recognise(nil, formats.Input{ReaderAt: failing{io.EOF}, Size: 10})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NotErrorIs(t, err, formats.ErrNotRecognised)
}

type limited struct{ end int64 }

func (l *limited) ReadAt(b []byte, off int64) (int, error) {
	l.end = max(l.end, off+int64(len(b)))
	return len(b), nil
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func FuzzRecognise(f *testing.F) {
	f.Add([]byte(" \n{"))
	f.Add([]byte("\xef\xbb\xbf"))
	f.Add(bytes.Repeat([]byte("\xd1\x8f"), formats.HeadSize/2+1))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := formats.Recognise(nil, formats.Input{ReaderAt: bytes.NewReader(data), Size: int64(len(data))})
		if !errors.Is(err, formats.ErrNotRecognised) {
			t.Fatal(err)
		}
	})
}
