package cli

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/config"
	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// verifyOptions is what was asked for.
type verifyOptions struct {
	verbose bool
	noColor bool
	lang    string
	content string

	passwordFile string
	password     []byte

	judgeOptions
	reportOptions
}

func (a *app) verifyCommand() *cobra.Command {
	var o verifyOptions
	c := &cobra.Command{
		Use:   "verify FILE...",
		Short: "Verify documents of any known format",
		Long: `Verify each FILE: a signed PDF, a CMS signature, an ISO mdoc or an SD-JWT VC.
It is recognised by its bytes. For each the verdict and five plain lines.

A detached signature NAME.p7s, or an evidence record NAME.ers (RFC 4998), is
checked over NAME beside it, or --content.

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
  tamga verify --json *.pdf > reports.ndjson
  tamga verify --format html --out report.html contract.pdf
  tamga explain HASH_FAILURE`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.verify(c.Context(), o, args) },
	}
	f := c.Flags()
	o.reportOptions.flags(f)
	f.BoolVarP(&o.verbose, "verbose", "v", false, "one line for each check, with its clause")
	f.BoolVar(&o.noColor, "no-color", false, "no colour, as with NO_COLOR")
	f.StringVar(&o.lang, "lang", "", "en, uk or et (default from your locale)")
	o.judgeOptions.flags(f)
	f.StringVar(&o.content, "content", "", "the `file` that a detached signature is over")
	passwordFlag(f, &o.passwordFile)
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
	kind, err := o.kind()
	if err != nil {
		return err
	}
	places, err := a.places(o.reportOptions, kind, names)
	if err != nil {
		return err
	}
	if o.password, err = readPassword(o.passwordFile, a.Stdin); err != nil {
		return err
	}
	v, err := a.judging(o.judgeOptions)
	if err != nil {
		return err
	}
	defer a.close(v)
	run := &verifying{app: a, verifier: v, options: o, kind: kind, places: places, text: report.TextOptions{
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
		a.hint("name whom you trust with --trust FILE or tamga trust add FILE, or a data folder with --data")
	}
	a.exit = worst(codes)
	return nil
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
	verifier *judging
	options  verifyOptions
	kind     reportKind
	places   []string // of the reports, "" for standard output
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
		if err = v.deliver(v.places[i], found); err == nil {
			return exitOf(found.Verdict.Status)
		}
		return v.fail(ctx, unwritten(err))
	}
	code := v.fail(ctx, err)
	if err := v.deliverFailure(v.places[i], name, code, err); err != nil {
		return v.fail(ctx, unwritten(err))
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
	in.Password = v.options.password
	content, err := openContent(ctx, name, v.options.content)
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
var detachedExt = []string{".p7s", ".p7m", ".sig", ".ers", ".er"}

// openContent opens what a detached signature may be over: what was named, or
// the file beside it without the last part of the name; nil if there is none.
func openContent(ctx context.Context, name, content string) (*file, error) {
	if content != "" {
		return open(ctx, content)
	}
	for _, ext := range detachedExt {
		beside, ok := strings.CutSuffix(name, ext)
		if !ok {
			continue
		}
		for _, beside := range []string{beside, withoutLevels(beside)} {
			if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
				return open(ctx, beside)
			}
		}
	}
	return nil, nil
}
