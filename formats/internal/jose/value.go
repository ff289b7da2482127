package jose

import (
	"bytes"
	"encoding/json/jsontext"
	"errors"
	"fmt"
	"io"

	"tamga/formats"
)

// MaxValues bounds how many JSON values one document may hold in all of its
// parts: a value takes some hundred bytes of memory, its text but two.
const MaxValues = 1 << 17

// Value is a JSON value as it was written: members keep their order, numbers
// their digits.
type Value struct {
	// Kind is n, t, f, ", 0, { or [, as package jsontext says it.
	Kind jsontext.Kind
	// Text is a string without its quotes and escapes, or the digits of a
	// number.
	Text    string
	Members []Member // of an object, no name twice
	Items   []Value  // of an array
}

// Member is a name of an object with its value.
type Member struct {
	Name string
	Value
}

// Get returns the member called name, nil if v has none or is no object.
func (v *Value) Get(name string) *Value {
	for i := range v.Members {
		if v.Members[i].Name == name {
			return &v.Members[i].Value
		}
	}
	return nil
}

// AsString returns the text of a string.
func (v *Value) AsString() (string, bool) {
	if v == nil || v.Kind != '"' {
		return "", false
	}
	return v.Text, true
}

// AsStrings returns the texts of an array of strings.
func (v *Value) AsStrings() ([]string, bool) {
	if v == nil || v.Kind != '[' {
		return nil, false
	}
	out := make([]string, len(v.Items))
	for i := range v.Items {
		s, ok := v.Items[i].AsString()
		if !ok {
			return nil, false
		}
		out[i] = s
	}
	return out, true
}

// Budget is what a document may still cost. Its zero value is a new one.
type Budget struct{ values int }

// ParseJSON reads one JSON value (RFC 8259) and nothing after it. A name that
// stands twice in an object is refused at every depth: two readers would take
// different ones (RFC 7515 §10.12). So is invalid UTF-8 and half a surrogate.
// Nesting is bounded by [formats.MaxDepth] before anything is built, so that a
// hundred thousand brackets cost a hundred thousand steps.
func (b *Budget) ParseJSON(text []byte) (*Value, error) {
	if err := shallow(text); err != nil {
		return nil, err
	}
	dec := jsontext.NewDecoder(bytes.NewReader(text))
	v := new(Value)
	if err := b.read(dec, v); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); err != io.EOF {
		return nil, fmt.Errorf("reading JSON: something follows the value: %w", formats.ErrMalformed)
	}
	return v, nil
}

// shallow counts brackets outside of strings. Of text that is no JSON it may
// count wrong; that is refused later.
func shallow(text []byte) error {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > formats.MaxDepth {
				return fmt.Errorf("reading JSON: more than %d levels at %d: %w",
					formats.MaxDepth, i, formats.ErrTooLarge)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

func (b *Budget) read(dec *jsontext.Decoder, v *Value) error {
	if b.values++; b.values > MaxValues {
		return fmt.Errorf("reading JSON: more than %d values: %w", MaxValues, formats.ErrTooLarge)
	}
	t, err := dec.ReadToken()
	if err != nil {
		return jsonError(err)
	}
	switch v.Kind = t.Kind(); v.Kind {
	case '"', '0':
		v.Text = t.String()
	case '{':
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return jsonError(err)
			}
			v.Members = append(v.Members, Member{Name: name.String()})
			if err := b.read(dec, &v.Members[len(v.Members)-1].Value); err != nil {
				return err
			}
		}
	case '[':
		for dec.PeekKind() != ']' {
			v.Items = append(v.Items, Value{})
			if err := b.read(dec, &v.Items[len(v.Items)-1]); err != nil {
				return err
			}
		}
	}
	if v.Kind == '{' || v.Kind == '[' {
		if _, err := dec.ReadToken(); err != nil {
			return jsonError(err)
		}
	}
	return nil
}

// jsonError tells what is wrong without quoting the document, which may hold
// what is nobody's business.
func jsonError(err error) error {
	what := "not JSON"
	if errors.Is(err, jsontext.ErrDuplicateName) {
		what = "a name stands twice in an object"
	}
	var at *jsontext.SyntacticError
	if errors.As(err, &at) {
		what = fmt.Sprintf("%s, at %d", what, at.ByteOffset)
	}
	return fmt.Errorf("reading JSON: %s: %w", what, formats.ErrMalformed)
}
