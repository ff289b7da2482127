package pades

import (
	"fmt"
	"strconv"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// describe adds the title and the facts.
func (d *document) describe(out *formats.Document) error {
	version := d.file.Version()
	if v := d.form.catalog.Get("Version").Name(); v > version {
		version = printable(v)
	}
	plural := "s"
	if len(out.Signatures) == 1 {
		plural = ""
	}
	out.Title = fmt.Sprintf("PDF %s with %d signature%s", version, len(out.Signatures), plural)
	add := func(name, value string) {
		if value != "" {
			out.Facts = append(out.Facts, formats.Fact{Name: name, Value: value})
		}
	}
	add("version", version)
	pages, err := d.pageCount()
	if err != nil {
		return err
	}
	add("pages", pages)
	add("revisions", strconv.Itoa(len(d.revisions)))
	encrypted := "no"
	if e := d.file.Encryption(); e != nil {
		encrypted = e.String()
	}
	add("encrypted", encrypted)
	info, err := d.file.Get(d.file.Trailer(), "Info")
	if err != nil {
		return err
	}
	for _, key := range []string{"Title", "Producer", "Creator"} {
		v, err := d.file.Get(info, key)
		if err != nil {
			return err
		}
		add(strings.ToLower(key), printable(v.Text()))
	}
	d.describeForm(add)
	if !d.in.Judged {
		d.history(out)
	}
	return nil
}

func (d *document) describeForm(add func(name, value string)) {
	fields, empty, filled := 0, 0, 0
	for _, fl := range d.form.fields {
		switch {
		case fl.signed():
			filled++
		case fl.empty():
			empty++
		}
		if !fl.widget && !fl.parent {
			fields++
		}
	}
	add("form fields", strconv.Itoa(fields))
	add("signature fields", fmt.Sprintf("%d signed, %d empty", filled, empty))
}

// pageCount is what the page tree says of itself.
func (d *document) pageCount() (string, error) {
	pages, err := d.file.Get(d.form.catalog, "Pages")
	if err != nil {
		return "", err
	}
	count, err := d.file.Get(pages, "Count")
	if n, ok := count.Int(); ok && count.Kind == pdf.Integer {
		return strconv.FormatInt(n, 10), err
	}
	return "", err
}
