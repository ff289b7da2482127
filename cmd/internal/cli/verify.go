package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/config"
	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/report"
)

// verifyOptions is what was asked for.
type verifyOptions struct {
	json    bool
	verbose bool
	noColor bool
	lang    string
	at      string
	trust   []string
	content string
}

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Verify documents of any known format",
		Long: `Verify each FILE: a signed PDF, a CMS signature, an ISO mdoc or an SD-JWT VC.
It is recognised by its bytes. For each the verdict and five plain lines.

A detached signature NAME.p7s is checked over NAME beside it, or --content.

Exit code, the worst of all files by 2 > 5 > 4 > 3 > 0:
  0  every file is signed, and all required checks passed
  1  usage, configuration or internal error
  2  not valid: changed, or revoked before signing
  3  cannot tell
  4  not signed
  5  not readable
  6  interrupted`,
		Example: `  tamga verify contract.signed.pdf report.docx.p7s
  tamga verify --trust their-root.pem -v contract.pdf
  tamga verify --json *.pdf > reports.ndjson`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c.Context(), o, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "one JSON report a line")
	f.BoolVarP(&o.verbose, "verbose", "v", false, "one line for each check, with its clause")
	f.BoolVar(&o.noColor, "no-color", false, "no colour, as with NO_COLOR")
	f.StringVar(&o.lang, "lang", "", "en, uk or et (default from your locale)")
	f.StringVar(&o.at, "at", "", "judge as of this `time`, such as 2026-11-23T12:00:00Z")
	f.StringArrayVar(&o.trust, "trust", nil, "also trust the certificates of this PEM `file`; repeatable")
	f.StringVar(&o.content, "content", "", "the `file` that a detached signature is over")
	return c
}

func (a *app) verify(ctx context.Context, o verifyOptions, names []string) error {
	if o.content != "" && len(names) > 1 {
		return usage("--content belongs to one signature, but there are several files", "verify them one by one")
	}
	lang, err := a.language(o.lang)
	if err != nil {
		return err
	}
	v, err := a.verifier(ctx, o)
	if err != nil {
		return err
	}
	run := &verifying{app: a, verifier: v, options: o, text: report.TextOptions{
		Lang: lang, Verbose: o.verbose, Color: a.colour(o.noColor),
	}, progress: a.newProgress(len(names))}
	var codes []Exit
	for i, name := range names {
		code := run.one(ctx, i, name)
		if ctx.Err() != nil {
			fmt.Fprintf(a.Stderr, "tamga: interrupted: %d of %d files done; go on with %s\n", i, len(names), show(name))
			a.exit = ExitInterrupted
			return nil
		}
		codes = append(codes, code)
	}
	if nobody, ok := v.Trust.(pki.Anchors); ok && len(nobody) == 0 && run.judged {
		fmt.Fprintln(a.Stderr, "tamga: nobody is trusted here, so no signature can be found valid")
		a.hint("name whom you trust with --trust FILE.pem, or a data folder with --data")
	}
	a.exit = worst(codes)
	return nil
}

// verifier builds the judge: whom to believe comes from the data folder, if
// there is one, and from --trust.
func (a *app) verifier(ctx context.Context, o verifyOptions) (*verifier.Verifier, error) {
	settings, err := a.settings()
	if err != nil {
		if !errors.Is(err, config.ErrNoData) || a.dataDir != "" {
			return nil, err
		}
		settings = nil // a third party has no data folder, and needs none
	}
	var extra []pki.Anchor
	for _, name := range o.trust {
		text, err := readSmall(ctx, name, nil)
		if err != nil {
			f, _ := errors.AsType[*failure](err)
			f.code = ExitFailed // not a document, but how we were called
			return nil, f
		}
		list, err := config.ParseCertificates(text)
		if err != nil {
			return nil, about(name, err)
		}
		for _, c := range list {
			extra = append(extra, pki.Anchor{Certificate: c, Uses: pki.Uses(), Source: show(name)})
		}
	}
	if settings != nil {
		if err := a.warnStale(settings); err != nil {
			return nil, err
		}
	}
	now := a.Now
	if o.at != "" {
		at, err := time.Parse(time.RFC3339, o.at)
		if err != nil {
			return nil, usage("--at is not a time", "write it as in 2026-11-23T12:00:00Z")
		}
		now = func() time.Time { return at }
	}
	return config.NewVerifier(settings, extra, now, tool())
}

// warnStale tells of lists that have ended before anybody wonders why nothing
// can be told.
func (a *app) warnStale(settings *config.Settings) error {
	stale, err := settings.Stale(a.Now())
	if err != nil {
		return err
	}
	for _, reason := range stale {
		fmt.Fprintln(a.Stderr, "tamga: "+reason)
	}
	if len(stale) > 0 {
		a.hint("`tamga serve` and `tamga sign` renew the lists of a test folder")
	}
	return nil
}

// verifying is one run over many files.
type verifying struct {
	*app
	verifier *verifier.Verifier
	options  verifyOptions
	text     report.TextOptions
	progress *progress
	printed  bool
	judged   bool // whether there was a signature to judge
}

// one judges one file and prints the result.
func (v *verifying) one(ctx context.Context, i int, name string) Exit {
	found, err := v.judge(ctx, i, name)
	if ctx.Err() != nil {
		return ExitInterrupted
	}
	if err == nil {
		v.judged = v.judged || len(found.Verdict.Signatures) > 0
		if err = v.print(found); err == nil {
			return exitOf(found.Verdict.Status)
		}
		err = &failure{code: ExitFailed, err: fmt.Errorf("writing the result: %w", plainCause(err))}
		return v.fail(ctx, err)
	}
	code := v.fail(ctx, err)
	if v.options.json {
		if err := v.printFailure(name, code, err); err != nil {
			return v.fail(ctx, fmt.Errorf("writing the result: %w", plainCause(err)))
		}
	}
	return code
}

func (v *verifying) judge(ctx context.Context, i int, name string) (*report.Report, error) {
	f, err := open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	defer v.progress.file(i, name, f)()
	in := f.input(name)
	content, err := v.openContent(ctx, name)
	if err != nil {
		return nil, err
	}
	if content != nil {
		defer content.Close()
		in.Detached = []formats.Input{content.input(content.Name())}
	}
	found, err := v.verifier.Verify(ctx, in)
	if err != nil {
		return nil, about(name, asRead(err))
	}
	if v.options.content != "" && len(found.Document.Detached) == 0 {
		return nil, about(name, usage("its signature is not over another file, so --content cannot be judged with it",
			"leave --content out"))
	}
	return found, nil
}

// detachedExt are the names that detached signatures go by.
var detachedExt = []string{".p7s", ".p7m", ".sig"}

// openContent opens what a detached signature may be over: what was named, or
// the file beside it without the last part of the name; nil if there is none.
func (v *verifying) openContent(ctx context.Context, name string) (*file, error) {
	if v.options.content != "" {
		return open(ctx, v.options.content)
	}
	for _, ext := range detachedExt {
		beside, ok := strings.CutSuffix(name, ext)
		if !ok {
			continue
		}
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return open(ctx, beside)
		}
	}
	return nil, nil
}

func (v *verifying) print(r *report.Report) error {
	if v.options.json {
		return v.printJSON(r)
	}
	if v.printed {
		if _, err := fmt.Fprintln(v.Stdout); err != nil {
			return err
		}
	}
	v.printed = true
	return report.WriteText(v.Stdout, r, v.text)
}

func (v *verifying) printJSON(value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return err
	}
	_, err = v.Stdout.Write(append(line, '\n'))
	return err
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

func (v *verifying) printFailure(name string, code Exit, err error) error {
	line := unread{Schema: report.Schema}
	line.Document.Name = show(name)
	line.Error.Code, line.Error.Text = "internal", oneLine(err.Error())
	if code == ExitNotReadable {
		line.Error.Code = "not-readable"
	}
	return v.printJSON(line)
}
