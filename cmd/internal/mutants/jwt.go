package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"slices"
)

// compact are the layers of an SD-JWT: its parts between dots and tildes, and the
// JSON in each.
func compact(doc []byte) []layer {
	s := segments{}
	out := []layer{newLayer("parts", s, doc, func(inner []byte) []byte { return inner })}
	for _, e := range out[0].elements {
		inner, err := base64.RawURLEncoding.DecodeString(string(e.raw(doc)))
		if err != nil || len(inner) == 0 || inner[0] != '{' && inner[0] != '[' {
			continue
		}
		out = append(out, newLayer("part "+e.path, jsonText{}, inner, func(inner []byte) []byte {
			return s.replace(doc, e, base64.RawURLEncoding.AppendEncode(nil, inner), 0)
		}))
	}
	return out
}

// segments are the parts of an SD-JWT (RFC 9901 §4): base64url between dots and
// tildes. Each takes with it the sign that ends it.
type segments struct{}

func (segments) elements(doc []byte) (out []element) {
	at := 0
	for i := range append(bytes.Clone(doc), '~') {
		if i < len(doc) && doc[i] != '.' && doc[i] != '~' {
			continue
		}
		out = append(out, element{at: at, content: i - at, path: fmt.Sprint(len(out))})
		at = i + 1
	}
	return out
}

func (segments) replace(doc []byte, e element, with []byte, more int) []byte {
	end := e.end()
	if more < 0 && end < len(doc) {
		end++
	}
	return slices.Concat(doc[:e.at], with, doc[end:])
}

func (segments) joined(elements ...[]byte) []byte { return bytes.Join(elements, []byte("~")) }

func (s segments) operations() []operation {
	text := func(name string, change func(text []byte) []byte) operation {
		return operation{name, func(l *layer, e element, _ []byte) []byte {
			return s.replace(l.inner, e, change(bytes.Clone(e.raw(l.inner))), 0)
		}}
	}
	out := []operation{
		text("emptied", func([]byte) []byte { return nil }),
		text("filled up with =", func(b []byte) []byte { return append(b, '=') }),
		text("with a newline", func(b []byte) []byte { return append(b, '\n') }),
	}
	// The last letter has bits that are no part of any byte: a second spelling.
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/"
	for _, letter := range []byte(letters) {
		out = append(out, text("with the last letter "+string(letter), func(b []byte) []byte {
			if len(b) > 0 {
				b[len(b)-1] = letter
			}
			return b
		}))
	}
	return out
}

// jsonText is RFC 8259: an element is a member of an object, with its name, or
// an item of an array.
type jsonText struct{}

func (j jsonText) elements(doc []byte) (out []element) {
	j.walk(doc, element{path: "0", content: len(doc)}, 0, &out)
	return out
}

// walk lists an element, whose value begins later by name, and all in it.
func (j jsonText) walk(doc []byte, e element, name int, out *[]element) {
	*out = append(*out, e)
	start := e.at + name
	if start >= e.end() || doc[start] != '{' && doc[start] != '[' || len(e.parents) > 64 {
		return
	}
	way := append(slices.Clone(e.parents), parent{at: e.at})
	depth, quoted, at, i, colon := 0, false, start+1, 0, 0
	for p := start; p < e.end(); p++ {
		switch c := doc[p]; {
		case quoted && c == '\\':
			p++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == ':' && depth == 1 && doc[start] == '{':
			colon = p + 1 - at
		case c == ',' && depth == 1 || (c == '}' || c == ']') && depth == 1:
			if p > at {
				child := element{at: at, content: p - at, path: fmt.Sprintf("%s.%d", e.path, i), parents: way}
				j.walk(doc, child, colon, out)
			}
			if c != ',' {
				return
			}
			at, i, colon = p+1, i+1, 0
		case c == '}' || c == ']':
			depth--
		}
	}
}

func (jsonText) replace(doc []byte, e element, with []byte, more int) []byte {
	from, to := e.at, e.end()
	switch {
	case more >= 0:
	case to < len(doc) && doc[to] == ',':
		to++
	case from > 0 && doc[from-1] == ',':
		from--
	}
	return slices.Concat(doc[:from], with, doc[to:])
}

func (jsonText) joined(elements ...[]byte) []byte { return bytes.Join(elements, []byte(",")) }

func (j jsonText) operations() []operation {
	text := func(name string, change func(text []byte) []byte) operation {
		return operation{name, func(l *layer, e element, _ []byte) []byte {
			return j.replace(l.inner, e, change(bytes.Clone(e.raw(l.inner))), 0)
		}}
	}
	return []operation{
		text("with a space", func(b []byte) []byte { return append(b, ' ') }),
		text("replaced by null", func([]byte) []byte { return []byte("null") }),
		text("in an array", func(b []byte) []byte { return slices.Concat([]byte("["), b, []byte("]")) }),
		text("in capitals", bytes.ToUpper),
		text("with none for its algorithm", func(b []byte) []byte {
			return bytes.ReplaceAll(b, []byte("ES256"), []byte("none"))
		}),
		text("with another number", func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("1"), []byte("2")) }),
	}
}
