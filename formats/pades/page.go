package pades

import (
	"fmt"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

const (
	maxPageDepth = 48
	maxPages     = 1 << 24
)

// findPage returns the nth page, from 1, and its dictionary (ISO 32000-2
// §7.7.3); 0 is the first, -1 the last. It walks the tree only as far as that
// page.
func findPage(f *pdf.File, catalog pdf.Value, n int) (pdf.Ref, pdf.Value, error) {
	if n < 0 {
		root, err := f.Get(catalog, "Pages")
		if err != nil {
			return pdf.Ref{}, pdf.Value{}, fmt.Errorf("looking for page %d: %w", n, err)
		}
		count, err := f.Get(root, "Count")
		if err != nil {
			return pdf.Ref{}, pdf.Value{}, fmt.Errorf("looking for page %d: %w", n, err)
		}
		all, _ := count.Int()
		if all < int64(-n) || all > maxPages {
			return pdf.Ref{}, pdf.Value{}, fmt.Errorf("the document has no page %d of %d: %w",
				n, all, ErrWish)
		}
		n += int(all) + 1
	}
	n = max(n, 1)
	w := pageWalk{file: f, left: n, seen: map[pdf.Ref]bool{}}
	if err := w.visit(catalog.Get("Pages"), 0); err != nil {
		return pdf.Ref{}, pdf.Value{}, fmt.Errorf("looking for page %d: %w", n, err)
	}
	if w.left > 0 {
		return pdf.Ref{}, pdf.Value{}, fmt.Errorf("the document has no page %d: %w", n, ErrWish)
	}
	return w.ref, w.dict, nil
}

type pageWalk struct {
	file *pdf.File
	left int // pages still to pass, the wanted one included
	seen map[pdf.Ref]bool
	ref  pdf.Ref
	dict pdf.Value
	each func(pdf.Ref, pdf.Value) error // of every page that is passed; may be nil
}

func (w *pageWalk) visit(v pdf.Value, depth int) error {
	ref, ok := v.Ref()
	if !ok || w.seen[ref] || depth > maxPageDepth {
		return fmt.Errorf("a page tree with a loop, too deep, or without references: %w", formats.ErrMalformed)
	}
	w.seen[ref] = true
	dict, err := w.file.Resolve(v)
	if err != nil {
		return err
	}
	if dict.Get("Type").Name() == "Page" {
		if w.each != nil {
			if err := w.each(ref, dict); err != nil {
				return err
			}
		}
		if w.left--; w.left == 0 {
			w.ref, w.dict = ref, dict
		}
		return nil
	}
	kids, err := w.file.Get(dict, "Kids")
	if err != nil {
		return err
	}
	for _, kid := range kids.Items() {
		if err := w.visit(kid, depth+1); err != nil || w.left == 0 {
			return err
		}
	}
	return nil
}
