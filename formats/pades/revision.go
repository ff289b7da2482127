package pades

import (
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// maxBlank is how many blanks a signed range may hold after its %%EOF.
const maxBlank = 1024

// document is a PDF while it is being parsed.
type document struct {
	file      *pdf.File
	in        formats.Input
	form      *form
	revisions []pdf.Revision // newest first
	later     []step         // what revision i does to what revision i+1 shows
	judged    []bool         // whether later[i] is known
	forms     map[pdf.Revision]*form
	placed    []place // of the signatures, in their order
	// references are counted for one revision at a time; nil: for none.
	references *references
}

// place is where a signature stands in the file.
type place struct {
	contents []byte // /Contents as it is written
	signed   byteRange
	at       int // the revision that it ends; -1 if it covers no revision
}

// formAt returns the form as a revision has it.
func (d *document) formAt(f *pdf.File, r pdf.Revision) (*form, error) {
	if fm := d.forms[r]; fm != nil {
		return fm, nil
	}
	fm, err := readForm(f)
	if err == nil {
		d.forms[r] = fm
	}
	return fm, err
}

// revisionEnding returns the index of the revision that ends at end, blanks
// aside; -1 if there is none. A signature over anything but a whole revision
// covers a document that never was (universal forgery by a short range).
func (d *document) revisionEnding(end int64) int {
	best := -1
	for i, r := range d.revisions {
		if r.End > 0 && r.End <= end && (best < 0 || r.End > d.revisions[best].End) {
			best = i
		}
	}
	if best >= 0 && d.blank(d.revisions[best].End, end) {
		return best
	}
	return -1
}

// blank reports whether there is nothing but white space from one offset to
// another.
func (d *document) blank(from, to int64) bool {
	if to-from > maxBlank {
		return false
	}
	b := make([]byte, to-from)
	if n, _ := d.file.ReadAt(b, from); n < len(b) {
		return false
	}
	for _, c := range b {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0 {
			return false
		}
	}
	return true
}

// coverage tells what came after a signature that ends at end, the end of
// revision at.
func (d *document) coverage(at int, end int64) formats.Coverage {
	after := d.in.Size - end
	if after == 0 {
		return formats.Coverage{Whole: true}
	}
	if at == 0 && after <= 2 && d.blank(end, d.in.Size) {
		return formats.Coverage{Whole: true, Note: "an end of line follows the signed bytes"}
	}
	c := formats.Coverage{After: after}
	what := d.changedSince(at)
	switch {
	case what.why != "":
		c.Note = "changed after signing: " + what.why
	case len(what.said) > 0:
		c.Harmless = true
		c.Seen = strings.Join(what.said, "; ")
		c.Note = "later revisions add what was allowed: " + c.Seen
	default:
		c.Harmless = true
		c.Note = "a later revision adds only signatures or their evidence"
	}
	return c
}

// changedSince tells what became of what the document showed at revision at.
func (d *document) changedSince(at int) step {
	if at == 0 {
		return changes("bytes follow that belong to no revision")
	}
	if !d.blank(d.revisions[0].End, d.in.Size) {
		return changes("bytes follow the last revision")
	}
	if d.later == nil {
		d.later, d.judged = make([]step, len(d.revisions)), make([]bool, len(d.revisions))
	}
	var all step
	for i := at - 1; i >= 0; i-- {
		if !d.judged[i] {
			if i+2 < len(d.revisions) {
				delete(d.forms, d.revisions[i+2]) // two at a time are enough
			}
			d.later[i], d.judged[i] = d.compare(d.revisions[i+1], d.revisions[i]), true
		}
		if d.later[i].why != "" {
			return d.later[i]
		}
		if len(all.said) <= maxSaid {
			all.said = append(all.said, d.later[i].said...)
		}
	}
	return all
}
