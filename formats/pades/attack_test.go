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
	require.NotEmpty(t, append(doc.Signatures, make([]formats.Signature, len(doc.Defects))...), "%s: the signature vanished without a word", name)
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

// Every later change of an earlier document (P2, P4, P5, P7): the signature
// itself still holds, and must not be said to cover what is shown now.
func TestLaterChanges(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	pageDict := "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> /Annots [7 0 R] >>"
	evil := stream("BT /F 20 Tf 20 40 Td (Pay 999 euro) Tj ET")
	field := func(more string) string {
		return "<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R " + more + " >>"
	}
	form := func(fields string) string { return "<< /Fields [7 0 R " + fields + "] /SigFlags 3 >>" }
	catalogue := "<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R %s >>"
	for name, c := range map[string]struct {
		trailer string
		objects map[int]string
		why     string // part of the reason; "" if harmless
	}{
		"page content":            {"", map[int]string{4: evil}, "object 4 was changed"},
		"page content is another": {"", map[int]string{3: strings.Replace(pageDict, "4 0 R", "20 0 R", 1), 20: evil}, "object 20|object 3"},
		"font":                    {"", map[int]string{5: "<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"}, "object 5 was changed"},
		"media box":               {"", map[int]string{3: strings.Replace(pageDict, "300", "200", 1)}, "object 3"},
		"page removed":            {"", map[int]string{2: "<< /Type /Pages /Kids [] /Count 0 >>"}, "object 2 was changed"},
		"page freed":              {"", map[int]string{3: ""}, "object 3 was deleted"},
		"content freed":           {"", map[int]string{4: ""}, "object 4 was deleted"},
		"annotation": {"", map[int]string{3: strings.Replace(pageDict, "7 0 R", "7 0 R 20 0 R", 1),
			20: "<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 100] /Contents (Pay 999) >>"}, "object 20|object 3"},
		"another root": {"/Root 20 0 R", map[int]string{20: "<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R >>"}, "another /Root"},
		"open action":  {"", map[int]string{1: fmt.Sprintf(catalogue, "/OpenAction << /S /JavaScript /JS (x) >>")}, "/OpenAction"},
		"names":        {"", map[int]string{1: fmt.Sprintf(catalogue, "/Names << >>")}, "/Names"},
		"other pages":  {"", map[int]string{1: "<< /Type /Catalog /Pages 20 0 R /AcroForm 8 0 R >>", 20: "<< /Type /Pages /Kids [] /Count 0 >>"}, "/Pages"},
		"form removed": {"", map[int]string{1: "<< /Type /Catalog /Pages 2 0 R >>"}, "form was removed"},
		"appearances":  {"", map[int]string{8: "<< /Fields [7 0 R] /SigFlags 3 /NeedAppearances true >>"}, "NeedAppearances"},
		"field removed": {"", map[int]string{8: "<< /Fields [] /SigFlags 3 >>"},
			""}, // the signature is gone with it: see below
		"text field":          {"", map[int]string{8: form("20 0 R"), 20: "<< /FT /Tx /T (x) /V (Pay 999) >>"}, "no signature"},
		"field with action":   {"", map[int]string{8: form("20 0 R"), 20: field("/A << /S /JavaScript /JS (x) >>")}, "/A"},
		"visible field":       {"", map[int]string{8: form("20 0 R"), 20: strings.Replace(field(""), "[0 0 0 0]", "[0 0 300 100]", 1)}, "visible"},
		"no rectangle":        {"", map[int]string{8: form("20 0 R"), 20: strings.Replace(field(""), "/Rect [0 0 0 0]", "", 1)}, "visible"},
		"old object as field": {"", map[int]string{8: form("5 0 R")}, "old object"},
		"field below a field": {"", map[int]string{8: form("20 0 R"), 20: "<< /FT /Sig /T (x) /Kids [21 0 R] >>",
			21: "<< /T (y) /FT /Tx /Parent 20 0 R >>"}, "below a signature"},
		"unreached object":    {"", map[int]string{20: evil}, "object 20 was added"},
		"signature rewritten": {"", map[int]string{6: "<< /Type /Sig /SubFilter /ETSI.CAdES.detached /Reason (changed) >>"}, ""},
		"field changed":       {"", map[int]string{7: "<< /FT /Sig /T (Signature1) /V 6 0 R /Type /Annot /Subtype /Widget /Rect [0 0 300 100] /P 3 0 R >>"}, "object 7 was changed"},
		"page as evidence":    {"", map[int]string{1: fmt.Sprintf(catalogue, "/DSS << /VRI 2 0 R >>"), 2: "<< /Type /Pages /Kids [] /Count 0 >>"}, "security store"},
		"content as evidence": {"", map[int]string{1: fmt.Sprintf(catalogue, "/DSS << /Certs [4 0 R] >>"), 4: evil}, "object 4 was changed"},

		"nothing":             {"", nil, ""},
		"the same again":      {"", map[int]string{2: "<</Kids[3 0 R]/Count 1/Type/Pages>>", 4: stream("BT /F 20 Tf 20 40 Td (Pay 100 euro) Tj ET")}, ""},
		"an empty field":      {"", map[int]string{8: form("20 0 R"), 20: field("")}, ""},
		"a field on the page": {"", map[int]string{8: form("20 0 R"), 20: field(""), 3: strings.Replace(pageDict, "7 0 R", "7 0 R 20 0 R", 1)}, ""},
		"a field with a widget": {"", map[int]string{8: form("20 0 R"), 20: "<< /FT /Sig /T (x) /Kids [21 0 R] >>",
			21: "<< /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /Parent 20 0 R >>"}, ""},
		"evidence": {"", map[int]string{1: fmt.Sprintf(catalogue, "/DSS 20 0 R /Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 2 >> >>"),
			20: "<< /Type /DSS /Certs [21 0 R] /VRI << /0123456789ABCDEF0123456789ABCDEF01234567 << /Cert [21 0 R] >> >> >>", 21: stream("x")}, ""},
	} {
		b := appended(signed, c.trailer, c.objects)
		doc, err := pades.Parser{}.Parse(input(b))
		if err != nil {
			require.NotEmpty(t, c.why, "%s: %v", name, err)
			continue
		}
		switch name {
		case "field removed", "form removed":
			require.Empty(t, doc.Signatures)
			require.NotEmpty(t, doc.Defects, "a signature that lost its field is not passed over")
			continue
		case "signature rewritten":
			require.Error(t, holds(doc.Signatures[0]))
			continue
		}
		sig := doc.Signatures[0]
		require.NoError(t, holds(sig), name)
		require.False(t, sig.Coverage.Whole, name)
		require.EqualValues(t, len(b)-len(signed), sig.Coverage.After, name)
		require.Equal(t, c.why == "", sig.Coverage.Harmless, "%s: %s", name, sig.Coverage.Note)
		if c.why != "" {
			found := false
			for _, part := range strings.Split(c.why, "|") {
				found = found || strings.Contains(sig.Coverage.Note, part)
			}
			require.True(t, found, "%s: %s", name, sig.Coverage.Note)
		}
	}
}

// Bytes behind the last revision: whatever they are, somebody's reader may
// repair the file with them.
func TestTrailingBytes(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	one := parse(t, append(bytes.Clone(signed), '\n')).Signatures[0]
	require.True(t, one.Coverage.Whole, "an end of line is nothing")
	require.NoError(t, holds(one))
	for _, tail := range []string{"x", "\n\nx", "%%EOF\n", strings.Repeat(" ", 1500),
		"4 0 obj\n" + stream("BT (Pay 999) Tj ET") + "\nendobj\n"} {
		c := parse(t, append(bytes.Clone(signed), tail...)).Signatures[0].Coverage
		require.False(t, c.Whole || c.Harmless, "%q", tail)
		require.EqualValues(t, len(tail), c.After)
	}
}

// Rolling back: the last startxref names an older section, so that readers show
// the document as it was before a later signature.
func TestRollback(t *testing.T) {
	once := sign(t, page(), pades.Preparer{})
	changed := appended(once, "", map[int]string{4: stream("BT /F 20 Tf 20 40 Td (Pay 50 euro) Tj ET")})
	twice := sign(t, changed, pades.Preparer{})
	rolled := append(bytes.Clone(twice), fmt.Sprintf("startxref\n%d\n%%%%EOF\n", lastStart(once))...)
	doc := parse(t, rolled)
	require.Len(t, doc.Signatures, 1)
	require.NotEmpty(t, doc.Defects, "the second signature is not passed over")
	c := doc.Signatures[0].Coverage
	require.False(t, c.Whole || c.Harmless, c.Note)
}

// An object that the signed document refers to, but that does not exist, is
// defined by a later revision (planted reference).
func TestPlantedReference(t *testing.T) {
	b := rebuilt(bytes.Replace(page(), []byte("/Contents 4 0 R"), []byte("/Contents [4 0 R 20 0 R]"), 1))
	signed := sign(t, b, pades.Preparer{})
	evil := map[int]string{
		8:  "<< /Fields [7 0 R 21 0 R] /SigFlags 3 >>",
		21: "<< /FT /Sig /T (x) /V 20 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>",
		20: stream("BT /F 20 Tf 20 10 Td (and 999 more) Tj ET"),
	}
	sig := parse(t, appended(signed, "", evil)).Signatures[0]
	require.NoError(t, holds(sig))
	require.False(t, sig.Coverage.Harmless)
	require.Contains(t, sig.Coverage.Note, "only added later")
}

// One array plays two parts: it is the page's /Annots and its /Contents.
func TestSharedObject(t *testing.T) {
	b := rebuilt(bytes.Replace(page("[]"), []byte("/Contents 4 0 R"), []byte("/Contents 6 0 R /Annots 6 0 R"), 1))
	signed := sign(t, b, pades.Preparer{})
	sig := parse(t, sign(t, signed, pades.Preparer{})).Signatures[0]
	require.False(t, sig.Coverage.Harmless)
	require.Contains(t, sig.Coverage.Note, "also serves")
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
	doc := parse(t, rebuilt(bytes.Replace(page("<< /Fields [7 0 R 7 0 R] >>", "<< /T (a) /Kids [7 0 R 8 0 R] >>", "<< /T (b) /Kids [7 0 R] /Parent 7 0 R >>"),
		[]byte("/Type /Catalog"), []byte("/Type /Catalog /AcroForm 6 0 R"), 1)))
	require.Empty(t, doc.Signatures)
	require.NotEmpty(t, doc.Defects)
	var deep []string
	for i := range 60 {
		deep = append(deep, fmt.Sprintf("<< /T (k) /Kids [%d 0 R] >>", i+8))
	}
	_, err := pades.Parser{}.Parse(input(rebuilt(bytes.Replace(page(append([]string{"<< /Fields [7 0 R] >>"}, deep...)...),
		[]byte("/Type /Catalog"), []byte("/Type /Catalog /AcroForm 6 0 R"), 1))))
	require.ErrorIs(t, err, formats.ErrTooLarge)
}

// Sub-filters that we do not judge are said to be so, and fatal.
func TestOtherSubFilters(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	for _, name := range []string{"adbe.pkcs7.sha1", "adbe.x509.rsa_sha1", "X", "ETSI.CAdES.detachex"} {
		bad := bytes.Replace(signed, []byte("/ETSI.CAdES.detached"), fmt.Appendf(nil, "%-20s", "/"+name), 1)
		require.ErrorContains(t, holds(parse(t, bad).Signatures[0]), "not supported", name)
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
