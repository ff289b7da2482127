package crl

import (
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// cursor walks over DER that may be too large to hold. Where the whole is in
// memory it copies nothing.
type cursor struct {
	r       io.ReaderAt
	memory  []byte // what r reads, or nil
	at, end int64
}

func (c *cursor) empty() bool { return c.at >= c.end }

// bytes returns n bytes from the place.
func (c *cursor) bytes(n int64) ([]byte, error) {
	if n > c.end-c.at {
		return nil, malformed("the end comes too early")
	}
	if c.memory != nil {
		return c.memory[c.at : c.at+n : c.at+n], nil
	}
	out := make([]byte, n)
	return out, readAt(c.r, out, c.at)
}

// header reads the tag and the length of the element at the place: how long the
// header is, and how long what follows it. Only the shortest form is DER.
func (c *cursor) header() (tag cbasn1.Tag, header, content int64, err error) {
	start, err := c.bytes(min(2+8, c.end-c.at))
	if err != nil {
		return 0, 0, 0, err
	}
	if len(start) < 2 {
		return 0, 0, 0, malformed("no element")
	}
	tag, header, content = cbasn1.Tag(start[0]), 2, int64(start[1])
	if octets := int64(start[1] & 0x7f); start[1] >= 0x80 {
		if int64(len(start)) < 2+octets {
			return 0, 0, 0, malformed("a length")
		}
		content = 0
		for _, b := range start[2 : 2+octets] {
			content = content<<8 | int64(b)
		}
		header += octets
		if content < 0x80 || content>>(8*(octets-1)) == 0 {
			return 0, 0, 0, malformed("a length in more octets than it needs")
		}
	}
	if content > c.end-c.at-header {
		return 0, 0, 0, malformed("an element that is longer than what holds it")
	}
	return tag, header, content, nil
}

// next reports whether an element with this tag comes next. That it cannot be
// read does not make it absent.
func (c *cursor) next(tag cbasn1.Tag) (bool, error) {
	if c.empty() {
		return false, nil
	}
	have, _, _, err := c.header()
	return have == tag, err
}

// enter returns a cursor over the content of the next element, and moves past it.
func (c *cursor) enter(tag cbasn1.Tag, what string) (cursor, error) {
	have, header, content, err := c.header()
	if err != nil {
		return cursor{}, fmt.Errorf("%s: %w", what, err)
	}
	if have != tag {
		return cursor{}, malformed("no " + what)
	}
	inner := cursor{c.r, c.memory, c.at + header, c.at + header + content}
	c.at = inner.end
	return inner, nil
}

// maxPart bounds what is read of a list at once: everything but the entries as
// a whole.
const maxPart = 1 << 20

// element returns the next element as a whole, and moves past it.
func (c *cursor) element(tag cbasn1.Tag, what string) (cryptobyte.String, error) {
	have, header, content, err := c.header()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	if have != tag {
		return nil, malformed("no " + what)
	}
	if header+content > maxPart {
		return nil, fmt.Errorf("%s of %d bytes: %w", what, content, ErrTooLarge)
	}
	out, err := c.bytes(header + content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	c.at += header + content
	return out, nil
}
