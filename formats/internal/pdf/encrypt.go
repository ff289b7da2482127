package pdf

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// shift says that what stood at offset at or behind it stands delta further on.
type shift struct{ at, delta int }

func moved(shifts []shift, at int) int {
	n := 0
	for _, s := range shifts {
		if s.at <= at {
			n += s.delta
		}
	}
	return n
}

// encrypt replaces the body of an object of an update by what stands in the
// file: strings and stream data encrypted, all else as it is.
func (u *Update) encrypt(o *object) error {
	h := u.f.crypt
	if h == nil {
		return nil
	}
	if o.ref == h.dict {
		return malformed("an update that writes over the encryption dictionary")
	}
	l := &lexer{r: bytes.NewReader(o.body), end: int64(len(o.body)), budget: &budget{}}
	obj := Object{Ref: o.ref}
	var err error
	if obj.Value, err = l.value(); err != nil {
		return fmt.Errorf("encrypting object %d: %w", o.ref.Num, err)
	}
	l.space()
	if l.at(0) >= 0 {
		if err := l.streamStart(&obj); err != nil {
			return fmt.Errorf("encrypting object %d: %w", o.ref.Num, err)
		}
	}
	e := encrypting{h: h, object: o, obj: obj}
	if obj.Stream {
		if err := e.stream(); err != nil {
			return fmt.Errorf("encrypting object %d: %w", o.ref.Num, err)
		}
	}
	if h.strings == identity {
		e.finish()
		return nil
	}
	if err := encryptedStrings(&obj.Value, func(v *Value) error {
		from := int(v.Off)
		e.replace(from, from+len(v.Raw), fmt.Appendf(nil, "<%X>", h.encrypt(h.strings, o.ref, from, v.Bytes())))
		return nil
	}); err != nil {
		return err
	}
	e.finish()
	return nil
}

// encrypting gathers the replacements in one body.
type encrypting struct {
	h      *handler
	object *object
	obj    Object
	parts  []replacement
}

type replacement struct {
	from, to int
	with     []byte
}

func (e *encrypting) replace(from, to int, with []byte) {
	e.parts = append(e.parts, replacement{from, to, with})
}

// stream encrypts the data, and corrects /Length.
func (e *encrypting) stream() error {
	body, length := e.object.body, e.obj.Value.Get("Length")
	n, ok := length.Int()
	from := e.obj.data
	if !ok || n < 0 || n > int64(len(body))-from {
		return malformed("a stream with /Length %.40s in a body of %d bytes", length.Raw, len(body))
	}
	direct := func(v Value) (Value, error) {
		if v.Kind == Reference {
			return v, malformed("a reference where a new stream must have a value")
		}
		return v, nil
	}
	filters, err := readFilters(e.obj.Value, direct)
	if err != nil {
		return err
	}
	kind, err := e.h.streamCipher(e.obj, filters)
	if err != nil {
		return err
	}
	to := from + n
	data := e.h.encrypt(kind, e.object.ref, int(from), body[from:to])
	e.replace(int(from), int(to), data)
	e.replace(int(length.Off), int(length.Off)+len(length.Raw), fmt.Appendf(nil, "%d", len(data)))
	return nil
}

// finish puts the parts into the body, in their order.
func (e *encrypting) finish() {
	slices.SortFunc(e.parts, func(a, b replacement) int { return cmp.Compare(a.from, b.from) })
	body := e.object.body
	var out []byte
	done := 0
	for _, p := range e.parts {
		out = append(append(out, body[done:p.from]...), p.with...)
		done = p.to
		e.object.moved = append(e.object.moved, shift{p.to, len(p.with) - (p.to - p.from)})
	}
	e.object.body = append(out, body[done:]...)
}
