package report

import (
	"strconv"

	"codeberg.org/go-pdf/fpdf"
)

// Measures, in millimetres and points.
const (
	font    = "Go"
	margin  = 18.0
	bottom  = 297 - 20.0 // of what is written; the number of the page is below
	width   = 210 - 2*margin
	gap     = 4.0  // between columns
	leading = 0.48 // millimetres of line for a point of letter
)

// look is how words are written.
type look struct {
	size  float64
	bold  bool
	color [3]int
}

var (
	ink  = [3]int{27, 27, 31}
	soft = [3]int{84, 84, 92}
	line = [3]int{201, 201, 209}

	// As in page.html: each is readable on white by WCAG AA.
	markColors = map[string][3]int{
		string(Yes): {11, 93, 42}, string(No): {156, 20, 32}, string(Unknown): {107, 74, 0},
	}

	plain  = look{9.5, false, ink}
	strong = look{9.5, true, ink}
	faint  = look{9.5, false, soft}
	small  = look{8, false, soft}
)

// sheet is the PDF in the making. Rows are set from top to bottom; one that
// does not fit goes to the next page, and one longer than a page over several.
type sheet struct {
	*fpdf.Fpdf
	letters *letters
	words   words
	pages   int // how many there will be, 0 if not known yet
}

// paragraph is words of one look, with a mark before them if it has a class.
type paragraph struct {
	text string
	look look
	mark string
}

// column is where a cell begins and how wide it is.
type column struct{ x, width float64 }

// columns parts the width by shares, from x on.
func columns(x float64, shares ...float64) []column {
	sum := 0.0
	for _, s := range shares {
		sum += s
	}
	space := margin + width - x - gap*float64(len(shares)-1)
	var out []column
	for _, s := range shares {
		w := space * s / sum
		out = append(out, column{x, w})
		x += w + gap
	}
	return out
}

// set is one line of a cell.
type set struct {
	text   string
	look   look
	mark   string
	indent float64 // of all lines of a paragraph that has a mark
}

func (s *sheet) use(l look) float64 {
	style := ""
	if l.bold {
		style = "B"
	}
	s.SetFont(font, style, l.size)
	s.SetTextColor(l.color[0], l.color[1], l.color[2])
	return l.size * leading
}

// breakUp sets the paragraphs of a cell in lines.
func (s *sheet) breakUp(cell []paragraph, width float64) []set {
	var out []set
	for _, p := range cell {
		s.use(p.look)
		indent := 0.0
		if p.mark != "" {
			indent = p.look.size * leading
		}
		for i, text := range s.SplitText(s.letters.drawn(p.text), width-indent) {
			mark := ""
			if i == 0 {
				mark = p.mark
			}
			out = append(out, set{text, p.look, mark, indent})
		}
	}
	return out
}

// row sets cells beside each other.
func (s *sheet) row(places []column, cells ...[]paragraph) {
	var lines [][]set
	rows, height := 0, 0.0
	for i, cell := range cells {
		l := s.breakUp(cell, places[i].width)
		h := 0.0
		for _, line := range l {
			h += line.look.size * leading
		}
		lines, rows, height = append(lines, l), max(rows, len(l)), max(height, h)
	}
	if s.GetY()+height > bottom && height < bottom-margin {
		s.AddPage()
	}
	for n := range rows {
		s.line(places, lines, n)
	}
}

// line sets the n-th line of each cell.
func (s *sheet) line(places []column, lines [][]set, n int) {
	height := 0.0
	for _, cell := range lines {
		if n < len(cell) {
			height = max(height, cell[n].look.size*leading)
		}
	}
	if s.GetY()+height > bottom {
		s.AddPage()
	}
	y := s.GetY()
	for i, cell := range lines {
		if n >= len(cell) {
			continue
		}
		x, own := places[i].x, s.use(cell[n].look)
		if cell[n].mark != "" {
			s.drawMark(cell[n].mark, x, y, own)
		}
		s.SetXY(x+cell[n].indent, y)
		s.CellFormat(places[i].width, own, cell[n].text, "", 0, "LM", false, 0, "")
	}
	s.SetXY(margin, y+height)
}

// drawMark draws ✓, ✗ or ? in a square of the line's height. The font lacks the
// first two; whoever copies the text gets the word beside it.
func (s *sheet) drawMark(mark string, x, y, height float64) {
	c := markColors[mark]
	s.SetDrawColor(c[0], c[1], c[2])
	s.SetTextColor(c[0], c[1], c[2])
	s.SetLineWidth(height / 9)
	at := func(dx, dy float64) (float64, float64) { return x + dx*height, y + dy*height }
	stroke := func(x1, y1, x2, y2 float64) {
		ax, ay := at(x1, y1)
		bx, by := at(x2, y2)
		s.Line(ax, ay, bx, by)
	}
	switch mark {
	case string(Yes):
		stroke(0.08, 0.52, 0.28, 0.74)
		stroke(0.28, 0.74, 0.66, 0.24)
	case string(No):
		stroke(0.12, 0.26, 0.58, 0.74)
		stroke(0.58, 0.26, 0.12, 0.74)
	default:
		s.SetXY(x+0.1*height, y)
		s.CellFormat(height, height, sign(Unknown), "", 0, "LM", false, 0, "")
	}
}

// rule draws a line across the page.
func (s *sheet) rule(x float64) {
	s.SetDrawColor(line[0], line[1], line[2])
	s.SetLineWidth(0.2)
	y := s.GetY() + 0.8
	s.Line(x, y, margin+width, y)
	s.SetXY(margin, y+0.8)
}

// space leaves room, and goes to the next page if what follows would stand
// alone at the foot of this one.
func (s *sheet) space(before, needed float64) {
	if s.GetY()+before+needed > bottom {
		s.AddPage()
		return
	}
	s.SetXY(margin, s.GetY()+before)
}

// footer is the number of the page.
func (s *sheet) footer() {
	number := strconv.Itoa(s.PageNo())
	if s.pages > 0 {
		number += "/" + strconv.Itoa(s.pages)
	}
	height := s.use(small)
	s.SetXY(margin, bottom+6)
	s.CellFormat(width, height, s.words.Say("page.number", number), "", 0, "RM", false, 0, "")
	s.SetXY(margin, margin)
}
