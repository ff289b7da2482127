package report

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageTemplate string

// WriteHTML writes r as one page for the screen and the printer: no script,
// nothing loaded, all that strangers wrote escaped and kept from turning the
// direction of the words around it. It is the accessible form of a report.
// Equal reports give equal bytes.
//
// The template is read at each call, so that a program that writes no HTML
// does not carry html/template with it.
func WriteHTML(w io.Writer, r *Report, opts Options) error {
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return fmt.Errorf("reading the page of reports: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, pageOf(r, opts)); err != nil {
		return fmt.Errorf("writing a report as HTML: %w", err)
	}
	_, err = w.Write(b.Bytes())
	return err
}

// heading is a heading of the page. HTML has six levels; what lies deeper
// stands on the sixth.
type heading struct {
	Level int
	ID    string
	Text  phrase
}

// Head is the heading of the signature.
func (s signaturePage) Head() heading { return heading{s.Level, s.ID, s.Heading} }

// Part is the heading of a part of it.
func (s signaturePage) Part(code, name string) heading {
	return heading{s.Level + 1, s.ID + "-" + name, phrase{{Text: s.words.heading(code)}}}
}

// Say is the words of the page.
func (s signaturePage) Say(code string) string { return s.words.Say(code) }
