package pades_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// told are the facts of a document whose names begin with prefix.
func told(doc *formats.Document, prefix string) (out []string) {
	for _, f := range doc.Facts {
		if strings.HasPrefix(f.Name, prefix) {
			out = append(out, f.Name+": "+f.Value)
		}
	}
	return out
}

// Who inspects a document is told of each revision who signed it, and what it
// touched.
func TestHistory(t *testing.T) {
	once := sign(t, page(), pades.Preparer{})
	require.Empty(t, told(parse(t, page()), "revision "), "a document of one revision has no history")
	twice := sign(t, once, pades.Preparer{})
	drawn := appended(twice, "", objects{3: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>"})
	got := told(parse(t, drawn), "revision ")
	require.Len(t, got, 4)
	require.Equal(t, fmt.Sprintf("revision 1: to byte %d", bytes.LastIndex(page(), []byte("%%EOF"))+5), got[0])
	require.Contains(t, got[1], "signed by Signature1; changed")
	require.Contains(t, got[1], "added a signature, a form field")
	require.Contains(t, got[2], "signed by Signature2; changed")
	require.Contains(t, got[3], "changed a page")
	require.NotContains(t, got[3], "signed by")

	in := input(drawn)
	in.Judged = true
	doc, err := pades.Parser{}.Parse(in)
	require.NoError(t, err)
	require.Empty(t, told(doc, "revision "), "who judges has no need of it")
}

// A document of many revisions has a history of as many as a person may read.
func TestLongHistory(t *testing.T) {
	b := page()
	for i := range 110 {
		b = appended(b, "", objects{3: fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 %d] >>", i+1)})
	}
	doc := parse(t, b)
	require.Len(t, told(doc, "revision "), 100)
	require.Equal(t, []string{"further revisions: 11"}, told(doc, "further"))
}
