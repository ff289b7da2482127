package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// In a document that is signed, what a further signature shows must not cover
// what was signed: it would hide it, and so our own reader calls it a change
// (see diff_pages.go), as others may.

// gap is how far signatures stand from each other where nobody says where, in
// points.
const gap = 6

// free finds the place of a visible signature on a page: the one that was asked
// for, or the first free one from the lower right up and to the left.
func (b *building) free(page pdf.Value, g pageGeometry) (placed, error) {
	wish := b.pr.Appearance.Rect
	first, err := g.place(wish)
	if err != nil || !b.fm.isSigned() {
		return first, err
	}
	k := readInk(b.f, page, nil)
	hidden := k.under(first.area)
	if hidden == "" {
		return first, nil
	}
	if wish == (Rect{}) {
		r := g.corner()
		for left := r.Left; left >= 0; left -= r.Width + gap {
			for top := r.Top; top >= 0; top -= r.Height + gap {
				at, err := g.place(Rect{left, top, r.Width, r.Height})
				if err == nil && k.under(at.area) == "" {
					return at, nil
				}
			}
		}
	}
	return placed{}, covering(hidden)
}

func covering(hidden string) error {
	return fmt.Errorf("the document is signed, and what this signature shows would cover %s; show it in another "+
		"place or on another page, or sign invisibly: %w", hidden, ErrForbidden)
}

func (fm *form) isSigned() bool {
	for _, fl := range fm.fields {
		if fl.signed() {
			return true
		}
	}
	return false
}

// uncovered refuses to fill a field that lies over what was signed.
func (b *building) uncovered(widget pdf.Ref, dict pdf.Value, r area) error {
	if !b.fm.isSigned() {
		return nil
	}
	c := &comparison{old: b.f, was: b.fm}
	home, ok, err := c.home(widget, dict)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("it stands on no page or on several, so nothing can be shown in it: %w", ErrForbidden)
	}
	page, err := b.f.Object(home)
	if err != nil {
		return err
	}
	if hidden := readInk(b.f, page.Value, map[pdf.Ref]bool{widget: true}).under(r); hidden != "" {
		return covering(hidden)
	}
	return nil
}
