package main

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// element is a DER element within a document: where it is, and the way to it,
// so that the lengths above it can be kept right.
type element struct {
	at, header, content int
	parents             []int // places of the elements that hold it, outermost first
}

func (e element) end() int { return e.at + e.header + e.content }

// maxElements bounds what is enumerated of one document.
const maxElements = 20_000

// elements are all DER elements of the document, if it is one.
func elements(doc []byte) (out []element) {
	if e, ok := read(doc, 0, len(doc)); ok && e.end() == len(doc) {
		walk(doc, e, &out)
	}
	return out
}

func walk(doc []byte, e element, out *[]element) {
	if len(*out) >= maxElements {
		return
	}
	*out = append(*out, e)
	inner := e.at + e.header
	if doc[e.at]&0x20 == 0 {
		// What is wrapped in an OCTET STRING, such as content and extensions, is
		// walked if it is DER as a whole.
		if doc[e.at] != 0x04 {
			return
		}
		if f, ok := read(doc, inner, e.end()); !ok || f.end() != e.end() || f.content == 0 {
			return
		}
	}
	way := append(slices.Clone(e.parents), e.at)
	for at := inner; at < e.end(); {
		f, ok := read(doc, at, e.end())
		if !ok {
			return
		}
		f.parents = way
		walk(doc, f, out)
		at = f.end()
	}
}

// read reads the header of the element at a place.
func read(doc []byte, at, end int) (element, bool) {
	if end-at < 2 {
		return element{}, false
	}
	e := element{at: at, header: 2, content: int(doc[at+1])}
	if doc[at+1] >= 0x80 {
		n := int(doc[at+1] & 0x7f)
		if n == 0 || n > 4 || end-at < 2+n {
			return element{}, false
		}
		var buf [4]byte
		copy(buf[4-n:], doc[at+2:at+2+n])
		e.header, e.content = 2+n, int(binary.BigEndian.Uint32(buf[:]))
	}
	return e, e.content >= 0 && e.end() <= end
}

// replace puts other bytes in the place of an element, and mends the lengths of
// all that hold it.
func replace(doc []byte, e element, with []byte) []byte {
	out := slices.Concat(doc[:e.at], with, doc[e.end():])
	grown := len(with) - (e.end() - e.at)
	for i := len(e.parents) - 1; i >= 0; i-- {
		p, ok := read(doc, e.parents[i], len(doc))
		if !ok || p.content+grown < 0 {
			return out
		}
		header := append([]byte{doc[p.at]}, length(p.content+grown)...)
		out = slices.Concat(out[:p.at], header, out[p.at+p.header:])
		grown += len(header) - p.header
	}
	return out
}

// length is the shortest DER length.
func length(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	b := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, uint32(n)), "\x00")
	return append([]byte{0x80 | byte(len(b))}, b...)
}

// operation is something that can be done to an element.
type operation struct {
	name  string
	apply func(doc []byte, e element) []byte
}

var operations = []operation{
	{"doubled", func(doc []byte, e element) []byte {
		one := doc[e.at:e.end()]
		return replace(doc, e, slices.Concat(one, one))
	}},
	{"deleted", func(doc []byte, e element) []byte { return replace(doc, e, nil) }},
	{"emptied", func(doc []byte, e element) []byte { return replace(doc, e, []byte{doc[e.at], 0}) }},
	{"replaced by NULL", func(doc []byte, e element) []byte { return replace(doc, e, []byte{5, 0}) }},
	{"swapped with the next", func(doc []byte, e element) []byte {
		end := len(doc)
		if len(e.parents) > 0 {
			p, _ := read(doc, e.parents[len(e.parents)-1], len(doc))
			end = p.end()
		}
		f, ok := read(doc, e.end(), end)
		if !ok {
			return bytes.Clone(doc)
		}
		return slices.Concat(doc[:e.at], doc[f.at:f.end()], doc[e.at:e.end()], doc[f.end():])
	}},
	{"with a length of one more octet", func(doc []byte, e element) []byte {
		long := append([]byte{doc[e.at], 0x84}, binary.BigEndian.AppendUint32(nil, uint32(e.content))...)
		return replace(doc, e, slices.Concat(long, doc[e.at+e.header:e.end()]))
	}},
	{"with an indefinite length", func(doc []byte, e element) []byte {
		return replace(doc, e, slices.Concat([]byte{doc[e.at], 0x80}, doc[e.at+e.header:e.end()], []byte{0, 0}))
	}},
	{"with a length that is one too small", func(doc []byte, e element) []byte { return claim(doc, e, e.content-1) }},
	{"with a length that is one too large", func(doc []byte, e element) []byte { return claim(doc, e, e.content+1) }},
	{"one byte longer", func(doc []byte, e element) []byte {
		inner := slices.Concat(doc[e.at+e.header:e.end()], []byte{0})
		return replace(doc, e, slices.Concat([]byte{doc[e.at]}, length(len(inner)), inner))
	}},
	{"one byte shorter", func(doc []byte, e element) []byte {
		inner := doc[e.at+e.header : max(e.at+e.header, e.end()-1)]
		return replace(doc, e, slices.Concat([]byte{doc[e.at]}, length(len(inner)), inner))
	}},
	{"with another tag", func(doc []byte, e element) []byte {
		out := bytes.Clone(doc)
		out[e.at] ^= 0xa0
		return out
	}},
}

// claim writes a length that is not the element's.
func claim(doc []byte, e element, n int) []byte {
	return slices.Concat(doc[:e.at+1], length(max(n, 0)), doc[e.at+e.header:])
}
