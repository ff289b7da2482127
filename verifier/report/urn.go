package report

import "strings"

// urnPart is s fit to be a part of a URN (RFC 8141): what is not plain is
// percent-encoded, byte by byte. "" is "unnamed", for a URN cannot end with its
// colon.
func urnPart(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("._-", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + string(digits[c>>4]) + string(digits[c&15]))
		}
	}
	if b.Len() == 0 {
		return "unnamed"
	}
	return b.String()
}
