package pdf

// unLZW undoes LZWDecode (§7.4.4.2): codes of 9 to 12 bits, the highest bit
// first. 256 empties the table and 257 ends. With early, 1 unless
// /EarlyChange is 0, codes grow one code before they must.
func unLZW(data []byte, early, limit int) ([]byte, error) {
	if early != 0 && early != 1 {
		return nil, malformed("an LZWDecode stream with /EarlyChange %d", early)
	}
	const clear, end = 256, 257
	var t lzwTable
	var out []byte
	next, width, last := end+1, 9, -1
	bits, have := 0, 0
	for _, c := range data {
		bits, have = (bits<<8|int(c))&0xFFFFF, have+8
		if have < width {
			continue
		}
		have -= width
		code := bits >> have & (1<<width - 1)
		switch {
		case code == end:
			return out, nil
		case code == clear:
			next, width, last = end+1, 9, -1
			continue
		case last < 0 && code > 255, code > next, code == next && next == len(t.prefix):
			return out, malformed("an LZWDecode stream with a code that stands for nothing")
		}
		from := len(out)
		if code == next { // the last text and its first byte
			out = t.append(out, last)
			out = append(out, out[from])
		} else {
			out = t.append(out, code)
		}
		if len(out) > limit {
			return out, errBomb(len(data), limit)
		}
		if last >= 0 && next < len(t.prefix) {
			t.prefix[next], t.suffix[next], t.length[next] = uint16(last), out[from], t.size(last)+1
			next++
		}
		for width < 12 && next+early >= 1<<width {
			width++
		}
		last = code
	}
	return out, malformed("an LZWDecode stream without its end")
}

// lzwTable holds the texts of the codes from 258 on: that of a code before,
// and one byte.
type lzwTable struct {
	prefix [4096]uint16
	suffix [4096]byte
	length [4096]uint16
}

func (t *lzwTable) size(code int) uint16 {
	if code < 256 {
		return 1
	}
	return t.length[code]
}

func (t *lzwTable) append(out []byte, code int) []byte {
	from := len(out)
	out = append(out, make([]byte, t.size(code))...)
	for i := len(out) - 1; i > from; i-- {
		out[i] = t.suffix[code]
		code = int(t.prefix[code])
	}
	out[from] = byte(code)
	return out
}
