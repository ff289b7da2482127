package pades

import (
	"tamga/formats/internal/pdf"
)

// role says in words what an object is, for the reason why it may not be
// changed: " (page 2)", or "" where nothing is known.
func (c *comparison) role(num uint32) (string, error) {
	f := c.old
	_, ref, ok, err := f.Locate(num)
	if err != nil {
		return "", err
	}
	if !ok {
		f = c.new
		if _, ref, ok, err = f.Locate(num); err != nil || !ok {
			return "", err
		}
	}
	obj, err := f.Object(ref)
	if err != nil {
		return "", err
	}
	if word := roleOf(obj); word != "" {
		return " (" + word + ")", nil
	}
	if f == c.old {
		return c.pageRole(ref)
	}
	return "", nil
}

// roles are what /Type says (ISO 32000-2 §7.3.7).
var roles = map[string]string{
	"Catalog": "the catalogue", "Pages": "the tree of pages", "Page": "a page", "Font": "a font",
	"FontDescriptor": "a font", "Encoding": "the encoding of a font", "CMap": "the encoding of a font",
	"OCG": "a layer", "OCMD": "a layer", "Metadata": "the metadata", "Action": "an action",
	"Sig": "a signature", "DocTimeStamp": "a time-stamp", "Filespec": "an attached file",
	"EmbeddedFile": "an attached file", "ExtGState": "a graphics state", "Pattern": "a pattern",
	"StructTreeRoot": "the structure", "StructElem": "the structure",
}

func roleOf(obj pdf.Object) string {
	dict := obj.Value
	kind, sub := dict.Get("Type").Name(), dict.Get("Subtype").Name()
	switch {
	case roles[kind] != "":
		return roles[kind]
	case obj.Stream && sub == "Image":
		return "a picture"
	case obj.Stream && sub == "Form":
		return "a drawn part or the look of an annotation"
	case obj.Stream && (dict.Get("Length1").Kind != pdf.Null || sub == "Type1C" || sub == "CIDFontType0C" ||
		sub == "OpenType"):
		return "the glyphs of a font"
	case dict.Get("FT").Kind != pdf.Null:
		return "a form field"
	case kind == "Annot" || sub != "" && dict.Get("Rect").Kind != pdf.Null:
		return "an annotation"
	case dict.Get("S").Name() == "JavaScript":
		return "an action"
	}
	return ""
}

// pageRole finds the pages whose contents or annotations an object is.
func (c *comparison) pageRole(ref pdf.Ref) (string, error) {
	x, err := c.index()
	if err != nil {
		return "", err
	}
	for _, page := range x.order {
		obj, err := c.old.Object(page)
		if err != nil {
			return "", err
		}
		for _, part := range pageParts {
			found := false
			obj.Value.Get(part.key).References(func(r pdf.Ref) { found = found || r == ref })
			if found {
				return " (" + part.word + ")", nil
			}
		}
	}
	return "", nil
}

// pageParts are what a page refers to, by its keys.
var pageParts = []struct{ key, word string }{
	{"Contents", "the contents of a page"}, {"Annots", "the annotations of a page"},
	{"Resources", "what a page draws with"},
}
