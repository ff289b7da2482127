package pdf

import (
	"fmt"

	"tamga/formats"
)

// unpredict undoes the predictors of §7.4.4.4: that of TIFF for whole bytes,
// and those of PNG.
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
	if predictor != 2 && (predictor < 10 || predictor > 15) || predictor == 2 && bits != 8 {
		return nil, fmt.Errorf("predictor %d over %d bits: %w", predictor, bits, formats.ErrUnsupported)
	}
	if columns < 1 || columns > 1<<20 || colors < 1 || colors > 32 || bits < 1 || bits > 16 {
		return nil, malformed("a predictor over %d columns of %d colours of %d bits", columns, colors, bits)
	}
	pixel := max(1, int(colors*bits/8))
	row := int(columns*colors*bits+7) / 8
	if predictor == 2 {
		return unTIFF(data, row, pixel)
	}
	if len(data)%(row+1) != 0 {
		return nil, malformed("a predicted stream that is no whole number of rows")
	}
	out := make([]byte, 0, len(data))
	above := make([]byte, row)
	for ; len(data) > 0; data = data[row+1:] {
		if err := pngRow(data[0], data[1:row+1], above, pixel); err != nil {
			return nil, err
		}
		above = data[1 : row+1]
		out = append(out, above...)
	}
	return out, nil
}

// unTIFF adds to each byte the one a pixel before it.
func unTIFF(data []byte, row, pixel int) ([]byte, error) {
	if len(data)%row != 0 {
		return nil, malformed("a predicted stream that is no whole number of rows")
	}
	for rest := data; len(rest) > 0; rest = rest[row:] {
		for i := pixel; i < row; i++ {
			rest[i] += rest[i-pixel]
		}
	}
	return data, nil
}

// pngRow undoes one row in place.
func pngRow(kind byte, row, above []byte, pixel int) error {
	for i := range row {
		var left, aboveLeft byte
		if i >= pixel {
			left, aboveLeft = row[i-pixel], above[i-pixel]
		}
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
