package pades_test

import (
	"bytes"
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
