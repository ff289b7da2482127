package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Text returns the text string v (§7.9.2.2): UTF-16BE or UTF-8 after their
// byte order mark, else PDFDocEncoding; "" if v is no string.
func (v Value) Text() string {
	b := v.Bytes()
	switch {
	case bytes.HasPrefix(b, []byte{0xFE, 0xFF}):
		units := make([]uint16, 0, len(b)/2)
		for b = b[2:]; len(b) >= 2; b = b[2:] {
			units = append(units, uint16(b[0])<<8|uint16(b[1]))
		}
		return string(utf16.Decode(units))
	case bytes.HasPrefix(b, []byte{0xEF, 0xBB, 0xBF}):
		return strings.ToValidUTF8(string(b[3:]), string(utf8.RuneError))
	}
	var s strings.Builder
	for _, c := range b {
		s.WriteRune(docEncoding(c))
	}
	return s.String()
}

// docEncoding is PDFDocEncoding (Annex D.3) where it is not Latin-1.
func docEncoding(c byte) rune {
	const low = "\u02D8\u02C7\u02C6\u02D9\u02DD\u02DB\u02DA\u02DC" // 0x18 to 0x1F
	const high = "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™" +
		"ﬁﬂŁŒŠŸŽıłœšž\uFFFD€" // 0x80 to 0xA0
	switch {
	case c >= 0x18 && c <= 0x1F:
		return []rune(low)[c-0x18]
	case c >= 0x80 && c <= 0xA0:
		return []rune(high)[c-0x80]
	case c == 0x7F || c == 0xAD:
		return utf8.RuneError
	}
	return rune(c)
}

// TextString writes s as a text string: a literal where it is plain ASCII,
// UTF-16BE in hexadecimal where not, which every reader since PDF 1.2 knows.
func TextString(s string) []byte {
	var b bytes.Buffer
	plain := strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) < 0
	if !plain {
		b.WriteString("<FEFF")
		for _, unit := range utf16.Encode([]rune(s)) {
			fmt.Fprintf(&b, "%04X", unit)
		}
		b.WriteByte('>')
		return b.Bytes()
	}
	b.WriteByte('(')
	for i := range len(s) {
		if c := s[i]; c == '(' || c == ')' || c == '\\' {
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	b.WriteByte(')')
	return b.Bytes()
}
