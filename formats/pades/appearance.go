package pades

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"math"
	"strconv"
	"sync"

	"tamga/formats/internal/pdf"
)

// Appearance is what a signature shows on its page: who signed, when, why and
// where, and beside it a picture and a QR code. It is for people to see and
// proves nothing: anybody can draw the same.
type Appearance struct {
	// Rect is where. Zero: in the rectangle of the empty field, or for a new
	// field at the lower right of its page. An empty field keeps its own
	// rectangle in any case, and asking for another one is an error.
	Rect     Rect
	NoText   bool
	Language string // "en", "uk" or "et"; "": English
	Image    []byte // PNG or JPEG
	QR       string // the text of a QR code
}

// draw writes the appearance and returns its form XObject (§12.5.5, §8.10):
//
//	<< /Type /XObject /Subtype /Form /BBox [0 0 w h] /Matrix […]
//	   /Resources << /ColorSpace … /Font … /XObject … >> >> stream … endstream
//
// There is one appearance, /N, without states. Colours have their own profile,
// so that they need no output intent, and nothing is transparent but a picture
// that is: both are what PDF/A asks for (ISO 19005-1 §6.2.3, §6.4).
func (b *building) draw(place placed) (pdf.Ref, error) {
	d := &drawing{b: b, a: *b.pr.Appearance, width: place.width, height: place.height}
	if err := d.compose(); err != nil {
		return pdf.Ref{}, fmt.Errorf("drawing the signature: %w", err)
	}
	ref := b.u.New()
	dict := fmt.Sprintf("/Type /XObject\n/Subtype /Form\n/BBox [0 0 %s %s]\n/Matrix %s\n/Resources << %s >>",
		number(place.width), number(place.height), place.matrix(), d.resources())
	setStream(b.u, ref, dict, d.content.Bytes())
	return ref, nil
}

// widgetOf returns the widget of an empty field: itself, or its only kid.
func (b *building) widgetOf(target field) (pdf.Ref, pdf.Value, error) {
	if target.dict.Get("Subtype").Name() == "Widget" {
		return target.ref, target.dict, nil
	}
	kids, err := b.f.Get(target.dict, "Kids")
	if err != nil {
		return pdf.Ref{}, pdf.Value{}, err
	}
	if items := kids.Items(); len(items) == 1 {
		dict, err := b.f.Resolve(items[0])
		if err != nil {
			return pdf.Ref{}, pdf.Value{}, err
		}
		if ref, ok := items[0].Ref(); ok && dict.Get("Subtype").Name() == "Widget" {
			return ref, dict, nil
		}
	}
	return pdf.Ref{}, pdf.Value{}, fmt.Errorf("it has no widget, or several, so nothing can be shown in it: "+
		"sign without an appearance: %w", ErrWish)
}

// shownIn returns what an empty field gets to show something in its own
// rectangle.
func (b *building) shownIn(target pdf.Ref, widget pdf.Value) ([]pdf.Set, error) {
	if b.pr.Appearance.Rect != (Rect{}) || b.pr.Page != 0 {
		return nil, fmt.Errorf("it has its own place on its page: leave out page and rectangle: %w",
			ErrWish)
	}
	v, err := b.f.Get(widget, "Rect")
	if err != nil {
		return nil, err
	}
	box, err := readBox(b.f, v)
	if err != nil {
		return nil, err
	}
	flags, err := b.f.Get(widget, "F")
	if err != nil {
		return nil, err
	}
	const print, hidden = 4, 2 | 32 // hidden, no view (table 167)
	bits, _ := flags.Int()
	if box[0] == box[2] || box[1] == box[3] || bits&hidden != 0 {
		return nil, fmt.Errorf("it is an invisible field: sign without an appearance, or in another field: %w",
			ErrWish)
	}
	if err := b.uncovered(target, widget, area(box)); err != nil {
		return nil, err
	}
	place, err := b.placeIn(widget, box)
	if err != nil {
		return nil, err
	}
	form, err := b.draw(place)
	if err != nil {
		return nil, err
	}
	sets := []pdf.Set{{Key: "AP", Raw: fmt.Appendf(nil, "<< /N %s >>", form)}}
	if bits&print == 0 { // PDF/A has it set (ISO 19005-1 §6.5.3)
		sets = append(sets, pdf.Set{Key: "F", Raw: fmt.Appendf(nil, "%d", bits|print)})
	}
	return sets, nil
}

// placeIn finds out how the rectangle of a field is seen: by its own /MK /R,
// or else by the rotation of its page.
func (b *building) placeIn(widget pdf.Value, box []float64) (placed, error) {
	page, err := b.f.Get(widget, "P")
	if err != nil {
		return placed{}, err
	}
	place := placed{width: box[2] - box[0], height: box[3] - box[1]}
	if page.Get("Type").Name() == "Page" {
		g, err := geometry(b.f, page)
		if err != nil {
			return placed{}, err
		}
		place.rotate = g.rotate
		place.width, place.height = place.width*g.unit, place.height*g.unit
	}
	mk, err := b.f.Get(widget, "MK")
	if err != nil {
		return placed{}, err
	}
	r, err := b.f.Get(mk, "R")
	if n, ok := r.Int(); ok && n >= 0 && n < 360 && n%90 == 0 {
		place.rotate = int(n)
	}
	if place.rotate%180 != 0 {
		place.width, place.height = place.height, place.width
	}
	return place, err
}

// alternate is what a screen reader says of the field (/TU, ISO 14289-1
// §7.18.1).
func (b *building) alternate() string {
	w := wordsOf(b.pr.Appearance.Language)
	if name := signerName(b.p.Chain); name != "" {
		return w.signed + " " + name
	}
	return w.signed
}

// isPDFA1 reports whether the document says that it is PDF/A-1 (ISO 19005-1
// §6.7.11), by what stands in its metadata. It then may hold nothing transparent
// (§6.4), and no field without an appearance (§6.9).
func (b *building) isPDFA1() bool {
	ref, ok := b.fm.catalog.Get("Metadata").Ref()
	if !ok {
		return false
	}
	obj, err := b.f.Object(ref)
	if err != nil || !obj.Stream {
		return false
	}
	data, _, err := b.f.Content(obj)
	if err != nil {
		return false
	}
	for _, form := range []string{"<pdfaid:part>1<", `pdfaid:part="1"`, `pdfaid:part='1'`} {
		if bytes.Contains(data, []byte(form)) {
			return true
		}
	}
	return false
}

// packers saves most of the time and memory that an appearance takes.
var packers = sync.Pool{New: func() any { return zlib.NewWriter(nil) }}

// setStream makes an object of a stream, compressed.
func setStream(u *pdf.Update, ref pdf.Ref, dict string, data []byte) {
	var packed bytes.Buffer
	z := packers.Get().(*zlib.Writer)
	defer packers.Put(z)
	z.Reset(&packed)
	// Neither can fail: a buffer takes everything.
	_, _ = z.Write(data)
	_ = z.Close()
	setRawStream(u, ref, dict+"\n/Filter /FlateDecode", packed.Bytes())
}

// setRawStream makes an object of a stream that is as it shall be.
func setRawStream(u *pdf.Update, ref pdf.Ref, dict string, data []byte) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<<\n%s\n/Length %d\n>>\nstream\n", dict, len(data))
	b.Write(data)
	b.WriteString("\nendstream")
	u.Set(ref, b.Bytes())
}

// number writes a number without an exponent (§7.3.3), to a thousandth.
func number(x float64) string {
	return strconv.FormatFloat(math.Round(x*1000)/1000, 'f', -1, 64)
}
