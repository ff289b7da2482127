package pades_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// sheet is one page with a crop box off the corner, turned, and an empty field.
func sheet(rotate int, more string) []byte {
	return document(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [310 400 10 0] /CropBox [30 40 270 360] >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /Rotate %d /Annots [4 0 R] %s >>", rotate, more),
		"<< /FT /Sig /T (Buyer) /Type /Annot /Subtype /Widget /Rect [130 200 50 280] /P 3 0 R >>",
	)
}

// gray is a rendered page: 0 is black.
type gray struct {
	width, height int
	pixels        []byte
}

func (g gray) at(x, y float64) byte { return g.pixels[int(y)*g.width+int(x)] }

// ink returns the box of everything dark: left, top, right, bottom.
func (g gray) ink() [4]int {
	box := [4]int{g.width, g.height, 0, 0}
	for i, p := range g.pixels {
		if p < 128 {
			x, y := i%g.width, i/g.width
			box = [4]int{min(box[0], x), min(box[1], y), max(box[2], x+1), max(box[3], y+1)}
		}
	}
	return box
}

// render shows the first page with poppler, at two pixels to the point.
func render(t testing.TB, b []byte) gray {
	t.Helper()
	path, err := exec.LookPath("pdftoppm")
	if err != nil {
		t.Skip("pdftoppm is not installed")
	}
	base := filepath.Join(t.TempDir(), "shown")
	require.NoError(t, os.WriteFile(base+".pdf", b, 0o600))
	text, err := exec.CommandContext(t.Context(), path, "-cropbox", "-r", "144", "-gray", "-singlefile",
		base+".pdf", base).CombinedOutput()
	require.NoError(t, err, string(text))
	require.Empty(t, string(text), "poppler has nothing to say")
	pgm, err := os.ReadFile(base + ".pgm")
	require.NoError(t, err)
	var g gray
	var depth int
	_, err = fmt.Sscanf(string(pgm[:64]), "P5\n%d %d\n%d\n", &g.width, &g.height, &depth)
	require.NoError(t, err)
	g.pixels = pgm[len(pgm)-g.width*g.height:]
	return g
}

// upright checks that a QR code stands in a square with its corner patterns
// upper left, upper right and lower left, and so neither turned nor mirrored.
func upright(t testing.TB, g gray, box [4]int, modules int) {
	t.Helper()
	m := float64(box[2]-box[0]) / float64(modules)
	corner := func(cx, cy int) bool {
		good := 0
		for y := range 7 {
			for x := range 7 {
				ring := max(max(x-3, 3-x), max(y-3, 3-y))
				p := g.at(float64(box[0])+(float64(cx+x)+0.5)*m, float64(box[1])+(float64(cy+y)+0.5)*m)
				if (p < 128) == (ring != 2) {
					good++
				}
			}
		}
		return good == 49
	}
	far := modules - 7
	require.Equal(t, [4]bool{true, true, true, false},
		[4]bool{corner(0, 0), corner(far, 0), corner(0, far), corner(far, far)})
}

// However a page is turned and cropped, the appearance is where it was asked
// for, seen from the upper left corner, and upright.
func TestAppearanceOnTurnedPages(t *testing.T) {
	qr := &pades.Appearance{NoText: true, QR: "HELLO", Rect: pades.Rect{Left: 30, Top: 50, Width: 84, Height: 84}}
	for _, rotate := range []int{0, 90, 180, 270, -90, 450, 45} {
		b := sheet(rotate, "")
		signed := sign(t, b, pades.Preparer{Appearance: qr})
		qpdfCheck(t, signed)
		requirePdfsig(t, signed, 1)
		g := render(t, signed)
		wide := rotate%180 != 0 && rotate != 45
		require.Equal(t, wide, g.width > g.height)
		// Four points of padding, then a quiet zone of 4 of 29 modules.
		edge := 4 + 4*76.0/29
		box := g.ink()
		for i, want := range []float64{30 + edge, 50 + edge, 114 - edge, 134 - edge} {
			require.InDelta(t, 2*want, float64(box[i]), 1.5, "turned by %d: %v", rotate, box)
		}
		upright(t, g, box, 21)
	}
}

// An empty field keeps its rectangle, which on a turned page is seen turned.
func TestAppearanceInAField(t *testing.T) {
	for rotate, corner := range map[int][2]float64{
		0: {20, 80}, 90: {160, 20}, 180: {140, 160}, 270: {80, 140},
	} {
		b := sheet(rotate, "")
		signed := sign(t, b, pades.Preparer{Field: "Buyer", Appearance: &pades.Appearance{NoText: true, QR: "HELLO"}})
		tail := string(signed[len(b):])
		require.Contains(t, tail, "/Rect [130 200 50 280]")
		require.Contains(t, tail, "/F 4", "printed")
		requirePdfsig(t, signed, 1)
		g := render(t, signed)
		box := g.ink()
		edge := 4 + 4*72.0/29
		require.InDelta(t, 2*(corner[0]+edge), float64(box[0]), 1.5, "turned by %d: %v", rotate, box)
		require.InDelta(t, 2*(corner[1]+edge), float64(box[1]), 1.5, "turned by %d: %v", rotate, box)
		upright(t, g, box, 21)
	}
	shown := pades.Preparer{Field: "Buyer", Appearance: &pades.Appearance{}}
	elsewhere := shown
	elsewhere.Page = 1
	refuses(t, sheet(0, ""), elsewhere, pades.ErrWish, "its own place")
	hidden := func(old, new string) []byte {
		return rebuilt(bytes.Replace(sheet(0, ""), []byte(old), []byte(new), 1))
	}
	refuses(t, hidden("/T (Buyer)", "/T (Buyer) /F 2"), shown, pades.ErrWish, "invisible field")
	refuses(t, hidden("[130 200 50 280]", "[0 0 0 0]"), shown, pades.ErrWish, "invisible field")
	refuses(t, hidden("[130 200 50 280]", "[0 0 0 1e999]"), shown, formats.ErrMalformed, "")
	refuses(t, hidden("/Subtype /Widget", "/Kids []"), shown, pades.ErrWish, "no widget, or several")
	refuses(t, hidden("/Subtype /Widget", "/Kids [3 0 R]"), shown, pades.ErrWish, "no widget, or several")
	refuses(t, hidden("[130 200 50 280]", "[0 0 9 9]"), shown, pades.ErrWish, "no room for text")
}

// A field and its widget may be two objects: the one gets the signature, the
// other the appearance. (Poppler 22 looks for the signature in the widget alone,
// and calls such a field unsigned; so pdfsig is not asked.)
func TestAppearanceInAWidgetApart(t *testing.T) {
	b := document(
		"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 300 300] >>",
		"<< /Type /Page /Parent 2 0 R /Annots [5 0 R] >>",
		"<< /FT /Sig /T (Buyer) /Kids [5 0 R] >>",
		"<< /Type /Annot /Subtype /Widget /Rect [100 100 172 172] /P 3 0 R /Parent 4 0 R /F 4 >>",
	)
	signed := sign(t, b, pades.Preparer{Field: "Buyer", Appearance: &pades.Appearance{NoText: true, QR: "HELLO"}})
	require.Equal(t, "Buyer", newest(parse(t, signed)).Name)
	qpdfCheck(t, signed)
	g := render(t, signed)
	upright(t, g, g.ink(), 21)
}

// Pages that are measured in larger units are asked in points all the same.
func TestAppearanceInUserUnits(t *testing.T) {
	b := sheet(0, "/UserUnit 2")
	rect := pades.Rect{Left: 100, Top: 100, Width: 200, Height: 80}
	signed := sign(t, b, pades.Preparer{Appearance: &pades.Appearance{Rect: rect}})
	require.Contains(t, string(signed[len(b):]), "/Rect [80 270 180 310]")
	require.Contains(t, string(signed[len(b):]), "/BBox [0 0 200 80]")
}

// The text can be read by programs as well, in the three languages, with a
// font that is in the file.
func TestAppearanceText(t *testing.T) {
	pr := pades.Preparer{Reason: "Погоджено: Їжак, ґанок", Location: "Tõrva – Žitomir"}
	for language, words := range map[string][]string{
		"":   {"Digitally signed by", "alice", "Time: 2026-06-01 09:30:15 UTC", "Reason: Погоджено: Їжак, ґанок"},
		"uk": {"Підписано електронним підписом:", "Час: 01.06.2026", "Підстава: Погоджено", "Місце: Tõrva – Žitomir"},
		"et": {"Digitaalselt allkirjastanud", "Aeg: 01.06.2026", "Põhjus:", "Koht: Tõrva"},
	} {
		pr.Appearance = &pades.Appearance{Language: language}
		signed := sign(t, page(), pr)
		if language == "" {
			signed = sign(t, samples(t)["libreoffice.pdf"], pr)
		}
		qpdfCheck(t, signed)
		requirePdfsig(t, signed, 1)
		if text := pdftotext(t, signed); text != "" {
			for _, w := range words {
				require.Contains(t, text, w, language)
			}
		}
		if text := judge(t, signed, "pdffonts"); text != "" {
			require.Regexp(t, `[A-Z]{6}\+GoRegular +CID TrueType +Identity-H +yes yes yes`, text)
		}
		require.Less(t, len(signed), 60_000, "a subset, and not the whole font")
	}
	for word, p := range map[string]pades.Preparer{
		"U+7B7E":      {Reason: "签", Appearance: &pades.Appearance{}},
		"no words":    {Appearance: &pades.Appearance{Language: "fr"}},
		"500 letters": {Reason: strings.Repeat("x", 600), Appearance: &pades.Appearance{}},
		"not fit": {Reason: strings.Repeat("x ", 240), Appearance: &pades.Appearance{
			Rect: pades.Rect{Left: 10, Top: 10, Width: 100, Height: 40}}},
	} {
		refuses(t, samples(t)["cairo.pdf"], p, pades.ErrWish, word)
	}
}

func pdftotext(t testing.TB, b []byte) string {
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		return ""
	}
	name := filepath.Join(t.TempDir(), "x.pdf")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	text, err := exec.CommandContext(t.Context(), path, name, "-").Output()
	require.NoError(t, err)
	return string(text)
}

// What cannot be shown is refused before any key is used.
func TestAppearanceRefuses(t *testing.T) {
	at := func(l, t, w, h float64) *pades.Appearance {
		return &pades.Appearance{Rect: pades.Rect{Left: l, Top: t, Width: w, Height: h}}
	}
	for name, c := range map[string]struct {
		a   *pades.Appearance
		why string
	}{
		"off the page":  {at(200, 10, 50, 50), "240 by 320 points"},
		"above it":      {at(0, -1, 50, 50), "not on the page"},
		"no width":      {at(10, 10, 0, 50), "not on the page"},
		"not a number":  {at(math.NaN(), 10, 50, 50), "not on the page"},
		"endless":       {at(10, 10, math.Inf(1), 50), "not on the page"},
		"a dot":         {at(10, 10, 2, 2), "too small"},
		"narrow":        {at(10, 10, 20, 200), "no room for text"},
		"nothing":       {&pades.Appearance{NoText: true}, "nothing to show"},
		"a long code":   {&pades.Appearance{QR: strings.Repeat("x", 2100)}, "2100 bytes"},
		"a fine code":   {&pades.Appearance{QR: strings.Repeat("x", 2000)}, "does not fit"},
		"no picture":    {&pades.Appearance{Image: []byte("GIF89a")}, "neither PNG nor JPEG"},
		"a broken PNG":  {&pades.Appearance{Image: []byte("\x89PNG\r\n\x1a\n")}, "reading the picture"},
		"a broken JPEG": {&pades.Appearance{Image: []byte("\xFF\xD8\xFF\xE0")}, "reading the picture"},
	} {
		_, err := pades.Preparer{Appearance: c.a}.Prepare(input(sheet(0, "")), params(t, signer(t, "alice")))
		require.ErrorIs(t, err, pades.ErrWish, name)
		require.ErrorContains(t, err, c.why, name)
	}
}
