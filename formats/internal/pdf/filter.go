package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"

	"tamga/formats"
)

// decodeStream returns the decoded bytes of a structural stream and the offset
// after its "endobj".
func (f *File) decodeStream(obj Object) (data []byte, end int64, err error) {
	from, to, err := f.StreamExtent(obj)
	if err != nil {
		return nil, 0, err
	}
	if to-from > maxObjectBytes {
		return nil, 0, fmt.Errorf("a structural stream of %d bytes: %w", to-from, formats.ErrTooLarge)
	}
	data = make([]byte, to-from)
	if err := readFull(f.r, data, from); err != nil {
		return nil, 0, err
	}
	if data, err = f.applyFilters(obj.Value, data); err != nil {
		return nil, 0, err
	}
	l := f.lexer(to)
	l.blanks()
	l.keywordPrefix("endstream")
	l.space()
	if !l.keywordPrefix("endobj") {
		return nil, 0, l.fail("a stream without endobj")
	}
	return data, l.base + int64(l.pos), nil
}

// Content returns the decoded bytes of a small stream and the offset after its
// object: the object stands in the file from obj.Off to there.
func (f *File) Content(obj Object) (data []byte, end int64, err error) {
	if !obj.Stream {
		return nil, 0, malformed("object %d is no stream", obj.Ref.Num)
	}
	return f.decodeStream(obj)
}

// applyFilters undoes /Filter (§7.4). A chain is at most as long as there are
// filters, each within the decoded-bytes budget.
func (f *File) applyFilters(dict Value, data []byte) ([]byte, error) {
	filters, params := list(dict.Get("Filter")), list(dict.Get("DecodeParms"))
	if len(filters) > 2 {
		return nil, fmt.Errorf("a chain of %d filters: %w", len(filters), formats.ErrUnsupported)
	}
	for i, v := range filters {
		var param Value
		if i < len(params) {
			param = params[i]
		}
		var err error
		switch name := v.Name(); name {
		case "FlateDecode":
			if data, err = f.inflate(data); err == nil {
				data, err = unpredict(data, param)
			}
		case "ASCIIHexDecode":
			data, err = unhexStream(data)
		default:
			err = fmt.Errorf("filter /%.40s on a structural stream: %w", name, formats.ErrUnsupported)
		}
		if err != nil {
			return nil, err
		}
	}
	return data, f.budget.decode(len(data))
}

// list returns the elements of an array, or the one value that is none.
func list(v Value) []Value {
	switch v.Kind {
	case Null:
		return nil
	case Array:
		return v.Items()
	}
	return []Value{v}
}

// inflate refuses bombs by what is left of the budget and by their ratio.
func (f *File) inflate(data []byte) ([]byte, error) {
	limit := int64(maxDecoded - f.budget.decoded)
	if ratio := int64(len(data))*maxRatio + freeDecoded; ratio < limit {
		limit = ratio
	}
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, malformed("a stream that FlateDecode cannot read (%v)", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if int64(len(out)) > limit {
		return nil, fmt.Errorf("a stream of %d bytes decodes to more than %d: %w",
			len(data), limit, formats.ErrTooLarge)
	}
	if err != nil {
		return nil, malformed("a stream that FlateDecode cannot read (%v)", err)
	}
	return out, nil
}

func unhexStream(data []byte) ([]byte, error) {
	body, _, found := bytes.Cut(data, []byte(">"))
	if !found {
		return nil, malformed("an ASCIIHexDecode stream without its end")
	}
	for _, c := range body {
		if !isSpace(int(c)) && unhex(c) < 0 {
			return nil, malformed("an ASCIIHexDecode stream with something else in it")
		}
	}
	return decodeHex(body), nil
}

// unpredict undoes the PNG predictors (§7.4.4.4), the only ones that structural
// streams are written with.
func unpredict(data []byte, param Value) ([]byte, error) {
	predictor, ok := param.Get("Predictor").Int()
	if !ok || predictor == 1 {
		return data, nil
	}
	number := func(key string, otherwise int64) int64 {
		if n, ok := param.Get(key).Int(); ok {
			return n
		}
		return otherwise
	}
	columns, colors, bits := number("Columns", 1), number("Colors", 1), number("BitsPerComponent", 8)
	if predictor < 10 || predictor > 15 || colors != 1 || bits != 8 {
		return nil, fmt.Errorf("predictor %d on a structural stream: %w", predictor, formats.ErrUnsupported)
	}
	if columns < 1 || columns > 1<<20 {
		return nil, malformed("a predictor over %d columns", columns)
	}
	row := int(columns) + 1
	if len(data)%row != 0 {
		return nil, malformed("a predicted stream that is no whole number of rows")
	}
	out := make([]byte, 0, len(data))
	above := make([]byte, columns)
	for ; len(data) > 0; data = data[row:] {
		if err := pngRow(data[0], data[1:row], above); err != nil {
			return nil, err
		}
		above = data[1:row]
		out = append(out, above...)
	}
	return out, nil
}

// pngRow undoes one row in place, with one byte to the pixel.
func pngRow(kind byte, row, above []byte) error {
	var left, aboveLeft byte
	for i := range row {
		up := above[i]
		switch kind {
		case 0:
		case 1:
			row[i] += left
		case 2:
			row[i] += up
		case 3:
			row[i] += byte((int(left) + int(up)) / 2)
		case 4:
			row[i] += paeth(left, up, aboveLeft)
		default:
			return malformed("PNG predictor %d", kind)
		}
		left, aboveLeft = row[i], up
	}
	return nil
}

func paeth(a, b, c byte) byte {
	distance := func(x byte) int { return max(int(a)+int(b)-int(c)-int(x), int(x)-int(a)-int(b)+int(c)) }
	switch {
	case distance(a) <= distance(b) && distance(a) <= distance(c):
		return a
	case distance(b) <= distance(c):
		return b
	}
	return c
}
