package pades

import (
	"fmt"
	"math"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// Rect is a place on a page as it is shown, turned and cropped: distances in
// points (1/72 inch) from its upper left corner.
type Rect struct{ Left, Top, Width, Height float64 }

// The place of a visible signature for which nobody named one: lower right,
// 15 mm from the edges, 80 mm by 25 mm.
const (
	defaultMargin = 15 * 72 / 25.4
	defaultWidth  = 80 * 72 / 25.4
	defaultHeight = 25 * 72 / 25.4
)

// pageGeometry is how a page is shown (ISO 32000-2 §7.7.3.3).
type pageGeometry struct {
	x0, y0, x1, y1 float64 // what is seen of it, in user space
	rotate         int     // clockwise: 0, 90, 180 or 270
	unit           float64 // points to a unit of user space
}

// placed is a rectangle in user space, and what is seen in it upright.
type placed struct {
	rect          string // for /Rect
	area          area
	width, height float64
	rotate        int // of the page
}

// geometry reads the boxes and the rotation of a page.
func geometry(f *pdf.File, page pdf.Value) (pageGeometry, error) {
	g := pageGeometry{unit: 1}
	media, err := inheritedBox(f, page, "MediaBox")
	if err != nil {
		return g, err
	}
	if media == nil {
		return g, fmt.Errorf("a page without /MediaBox: %w", formats.ErrMalformed)
	}
	crop, err := inheritedBox(f, page, "CropBox")
	if err != nil {
		return g, err
	}
	if crop == nil {
		crop = media
	}
	g.x0, g.y0 = max(media[0], crop[0]), max(media[1], crop[1])
	g.x1, g.y1 = min(media[2], crop[2]), min(media[3], crop[3])
	if g.x0 >= g.x1 || g.y0 >= g.y1 {
		return g, fmt.Errorf("a page of which nothing is shown: %w", formats.ErrMalformed)
	}
	if g.rotate, err = rotation(f, page); err != nil {
		return g, err
	}
	unit, err := f.Get(page, "UserUnit")
	if n, ok := unit.Number(); ok && n > 0 && n <= 75_000 {
		g.unit = n
	}
	return g, err
}

// rotation reads /Rotate of a page; what is no multiple of 90 is ignored.
func rotation(f *pdf.File, page pdf.Value) (int, error) {
	v, err := inherited(f, page, "Rotate")
	n, _ := v.Int()
	if n %= 360; n < 0 {
		n += 360
	}
	if n%90 != 0 {
		n = 0
	}
	return int(n), err
}

// inherited looks for a key in a page and above it.
func inherited(f *pdf.File, page pdf.Value, key string) (pdf.Value, error) {
	for range maxPageDepth {
		v, err := f.Get(page, key)
		if err != nil || v.Kind != pdf.Null {
			return v, err
		}
		if page, err = f.Get(page, "Parent"); err != nil || page.Kind != pdf.Dict {
			return pdf.Value{}, err
		}
	}
	return pdf.Value{}, fmt.Errorf("looking for /%s of a page: a tree too deep, or a loop: %w",
		key, formats.ErrMalformed)
}

func inheritedBox(f *pdf.File, page pdf.Value, key string) ([]float64, error) {
	v, err := inherited(f, page, key)
	if err != nil || v.Kind == pdf.Null {
		return nil, err
	}
	box, err := readBox(f, v)
	if err != nil {
		return nil, fmt.Errorf("reading /%s: %w", key, err)
	}
	return box, nil
}

// maxCoordinate bounds what is calculated with.
const maxCoordinate = 1e7

// readBox reads a rectangle, of which any two opposite corners may be given
// (§7.9.5), as left, bottom, right, top.
func readBox(f *pdf.File, v pdf.Value) ([]float64, error) {
	items := v.Items()
	if len(items) != 4 {
		return nil, fmt.Errorf("a rectangle %.40s: %w", v.Raw, formats.ErrMalformed)
	}
	n := make([]float64, 4)
	for i, item := range items {
		item, err := f.Resolve(item)
		if err != nil {
			return nil, err
		}
		var ok bool
		if n[i], ok = item.Number(); !ok || math.Abs(n[i]) > maxCoordinate {
			return nil, fmt.Errorf("a rectangle with a corner at %.40s: %w", item.Raw, formats.ErrMalformed)
		}
	}
	return []float64{min(n[0], n[2]), min(n[1], n[3]), max(n[0], n[2]), max(n[1], n[3])}, nil
}

// size returns the page's width and height as it is shown, in points.
func (g pageGeometry) size() (width, height float64) {
	width, height = (g.x1-g.x0)*g.unit, (g.y1-g.y0)*g.unit
	if g.rotate%180 != 0 {
		return height, width
	}
	return width, height
}

// corner is the place for which nobody named one.
func (g pageGeometry) corner() Rect {
	width, height := g.size()
	r := Rect{
		Width:  min(defaultWidth, max(width-2*defaultMargin, width/2)),
		Height: min(defaultHeight, max(height-2*defaultMargin, height/2)),
	}
	r.Left, r.Top = max(width-defaultMargin-r.Width, 0), max(height-defaultMargin-r.Height, 0)
	return r
}

// place turns a rectangle of the page as it is shown into one of user space.
func (g pageGeometry) place(r Rect) (placed, error) {
	width, height := g.size()
	if r == (Rect{}) {
		r = g.corner()
	}
	const tolerance = 0.01
	if !(r.Left >= 0 && r.Top >= 0 && r.Width > 0 && r.Height > 0 &&
		r.Left+r.Width <= width+tolerance && r.Top+r.Height <= height+tolerance) {
		return placed{}, fmt.Errorf("a rectangle that is not on the page, which is %.0f by %.0f points "+
			"(%.0f by %.0f mm): %w", width, height, millimetres(width), millimetres(height), ErrWish)
	}
	left, top, w, h := r.Left/g.unit, r.Top/g.unit, r.Width/g.unit, r.Height/g.unit
	var x, y float64
	switch g.rotate {
	case 90: // the lower left corner is shown upper left
		x, y = g.x0+top, g.y0+left
		w, h = h, w
	case 180:
		x, y = g.x1-left-w, g.y0+top
	case 270:
		x, y = g.x1-top-h, g.y1-left-w
		w, h = h, w
	default:
		x, y = g.x0+left, g.y1-top-h
	}
	return placed{
		rect: fmt.Sprintf("[%s %s %s %s]", number(x), number(y), number(x+w), number(y+h)),
		area: area{x, y, x + w, y + h}, width: r.Width, height: r.Height, rotate: g.rotate,
	}, nil
}

func millimetres(points float64) float64 { return points * 25.4 / 72 }

// matrix turns what is drawn upright against the rotation of the page. The
// reader moves the result into /Rect (§12.5.5).
func (p placed) matrix() string {
	switch p.rotate {
	case 90:
		return fmt.Sprintf("[0 1 -1 0 %s 0]", number(p.height))
	case 180:
		return fmt.Sprintf("[-1 0 0 -1 %s %s]", number(p.width), number(p.height))
	case 270:
		return fmt.Sprintf("[0 -1 1 0 0 %s]", number(p.width))
	}
	return "[1 0 0 1 0 0]"
}
