package pades

import (
	"encoding/hex"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// byteRange is the checked /ByteRange of a signature (ISO 32000-2 §12.8.1):
//
//	0 … a  <hex of the CMS>  b … end
//
// Everything from 0 to end is signed but for the one hexadecimal string.
type byteRange struct{ a, b, end int64 }

// refuse returns a fatal defect.
func refuse(clause, format string, args ...any) *formats.Defect {
	return &formats.Defect{Clause: clause, Text: fmt.Sprintf(format, args...), Fatal: true}
}

const clauseRange = "ISO 32000-2 12.8.1"

// readByteRange applies the one rule that stops the whole family of universal
// forgeries, incremental saves and signature wrappings of the PDF insecurity
// papers (2019): the range is [0 a b c], and the gap is exactly the token that
// this signature dictionary has for its /Contents, at its very place in the
// file. Nothing is guessed, sorted, clipped or skipped.
func readByteRange(dict pdf.Value, size int64) (byteRange, *formats.Defect) {
	v := dict.Get("ByteRange")
	items := v.Items()
	if v.Kind != pdf.Array || len(items) != 4 {
		return byteRange{}, refuse(clauseRange, "/ByteRange is not an array of four numbers")
	}
	var n [4]int64
	for i, item := range items {
		var ok bool
		if n[i], ok = item.Int(); !ok || n[i] < 0 {
			return byteRange{}, refuse(clauseRange, "/ByteRange holds something other than a whole number from 0 up")
		}
	}
	switch {
	case n[0] != 0:
		return byteRange{}, refuse(clauseRange, "/ByteRange does not begin at 0")
	case n[1] >= n[2]:
		return byteRange{}, refuse(clauseRange, "the two parts of /ByteRange overlap or leave no gap")
	case n[2] > size || n[3] > size-n[2]:
		return byteRange{}, refuse(clauseRange, "/ByteRange reaches beyond the end of the file")
	}
	r := byteRange{a: n[1], b: n[2], end: n[2] + n[3]}
	contents := dict.Get("Contents")
	switch {
	case contents.Kind != pdf.String:
		return r, refuse(clauseRange, "the signature has no /Contents string of its own")
	case contents.Raw[0] != '<':
		return r, refuse(clauseRange, "/Contents is not a hexadecimal string")
	case contents.Off != r.a || contents.Off+int64(len(contents.Raw)) != r.b:
		return r, refuse(clauseRange, "the gap in /ByteRange is not exactly the /Contents of this signature")
	}
	return r, nil
}

// decodeContents returns the CMS in a /Contents string and refuses everything
// beside it: blanks in the string, half a byte, or padding that is not zero.
func decodeContents(raw []byte) ([]byte, *formats.Defect) {
	digits := raw[1 : len(raw)-1]
	b := make([]byte, hex.DecodedLen(len(digits)))
	if _, err := hex.Decode(b, digits); err != nil {
		return nil, refuse(clauseRange, "/Contents holds something other than hexadecimal digits in pairs")
	}
	n, err := berLength(b, 0)
	if err != nil {
		return nil, refuse("RFC 5652 3", "/Contents holds no CMS structure (%v)", err)
	}
	for _, c := range b[n:] {
		if c != 0 {
			return nil, refuse("EN 319 142-1 5.1", "/Contents holds something after the CMS other than zeros")
		}
	}
	return b[:n:n], nil
}

// berLength returns how many bytes of b the first BER value takes (X.690 §8.1).
// Zeros follow it in a PDF, so the length is needed before anything is parsed.
func berLength(b []byte, depth int) (int, error) {
	if depth > formats.MaxDepth {
		return 0, formats.ErrTooLarge
	}
	if len(b) < 2 || b[0]&0x1F == 0x1F {
		return 0, formats.ErrMalformed
	}
	head, length := 2, int(b[1])
	switch {
	case b[1] == 0x80:
		return indefiniteLength(b, depth)
	case b[1] > 0x80:
		n := int(b[1] & 0x7F)
		if n > 8 || len(b) < 2+n {
			return 0, formats.ErrMalformed
		}
		length = 0
		for _, c := range b[2 : 2+n] {
			if length > len(b) {
				return 0, formats.ErrMalformed
			}
			length = length<<8 | int(c)
		}
		head += n
	}
	if length > len(b)-head {
		return 0, formats.ErrMalformed
	}
	return head + length, nil
}

func indefiniteLength(b []byte, depth int) (int, error) {
	if b[0]&0x20 == 0 {
		return 0, formats.ErrMalformed
	}
	for at := 2; ; {
		if len(b)-at < 2 {
			return 0, formats.ErrMalformed
		}
		if b[at] == 0 && b[at+1] == 0 {
			return at + 2, nil
		}
		n, err := berLength(b[at:], depth+1)
		if err != nil {
			return 0, err
		}
		at += n
	}
}

// open returns a function that reads the signed bytes, as often as needed and
// without holding them.
func (r byteRange) open(in io.ReaderAt) func() io.Reader {
	return func() io.Reader {
		return io.MultiReader(io.NewSectionReader(in, 0, r.a), io.NewSectionReader(in, r.b, r.end-r.b))
	}
}

// part is what open reads, in words.
func (r byteRange) part() formats.Part { return formats.Part{GapFrom: r.a, GapTo: r.b, End: r.end} }
