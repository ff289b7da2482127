package crl

import (
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

const (
	// maxEntry bounds one entry: real ones have some forty bytes, those with an
	// issuer's name some hundred.
	maxEntry = 64 << 10
	// window is how much of a file is read at once. An entry fits into it.
	window = 256 << 10
)

// each hands the element of every entry, with its place, to visit until that
// says false. The element is valid until visit returns.
func (l *List) each(visit func(at int64, element cryptobyte.String) bool) error {
	var buf []byte
	if l.entries.memory == nil {
		buf = make([]byte, min(window, l.entries.end-l.entries.at))
	}
	for at := l.entries.at; at < l.entries.end; {
		part, err := l.part(at, buf)
		if err != nil {
			return err
		}
		read, rest := int64(0), cryptobyte.String(part)
		for !rest.Empty() {
			var element cryptobyte.String
			if !rest.ReadASN1Element(&element, cbasn1.SEQUENCE) {
				break // cut off by the end of the part, or no entry
			}
			if len(element) > maxEntry {
				return fmt.Errorf("an entry of %d bytes: %w", len(element), ErrTooLarge)
			}
			if !visit(at+read, element) {
				return nil
			}
			read += int64(len(element))
		}
		if read == 0 { // though it began with the part, and would fit into it
			return malformed("an entry")
		}
		at += read
	}
	return nil
}

// part is what of the entries is at hand from a place on: all of them, or as
// many of their bytes as buf holds.
func (l *List) part(at int64, buf []byte) ([]byte, error) {
	if l.entries.memory != nil {
		return l.entries.memory[at:l.entries.end], nil
	}
	buf = buf[:min(int64(len(buf)), l.entries.end-at)]
	return buf, readAt(l.entries.r, buf, at)
}

// readAt fills buf, or fails: a reader that has less is a file that has changed.
func readAt(r io.ReaderAt, buf []byte, at int64) error {
	n, err := r.ReadAt(buf, at)
	if n == len(buf) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading %d bytes at %d: %w", len(buf), at, err)
}
