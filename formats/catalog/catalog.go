// Package catalog is the list of all formats, in sniffing order.
package catalog

import (
	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/mdoc"
	"tamga/formats/pades"
	"tamga/formats/sdjwt"
)

// Parsers returns a parser of every format, in the order in which to try them.
func Parsers() []formats.Parser {
	return []formats.Parser{cades.Parser{}, sdjwt.Parser{}, mdoc.Parser{}, pades.Parser{}}
}

// Recognise returns the parser for a document.
func Recognise(in formats.Input) (formats.Parser, error) {
	return formats.Recognise(Parsers(), in)
}
