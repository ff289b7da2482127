package pades

import (
	"fmt"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// Limits on the form.
const (
	maxFields     = 50_000
	maxFieldDepth = 32
)

// field is a node of the interactive form (ISO 32000-2 §12.7.4).
type field struct {
	ref    pdf.Ref // zero if the node is no object of its own
	dict   pdf.Value
	name   string // fully qualified
	kind   string // FT, inherited
	value  pdf.Value
	parent bool // has kids that are fields
	widget bool // has no name of its own
}

// signed reports whether the field holds a signature, whatever it says its
// type is.
func (f field) signed() bool {
	return f.value.Kind == pdf.Dict && (f.kind == "Sig" || f.value.Get("ByteRange").Kind != pdf.Null)
}

// empty reports whether the field waits for a signature.
func (f field) empty() bool {
	return f.kind == "Sig" && !f.parent && !f.widget && f.dict.Get("V").Kind == pdf.Null
}

// form is the interactive form of a document.
type form struct {
	catalogRef pdf.Ref
	catalog    pdf.Value
	ref        pdf.Ref   // of the AcroForm dictionary, zero if it is direct
	dict       pdf.Value // null if there is none
	fieldsRef  pdf.Ref   // of the Fields array, zero if it is direct
	list       pdf.Value // the Fields array
	fields     []field
	byRef      map[pdf.Ref]pdf.Value // the dictionaries of fields that are objects
	loop       bool                  // a field was reached twice
}

// readForm reads the catalogue and every field below its AcroForm.
func readForm(f *pdf.File) (*form, error) {
	root, ok := f.Trailer().Get("Root").Ref()
	if !ok {
		return nil, fmt.Errorf("the trailer names no catalogue: %w", formats.ErrMalformed)
	}
	obj, err := f.Object(root)
	if err != nil {
		return nil, fmt.Errorf("reading the catalogue: %w", err)
	}
	if obj.Stream || obj.Value.Kind != pdf.Dict || obj.Value.Get("Type").Name() != "Catalog" {
		return nil, fmt.Errorf("object %d is no catalogue: %w", root.Num, formats.ErrMalformed)
	}
	fm := &form{catalogRef: root, catalog: obj.Value, byRef: map[pdf.Ref]pdf.Value{}}
	fm.ref, _ = fm.catalog.Get("AcroForm").Ref()
	if fm.dict, err = f.Get(fm.catalog, "AcroForm"); err != nil {
		return nil, err
	}
	if fm.dict.Kind != pdf.Dict && fm.dict.Kind != pdf.Null {
		return nil, fmt.Errorf("an AcroForm that is no dictionary: %w", formats.ErrMalformed)
	}
	fm.fieldsRef, _ = fm.dict.Get("Fields").Ref()
	if fm.list, err = f.Get(fm.dict, "Fields"); err != nil {
		return nil, err
	}
	w := fieldWalk{file: f, form: fm, seen: map[pdf.Ref]bool{}}
	for _, v := range fm.list.Items() {
		if err := w.visit(v, field{}, 0); err != nil {
			return nil, fmt.Errorf("reading the form: %w", err)
		}
	}
	return fm, nil
}

type fieldWalk struct {
	file *pdf.File
	form *form
	seen map[pdf.Ref]bool
}

// visit adds the node v below parent, and its kids. A node that is reached
// twice is not followed again: that would be a loop, or one field that passes
// for two.
func (w *fieldWalk) visit(v pdf.Value, parent field, depth int) error {
	if depth > maxFieldDepth || len(w.form.fields) >= maxFields {
		return fmt.Errorf("more than %d fields, or nested deeper than %d: %w",
			maxFields, maxFieldDepth, formats.ErrTooLarge)
	}
	node := field{kind: parent.kind, name: parent.name}
	if ref, ok := v.Ref(); ok {
		if w.seen[ref] {
			w.form.loop = true
			return nil
		}
		w.seen[ref] = true
		node.ref = ref
	}
	var err error
	if node.dict, err = w.file.Resolve(v); err != nil {
		return err
	}
	if node.dict.Kind != pdf.Dict {
		return nil // an empty place in the list
	}
	if err := w.describe(&node); err != nil {
		return err
	}
	kids, err := w.file.Get(node.dict, "Kids")
	if err != nil {
		return err
	}
	if node.ref != (pdf.Ref{}) {
		w.form.byRef[node.ref] = node.dict
	}
	at := len(w.form.fields)
	w.form.fields = append(w.form.fields, node)
	for _, kid := range kids.Items() {
		before := len(w.form.fields)
		if err := w.visit(kid, node, depth+1); err != nil {
			return err
		}
		if before < len(w.form.fields) && !w.form.fields[before].widget {
			w.form.fields[at].parent = true
		}
	}
	return nil
}

// describe fills in what the node says of itself.
func (w *fieldWalk) describe(node *field) error {
	title, err := w.file.Get(node.dict, "T")
	if err != nil {
		return err
	}
	switch own := title.Text(); {
	case title.Kind == pdf.Null:
		node.widget = true
	case node.name == "":
		node.name = own
	default:
		node.name += "." + own
	}
	kind, err := w.file.Get(node.dict, "FT")
	if err != nil {
		return err
	}
	if kind.Kind != pdf.Null {
		node.kind = kind.Name()
	}
	node.value, err = w.file.Get(node.dict, "V")
	return err
}
