package pdf_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

const (
	plainMetadata = "<< /Type /Metadata /Subtype /XML /Length 7 >>\nstream\n<x:y/>\n\nendstream"
	ownFilter     = "<< /Filter [/Crypt] /DecodeParms [<< /Type /CryptFilterDecodeParms /Name /Identity >>]" +
		" /Length 5 >>\nstream\nhello\nendstream"
	attachment = "<< /Type /EmbeddedFile /Length 5 >>\nstream\nplans\nendstream"
)

// appendPlain appends the three, and finds them again.
func appendPlain(t *testing.T, b []byte) (out []byte, f *pdf.File) {
	t.Helper()
	f, err := openWith(b, "user")
	require.NoError(t, err)
	u, err := f.Update()
	require.NoError(t, err)
	refs := []pdf.Ref{u.New(), u.New(), u.New()}
	for i, body := range []string{plainMetadata, ownFilter, attachment} {
		u.Set(refs[i], []byte(body))
	}
	tail, err := u.Finish()
	require.NoError(t, err)
	out = append(bytes.Clone(b), tail.Bytes...)
	f, err = openWith(out, "user")
	require.NoError(t, err)
	for i, want := range []string{"<x:y/>\n", "hello", "plans"} {
		obj, err := f.Object(refs[i])
		require.NoError(t, err)
		got, _, err := f.Content(obj)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
	return out, f
}

// What a document leaves plain (§7.6.6) is read and written plain: its
// metadata, for search engines; streams with a crypt filter of their own;
// embedded files, by /EFF. qpdf reads what we append to its file.
func TestCryptFilters(t *testing.T) {
	locked := sealed(t, 7, "(text)")
	out, _ := appendPlain(t, locked)
	require.NotContains(t, string(out), "<x:y/>")
	require.Contains(t, string(out), "\nhello\n", "its own filter")
	require.NotContains(t, string(out), "plans")
	out, _ = appendPlain(t, bytes.Replace(locked, []byte("/StmF /StdCF"), []byte("/StmF /StdCF /EFF /Identity"), 1))
	require.Contains(t, string(out), "\nplans\n")

	for _, bits := range []string{"128", "256"} {
		variant := []string{bits, "--cleartext-metadata"}
		if bits == "128" {
			variant = append(variant, "--use-aes=y")
		}
		plain := file("", "<< /Type /Catalog /Metadata 2 0 R /Pages 3 0 R >>", plainMetadata,
			"<< /Type /Pages /Kids [] /Count 0 >>")
		locked := encrypted(t, plain, "user", "owner", variant)
		require.Contains(t, string(locked), "<x:y/>")
		out, f := appendPlain(t, locked)
		require.Equal(t, 2, strings.Count(string(out), "<x:y/>"))
		catalog, err := f.Get(f.Trailer(), "Root")
		require.NoError(t, err)
		ref, _ := catalog.Get("Metadata").Ref()
		obj, err := f.Object(ref)
		require.NoError(t, err)
		got, _, err := f.Content(obj)
		require.NoError(t, err)
		require.Equal(t, "<x:y/>\n", string(got))
		clean := string(qpdf(t, out, "--password=user", "--decrypt", "--preserve-unreferenced", "--stream-data=uncompress"))
		require.Equal(t, 2, strings.Count(clean, "<x:y/>"), "qpdf")
		require.Contains(t, clean, "plans")
		require.Contains(t, clean, "hello")
	}
}

// A filter that /CF does not define, and /Crypt behind another filter: each
// reader would take them as it likes.
func TestRefusesCryptFilters(t *testing.T) {
	for keys, stage := range map[string]string{
		"/Filter [/Crypt] /DecodeParms [<< /Name /Other >>]": "writing",
		"/Filter [/ASCIIHexDecode /Crypt]":                   "reading",
	} {
		body := "<< " + keys + " /Length 3 >>\nstream\n00>\nendstream"
		b, err := pdf.Seal(7, "", "", "<< /Type /Catalog >>", body)
		if stage == "reading" {
			require.NoError(t, err)
			f, openErr := open(b)
			require.NoError(t, openErr)
			obj, openErr := f.Object(pdf.Ref{Num: 2})
			require.NoError(t, openErr)
			_, _, err = f.Content(obj)
		}
		require.ErrorIs(t, err, formats.ErrMalformed, keys)
	}
}
