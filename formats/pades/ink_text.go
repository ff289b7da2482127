package pades

import (
	"tamga/formats/internal/pdf"
)

// textState is how text is shown (§9.3) and where (§9.4.2). What has been shown
// since the line began ends somewhere from low to high: not every font says how
// wide its glyphs are.
type textState struct {
	char, word, leading, rise, size float64
	scale                           float64 // Tz / 100
	mode                            int64
	font                            *metrics
	matrix, line                    matrix
	low, high                       float64
}

func newTextState() textState { return textState{scale: 1, matrix: identity, line: identity} }

// set applies the operators of text whose operands are numbers.
func (t *textState) set(name string, n []float64) {
	switch name {
	case "BT":
		t.begin(identity)
	case "Tc":
		t.char = n[0]
	case "Tw":
		t.word = n[0]
	case "Tz":
		t.scale = n[0] / 100
	case "TL":
		t.leading = n[0]
	case "Ts":
		t.rise = n[0]
	case "Tr":
		t.mode = int64(n[0])
	case "Td":
		t.begin(matrix{1, 0, 0, 1, n[0], n[1]}.times(t.line))
	case "TD":
		t.leading = -n[1]
		t.begin(matrix{1, 0, 0, 1, n[0], n[1]}.times(t.line))
	case "Tm":
		t.begin(matrix(n))
	case "T*":
		t.begin(matrix{1, 0, 0, 1, 0, -t.leading}.times(t.line))
	}
}

func (t *textState) begin(m matrix) { t.matrix, t.line, t.low, t.high = m, m, 0, 0 }

// text applies those of the others.
func (p *painter) text(name string, operands []pdf.Value) error {
	t := &p.state.text
	last := operands[len(operands)-1]
	switch name {
	case "Tf":
		size, ok := last.Number()
		if !ok {
			return unknown("a page with a font of no size")
		}
		t.size = size
		var err error
		t.font, err = p.font(operands[0].Name())
		return err
	case "\"":
		n, ok := numbers(p.file, operands[:2])
		if !ok {
			return unknown("a page with text spaced by no numbers")
		}
		t.word, t.char = n[0], n[1]
		t.set("T*", nil)
	case "'":
		t.set("T*", nil)
	case "TJ":
		return p.spaced(last.Items())
	}
	return p.show(last)
}

// spaced shows strings with numbers between them that move the next one.
func (p *painter) spaced(items []pdf.Value) error {
	t := &p.state.text
	for _, v := range items {
		if n, ok := v.Number(); ok {
			move := -n / 1000 * t.size * t.scale
			t.low, t.high = t.low+move, t.high+move
		} else if err := p.show(v); err != nil {
			return err
		}
	}
	return nil
}

// The height of a glyph, as parts of its font's size, accents and descenders
// included.
const glyphBottom, glyphTop = -0.3, 1.0

// invisible is the text of a scanned page, under its picture (table 104).
const invisible = 3

// show marks where a string is shown.
func (p *painter) show(v pdf.Value) error {
	t := &p.state.text
	if v.Kind != pdf.String {
		return unknown("a page that shows text which is none")
	}
	if t.font == nil {
		return unknown("a page with text in no font")
	}
	from := t.low
	left, right := from, t.high
	t.font.each(v.Bytes(), func(low, high float64, blank bool) {
		space := t.char
		if blank {
			space += t.word
		}
		a, b := (low*t.size+space)*t.scale, (high*t.size+space)*t.scale
		t.low, t.high = t.low+min(a, b), t.high+max(a, b)
		left, right = min(left, t.low), max(right, t.high)
	})
	if t.mode == invisible || len(v.Bytes()) == 0 {
		return nil
	}
	at := t.matrix.times(p.state.ctm)
	low, high := glyphBottom*t.size+t.rise, glyphTop*t.size+t.rise
	return p.ink.add(at.of(area{left, min(low, high), right, max(low, high)}), "text")
}
