package mdoc

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// maxStructure is how large a structure may be to be shown part by part.
const maxStructure = 8 << 10

// show renders an element's value for people: text as it is, dates and times
// as they stand, images by their size, structures like JSON. The error tells
// what cannot be read, such as a map with one key twice.
func show(raw cose.Raw) (string, error) {
	if major, _ := cose.MajorOf(raw); major == cose.MajorText {
		s, err := cose.Text(raw)
		return people(s), err
	}
	s, err := showPart(raw, 0)
	if len(s) > maxShown {
		s = people(s)
	}
	return s, err
}

// showPart renders what may stand in a structure.
func showPart(raw cose.Raw, depth int) (string, error) {
	if depth > cose.MaxDepth {
		return "", fmt.Errorf("%w: nested deeper than %d", formats.ErrTooLarge, cose.MaxDepth)
	}
	major, ok := cose.MajorOf(raw)
	if !ok {
		return "", fmt.Errorf("%w: it is missing", formats.ErrMalformed)
	}
	switch major {
	case cose.MajorBytes:
		b, err := cose.Bytes(raw)
		return fmt.Sprintf("(%d bytes)", len(b)), err
	case cose.MajorText:
		s, err := cose.Text(raw)
		return strconv.Quote(s), err
	case cose.MajorArray, cose.MajorMap:
		if len(raw) > maxStructure {
			return fmt.Sprintf("(a structure of %d bytes)", len(raw)), nil
		}
		if major == cose.MajorArray {
			return showArray(raw, depth)
		}
		return showMap(raw, depth)
	case cose.MajorTag:
		return showTagged(raw, depth)
	case cose.MajorSimple:
		v, err := cose.Simple(raw)
		if f, ok := v.(float64); ok {
			return strconv.FormatFloat(f, 'g', -1, 64), err
		}
		if v == nil {
			return "null", err
		}
		return fmt.Sprint(v), err
	}
	return showInteger(major, raw)
}

func showInteger(major cose.Major, raw cose.Raw) (string, error) {
	_, n, rest, ok := cose.ReadHead(raw)
	if !ok || len(rest) > 0 {
		return "", fmt.Errorf("%w: an integer of %d bytes", formats.ErrMalformed, len(raw))
	}
	if major == cose.MajorUint {
		return strconv.FormatUint(n, 10), nil
	}
	if n == math.MaxUint64 {
		return "-18446744073709551616", nil
	}
	return "-" + strconv.FormatUint(n+1, 10), nil
}

func showArray(raw cose.Raw, depth int) (string, error) {
	items, err := cose.Array(raw)
	if err != nil {
		return "", err
	}
	var parts []string
	for _, item := range items {
		s, err := showPart(item, depth+1)
		if err != nil {
			return "", err
		}
		parts = append(parts, s)
	}
	return "[" + strings.Join(parts, ", ") + "]", nil
}

func showMap(raw cose.Raw, depth int) (string, error) {
	m, err := cose.ReadMap(raw)
	if err != nil {
		return "", err
	}
	var parts []string
	for key, v := range m {
		s, err := showPart(v, depth+1)
		if err != nil {
			return "", err
		}
		parts = append(parts, people(fmt.Sprint(key))+": "+s)
	}
	slices.Sort(parts)
	return "{" + strings.Join(parts, ", ") + "}", nil
}

// showTagged renders dates and times as they stand, embedded CBOR and big
// numbers as what they are, and names other tags.
func showTagged(raw cose.Raw, depth int) (string, error) {
	n, content, err := cose.Tagged(raw)
	if err != nil {
		return "", err
	}
	switch n {
	case tagDateTime, tagFullDate:
		s, err := cose.Text(content)
		return people(s), err
	case cose.TagEncoded:
		inner, err := cose.Bytes(content)
		if err != nil {
			return "", err
		}
		return showPart(inner, depth+1)
	case tagBig, tagBigNegative:
		b, err := cose.Bytes(content)
		if err != nil || len(b) > maxBig {
			return fmt.Sprintf("(a number of %d bytes)", len(b)), err
		}
		v := new(big.Int).SetBytes(b)
		if n == tagBigNegative {
			v.Not(v)
		}
		return v.String(), nil
	}
	s, err := showPart(content, depth+1)
	return fmt.Sprintf("%d(%s)", n, s), err
}

// Tags of RFC 8949 §3.4.3, and the largest number that is written out.
const (
	tagBig         = 2
	tagBigNegative = 3
	maxBig         = 64 // bytes
)
