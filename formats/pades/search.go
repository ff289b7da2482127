package pades

import "bytes"

// rangeKey is what the search of the whole file is for.
var rangeKey = []byte("/ByteRange")

// indexRange is bytes.Index for rangeKey. That looks for the first byte, of
// which a PDF is full; the second is rare in text and in compressed data alike,
// which makes the search five times as fast, and what it costs stands beside
// the digest of the file. A file full of that byte is left to bytes.Index.
func indexRange(b []byte) int {
	at := 0
	for misses := 0; misses <= 16+at/64; misses++ {
		i := bytes.IndexByte(b[at:], rangeKey[1])
		if i < 0 {
			return -1
		}
		if at += i; at > 0 && bytes.HasPrefix(b[at-1:], rangeKey) {
			return at - 1
		}
		at++
	}
	from := max(0, at-1)
	if i := bytes.Index(b[from:], rangeKey); i >= 0 {
		return from + i
	}
	return -1
}
