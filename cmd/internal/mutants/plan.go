package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// plan is what is done to one original: first everything that can be
// enumerated, or an even sample of it, then chance.
type plan struct {
	original   []byte
	elements   []element
	enumerated int // how many mutants there are to enumerate
	n          int // how many mutants are to be made of them
}

func newPlan(original []byte, n int) *plan {
	p := &plan{original: original, elements: elements(original)}
	p.enumerated = 8*len(original) + len(original) + len(p.elements)*len(operations)
	p.n = min(p.enumerated, n*9/10)
	return p
}

// mutant returns mutant i, and in words what was done.
func (p *plan) mutant(i int, seed uint64, others []*artefact) ([]byte, string) {
	if i >= p.n {
		return p.random(rand.New(rand.NewPCG(seed, uint64(i))), others)
	}
	if p.n < p.enumerated {
		i = int(int64(i) * int64(p.enumerated) / int64(p.n))
	}
	bits, cuts := 8*len(p.original), len(p.original)
	switch {
	case i < bits:
		out := bytes.Clone(p.original)
		out[i/8] ^= 1 << (i % 8)
		return out, fmt.Sprintf("bit %d of byte %d flipped", i%8, i/8)
	case i < bits+cuts:
		return bytes.Clone(p.original[:i-bits]), fmt.Sprintf("cut at byte %d", i-bits)
	}
	i -= bits + cuts
	e, op := p.elements[i/len(operations)], operations[i%len(operations)]
	return op.apply(p.original, e), fmt.Sprintf("element at %d: %s", e.at, op.name)
}

// random changes a few places, or puts a stretch of another document in.
func (p *plan) random(r *rand.Rand, others []*artefact) ([]byte, string) {
	out := bytes.Clone(p.original)
	var how string
	for range 1 + r.IntN(3) {
		at := r.IntN(len(out) + 1)
		n := min(1+r.IntN(40), len(out)-at)
		switch r.IntN(6) {
		case 0:
			out[min(at, len(out)-1)] = byte(r.Uint32())
			how += fmt.Sprintf("byte %d set; ", at)
		case 1:
			out = append(out[:at:at], out[at+n:]...)
			how += fmt.Sprintf("%d bytes at %d taken out; ", n, at)
		case 2:
			out = append(out[:at:at], append(bytes.Clone(out[at:at+n]), out[at:]...)...)
			how += fmt.Sprintf("%d bytes at %d doubled; ", n, at)
		case 3:
			from := others[r.IntN(len(others))].original
			start := r.IntN(len(from))
			piece := from[start:min(start+n, len(from))]
			out = append(out[:at:at], append(bytes.Clone(piece), out[min(at+len(piece), len(out)):]...)...)
			how += fmt.Sprintf("%d bytes of another document at %d; ", len(piece), at)
		default:
			from := others[r.IntN(len(others))]
			mine, theirs := p.elements, elements(from.original)
			if len(mine) == 0 || len(theirs) == 0 {
				continue
			}
			e, f := mine[r.IntN(len(mine))], theirs[r.IntN(len(theirs))]
			if e.end() > len(out) {
				continue
			}
			out = replace(out, e, from.original[f.at:f.end()])
			how += fmt.Sprintf("element at %d from %s at %d; ", e.at, from.name, f.at)
		}
		if len(out) == 0 {
			return out, how
		}
	}
	return out, how
}
