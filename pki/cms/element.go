package cms

import "fmt"

// Element is one BER element where it stands in a structure around a CMS: an
// evidence record, say. Nothing is copied.
type Element struct {
	Tag  byte   // the identifier octet
	Raw  []byte // all of it
	Body []byte // the contents, without the end-of-contents of the indefinite form
}

// Elements splits a row of elements, at most most of them. It tolerates what
// BER allows as [Parse] does; what is inside of them stays unread. The error
// wraps [ErrMalformed] or [ErrTooLarge].
func Elements(in []byte, most int) (out []Element, err error) {
	for r := (&reader{rest: in}); ; {
		if !r.more() {
			return out, r.err
		}
		if len(out) == most {
			return nil, fmt.Errorf("%w: over %d elements", ErrTooLarge, most)
		}
		e := r.any()
		if r.err == nil {
			out = append(out, Element{e.tag, e.raw, e.body})
		}
	}
}
