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

// FuzzWriters: whatever strangers wrote, it is text. The elements of the page
// and of the XML are those of a report with plain names.
func FuzzWriters(f *testing.F) {
	for _, attack := range attacks() {
		f.Add(attack)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if s == "" {
			return // what is empty is left out
		}
		want, _ := outline(t, written(t, "html", hostile("a"), "uk"))
		got, _ := outline(t, written(t, "html", hostile(s), "uk"))
		require.Equal(t, want, got, "%q", s)
		wantXML, ids, _, _ := skeleton(t, written(t, "xml", hostile("a"), ""))
		gotXML, gotIDs, _, text := skeleton(t, written(t, "xml", hostile(s), ""))
		require.Equal(t, wantXML, gotXML, "%q", s)
		require.Equal(t, ids, gotIDs, "%q", s)
		require.NotContains(t, text, "\u202e")
	})
}
