package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"tamga/verifier/report"
)

// reportOptions say how a verdict is written, and where.
type reportOptions struct {
	json   bool
	format string
	out    string
	outDir string
	force  bool
}

func (o *reportOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.format, "format", "", "text, json, html, pdf or etsi (XML of ETSI TS 119 102-2); text if left out")
	f.BoolVar(&o.json, "json", false, "one JSON report a line; short for --format json")
	f.StringVar(&o.out, "out", "", "write the report to this `file` (with one input)")
	f.StringVar(&o.outDir, "out-dir", "", "write a report for each input into this `folder`")
	f.BoolVar(&o.force, "force", false, "overwrite existing reports")
}

// reportKind is one way to write a report.
type reportKind struct {
	name, ext string
	single    bool // two in a row are no such document
	binary    bool
	write     func(w io.Writer, r *report.Report, opts report.TextOptions) error
}

var reportKinds = []reportKind{
	{name: "text", ext: "txt", write: report.WriteText},
	{name: "json", ext: "json", write: func(w io.Writer, r *report.Report, _ report.TextOptions) error {
		return writeJSON(w, r)
	}},
	{name: "html", ext: "html", single: true, write: asPage(report.WriteHTML)},
	{name: "pdf", ext: "pdf", single: true, binary: true, write: asPage(report.WritePDF)},
	{name: "etsi", ext: "xml", single: true, write: func(w io.Writer, r *report.Report, _ report.TextOptions) error {
		return report.WriteETSI(w, r)
	}},
}

func asPage(
	write func(io.Writer, *report.Report, report.Options) error,
) func(io.Writer, *report.Report, report.TextOptions) error {
	return func(w io.Writer, r *report.Report, opts report.TextOptions) error {
		return write(w, r, report.Options{Lang: opts.Lang})
	}
}

func writeJSON(w io.Writer, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = w.Write(append(line, '\n'))
	return err
}

// kind is the way that was asked for.
func (o *reportOptions) kind() (reportKind, error) {
	name := o.format
	switch {
	case o.json && name != "" && name != "json":
		return reportKind{}, usage("--json is --format json, and --format asks for another", "give one of them")
	case o.json:
		name = "json"
	case name == "":
		name = "text"
	}
	var names []string
	for _, k := range reportKinds {
		if k.name == name {
			return k, nil
		}
		names = append(names, k.name)
	}
	return reportKind{}, usage("this format of reports is not known", "the formats are "+strings.Join(names, ", "))
}

// places says where the report on each input goes: "" is standard output. It
// refuses what cannot work before any file is judged.
func (a *app) places(o reportOptions, kind reportKind, names []string) ([]string, error) {
	out := make([]string, len(names))
	switch {
	case o.out != "" && o.outDir != "":
		return nil, usage("--out and --out-dir cannot both be", "give one of them")
	case o.out != "" && len(names) > 1:
		return nil, usage("--out names one file, but there are several inputs", "name a folder with --out-dir")
	case o.out != "":
		out[0] = o.out
	case o.outDir != "":
		for i, name := range names {
			out[i] = filepath.Join(o.outDir, filepath.Base(name)+".report."+kind.ext)
		}
	case kind.single && len(names) > 1:
		return nil, usage(fmt.Sprintf("there are several inputs, and a report as %s is one file for each", kind.name),
			"name a folder with --out-dir")
	case kind.binary && terminal(a.Stdout):
		return nil, usage("a "+kind.name+" is no text for a terminal", "name a file with --out")
	}
	taken := map[string]string{}
	for i, place := range out {
		if place == "" {
			continue
		}
		if filepath.Clean(place) == filepath.Clean(names[i]) {
			return nil, usage("the report would overwrite its own input", "choose another place")
		}
		if other, ok := taken[place]; ok {
			return nil, usage(fmt.Sprintf("%s and %s would have the same report %s", show(other), show(names[i]), show(place)),
				"verify them one by one")
		}
		taken[place] = names[i]
	}
	return out, nil
}

// deliver writes a report to its place, or to standard output.
func (v *verifying) deliver(place string, r *report.Report) error {
	if place == "" {
		return v.print(r)
	}
	opts := v.text
	opts.Color = false
	var b bytes.Buffer
	if err := v.kind.write(&b, r, opts); err != nil {
		return err
	}
	if err := v.place(place, b.Bytes()); err != nil {
		return err
	}
	word, _ := report.Text(v.text.Lang, "status."+string(r.Verdict.Status))
	_, err := fmt.Fprintf(v.Stdout, "%s  %s: %s\n", show(place), r.Document.Name, word)
	return err
}

// place puts a report in its place, whole or not at all.
func (v *verifying) place(place string, text []byte) error {
	out, err := create(place, v.options.force, nil)
	if err != nil {
		return err
	}
	defer out.discard()
	if _, err := out.Write(text); err != nil {
		return about(place, fmt.Errorf("writing: %w", plainCause(err)))
	}
	return out.commit()
}

// print writes a report to standard output.
func (v *verifying) print(r *report.Report) error {
	if v.kind.name != "text" {
		return v.kind.write(v.Stdout, r, v.text)
	}
	if v.printed {
		if _, err := fmt.Fprintln(v.Stdout); err != nil {
			return err
		}
	}
	v.printed = true
	if err := report.WriteText(v.Stdout, r, v.text); err != nil || !v.options.verbose {
		return err
	}
	return v.printFetched(r.Context.Fetched)
}

// unwritten is what went wrong in writing a result; what knows better stays.
func unwritten(err error) error {
	if f, ok := errors.AsType[*failure](err); ok {
		return f
	}
	return &failure{code: ExitFailed, err: fmt.Errorf("writing the result: %w", plainCause(err))}
}

// unread is the line of a file that came to no verdict.
type unread struct {
	Schema   string `json:"schema"`
	Document struct {
		Name string `json:"name"`
	} `json:"document"`
	Error struct {
		Code string `json:"code"`
		Text string `json:"text"`
	} `json:"error"`
}

// deliverFailure tells programs that read JSON why there is no report.
func (v *verifying) deliverFailure(place, name string, code Exit, err error) error {
	if v.kind.name != "json" {
		return nil
	}
	line := unread{Schema: report.Schema}
	line.Document.Name = show(name)
	line.Error.Code, line.Error.Text = "internal", oneLine(err.Error())
	if code == ExitNotReadable {
		line.Error.Code = "not-readable"
	}
	if place == "" {
		return writeJSON(v.Stdout, line)
	}
	var b bytes.Buffer
	if err := writeJSON(&b, line); err != nil {
		return err
	}
	return v.place(place, b.Bytes())
}
