package cades_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki/pkitest"
)

// Evidence records in the CMS of others: what does not fit of each archive
// time-stamp, in the order of the records. EU DSS 6.4 says the same in its own
// tests.
func TestVectorsEmbeddedRecords(t *testing.T) {
	dir := pkitest.Corpus(t, "dss/dss-cades/validation/evidence-record")
	logo, err := os.ReadFile(filepath.Join(dir, "TestDataLogo.png"))
	require.NoError(t, err)
	hello := []byte("Hello World!")
	const other = "message imprint does not fit"
	tally := pkitest.Tally{Name: "cades-records"}
	for _, c := range []struct {
		name    string
		content []byte
		want    [][]string
	}{
		// Its one value is digested once more before it is stamped, which no
		// other record does.
		{"C-E-ERS-basic-invalid-sig.p7m", nil, [][]string{{other}}},
		{"C-E-ERS-detached-ber.p7s", logo, [][]string{{""}}},
		{"C-E-ERS-detached-ber.p7s", hello, [][]string{{other}}},
		{"C-E-ERS-detached-ber.p7s", nil, [][]string{{absent}}},
		{"C-E-ERS-detached-invalid.p7s", hello, [][]string{{other}}},
		{"C-E-ERS-detached.p7s", hello, [][]string{{""}}},
		{"C-E-ERS-detached_renewed_hashtree.p7s", hello, [][]string{{"", "", ""}}},
		{"C-E-ERS-detached_renewed_hashtree.p7s", logo, [][]string{{other, "", other}}},
		{"C-E-ERS-detached_renewed_hashtree_invalid.p7s", hello, [][]string{{"", "", other}}},
		{"C-E-ERS-parallel-ers.p7m", nil, [][]string{{""}, {""}}},
		{"C-E-ERS-two-er.p7m", nil, [][]string{{""}, {""}}},
		// The second says that it is over the content, too, and is not.
		{"C-E-ERS-two-er-mixed.p7m", nil, [][]string{{""}, {other}}},
		{"C-E-ERS_renewed_hashtree_invalid.p7m", nil, [][]string{{"", "", other}}},
		{"Double-C-E-ERS-basic.p7m", nil, [][]string{{""}}},
	} {
		raw, err := os.ReadFile(filepath.Join(dir, c.name))
		require.NoError(t, err)
		in := input(c.name, raw)
		if c.content != nil {
			in.Detached = []formats.Input{input("content", c.content)}
		}
		doc, err := cades.Parser{}.Parse(in)
		require.NoError(t, err)
		var got [][]string
		for _, sig := range doc.Signatures {
			for _, record := range sig.Evidence.Records {
				var stamps []string
				for _, s := range record.Stamps {
					stamps = append(stamps, misfit(t, s.Signature))
				}
				got = append(got, stamps)
			}
		}
		agreed := len(got) == len(c.want)
		for i := range got {
			agreed = agreed && slices.Equal(got[i], c.want[i])
		}
		if !agreed {
			t.Logf("%s: %q, want %q", c.name, got, c.want)
		}
		tally.Case(t, c.name, agreed, "")
	}
	tally.Report(t)
}
