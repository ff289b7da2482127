package cli

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// show returns a file's name fit for a terminal and a log: as it is where it
// is printable text, quoted in Go's syntax otherwise. A name is chosen by a
// stranger; it could hold escape sequences that redraw the screen, a line
// break that starts a false verdict, or marks that turn its direction.
func show(name string) string {
	plain := name != "" && utf8.ValidString(name) && strings.TrimSpace(name) == name &&
		!strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == '"' })
	if plain {
		return name
	}
	return strconv.Quote(name)
}

// oneLine keeps an error's text from breaking the line it stands on.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\r' {
			return ' '
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, text)
}
