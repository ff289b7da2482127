package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"tamga/verifier/policy"
)

func (a *app) policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Show what is required of a signature",
		Long: `Show the policies that tamga verify can judge by. A published policy never
changes. To write one of your own, begin with a copy:

  tamga policy show tamga-2026-1 > mine.toml    # and give it another name
  tamga verify --policy mine.toml contract.pdf

What a policy leaves out is required.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return usage("say what to do: list or show", "see tamga policy --help")
		},
	}
	c.AddCommand(a.policyListCommand(), a.policyShowCommand())
	return c
}

// listedPolicy is a policy as JSON has it.
type listedPolicy struct {
	Name    string `json:"name"`
	Date    string `json:"date"`
	Title   string `json:"title"`
	SHA256  string `json:"sha256"` // of its text
	Default bool   `json:"default"`
}

func (a *app) policyListCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "list", Short: "List the published policies", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			var out []listedPolicy
			for _, name := range policy.Names() {
				p, err := policy.ByName(name)
				if err != nil {
					return err
				}
				out = append(out, listedPolicy{
					name, p.Date.Format(time.DateOnly), p.Title, p.SHA256, name == policy.DefaultName,
				})
			}
			return a.printPolicies(out, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func (a *app) printPolicies(list []listedPolicy, asJSON bool) error {
	a.exit = ExitOK
	if asJSON {
		return a.indented(list)
	}
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	for _, p := range list {
		note := ""
		if p.Default {
			note = " (default)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s%s\n", p.Name, p.Date, p.Title, note)
	}
	return w.Flush()
}

func (a *app) indented(value any) error {
	enc := json.NewEncoder(a.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(value)
}

func (a *app) policyShowCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "show NAME|FILE.toml", Short: "Show a policy; --json shows what is required with nothing left out",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("name one policy", "see tamga policy list")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.policyShow(args[0], asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON, with nothing left out")
	return c
}

func (a *app) policyShow(name string, asJSON bool) error {
	p, err := loadPolicy(name)
	if err != nil {
		return err
	}
	a.exit = ExitOK
	if asJSON {
		return a.indented(p)
	}
	var text []byte
	if slices.Contains(policy.Names(), name) {
		text, err = policy.Source(name)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return about(name, plainCause(err))
	}
	_, err = a.Stdout.Write(text)
	return err
}
