package mdoc

import (
	"fmt"
	"strconv"
	"unicode"

	"tamga/formats"
)

// defects collects departures from the standard.
type defects []formats.Defect

func (d *defects) fatal(clause, format string, args ...any) {
	d.note(clause, format, args...)
	(*d)[len(*d)-1].Fatal = true
}

func (d *defects) note(clause, format string, args ...any) {
	*d = append(*d, formats.Defect{Clause: "ISO/IEC 18013-5 " + clause, Text: fmt.Sprintf(format, args...)})
}

// maxShown is how much of a stranger's text is shown.
const maxShown = 4096

// people makes a stranger's text fit to be shown: what would change its
// surroundings is escaped, and too much is cut.
func people(s string) string {
	whole := len(s)
	if whole > maxShown {
		s = s[:maxShown]
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			s = strconv.Quote(s)
			break
		}
	}
	if whole > maxShown {
		s += fmt.Sprintf("… (%d bytes)", whole)
	}
	return s
}
