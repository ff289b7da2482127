package main

import (
	"bytes"
	"encoding/hex"
	"slices"
)

// layer is a document, or a part of it that is written in another way: the CMS
// in the hexadecimal of a PDF, the JSON in the base64url of a JWT.
type layer struct {
	name     string
	syntax   syntax
	inner    []byte
	elements []element
	all      []operation
	back     func(inner []byte) []byte // the document with another inner; nil where it does not fit
}

func newLayer(name string, s syntax, inner []byte, back func([]byte) []byte) layer {
	return layer{
		name: name, syntax: s, inner: inner, back: back,
		elements: s.elements(inner), all: slices.Concat(common, s.operations()),
	}
}

// syntax is a way to write elements within elements.
type syntax interface {
	elements(doc []byte) []element
	// replace puts other bytes in the place of an element, which are so many
	// elements more, and mends the lengths and counts of all that hold it.
	replace(doc []byte, e element, with []byte, more int) []byte
	joined(elements ...[]byte) []byte
	operations() []operation // beyond those for all
}

// element is one of a document, and the way to it.
type element struct {
	at, header, content int
	path                string // "0.1.3": the fourth of the second; the same in documents alike
	parents             []parent
}

// parent is where an element begins that holds another.
type parent struct {
	at   int
	kind byte
}

func (e element) end() int { return e.at + e.header + e.content }

func (e element) raw(doc []byte) []byte { return doc[e.at:e.end()] }

// maxElements bounds what is enumerated of one document.
const maxElements = 20_000

// find returns the element of the same path.
func find(elements []element, path string) (element, bool) {
	i := slices.IndexFunc(elements, func(e element) bool { return e.path == path })
	if i < 0 {
		return element{}, false
	}
	return elements[i], true
}

// operation is something that can be done to an element of a layer. The twin is
// the same element of a document by another signer over something else; nil
// where there is none.
type operation struct {
	name  string
	apply func(l *layer, e element, twin []byte) []byte
}

var common = []operation{
	{"doubled", func(l *layer, e element, _ []byte) []byte {
		one := e.raw(l.inner)
		return l.syntax.replace(l.inner, e, l.syntax.joined(one, one), 1)
	}},
	{"deleted", func(l *layer, e element, _ []byte) []byte { return l.syntax.replace(l.inner, e, nil, -1) }},
	{"swapped with the next", func(l *layer, e element, _ []byte) []byte {
		next := slices.IndexFunc(l.elements, func(f element) bool {
			return f.at >= e.end() && len(f.parents) == len(e.parents) && slices.Equal(f.parents, e.parents)
		})
		if next < 0 {
			return nil
		}
		f := l.elements[next]
		return slices.Concat(l.inner[:e.at], f.raw(l.inner), l.inner[e.end():f.at], e.raw(l.inner), l.inner[f.end():])
	}},
	{"of the twin", func(l *layer, e element, twin []byte) []byte {
		if twin == nil {
			return nil
		}
		return l.syntax.replace(l.inner, e, twin, 0)
	}},
	{"with the twin's before it", func(l *layer, e element, twin []byte) []byte {
		if twin == nil {
			return nil
		}
		return l.syntax.replace(l.inner, e, l.syntax.joined(twin, e.raw(l.inner)), 1)
	}},
	{"with the twin's after it", func(l *layer, e element, twin []byte) []byte {
		if twin == nil {
			return nil
		}
		return l.syntax.replace(l.inner, e, l.syntax.joined(e.raw(l.inner), twin), 1)
	}},
}

// whole is a document that is in one syntax.
func whole(s syntax) func([]byte) []layer {
	return func(doc []byte) []layer {
		return []layer{newLayer("document", s, doc, func(inner []byte) []byte { return inner })}
	}
}

// hexadecimal are the layers of a PDF: the signature in its last /Contents, which
// is filled up with zeros.
func hexadecimal(doc []byte) []layer {
	const key = "/Contents <"
	from := bytes.LastIndex(doc, []byte(key))
	if from < 0 {
		return nil
	}
	from += len(key)
	length := bytes.IndexByte(doc[from:], '>')
	if length < 0 {
		return nil
	}
	inner, err := hex.DecodeString(string(doc[from : from+length]))
	if err != nil {
		return nil
	}
	if e, ok := (der{}).read(inner, 0, len(inner)); ok {
		inner = inner[:e.end()]
	}
	return []layer{newLayer("contents", der{}, inner, func(inner []byte) []byte {
		if 2*len(inner) > length {
			return nil
		}
		text := bytes.Repeat([]byte{'0'}, length)
		hex.Encode(text, inner)
		return slices.Concat(doc[:from], text, doc[from+length:])
	})}
}
