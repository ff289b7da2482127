package cms

import (
	"errors"
	"fmt"
)

var (
	// ErrMalformed says that the bytes are no SignedData.
	ErrMalformed = errors.New("malformed CMS")
	// ErrTooLarge says that a limit of this package was reached.
	ErrTooLarge = errors.New("CMS too large or too deep")
)

// maxDepth bounds nesting; a SignedData with certificates needs some 15.
const maxDepth = 64

// ASN.1 tags as they stand in the first octet (X.690 §8.1.2).
const (
	tagInteger     = 0x02
	tagOctetString = 0x04
	tagNull        = 0x05
	tagOID         = 0x06
	tagSequence    = 0x30
	tagSet         = 0x31
	constructed    = 0x20
	tag0Primitive  = 0x80 // [0] IMPLICIT of a primitive type
	tag0           = 0xa0 // [0] EXPLICIT, or IMPLICIT of a constructed type
	tag1           = 0xa1
	tag4           = 0xa4
)

// element is one BER element in place: nothing is copied.
//
//	| tag | length | contents          |      definite form
//	| tag | 80     | contents | 00 00  |      indefinite form
type element struct {
	tag        byte
	raw        []byte // all of it
	body       []byte // the contents
	indefinite bool
}

// next splits the first element off in. It tolerates what BER allows and DER
// does not (long lengths, the indefinite form) and reads an element of the
// indefinite form to its end by walking its children, each once, at most
// maxDepth deep: the work is linear for definite forms and at most maxDepth
// times linear otherwise. Tag numbers over 30 do not occur in CMS.
func next(in []byte, depth int) (e element, rest []byte, err error) {
	if depth > maxDepth {
		return e, nil, ErrTooLarge
	}
	if len(in) < 2 {
		return e, nil, fmt.Errorf("%w: truncated element", ErrMalformed)
	}
	e.tag = in[0]
	if e.tag&0x1f == 0x1f {
		return e, nil, fmt.Errorf("%w: long tag", ErrMalformed)
	}
	head, size, err := length(in[1:])
	if err != nil {
		return e, nil, err
	}
	head++
	if size >= 0 {
		if size > len(in)-head {
			return e, nil, fmt.Errorf("%w: element longer than what is there", ErrMalformed)
		}
		e.raw, e.body = in[:head+size], in[head:head+size]
		return e, in[head+size:], nil
	}
	if e.tag&constructed == 0 {
		return e, nil, fmt.Errorf("%w: primitive element of indefinite length", ErrMalformed)
	}
	e.indefinite = true
	inner := in[head:]
	for {
		if len(inner) >= 2 && inner[0] == 0 && inner[1] == 0 {
			end := len(in) - len(inner)
			e.raw, e.body = in[:end+2], in[head:end]
			return e, inner[2:], nil
		}
		if _, inner, err = next(inner, depth+1); err != nil {
			return e, nil, err
		}
	}
}

// length reads the length octets (X.690 §8.1.3); size is -1 for the
// indefinite form.
func length(in []byte) (octets, size int, err error) {
	first := in[0]
	switch {
	case first < 0x80:
		return 1, int(first), nil
	case first == 0x80:
		return 1, -1, nil
	}
	n := int(first & 0x7f)
	if n > 8 || len(in) < 1+n {
		return 0, 0, fmt.Errorf("%w: bad length", ErrMalformed)
	}
	for _, b := range in[1 : 1+n] {
		if size > 1<<40 {
			return 0, 0, ErrTooLarge
		}
		size = size<<8 | int(b)
	}
	return 1 + n, size, nil
}

// reader walks the elements of a constructed element.
type reader struct {
	rest  []byte
	depth int
	err   error
}

func (e element) children(depth int) *reader { return &reader{rest: e.body, depth: depth + 1} }

// more reports whether another element follows.
func (r *reader) more() bool { return r.err == nil && len(r.rest) > 0 }

// peek returns the tag of the next element, 0 if there is none.
func (r *reader) peek() byte {
	if !r.more() {
		return 0
	}
	return r.rest[0]
}

// any reads the next element whatever it is.
func (r *reader) any() element {
	if r.err != nil {
		return element{}
	}
	e, rest, err := next(r.rest, r.depth)
	if err != nil {
		r.err = err
		return element{}
	}
	r.rest = rest
	return e
}

// want reads the next element, which must have this tag.
func (r *reader) want(tag byte, what string) element {
	if r.err == nil && r.peek() != tag {
		r.err = fmt.Errorf("%w: %s is missing", ErrMalformed, what)
	}
	return r.any()
}

// end demands that nothing follows.
func (r *reader) end(what string) error {
	if r.err == nil && len(r.rest) > 0 {
		r.err = fmt.Errorf("%w: %d bytes after the end of %s", ErrMalformed, len(r.rest), what)
	}
	return r.err
}

// octets returns the contents of an OCTET STRING, whose constructed form (X.690
// §8.7.3) is a row of further ones. class is the tag of the primitive form.
func (e element) octets(depth int) ([]byte, error) {
	if e.tag&constructed == 0 {
		return e.body, nil
	}
	var out []byte
	for r := e.children(depth); ; {
		if !r.more() {
			return out, r.err
		}
		piece := r.any()
		if r.err == nil && piece.tag&^constructed != tagOctetString {
			return nil, fmt.Errorf("%w: not an OCTET STRING inside an OCTET STRING", ErrMalformed)
		}
		inner, err := piece.octets(r.depth)
		if err != nil || r.err != nil {
			return nil, errors.Join(r.err, err)
		}
		out = append(out, inner...)
	}
}
