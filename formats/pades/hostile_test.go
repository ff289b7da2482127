package pades_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// Files that are small and cost much: every one must end soon, by a limit or by
// its own end, and in little memory.
func TestHostileFilesEndSoon(t *testing.T) {
	var refs strings.Builder
	for i := range 40_000 {
		fmt.Fprintf(&refs, "%d 0 R ", 900_000+i)
	}
	missing := withKey("/AcroForm 6 0 R", "<< /Fields ["+refs.String()+"] >>")
	many := bytes.NewBuffer(missing)
	start := lastStart(missing)
	for range 3500 {
		next := many.Len()
		fmt.Fprintf(many, "xref\n0 0\ntrailer\n<</Root 1 0 R/Size 9/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", start, next)
		start = next
	}
	keys := strings.Builder{}
	for i := range 90_000 {
		fmt.Fprintf(&keys, "/K%d 0 ", i)
	}
	signed := sign(t, withKey(keys.String()), pades.Preparer{})
	for name, b := range map[string][]byte{
		"many sections":  many.Bytes(),
		"many ranges":    withKey("/X 6 0 R", stream(strings.Repeat("/ByteRange [/ByteRanger /ByteRange(", 500_000))),
		"many keys":      appended(signed, "", objects{1: catalogue(keys.String() + "/Last 1")}),
		"deep brackets":  withKey("/X " + strings.Repeat("[", 1_000_000)),
		"deep pages":     withKey("/Y 6 0 R", "<< /Kids [6 0 R 6 0 R 6 0 R] >>"),
		"wide evidence":  appended(signed, "", objects{1: catalogue(keys.String() + "/DSS << /VRI 1 0 R >>")}),
		"a long literal": withKey("/X (" + strings.Repeat("(", 3_000_000)),
	} {
		start := time.Now()
		spent := allocated(func() {
			_, err := pades.Parser{}.Parse(input(b))
			require.True(t, err == nil || isOurs(err), "%s: %v", name, err)
		})
		require.Less(t, time.Since(start), time.Minute, name) // loaded machines; seconds at most
		require.Less(t, spent, uint64(640<<20), name)         // in all; a fraction of it at once
		t.Logf("%-15s %8v %4d MiB", name, time.Since(start).Round(time.Millisecond), spent>>20)
	}
	_, err := pades.Parser{}.Parse(input(withKey("/X " + strings.Repeat("[", 100))))
	require.ErrorIs(t, err, formats.ErrTooLarge)
	require.Len(t, parse(t, withKey("/X 6 0 R", stream("/ByteRange [0 1 2 3]"))).Defects, 1)
}
