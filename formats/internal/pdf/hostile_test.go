package pdf_test

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// readAll reads every object and every stream of a file.
func readAll(b []byte) error {
	f, err := open(b)
	if err != nil {
		return err
	}
	var bad error
	err = f.Used(func(o pdf.Object) bool {
		if o.Stream {
			if _, _, err := f.Content(o); err != nil {
				bad = err
			}
		}
		return true
	})
	if err == nil {
		err = bad
	}
	return err
}

// nested writes objects of which each stands in a string of the one before, so
// that reading them all would be reading the file once for each.
func nested(n, filling int) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n")
	table := "0000000009 00000 n \n"
	for i := range n {
		table += fmt.Sprintf("%010d 00000 n \n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj (", i+2)
	}
	b.WriteString(strings.Repeat("x", filling) + strings.Repeat(") endobj ", n))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n1 %d\n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", n+1, table, n+2, start)
	return b.Bytes()
}

// overlapping writes an object stream whose objects are all the same long
// string.
func overlapping(n, filling int) []byte {
	var head strings.Builder
	rows := []byte{1, 0, 0, 9, 0, 0, 1, 0, 0, 48, 0, 0}
	for i := range n {
		fmt.Fprintf(&head, "%d 0 ", i+10)
		rows = append(rows, 2, 0, 0, 2, byte(i>>8), byte(i))
	}
	body := head.String() + "(" + strings.Repeat("x", filling) + ")"
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n        ")
	fmt.Fprintf(&b, "2 0 obj<</Type/ObjStm/N %d/First %d/Length %d>>stream\n%s\nendstream endobj\n",
		n, head.Len(), len(body), body)
	start := b.Len()
	fmt.Fprintf(&b, "5 0 obj<</Type/XRef/Size %d/Root 1 0 R/Index[1 2 10 %d]/W[1 3 2]/Length %d>>stream\n%s\n"+
		"endstream endobj\nstartxref\n%d\n%%%%EOF\n", n+10, n, len(rows), rows, start)
	return b.Bytes()
}

func copies(n int, keys string, data []byte) []byte {
	all := []string{"<< /Type /Catalog >>"}
	for range n {
		all = append(all, fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), keys, data))
	}
	return file("", all...)
}

// Twenty megabytes that were made to take hours: each ends at a budget, and
// soon. The bound here is for a busy machine; alone they take less than a
// second.
func TestHostileFilesEnd(t *testing.T) {
	broken := deflate(make([]byte, 900_000))
	broken[len(broken)-1]++ // the checksum: all is decoded before it fails
	arrays := []string{"<< /Type /Catalog >>"}
	for range 200 {
		arrays = append(arrays, "["+strings.Repeat("1 ", 49_990)+"]")
	}
	for name, b := range map[string][]byte{
		"objects in objects":      nested(1000, 10<<20),
		"objects that overlap":    overlapping(60_000, 8<<20),
		"bombs":                   copies(200, "/Filter/LZWDecode", earlyLZW(make([]byte, 30<<20))),
		"bombs that are broken":   copies(10_000, "/Filter/FlateDecode", broken),
		"large streams":           copies(15, "", make([]byte, 5<<20)),
		"ten million numbers":     file("", arrays...),
		"brackets":                file("", "<< /Type /Catalog >>", strings.Repeat("[", 20<<20)),
		"a string":                file("", "<< /Type /Catalog >>", "("+strings.Repeat("x", 20<<20)),
		"names":                   file("", "<< /Type /Catalog >>", "["+strings.Repeat("/", 20<<20)),
		"an object stream's head": xrefStream("", bytes.Clone, strings.Repeat("3 0 ", 5<<20)),
	} {
		start := time.Now()
		err := readAll(b)
		require.ErrorIs(t, err, formats.ErrTooLarge, name)
		require.Less(t, time.Since(start), time.Minute, name)
	}
}

// Reading 40,000 objects costs four times what 10,000 cost.
func TestManyObjectsAreLinear(t *testing.T) {
	cost := func(n int, objstm bool) float64 {
		objects := []string{"<< /Type /Catalog >>"}
		for i := range n {
			objects = append(objects, fmt.Sprintf("<< /A [%d 0 R 1 2 3] /B (text %d) /C << /D /E >> >>", i+1, i))
		}
		b := file("", objects...)
		if objstm {
			b = qpdf(t, b, "--object-streams=generate", "--preserve-unreferenced")
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		require.NoError(t, readAll(b))
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	require.InEpsilon(t, 4, cost(40_000, false)/cost(10_000, false), 0.2)
	require.InEpsilon(t, 4, cost(40_000, true)/cost(10_000, true), 0.2)
}
