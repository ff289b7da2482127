package pdf

import "fmt"

// Source returns v as a body of [Update.Set] has it: Raw, with what encrypted
// strings hold in their places. Where Raw is encrypted for one object, Source
// may be put into any.
func (v Value) Source() []byte {
	var at []Value
	v.encrypted(func(s Value) { at = append(at, s) })
	if len(v.Raw) == 0 { // what is absent
		return []byte("null")
	}
	if len(at) == 0 {
		return v.Raw
	}
	var out []byte
	done := 0
	for _, s := range at {
		from := int(s.Off - v.Off)
		out = append(out, v.Raw[done:from]...)
		out = fmt.Appendf(out, "<%X>", *s.plain)
		done = from + len(s.Raw)
	}
	return append(out, v.Raw[done:]...)
}

// encrypted calls f with every encrypted string in v, in the order of the file.
// Only objects that stand in the file itself have any, so all have an offset.
func (v Value) encrypted(f func(Value)) {
	if v.plain != nil {
		f(v)
	}
	for _, item := range v.items {
		item.encrypted(f)
	}
	for _, e := range v.dict {
		e.Value.encrypted(f)
	}
}
