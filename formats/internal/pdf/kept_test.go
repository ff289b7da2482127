package pdf_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/internal/pdf"
)

// revise appends a revision in which the object has this body.
func revise(before []byte, prev int, num int, body string) (after []byte, start int) {
	b := bytes.NewBuffer(bytes.Clone(before))
	at := b.Len()
	fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", num, body)
	start = b.Len()
	fmt.Fprintf(b, "xref\n%d 1\n%010d 00000 n \n", num, at)
	fmt.Fprintf(b, "trailer\n<< /Size 3 /Root 1 0 R")
	if prev > 0 {
		fmt.Fprintf(b, " /Prev %d", prev)
	}
	fmt.Fprintf(b, " >>\nstartxref\n%d\n%%%%EOF\n", start)
	return b.Bytes(), start
}

// An object that was read is the same in every revision that has it, and each
// revision keeps its own: what one view has read does not show in another.
func TestObjectsOfEveryRevision(t *testing.T) {
	raw, start := revise([]byte("%PDF-1.7\n"), 0, 1, "<< /Type /Catalog >>")
	for i := range 5 {
		raw, start = revise(raw, start, 2, fmt.Sprintf("<< /Value %d >>", i))
	}
	f, err := pdf.Open(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	revisions := f.Revisions()
	require.Len(t, revisions, 6)
	for range 2 {
		for i, r := range revisions[:5] {
			view := f.At(r)
			obj, err := view.Object(pdf.Ref{Num: 2})
			require.NoError(t, err)
			n, _ := obj.Value.Get("Value").Int()
			require.EqualValues(t, 4-i, n)
			require.NoError(t, view.Used(func(o pdf.Object) bool {
				if o.Ref.Num == 2 {
					require.Equal(t, obj.Value.Raw, o.Value.Raw)
				}
				return true
			}))
		}
	}
}

// An object that reaches beyond the end of a revision is not part of it, also
// where a later view has read it already: a shadow attack would show in the old
// revision what was only added later.
func TestObjectBeyondItsRevision(t *testing.T) {
	// The first revision promises object 2 where the second will write it.
	head := "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
	table := func(at2 int) string {
		return fmt.Sprintf("xref\n0 3\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n"+
			"trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", 9, at2, len(head))
	}
	first := head + table(len(head+table(0)))
	raw := []byte(first + "2 0 obj\n<< /Planted true >>\nendobj\n")
	start := len(raw)
	raw = fmt.Appendf(raw, "xref\n1 1\n%010d 00000 n \ntrailer\n<< /Size 3 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n",
		9, len(head), start)
	f, err := pdf.Open(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	obj, err := f.Object(pdf.Ref{Num: 2})
	require.NoError(t, err)
	require.Equal(t, pdf.Dict, obj.Value.Kind)
	old := f.At(f.Revisions()[1])
	_, err = old.Object(pdf.Ref{Num: 2})
	require.Error(t, err)
	require.Error(t, old.Used(func(pdf.Object) bool { return true }))
}

// What is kept has a limit, and what was let go is read again.
func TestManyLargeObjects(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var at []int
	const n = 40
	for i := range n {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n<< /Type /Catalog /N %d /Text (%s) >>\nendobj\n", i+1, i, strings.Repeat("x", 200<<10))
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", n+1)
	for _, off := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", n+1, start)
	f, err := pdf.Open(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	for range 2 {
		for i := range n {
			obj, err := f.Object(pdf.Ref{Num: uint32(i + 1)})
			require.NoError(t, err)
			got, _ := obj.Value.Get("N").Int()
			require.EqualValues(t, i, got)
		}
	}
}
