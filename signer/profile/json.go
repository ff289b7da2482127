package profile

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"strconv"
)

// MaxClaims is the largest JSON of claims, in bytes: room for a portrait.
const MaxClaims = 1 << 20

// maxMembers bounds a JSON object of claims.
const maxMembers = 256

// members is a JSON object, its members in order.
type members struct {
	names []string
	raw   map[string]jsontext.Value
}

// take returns the member called name, and counts it as read.
func (m *members) take(name string) (jsontext.Value, bool) {
	v, ok := m.raw[name]
	delete(m.raw, name)
	return v, ok
}

// rest returns the names of those that nobody took, in order.
func (m *members) rest() []string {
	var out []string
	for _, name := range m.names {
		if _, ok := m.raw[name]; ok {
			out = append(out, name)
		}
	}
	return out
}

// object splits a JSON object (RFC 8259) into its members. A name that stands
// twice is refused, at every depth: two readers would take different ones.
// Package jsontext refuses those, invalid UTF-8, and what is deeper than
// 10,000 levels.
func object(data []byte, limit int) (*members, string) {
	if len(data) > limit {
		return nil, "more than " + strconv.Itoa(limit) + " bytes"
	}
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if dec.PeekKind() != '{' {
		return nil, "must be a JSON object"
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, fault(err)
	}
	m := &members{names: make([]string, 0, 32), raw: make(map[string]jsontext.Value, 32)}
	for dec.PeekKind() == '"' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, fault(err)
		}
		key := name.String()
		v, err := dec.ReadValue()
		if err != nil {
			return nil, fault(err)
		}
		if len(m.names) == maxMembers {
			return nil, "has more than " + strconv.Itoa(maxMembers) + " members"
		}
		m.names = append(m.names, key)
		m.raw[key] = last(data, dec, len(v))
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, fault(err)
	}
	return m, ends(dec)
}

// array splits a JSON array into its one to maxItems values.
func array(data []byte) ([]jsontext.Value, string) {
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if dec.PeekKind() != '[' {
		return nil, "must be a list"
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, fault(err)
	}
	var out []jsontext.Value
	for k := dec.PeekKind(); k != ']' && k != 0; k = dec.PeekKind() {
		v, err := dec.ReadValue()
		if err != nil {
			return nil, fault(err)
		}
		if len(out) == maxItems {
			return nil, "has more than " + strconv.Itoa(maxItems) + " values"
		}
		out = append(out, last(data, dec, len(v)))
	}
	if _, err := dec.ReadToken(); err != nil {
		return nil, fault(err)
	}
	if len(out) == 0 {
		return nil, "is empty"
	}
	return out, ends(dec)
}

// last returns the value of n bytes that dec has just read, in data itself:
// the decoder's own copy lives until its next call only.
func last(data []byte, dec *jsontext.Decoder, n int) jsontext.Value {
	end := dec.InputOffset()
	return jsontext.Value(data[end-int64(n) : end : end])
}

// ends refuses whatever follows the value.
func ends(dec *jsontext.Decoder) string {
	if dec.PeekKind() != 0 {
		return "is followed by something else"
	}
	if _, err := dec.ReadToken(); err == nil {
		return "is followed by something else"
	} else if _, syntactic := errors.AsType[*jsontext.SyntacticError](err); syntactic {
		return fault(err)
	}
	return ""
}

// fault says what is wrong with JSON, and where, without repeating any of it;
// the decoder's own words quote names.
func fault(err error) string {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return "has a member that stands twice"
	}
	if s, ok := errors.AsType[*jsontext.SyntacticError](err); ok {
		return "is no JSON at byte " + strconv.FormatInt(s.ByteOffset, 10)
	}
	return "is no JSON"
}
