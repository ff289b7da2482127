package pdf

import (
	"bytes"
	"fmt"
	"io"
	"strconv"

	"tamga/formats"
)

// lexer reads values from a window of the file that grows as it is needed, or
// from the bytes of an object stream.
type lexer struct {
	r      io.ReaderAt // nil: buf is all there is
	base   int64       // where buf begins in the file
	end    int64       // where the file ends
	buf    []byte
	pos    int
	depth  int
	nodes  int
	budget *budget
	err    error // from reading the file
}

// fill makes the window larger and reports whether there is more to read.
func (l *lexer) fill() bool {
	rest := l.end - l.base - int64(len(l.buf))
	if l.r == nil || l.err != nil || rest <= 0 {
		return false
	}
	if len(l.buf) >= maxObjectBytes {
		l.err = fmt.Errorf("an object of more than %d bytes: %w", maxObjectBytes, formats.ErrTooLarge)
		return false
	}
	grow := min(rest, int64(max(len(l.buf), 2048)))
	if len(l.buf) > 0 {
		if l.err = l.budget.window(grow); l.err != nil {
			return false
		}
	}
	next := make([]byte, len(l.buf)+int(grow))
	copy(next, l.buf)
	if err := readFull(l.r, next[len(l.buf):], l.base+int64(len(l.buf))); err != nil {
		l.err = err
		return false
	}
	l.buf = next
	return true
}

// readFull reads all of b at off. A file that ends early is malformed.
func readFull(r io.ReaderAt, b []byte, off int64) error {
	n, err := r.ReadAt(b, off)
	if n == len(b) {
		return nil
	}
	if err == nil || err == io.EOF {
		return malformed("reading %d bytes at offset %d: the file ends there", len(b), off)
	}
	return fmt.Errorf("reading at offset %d: %w", off, err)
}

// at returns the byte i places ahead, or -1 at the end.
func (l *lexer) at(i int) int {
	for l.pos+i >= len(l.buf) {
		if !l.fill() {
			return -1
		}
	}
	return int(l.buf[l.pos+i])
}

// fail says what is wrong and where; an error of reading comes first.
func (l *lexer) fail(format string, args ...any) error {
	if l.err != nil {
		return l.err
	}
	where := fmt.Sprintf(" at offset %d", l.base+int64(l.pos))
	if l.r == nil {
		where = fmt.Sprintf(" at byte %d of its object stream", l.pos)
	}
	return malformed("%s", fmt.Sprintf(format, args...)+where)
}

func isSpace(c int) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c int) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func isRegular(c int) bool { return c >= 0 && !isSpace(c) && !isDelimiter(c) }

// blanks skips white space (§7.2.3), without comments.
func (l *lexer) blanks() {
	for isSpace(l.at(0)) {
		l.pos++
	}
}

// space skips white space and comments (§7.2.4).
func (l *lexer) space() {
	for {
		l.blanks()
		if l.at(0) != '%' {
			return
		}
		for c := l.at(0); c >= 0 && c != '\n' && c != '\r'; c = l.at(0) {
			l.pos++
		}
	}
}

// keyword consumes word if it stands here and ends here.
func (l *lexer) keyword(word string) bool {
	for i := range len(word) {
		if l.at(i) != int(word[i]) {
			return false
		}
	}
	if isRegular(l.at(len(word))) {
		return false
	}
	l.pos += len(word)
	return true
}

// unsigned reads a decimal number without a sign, of at most 18 digits.
func (l *lexer) unsigned() (int64, bool) {
	n, i := int64(0), 0
	for c := l.at(i); c >= '0' && c <= '9'; c = l.at(i) {
		if i == 18 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
		i++
	}
	if i == 0 || isRegular(l.at(i)) {
		return 0, false
	}
	l.pos += i
	return n, true
}

// value reads one value, which may be a reference.
func (l *lexer) value() (Value, error) {
	l.space()
	if l.nodes++; l.nodes > maxObjectNodes {
		return Value{}, fmt.Errorf("an object of more than %d values: %w", maxObjectNodes, formats.ErrTooLarge)
	}
	if l.budget.nodes++; l.budget.nodes > maxNodes {
		return Value{}, fmt.Errorf("more than %d values read: %w", maxNodes, formats.ErrTooLarge)
	}
	start := l.pos
	v, err := l.anything()
	if err != nil {
		return Value{}, err
	}
	v.Raw, v.Off = l.buf[start:l.pos:l.pos], -1
	if l.r != nil {
		v.Off = l.base + int64(start)
	}
	return v, nil
}

func (l *lexer) anything() (Value, error) {
	switch c := l.at(0); {
	case c == '/':
		l.name()
		return Value{Kind: Name}, nil
	case c == '(':
		return Value{Kind: String}, l.literal()
	case c == '<' && l.at(1) == '<':
		return l.nested(l.dictionary)
	case c == '<':
		return Value{Kind: String}, l.hex()
	case c == '[':
		return l.nested(l.array)
	case c >= '0' && c <= '9', c == '+', c == '-', c == '.':
		return l.number()
	case l.keyword("true"):
		return Value{Kind: Bool, num: 1}, nil
	case l.keyword("false"):
		return Value{Kind: Bool}, nil
	case l.keyword("null"):
		return Value{}, nil
	}
	return Value{}, l.fail("no PDF value")
}

func (l *lexer) nested(f func() (Value, error)) (Value, error) {
	if l.depth++; l.depth > maxDepth {
		return Value{}, fmt.Errorf("nested deeper than %d: %w", maxDepth, formats.ErrTooLarge)
	}
	v, err := f()
	l.depth--
	return v, err
}

func (l *lexer) name() {
	l.pos++
	for isRegular(l.at(0)) {
		l.pos++
	}
}

func (l *lexer) literal() error {
	open := 0
	for {
		switch c := l.at(0); c {
		case -1:
			return l.fail("a string without end")
		case '\\':
			if l.at(1) < 0 {
				return l.fail("a string without end")
			}
			l.pos++
		case '(':
			open++
		case ')':
			open--
		}
		l.pos++
		if open == 0 {
			return nil
		}
	}
}

func (l *lexer) hex() error {
	for l.pos++; ; l.pos++ {
		switch c := l.at(0); {
		case c == '>':
			l.pos++
			return nil
		case c < 0 || !isSpace(c) && unhex(byte(c)) < 0:
			return l.fail("a hexadecimal string with something else in it")
		}
	}
}

// number reads an integer, a real or a reference (§7.3.3, §7.3.10).
func (l *lexer) number() (Value, error) {
	start := l.pos
	if n, ok := l.unsigned(); ok {
		after := l.pos
		if ref, ok := l.reference(n); ok {
			return ref, nil
		}
		l.pos = after
		return Value{Kind: Integer, num: n}, nil
	}
	for isRegular(l.at(0)) {
		l.pos++
	}
	text := l.buf[start:l.pos]
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil {
		return Value{Kind: Integer, num: n}, nil
	}
	digits := bytes.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || len(digits) > 64 || len(bytes.Trim(digits, "0123456789.")) > 0 {
		return Value{}, l.fail("no number")
	}
	if _, err := strconv.ParseFloat(string(text), 64); err != nil {
		return Value{}, l.fail("no number")
	}
	return Value{Kind: Real}, nil
}

// reference reads the rest of "n g R".
func (l *lexer) reference(n int64) (Value, bool) {
	if n > maxNumber || !isSpace(l.at(0)) {
		return Value{}, false
	}
	l.space()
	g, ok := l.unsigned()
	if !ok || g > 65535 || !isSpace(l.at(0)) {
		return Value{}, false
	}
	l.space()
	if !l.keyword("R") {
		return Value{}, false
	}
	return Value{Kind: Reference, num: n<<16 | g}, true
}

func (l *lexer) array() (Value, error) {
	v := Value{Kind: Array}
	l.pos++
	for {
		l.space()
		if l.at(0) == ']' {
			l.pos++
			return v, nil
		}
		item, err := l.value()
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
}

// smallDict is how many keys are faster compared than hashed.
const smallDict = 24

func (l *lexer) dictionary() (Value, error) {
	v := Value{Kind: Dict}
	var seen map[string]bool // of large dictionaries only
	l.pos += 2
	for {
		l.space()
		if l.at(0) == '>' && l.at(1) == '>' {
			l.pos += 2
			return v, nil
		}
		if l.at(0) != '/' {
			return v, l.fail("a dictionary without a key")
		}
		start := l.pos
		l.name()
		e := Entry{RawKey: l.buf[start:l.pos:l.pos], Key: decodeName(l.buf[start+1 : l.pos])}
		if len(v.dict) == smallDict {
			seen = make(map[string]bool, 2*smallDict)
			for _, old := range v.dict {
				seen[old.Key] = true
			}
		}
		if seen[e.Key] || seen == nil && v.has(e.Key) {
			// §7.3.7: which one counts would depend on the reader.
			return v, l.fail("a dictionary with /%.40s twice", e.Key)
		}
		if seen != nil {
			seen[e.Key] = true
		}
		var err error
		if e.Value, err = l.value(); err != nil {
			return v, err
		}
		v.dict = append(v.dict, e)
	}
}
