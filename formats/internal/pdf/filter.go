package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"

	"tamga/formats"
)

// maxFilters is one more than real producers put into a chain.
const maxFilters = 4

// resolver finds the value behind a reference.
type resolver func(Value) (Value, error)

// decodeStream returns the decrypted and decoded bytes of a small stream and
// the offset after its "endobj".
func (f *File) decodeStream(obj Object, get resolver) (data []byte, end int64, err error) {
	from, to, err := f.StreamExtent(obj)
	if err != nil {
		return nil, 0, err
	}
	if to-from > maxObjectBytes {
		return nil, 0, fmt.Errorf("a structural stream of %d bytes: %w", to-from, formats.ErrTooLarge)
	}
	if err := f.budget.encode(to - from); err != nil {
		return nil, 0, err
	}
	data = make([]byte, to-from)
	if err := readFull(f.r, data, from); err != nil {
		return nil, 0, err
	}
	filters, err := readFilters(obj.Value, get)
	if err != nil {
		return nil, 0, err
	}
	if f.crypt != nil {
		if data, err = f.crypt.openStream(obj, filters, data); err != nil {
			return nil, 0, err
		}
	}
	if data, err = f.applyFilters(filters, data); err != nil {
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
	return f.decodeStream(obj, f.Resolve)
}

// filter is one of a stream's /Filter, with its /DecodeParms.
type filter struct {
	name  string
	param Value
}

// readFilters reads both, of which each part may be a reference.
func readFilters(dict Value, get resolver) ([]filter, error) {
	names, err := resolveList(dict.Get("Filter"), get)
	if err != nil {
		return nil, err
	}
	if len(names) > maxFilters {
		return nil, fmt.Errorf("a chain of %d filters: %w", len(names), formats.ErrUnsupported)
	}
	params, err := resolveList(dict.Get("DecodeParms"), get)
	if err != nil {
		return nil, err
	}
	out := make([]filter, len(names))
	for i, v := range names {
		out[i].name = v.Name()
		if i >= len(params) || params[i].Kind != Dict {
			continue
		}
		out[i].param = Value{Kind: Dict}
		for _, key := range []string{"Predictor", "Columns", "Colors", "BitsPerComponent", "EarlyChange", "Name"} {
			e := Entry{Key: key}
			if e.Value, err = get(params[i].Get(key)); err != nil {
				return nil, err
			}
			out[i].param.dict = append(out[i].param.dict, e)
		}
	}
	return out, nil
}

// resolveList returns the elements of an array, or the one value that is none.
func resolveList(v Value, get resolver) ([]Value, error) {
	v, err := get(v)
	if err != nil || v.Kind == Null {
		return nil, err
	}
	if v.Kind != Array {
		return []Value{v}, nil
	}
	if len(v.items) > maxFilters {
		return v.items, nil
	}
	out := make([]Value, len(v.items))
	for i, item := range v.items {
		if out[i], err = get(item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// applyFilters undoes the filters (§7.4), each within what is left of the
// decoded-bytes budget. What comes out before an error has cost as much as what
// is good, and counts.
func (f *File) applyFilters(filters []filter, data []byte) ([]byte, error) {
	for i, filter := range filters {
		var err error
		switch filter.name {
		case "FlateDecode":
			if data, err = f.inflate(data); err == nil {
				data, err = unpredict(data, filter.param)
			}
		case "LZWDecode":
			early := int64(1)
			if n, ok := filter.param.Get("EarlyChange").Int(); ok {
				early = n
			}
			if data, err = unLZW(data, int(early), f.limit(data)); err == nil {
				data, err = unpredict(data, filter.param)
			}
		case "ASCIIHexDecode":
			data, err = unhexStream(data)
		case "ASCII85Decode":
			data, err = un85(data)
		case "RunLengthDecode":
			data, err = unRunLength(data, f.limit(data))
		case "Crypt":
			if i > 0 { // §7.4.10
				err = malformed("a /Crypt filter that is not the first")
			}
		default:
			err = fmt.Errorf("filter /%.40s on a structural stream: %w", filter.name, formats.ErrUnsupported)
		}
		if spent := f.budget.decode(len(data)); spent != nil {
			return nil, spent
		}
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// limit is how many bytes data may decode to.
func (f *File) limit(data []byte) int {
	return max(0, min(maxDecoded-f.budget.decoded, len(data)*maxRatio+freeDecoded))
}

// inflate refuses bombs by what is left of the budget and by their ratio.
func (f *File) inflate(data []byte) ([]byte, error) {
	limit := int64(f.limit(data))
	z, err := zlib.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, malformed("a stream that FlateDecode cannot read (%v)", err)
	}
	out, err := io.ReadAll(io.LimitReader(z, limit+1))
	if int64(len(out)) > limit {
		return out, errBomb(len(data), int(limit))
	}
	if err != nil {
		return out, malformed("a stream that FlateDecode cannot read (%v)", err)
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

func errBomb(n, limit int) error {
	return fmt.Errorf("a stream of %d bytes decodes to more than %d: %w", n, limit, formats.ErrTooLarge)
}

// un85 undoes ASCII85Decode (§7.4.3): five characters are four bytes.
func un85(data []byte) ([]byte, error) {
	body, _, found := bytes.Cut(data, []byte("~>"))
	if !found {
		return nil, malformed("an ASCII85Decode stream without its end")
	}
	out := make([]byte, 0, len(body))
	group, n := uint64(0), 0
	for _, c := range body {
		switch {
		case isSpace(int(c)):
			continue
		case c == 'z' && n == 0:
			out = append(out, 0, 0, 0, 0)
			continue
		case c < '!' || c > 'u':
			return nil, malformed("an ASCII85Decode stream with something else in it")
		}
		group = group*85 + uint64(c-'!')
		if n++; n == 5 {
			if group > 1<<32-1 {
				return nil, malformed("an impossible group in an ASCII85Decode stream")
			}
			out = append(out, byte(group>>24), byte(group>>16), byte(group>>8), byte(group))
			group, n = 0, 0
		}
	}
	if n == 0 {
		return out, nil
	}
	for i := n; i < 5; i++ {
		group = group*85 + 84
	}
	if n == 1 || group > 1<<32-1 {
		return nil, malformed("an impossible group at the end of an ASCII85Decode stream")
	}
	last := []byte{byte(group >> 24), byte(group >> 16), byte(group >> 8)}
	return append(out, last[:n-1]...), nil
}

// unRunLength undoes RunLengthDecode (§7.4.5): 0 to 127 go before that many
// bytes and one, 129 to 255 before one byte that stands for 257 less that many,
// and 128 is the end.
func unRunLength(data []byte, limit int) ([]byte, error) {
	var out []byte
	for i := 0; i < len(data); {
		n := int(data[i])
		i++
		switch {
		case n == 128:
			return out, nil
		case n < 128 && i+n < len(data):
			out = append(out, data[i:i+n+1]...)
			i += n + 1
		case n > 128 && i < len(data):
			out = append(out, bytes.Repeat(data[i:i+1], 257-n)...)
			i++
		default:
			return out, malformed("a RunLengthDecode stream that ends within a run")
		}
		if len(out) > limit {
			return out, errBomb(len(data), limit)
		}
	}
	return out, malformed("a RunLengthDecode stream without its end")
}
