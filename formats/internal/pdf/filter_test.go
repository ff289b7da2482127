package pdf_test

import (
	"bytes"
	"compress/lzw"
	"encoding/ascii85"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	tifflzw "golang.org/x/image/tiff/lzw"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// decoded returns what a stream with the given filters decodes to.
func decoded(keys string, data []byte) ([]byte, error) {
	f, err := open(file("", "<< /Type /Catalog >>",
		fmt.Sprintf("<< /Length %d %s >>\nstream\n%s\nendstream", len(data), keys, data), "[/ASCIIHexDecode 4 0 R]",
		"/FlateDecode", "<< /Predictor 6 0 R >>", "12"))
	if err != nil {
		return nil, err
	}
	obj, err := f.Object(pdf.Ref{Num: 2})
	if err != nil {
		return nil, err
	}
	out, _, err := f.Content(obj)
	return out, err
}

// earlyLZW encodes as PDF and TIFF do unless /EarlyChange is 0: the codes grow
// one code early. The judge is the decoder of x/image.
func earlyLZW(data []byte) []byte {
	var out []byte
	bits, have := uint(0), 0
	table, next, width := map[[2]int]int{}, 258, 9
	put := func(code int) {
		bits, have = bits<<width|uint(code), have+width
		for ; have >= 8; have -= 8 {
			out = append(out, byte(bits>>(have-8)))
		}
	}
	put(256)
	last := -1
	for _, c := range data {
		step := [2]int{last, int(c)}
		if longer, known := table[step]; known {
			last = longer
			continue
		}
		if last >= 0 {
			put(last)
			table[step] = next
			if next++; next == 4094 {
				put(256)
				table, next, width = map[[2]int]int{}, 258, 9
			}
			for width < 12 && next >= 1<<width {
				width++
			}
		}
		last = int(c)
	}
	if last >= 0 {
		put(last)
		if next++; width < 12 && next >= 1<<width {
			width++
		}
	}
	put(257)
	return append(out, byte(bits<<(8-have)))
}

func TestFilters(t *testing.T) {
	text := []byte(strings.Repeat("Some text, some more text; ", 900))
	for i := range text {
		text[i] += byte(i * i / 7919) // so that the tables grow
	}
	var eightyFive bytes.Buffer
	w := ascii85.NewEncoder(&eightyFive)
	_, err := w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	var late bytes.Buffer
	l := lzw.NewWriter(&late, lzw.MSB, 8)
	_, err = l.Write(text)
	require.NoError(t, err)
	require.NoError(t, l.Close())
	early := earlyLZW(text)
	judged, err := io.ReadAll(tifflzw.NewReader(bytes.NewReader(early), tifflzw.MSB, 8))
	require.NoError(t, err)
	require.Equal(t, text, judged)
	var runs []byte
	for rest := text; len(rest) > 0; rest = rest[min(100, len(rest)):] {
		part := rest[:min(100, len(rest))]
		runs = append(append(runs, byte(len(part)-1)), part...)
	}
	for name, c := range map[string]struct {
		keys string
		data []byte
	}{
		"none":          {"", text},
		"ASCII85":       {"/Filter /ASCII85Decode", append(bytes.Clone(eightyFive.Bytes()), "~>"...)},
		"LZW":           {"/Filter /LZWDecode", early},
		"LZW, late":     {"/Filter [/LZWDecode] /DecodeParms [<< /EarlyChange 0 >>]", late.Bytes()},
		"RunLength":     {"/Filter /RunLengthDecode", append(runs, 128)},
		"two":           {"/Filter [/ASCIIHexDecode /LZWDecode]", fmt.Appendf(nil, "%x>", early)},
		"crypt first":   {"/Filter [/Crypt /LZWDecode]", early},
		"by reference":  {"/Filter 3 0 R", fmt.Appendf(nil, "%x>", deflate(text))},
		"TIFF":          {"/Filter /FlateDecode /DecodeParms << /Predictor 2 /Columns 10 /Colors 3 >>", tiff(text, 30, 3)},
		"PNG, 3 colors": {"/Filter /FlateDecode /DecodeParms << /Predictor 15 /Columns 10 /Colors 3 >>", sub(text, 30, 3)},
	} {
		got, err := decoded(c.keys, c.data)
		require.NoError(t, err, name)
		require.True(t, bytes.Equal(text, got), name)
	}
	z, err := decoded("/Filter /ASCII85Decode", []byte("z z\n!!~>"))
	require.NoError(t, err)
	require.Equal(t, make([]byte, 9), z)
	run, err := decoded("/Filter /RunLengthDecode", []byte{0, 'a', 254, 'b', 128, 'x'})
	require.NoError(t, err)
	require.Equal(t, "abbb", string(run))
	up, err := decoded("/Filter /FlateDecode /DecodeParms 5 0 R", deflate([]byte{2, 1, 2, 1, 2, 1}))
	require.NoError(t, err)
	require.Equal(t, []byte{1, 2, 3}, up)
}

// tiff applies predictor 2.
func tiff(data []byte, row, pixel int) []byte {
	out := bytes.Clone(data)
	for at := 0; at < len(out); at += row {
		for i := row - 1; i >= pixel; i-- {
			out[at+i] -= out[at+i-pixel]
		}
	}
	return deflate(out)
}

// sub applies PNG predictor 1.
func sub(data []byte, row, pixel int) []byte {
	var out []byte
	for at := 0; at < len(data); at += row {
		out = append(out, 1)
		for i := range row {
			left := byte(0)
			if i >= pixel {
				left = data[at+i-pixel]
			}
			out = append(out, data[at+i]-left)
		}
	}
	return deflate(out)
}

func TestRefusesBadStreams(t *testing.T) {
	for name, c := range map[string]struct{ keys, data string }{
		"85 without end":      {"/Filter /ASCII85Decode", "!!!!!"},
		"85 of one":           {"/Filter /ASCII85Decode", "!!!!!!~>"},
		"85 too large":        {"/Filter /ASCII85Decode", "uuuuu~>"},
		"85 end too large":    {"/Filter /ASCII85Decode", "uu~>"},
		"85 with else":        {"/Filter /ASCII85Decode", "!!v!!~>"},
		"85 with z inside":    {"/Filter /ASCII85Decode", "!!z!!~>"},
		"hex without end":     {"/Filter /ASCIIHexDecode", "0011"},
		"runs without end":    {"/Filter /RunLengthDecode", "\x00a"},
		"runs cut":            {"/Filter /RunLengthDecode", "\x05abc"},
		"runs cut at once":    {"/Filter /RunLengthDecode", "\xFE"},
		"LZW without end":     {"/Filter /LZWDecode", "\x80"},
		"LZW beyond":          {"/Filter /LZWDecode", "\x80\x60\x00\x00"},
		"LZW change":          {"/Filter /LZWDecode /DecodeParms << /EarlyChange 2 >>", "\x80\x0b\x60"},
		"crypt second":        {"/Filter [/LZWDecode /Crypt]", "\x80\x40\x40"},
		"columns":             {"/Filter /LZWDecode /DecodeParms << /Predictor 2 /Columns 0 >>", "\x80\x40\x40"},
		"colours":             {"/Filter /LZWDecode /DecodeParms << /Predictor 12 /Colors 99 >>", "\x80\x40\x40"},
		"bits":                {"/Filter /LZWDecode /DecodeParms << /Predictor 2 /BitsPerComponent 1 >>", "\x80\x40\x40"},
		"a picture":           {"/Filter /DCTDecode", "x"},
		"a filter of numbers": {"/Filter [1 2]", "x"},
	} {
		_, err := decoded(c.keys, []byte(c.data))
		require.Error(t, err, name)
		require.True(t, isOurs(err), "%s: %v", name, err)
	}
	for keys, data := range map[string][]byte{
		"/Filter /RunLengthDecode": bytes.Repeat([]byte{129, 0}, 8<<20),
		"/Filter /LZWDecode":       earlyLZW(make([]byte, 16<<20)),
		// A bomb in a bomb: what is between counts, too.
		"/Filter [/FlateDecode /FlateDecode]": deflate(deflate(make([]byte, 70<<20))),
	} {
		_, err := decoded(keys, data)
		require.ErrorIs(t, err, formats.ErrTooLarge, keys)
	}
}

// FuzzStream: whatever the data and the filters, no panic, errors of ours, and
// no more than the budget comes out. What Go's own encoders write is read.
func FuzzStream(f *testing.F) {
	f.Add("/Filter [/ASCII85Decode /LZWDecode]", []byte("J..)6T`?p&<!J9%_[umg\"B7/Z7KNXbN'S+,*Q/&\"OLT'F~>"))
	f.Add("/Filter /RunLengthDecode", []byte{0, 'a', 254, 'b', 128})
	f.Add("/Filter /LZWDecode /DecodeParms << /Predictor 12 /Columns 4 >>", earlyLZW([]byte("\x02abcd\x02efgh")))
	f.Add("/Filter 3 0 R", fmt.Appendf(nil, "%x>", deflate([]byte("text"))))
	f.Fuzz(func(t *testing.T, keys string, data []byte) {
		out, err := decoded(keys, data)
		require.True(t, err == nil || isOurs(err), "%v", err)
		require.LessOrEqual(t, len(out), formats.MaxParsed)
		if len(data) == 0 || len(data) > 1<<20 {
			return
		}
		var w bytes.Buffer
		l := lzw.NewWriter(&w, lzw.MSB, 8)
		_, _ = l.Write(data) // a bytes.Buffer takes everything
		_ = l.Close()
		again, err := decoded("/Filter /LZWDecode /DecodeParms << /EarlyChange 0 >>", w.Bytes())
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, again))
		again, err = decoded("/Filter /LZWDecode", earlyLZW(data))
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, again))
		text := make([]byte, ascii85.MaxEncodedLen(len(data)))
		text = append(text[:ascii85.Encode(text, data)], "~>"...)
		again, err = decoded("/Filter /ASCII85Decode", text)
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, again))
	})
}

// FuzzValue: whatever is read as a value is, written as its source, the same
// value, and equal to itself.
func FuzzValue(f *testing.F) {
	for _, text := range []string{
		"<< /A#20B [1 -2 +3 4.5 -.5 5. true null 7 0 R /N] /C<</D<0a>>>/E/F>>", "(a\\(b\\)\\\\(c)\\n\\101\r\n)", "<12 3>",
		"[(x)%c\n(y)]",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value(text)
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		plain := string(v.Source())
		require.True(t, v.Kind == pdf.Null || string(v.Raw) == plain, "not encrypted")
		require.True(t, v.Equal(v))
		again, err := value(plain)
		require.NoError(t, err)
		require.True(t, v.Equal(again))
		for _, revision := range []int{3, 7} { // encrypted and decrypted, it says the same
			b, err := pdf.Seal(revision, "", "", "<< /Type /Catalog >>", plain)
			require.NoError(t, err)
			g, err := open(b)
			require.NoError(t, err)
			obj, err := g.Object(pdf.Ref{Num: 2})
			require.NoError(t, err)
			require.True(t, v.Equal(obj.Value), "%s", obj.Value.Source())
			source, err := value(string(obj.Value.Source()))
			require.NoError(t, err)
			require.True(t, v.Equal(source))
		}
	})
}
