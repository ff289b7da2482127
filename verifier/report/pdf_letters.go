package report

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// letters knows which letters both weights of the font have a picture of.
type letters struct {
	fonts []*sfnt.Font
	known map[rune]bool
	buf   sfnt.Buffer
}

func loadLetters() (*letters, error) {
	l := &letters{known: map[rune]bool{}}
	for _, file := range [][]byte{goregular.TTF, gobold.TTF} {
		f, err := sfnt.Parse(file)
		if err != nil {
			return nil, fmt.Errorf("loading the font of reports: %w", err)
		}
		l.fonts = append(l.fonts, f)
	}
	return l, nil
}

// has reports whether a letter can be drawn; the PDF knows none beyond U+FFFF.
func (l *letters) has(r rune) bool {
	if have, ok := l.known[r]; ok {
		return have
	}
	have := r < 0xFFFF
	for _, f := range l.fonts {
		i, err := f.GlyphIndex(&l.buf, r)
		have = have && err == nil && i != 0
	}
	l.known[r] = have
	return have
}

// drawn returns s with a code point in place of each letter that cannot be
// drawn: a name must not lose letters on its way to paper, nor become another.
func (l *letters) drawn(s string) string {
	var b strings.Builder
	for _, r := range s {
		if l.has(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(`\u{` + strings.ToUpper(strconv.FormatInt(int64(r), 16)) + "}")
		}
	}
	return b.String()
}
