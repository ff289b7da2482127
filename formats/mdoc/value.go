package mdoc

import (
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// maxNesting of what we write stays below what we read.
const maxNesting = cose.MaxDepth / 2

// appendValue appends an element's value. Errors do not tell it.
func appendValue(b []byte, v any, depth int) ([]byte, error) {
	if depth > maxNesting {
		return nil, fmt.Errorf("%w: nested deeper than %d", formats.ErrTooLarge, maxNesting)
	}
	switch v := v.(type) {
	case string:
		if !utf8.ValidString(v) {
			return nil, errors.New("its value is not UTF-8")
		}
		return cose.AppendText(b, v), nil
	case bool:
		if v {
			return append(b, 0xf5), nil
		}
		return append(b, 0xf4), nil
	case FullDate:
		if _, err := time.Parse(time.DateOnly, string(v)); err != nil {
			return nil, errors.New("its value is no date of the form YYYY-MM-DD")
		}
		return cose.AppendText(cose.AppendHead(b, cose.MajorTag, tagFullDate), string(v)), nil
	case time.Time:
		if y := v.UTC().Year(); v.IsZero() || y < 1 || y > 9999 {
			return nil, errors.New("its value is no time of the years 1 to 9999")
		}
		return appendDateTime(b, v), nil
	case []byte:
		return cose.AppendBytes(b, v), nil
	case int:
		return cose.AppendInt(b, int64(v)), nil
	case int64:
		return cose.AppendInt(b, v), nil
	case uint64:
		return cose.AppendHead(b, cose.MajorUint, v), nil
	case []any:
		return appendList(b, v, depth)
	case map[string]any:
		return appendMap(b, v, depth)
	}
	return nil, fmt.Errorf("%w: its value is a %T", formats.ErrUnsupported, v)
}

func appendList(b []byte, list []any, depth int) ([]byte, error) {
	if len(list) > cose.MaxItems {
		return nil, fmt.Errorf("%w: a list of %d", formats.ErrTooLarge, len(list))
	}
	b = cose.AppendHead(b, cose.MajorArray, uint64(len(list)))
	var err error
	for _, v := range list {
		if b, err = appendValue(b, v, depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func appendMap(b []byte, m map[string]any, depth int) ([]byte, error) {
	if len(m) > cose.MaxItems {
		return nil, fmt.Errorf("%w: a map of %d", formats.ErrTooLarge, len(m))
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		if !utf8.ValidString(k) {
			return nil, errors.New("its value has a name in it that is not UTF-8")
		}
		keys = append(keys, k)
	}
	slices.SortFunc(keys, keyOrder)
	b = cose.AppendHead(b, cose.MajorMap, uint64(len(m)))
	var err error
	for _, k := range keys {
		if b, err = appendValue(cose.AppendText(b, k), m[k], depth+1); err != nil {
			return nil, err
		}
	}
	return b, nil
}
