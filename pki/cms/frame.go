package cms

import "bytes"

// octets is a row of slices, written one behind the other in the end: a content
// of megabytes is not copied once for each element around it.
type octets struct {
	parts [][]byte
	size  int
}

func row(parts ...[]byte) (o octets) {
	for _, p := range parts {
		o.parts, o.size = append(o.parts, p), o.size+len(p)
	}
	return o
}

func (o octets) then(more octets) octets {
	return octets{append(o.parts[:len(o.parts):len(o.parts)], more.parts...), o.size + more.size}
}

func (o octets) join() []byte {
	return bytes.Join(o.parts, nil)
}

// framed is e with other contents, in the form it had:
//
//	| tag | length | contents |              as many octets of length, or more
//	| tag | 80     | contents | 00 00 |      indefinite form
func (e element) framed(body octets) octets {
	if e.indefinite {
		return row(e.raw[:2]).then(body).then(row(e.raw[len(e.raw)-2:]))
	}
	head := header(e.tag, body.size)
	if old := len(e.raw) - len(e.body); old > len(head) {
		head = wideHeader(e.tag, body.size, old)
	}
	return row(head).then(body)
}

// wideHeader is a header of width octets, more than DER allows: some writers
// leave room for a length that they do not know yet.
func wideHeader(tag byte, size, width int) []byte {
	out := make([]byte, width)
	out[0], out[1] = tag, 0x80|byte(width-2)
	for i := width - 1; i > 1; i-- {
		out[i] = byte(size)
		size >>= 8
	}
	return out
}
