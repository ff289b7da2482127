package cose

import (
	"errors"
	"fmt"
	"io"
	"math"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"tamga/formats"
)

// Limits of what is read.
const (
	MaxDepth = 16
	MaxItems = 4096 // of one array or map
)

// Raw is one encoded data item, byte for byte as it was received.
type Raw = cbor.RawMessage

// Map is a map whose values have not been read yet. Its keys are int64 and
// string; others are kept and never asked for.
type Map map[any]Raw

// Major is a major type of RFC 8949 §3.1.
type Major byte

// The major types.
const (
	MajorUint Major = iota
	MajorNegative
	MajorBytes
	MajorText
	MajorArray
	MajorMap
	MajorTag
	MajorSimple // and floats
)

var majorNames = [...]string{
	"an unsigned integer", "a negative integer", "a byte string", "a text string",
	"an array", "a map", "a tagged item", "a simple value",
}

func (m Major) String() string { return majorNames[m&7] }

// MajorOf returns the major type of raw, and false if there is nothing.
func MajorOf(raw Raw) (Major, bool) {
	if len(raw) == 0 {
		return 0, false
	}
	return Major(raw[0] >> 5), true
}

var mode = func() cbor.DecMode {
	m, err := cbor.DecOptions{
		DupMapKey:        cbor.DupMapKeyEnforcedAPF, // RFC 8949 §5.6
		MaxNestedLevels:  MaxDepth,
		MaxArrayElements: MaxItems,
		MaxMapPairs:      MaxItems,
		IndefLength:      cbor.IndefLengthAllowed,
		IntDec:           cbor.IntDecConvertSignedOrFail,
		UTF8:             cbor.UTF8RejectInvalid,
		TimeTagToAny:     cbor.TimeTagToRFC3339,
	}.DecMode()
	if err != nil {
		panic(err) // the options are constants
	}
	return m
}()

// decode reads raw, which must be exactly one data item of major type want.
// Package cbor alone would take null for an empty string, and look through
// tags.
func decode(raw Raw, want Major, v any) error {
	got, ok := MajorOf(raw)
	switch {
	case !ok:
		return fmt.Errorf("%w: %s is missing", formats.ErrMalformed, want)
	case got != want:
		return fmt.Errorf("%w: %s stands where %s should", formats.ErrMalformed, got, want)
	}
	if err := mode.Unmarshal(raw, v); err != nil {
		return explain(err)
	}
	return nil
}

func read[T any](raw Raw, want Major) (T, error) {
	var v T
	err := decode(raw, want, &v)
	return v, err
}

// explain turns an error of package cbor into one of ours.
func explain(err error) error {
	var (
		depth   *cbor.MaxNestedLevelError
		array   *cbor.MaxArrayElementsError
		pairs   *cbor.MaxMapPairsError
		twice   *cbor.DupMapKeyError
		typ     *cbor.UnmarshalTypeError
		more    *cbor.ExtraneousDataError
		problem string
	)
	switch {
	case errors.As(err, &depth):
		return fmt.Errorf("%w: CBOR nested deeper than %d", formats.ErrTooLarge, MaxDepth)
	case errors.As(err, &array), errors.As(err, &pairs):
		return fmt.Errorf("%w: an array or map of more than %d items", formats.ErrTooLarge, MaxItems)
	case errors.As(err, &twice):
		problem = fmt.Sprintf("a map has the key %.64q twice", fmt.Sprint(twice.Key))
	case errors.As(err, &typ):
		problem = "a CBOR " + typ.CBORType + " stands where it should not"
	case errors.As(err, &more):
		problem = "there are bytes after the end of the CBOR data item"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		problem = "the CBOR data item ends too early"
	default:
		problem = err.Error()
	}
	return fmt.Errorf("%w: %s", formats.ErrMalformed, problem)
}

// whole returns the number of raw's head, and what follows it, if raw is of
// major type want and of definite length: the common case, for which package
// cbor is too slow. What is not ok goes to package cbor, which says why.
func whole(raw Raw, want Major) (n uint64, rest []byte, ok bool) {
	m, n, rest, ok := ReadHead(raw)
	return n, rest, ok && m == want
}

// Text reads a text string.
func Text(raw Raw) (string, error) {
	if n, rest, ok := whole(raw, MajorText); ok && n == uint64(len(rest)) && utf8.Valid(rest) {
		return string(rest), nil
	}
	return read[string](raw, MajorText)
}

// Bytes reads a byte string, which may share memory with raw. An empty one is
// not nil.
func Bytes(raw Raw) ([]byte, error) {
	if n, rest, ok := whole(raw, MajorBytes); ok && n == uint64(len(rest)) {
		return rest[:len(rest):len(rest)], nil
	}
	return read[[]byte](raw, MajorBytes)
}

// Uint reads an unsigned integer of at most 63 bits.
func Uint(raw Raw) (int64, error) {
	if n, rest, ok := whole(raw, MajorUint); ok && len(rest) == 0 && n <= math.MaxInt64 {
		return int64(n), nil
	}
	return read[int64](raw, MajorUint)
}

// Int reads an integer of at most 63 bits.
func Int(raw Raw) (int64, error) {
	if m, ok := MajorOf(raw); ok && m == MajorNegative {
		return read[int64](raw, MajorNegative)
	}
	return Uint(raw)
}

// Array reads an array, its items unread.
func Array(raw Raw) ([]Raw, error) { return read[[]Raw](raw, MajorArray) }

// ReadMap reads a map, its values unread.
func ReadMap(raw Raw) (Map, error) { return read[Map](raw, MajorMap) }

// Tagged reads the number of a tag and what it holds.
func Tagged(raw Raw) (number uint64, content Raw, err error) {
	t, err := read[cbor.RawTag](raw, MajorTag)
	return t.Number, t.Content, err
}

// TagEncoded is the tag of an encoded CBOR data item in a byte string.
const TagEncoded = 24

// Encoded reads #6.24(bstr): the bytes of the data item that it holds
// (RFC 8949 §3.4.5.1).
func Encoded(raw Raw) (Raw, error) {
	if n, rest, ok := whole(raw, MajorTag); ok && n == TagEncoded {
		return Bytes(rest)
	}
	n, content, err := Tagged(raw)
	if err != nil {
		return nil, err
	}
	if n != TagEncoded {
		return nil, fmt.Errorf("%w: tag %d stands where tag 24 should", formats.ErrMalformed, n)
	}
	return Bytes(content)
}

// Simple reads a simple value or a float: bool, nil, float64 or cbor's own.
func Simple(raw Raw) (any, error) { return read[any](raw, MajorSimple) }

// ReadHead reads the head of the data item at the start of b: its major type,
// its number (a value, length or count), and what follows. Indefinite lengths
// and reserved forms are not ok.
func ReadHead(b []byte) (m Major, n uint64, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, 0, nil, false
	}
	m, info, b := Major(b[0]>>5), b[0]&0x1f, b[1:]
	if info < 24 {
		return m, uint64(info), b, true
	}
	size := 1 << (info - 24)
	if info > 27 || len(b) < size {
		return 0, 0, nil, false
	}
	for _, c := range b[:size] {
		n = n<<8 | uint64(c)
	}
	return m, n, b[size:], true
}
