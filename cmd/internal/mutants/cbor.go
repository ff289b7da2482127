package main

import (
	"encoding/binary"
	"fmt"
	"slices"
)

// cbor is RFC 8949 with definite lengths: major type and argument, content. An
// entry of a map is an element, which holds its key and its value.
type cbor struct{}

const (
	byteString = 2
	array      = 4
	mapping    = 5
	tagged     = 6
	entry      = 8 // not of RFC 8949: key and value
)

func (c cbor) elements(doc []byte) (out []element) {
	if end, ok := c.walk(doc, element{path: "0"}, &out); !ok || end != len(doc) {
		return nil
	}
	return out
}

// head reads the first bytes of the item at a place.
func (cbor) head(doc []byte, at int) (major byte, argument uint64, header int, ok bool) {
	if at >= len(doc) {
		return 0, 0, 0, false
	}
	major, info := doc[at]>>5, doc[at]&0x1f
	if info < 24 {
		return major, uint64(info), 1, true
	}
	n := 1 << (info - 24)
	if info > 27 || len(doc)-at < 1+n {
		return 0, 0, 0, false
	}
	var buf [8]byte
	copy(buf[8-n:], doc[at+1:at+1+n])
	return major, binary.BigEndian.Uint64(buf[:]), 1 + n, true
}

// walk lists the item at e.at with all that it holds, and returns its end.
func (c cbor) walk(doc []byte, e element, out *[]element) (end int, ok bool) {
	major, n, header, ok := c.head(doc, e.at)
	if !ok || len(e.parents) > 64 || len(*out) >= maxElements {
		return 0, false
	}
	self, inner := len(*out), e.at+header
	*out = append(*out, e)
	way := append(slices.Clone(e.parents), parent{e.at, major})
	child := func(at, i int, way []parent) (int, bool) {
		return c.walk(doc, element{at: at, path: fmt.Sprintf("%s.%d", e.path, i), parents: way}, out)
	}
	switch {
	case major < byteString || major > tagged:
		end = inner
	case major <= 3:
		if n > uint64(len(doc)-inner) {
			return 0, false
		}
		end = inner + int(n)
		c.wrapped(doc[:end], element{at: inner, path: e.path + ".0", parents: way}, major, out)
	default:
		count := n
		if major == tagged {
			count = 1
		}
		end = inner
		for i := 0; uint64(i) < count && ok; i++ {
			if major != mapping {
				end, ok = child(end, i, way)
				continue
			}
			pair := element{at: end, path: fmt.Sprintf("%s.%d", e.path, i), parents: way}
			at := len(*out)
			*out = append(*out, pair)
			inside := append(slices.Clone(way), parent{end, entry})
			for _, part := range []string{".key", ".value"} {
				if ok {
					end, ok = c.walk(doc, element{at: end, path: pair.path + part, parents: inside}, out)
				}
			}
			(*out)[at].content = end - pair.at
		}
	}
	(*out)[self].header, (*out)[self].content = header, end-inner
	return end, ok
}

// wrapped lists what a byte string holds, if that is a structure as a whole.
func (c cbor) wrapped(doc []byte, e element, major byte, out *[]element) {
	if inside, _, _, ok := c.head(doc, e.at); !ok || major != byteString || inside < array || inside > tagged {
		return
	}
	var inner []element
	if end, ok := c.walk(doc, e, &inner); ok && end == len(doc) {
		*out = append(*out, inner...)
	}
}

func (c cbor) replace(doc []byte, e element, with []byte, more int) []byte {
	out := slices.Concat(doc[:e.at], with, doc[e.end():])
	grown := len(with) - (e.end() - e.at)
	for i := len(e.parents) - 1; i >= 0; i-- {
		p := e.parents[i]
		_, n, header, ok := c.head(doc, p.at)
		switch {
		case !ok || p.kind == entry || p.kind == tagged:
		case p.kind == byteString:
			n += uint64(grown)
		case i == len(e.parents)-1:
			n += uint64(more)
		}
		if ok && p.kind != entry && p.kind != tagged {
			now := c.shortest(p.kind, n)
			out = slices.Concat(out[:p.at], now, out[p.at+header:])
			grown += len(now) - header
		}
	}
	return out
}

func (cbor) shortest(major byte, n uint64) []byte {
	switch major <<= 5; {
	case n < 24:
		return []byte{major | byte(n)}
	case n < 1<<8:
		return []byte{major | 24, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major | 25}, uint16(n))
	default:
		return binary.BigEndian.AppendUint32([]byte{major | 26}, uint32(n))
	}
}

func (cbor) joined(elements ...[]byte) []byte { return slices.Concat(elements...) }

func (c cbor) operations() []operation {
	head := func(name string, change func(major byte, n uint64) []byte) operation {
		return operation{name, func(l *layer, e element, _ []byte) []byte {
			major, n, header, ok := c.head(l.inner, e.at)
			if !ok {
				return nil
			}
			return c.replace(l.inner, e, slices.Concat(change(major, n), e.raw(l.inner)[header:]), 0)
		}}
	}
	return []operation{
		head("with an argument of eight bytes", func(major byte, n uint64) []byte {
			return binary.BigEndian.AppendUint64([]byte{major<<5 | 27}, n)
		}),
		head("with an indefinite length", func(major byte, _ uint64) []byte { return []byte{major<<5 | 31} }),
		head("one more", func(major byte, n uint64) []byte { return c.shortest(major, n+1) }),
		head("one less", func(major byte, n uint64) []byte { return c.shortest(major, max(n, 1)-1) }),
		head("of another type", func(major byte, n uint64) []byte { return c.shortest(major^1, n) }),
		{"replaced by null", func(l *layer, e element, _ []byte) []byte { return c.replace(l.inner, e, []byte{0xf6}, 0) }},
		{"tagged", func(l *layer, e element, _ []byte) []byte {
			return c.replace(l.inner, e, append([]byte{0xc1}, e.raw(l.inner)...), 0)
		}},
	}
}
