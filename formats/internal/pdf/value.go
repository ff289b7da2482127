package pdf

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Kind is the type of a value (ISO 32000-2 §7.3). The zero value is null: what
// is absent and what is null are the same (§7.3.9).
type Kind uint8

// The kinds.
const (
	Null Kind = iota
	Bool
	Integer
	Real
	Name
	String
	Array
	Dict
	Reference
)

// Ref names an indirect object.
type Ref struct {
	Num uint32
	Gen uint16
}

// String returns the reference as a file writes it.
func (r Ref) String() string { return strconv.Itoa(int(r.Num)) + " " + strconv.Itoa(int(r.Gen)) + " R" }

// Value is a direct value, with the bytes it was read from.
type Value struct {
	Kind  Kind
	Raw   []byte // exactly as in the file, without surrounding blanks
	Off   int64  // where Raw stands in the file; -1 within an object stream
	num   int64  // Bool, Integer, packed Reference
	items []Value
	dict  []Entry
	plain *string // of an encrypted string: what it holds
}

// Entry is one key of a dictionary, in the order of the file.
type Entry struct {
	Key    string // decoded, without the slash
	RawKey []byte // as in the file, with the slash
	Value  Value
}

// Int returns the value of an integer.
func (v Value) Int() (int64, bool) { return v.num, v.Kind == Integer }

// Number returns the value of an integer or a real.
func (v Value) Number() (float64, bool) {
	switch v.Kind {
	case Integer:
		return float64(v.num), true
	case Real:
		n, err := strconv.ParseFloat(string(v.Raw), 64)
		return n, err == nil
	}
	return 0, false
}

// Bool reports whether v is true.
func (v Value) Bool() bool { return v.Kind == Bool && v.num != 0 }

// Ref returns the object that v refers to.
func (v Value) Ref() (Ref, bool) {
	return Ref{uint32(v.num >> 16), uint16(v.num)}, v.Kind == Reference
}

// Items returns the elements of an array, nil for anything else.
func (v Value) Items() []Value { return v.items }

// Entries returns the entries of a dictionary, nil for anything else.
func (v Value) Entries() []Entry { return v.dict }

// Get returns the value of a key of a dictionary, null if there is none.
func (v Value) Get(key string) Value {
	for _, e := range v.dict {
		if e.Key == key {
			return e.Value
		}
	}
	return Value{}
}

func (v Value) has(key string) bool {
	return slices.ContainsFunc(v.dict, func(e Entry) bool { return e.Key == key })
}

// Name returns the text of a name, "" for anything else.
func (v Value) Name() string {
	if v.Kind != Name {
		return ""
	}
	return decodeName(v.Raw[1:])
}

// Bytes returns what a literal or hexadecimal string holds (§7.3.4), nil for
// anything else.
func (v Value) Bytes() []byte {
	if v.Kind != String {
		return nil
	}
	if v.plain != nil {
		return []byte(*v.plain)
	}
	if v.Raw[0] == '<' {
		return decodeHex(v.Raw[1 : len(v.Raw)-1])
	}
	return decodeLiteral(v.Raw[1 : len(v.Raw)-1])
}

// Equal reports whether v and w mean the same, however they are written:
// blanks, the order of keys and escapes do not matter. References are equal if
// they name the same object; what that object is, is not looked at.
func (v Value) Equal(w Value) bool {
	if v.Kind != w.Kind {
		return false
	}
	switch v.Kind {
	case Bool, Integer, Reference:
		return v.num == w.num
	case Real:
		a, errA := strconv.ParseFloat(string(v.Raw), 64)
		b, errB := strconv.ParseFloat(string(w.Raw), 64)
		return errA == nil && errB == nil && a == b
	case Name:
		return v.Name() == w.Name()
	case String:
		return bytes.Equal(v.Bytes(), w.Bytes())
	case Array:
		return slices.EqualFunc(v.items, w.items, Value.Equal)
	case Dict:
		return equalDicts(v.dict, w.dict)
	}
	return true
}

func equalDicts(a, b []Entry) bool {
	if len(a) != len(b) {
		return false
	}
	keys := make(map[string]Value, len(b))
	for _, e := range b {
		keys[e.Key] = e.Value
	}
	return !slices.ContainsFunc(a, func(e Entry) bool {
		v, ok := keys[e.Key]
		return !ok || !e.Value.Equal(v)
	})
}

// References calls f with every reference within v.
func (v Value) References(f func(Ref)) {
	if r, ok := v.Ref(); ok {
		f(r)
	}
	for _, item := range v.items {
		item.References(f)
	}
	for _, e := range v.dict {
		e.Value.References(f)
	}
}

// decodeName resolves #xx (§7.3.5). A '#' without two digits stands for itself.
func decodeName(raw []byte) string {
	if bytes.IndexByte(raw, '#') < 0 {
		return string(raw)
	}
	var b strings.Builder
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			hi, lo := unhex(raw[i+1]), unhex(raw[i+2])
			if hi >= 0 && lo >= 0 {
				b.WriteByte(byte(hi<<4 | lo))
				i += 2
				continue
			}
		}
		b.WriteByte(raw[i])
	}
	return b.String()
}

// decodeHex reads hexadecimal digits; blanks are skipped and an odd last digit
// is followed by 0 (§7.3.4.3). The lexer has refused everything else.
func decodeHex(raw []byte) []byte {
	out := make([]byte, 0, len(raw)/2+1)
	half := -1
	for _, c := range raw {
		d := unhex(c)
		switch {
		case d < 0:
		case half < 0:
			half = d
		default:
			out = append(out, byte(half<<4|d))
			half = -1
		}
	}
	if half >= 0 {
		out = append(out, byte(half<<4))
	}
	return out
}

// decodeLiteral resolves the escapes of §7.3.4.2.
func decodeLiteral(raw []byte) []byte {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		c := raw[i]
		switch {
		case c == '\r': // an end of line is one line feed, whatever it was
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			out = append(out, '\n')
		case c == '\\' && i+1 < len(raw):
			var n int
			out, n = appendEscape(out, raw[i+1:])
			i += n
		default:
			out = append(out, c)
		}
	}
	return out
}

// appendEscape appends what the escape at the start of raw, after its
// backslash, stands for, and returns how many bytes it took.
func appendEscape(out, raw []byte) ([]byte, int) {
	switch c := raw[0]; c {
	case 'n':
		return append(out, '\n'), 1
	case 'r':
		return append(out, '\r'), 1
	case 't':
		return append(out, '\t'), 1
	case 'b':
		return append(out, '\b'), 1
	case 'f':
		return append(out, '\f'), 1
	case '\r':
		if len(raw) > 1 && raw[1] == '\n' {
			return out, 2
		}
		return out, 1
	case '\n':
		return out, 1
	case '0', '1', '2', '3', '4', '5', '6', '7':
		n, octal := 0, 0
		for n < 3 && n < len(raw) && raw[n] >= '0' && raw[n] <= '7' {
			octal = octal<<3 | int(raw[n]-'0')
			n++
		}
		return append(out, byte(octal)), n
	default:
		return append(out, c), 1
	}
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
