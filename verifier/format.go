package verifier

import (
	"strings"

	"tamga/formats"
	"tamga/verifier/report"
)

// formatChecks is format checking, EN 319 102-1 §5.2.2: whether the signature
// is built as its specification says. The parser has looked; this judges.
var formatChecks = []check{
	{"format.built", "EN 319 102-1 5.2.2", report.FormatFailure, wellBuilt},
	{"format.signed", "EN 319 102-1 5.2.2", report.FormatFailure, signsSomething},
}

func wellBuilt(t *trial) finding {
	var fatal []string
	for _, d := range t.sig.Defects {
		if d.Fatal {
			fatal = append(fatal, defect(d))
		} else {
			t.notes = append(t.notes, defectNote(d))
		}
	}
	if id := t.sig.Claims.Policy; id != "" {
		t.note("note.signature-policy", id)
	}
	if len(fatal) > 0 {
		return no("%s", strings.Join(fatal, "; "))
	}
	return yes("%s", t.sig.Kind)
}

// signsSomething stops the signature that was taken out, and for formats that
// sign digests the one that signs nothing: an issuer's signature over an empty
// list says nothing about what stands beside it.
func signsSomething(t *trial) finding {
	switch {
	case len(t.sig.Value) == 0:
		return no("there is no signature value")
	case len(t.sig.Signed) == 0 && !(t.sig.Direct && len(t.sig.References) > 0):
		return no("nothing is signed")
	case t.rule.References && len(t.sig.References) == 0:
		return no("the signature refers to no content")
	}
	return yes("bytes signed: %d, references: %d", len(t.sig.Signed), len(t.sig.References))
}

func defect(d formats.Defect) string {
	if d.Clause == "" {
		return d.Text
	}
	return d.Clause + ": " + d.Text
}

func defectNote(d formats.Defect) report.Note {
	if d.Clause == "" {
		return report.NewNote("note.defect-unplaced", d.Text)
	}
	return report.NewNote("note.defect", d.Text, d.Clause)
}
