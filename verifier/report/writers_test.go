package report_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

// writers are the renderers, by the end of the name of what they write.
var writers = map[string]func(io.Writer, *report.Report, report.Options) error{
	"html": report.WriteHTML,
	"pdf":  report.WritePDF,
	"xml":  func(w io.Writer, r *report.Report, _ report.Options) error { return report.WriteETSI(w, r) },
}

func written(t *testing.T, kind string, r *report.Report, lang string) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, writers[kind](&b, r, report.Options{Lang: lang}))
	return b.Bytes()
}

// A report is evidence: who writes it again must get the same bytes.
func TestSameReportSameBytes(t *testing.T) {
	for kind := range writers {
		for _, lang := range report.Languages() {
			for name, r := range reports() {
				one := written(t, kind, r, lang)
				require.Equal(t, one, written(t, kind, reports()[name], lang), "%s in %s", kind, lang)
				// $TAMGA_REPORTS is where to look at them.
				if dir := os.Getenv("TAMGA_REPORTS"); dir != "" {
					place := filepath.Join(dir, name+"-"+lang+"."+kind)
					require.NoError(t, os.WriteFile(place, one, 0o600))
				}
			}
		}
	}
}
