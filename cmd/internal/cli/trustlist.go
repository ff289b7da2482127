package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tamga/cmd/internal/config"
	"tamga/pki"
)

func (a *app) trustListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List whom you trust", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error { return a.trustList(asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

// listedTrust is an entry as JSON has it.
type listedTrust struct {
	Name      string     `json:"name"`
	SHA256    string     `json:"sha256"`
	Subject   string     `json:"subject"`
	NotBefore time.Time  `json:"not_before"`
	NotAfter  time.Time  `json:"not_after"`
	Uses      []pki.Use  `json:"uses"`
	From      *time.Time `json:"from,omitempty"`
	Until     *time.Time `json:"until,omitempty"`
	Added     time.Time  `json:"added"`
	Source    string     `json:"source"`
}

func (a *app) trustList(asJSON bool) error {
	dir, err := a.data()
	if err != nil {
		return err
	}
	list, err := config.LoadTrust(dir)
	if err != nil {
		return err
	}
	a.exit = ExitOK
	if asJSON {
		return a.trustJSON(list)
	}
	if len(list) == 0 {
		fmt.Fprintf(a.Stderr, "tamga: nobody is in the list in %s\n", show(filepath.Join(dir, "trust")))
		return nil
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "NAME\tFINGERPRINT\tVALID\tTRUSTED FOR")
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s…\t%s\t%s%s\n", show(t.Name), t.Fingerprint()[:16],
			span(t.Certificate.NotBefore, t.Certificate.NotAfter), usesText(t.Uses), windowText(t))
	}
	return w.Flush()
}

func (a *app) trustJSON(list []config.Trusted) error {
	out := []listedTrust{}
	optional := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		return &t
	}
	for _, t := range list {
		out = append(out, listedTrust{
			Name: t.Name, SHA256: t.Fingerprint(), Subject: t.Certificate.Subject.String(),
			NotBefore: t.Certificate.NotBefore, NotAfter: t.Certificate.NotAfter,
			Uses: t.Uses, From: optional(t.From), Until: optional(t.Until), Added: t.Added, Source: t.Source,
		})
	}
	return a.indented(out)
}

func (a *app) trustRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "remove NAME|FINGERPRINT", Short: "Trust somebody no longer",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one entry", "see tamga trust list")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			dir, err := a.data()
			if err != nil {
				return err
			}
			t, err := config.RemoveTrust(dir, args[0])
			if errors.Is(err, config.ErrNotTrusted) {
				return &failure{code: ExitFailed, err: err,
					hint: "see tamga trust list; of a fingerprint, write at least 8 digits"}
			}
			if err != nil {
				return err
			}
			a.exit = ExitOK
			_, err = fmt.Fprintf(a.Stdout, "no longer trusted: %s\n", show(t.Name))
			return err
		},
	}
}
