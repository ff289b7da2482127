package pades

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"tamga/formats/internal/pdf"
)

// font is Go Regular, which has the letters of Latin, Greek and Cyrillic
// alphabets, reduced to the glyphs that one appearance shows.
type font struct {
	letters map[rune]int // glyph within the subset
	advance []int        // width of each glyph, in thousandths of the size
	file    []byte       // the subset, as TrueType
	bounds  [4]int       // in thousandths
	rise    int          // of the tallest letters, likewise
	drop    int          // of the deepest, negative
	ascent  float64      // share of the line above the base line
}

// loadFont makes a subset for some lines. A letter that it has no picture of
// is an error: a name must not be shown with holes in it.
func loadFont(lines []line) (*font, error) {
	source, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return nil, fmt.Errorf("loading the font: %w", err)
	}
	var all []rune
	for _, l := range lines {
		all = append(all, []rune(l.text)...)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	f := &font{letters: map[rune]int{}}
	var buf sfnt.Buffer
	wanted := []int{0} // .notdef comes first in every font
	for _, r := range all {
		i, err := source.GlyphIndex(&buf, r)
		if err != nil || i == 0 {
			return nil, fmt.Errorf("the letter %q (U+%04X) is not in the font for signatures: show a picture "+
				"of your own and no text: %w", r, r, ErrWish)
		}
		at := slices.Index(wanted, int(i)) // two letters may share a glyph
		if at < 0 {
			at = len(wanted)
			wanted = append(wanted, int(i))
		}
		f.letters[r] = at
	}
	if f.file, wanted, err = subset(goregular.TTF, wanted); err != nil {
		return nil, fmt.Errorf("reducing the font: %w", err)
	}
	return f, f.measure(source, wanted)
}

// measure reads what the font descriptor and the widths say.
func (f *font) measure(source *sfnt.Font, glyphs []int) error {
	var buf sfnt.Buffer
	const em = 1000
	for _, i := range glyphs {
		w, err := source.GlyphAdvance(&buf, sfnt.GlyphIndex(i), fixed.I(em), 0)
		if err != nil {
			return fmt.Errorf("measuring the font: %w", err)
		}
		f.advance = append(f.advance, w.Round())
	}
	m, err := source.Metrics(&buf, fixed.I(em), 0)
	if err != nil {
		return fmt.Errorf("measuring the font: %w", err)
	}
	b, err := source.Bounds(&buf, fixed.I(em), 0)
	if err != nil {
		return fmt.Errorf("measuring the font: %w", err)
	}
	f.rise, f.drop = m.Ascent.Round(), -m.Descent.Round()
	f.ascent = float64(f.rise) / em
	f.bounds = [4]int{b.Min.X.Floor(), -b.Max.Y.Ceil(), b.Max.X.Ceil(), -b.Min.Y.Floor()}
	return nil
}

// width returns the width of a text in points.
func (f *font) width(text string, size float64) float64 {
	n := 0
	for _, r := range text {
		n += f.advance[f.letters[r]]
	}
	return float64(n) * size / 1000
}

// wrap breaks lines at blanks, and words that are wider than the box anywhere.
func (f *font) wrap(lines []line, width, size float64) []line {
	var out []line
	for _, l := range lines {
		own, current := size*l.scale, ""
		for _, word := range strings.Fields(l.text) {
			joined := strings.TrimPrefix(current+" "+word, " ")
			if f.width(joined, own) <= width {
				current = joined
				continue
			}
			if current != "" {
				out = append(out, line{current, l.scale})
			}
			current = ""
			for _, r := range word {
				if current != "" && f.width(current+string(r), own) > width {
					out = append(out, line{current, l.scale})
					current = ""
				}
				current += string(r)
			}
		}
		out = append(out, line{current, l.scale})
	}
	return out
}

// encode writes a text as glyph numbers in hexadecimal.
func (f *font) encode(text string) string {
	var b strings.Builder
	for _, r := range text {
		fmt.Fprintf(&b, "%04X", f.letters[r])
	}
	return b.String()
}

// embed writes the font (ISO 32000-2 §9.7.4, §9.9):
//
//	Type0, Identity-H → CIDFontType2 → FontDescriptor → FontFile2, CIDSet
//	                  → ToUnicode
//
// The subset numbers its glyphs anew, without holes. So it is small (about 10
// KB where the whole font has 90), and /CIDSet, which PDF/A-1 demands of a
// subset and PDF/A-2 demands to be complete, is both.
func (f *font) embed(u *pdf.Update) pdf.Ref {
	top, cid, descriptor, file, unicode, set := u.New(), u.New(), u.New(), u.New(), u.New(), u.New()
	name := f.tag() + "+GoRegular"
	u.Set(top, fmt.Appendf(nil, "<<\n/Type /Font\n/Subtype /Type0\n/BaseFont /%s\n/Encoding /Identity-H\n"+
		"/DescendantFonts [%s]\n/ToUnicode %s\n>>", name, cid, unicode))
	widths := strings.Trim(fmt.Sprint(f.advance), "[]")
	u.Set(cid, fmt.Appendf(nil, "<<\n/Type /Font\n/Subtype /CIDFontType2\n/BaseFont /%s\n"+
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>\n"+
		"/CIDToGIDMap /Identity\n/DW %d\n/W [0 [%s]]\n/FontDescriptor %s\n>>",
		name, f.advance[0], widths, descriptor))
	u.Set(descriptor, fmt.Appendf(nil, "<<\n/Type /FontDescriptor\n/FontName /%s\n/Flags 4\n/FontBBox %d\n"+
		"/ItalicAngle 0\n/Ascent %d\n/Descent %d\n/CapHeight %d\n/StemV 80\n/FontFile2 %s\n/CIDSet %s\n>>",
		name, f.bounds, f.rise, f.drop, f.rise, file, set))
	setStream(u, file, fmt.Sprintf("/Length1 %d", len(f.file)), f.file)
	setStream(u, unicode, "/Type /CMap", f.toUnicode())
	setStream(u, set, "", f.cidSet())
	return top
}

// tag is the name of the subset (§9.9.2), six capitals that depend on it.
func (f *font) tag() string {
	sum := sha256.Sum256(f.file)
	out := make([]byte, 6)
	for i := range out {
		out[i] = 'A' + sum[i]%26
	}
	return string(out)
}

// cidSet has a bit for each glyph, the first the highest of the first byte
// (table 122).
func (f *font) cidSet() []byte {
	out := make([]byte, (len(f.advance)+7)/8)
	for i := range f.advance {
		out[i/8] |= 0x80 >> (i % 8)
	}
	return out
}

// toUnicode tells which letter a glyph shows, for searching and copying
// (§9.10.3).
func (f *font) toUnicode() []byte {
	var pairs []string
	for r, glyph := range f.letters {
		units := ""
		for _, unit := range utf16.Encode([]rune{r}) {
			units += fmt.Sprintf("%04X", unit)
		}
		pairs = append(pairs, fmt.Sprintf("<%04X> <%s>", glyph, units))
	}
	slices.Sort(pairs)
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for part := range slices.Chunk(pairs, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n%s\nendbfchar\n", len(part), strings.Join(part, "\n"))
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}
