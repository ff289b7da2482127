package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"tamga/verifier/report"
)

func (a *app) explainCommand() *cobra.Command {
	var lang string
	c := &cobra.Command{
		Use:   "explain [CODE...]",
		Short: "Explain the codes of a report: what they mean, and what to do",
		Long: `Explain each CODE of a report: a check (signature.value), an indication
(TOTAL-FAILED), a sub-indication (HASH_FAILURE), an answer (who.signed), a note or
a verdict. Letter case does not matter. Without a CODE all are listed.`,
		Example: `  tamga explain HASH_FAILURE
  tamga explain --lang uk revocation.known`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return report.Explainable(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, codes []string) error { return a.explain(lang, codes) },
	}
	c.Flags().StringVar(&lang, "lang", "", "en, uk or et (default from your locale)")
	return c
}

func (a *app) explain(asked string, codes []string) error {
	lang, err := a.language(asked)
	if err != nil {
		return err
	}
	var b strings.Builder
	if len(codes) == 0 {
		listCodes(&b, lang)
	}
	for i, code := range codes {
		e, ok := report.Explain(lang, code)
		if !ok {
			return unknownCode(code)
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		writeExplanation(&b, lang, e)
	}
	if _, err := a.Stdout.Write([]byte(b.String())); err != nil {
		return unwritten(err)
	}
	a.exit = ExitOK
	return nil
}

func unknownCode(code string) error {
	hint := "tamga explain lists all codes"
	if near := report.Nearest(code); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, ", ") + "? " + hint
	}
	return usage(fmt.Sprintf("no report has the code %s", show(code)), hint)
}

// listCodes lists all codes, each kind under its name.
func listCodes(b *strings.Builder, lang string) {
	say := func(code string) string { s, _ := report.Text(lang, code); return s }
	b.WriteString(say("explain.list") + "\n")
	kind := ""
	for _, code := range report.Explainable() {
		e, _ := report.Explain(lang, code)
		if e.Kind != kind {
			kind = e.Kind
			b.WriteString("\n" + e.Title + "\n")
		}
		b.WriteString("  " + code + "\n")
	}
}

// writeExplanation writes one explanation, a line for each thing to say.
func writeExplanation(b *strings.Builder, lang string, e report.Explanation) {
	say := func(code string) string { s, _ := report.Text(lang, code); return s }
	fmt.Fprintf(b, "%s (%s)\n", e.Code, e.Title)
	row := func(label, text string) {
		if text != "" {
			fmt.Fprintf(b, "  %s: %s\n", say(label), text)
		}
	}
	row("explain.meaning", e.Meaning)
	row("explain.do", e.Action)
	var reasons []string
	for _, r := range e.Reasons {
		reasons = append(reasons, string(r))
	}
	row("explain.reasons", strings.Join(reasons, ", "))
	if e.Parent != report.Unchecked {
		row("explain.belongs", e.Parent.String())
	}
	row("explain.clause", e.Clause)
}
