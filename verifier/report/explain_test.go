package report_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

// Every indication and sub-indication of the standard says in every language
// what it means and what to do, in one sentence each.
func TestReasonsSayWhatToDo(t *testing.T) {
	codes := []string{"TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE", "UNCHECKED"}
	for _, sub := range report.SubIndications() {
		codes = append(codes, string(sub))
	}
	require.Len(t, codes, 4+26) // EN 319 102-1 V1.4.1: 6 of failure, 20 of doubt
	for _, code := range codes {
		for _, lang := range report.Languages() {
			e, ok := report.Explain(lang, code)
			require.True(t, ok, code)
			for _, sentence := range []string{e.Meaning, e.Action} {
				require.True(t, strings.HasSuffix(sentence, "."), "%s in %s: %q", code, lang, sentence)
				require.Equal(t, 1, strings.Count(sentence+" ", ". "), "%s in %s: %q", code, lang, sentence)
			}
			require.Equal(t, "EN 319 102-1 5.1.3", e.Clause)
		}
	}
}

// Whatever can stand in a report can be explained, in every language.
func TestExplainKnowsAll(t *testing.T) {
	kinds := map[string]int{}
	for _, code := range report.Explainable() {
		for _, lang := range report.Languages() {
			e, ok := report.Explain(lang, strings.ToUpper(code))
			require.True(t, ok, code)
			require.Equal(t, code, e.Code)
			require.NotEmpty(t, e.Title)
			require.NotEmpty(t, e.Meaning)
			require.NotContains(t, e.Meaning, "{", "%s in %s", code, lang)
			require.NotEmpty(t, e.Action)
			if e.Kind == "check" {
				require.NotEmpty(t, e.Clause, code)
				require.NotEmpty(t, e.Reasons, code)
			}
			if lang == "en" {
				kinds[e.Kind]++
			}
		}
	}
	for _, kind := range []string{"check", "sub-indication", "indication", "answer", "note", "status"} {
		require.NotZero(t, kinds[kind], kind)
	}
	_, ok := report.Explain("en", "label.checks") // a word of the page is no code of a report
	require.False(t, ok)
	_, ok = report.Explain("en", "")
	require.False(t, ok)
}

func TestExplainSubIndication(t *testing.T) {
	e, ok := report.Explain("et", "hash_failure")
	require.True(t, ok)
	require.Equal(t, "HASH_FAILURE", e.Code)
	require.Equal(t, report.TotalFailed, e.Parent)
	require.Contains(t, e.Action, "Küsige")
	e, _ = report.Explain("en", "TRY_LATER")
	require.Equal(t, report.Indeterminate, e.Parent)
}

func TestNearest(t *testing.T) {
	for typed, want := range map[string]string{
		"HASH_FAILUR": "HASH_FAILURE", "signature.valu": "signature.value", "trylater": "TRY_LATER",
		"revocation": "revocation.issuers", "total-pased": "TOTAL-PASSED", "POE": "NO_POE",
	} {
		require.Contains(t, report.Nearest(typed), want, typed)
	}
	require.Empty(t, report.Nearest("qqqqqqqqqqqqqqqqqqqqqqqqq"))
	require.Empty(t, report.Nearest(strings.Repeat("a", 1<<20)))
	require.LessOrEqual(t, len(report.Nearest("e")), 3)
}

// rows reads the verifier's tables: of each check its id, its clause and the
// name of what a "no" means.
func rows(t *testing.T) (out [][3]string) {
	t.Helper()
	names, err := filepath.Glob("../*.go")
	require.NoError(t, err)
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			if row, ok := n.(*ast.CompositeLit); ok && row.Type == nil && len(row.Elts) == 4 {
				id, isID := row.Elts[0].(*ast.BasicLit)
				clause, isClause := row.Elts[1].(*ast.BasicLit)
				sub, isSub := row.Elts[2].(*ast.SelectorExpr)
				if isID && isClause && isSub {
					out = append(out, [3]string{unquoted(t, id), unquoted(t, clause), sub.Sel.Name})
				}
			}
			return true
		})
	}
	return out
}

func unquoted(t *testing.T, l *ast.BasicLit) string {
	t.Helper()
	s, err := strconv.Unquote(l.Value)
	require.NoError(t, err)
	return s
}

// What is explained of a check is what the verifier asks: the same clause, and
// its meaning of a "no" among the reasons. A check that the verifier gained
// must be explained before it is asked.
func TestExplainAgreesWithTheVerifier(t *testing.T) {
	found := rows(t)
	require.Greater(t, len(found), 25)
	for _, row := range found {
		e, ok := report.Explain("en", row[0])
		require.True(t, ok, "no message for the check %s", row[0])
		require.Equal(t, "check", e.Kind)
		require.Equal(t, e.Clause, row[1], "the clause of %s", row[0])
		var reasons []string
		for _, reason := range e.Reasons {
			reasons = append(reasons, strings.ReplaceAll(string(reason), "_", ""))
		}
		require.Contains(t, reasons, strings.ToUpper(row[2]), "the reasons of %s", row[0])
	}
}
