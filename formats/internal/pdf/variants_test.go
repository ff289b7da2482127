package pdf_test

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
	"tamga/pki/pkitest"
)

// What producers write at the end of a file. Two readers must not differ about
// which section is the last, so all else is refused.
func TestStartxref(t *testing.T) {
	good := string(file("", "<< /Type /Catalog >>", "(two)"))
	at := strings.LastIndex(good, "startxref")
	start := strings.Fields(good[at:])[1]
	for _, end := range []string{
		"startxref\r" + start + "\r%%EOF\r", "startxref\r\n" + start + "\r\n%%EOF", "startxref " + start + " %%EOF\n",
		"startxref\n\n" + start + "\n\n%%EOF\n", "startxref\n" + start + "\n%%EOF\n\n\n", "startxref\t" + start + "\x00%%EOF",
		"startxref\n0" + start + "\n%%EOF\n", "startxref\n" + start + "\n%%EOF\r\n" + strings.Repeat("\x00", 500),
	} {
		f, err := open([]byte(good[:at] + end))
		require.NoError(t, err, "%q", end)
		require.Len(t, f.Revisions(), 1)
		require.NotZero(t, f.Revisions()[0].End, "%q", end)
	}
	for _, end := range []string{
		"startxref\n" + start + "\n" + start + "\n%%EOF\n", "startxref\n" + start, "startxref\n%%EOF\n",
		"startxref\n+" + start + "x\n%%EOF\n", "startxref\n" + start + ".0\n%%EOF\n", "startxref\n0x" + start + "\n%%EOF\n",
		"xref\n" + start + "\n%%EOF\n", "startxref\n" + start + "\n%EOF\n",
	} {
		_, err := open([]byte(good[:at] + end))
		require.ErrorIs(t, err, formats.ErrMalformed, "%q", end)
	}
}

// Spellings of objects and streams that qpdf calls clean, and those that it
// repairs with a warning, which we never do.
func TestObjectSpellings(t *testing.T) {
	for text, good := range map[string]bool{
		"<< /Length 5 >>\nstream\nhello\nendstream":           true,
		"<< /Length 5 >>\nstream\r\nhello\r\nendstream":       true,
		"<< /Length 5 >>stream\nhelloendstream":               true,
		"<</Length 3 0 R>>stream\nhello\nendstream":           true,
		"% a comment\n<</Length 5>>\nstream\nhello endstream": true,
		"<< /Length 5 >>\nstream\rhello\nendstream":           false,
		"<< /Length 5 >>\nstream hello\nendstream":            false,
		"<< /Length 4 >>\nstream\nhello\nendstream":           false,
		"<< /Length 9 >>\nstream\nhello\nendstream":           false,
		"<< /Length -1 >>\nstream\nhello\nendstream":          false,
		"<< /Length 2 0 R >>\nstream\nhello\nendstream":       false,
		"<< /Length 4 0 R >>\nstream\nhello\nendstream":       false,
		"<< >>\nstream\nhello\nendstream":                     false,
		"<< /Length 5 >>\nstream\nhello\n":                    false,
		"[]\nstream\nhello\nendstream":                        false,
	} {
		b := file("", "<< /Type /Catalog >>", text, "5", "4 0 R")
		f, err := open(b)
		require.NoError(t, err)
		obj, err := f.Object(pdf.Ref{Num: 2})
		if good {
			require.NoError(t, err, text)
			data, _, err := f.Content(obj)
			require.NoError(t, err, text)
			require.Equal(t, "hello", string(data), text)
			continue
		}
		if err == nil {
			_, _, err = f.Content(obj)
		}
		require.ErrorIs(t, err, formats.ErrMalformed, text)
	}
	whole := string(file("", "<< /Type /Catalog >>", "(two)"))
	for _, text := range []string{ // without endobj, or another object's
		strings.Replace(whole, "(two)\nendobj", "(two)\n      ", 1), strings.Replace(whole, "(two)\nendobj", "(two)\nendstr", 1),
		strings.Replace(whole, "2 0 obj", "3 0 obj", 1), strings.Replace(whole, "2 0 obj", "2 1 obj", 1),
		strings.Replace(whole, "2 0 obj", "2 0 xxx", 1),
	} {
		f, err := open([]byte(text))
		require.NoError(t, err)
		_, err = f.Object(pdf.Ref{Num: 2})
		require.ErrorIs(t, err, formats.ErrMalformed)
	}
}

// An object stream that extends another (§7.5.7) is found by the
// cross-reference like any other; the chain itself, even one in a circle, is
// not followed.
func TestExtends(t *testing.T) {
	plain := xrefStream("", bytes.Clone, "3 0 4 7 (three)[4]")
	b := bytes.Replace(plain, []byte("/N 2/First 8"), []byte("/N 2/First 8/Extends 2 0 R"), 1)
	grown := len(b) - len(plain)
	i, j := bytes.LastIndex(b, []byte("startxref\n"))+10, bytes.LastIndex(b, []byte("\n%%EOF"))
	start, err := strconv.Atoi(string(b[i:j]))
	require.NoError(t, err)
	b = append(append(bytes.Clone(b[:i]), strconv.Itoa(start+grown)...), b[j:]...)
	f, err := open(b)
	require.NoError(t, err)
	obj, err := f.Object(pdf.Ref{Num: 3})
	require.NoError(t, err)
	require.Equal(t, "three", obj.Value.Text())
}

// justified are the files that qpdf calls clean and that we refuse.
var justified = map[string]string{
	"broken-objstream4.pdf":           "the object stream and the cross-reference name different objects",
	"minimal-badxref.pdf":             "entries of 19 and 20 bytes in one table: nobody can tell where the others begin",
	"minimal-startxref-hopeless2.pdf": "two numbers after startxref: readers may take either",
}

// TestVectorsOpen holds the reader against qpdf: what qpdf --check calls clean
// opens, object by object, but for what is justified.
func TestVectorsOpen(t *testing.T) {
	qpdf, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf absent")
	}
	if testing.Short() {
		t.Skip("asks qpdf some hundreds of times")
	}
	roots := []string{"../../../testdata/pdf", pkitest.Corpus(t, "pyhanko"), pkitest.Corpus(t, "dss/dss-pades")}
	tally := pkitest.Tally{Name: "pdf-opens"}
	for _, root := range roots {
		require.NoError(t, filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.EqualFold(filepath.Ext(path), ".pdf") {
				return err
			}
			b, err := os.ReadFile(path)
			require.NoError(t, err)
			password, ours := reads(b)
			if ours != nil && exec.Command(qpdf, "--check", "--password="+password, path).Run() != nil {
				return nil // qpdf has something to say, too, or another warning
			}
			name := filepath.Base(path)
			tally.Case(t, name, ours == nil, justified[name])
			return nil
		}))
	}
	tally.Report(t)
}

// reads opens a file with one of the passwords that its makers have published,
// and reads it whole.
func reads(b []byte) (password string, err error) {
	var f *pdf.File
	for _, password = range []string{"", "usersecret", "secret", "throwaway", " "} {
		if f, err = openWith(b, password); err == nil {
			break
		}
	}
	if err != nil {
		return "", err
	}
	var bad error
	if err = f.Used(func(o pdf.Object) bool {
		if o.Stream {
			_, _, bad = f.StreamExtent(o)
		}
		return bad == nil
	}); err == nil {
		err = bad
	}
	return password, err
}
