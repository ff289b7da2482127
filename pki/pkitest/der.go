package pkitest

import "testing"

// Forge rewrites the DER element at offset at: edit gets its contents and
// returns others, or nil to leave the element out. The lengths of the elements
// around it are mended, so that only what is signed can tell.
func Forge(t testing.TB, der []byte, at int, edit func(body []byte) []byte) []byte {
	t.Helper()
	found := false
	var walk func(base int, in []byte) []byte
	walk = func(base int, in []byte) []byte {
		var out []byte
		for len(in) > 0 {
			head, size := 2, int(in[1])
			if in[1] >= 0x80 {
				size = 0
				for _, b := range in[2 : 2+in[1]&0x7f] {
					size = size<<8 | int(b)
				}
				head += int(in[1] & 0x7f)
			}
			whole := in[:head+size]
			switch inside := at > base && at < base+len(whole) && in[0]&0x20 != 0; {
			case base == at:
				found = true
				if body := edit(whole[head:]); body != nil {
					out = append(out, element(in[0], body)...)
				}
			case inside:
				out = append(out, element(in[0], walk(base+head, whole[head:]))...)
			default:
				out = append(out, whole...)
			}
			in, base = in[len(whole):], base+len(whole)
		}
		return out
	}
	out := walk(0, der)
	if !found {
		t.Fatalf("no element begins at offset %d", at)
	}
	return out
}

// element writes the shortest length, as DER demands.
func element(tag byte, body []byte) []byte {
	n := len(body)
	head := []byte{tag, byte(n)}
	switch {
	case n >= 1<<16:
		head = []byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}
	case n >= 1<<8:
		head = []byte{tag, 0x82, byte(n >> 8), byte(n)}
	case n >= 0x80:
		head = []byte{tag, 0x81, byte(n)}
	}
	return append(head, body...)
}
