package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// noteKinds are the annotations that people make on a document and that do
// nothing but show themselves (ISO 32000-2 table 171). Links, files, films,
// widgets, watermarks and redactions are not among them.
var noteKinds = map[string]bool{
	"Text": true, "FreeText": true, "Line": true, "Square": true, "Circle": true, "Polygon": true,
	"PolyLine": true, "Highlight": true, "Underline": true, "Squiggly": true, "StrikeOut": true,
	"Caret": true, "Stamp": true, "Ink": true, "Popup": true,
}

// noteKeys are what a new annotation may have (tables 166, 172 to 185). Actions
// (/A, /AA) and layers (/OC) are not among them.
var noteKeys = map[string]bool{
	"Type": true, "Subtype": true, "Rect": true, "Contents": true, "P": true, "NM": true, "M": true, "F": true,
	"AP": true, "AS": true, "Border": true, "BS": true, "BE": true, "C": true, "IC": true, "CA": true, "ca": true,
	"T": true, "Popup": true, "RC": true, "CreationDate": true, "IRT": true, "RT": true, "Subj": true, "IT": true,
	"QuadPoints": true, "L": true, "LE": true, "LL": true, "LLE": true, "Cap": true, "LLO": true, "CP": true,
	"CO": true, "Vertices": true, "InkList": true, "Sy": true, "Name": true, "Open": true, "Parent": true,
	"DA": true, "Q": true, "DS": true, "RD": true, "CL": true, "StructParent": true, "Lang": true,
}

// newNote allows an annotation on a document that may be annotated (DocMDP /P
// 3), if it covers nothing that was signed: the evil-annotation attack of 2021
// writes over what a certification vouches for. Those that were there must stay
// as they are, though the standard allows to change and to remove them.
func (c *comparison) newNote(v pdf.Value, page pdf.Ref) (string, error) {
	ref, ok := v.Ref()
	if !ok || c.added[ref.Num] != ref {
		return fmt.Sprintf("an old object became an annotation of page object %d", page.Num), nil
	}
	dict, err := c.new.Resolve(v)
	if err != nil {
		return "", err
	}
	kind := dict.Get("Subtype").Name()
	if !noteKinds[kind] {
		return fmt.Sprintf("an annotation (%.20s) was added to page object %d", printable(kind), page.Num), nil
	}
	for _, e := range dict.Entries() {
		if !noteKeys[e.Key] {
			return fmt.Sprintf("an annotation (%s) was added that has /%s", kind, printable(e.Key)), nil
		}
	}
	if err := c.reach(v, 0); err != nil {
		return "", err
	}
	what := fmt.Sprintf("an annotation (%s) was added", kind)
	switch {
	case kind == "Popup" && dict.Get("AP").Kind == pdf.Null:
		return "", nil // a window beside the page, which shows what another one says
	case kind != "Text" && dict.Get("AP").Kind == pdf.Null:
		return what + " that leaves it to the reader how it looks", nil
	}
	return c.see(what, page, dict, pdf.Ref{})
}
