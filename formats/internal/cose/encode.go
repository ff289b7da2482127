package cose

// The writer knows one encoding of everything: the deterministic one of
// RFC 8949 §4.2.1, shortest heads and definite lengths. The order of map keys
// is for who writes the map.

// AppendHead appends the head of a data item: its major type and a number,
// which is a value, a length or a count.
func AppendHead(b []byte, m Major, n uint64) []byte {
	t := byte(m) << 5
	switch {
	case n < 24:
		return append(b, t|byte(n))
	case n <= 0xff:
		return append(b, t|24, byte(n))
	case n <= 0xffff:
		return append(b, t|25, byte(n>>8), byte(n))
	case n <= 0xffffffff:
		return append(b, t|26, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, t|27, byte(n>>56), byte(n>>48), byte(n>>40), byte(n>>32),
		byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

// AppendText appends a text string, which must be UTF-8.
func AppendText(b []byte, s string) []byte {
	return append(AppendHead(b, MajorText, uint64(len(s))), s...)
}

// AppendBytes appends a byte string.
func AppendBytes(b, v []byte) []byte {
	return append(AppendHead(b, MajorBytes, uint64(len(v))), v...)
}

// AppendInt appends an integer.
func AppendInt(b []byte, n int64) []byte {
	if n < 0 {
		return AppendHead(b, MajorNegative, uint64(^n))
	}
	return AppendHead(b, MajorUint, uint64(n))
}

// AppendEncoded appends #6.24(bstr .cbor item).
func AppendEncoded(b, item []byte) []byte {
	return AppendBytes(AppendHead(b, MajorTag, TagEncoded), item)
}
