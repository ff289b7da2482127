package pades

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"tamga/formats/internal/pdf"
)

// Limits on pictures.
const (
	maxPictureBytes  = 4 << 20
	maxPicturePixels = 4 << 20
)

// picture is an image XObject (ISO 32000-2 §8.9.5) before it is written.
type picture struct {
	width, height int
	gray          bool
	pixels        []byte // one or three bytes each; nil with jpeg
	alpha         []byte // nil if every pixel is opaque
	jpeg          []byte // as it came, but for what cameras write into it
}

// loadPicture reads a PNG or JPEG. The header is looked at before any pixel is
// decoded: a few bytes can ask for gigabytes.
func loadPicture(b []byte) (*picture, error) {
	if len(b) > maxPictureBytes {
		return nil, fmt.Errorf("a picture of %d bytes, more than %d: %w", len(b), maxPictureBytes, ErrWish)
	}
	isPNG := bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n"))
	if !isPNG && !bytes.HasPrefix(b, []byte{0xFF, 0xD8, 0xFF}) {
		return nil, fmt.Errorf("a picture that is neither PNG nor JPEG: %w", ErrWish)
	}
	header, decode := jpeg.DecodeConfig, jpeg.Decode
	if isPNG {
		header, decode = png.DecodeConfig, png.Decode
	}
	c, err := header(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("reading the picture: %v: %w", err, ErrWish)
	}
	if c.Width < 1 || c.Height < 1 || c.Width > maxPicturePixels/c.Height {
		return nil, fmt.Errorf("a picture of %d by %d pixels, more than %d in all: make it smaller: %w",
			c.Width, c.Height, maxPicturePixels, ErrWish)
	}
	m, err := decode(bytes.NewReader(b)) // a broken one must not be signed
	if err != nil {
		return nil, fmt.Errorf("reading the picture: %v: %w", err, ErrWish)
	}
	p := &picture{width: c.Width, height: c.Height}
	switch m.(type) {
	case *image.YCbCr:
		p.jpeg = stripped(b)
	case *image.Gray:
		p.gray = true
		if !isPNG {
			p.jpeg = stripped(b)
		}
	}
	if p.jpeg == nil {
		p.read(m)
	}
	return p, nil
}

// read takes the pixels over, one byte each if all are gray.
func (p *picture) read(m image.Image) {
	b := m.Bounds()
	rgb := make([]byte, 0, 3*p.width*p.height)
	alpha := make([]byte, 0, p.width*p.height)
	gray, opaque := true, true
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			c := color.NRGBAModel.Convert(m.At(x, y)).(color.NRGBA)
			rgb = append(rgb, c.R, c.G, c.B)
			alpha = append(alpha, c.A)
			gray = gray && c.R == c.G && c.G == c.B
			opaque = opaque && c.A == 0xFF
		}
	}
	p.pixels, p.gray = rgb, gray
	if gray {
		for i := range alpha {
			rgb[i] = rgb[3*i]
		}
		p.pixels = rgb[:len(alpha)]
	}
	if !opaque {
		p.alpha = alpha
	}
}

// flatten lays the picture on white, where transparency is forbidden.
func (p *picture) flatten() {
	if p.alpha == nil {
		return
	}
	each := len(p.pixels) / len(p.alpha)
	for i := range p.pixels {
		a := int(p.alpha[i/each])
		p.pixels[i] = byte((int(p.pixels[i])*a + 255*(255-a) + 127) / 255)
	}
	p.alpha = nil
}

// draw sets the picture into the left of a box, as large as it fits, and
// returns how wide it is.
func (p *picture) draw(d *drawing, in box) float64 {
	scale := min(in.w/float64(p.width), in.h/float64(p.height))
	w, h := scale*float64(p.width), scale*float64(p.height)
	x := in.x
	if d.a.NoText && d.code == nil {
		x += (in.w - w) / 2
	}
	if d.b.isPDFA1() {
		p.flatten()
	}
	fmt.Fprintf(&d.content, "q %s 0 0 %s %s %s cm /I0 Do Q\n",
		number(w), number(h), number(x), number(in.y+(in.h-h)/2))
	d.images = "/I0 " + p.embed(d.b.u).String()
	return w
}

// embed writes the picture, and what is transparent of it as a soft mask
// (§11.6.5.2).
func (p *picture) embed(u *pdf.Update) pdf.Ref {
	ref := u.New()
	dict := func(space string) string {
		return fmt.Sprintf("/Type /XObject\n/Subtype /Image\n/Width %d\n/Height %d\n/BitsPerComponent 8\n"+
			"/ColorSpace %s", p.width, p.height, space)
	}
	own := dict(colorSpace(u, p.gray))
	if p.alpha != nil {
		mask := u.New()
		setStream(u, mask, dict("/DeviceGray"), p.alpha)
		own += "\n/SMask " + mask.String()
	}
	if p.jpeg != nil {
		setRawStream(u, ref, own+"\n/Filter /DCTDecode", p.jpeg)
	} else {
		setStream(u, ref, own, p.pixels)
	}
	return ref
}

// stripped returns a JPEG without what cameras and programs tell in it: where
// it was taken, a small copy of what was cut away, comments, and whatever
// follows its end. The segments that decoders need (JFIF, Adobe) stay. It has
// been decoded, so it is in order; nil if it is in some way not.
//
//	FF D8, { FF kind, uint16 length, … }, FF DA … coded …, FF D9
func stripped(b []byte) []byte {
	const scan, end, jfif, adobe, appFirst, appLast, comment = 0xDA, 0xD9, 0xE0, 0xEE, 0xE0, 0xEF, 0xFE
	out := bytes.Clone(b[:2])
	for at := 2; at+2 <= len(b); {
		kind := b[at+1]
		switch {
		case b[at] != 0xFF:
			return nil
		case kind == 0xFF: // a fill byte
			at++
			continue
		case kind == end:
			return append(out, b[at:at+2]...)
		case at+4 > len(b):
			return nil
		}
		next := at + 2 + int(binary.BigEndian.Uint16(b[at+2:]))
		if kind == scan {
			next = afterScan(b, next)
		}
		if next > len(b) || next < at+4 {
			return nil
		}
		tells := kind >= appFirst && kind <= appLast && kind != jfif && kind != adobe || kind == comment
		if !tells {
			out = append(out, b[at:next]...)
		}
		at = next
	}
	return nil
}

// afterScan returns where coded data ends: at the next marker that is neither
// a stuffed zero nor a restart.
func afterScan(b []byte, at int) int {
	for ; at+2 <= len(b); at++ {
		if next := b[at+1]; b[at] == 0xFF && next != 0 && next != 0xFF && (next < 0xD0 || next > 0xD7) {
			return at
		}
	}
	return len(b)
}
