package pades_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/pades"
)

var shown = pades.Preparer{Appearance: &pades.Appearance{}}

// Several people sign visibly, one after another, where nobody says where: each
// signature finds a free place, all of them stay good for us and for poppler,
// and who looks is told of those that came later. Where a page has no free
// place, or nobody can tell, the signature is refused and not put over the text.
func TestVisibleSignatures(t *testing.T) {
	refused := 0
	for name, b := range samples(t) {
		once := sign(t, b, shown)
		_, err := shown.Prepare(input(once), params(t, signer(t, "bob")))
		if err != nil {
			require.ErrorIs(t, err, pades.ErrForbidden, name)
			require.ErrorContains(t, err, "would cover", name)
			refused++
			t.Logf("%s: %v", name, err)
			continue
		}
		twice := signAs(t, once, shown, "bob")
		thrice := sign(t, twice, pades.Preparer{})
		qpdfCheck(t, thrice)
		requirePdfsig(t, thrice, 3)
		if name == "libreoffice.pdf" || name == "qpdf-objstm.pdf" {
			pyHankoAllows(t, thrice, 3)
		}
		doc := parse(t, thrice)
		require.Len(t, doc.Signatures, 3)
		require.Empty(t, doc.Defects)
		for _, sig := range doc.Signatures {
			require.NoError(t, holds(sig), name)
			require.True(t, sig.Coverage.Whole || sig.Coverage.Harmless, "%s: %s", name, sig.Coverage.Note)
		}
		require.Contains(t, doc.Signatures[0].Coverage.Note, "a visible signature was added on page 1", name)
		require.NotContains(t, doc.Signatures[1].Coverage.Note, "visible", name)
	}
	require.Less(t, refused, 3)
}

// Whoever asks for a place over the text of a signed document gets none.
func TestVisibleOverText(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	over := &pades.Appearance{Rect: pades.Rect{Left: 10, Top: 35, Width: 200, Height: 30}}
	refuses(t, signed, pades.Preparer{Appearance: over}, pades.ErrForbidden, "would cover text")
	beside := &pades.Appearance{Rect: pades.Rect{Left: 200, Top: 5, Width: 90, Height: 25}, NoText: true, QR: "x"}
	both := signAs(t, signed, pades.Preparer{Appearance: beside}, "bob")
	require.Contains(t, parse(t, both).Signatures[0].Coverage.Note, "a visible signature was added on page 1")
	requirePdfsig(t, both, 2)
	moved := bytes.Replace(both, []byte("/Rect [200 70 290 95]"), []byte("/Rect [20 040 290 95]"), 1)
	require.NotEqual(t, both, moved)
	require.Contains(t, parse(t, moved).Signatures[0].Coverage.Note, "over text that was signed")
}

// A field that the author laid out is signed visibly after another signature:
// it shows in its own rectangle.
func TestVisibleInItsField(t *testing.T) {
	b := bytes.Replace(emptyField(""), []byte("[10 10 90 30]"), []byte("[200 5 290 30]"), 1)
	b = bytes.Replace(b, []byte("/Type /Page /Parent"), []byte("/Type /Page /Annots [6 0 R] /Parent"), 1)
	b = rebuilt(b)
	signed := sign(t, b, pades.Preparer{})
	in := pades.Preparer{Field: "Buyer", Appearance: &pades.Appearance{NoText: true, QR: "x"}}
	both := signAs(t, signed, in, "bob")
	doc := parse(t, both)
	require.Len(t, doc.Signatures, 2)
	for _, sig := range doc.Signatures {
		require.NoError(t, holds(sig))
		require.True(t, sig.Coverage.Whole || sig.Coverage.Harmless, sig.Coverage.Note)
	}
	requirePdfsig(t, both, 2)
	over := bytes.Replace(b, []byte("[200 5 290 30]"), []byte("[10 35 200 65]"), 1)
	refuses(t, sign(t, rebuilt(over), pades.Preparer{}), in, pades.ErrForbidden, "would cover text")
}

// Where a page has something that could be hidden, and where not: what is seen
// in the middle of each page, at 100 to 200 by 36 to 60.
func TestWhatIsCovered(t *testing.T) {
	const cannot = "what cannot be told"
	rules := strings.Repeat("100 50 2 2 re f ", 50)
	extra := "/XObject << /D 6 0 R /P 7 0 R /L 9 0 R >> /ColorSpace << /C /Pattern >> /ExtGState << /G << /Font [5 0 R 9] >> /H << /ca 1 >> >>"
	fonts := "/F 5 0 R /T 8 0 R /W << /Type /Font /Subtype /TrueType /FirstChar 97 /Widths [100 5000] >> " +
		"/I << /Type /Font /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /DW 100 /W [1 [9000] 3 4 200] >>] >> " +
		"/V << /Type /Font /Subtype /Type0 /Encoding /Identity-V /DescendantFonts [<< >>] >>"
	for content, want := range map[string]string{
		"": "", "BT ET": "", "% nothing": "",
		"BT /F 10 Tf 110 45 Td (x) Tj ET":                         "text",
		"BT /F 10 Tf 1 0 0 1 90 45 Tm [(a) -2000 (b)] TJ ET":      "text",
		"BT /F 10 Tf 12 TL 110 69 Td T* T* (x) Tj ET":             "text",
		"BT /F 10 Tf 12 TL 110 57 Td (x) ' ET":                    "text",
		"BT /F 10 Tf 12 TL 110 57 Td 1 2 (x) \" ET":               "text",
		"BT /F 10 Tf 110 65 TD 0 -20 TD T* ET (x)":                "",
		"q 1 0 0 1 100 0 cm BT /F 10 Tf 10 45 Td (x) Tj ET Q":     "text",
		"q 0 1 -1 0 150 40 cm BT /F 10 Tf 2 2 Td (x) Tj ET Q":     "text",
		"BT /F 10 Tf 3 Tr 110 45 Td (x) Tj ET":                    "", // invisible, under a scan
		"BT /F 10 Tf 7 Tr 110 45 Td (x) Tj ET":                    "text",
		"BT /F 10 Tf 110 45 Td () Tj ET":                          "",
		"BT /F 10 Tf 10 10 Td (under it) Tj ET":                   "",
		"BT /F 10 Tf 10 10 Td 45 Ts (above) Tj ET":                "",
		"BT /F 10 Tf 110 10 Td 35 Ts (raised) Tj ET":              "text",
		"BT /F 10 Tf 90 45 Td 500 Tz (l) Tj ET":                   "text",
		"BT /F 10 Tf 90 45 Td 90 Tc (i) Tj (i) Tj ET":             "text",
		"BT /F 10 Tf 60 45 Td 50 Tw ( i) Tj ET":                   "text",
		"BT /W 10 Tf 80 45 Td (aaaaa) Tj ET":                      "", // narrow, as it says
		"BT /W 10 Tf 80 45 Td (b) Tj ET":                          "text",
		"BT /I 10 Tf 80 45 Td <000200030004> Tj ET":               "",
		"BT /I 10 Tf 80 45 Td <0001> Tj ET":                       "text",
		"/D Do":                                                   "text",
		"1 0 0 1 300 0 cm /D Do":                                  "",
		"q 50 0 0 50 120 30 cm /P Do Q":                           "a picture",
		"q 50 0 0 50 220 30 cm /P Do Q":                           "",
		"110 45 m 120 50 130 50 140 45 c S":                       "a drawing",
		"110 45 m 120 50 l 130 40 l 140 59 l 150 45 l 160 50 l S": "a drawing",
		"100 45 m 190 45 l S 100 40 90 15 re S 90 30 200 40 re f": "", // to sign on, and in
		"110 45 m 120 50 130 50 140 45 c n":                       "",
		rules:                                                     "a drawing",
		"/C cs /X scn 100 40 50 10 re f":                          "a pattern",
		"/C cs /X scn 0 g 100 40 50 10 re f":                      "",
		"/C CS /X SCN 100 40 50 10 re f":                          "",
		"/C CS /X SCN 100 40 50 10 re S":                          "a pattern",
		"/S sh":                                                   "a shading",
		"/H gs 1 w [] 0 d /Perceptual ri":                         "",
		"/G gs":                                                   cannot,
		"BI /W 1 /H 1 ID x EI":                                    cannot,
		"Q":                                                       cannot,
		"unknown":                                                 cannot,
		"1 2 cm":                                                  cannot,
		"(a) (b) (c) (d) (e) (f) cm":                              cannot,
		"BT (x) Tj ET":                                            cannot,
		"BT /F 10 Tf 1 Tj ET":                                     cannot,
		"BT /T 10 Tf (x) Tj ET":                                   cannot, // a Type 3 font
		"BT /V 10 Tf (x) Tj ET":                                   cannot,
		"BT /N 10 Tf (x) Tj ET":                                   cannot, // which there is not
		"/L Do":                                                   cannot, // within itself
		strings.Repeat("q ", 600):                                 cannot,
	} {
		inner := "BT /F 10 Tf 110 45 Td (x) Tj ET"
		b := page(
			fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [0 0 300 100] /Length %d >>\nstream\n%s\nendstream", len(inner), inner),
			"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n"+
				"stream\nA\nendstream",
			"<< /Type /Font /Subtype /Type3 >>",
			"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /L 9 0 R >> >> /Length 5 >>\n"+
				"stream\n/L Do\nendstream")
		b = bytes.Replace(b, []byte("/F 5 0 R >>"), []byte(fonts+" >> "+extra), 1)
		b = bytes.Replace(b, []byte(stream("BT /F 20 Tf 20 40 Td (Pay 100 euro) Tj ET")), []byte(stream(content)), 1)
		signed := sign(t, rebuilt(b), pades.Preparer{})
		over := pades.Preparer{Appearance: &pades.Appearance{NoText: true, QR: "x",
			Rect: pades.Rect{Left: 100, Top: 40, Width: 100, Height: 24}}}
		_, err := over.Prepare(input(signed), params(t, signer(t, "bob")))
		if want == "" {
			require.NoError(t, err, content)
		} else {
			require.ErrorContains(t, err, "would cover "+want, content)
		}
	}
}

// allows prints what pyHanko makes of what came after each signature.
const allows = `
import sys
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
for s in PdfFileReader(open(sys.argv[1], "rb")).embedded_signatures:
    v = validate_pdf_signature(s)
    print(v.intact, v.valid, v.docmdp_ok, v.modification_level.name)
`

// pyHankoAllows asks pyHanko's own analysis of differences, which had no part in
// ours.
func pyHankoAllows(t *testing.T, b []byte, signatures int) {
	t.Helper()
	if exec.Command("python3", "-c", "import pyhanko").Run() != nil {
		return // the other judges have judged
	}
	dir := t.TempDir()
	name, script := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "allows.py")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	require.NoError(t, os.WriteFile(script, []byte(allows), 0o600))
	text, err := exec.CommandContext(t.Context(), "python3", script, name).Output()
	require.NoError(t, err)
	require.Equal(t, signatures, strings.Count(string(text), "True True True"), "%s", text)
	require.NotContains(t, string(text), "OTHER")
}
