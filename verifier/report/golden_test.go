package report_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// style is what a page looks like, which the golden file leaves out.
var style = regexp.MustCompile(`(?s)<style>.*</style>`)

// The golden files hold the form of a small report to the byte. What changes in
// them changes for whoever reads reports by program; $TAMGA_GOLDEN writes them
// anew.
func TestGolden(t *testing.T) {
	for kind, name := range map[string]string{"xml": "sample.etsi.xml", "html": "sample.html"} {
		got := style.ReplaceAll(written(t, kind, sample(), "et"), []byte("<style></style>"))
		place := filepath.Join("testdata", name)
		if os.Getenv("TAMGA_GOLDEN") != "" {
			require.NoError(t, os.WriteFile(place, got, 0o644))
		}
		want, err := os.ReadFile(place)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), name)
	}
}
