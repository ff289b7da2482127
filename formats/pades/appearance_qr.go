package pades

import (
	"fmt"

	"rsc.io/qr"
)

// Limits on QR codes.
const (
	quietZone  = 4   // modules, ISO/IEC 18004 §9.1
	minModule  = 0.7 // points; 0.25 mm is what telephones still read from paper
	maxCodeLen = 2048
)

// code is a QR code (ISO/IEC 18004).
type code struct{ *qr.Code }

func makeCode(text string) (*code, error) {
	if len(text) > maxCodeLen {
		return nil, fmt.Errorf("a QR code of %d bytes: %w", len(text), ErrWish)
	}
	c, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("making the QR code: %w", err)
	}
	return &code{c}, nil
}

// draw fills the dark modules of each row, run by run, on white: as lines they
// are sharp at any size, and smaller than a picture.
func (c *code) draw(d *drawing, in box) error {
	module := in.w / float64(c.Size+2*quietZone)
	if module < minModule {
		return fmt.Errorf("a QR code of %d modules does not fit into %.0f points: make the rectangle larger, or "+
			"the text of the code shorter: %w", c.Size, in.w, ErrWish)
	}
	fmt.Fprintf(&d.content, "q\n/CG cs 1 sc\n%s %s %s %s re f\n0 sc\n%s 0 0 %s %s %s cm\n",
		number(in.x), number(in.y), number(in.w), number(in.h), // white
		number(module), number(module), number(in.x+quietZone*module), number(in.y+quietZone*module))
	for y := range c.Size {
		for x := 0; x < c.Size; x++ {
			from := x
			for x < c.Size && c.Black(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&d.content, "%d %d %d 1 re\n", from, c.Size-1-y, x-from)
			}
		}
	}
	d.content.WriteString("f\nQ\n")
	return nil
}
