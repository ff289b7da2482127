package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// maxListed bounds the pages and annotations that are looked through for the
// place of what is new.
const maxListed = 100_000

// pageIndex tells which page is which, and which annotation stands where.
type pageIndex struct {
	number map[pdf.Ref]int   // of a page, from 1
	order  []pdf.Ref         // the pages
	home   map[pdf.Ref][]int // of an annotation: its pages
}

// index reads the page tree of the older revision (ISO 32000-2 §7.7.3), once.
func (c *comparison) index() (*pageIndex, error) {
	if c.pageTree != nil {
		return c.pageTree, nil
	}
	x := &pageIndex{number: map[pdf.Ref]int{}, home: map[pdf.Ref][]int{}}
	listed := 0
	w := pageWalk{file: c.old, left: maxListed, seen: map[pdf.Ref]bool{}}
	w.each = func(ref pdf.Ref, dict pdf.Value) error {
		x.order = append(x.order, ref)
		x.number[ref] = len(x.order)
		annots, err := c.old.Get(dict, "Annots")
		if err != nil {
			return err
		}
		if listed += len(annots.Items()) + 1; listed > maxListed {
			return fmt.Errorf("more than %d pages and annotations", maxListed)
		}
		for _, v := range annots.Items() {
			if ref, ok := v.Ref(); ok {
				x.home[ref] = append(x.home[ref], len(x.order))
			}
		}
		return nil
	}
	if err := w.visit(c.was.catalog.Get("Pages"), 0); err != nil {
		return nil, err
	}
	c.pageTree = x
	return x, nil
}

// maxSeen bounds what one revision may add that can be seen.
const maxSeen = 200

// covers returns what of the older revision an area of a page would cover, "" if
// nothing. What is left out is the annotation that is changed itself.
func (c *comparison) covers(page pdf.Ref, r area, leave pdf.Ref) (string, error) {
	if c.shown++; c.shown > maxSeen {
		return "", fmt.Errorf("more than %d things that can be seen", maxSeen)
	}
	k := c.inks[page]
	if k == nil || leave != (pdf.Ref{}) {
		obj, err := c.old.Object(page)
		if err != nil {
			return "", err
		}
		k = readInk(c.old, obj.Value, map[pdf.Ref]bool{leave: true})
		if leave == (pdf.Ref{}) {
			c.inks[page] = k
		}
	}
	return k.under(r), nil
}

// An icon is what a note looks like until it is opened. It keeps its size on the
// screen, whatever that of the page: a page at a quarter of its size has it four
// times as large.
const (
	maxIcon  = 32 // points
	zoomedTo = 4
)

// extent returns the area in which an annotation can be seen; ok is false if
// that cannot be told, because it does not zoom or turn with its page (table
// 167) and is no icon.
func (c *comparison) extent(dict pdf.Value) (r area, ok bool, err error) {
	rect, err := c.new.Get(dict, "Rect")
	if err != nil {
		return r, false, err
	}
	corners, err := readBox(c.new, rect)
	if err != nil {
		return r, false, err
	}
	r = area(corners)
	flags, err := c.new.Get(dict, "F")
	if bits, _ := flags.Int(); err != nil || bits&(flagNoZoom|flagNoRotate) == 0 {
		return r, err == nil, err
	}
	w, h := r[2]-r[0], r[3]-r[1]
	if dict.Get("Subtype").Name() != "Text" || w > maxIcon || h > maxIcon {
		return r, false, nil
	}
	far := zoomedTo * max(w, h)
	return area{r[0] - far, r[1] - far, r[2] + far, r[3] + far}, true, nil
}

// see allows something that can be seen on a page of the older revision, unless
// it covers what was there (evil annotations, sneaky signatures, shadow
// attacks).
func (c *comparison) see(what string, page pdf.Ref, dict pdf.Value, leave pdf.Ref) (string, error) {
	x, err := c.index()
	if err != nil {
		return "", err
	}
	n, ok := x.number[page]
	if !ok {
		return what + " on a page that is none", nil
	}
	if c.level == NoChanges {
		return fmt.Sprintf("%s on page %d, and the document may not be changed (/P 1)", what, n), nil
	}
	r, ok, err := c.extent(dict)
	if err != nil || !ok {
		return fmt.Sprintf("%s on page %d, which does not keep to its rectangle", what, n), err
	}
	hidden, err := c.covers(page, r, leave)
	if err != nil {
		return "", err
	}
	if hidden != "" {
		return fmt.Sprintf("%s on page %d, over %s that was signed", what, n, hidden), nil
	}
	c.say("%s on page %d", what, n)
	return "", nil
}

// maxSaid bounds what is told of one revision.
const maxSaid = 10

// say notes what a person should know of what was added.
func (c *comparison) say(format string, args ...any) {
	if c.said = append(c.said, fmt.Sprintf(format, args...)); len(c.said) > maxSaid {
		c.said = append(c.said[:maxSaid], "and more")
	}
}

// home returns the one page on which an old annotation stands; where no page
// names it, the one that it names itself.
func (c *comparison) home(annotation pdf.Ref, dict pdf.Value) (pdf.Ref, bool, error) {
	x, err := c.index()
	if err != nil {
		return pdf.Ref{}, false, err
	}
	at := x.home[annotation]
	if len(at) == 0 {
		page, _ := dict.Get("P").Ref()
		_, ok := x.number[page]
		return page, ok, nil
	}
	return x.order[at[0]-1], len(at) == 1, nil
}
