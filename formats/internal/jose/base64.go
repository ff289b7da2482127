package jose

import (
	"encoding/base64"
	"fmt"

	"tamga/formats"
)

// strict is base64url without padding whose unused last bits are zero, as RFC
// 7515 §2 writes it and RFC 4648 §3.5 allows to demand.
var strict = base64.RawURLEncoding.Strict()

// Decode reads base64url in its one canonical form: the alphabet of RFC 4648
// §5, no padding, no white space or line ends, unused bits zero (RFC 7515 §2).
// Everything laxer lets a stranger write the same signature in many ways, so
// that whoever keeps a list of what he has seen is fooled.
func Decode[T string | []byte](text T) ([]byte, error) {
	for i := range len(text) {
		if !alphabet(text[i]) { // package base64 skips CR and LF
			return nil, fmt.Errorf("reading base64url: %#q at %d: %w", text[i], i, formats.ErrMalformed)
		}
	}
	out := make([]byte, strict.DecodedLen(len(text)))
	n, err := strict.Decode(out, []byte(text))
	if err != nil {
		return nil, fmt.Errorf("reading %d characters of base64url: not canonical: %w",
			len(text), formats.ErrMalformed)
	}
	return out[:n], nil
}

// Alphabet reports whether text is of base64url characters only.
func Alphabet(text []byte) bool {
	for _, c := range text {
		if !alphabet(c) {
			return false
		}
	}
	return true
}

func alphabet(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// AppendBase64 appends data to dst in canonical base64url.
func AppendBase64(dst, data []byte) []byte { return strict.AppendEncode(dst, data) }
