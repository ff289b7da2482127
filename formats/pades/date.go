package pades

import (
	"fmt"
	"strings"
	"time"
)

// formatDate writes a date (ISO 32000-2 §7.9.4) in UTC.
func formatDate(t time.Time) string { return t.UTC().Format("D:20060102150405+00'00'") }

// parseDate reads a date: "D:YYYYMMDDHHmmSSOHH'mm'", of which everything after
// the year may be missing. What cannot be read is the zero time.
func parseDate(s string) time.Time {
	s = strings.TrimPrefix(s, "D:")
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	const layout = "20060102150405"
	if digits < 4 || digits > len(layout) || digits%2 != 0 {
		return time.Time{}
	}
	t, err := time.Parse(layout[:digits], s[:digits])
	if err != nil {
		return time.Time{}
	}
	zone := strings.TrimSuffix(strings.ReplaceAll(s[digits:], "'", ""), "Z")
	if zone == "" {
		return t
	}
	var hours, minutes int
	sign := map[byte]int{'+': 1, '-': -1}[zone[0]]
	if n, _ := fmt.Sscanf(zone[1:], "%2d%2d", &hours, &minutes); zone[0] != 'Z' && (sign == 0 || n < 1) {
		return time.Time{}
	}
	if hours > 23 || minutes > 59 {
		return time.Time{}
	}
	return t.Add(-time.Duration(sign) * (time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute))
}
