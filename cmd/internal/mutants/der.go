package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"
)

// der is ITU-T X.690: tag, length, content.
type der struct{}

func (d der) elements(doc []byte) (out []element) {
	if e, ok := d.read(doc, 0, len(doc)); ok && e.end() == len(doc) {
		e.path = "0"
		d.walk(doc, e, &out)
	}
	return out
}

func (d der) walk(doc []byte, e element, out *[]element) {
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
		if f, ok := d.read(doc, inner, e.end()); !ok || f.end() != e.end() || f.content == 0 {
			return
		}
	}
	way := append(slices.Clone(e.parents), parent{at: e.at})
	for at, i := inner, 0; at < e.end(); i++ {
		f, ok := d.read(doc, at, e.end())
		if !ok {
			return
		}
		f.parents, f.path = way, fmt.Sprintf("%s.%d", e.path, i)
		d.walk(doc, f, out)
		at = f.end()
	}
}

// read reads the header of the element at a place.
func (der) read(doc []byte, at, end int) (element, bool) {
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

func (d der) replace(doc []byte, e element, with []byte, _ int) []byte {
	out := slices.Concat(doc[:e.at], with, doc[e.end():])
	grown := len(with) - (e.end() - e.at)
	for i := len(e.parents) - 1; i >= 0; i-- {
		p, ok := d.read(doc, e.parents[i].at, len(doc))
		if !ok || p.content+grown < 0 {
			return out
		}
		header := append([]byte{doc[p.at]}, length(p.content+grown)...)
		out = slices.Concat(out[:p.at], header, out[p.at+p.header:])
		grown += len(header) - p.header
	}
	return out
}

func (der) joined(elements ...[]byte) []byte { return slices.Concat(elements...) }

// length is the shortest DER length.
func length(n int) []byte {
	if n < 0x80 {
		return []byte{byte(n)}
	}
	b := bytes.TrimLeft(binary.BigEndian.AppendUint32(nil, uint32(n)), "\x00")
	return append([]byte{0x80 | byte(len(b))}, b...)
}

func (d der) operations() []operation {
	with := func(name string, bytes func(tag byte, content []byte) []byte) operation {
		return operation{name, func(l *layer, e element, _ []byte) []byte {
			return d.replace(l.inner, e, bytes(l.inner[e.at], l.inner[e.at+e.header:e.end()]), 0)
		}}
	}
	claim := func(name string, more int) operation {
		return operation{name, func(l *layer, e element, _ []byte) []byte {
			return slices.Concat(l.inner[:e.at+1], length(max(e.content+more, 0)), l.inner[e.at+e.header:])
		}}
	}
	return []operation{
		with("emptied", func(tag byte, _ []byte) []byte { return []byte{tag, 0} }),
		with("replaced by NULL", func(byte, []byte) []byte { return []byte{5, 0} }),
		with("with a length of four octets", func(tag byte, content []byte) []byte {
			return slices.Concat(binary.BigEndian.AppendUint32([]byte{tag, 0x84}, uint32(len(content))), content)
		}),
		with("with an indefinite length", func(tag byte, content []byte) []byte {
			return slices.Concat([]byte{tag, 0x80}, content, []byte{0, 0})
		}),
		with("one byte longer", func(tag byte, content []byte) []byte {
			return slices.Concat([]byte{tag}, length(len(content)+1), content, []byte{0})
		}),
		with("one byte shorter", func(tag byte, content []byte) []byte {
			content = content[:max(0, len(content)-1)]
			return slices.Concat([]byte{tag}, length(len(content)), content)
		}),
		with("with a zero before its content", func(tag byte, content []byte) []byte {
			return slices.Concat([]byte{tag}, length(len(content)+1), []byte{0}, content)
		}),
		with("with another class", func(tag byte, content []byte) []byte {
			return slices.Concat([]byte{tag ^ 0x80}, length(len(content)), content)
		}),
		with("primitive for constructed", func(tag byte, content []byte) []byte {
			return slices.Concat([]byte{tag ^ 0x20}, length(len(content)), content)
		}),
		claim("with a length that is one too small", -1),
		claim("with a length that is one too large", +1),
	}
}
