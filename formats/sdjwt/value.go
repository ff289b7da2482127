package sdjwt

import (
	"encoding/json/jsontext"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"tamga/formats"
)

// appendValue appends v as JSON, the same bytes for the same value: names in
// order, no white space, only the escapes that JSON demands.
func appendValue(dst []byte, v any, depth int) ([]byte, error) {
	if depth > formats.MaxDepth/2 {
		return nil, fmt.Errorf("nested over %d levels: %w", formats.MaxDepth/2, formats.ErrTooLarge)
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case string:
		return appendText(dst, v)
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("JSON has no number for %v", v)
		}
		return append(dst, jsontext.Float(v).String()...), nil
	case []any:
		return appendArray(dst, v, depth)
	case []string:
		return appendArray(dst, v, depth)
	case map[string]any:
		return appendMap(dst, v, depth)
	}
	return appendInteger(dst, v)
}

func appendText(dst []byte, s string) ([]byte, error) {
	out, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		return nil, fmt.Errorf("a text is not UTF-8")
	}
	return out, nil
}

func appendInteger(dst []byte, v any) ([]byte, error) {
	switch n := v.(type) {
	case int:
		return strconv.AppendInt(dst, int64(n), 10), nil
	case int8:
		return strconv.AppendInt(dst, int64(n), 10), nil
	case int16:
		return strconv.AppendInt(dst, int64(n), 10), nil
	case int32:
		return strconv.AppendInt(dst, int64(n), 10), nil
	case int64:
		return strconv.AppendInt(dst, n, 10), nil
	case uint:
		return strconv.AppendUint(dst, uint64(n), 10), nil
	case uint8:
		return strconv.AppendUint(dst, uint64(n), 10), nil
	case uint16:
		return strconv.AppendUint(dst, uint64(n), 10), nil
	case uint32:
		return strconv.AppendUint(dst, uint64(n), 10), nil
	case uint64:
		return strconv.AppendUint(dst, n, 10), nil
	}
	return nil, fmt.Errorf("a value of type %T: %w", v, formats.ErrUnsupported)
}

func appendArray[T any](dst []byte, items []T, depth int) ([]byte, error) {
	dst = append(dst, '[')
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendValue(dst, item, depth+1); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// appendMap writes an object. Names that carry the mechanism are refused here
// too: a value from a claimant, {"_sd": […]}, must not be able to smuggle in
// digests of disclosures that the issuer never saw.
func appendMap(dst []byte, m map[string]any, depth int) ([]byte, error) {
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(m)) {
		if reservedName(name) {
			return nil, fmt.Errorf("member %q: the name is not free to be used", name)
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendText(dst, name); err != nil {
			return nil, err
		}
		if dst, err = appendValue(append(dst, ':'), m[name], depth+1); err != nil {
			return nil, fmt.Errorf("member %q: %w", name, err)
		}
	}
	return append(dst, '}'), nil
}
