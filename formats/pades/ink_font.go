package pades

import (
	"slices"
	"strings"

	"tamga/formats/internal/pdf"
)

// Bounds on the codes of a font, and on the widths of all fonts of a page.
const (
	maxCode   = 65_535
	maxWidths = 500_000
)

// metrics is how wide the glyphs of a font are, in parts of its size (§9.7.4.3,
// §9.8.1). Where a font does not say, a glyph is as wide as nothing, or as wide
// as the widest of common fonts.
type metrics struct {
	spent  *spending
	bytes  int // of one code
	widths map[int]float64
	other  [2]float64 // of codes without a width: at least, at most
	latin  bool       // one of the standard fonts, whose widths need not be given
}

const widestGlyph = 1.2

// each calls f with the least and the greatest width of every glyph of a
// string, and whether word spacing applies to it (§9.3.3).
func (m *metrics) each(s []byte, f func(low, high float64, blank bool)) {
	for i := 0; i+m.bytes <= len(s); i += m.bytes {
		code := int(s[i])
		if m.bytes == 2 {
			code = code<<8 | int(s[i+1])
		}
		if w, ok := m.widths[code]; ok {
			f(w, w, m.bytes == 1 && code == ' ')
		} else if m.latin {
			f(0, widest(s[i]), code == ' ')
		} else {
			f(m.other[0], m.other[1], m.bytes == 1 && code == ' ')
		}
	}
}

// widest is how wide a letter is at most in the standard fonts (§9.6.2.2).
func widest(c byte) float64 {
	switch {
	case c == ' ', c >= '0' && c <= '9':
		return 0.6
	case c == 'm' || c == 'w':
		return 0.9
	case c >= 'a' && c <= 'z':
		return 0.65
	case c >= 'A' && c <= 'Z' && c != 'M' && c != 'W':
		return 0.85
	}
	return widestGlyph
}

// standardFont reports whether a font is one of the 14 that every reader has,
// but for the two of symbols.
func standardFont(name string) bool {
	return strings.HasPrefix(name, "Helvetica") || strings.HasPrefix(name, "Times-") ||
		strings.HasPrefix(name, "Courier")
}

// font reads the metrics of a font in the resources, once.
func (p *painter) font(name string) (*metrics, error) {
	list, err := p.file.Get(p.resources, "Font")
	if err != nil {
		return nil, err
	}
	ref, ok := list.Get(name).Ref()
	if known := p.fonts[ref]; ok && known != nil {
		return known, nil
	}
	dict, err := p.file.Resolve(list.Get(name))
	if err != nil {
		return nil, err
	}
	m, err := readMetrics(p.file, dict, p.spent)
	if err == nil && ok {
		p.fonts[ref] = m
	}
	return m, err
}

func readMetrics(f *pdf.File, dict pdf.Value, spent *spending) (*metrics, error) {
	m := &metrics{spent: spent, bytes: 1, widths: map[int]float64{}, other: [2]float64{0, widestGlyph}}
	switch kind := dict.Get("Subtype").Name(); kind {
	case "Type0":
		return m, m.composite(f, dict)
	case "Type1", "TrueType", "MMType1":
		return m, m.simple(f, dict)
	default: // a Type 3 font may paint anything anywhere
		return nil, unknown("a page with a font of type %.20q", kind)
	}
}

func (m *metrics) simple(f *pdf.File, dict pdf.Value) error {
	first, err := f.Get(dict, "FirstChar")
	if err != nil {
		return err
	}
	list, err := f.Get(dict, "Widths")
	if err != nil {
		return err
	}
	widths, ok := numbers(f, list.Items())
	if !ok {
		return unknown("a page with a font whose widths are no numbers")
	}
	from, _ := first.Int()
	m.latin = len(widths) == 0 && standardFont(dict.Get("BaseFont").Name())
	return m.add(from, widths)
}

// add notes the widths of the codes from first on.
func (m *metrics) add(first int64, widths []float64) error {
	if m.spent.widths += len(widths); m.spent.widths > maxWidths || first < 0 || first > maxCode {
		return unknown("a page with fonts of more than %d widths", maxWidths)
	}
	for i, w := range widths {
		m.widths[int(first)+i] = w / 1000
	}
	return nil
}

// composite reads /W of a font whose codes are glyph numbers of two bytes
// (§9.7.4.3):
//
//	[first [w w …] first last w …]
func (m *metrics) composite(f *pdf.File, dict pdf.Value) error {
	encoding, err := f.Get(dict, "Encoding")
	if err != nil {
		return err
	}
	if encoding.Name() != "Identity-H" {
		return unknown("a page with text in the encoding %.20q", encoding.Name())
	}
	below, err := f.Get(dict, "DescendantFonts")
	if err != nil {
		return err
	}
	if len(below.Items()) != 1 {
		return unknown("a page with a composite font of %d parts", len(below.Items()))
	}
	glyphs, err := f.Resolve(below.Items()[0])
	if err != nil {
		return err
	}
	common, err := f.Get(glyphs, "DW")
	if err != nil {
		return err
	}
	width := 1.0
	if n, ok := common.Number(); ok {
		width = n / 1000
	}
	m.bytes, m.other = 2, [2]float64{width, width}
	list, err := f.Get(glyphs, "W")
	if err != nil {
		return err
	}
	return m.read(f, list.Items())
}

func (m *metrics) read(f *pdf.File, items []pdf.Value) error {
	bad := unknown("a page with a font whose widths cannot be read")
	for i := 0; i+1 < len(items); {
		first, ok := items[i].Int()
		next, err := f.Resolve(items[i+1])
		if err != nil || !ok {
			return bad
		}
		var widths []float64
		if next.Kind == pdf.Array {
			widths, ok = numbers(f, next.Items())
			i += 2
		} else {
			last, isCode := next.Int()
			if !isCode || last < first || last > maxCode || first < 0 || i+2 >= len(items) {
				return bad
			}
			var w float64
			w, ok = items[i+2].Number()
			widths = slices.Repeat([]float64{w}, int(last-first+1))
			i += 3
		}
		if !ok {
			return bad
		}
		if err := m.add(first, widths); err != nil {
			return err
		}
	}
	return nil
}
