package report_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

func TestNotes(t *testing.T) {
	n := report.NewNote("note.judged-as-of", "2026-11-23T09:00:00Z", "TSA\n✓ valid")
	require.Equal(t, `Judged as of 2026-11-23 09:00:00 UTC, the time that TSA\u{A}✓ valid proves.`, n.Text)
	require.Equal(t, n.Text, n.In("en"))
	require.Contains(t, n.In("uk"), "Оцінено станом на 2026-11-23 09:00:00 UTC")
	require.Contains(t, n.In("et"), "Hinnatud seisuga")
	require.NotContains(t, n.In("uk"), "\n")

	require.Equal(t, "After this signature 1 byte was added, without effect on what it covers.",
		report.NewNote("note.added-harmless", "1", "").Text)
	require.Contains(t, report.NewNote("note.added-harmless", "22", "").In("uk"), "22 байти")

	// A note of a later version says its English.
	later := report.Note{Code: "note.of-tomorrow", Text: "a line\x1b[2J"}
	require.Equal(t, `a line\u{1B}[2J`, later.In("uk"))
}
