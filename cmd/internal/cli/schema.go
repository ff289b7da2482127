package cli

import (
	"github.com/spf13/cobra"

	"tamga/verifier/report"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [report]",
		Short: "Print the JSON Schema of reports",
		Long: `Print the JSON Schema (draft 2020-12) of what tamga verify --json writes. A server
has the same at /v1/schemas/report.`,
		Example:   `  tamga schema > report.schema.json`,
		ValidArgs: []string{"report"},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != "report" {
				return usage("this schema is not known", "there is one: tamga schema report")
			}
			if _, err := a.Stdout.Write(report.SchemaJSON); err != nil {
				return unwritten(err)
			}
			a.exit = ExitOK
			return nil
		},
	}
}
