package mdoc

import (
	"errors"
	"time"

	"tamga/formats/internal/cose"
)

// Tags of times: RFC 8949 §3.4.1, RFC 8943 §2.2.
const (
	tagDateTime = 0
	tagFullDate = 1004
)

// dateTime is the one form that 9.1.2.4 leaves of RFC 3339.
const dateTime = "2006-01-02T15:04:05Z"

// appendDateTime appends a tdate as 9.1.2.4 narrows it: UTC, no fractions.
func appendDateTime(b []byte, t time.Time) []byte {
	b = cose.AppendHead(b, cose.MajorTag, tagDateTime)
	b = cose.AppendHead(b, cose.MajorText, uint64(len(dateTime)))
	return t.UTC().AppendFormat(b, time.RFC3339) // for which package time is quick
}

// stamp writes a time for people.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// parseRFC3339 reads date-time of RFC 3339 §5.6, which package time reads
// loosely: hours of one digit, commas, offsets of 99 hours.
func parseRFC3339(s string) (time.Time, error) {
	if len(s) < len(dateTime) || !shape(s[:19], "0000-00-00T00:00:00") {
		return time.Time{}, errNoTime
	}
	rest := s[19:]
	if rest[0] == '.' {
		n := 1
		for n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
			n++
		}
		if n == 1 {
			return time.Time{}, errNoTime
		}
		rest = rest[n:]
	}
	if rest != "Z" && !(shape(rest, "+00:00") || shape(rest, "-00:00")) {
		return time.Time{}, errNoTime
	}
	if rest != "Z" && (rest[1:3] > "23" || rest[4:] > "59") {
		return time.Time{}, errNoTime
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.UTC().Year() < 1 || t.IsZero() {
		return time.Time{}, errNoTime
	}
	return t, nil
}

var errNoTime = errors.New("no time of RFC 3339")

// shape reports whether s is like model, in which 0 stands for any digit.
func shape(s, model string) bool {
	if len(s) != len(model) {
		return false
	}
	for i := range len(s) {
		if digit := s[i] >= '0' && s[i] <= '9'; model[i] == '0' && !digit || model[i] != '0' && s[i] != model[i] {
			return false
		}
	}
	return true
}
