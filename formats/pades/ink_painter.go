package pades

import (
	"tamga/formats/internal/pdf"
)

// painter follows a content stream as far as it takes to tell where it paints.
type painter struct {
	file      *pdf.File
	ink       *ink
	resources pdf.Value
	state     paintState
	stack     []paintState
	path      path
	depth     int
	spent     *spending
	fonts     map[pdf.Ref]*metrics
	err       error
}

// spending is what one page has cost.
type spending struct{ runs, widths int }

// paintState is the part of the graphics state (§8.4.1) that matters here.
type paintState struct {
	ctm     matrix
	pattern [2]bool // whether strokes, fills are made of a pattern
	text    textState
}

// path is the current path, in user space (§8.5.2).
type path struct {
	bounds area
	lines  int  // straight segments
	curves bool // and others
	rects  []area
}

func (p *painter) operator(name string, operands []pdf.Value) bool {
	if n, ok := operandCount[name]; !ok {
		p.err = unknown("a page with the operator %.10q", name)
	} else if n >= 0 && len(operands) != n {
		p.err = unknown("a page with %d operands for %s", len(operands), name)
	} else if ignored[name] {
		return true
	} else if err := p.apply(name, operands); err != nil {
		p.err = err
	}
	return p.err == nil
}

// operandCount is how many operands each operator of Annex A takes, -1 where it
// depends.
var operandCount = map[string]int{
	"q": 0, "Q": 0, "cm": 6, "gs": 1, "Do": 1, "sh": 1,
	"m": 2, "l": 2, "c": 6, "v": 4, "y": 4, "h": 0, "re": 4,
	"S": 0, "s": 0, "f": 0, "F": 0, "f*": 0, "B": 0, "B*": 0, "b": 0, "b*": 0, "n": 0, "W": 0, "W*": 0,
	"CS": 1, "cs": 1, "SC": -1, "sc": -1, "SCN": -1, "scn": -1, "G": 1, "g": 1, "RG": 3, "rg": 3, "K": 4, "k": 4,
	"BT": 0, "ET": 0, "Tc": 1, "Tw": 1, "Tz": 1, "TL": 1, "Tf": 2, "Tr": 1, "Ts": 1,
	"Td": 2, "TD": 2, "Tm": 6, "T*": 0, "Tj": 1, "TJ": 1, "'": 1, "\"": 3,
	"w": 1, "J": 1, "j": 1, "M": 1, "d": 2, "ri": 1, "i": 1,
	"BMC": 1, "BDC": 2, "EMC": 0, "MP": 1, "DP": 2, "BX": 0, "EX": 0,
}

// ignored are operators that change nothing about where something is shown.
var ignored = map[string]bool{
	"w": true, "J": true, "j": true, "M": true, "d": true, "ri": true, "i": true, "W": true, "W*": true,
	"BMC": true, "BDC": true, "EMC": true, "MP": true, "DP": true, "BX": true, "EX": true,
}

func (p *painter) apply(name string, operands []pdf.Value) error {
	switch name {
	case "q", "Q":
		return p.save(name == "q")
	case "Do":
		return p.object(operands[0].Name())
	case "sh":
		return p.ink.add(everywhere(), "a shading")
	case "gs":
		return p.graphicsState(operands[0].Name())
	case "CS", "SC", "G", "RG", "K":
		p.state.pattern[0] = false
		return nil
	case "cs", "sc", "g", "rg", "k":
		p.state.pattern[1] = false
		return nil
	case "SCN", "scn":
		last, fill := len(operands)-1, 0
		if name == "scn" {
			fill = 1
		}
		p.state.pattern[fill] = last >= 0 && operands[last].Kind == pdf.Name
		return nil
	case "Tf", "Tj", "TJ", "'", "\"":
		return p.text(name, operands)
	case "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "n":
		return p.paint(name)
	}
	n, ok := numbers(p.file, operands)
	if !ok {
		return unknown("a page with %s and no numbers", name)
	}
	if name == "cm" {
		p.state.ctm = matrix(n).times(p.state.ctm)
		return nil
	}
	if len(name) > 1 && name[1] != 'e' { // all of text, and re
		p.state.text.set(name, n)
		return nil
	}
	p.construct(name, n)
	return nil
}

func (p *painter) save(push bool) error {
	switch {
	case push && len(p.stack) == maxStates:
		return unknown("a page with more than %d saved states", maxStates)
	case push:
		p.stack = append(p.stack, p.state)
	case len(p.stack) == 0:
		return unknown("a page that restores what it did not save")
	default:
		p.state, p.stack = p.stack[len(p.stack)-1], p.stack[:len(p.stack)-1]
	}
	return nil
}

// graphicsState applies what of an ExtGState matters: a font.
func (p *painter) graphicsState(name string) error {
	states, err := p.file.Get(p.resources, "ExtGState")
	if err != nil {
		return err
	}
	dict, err := p.file.Get(states, name)
	if err == nil && dict.Get("Font").Kind != pdf.Null {
		err = unknown("a page with a font in its graphics state")
	}
	return err
}

// construct adds to the path.
func (p *painter) construct(name string, n []float64) {
	for i := 0; i+1 < len(n) && name != "re"; i += 2 {
		p.path.bounds.add(p.state.ctm, n[i], n[i+1])
	}
	switch name {
	case "l":
		p.path.lines++
	case "c", "v", "y":
		p.path.curves = true
	case "re":
		r := p.state.ctm.of(area{n[0], n[1], n[0] + n[2], n[1] + n[3]})
		p.path.rects = append(p.path.rects, r)
	}
}

// paint ends a path. One line, a frame of four, and rectangles are what people
// write on; anything else is a drawing, and so is what a pattern fills.
func (p *painter) paint(name string) error {
	done := p.path
	p.path = path{bounds: nowhere()}
	if name == "n" {
		return nil
	}
	pattern := p.state.pattern[0] && name != "f" && name != "F" && name != "f*" ||
		p.state.pattern[1] && name != "S" && name != "s"
	kind := ""
	if pattern {
		kind = "a pattern"
	}
	for _, r := range done.rects {
		if err := p.ink.add(r, kind); err != nil {
			return err
		}
	}
	if done.bounds[0] > done.bounds[2] {
		return nil // rectangles only
	}
	if kind == "" && (done.curves || done.lines > 4) && !done.bounds.thin() {
		kind = "a drawing"
	}
	return p.ink.add(done.bounds, kind)
}

// object paints an XObject (§8.8).
func (p *painter) object(name string) error {
	list, err := p.file.Get(p.resources, "XObject")
	if err != nil {
		return err
	}
	ref, ok := list.Get(name).Ref()
	if !ok {
		return nil // nothing is there to be painted
	}
	obj, err := p.file.Object(ref)
	if err != nil {
		return err
	}
	switch kind := obj.Value.Get("Subtype").Name(); {
	case !obj.Stream:
		return nil
	case kind == "Image":
		return p.ink.add(p.state.ctm.of(area{0, 0, 1, 1}), "a picture")
	case kind != "Form":
		return p.ink.add(everywhere(), "an object of an unknown kind")
	}
	data, _, err := p.file.Content(obj)
	if err != nil {
		return err
	}
	placing, err := p.file.Get(obj.Value, "Matrix")
	if err != nil {
		return err
	}
	m, ok := readMatrix(p.file, placing)
	if !ok {
		return unknown("a page with a form XObject out of place")
	}
	resources, err := p.file.Get(obj.Value, "Resources")
	if err != nil {
		return err
	}
	if resources.Kind != pdf.Dict {
		resources = p.resources
	}
	state := p.state // a form begins with the state of who paints it (§8.10.1)
	state.ctm = m.times(state.ctm)
	inner := &painter{file: p.file, ink: p.ink, depth: p.depth + 1, spent: p.spent, fonts: p.fonts}
	return inner.run(data, resources, state)
}

// run paints a content stream: of a page, or of a form XObject.
func (p *painter) run(data []byte, resources pdf.Value, state paintState) error {
	if p.spent.runs++; p.spent.runs > maxRuns || p.depth > maxForms {
		return unknown("a page of more than %d parts, or deeper than %d", maxRuns, maxForms)
	}
	p.resources, p.state, p.path = resources, state, path{bounds: nowhere()}
	if err := p.file.Operators(data, p.operator); err != nil {
		return err
	}
	return p.err
}
