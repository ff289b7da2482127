package pades

import (
	"bytes"
	"fmt"
	"strings"
)

// Sizes of an appearance, in points.
const (
	minBox      = 8    // a smaller rectangle shows nothing
	minText     = 4    // smaller letters cannot be read
	maxText     = 11   // larger ones are no use
	minColumn   = 30   // narrower text is all breaks
	lineHeight  = 1.22 // of the size of the letters
	nameScale   = 1.2  // of the signer's name
	pictureSide = 0.38 // at most, of the width, beside one other thing
	middleSide  = 0.27 // beside two
)

// drawing is an appearance while it is drawn.
type drawing struct {
	b             *building
	a             Appearance
	width, height float64
	content       bytes.Buffer
	fonts, images string // entries of the resources
	picture       *picture
	code          *code
}

// compose lays out, from the left: the picture, the text, the QR code.
func (d *drawing) compose() error {
	if d.width < minBox || d.height < minBox {
		return fmt.Errorf("a rectangle of %.0f by %.0f points is too small to show anything: %w",
			d.width, d.height, ErrWish)
	}
	if err := d.load(); err != nil {
		return err
	}
	share := d.width * pictureSide
	if d.picture != nil && d.code != nil && !d.a.NoText {
		share = d.width * middleSide
	}
	pad := min(4, min(d.width, d.height)*0.06)
	left, right, inner := pad, d.width-pad, d.height-2*pad
	if d.picture != nil {
		room := right - left
		if !d.a.NoText || d.code != nil {
			room = share
		}
		w := d.picture.draw(d, box{left, pad, room, inner})
		left += w + pad
	}
	if d.code != nil {
		side := min(inner, right-left)
		if !d.a.NoText {
			side = min(side, share)
		}
		if err := d.code.draw(d, box{right - side, pad + (inner-side)/2, side, side}); err != nil {
			return err
		}
		right -= side + pad
	}
	if d.a.NoText {
		return nil
	}
	return d.text(box{left, pad, right - left, inner})
}

// load reads the picture and makes the code.
func (d *drawing) load() (err error) {
	if d.a.NoText && len(d.a.Image) == 0 && d.a.QR == "" {
		return fmt.Errorf("nothing to show, neither text nor a picture nor a QR code: %w", ErrWish)
	}
	if len(d.a.Image) > 0 {
		if d.picture, err = loadPicture(d.a.Image); err != nil {
			return err
		}
	}
	if d.a.QR != "" {
		d.code, err = makeCode(d.a.QR)
	}
	return err
}

// box is a part of the appearance: its lower left corner and its extent.
type box struct{ x, y, w, h float64 }

// line is a line of text, before or after it was broken.
type line struct {
	text  string
	scale float64
}

// text writes the lines as large as they fit, and no smaller than can be read.
func (d *drawing) text(in box) error {
	lines, err := d.b.lines()
	if err != nil {
		return err
	}
	f, err := loadFont(lines)
	if err != nil {
		return err
	}
	if in.w < minColumn {
		return fmt.Errorf("no room for text, only %.0f points: make the rectangle wider, or show no text: %w",
			in.w, ErrWish)
	}
	for size := float64(maxText); size >= minText; size -= 0.25 {
		broken := f.wrap(lines, in.w, size)
		if total := height(broken, size); total <= in.h {
			d.write(f, broken, in, size)
			d.fonts = "/F0 " + f.embed(d.b.u).String()
			return nil
		}
	}
	return fmt.Errorf("the text does not fit into %.0f by %.0f points: make the rectangle larger, or show "+
		"no text: %w", in.w, in.h, ErrWish)
}

func height(lines []line, size float64) float64 {
	total := 0.0
	for _, l := range lines {
		total += l.scale * size * lineHeight
	}
	return total
}

// write sets the lines, in the middle of the height.
func (d *drawing) write(f *font, lines []line, in box, size float64) {
	y := in.y + in.h - (in.h-height(lines, size))/2
	d.content.WriteString("BT\n/CG cs 0 sc\n")
	for _, l := range lines {
		own := l.scale * size
		y -= own * lineHeight
		fmt.Fprintf(&d.content, "/F0 %s Tf\n1 0 0 1 %s %s Tm\n<%s> Tj\n",
			number(own), number(in.x), number(y+own*(lineHeight-f.ascent)), f.encode(l.text))
	}
	d.content.WriteString("ET\n")
}

// resources writes the resource dictionary's entries.
func (d *drawing) resources() string {
	var b strings.Builder
	b.WriteString("/ColorSpace << /CG " + colorSpace(d.b.u, true) + " >>")
	if d.fonts != "" {
		b.WriteString(" /Font << " + d.fonts + " >>")
	}
	if d.images != "" {
		b.WriteString(" /XObject << " + d.images + " >>")
	}
	return b.String()
}
