package pdf

import (
	"errors"
	"fmt"

	"tamga/formats"
)

// maxOperators bounds the instructions of one content stream.
const maxOperators = 1_000_000

// Operators reads the decoded bytes of a content stream (§7.8.2) and calls
// yield with every operator and the operands in front of it, until it returns
// false. Nothing is guessed: what is no value and no operator is an error, and
// so is an inline image (§8.9.7), whose end readers find in different ways.
func (f *File) Operators(data []byte, yield func(name string, operands []Value) bool) error {
	l := &lexer{buf: data, budget: f.budget}
	var operands []Value
	for count := 0; ; {
		l.space()
		if l.at(0) < 0 {
			return nil
		}
		if !l.atOperator() {
			v, err := l.value()
			if err != nil {
				return contentError(err)
			}
			operands = append(operands, v)
			continue
		}
		start := l.pos
		for isRegular(l.at(0)) {
			l.pos++
		}
		name := string(data[start:l.pos])
		if count++; count > maxOperators {
			return fmt.Errorf("a content stream of more than %d operators: %w", maxOperators, formats.ErrTooLarge)
		}
		if name == "" || name == "BI" {
			return malformed("a content stream with %.10q at byte %d", data[start:], start)
		}
		if !yield(name, operands) {
			return nil
		}
		operands, l.nodes = operands[:0], 0
	}
}

// atOperator reports whether a word begins here that is no value.
func (l *lexer) atOperator() bool {
	c := l.at(0)
	switch {
	case c == '/', c == '(', c == '<', c == '[', c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		return false
	}
	at := l.pos
	value := l.keyword("true") || l.keyword("false") || l.keyword("null")
	l.pos = at
	return !value
}

// contentError keeps the kind of an error, and drops where the lexer thinks it
// stands: that would be the object stream it knows.
func contentError(err error) error {
	if errors.Is(err, formats.ErrTooLarge) {
		return err
	}
	return malformed("a content stream that cannot be read")
}

// Offset returns where in the file an object, or the object stream that holds
// it, stands.
func (l Location) Offset() int64 { return l.off }
