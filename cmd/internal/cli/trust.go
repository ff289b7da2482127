package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/config"
	"tamga/pki"
)

// trustedByDefault is what a certificate is trusted for if nobody says: whatever
// signed files need, but no identity documents.
var trustedByDefault = []pki.Use{pki.UseSign, pki.UseTimestamp, pki.UseOCSP, pki.UseCertificate}

func (a *app) trustCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "trust",
		Short: "Tell whom to trust",
		Long: `Keep the list of certificates that you trust by decision. Whatever leads up to
one of them, for the use that you trust it for, can be valid; nothing else can.

The list is the folder "trust" in the data folder, which is --data, or
$TAMGA_DATA, or the system's place for your data (~/.local/share/tamga). It needs
nothing else to be there. tamga never looks at the list of whom this machine
trusts to name web servers.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return usage("say what to do: add, list or remove", "see tamga trust --help")
		},
	}
	c.AddCommand(a.trustAddCommand(), a.trustListCommand(), a.trustRemoveCommand())
	return c
}

// trustOptions is what was asked for.
type trustOptions struct {
	uses        []string
	from, until string
	name        string
}

func (a *app) trustAddCommand() *cobra.Command {
	var o trustOptions
	c := &cobra.Command{
		Use:   "add FILE...",
		Short: "Trust the certificates in these files or folders (PEM or DER)",
		Long: `Trust each certificate in these files or folders, all or none of them. Compare the
fingerprint that is shown with one that you have from elsewhere.

Uses:
  sign         signatures on files
  timestamp    time-stamps
  ocsp         OCSP responses
  certificate  revocation lists; authorities only
  mdoc, sdjwt  identity documents
Without --use: sign, timestamp, ocsp and certificate. A certificate that is not
that of an authority is trusted for its own signatures alone; name its use.`,
		Example: `  tamga trust add their-root.pem
  tamga trust add --use mdoc --name "Utopia IACA" iaca.der
  tamga trust add --until 2024-12-31 old-root.pem`,
		Args: files,
		RunE: func(c *cobra.Command, args []string) error { return a.trustAdd(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringSliceVar(&o.uses, "use", nil, "what for: `uses`, separated by commas")
	f.StringVar(&o.from, "from", "", "trust it from this `day` or time on")
	f.StringVar(&o.until, "until", "", "trust it until the end of this `day`, or a time")
	f.StringVar(&o.name, "name", "", "call it so; otherwise by the name that it has")
	return c
}

func (a *app) trustAdd(ctx context.Context, o trustOptions, names []string) error {
	pattern, err := o.parse()
	if err != nil {
		return err
	}
	dir, err := a.data()
	if err != nil {
		return err
	}
	have, err := config.LoadTrust(dir)
	if err != nil {
		return err
	}
	var add []config.Trusted
	for _, name := range names {
		list, err := loadTrusted(name)
		if err != nil {
			return about(name, err)
		}
		if o.name != "" && len(names)+len(list) > 2 {
			return usage("--name is for one certificate, but there are several", "add them one by one")
		}
		for _, c := range list {
			t := pattern
			t.Certificate, t.Source = c, "trust add "+show(filepath.Base(name))
			t.Name = called(o.name, c, append(slices.Clone(have), add...))
			if err := t.Check(a.Now()); err != nil {
				return about(name, a.trustFailure(t, err))
			}
			add = append(add, t)
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := config.AddTrust(dir, add, a.Now()); err != nil {
		return a.trustFailure(config.Trusted{}, err)
	}
	for _, t := range add {
		if err := a.printTrusted(t); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.Stderr, "tamga: the list is in %s\n", show(filepath.Join(dir, "trust")))
	a.exit = ExitOK
	return nil
}

// parse checks what was asked for all certificates alike.
func (o trustOptions) parse() (t config.Trusted, err error) {
	t.Uses = trustedByDefault
	if len(o.uses) > 0 {
		t.Uses = nil
	}
	for _, name := range o.uses {
		use := pki.Use(strings.TrimSpace(name))
		if !slices.Contains(pki.Uses(), use) {
			return t, usage(fmt.Sprintf("%s is no use", show(name)), fmt.Sprintf("the uses are %v", pki.Uses()))
		}
		if !slices.Contains(t.Uses, use) {
			t.Uses = append(t.Uses, use)
		}
	}
	if o.from != "" {
		if t.From, err = parseTime(o.from, startOfDay); err != nil {
			return t, usage("--from is not a day", "write it as in 2026-11-23")
		}
	}
	if o.until != "" {
		if t.Until, err = parseTime(o.until, endOfDay); err != nil {
			return t, usage("--until is not a day", "write it as in 2026-11-23")
		}
	}
	return t, nil
}

// loadTrusted reads the certificates in a file or folder.
func loadTrusted(name string) ([]*x509.Certificate, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, plainCause(err)
	}
	if info.IsDir() {
		return config.LoadCertificateFolder(name)
	}
	return config.LoadCertificates(name)
}

// called is the name of an entry: as asked, or as the certificate says, with the
// begin of its fingerprint if another one is called so.
func called(asked string, c *x509.Certificate, have []config.Trusted) string {
	if asked != "" {
		return asked
	}
	t := config.Trusted{Certificate: c}
	name := []rune(strings.TrimSpace(oneLine(commonName(c))))
	if len(name) > 80 {
		name = name[:80]
	}
	t.Name = strings.TrimSpace(string(name))
	if t.Name == "" || slices.ContainsFunc(have, func(h config.Trusted) bool { return h.Name == t.Name }) {
		t.Name = strings.TrimSpace(t.Name + " " + t.Fingerprint()[:8])
	}
	return t.Name
}

// trustFailure says what can be done.
func (a *app) trustFailure(t config.Trusted, err error) error {
	f := &failure{code: ExitFailed, err: err}
	switch {
	case errors.Is(err, config.ErrEnded):
		f.hint = "to judge old documents, say until when it was trusted, with --until " +
			t.Certificate.NotAfter.UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	case errors.Is(err, config.ErrNotCA):
		f.hint = "to trust signatures of this certificate itself, name that use: --use sign"
	case errors.Is(err, config.ErrTrusted):
		f.hint = "see tamga trust list; to change an entry, remove it first"
	}
	return f
}

func (a *app) printTrusted(t config.Trusted) error {
	c := t.Certificate
	for _, line := range []string{
		show(t.Name), "  subject      " + oneLine(c.Subject.String()), "  fingerprint  " + t.Fingerprint(),
		"  valid        " + span(c.NotBefore, c.NotAfter), "  trusted for  " + usesText(t.Uses) + windowText(t),
	} {
		if _, err := fmt.Fprintln(a.Stdout, line); err != nil {
			return err
		}
	}
	return nil
}

func usesText(list []pki.Use) string {
	var out []string
	for _, u := range list {
		out = append(out, string(u))
	}
	return strings.Join(out, ", ")
}

func span(from, until time.Time) string {
	text := func(t time.Time) string {
		if t.IsZero() {
			return "…"
		}
		return t.UTC().Format(time.DateOnly)
	}
	return text(from) + " to " + text(until)
}

func windowText(t config.Trusted) string {
	if t.From.IsZero() && t.Until.IsZero() {
		return ""
	}
	return ", " + span(t.From, t.Until)
}
