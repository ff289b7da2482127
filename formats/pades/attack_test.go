package pades_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// gap returns where the last signature of a document has its /Contents, < and
// > included.
func gap(b []byte) (from, to int) {
	from = bytes.LastIndex(b, []byte("/Contents <")) + 10
	return from, from + bytes.IndexByte(b[from:], '>') + 1
}

// withRange writes another /ByteRange over the last one, in the same place.
func withRange(t *testing.T, b []byte, text string) []byte {
	t.Helper()
	at := bytes.LastIndex(b, []byte("/ByteRange "))
	end := at + bytes.IndexByte(b[at:], '\n')
	require.LessOrEqual(t, len("/ByteRange ")+len(text), end-at)
	out := bytes.Clone(b)
	copy(out[at:end], fmt.Sprintf("%-*s", end-at, "/ByteRange "+text))
	return out
}

// requireNoneHolds: an attacked document may be refused, or have signatures
// that do not hold, or lose them with a defect; never one that holds and says
// that it covers everything.
func requireNoneHolds(t *testing.T, name string, b []byte) {
	t.Helper()
	doc, err := pades.Parser{}.Parse(input(b))
	if err != nil {
		return
	}
	for _, sig := range doc.Signatures {
		if sig.Coverage.Whole || sig.Coverage.Harmless {
			require.Error(t, holds(sig), name)
		}
	}
	require.NotZero(t, len(doc.Signatures)+len(doc.Defects), "%s: the signature vanished without a word", name)
}

// Universal signature forgery (P1): /ByteRange and /Contents are removed, or
// hold what confuses a reader into checking nothing. All must be fatal; none
// may make the signature disappear in silence.
func TestUniversalForgery(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	require.True(t, intact(signed))
	from, to := gap(signed)
	size := len(signed)
	b := fmt.Sprint(to)
	rest := fmt.Sprint(size - to)
	for name, text := range map[string]string{
		"empty":             "[]",
		"null":              "null",
		"a number":          "17",
		"a name":            "/None",
		"a reference":       "4 0 R",
		"a dictionary":      "<< >>",
		"one number":        "[0]",
		"two numbers":       fmt.Sprintf("[0 %d]", size),
		"three numbers":     fmt.Sprintf("[0 %d %s]", from, b),
		"five numbers":      fmt.Sprintf("[0 %d %s %s 0]", from, b, rest),
		"six numbers":       fmt.Sprintf("[0 9 9 %d %s %s]", from-9, b, rest),
		"negative start":    fmt.Sprintf("[-1 %d %s %s]", from, b, rest),
		"negative length":   fmt.Sprintf("[0 %d %s -1]", from, b),
		"all negative":      "[-9 -9 -9 -9]",
		"zeros":             "[0 0 0 0]",
		"start not 0":       fmt.Sprintf("[1 %d %s %s]", from-1, b, rest),
		"overlap":           fmt.Sprintf("[0 %d %d %d]", to, from, size-from),
		"no gap":            fmt.Sprintf("[0 %d %d %d]", from, from, size-from),
		"all of it":         fmt.Sprintf("[0 %d %d 0]", size, size),
		"beyond the end":    fmt.Sprintf("[0 %d %s %d]", from, b, size),
		"overflow":          fmt.Sprintf("[0 %d %s 9223372036854775807]", from, b),
		"reals":             fmt.Sprintf("[0. %d. %s. %s.]", from, b, rest),
		"strings":           fmt.Sprintf("[(0) %d %s %s]", from, b, rest),
		"wider gap":         fmt.Sprintf("[0 %d %s %s]", from-20, b, rest),
		"gap to the left":   fmt.Sprintf("[0 %d %d %d]", from-1, to-1, size-to+1),
		"gap narrower":      fmt.Sprintf("[0 %d %d %d]", from+1, to-1, size-to+1),
		"second part short": fmt.Sprintf("[0 %d %s %d]", from, b, size-to-30),
		"second part none":  fmt.Sprintf("[0 %d %s 0]", from, b),
	} {
		bad := withRange(t, signed, text)
		doc, err := pades.Parser{}.Parse(input(bad))
		require.NoError(t, err, name)
		require.Len(t, doc.Signatures, 1, name)
		require.NotEmpty(t, fatal(doc.Signatures[0].Defects), name)
		require.False(t, doc.Signatures[0].Coverage.Whole, name)
	}
	renamed := bytes.Replace(signed, []byte("/ByteRange"), []byte("/ByteRagne"), 1)
	require.False(t, intact(renamed))
	require.Len(t, parse(t, renamed).Signatures, 1, "a signature field without /ByteRange is still one")
}

// rewritten puts something else into the gap, of the same length.
func rewritten(b []byte, contents string) []byte {
	from, to := gap(b)
	out := bytes.Clone(b)
	copy(out[from:to], fmt.Sprintf("%-*s", to-from, contents))
	return out
}

// The string in the gap must be the whole gap, hexadecimal, and hold one CMS
// with zeros behind it (P1, P3, and mkl's literal-string objection).
func TestContents(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	from, to := gap(signed)
	hex := string(signed[from:to])
	literal := "("
	for i := 1; i < len(hex)-1; i += 2 {
		literal += fmt.Sprintf("\\%03o", unhex(hex[i:i+2]))
	}
	literal = literal[:len(hex)/2] + ")" // shorter than the hexadecimal form: room for more
	for name, contents := range map[string]string{
		"null":              "null",
		"a name":            "/None",
		"a reference":       "4 0 R",
		"empty":             "<>",
		"a zero":            "<00>",
		"empty, padded":     "<" + strings.Repeat("0", len(hex)-2) + ">",
		"odd digits":        hex[:len(hex)-2] + ">",
		"shorter":           hex[:len(hex)-21] + ">",
		"blanks inside":     hex[:200] + " " + hex[200:len(hex)-2] + ">",
		"a comment beside":  hex[:len(hex)-21] + ">%",
		"another key":       hex[:len(hex)-41] + ">/Reason (changed)",
		"literal":           literal,
		"padding not zero":  hex[:len(hex)-3] + "1>",
		"padding not 00":    hex[:len(hex)-6] + "AA00>",
		"not a CMS":         "<04" + hex[3:],
		"length too long":   "<3084FFFFFFFF" + hex[13:],
		"half the CMS":      hex[:300] + strings.Repeat("0", len(hex)-301) + ">",
		"a string in array": "[" + hex[:len(hex)-3] + ">]",
	} {
		bad := rewritten(signed, contents)
		require.Len(t, bad, len(signed), name)
		requireNoneHolds(t, name, bad)
		require.False(t, intact(bad), name)
	}
}

func unhex(s string) byte {
	var b byte
	_, err := fmt.Sscanf(s, "%02x", &b)
	if err != nil {
		panic(err)
	}
	return b
}

// Signature wrapping (P3): the second signed part is moved to the end of the
// file, and something else stands in its old place; a second signature
// dictionary points to the moved parts.
func TestWrapping(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	from, to := gap(signed)
	second := signed[to:]
	evil := bytes.Clone(second)
	copy(evil[bytes.Index(evil, []byte("Rect [0 0 0 0]")):], "Rect [9 9 9 9]")
	moved := append(append(bytes.Clone(signed[:to]), evil...), second...)
	at := len(signed[:to]) + len(evil)
	bad := withRange(t, moved[:len(signed)], fmt.Sprintf("[0 %d %d %d]", from, at, len(second)))
	requireNoneHolds(t, "moved", append(bad, moved[len(signed):]...))
	requireNoneHolds(t, "not moved in the range", moved)
}

// Two fields with one signature (P6): the second would be shown as a second
// signer who never signed.
func TestSharedSignature(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	b := appended(signed, "", map[int]string{
		8:  "<< /Fields [7 0 R 20 0 R] /SigFlags 3 >>",
		20: "<< /FT /Sig /T (Director) /V 6 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>",
	})
	doc := parse(t, b)
	require.Len(t, doc.Signatures, 2)
	for _, sig := range doc.Signatures {
		require.ErrorContains(t, holds(sig), "share one signature")
	}
}

// The copy of a signature dictionary, with another reason, in a later revision:
// the range still fits, the place of /Contents does not.
func TestSpoofedDictionary(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{Reason: "seen"})
	at := bytes.Index(signed, []byte("6 0 obj\n")) + 8
	dict := string(signed[at : at+bytes.Index(signed[at:], []byte("\nendobj"))])
	b := appended(signed, "", map[int]string{6: strings.Replace(dict, "(seen)", "(paid)", 1)})
	doc := parse(t, b)
	require.Len(t, doc.Signatures, 1)
	require.ErrorContains(t, holds(doc.Signatures[0]), "not exactly the /Contents")
	require.NotEmpty(t, doc.Defects, "the hidden original")
}

// Kids that are their own parents, and a form so deep that it never ends.
func TestFormLoops(t *testing.T) {
	doc := parse(t, withKey("/AcroForm 6 0 R", "<< /Fields [7 0 R 7 0 R] >>", "<< /T (a) /Kids [7 0 R 8 0 R] >>",
		"<< /T (b) /Kids [7 0 R] /Parent 7 0 R >>"))
	require.Empty(t, doc.Signatures)
	require.NotEmpty(t, doc.Defects)
	deep := []string{"<< /Fields [7 0 R] >>"}
	for i := range 60 {
		deep = append(deep, fmt.Sprintf("<< /T (k) /Kids [%d 0 R] >>", i+8))
	}
	_, err := pades.Parser{}.Parse(input(withKey("/AcroForm 6 0 R", deep...)))
	require.ErrorIs(t, err, formats.ErrTooLarge)
}

// Sub-filters that we do not judge are said to be so, and fatal.
func TestOtherSubFilters(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	for _, name := range []string{"adbe.pkcs7.sha2", "adbe.x509.rsa_sha2", "X", "ETSI.CAdES.detachex"} {
		bad := bytes.Replace(signed, []byte("/ETSI.CAdES.detached"), fmt.Appendf(nil, "%-20s", "/"+name), 1)
		require.ErrorContains(t, holds(parse(t, bad).Signatures[0]), "not supported", name)
	}
	for _, name := range []string{"adbe.pkcs7.sha1", "adbe.x509.rsa_sha1"} {
		bad := bytes.Replace(signed, []byte("/ETSI.CAdES.detached"), fmt.Appendf(nil, "%-20s", "/"+name), 1)
		require.NotEmpty(t, fatal(parse(t, bad).Signatures[0].Defects), name)
	}
	stamp := bytes.Replace(signed, []byte("/ETSI.CAdES.detached"), []byte("/ETSI.RFC3161       "), 1)
	require.Error(t, holds(parse(t, stamp).Signatures[0]), "a signature is no time-stamp")
}

func TestTextIsForPeople(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{Reason: "a\x1b[31mb\u202Ec\nd", Field: "x\ty"})
	sig := parse(t, signed).Signatures[0]
	require.NotContains(t, sig.Claims.Reason, "\x1b")
	require.NotContains(t, sig.Claims.Reason, "\u202E")
	require.NotContains(t, sig.Claims.Reason, "\n")
	require.NotContains(t, sig.Name, "\t")
}
