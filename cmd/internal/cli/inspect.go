package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tamga/formats"
	"tamga/formats/catalog"
)

func (a *app) inspectCommand() *cobra.Command {
	var asJSON bool
	var passwordFile string
	c := &cobra.Command{
		Use:   "inspect FILE...",
		Short: "Tell what a file is and holds, without judging it",
		Long: `Tell what each FILE is and what it says of itself: its format, signatures,
certificates and time-stamps. Nothing is checked; whoever made the file may
have written anything. To judge it, use tamga verify.`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error {
			password, err := readPassword(passwordFile, a.Stdin)
			if err != nil {
				return err
			}
			return a.inspect(c.Context(), inspectOptions{asJSON, password}, args)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	passwordFlag(c.Flags(), &passwordFile)
	return c
}

// inspectOptions is what was asked for.
type inspectOptions struct {
	json     bool
	password []byte
}

func (a *app) inspect(ctx context.Context, o inspectOptions, names []string) error {
	var codes []Exit
	for _, name := range names {
		seen, err := inspectOne(ctx, name, o.password)
		if err == nil {
			err = a.printInspection(seen, o.json, len(codes) > 0)
		}
		if err != nil {
			codes = append(codes, a.fail(ctx, about(name, err)))
			if ctx.Err() != nil {
				break
			}
			continue
		}
		codes = append(codes, ExitOK)
	}
	a.exit = worst(codes)
	return nil
}

// inspection is what a file says, in the words of its format.
type inspection struct {
	Schema   string            `json:"schema"`
	Checked  bool              `json:"checked"` // always false: nothing here was
	Document inspectedDocument `json:"document"`
	Signed   []inspectedSigner `json:"signatures"`
}

type inspectedDocument struct {
	Name    string          `json:"name"`
	Size    int64           `json:"size"`
	Format  formats.ID      `json:"format"`
	Title   string          `json:"title"`
	Facts   []inspectedFact `json:"facts,omitempty"`
	Defects []string        `json:"defects,omitempty"`
}

type inspectedFact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

type inspectedSigner struct {
	Name  string          `json:"name"`
	Kind  string          `json:"kind"`
	Facts []inspectedFact `json:"facts,omitempty"`
}

func inspectOne(ctx context.Context, name string, password []byte) (*inspection, error) {
	f, err := open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := f.input(name)
	in.Password = password
	parser, err := catalog.Recognise(in)
	if err != nil {
		return nil, asRead(err)
	}
	doc, err := parser.Parse(in)
	if err != nil {
		return nil, asRead(err)
	}
	out := &inspection{Schema: "tamga-inspect/1", Signed: []inspectedSigner{}, Document: inspectedDocument{
		Name: in.Name, Size: in.Size, Format: doc.Format, Title: doc.Title, Defects: defects(doc.Defects),
	}}
	for _, fact := range doc.Facts {
		out.Document.Facts = append(out.Document.Facts, inspectedFact(fact))
	}
	for _, s := range doc.Signatures {
		out.Signed = append(out.Signed, inspectedSigner{Name: s.Name, Kind: s.Kind, Facts: signatureFacts(s)})
	}
	return out, nil
}

// signatureFacts lists what a signature says of itself. The words keep a claim
// a claim.
func signatureFacts(s formats.Signature) []inspectedFact {
	var out []inspectedFact
	add := func(name, value string) {
		if value != "" {
			out = append(out, inspectedFact{name, value})
		}
	}
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	add("algorithm", s.Algorithm.String())
	add("claimed time", moment(s.Claims.Time))
	add("claimed name", s.Claims.Name)
	add("claimed reason", s.Claims.Reason)
	add("claimed place", s.Claims.Location)
	for _, role := range s.Claims.Roles {
		add("claimed role", role)
	}
	for _, c := range s.Claims.Commitments {
		add("claimed commitment", c.String())
	}
	add("claimed policy", strings.TrimSpace(s.Claims.Policy+" "+s.Claims.PolicyURI))
	for _, stamp := range s.Evidence.Timestamps {
		add("time-stamp ("+string(stamp.Kind)+")", moment(stamp.Time))
	}
	for _, record := range s.Evidence.Records {
		for _, stamp := range record.Stamps {
			add(record.Name, moment(stamp.Time))
		}
	}
	for _, c := range s.Evidence.Certificates {
		add("certificate", fmt.Sprintf("%s, issued by %s, %s to %s", c.Subject, c.Issuer,
			c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly)))
	}
	if c := s.Credential; c != nil {
		add("document type", c.Type)
		add("issuer", c.Issuer)
		add("valid from", moment(c.ValidFrom))
		add("valid until", moment(c.ValidUntil))
		for _, e := range c.Elements {
			add("claim "+strings.Trim(e.Namespace+" "+e.Name, " "), e.Value)
		}
	}
	add("covers", s.Coverage.Note)
	for _, d := range defects(s.Defects) {
		add("defect", d)
	}
	return out
}

func defects(list []formats.Defect) []string {
	var out []string
	for _, d := range list {
		out = append(out, d.Text+" ("+d.Clause+")")
	}
	return out
}

func (a *app) printInspection(i *inspection, asJSON, more bool) error {
	var b strings.Builder
	if asJSON {
		line, err := json.Marshal(i)
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	} else {
		i.write(&b, more)
	}
	if _, err := a.Stdout.Write([]byte(b.String())); err != nil {
		return &failure{code: ExitFailed, err: fmt.Errorf("writing the result: %w", plainCause(err))}
	}
	return nil
}

func (i *inspection) write(b *strings.Builder, more bool) {
	if more {
		b.WriteByte('\n')
	}
	row := func(indent, name, value string) {
		fmt.Fprintf(b, "%s%-20s %s\n", indent, oneLine(name), oneLine(value))
	}
	fmt.Fprintf(b, "%s\n", i.Document.Name)
	row("  ", "is", i.Document.Title)
	row("  ", "size", fmt.Sprintf("%d bytes", i.Document.Size))
	for _, f := range i.Document.Facts {
		row("  ", f.Name, f.Value)
	}
	for _, d := range i.Document.Defects {
		row("  ", "defect", d)
	}
	for _, s := range i.Signed {
		row("  ", "signature", s.Name+", "+s.Kind)
		for _, f := range s.Facts {
			row("    ", f.Name, f.Value)
		}
	}
	b.WriteString("  Nothing here was checked. To judge it: tamga verify\n")
}
