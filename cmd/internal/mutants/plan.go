package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
)

// plan is what is done to one original: first everything that can be
// enumerated, or an even sample of it, then chance.
type plan struct {
	*artefact
	layers     []layer
	twins      []layer
	structural int // how many changes of elements there are
	n          int // how many mutants are to be enumerated
	enumerated int // of how many
}

func newPlan(a *artefact, n int) *plan {
	p := &plan{artefact: a, layers: a.layers(a.original), twins: a.layers(a.twin)}
	for i := range p.layers {
		p.structural += len(p.layers[i].elements) * len(p.layers[i].all)
	}
	p.enumerated = (8+1+1)*len(a.original) + p.structural
	p.n = min(p.enumerated, n*4/5)
	return p
}

// mutant returns mutant i, and in words what was done; nil where it cannot be
// done.
func (p *plan) mutant(i int, seed uint64, others []*artefact) ([]byte, string) {
	if i >= p.n {
		return p.random(rand.New(rand.NewPCG(seed, uint64(i))), others)
	}
	if p.n < p.enumerated {
		i = int(int64(i) * int64(p.enumerated) / int64(p.n))
	}
	size := len(p.original)
	switch {
	case i < 8*size:
		out := bytes.Clone(p.original)
		out[i/8] ^= 1 << (i % 8)
		return out, fmt.Sprintf("bit %d of byte %d flipped", i%8, i/8)
	case i < 9*size:
		return bytes.Clone(p.original[:i-8*size]), fmt.Sprintf("cut at byte %d", i-8*size)
	case i < 10*size:
		at := i - 9*size
		return slices.Insert(bytes.Clone(p.original), at, p.original[(at+1)%size]), fmt.Sprintf("a byte put in at %d", at)
	}
	return p.changed(i - 10*size)
}

// changed does one thing to one element.
func (p *plan) changed(i int) ([]byte, string) {
	for k := range p.layers {
		l := &p.layers[k]
		if n := len(l.elements) * len(l.all); i >= n {
			i -= n
			continue
		}
		return p.do(l, l.elements[i/len(l.all)], l.all[i%len(l.all)])
	}
	return nil, ""
}

func (p *plan) do(l *layer, e element, op operation) ([]byte, string) {
	how := fmt.Sprintf("%s, element %s: %s", l.name, e.path, op.name)
	var twin []byte
	for _, t := range p.twins {
		if f, ok := find(t.elements, e.path); ok && t.name == l.name {
			twin = f.raw(t.inner)
		}
	}
	inner := op.apply(l, e, twin)
	if inner == nil {
		return nil, how
	}
	return l.back(inner), how
}

// random changes a few places or elements, or puts a stretch of another document
// in.
func (p *plan) random(r *rand.Rand, others []*artefact) ([]byte, string) {
	out := bytes.Clone(p.original)
	var how string
	for range 1 + r.IntN(3) {
		if len(out) == 0 {
			break
		}
		at := r.IntN(len(out) + 1)
		if r.IntN(20) == 0 {
			at = len(out) // what is added at the end is what incremental saving adds
		}
		n := min(1+r.IntN(40), len(out)-at)
		switch r.IntN(8) {
		case 0:
			out[min(at, len(out)-1)] = byte(r.Uint32())
			how += fmt.Sprintf("byte %d set; ", at)
		case 1:
			out = slices.Delete(out, at, at+n)
			how += fmt.Sprintf("%d bytes at %d taken out; ", n, at)
		case 2:
			out = slices.Insert(out, at, slices.Clone(out[at:at+n])...)
			how += fmt.Sprintf("%d bytes at %d doubled; ", n, at)
		case 3:
			from := others[r.IntN(len(others))].original
			start := r.IntN(len(from))
			piece := from[start:min(start+n, len(from))]
			out = slices.Concat(out[:at], piece, out[min(at+len(piece), len(out)):])
			how += fmt.Sprintf("%d bytes of another document at %d; ", len(piece), at)
		default:
			next, what := p.element(r, out)
			if next != nil {
				out, how = next, how+what+"; "
			}
		}
	}
	return out, how
}

// element does something to an element of a document that may have been changed
// before.
func (p *plan) element(r *rand.Rand, doc []byte) ([]byte, string) {
	layers := p.layers
	if !bytes.Equal(doc, p.original) {
		layers = p.artefact.layers(doc)
	}
	if len(layers) == 0 {
		return nil, ""
	}
	l := &layers[r.IntN(len(layers))]
	if len(l.elements) == 0 {
		return nil, ""
	}
	// Half of them put elements of the twin in.
	op := l.all[r.IntN(len(l.all))]
	if r.IntN(2) == 0 {
		op = common[len(common)-1-r.IntN(3)]
	}
	return p.do(l, l.elements[r.IntN(len(l.elements))], op)
}
