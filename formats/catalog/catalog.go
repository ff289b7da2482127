// Package catalog is the list of all formats, in sniffing order.
//
//	parser, err := catalog.Recognise(in)   // by the first 4 KiB
//	v := verifier.Verifier{Formats: catalog.Parsers(), …}
//
// Formats whose first byte is their own come before PDF, whose header may stand
// anywhere in the first kilobyte: a CMS that holds a PDF is a CMS.
package catalog

import (
	"fmt"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/mdoc"
	"tamga/formats/pades"
	"tamga/formats/sdjwt"
)

// Parsers returns a parser of every format, in the order in which to try them.
func Parsers() []formats.Parser {
	return []formats.Parser{cades.Parser{}, cades.RecordParser{}, sdjwt.Parser{}, mdoc.Parser{}, pades.Parser{}}
}

// Recognise returns the parser for a document. The error wraps
// [formats.ErrNotRecognised] and says what the document looks like, or tells
// why it could not be read.
func Recognise(in formats.Input) (formats.Parser, error) {
	return formats.Recognise(Parsers(), in)
}

// Extender returns what lifts the signatures of a format to higher levels. The
// error wraps [formats.ErrUnsupported] for formats whose signatures have none.
func Extender(id formats.ID) (formats.Extender, error) {
	for _, e := range []formats.Extender{cades.Extender{}, pades.Extender{}} {
		if e.ID() == id {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%s has no levels to be lifted to: %w", id, formats.ErrUnsupported)
}
