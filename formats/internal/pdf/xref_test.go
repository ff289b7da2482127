package pdf_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// xrefStream writes a file whose cross-reference is a stream; object 2 is an
// object stream that holds objects 3 and 4.
func xrefStream(filter string, encode func([]byte) []byte, objstm string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	one := b.Len()
	b.WriteString("1 0 obj<</Type/Catalog>>endobj\n")
	two := b.Len()
	fmt.Fprintf(&b, "2 0 obj<</Type/ObjStm/N 2/First 8/Length %d>>stream\n%s\nendstream endobj\n",
		len(objstm), objstm)
	five := b.Len()
	row := func(kind, n, m int) []byte { return []byte{byte(kind), byte(n >> 8), byte(n), byte(m)} }
	rows := bytes.Join([][]byte{
		row(0, 0, 255), row(1, one, 0), row(1, two, 0), row(2, 2, 0), row(2, 2, 1), row(1, five, 0)}, nil)
	data := encode(rows)
	fmt.Fprintf(&b, "5 0 obj<</Type/XRef/Size 6/Root 1 0 R/W[1 2 1]%s/Length %d>>stream\n%s\nendstream endobj\n"+
		"startxref\n%d\n%%%%EOF\n", filter, len(data), data, five)
	return b.Bytes()
}

func deflate(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write(b) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// predicted applies PNG predictor kind to rows of four bytes.
func predicted(kind byte) func([]byte) []byte {
	return func(rows []byte) []byte {
		var out []byte
		above := make([]byte, 4)
		for ; len(rows) > 0; rows = rows[4:] {
			out = append(out, kind)
			var left, aboveLeft byte
			for i := range 4 {
				x := rows[i]
				switch kind {
				case 1:
					x -= left
				case 2:
					x -= above[i]
				case 3:
					x -= byte((int(left) + int(above[i])) / 2)
				case 4:
					a, b, c := int(left), int(above[i]), int(aboveLeft)
					p := a + b - c
					abs := func(n int) int { return max(n, -n) }
					switch pa, pb, pc := abs(p-a), abs(p-b), abs(p-c); {
					case pa <= pb && pa <= pc:
						x -= byte(a)
					case pb <= pc:
						x -= byte(b)
					default:
						x -= byte(c)
					}
				}
				out = append(out, x)
				left, aboveLeft = rows[i], above[i]
			}
			above = rows[:4]
		}
		return deflate(out)
	}
}

const flate = "/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>"

const twoObjects = "3 0 4 6 (three) [4]"

func TestXrefStreams(t *testing.T) {
	plain := func(b []byte) []byte { return b }
	hex := func(b []byte) []byte { return fmt.Appendf(nil, "%X>", b) }
	both := func(b []byte) []byte { return hex(deflate(b)) }
	objstm := "3 0 4 7 (three)[4]"
	for name, b := range map[string][]byte{
		"plain":  xrefStream("", plain, objstm),
		"hex":    xrefStream("/Filter/ASCIIHexDecode", hex, objstm),
		"both":   xrefStream("/Filter[/ASCIIHexDecode/FlateDecode]", both, objstm),
		"none":   xrefStream(flate, predicted(0), objstm),
		"sub":    xrefStream(flate, predicted(1), objstm),
		"up":     xrefStream(flate, predicted(2), objstm),
		"mean":   xrefStream(flate, predicted(3), objstm),
		"paeth":  xrefStream(flate, predicted(4), objstm),
		"no png": xrefStream("/Filter/FlateDecode", deflate, objstm),
	} {
		f, err := open(b)
		require.NoError(t, err, name)
		three, err := f.Object(pdf.Ref{Num: 3})
		require.NoError(t, err, name)
		require.Equal(t, "three", three.Value.Text(), name)
		four, err := f.Object(pdf.Ref{Num: 4})
		require.NoError(t, err, name)
		require.Equal(t, pdf.Array, four.Value.Kind, name)
		require.EqualValues(t, -1, four.Off)
	}
	for name, b := range map[string][]byte{
		"unknown filter": xrefStream("/Filter/JPXDecode", plain, objstm),
		"not deflated":   xrefStream("/Filter/FlateDecode", plain, objstm),
		"too few rows":   xrefStream("/Index[0 60]", plain, objstm),
		"odd index":      xrefStream("/Index[0]", plain, objstm),
		"columns":        xrefStream("/Filter/FlateDecode/DecodeParms<</Predictor 12>>/Columns 0", deflate, objstm),
		"long chain": xrefStream("/Filter["+strings.Repeat("/ASCIIHexDecode", 5)+"]", func(b []byte) []byte {
			return hex(hex(hex(hex(hex(b)))))
		}, objstm),
	} {
		_, err := open(b)
		require.Error(t, err, name)
		require.True(t, isOurs(err), "%s: %v", name, err)
	}
	for name, objstm := range map[string]string{
		"another number": "3 0 5 7 (three)[4]",
		"beyond the end": "3 0 4 99(three)[4]",
		"no header":      "x 0 4 7 (three)[4]",
	} {
		f, err := open(xrefStream("", plain, objstm))
		require.NoError(t, err, name)
		_, err = f.Object(pdf.Ref{Num: 4})
		require.ErrorIs(t, err, formats.ErrMalformed, name)
	}
}

// A bomb of a thousand to one must end at the ratio or at the budget.
func TestRefusesBombs(t *testing.T) {
	zeros := make([]byte, 100<<20)
	_, err := open(xrefStream("/Filter/FlateDecode", func([]byte) []byte { return deflate(zeros) }, twoObjects))
	require.ErrorIs(t, err, formats.ErrTooLarge)
}

func TestHybrid(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	one := b.Len()
	b.WriteString("1 0 obj<</Type/Catalog>>endobj\n")
	two := b.Len()
	b.WriteString("2 0 obj(hidden)endobj\n")
	stm := b.Len()
	row := func(off int) []byte { return []byte{1, byte(off >> 8), byte(off)} }
	build := func(entry string) []byte {
		out := bytes.NewBuffer(bytes.Clone(b.Bytes()))
		fmt.Fprintf(out, "3 0 obj<</Type/XRef/Size 4/W[1 2 0]/Index[2 1]/Length 3>>stream\n%s\nendstream endobj\n",
			row(two))
		start := out.Len()
		fmt.Fprintf(out, "xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%s\n"+
			"trailer<</Size 4/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", one, entry, stm, start)
		return out.Bytes()
	}
	f, err := open(build("0000000000 00000 f "))
	require.NoError(t, err)
	require.True(t, f.Hybrid())
	obj, err := f.Object(pdf.Ref{Num: 2})
	require.NoError(t, err)
	require.Equal(t, "hidden", obj.Value.Text())
	// The table and the stream disagree: old and new readers would see two
	// different objects.
	_, err = open(build(fmt.Sprintf("%010d 00000 n ", one)))
	require.ErrorIs(t, err, formats.ErrMalformed)
}
