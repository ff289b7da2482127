package report_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

// pdfText is what poppler reads in a PDF, without spaces and line breaks: where
// those stand is a matter of layout.
func pdfText(t *testing.T, file []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not on the PATH")
	}
	c := exec.Command(tool, "-raw", "-enc", "UTF-8", "-", "-")
	c.Stdin = bytes.NewReader(file)
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return squeezed(string(out))
}

func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, s)
}

// Another's reader finds the words of the report in all three languages, so
// that it can be searched and copied.
func TestPDFCanBeRead(t *testing.T) {
	for _, lang := range report.Languages() {
		text := pdfText(t, written(t, "pdf", rich(), lang))
		for _, code := range []string{
			"page.title", "status.cannot-tell", "page.checks", "page.stamps", "page.counters", "page.evidence",
			"page.context", "check.signature.value", "label.passed", "label.failed", "mark.unknown",
			"sub.HASH_FAILURE", "page.accessible",
		} {
			want, ok := report.Text(lang, code)
			require.True(t, ok)
			require.Contains(t, text, squeezed(want), "%s in %s", code, lang)
		}
		for _, want := range []string{
			"Олена Ґалаґан-Їжакевич", "Šõäöüž Juur", "звіт.docx", "EN 319 102-1 5.2.7.4", "2026-11-23 09:00:00 UTC",
		} {
			require.Contains(t, text, squeezed(want))
		}
		number, _ := report.Text(lang, "page.number", "1/4")
		require.Contains(t, text, squeezed(number))
	}
}

// Every letter of a stranger's name reaches the paper, as itself or as its code
// point, and the file stays whole: nothing in a name is an operator, an action
// or the end of a string.
func TestPDFHoldsAgainstNames(t *testing.T) {
	for _, attack := range append(attacks(), `\) Tj ET (valid`, "(((", `)>> endobj`, strings.Repeat("a b ", 900)) {
		file := written(t, "pdf", hostile(attack), "et")
		for _, danger := range []string{"/JavaScript", "/Launch", "/OpenAction", "/Type /EmbeddedFile"} {
			require.NotContains(t, string(file), danger)
		}
		if tool, err := exec.LookPath("qpdf"); err == nil {
			place := filepath.Join(t.TempDir(), "report.pdf")
			require.NoError(t, os.WriteFile(place, file, 0o600))
			out, err := exec.Command(tool, "--check", place).CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
		want := map[string]string{
			"中文 عربى 🙂": `\u{4E2D}\u{6587} \u{639}\u{631}\u{628}\u{649} \u{1F642}`,
		}[attack]
		if want == "" {
			want = report.Printable(attack)
		}
		switch text := pdfText(t, file); {
		case len(want) > 1000: // it stands beside others over many lines
			require.Greater(t, strings.Count(text, want[:1]), len(want)/4)
		case !strings.Contains(want, "\u0301"): // poppler joins the marks to their letter
			require.Contains(t, text, squeezed(want))
		}
	}
}

func TestZeroReportPDF(t *testing.T) {
	one := written(t, "pdf", &report.Report{}, "")
	require.Equal(t, one, written(t, "pdf", &report.Report{}, ""), "no date but that of the verdict")
	text := pdfText(t, one)
	require.Contains(t, text, squeezed("no verdict"))
	require.NotContains(t, text, squeezed("page.")) // no message is missing
	unsigned := &report.Report{Verdict: report.Verdict{Status: report.NotSigned}}
	require.Contains(t, pdfText(t, written(t, "pdf", unsigned, "uk")), squeezed("ніхто за нього не ручається"))
}
