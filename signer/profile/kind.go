package profile

import (
	"bytes"
	"encoding/base64"
	"encoding/json/jsontext"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
)

// kind is what a claim's value is. Its Go type, once read, stands beside it.
type kind string

const (
	kindString  kind = "string"  // string
	kindEmail   kind = "email"   // string
	kindPhone   kind = "phone"   // string
	kindCountry kind = "country" // string
	kindDate    kind = "date"    // time.Time, midnight UTC
	kindBool    kind = "bool"    // bool
	kindInteger kind = "integer" // int64
	kindImage   kind = "image"   // []byte
	kindObject  kind = "object"  // []value
)

// kinds holds the largest "max" of each kind; 0 where it means nothing.
var kinds = map[kind]int{
	kindString: maxText, kindEmail: maxText, kindPhone: maxText, kindCountry: 2, kindDate: 0,
	kindBool: 0, kindInteger: 0, kindImage: maxImage, kindObject: 0,
}

// scalar reads one value of c's kind. why is what is wrong with it, in words
// that repeat nothing of it; "" if nothing.
func scalar(c *claim, raw jsontext.Value) (v any, why string) {
	switch c.kind {
	case kindBool:
		if k := raw.Kind(); k == 't' || k == 'f' {
			return k == 't', ""
		}
		return nil, "must be true or false"
	case kindInteger:
		return integer(c, raw)
	}
	if raw.Kind() != '"' {
		return nil, "must be a string"
	}
	s, err := unquote(raw)
	if err != nil {
		return nil, "is no string of valid Unicode"
	}
	switch c.kind {
	case kindDate:
		return date(s)
	case kindImage:
		return image(c, s)
	case kindCountry:
		return country(s)
	}
	return text(c, s)
}

// unquote reads a JSON string that the decoder has found well formed.
func unquote(raw jsontext.Value) (string, error) {
	if !bytes.ContainsRune(raw, '\\') {
		return string(raw[1 : len(raw)-1]), nil
	}
	s, err := jsontext.AppendUnquote(nil, raw)
	return string(s), err
}

// integer takes whole numbers as people write them: 1.0 and 1e0 are refused,
// because not every reader takes them for 1.
func integer(c *claim, raw jsontext.Value) (any, string) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if raw.Kind() != '0' || err != nil || string(raw) == "-0" {
		return nil, "must be a whole number"
	}
	if len(c.values) > 0 && !slices.Contains(c.values, n) {
		return nil, "is none of the values that are defined"
	}
	return n, ""
}

// date is a full-date of RFC 3339 §5.6 that exists in the calendar.
func date(s string) (any, string) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1800 {
		return nil, "is no date of the form YYYY-MM-DD"
	}
	return t, ""
}

// image is base64 of a JPEG, or nothing: whoever opts out of a portrait gets
// an empty one (ARF 3.0 PID_03). Its inside is not looked at.
func image(c *claim, s string) (any, string) {
	if base64.StdEncoding.DecodedLen(len(s)) > c.max+2 {
		return nil, "is larger than " + strconv.Itoa(c.max) + " bytes"
	}
	if strings.ContainsAny(s, "\r\n") { // which package base64 skips
		return nil, "is no base64 in one line"
	}
	data, err := base64.StdEncoding.Strict().DecodeString(s)
	switch {
	case err != nil:
		return nil, "is no base64 in one line"
	case len(data) > c.max:
		return nil, "is larger than " + strconv.Itoa(c.max) + " bytes"
	case len(data) > 0 && !strings.HasPrefix(string(data), "\xff\xd8\xff"):
		return nil, "is no JPEG picture"
	}
	return data, ""
}

// country is an alpha-2 code of ISO 3166-1 in capitals, also one of a country
// that is no more: people were born there. UK is reserved there, but GB meant.
// UT is Utopia, where the specimens of ISO/IEC 18013-5 and ICAO 9303 live.
func country(s string) (any, string) {
	if s == "UT" {
		return s, ""
	}
	r, err := language.ParseRegion(s)
	if len(s) != 2 || err != nil || r.String() != s || !r.IsCountry() || s == "UK" {
		return nil, "is no country code of ISO 3166-1 alpha-2"
	}
	return s, ""
}

func text(c *claim, s string) (any, string) {
	switch {
	case strings.TrimSpace(s) == "":
		return nil, "is empty"
	case strings.TrimSpace(s) != s:
		return nil, "begins or ends with a space"
	case utf8.RuneCountInString(s) > c.max:
		return nil, "is longer than " + strconv.Itoa(c.max) + " characters"
	case strings.ContainsFunc(s, hidden):
		return nil, "holds control characters"
	case c.kind == kindEmail && !email(s):
		return nil, "is no electronic mail address"
	case c.kind == kindPhone && !phone(s):
		return nil, "is no telephone number of + and digits"
	}
	return s, ""
}

// hidden tells of characters that change what others look like, and show
// nothing themselves: the controls, the line separators, and the embeddings,
// overrides and isolates of direction (Unicode TR 36 §3.2).
func hidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff'
}

// email is less than RFC 5322 allows: one @, no spaces, something around it.
func email(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && local != "" && domain != "" && !strings.ContainsAny(domain, "@") &&
		!strings.ContainsFunc(s, unicode.IsSpace)
}

// phone is E.164: + and at most 15 digits, of which the first is not 0.
func phone(s string) bool {
	digits, ok := strings.CutPrefix(s, "+")
	return ok && len(digits) >= 4 && len(digits) <= 15 && digits[0] != '0' &&
		strings.Trim(digits, "0123456789") == ""
}
