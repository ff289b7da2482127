package pades

import (
	"math"

	"tamga/formats/internal/pdf"
)

// matrix is a transformation of the plane (ISO 32000-2 §8.3.3): [a b c d e f].
type matrix [6]float64

var identity = matrix{1, 0, 0, 1, 0, 0}

// times applies m first, then n.
func (m matrix) times(n matrix) matrix {
	return matrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// area is a rectangle: left, bottom, right, top.
type area [4]float64

// nowhere is the area of nothing, which grows with what is added to it.
func nowhere() area { return area{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)} }

// everywhere overlaps all.
func everywhere() area { return area{math.Inf(-1), math.Inf(-1), math.Inf(1), math.Inf(1)} }

func (b *area) add(m matrix, x, y float64) {
	x, y = x*m[0]+y*m[2]+m[4], x*m[1]+y*m[3]+m[5]
	if math.IsNaN(x) || math.IsNaN(y) {
		*b = everywhere()
		return
	}
	b[0], b[1], b[2], b[3] = min(b[0], x), min(b[1], y), max(b[2], x), max(b[3], y)
}

// of returns the smallest area around a rectangle that is transformed.
func (m matrix) of(r area) area {
	out := nowhere()
	for _, x := range []float64{r[0], r[2]} {
		for _, y := range []float64{r[1], r[3]} {
			out.add(m, x, y)
		}
	}
	return out
}

// touch is how far, in points, two things may reach into each other before they
// count as one over the other.
const touch = 0.5

func (b area) overlaps(c area) bool {
	return b[0]+touch < c[2] && c[0]+touch < b[2] && b[1]+touch < c[3] && c[1]+touch < b[3]
}

// thin reports whether an area is no more than a line.
func (b area) thin() bool { return b[2]-b[0] <= maxLine || b[3]-b[1] <= maxLine }

// readMatrix reads six numbers; identity where there are none.
func readMatrix(f *pdf.File, v pdf.Value) (matrix, bool) {
	if v.Kind == pdf.Null {
		return identity, true
	}
	n, ok := numbers(f, v.Items())
	if !ok || len(n) != 6 {
		return identity, false
	}
	return matrix(n), true
}

// numbers reads operands or the elements of an array, which may be references.
func numbers(f *pdf.File, items []pdf.Value) ([]float64, bool) {
	out := make([]float64, len(items))
	for i, v := range items {
		v, err := f.Resolve(v)
		if err != nil {
			return nil, false
		}
		var ok bool
		if out[i], ok = v.Number(); !ok || math.Abs(out[i]) > maxCoordinate {
			return nil, false
		}
	}
	return out, true
}
