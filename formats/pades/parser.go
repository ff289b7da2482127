package pades

import (
	"bytes"
	"fmt"
	"unicode"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// maxSignatures bounds the signatures of one document.
const maxSignatures = 1000

// Parser reads PDF documents.
type Parser struct{}

// ID returns [formats.PAdES].
func (Parser) ID() formats.ID { return formats.PAdES }

// Sniff reports whether a PDF header stands in the first 1024 bytes.
func (Parser) Sniff(head []byte) bool {
	return bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-"))
}

// Parse finds the signatures of a PDF. A PDF without any is no error.
func (Parser) Parse(in formats.Input) (*formats.Document, error) {
	f, err := pdf.OpenWith(in.ReaderAt, in.Size, in.Password)
	if err != nil {
		return nil, fmt.Errorf("reading a PDF: %w", err)
	}
	fm, err := readForm(f)
	if err != nil {
		return nil, fmt.Errorf("reading a PDF: %w", err)
	}
	d := &document{file: f, in: in, form: fm, revisions: f.Revisions(), forms: map[pdf.Revision]*form{}}
	out := &formats.Document{Format: formats.PAdES}
	if err := d.signatures(out); err != nil {
		return nil, fmt.Errorf("reading a PDF: %w", err)
	}
	if err := d.describe(out); err != nil {
		return nil, fmt.Errorf("reading a PDF: %w", err)
	}
	d.longTerm(out)
	return out, nil
}

// signatures adds every signed field, in the order in which they were made.
func (d *document) signatures(out *formats.Document) error {
	var owned []extent
	byObject := map[pdf.Ref]int{}
	for _, fl := range d.form.fields {
		if !fl.signed() {
			continue
		}
		if len(out.Signatures) == maxSignatures {
			return fmt.Errorf("more than %d signatures: %w", maxSignatures, formats.ErrTooLarge)
		}
		sig := d.signature(fl)
		if ref, ok := fl.dict.Get("V").Ref(); ok {
			if first, twice := byObject[ref]; twice {
				shared := *refuse("ISO 32000-2 12.7.5.5", "two fields share one signature")
				sig.Defects = append(sig.Defects, shared)
				out.Signatures[first].Defects = append(out.Signatures[first].Defects, shared)
			} else {
				byObject[ref] = len(out.Signatures)
			}
		}
		owned = append(owned, extentOf(fl.value))
		out.Signatures = append(out.Signatures, sig)
	}
	strays, err := d.strays(owned)
	if err != nil {
		return err
	}
	out.Defects = append(out.Defects, strays...)
	if d.form.loop {
		out.Defects = append(out.Defects, formats.Defect{
			Clause: "ISO 32000-2 12.7.4", Text: "a form field is reached more than once"})
	}
	if d.file.Hybrid() {
		out.Defects = append(out.Defects, formats.Defect{
			Clause: "ISO 32000-2 7.5.8.4", Text: "a hybrid-reference file: very old readers see less of it"})
	}
	return nil
}

// isPlain reports whether r is harmless on a terminal: no control, no
// direction override, no unassigned character.
func isPlain(r rune) bool { return unicode.IsPrint(r) || r == ' ' }
