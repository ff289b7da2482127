package pades

import (
	"strings"
	"unicode"

	"tamga/formats/internal/pdf"
)

// shows returns the text in the normal appearance of a widget, as far as it can
// be told without looking at glyphs: known is false if the text is in a
// composite font, or in one with an encoding of its own.
func (c *comparison) shows(widget pdf.Value) (text string, known bool, err error) {
	ap, err := c.new.Get(widget, "AP")
	if err != nil {
		return "", false, err
	}
	ref, ok := ap.Get("N").Ref()
	if !ok {
		return "", ap.Kind == pdf.Null || ap.Get("N").Kind == pdf.Null, nil
	}
	obj, err := c.new.Object(ref)
	if err != nil || !obj.Stream {
		return "", false, err
	}
	data, _, err := c.new.Content(obj)
	if err != nil {
		return "", false, nil // a filter that we do not have is no change
	}
	resources, err := c.new.Get(obj.Value, "Resources")
	if err != nil {
		return "", false, err
	}
	known = true
	var out strings.Builder
	err = c.new.Operators(data, func(name string, operands []pdf.Value) bool {
		switch name {
		case "Tf":
			known = known && len(operands) == 2 && c.plainFont(resources, operands[0].Name())
		case "Do":
			known = false
		}
		for _, v := range operands {
			for _, s := range append([]pdf.Value{v}, v.Items()...) {
				if s.Kind == pdf.String && (name == "Tj" || name == "TJ" || name == "'" || name == "\"") {
					out.WriteString(s.Text())
				}
			}
		}
		return known
	})
	return out.String(), known && err == nil, nil
}

// plainFont reports whether a font has the codes of Latin letters.
func (c *comparison) plainFont(resources pdf.Value, name string) bool {
	fonts, err := c.new.Get(resources, "Font")
	if err != nil {
		return false
	}
	dict, err := c.new.Get(fonts, name)
	if err != nil {
		return false
	}
	encoding, err := c.new.Get(dict, "Encoding")
	if err != nil || encoding.Get("Differences").Kind != pdf.Null {
		return false
	}
	switch dict.Get("Subtype").Name() {
	case "Type1", "TrueType", "MMType1":
		return true
	}
	return false
}

// squeeze leaves out what is blank.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
