package formats

import (
	"bytes"
	"fmt"
	"io"
	"sync"
	"unicode/utf8"
)

// HeadSize is how much of a document is read to recognise it.
const HeadSize = 4 << 10

var heads = sync.Pool{New: func() any { return new([HeadSize]byte) }}

// Recognise returns the first of parsers that knows the opening bytes of in.
// It reads no more than [HeadSize] bytes, which a parser must not keep. The error wraps [ErrNotRecognised]
// and says what the document looks like, or tells why it could not be read.
func Recognise(parsers []Parser, in Input) (Parser, error) {
	buf := heads.Get().(*[HeadSize]byte)
	defer heads.Put(buf)
	head := buf[:max(0, min(in.Size, HeadSize))]
	if n, err := in.ReadAt(head, 0); n < len(head) {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF // the input shrank
		}
		return nil, fmt.Errorf("reading the first %d bytes: %w", len(head), err)
	}
	for _, p := range parsers {
		if len(head) > 0 && p.Sniff(head) {
			return p, nil
		}
	}
	return nil, fmt.Errorf("%w: %s", ErrNotRecognised, looksLike(head))
}

// openings tells people what a file is that no parser knows.
var openings = []struct {
	magic string
	words string
}{
	{"%PDF-", "it looks like a PDF"},
	{"PK\x03\x04", "it looks like a ZIP container (ASiC, an office document, an archive)"},
	{"PK\x05\x06", "it looks like an empty ZIP container"},
	{"\xff\xd8\xff", "it looks like a JPEG picture"},
	{"\x89PNG\r\n\x1a\n", "it looks like a PNG picture"},
	{"GIF8", "it looks like a GIF picture"},
	{"II*\x00", "it looks like a TIFF picture"},
	{"MM\x00*", "it looks like a TIFF picture"},
	{"\x7fELF", "it looks like a program (ELF)"},
	{"MZ", "it looks like a program for Windows"},
	{"\x1f\x8b", "it looks like a gzip archive"},
	{"7z\xbc\xaf\x27\x1c", "it looks like a 7-Zip archive"},
	{"Rar!\x1a\x07", "it looks like a RAR archive"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "it looks like an old office document"},
	{"-----BEGIN ", "it looks like PEM (a certificate or a key)"},
	{"<?xml", "it looks like XML"},
}

// looksLike describes head for people, never quoting it.
func looksLike(head []byte) string {
	if len(head) == 0 {
		return "it is empty"
	}
	for _, o := range openings {
		if bytes.HasPrefix(head, []byte(o.magic)) {
			return o.words
		}
	}
	if len(bytes.Trim(head, "\x00")) == 0 {
		return "it begins with nothing but zero bytes"
	}
	if text(head) {
		switch bytes.TrimLeft(head, " \t\r\n\ufeff")[0] {
		case '{', '[':
			return "it looks like JSON"
		case '<':
			return "it looks like XML or HTML"
		}
		return "it looks like plain text"
	}
	switch {
	case head[0] == 0x30:
		return "it looks like DER (a certificate, a key, or a CMS of a kind that carries no signature)"
	case head[0]>>5 == 4 || head[0]>>5 == 5 || head[0] == 0xd8 || head[0] == 0xd2:
		return "it may be CBOR"
	}
	return "it looks like none of the kinds of file that tamga knows"
}

// text reports whether head is UTF-8 without control characters, other than
// white space; its last character may be cut.
func text(head []byte) bool {
	blank := true
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n <= 1 {
			return !blank && len(head)-i < utf8.UTFMax && len(head) == HeadSize
		}
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' && r != '\f' {
			return false
		}
		blank = blank && (r <= ' ' || r == '\ufeff')
		i += n
	}
	return !blank
}
