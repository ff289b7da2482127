package pades_test

import (
	"bytes"
	"fmt"
	"strings"
)

const (
	ruleRange    = "readByteRange"
	ruleContents = "decodeContents"
)

// rangeAttack writes another /ByteRange over that of the last signature.
// The numbers are a, b and the length after b, and the size of the file.
func rangeAttack(name, row string, text func(a, b, rest, size int) string) attack {
	return attack{name: name, row: row, rule: ruleRange, bytes: true, strike: func(e *edit) []byte {
		a, b := gap(e.b)
		return overRange(e.b, text(a, b, len(e.b)-b, len(e.b)))
	}}
}

func overRange(b []byte, text string) []byte {
	at := bytes.LastIndex(b, []byte("/ByteRange "))
	end := at + bytes.IndexByte(b[at:], '\n')
	if len("/ByteRange ")+len(text) > end-at {
		panic("a range that does not fit: " + text)
	}
	out := bytes.Clone(b)
	copy(out[at:end], fmt.Sprintf("%-*s", end-at, "/ByteRange "+text))
	return out
}

func fixed(text string) func(a, b, rest, size int) string {
	return func(int, int, int, int) string { return text }
}

func ranged(format string, pick func(a, b, rest, size int) []any) func(a, b, rest, size int) string {
	return func(a, b, rest, size int) string { return fmt.Sprintf(format, pick(a, b, rest, size)...) }
}

// forgeries of the range: universal signature forgery (P1) and the moving of
// what is signed (P3).
var rangeAttacks = []attack{
	rangeAttack("USF: range null", "P1", fixed("null")),
	rangeAttack("USF: range empty", "P1", fixed("[]")),
	rangeAttack("USF: range a name", "P1", fixed("/None")),
	rangeAttack("USF: range a reference", "P1", fixed("4 0 R")),
	rangeAttack("USF: range a dictionary", "P1", fixed("<< >>")),
	rangeAttack("USF: range all zero", "P1", fixed("[0 0 0 0]")),
	rangeAttack("USF: range all negative", "P1", fixed("[-9 -9 -9 -9]")),
	rangeAttack("USF: two numbers", "P1", ranged("[0 %d]", func(a, b, rest, size int) []any { return []any{size} })),
	rangeAttack("USF: three numbers", "P1", ranged("[0 %d %d]", func(a, b, rest, size int) []any { return []any{a, b} })),
	rangeAttack("USF: five numbers", "P1", ranged("[0 %d %d %d 0]", func(a, b, rest, size int) []any { return []any{a, b, rest} })),
	rangeAttack("USF: six numbers", "P1", ranged("[0 9 9 %d %d %d]", func(a, b, rest, size int) []any { return []any{a - 9, b, rest} })),
	rangeAttack("USF: negative start", "P1", ranged("[-1 %d %d %d]", func(a, b, rest, size int) []any { return []any{a, b, rest} })),
	rangeAttack("USF: negative length", "P1", ranged("[0 %d %d -1]", func(a, b, rest, size int) []any { return []any{a, b} })),
	rangeAttack("USF: overlapping", "P1", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{b, a, size - a} })),
	rangeAttack("USF: no gap", "P1", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{a, a, size - a} })),
	rangeAttack("USF: all in the first part", "P1", ranged("[0 %d %d 0]", func(a, b, rest, size int) []any { return []any{size, size} })),
	rangeAttack("USF: beyond the end", "P1", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{a, b, size} })),
	rangeAttack("USF: overflowing", "P1", ranged("[0 %d %d 9223372036854775807]", func(a, b, rest, size int) []any { return []any{a, b} })),
	rangeAttack("USF: start not at 0", "P1", ranged("[1 %d %d %d]", func(a, b, rest, size int) []any { return []any{a - 1, b, rest} })),
	rangeAttack("USF: parts swapped", "P1", ranged("[%d %d 0 %d]", func(a, b, rest, size int) []any { return []any{b, rest, a} })),
	rangeAttack("USF: strings for numbers", "P1", ranged("[(0) %d %d %d]", func(a, b, rest, size int) []any { return []any{a, b, rest} })),
	rangeAttack("SWA: wider gap", "P3", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{a - 20, b, rest} })),
	rangeAttack("SWA: gap to the left", "P3", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{a - 1, b - 1, rest + 1} })),
	rangeAttack("SWA: gap narrower", "P3", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{a + 1, b - 1, rest + 1} })),
	rangeAttack("SWA: tail unsigned", "P3", ranged("[0 %d %d %d]", func(a, b, rest, size int) []any { return []any{a, b, rest - 30} })),
	rangeAttack("SWA: second part empty", "P3", ranged("[0 %d %d 0]", func(a, b, rest, size int) []any { return []any{a, b} })),
	{name: "USF: range missing", row: "P1", rule: ruleRange, bytes: true, strike: func(e *edit) []byte {
		return renamed(e.b, "/ByteRange", "/ByteRagne")
	}},
}

// renamed changes the last occurrence of a word.
func renamed(b []byte, from, to string) []byte {
	out := bytes.Clone(b)
	copy(out[bytes.LastIndex(b, []byte(from)):], to)
	return out
}

// gapAttack writes something else into the gap of the last signature.
func gapAttack(name, row, rule string, contents func(hex string) string) attack {
	return attack{name: name, row: row, rule: rule, bytes: true, strike: func(e *edit) []byte {
		from, to := gap(e.b)
		return rewritten(e.b, contents(string(e.b[from:to])))
	}}
}

func constant(s string) func(string) string { return func(string) string { return s } }

// contentAttacks are what /Contents is made of instead.
var contentAttacks = []attack{
	gapAttack("USF: contents null", "P1", ruleRange, constant("null")),
	gapAttack("USF: contents a name", "P1", ruleRange, constant("/None")),
	gapAttack("USF: contents a reference", "P1", ruleRange, constant("4 0 R")),
	gapAttack("USF: contents empty", "P1", ruleRange, constant("<>")),
	gapAttack("USF: contents a zero", "P1", ruleRange, constant("<00>")),
	gapAttack("USF: contents zeros", "P1", ruleContents, func(hex string) string {
		return "<" + strings.Repeat("0", len(hex)-2) + ">"
	}),
	gapAttack("USF: contents literal", "P1", ruleRange, func(hex string) string { return "(" + hex[1:len(hex)-1] + ")" }),
	gapAttack("USF: contents in an array", "P1", ruleRange, func(hex string) string { return "[" + hex[:len(hex)-3] + ">]" }),
	gapAttack("USF: contents no CMS", "P1", ruleContents, func(hex string) string { return "<04" + hex[3:] }),
	gapAttack("USF: contents of endless length", "P1", ruleContents, func(hex string) string { return "<3084FFFFFFFF" + hex[13:] }),
	gapAttack("USF: contents an odd digit", "P1", ruleRange, func(hex string) string { return hex[:len(hex)-2] + ">" }),
	gapAttack("SWA: padding in the hole", "P3", ruleContents, func(hex string) string { return hex[:len(hex)-6] + "AA00>" }),
	gapAttack("SWA: blanks in the hole", "P3", ruleContents, func(hex string) string { return hex[:200] + " " + hex[200:len(hex)-2] + ">" }),
	gapAttack("SWA: another key in the hole", "P3", ruleRange, func(hex string) string { return hex[:len(hex)-41] + ">/Reason (changed)" }),
	gapAttack("SWA: a comment in the hole", "P3", ruleRange, func(hex string) string { return hex[:len(hex)-21] + ">%" }),
	gapAttack("C4: bytes after the CMS", "C4", ruleContents, func(hex string) string { return hex[:len(hex)-3] + "01>" }),
	gapAttack("C1: another message digest", "C1", "pki.Verify", func(hex string) string {
		const messageDigest = "2A864886F70D010904"
		at := strings.Index(strings.ToUpper(hex), messageDigest) + len(messageDigest) + 20
		flip := map[bool]string{true: "1", false: "0"}[hex[at] == '0']
		return hex[:at] + flip + hex[at+1:]
	}),
	{name: "USF: contents missing", row: "P1", rule: ruleRange, bytes: true, strike: func(e *edit) []byte {
		return renamed(e.b, "/Contents <", "/Contnets <")
	}},
	{name: "SWA: second part moved to the end", row: "P3", rule: ruleRange, bytes: true, strike: func(e *edit) []byte {
		from, to := gap(e.b)
		second := e.b[to:]
		evil := bytes.Replace(second, []byte("/P"), []byte("/Q"), 1)
		moved := append(append(bytes.Clone(e.b[:to]), evil...), second...)
		out := overRange(moved[:len(e.b)], fmt.Sprintf("[0 %d %d %d]", from, to+len(evil), len(second)))
		return append(out, moved[len(e.b):]...)
	}, broken: true},
	{name: "SWA: contents out of place", row: "P3", rule: ruleRange, strike: func(e *edit) []byte {
		_, sig := e.signed()
		e.rewrite(sig.Ref, sig.Value, "Reason", "(another)") // a copy of /Contents, elsewhere
		return e.done()
	}},
	{name: "SWA: a second dictionary over the gap", row: "P3", rule: ruleRange, forged: true, strike: func(e *edit) []byte {
		_, sig := e.signed()
		copied := string(pdfRewrite(sig.Value, "Reason", "(another)"))
		e.field("/FT /Sig /T (Director) /Rect [0 0 0 0] /V " + e.add(copied).String())
		return e.done()
	}},
	{name: "P6: the signature cut off from its field", row: "P6", rule: "strays", strike: func(e *edit) []byte {
		field, _ := e.signed()
		e.rewrite(field.Ref, field.Value, "V", "null")
		return e.done()
	}},
	{name: "content: one signed byte", row: "C5", rule: "pki.Verify", bytes: true, strike: func(e *edit) []byte {
		out := bytes.Clone(e.b)
		out[bytes.Index(out, []byte("%PDF-"))+7] ^= 1
		return out
	}},
}
