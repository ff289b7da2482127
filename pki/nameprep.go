package pki

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// String types that package cryptobyte/asn1 does not name (X.680 §8.4).
const (
	tagNumericString   = cbasn1.Tag(18)
	tagVisibleString   = cbasn1.Tag(26)
	tagUniversalString = cbasn1.Tag(28)
	tagBMPString       = cbasn1.Tag(30)
)

// attributeText returns the characters of a string value. It is sure of them
// for the types that RFC 5280 §7.1 tells how to compare; TeletexString is read
// as Latin-1, which some who wrote it meant. Not ok is what is no text, or not
// well-formed in its type.
func attributeText(tag cbasn1.Tag, value cryptobyte.String) (text string, sure, ok bool) {
	switch tag {
	case cbasn1.UTF8String:
		return string(value), true, utf8.Valid(value)
	case cbasn1.PrintableString, cbasn1.IA5String, tagNumericString, tagVisibleString:
		return string(value), true, isASCII(string(value))
	case tagBMPString:
		return decodeUnits(value, 2)
	case tagUniversalString:
		return decodeUnits(value, 4)
	case cbasn1.T61String:
		var b strings.Builder
		for _, c := range value {
			b.WriteRune(rune(c))
		}
		return b.String(), false, true
	}
	return "", false, false
}

// decodeUnits reads UCS-2 (BMPString, which has no surrogates) or UCS-4.
func decodeUnits(value cryptobyte.String, width int) (text string, sure, ok bool) {
	if len(value)%width != 0 {
		return "", false, false
	}
	var b strings.Builder
	for len(value) > 0 {
		var r rune
		for _, c := range value[:width] {
			r = r<<8 | rune(c)
		}
		if utf16.IsSurrogate(r) || !utf8.ValidRune(r) {
			return "", false, false
		}
		b.WriteRune(r)
		value = value[width:]
	}
	return b.String(), true, true
}

// prepareText is the string preparation of RFC 5280 §7.1, after RFC 4518 §2:
// compatible and upper case characters become one, runs of space a single
// space, space at the ends nothing. Not ok are characters that RFC 4518 §2.4
// prohibits, and invisible ones, which §2.2 would drop: then only the same
// bytes are equal.
func prepareText(s string) (string, bool) {
	if isASCII(s) {
		return prepareASCII(s)
	}
	for _, r := range s {
		if isHidden(r) || r == utf8.RuneError || unicode.Is(unicode.Co, r) || isNoncharacter(r) {
			return "", false
		}
	}
	return compressSpace(foldUnicode(s)), true
}

func prepareASCII(s string) (string, bool) {
	var small [64]byte // on the stack
	out := small[:0]
	for i := range len(s) {
		c := s[i]
		switch {
		case c == ' ' || '\t' <= c && c <= '\r':
			if len(out) > 0 && out[len(out)-1] != ' ' {
				out = append(out, ' ')
			}
		case c < ' ' || c == 0x7f:
			return "", false
		case 'A' <= c && c <= 'Z':
			out = append(out, c+'a'-'A')
		default:
			out = append(out, c)
		}
	}
	if len(out) > 0 && out[len(out)-1] == ' ' {
		out = out[:len(out)-1]
	}
	return string(out), true
}

// prepareLoosely is prepareText that drops what the other refuses.
func prepareLoosely(s string) string {
	return compressSpace(foldUnicode(strings.Map(func(r rune) rune {
		if isHidden(r) {
			return -1
		}
		return r
	}, s)))
}

// foldUnicode is RFC 4518 §2.2 (case folding) and §2.3 (form KC).
func foldUnicode(s string) string {
	return norm.NFKC.String(cases.Fold().String(norm.NFKC.String(s)))
}

func compressSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

// isHidden reports controls and format characters that are no space.
func isHidden(r rune) bool {
	return !unicode.IsSpace(r) && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r)) ||
		unicode.Is(unicode.Variation_Selector, r) || r == 0x034f || r == 0xfffc
}

func isNoncharacter(r rune) bool { return r&0xfffe == 0xfffe || 0xfdd0 <= r && r <= 0xfdef }

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
