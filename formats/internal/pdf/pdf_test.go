package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// file writes a PDF with a classic table: object n is objects[n-1], the first
// one the catalogue.
func file(trailer string, objects ...string) []byte { return fileAt(0, trailer, objects...) }

// fileAt writes it with offsets that count from some bytes before its header.
func fileAt(origin int, trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = origin + b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := origin + b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n",
		len(objects)+1, trailer, start)
	return b.Bytes()
}

func open(b []byte) (*pdf.File, error) { return pdf.Open(bytes.NewReader(b), int64(len(b))) }

// value opens a file whose second object is text, and returns that object.
func value(text string) (pdf.Value, error) {
	f, err := open(file("", "<< /Type /Catalog >>", text))
	if err != nil {
		return pdf.Value{}, err
	}
	obj, err := f.Object(pdf.Ref{Num: 2})
	return obj.Value, err
}

func TestValues(t *testing.T) {
	for text, want := range map[string]string{
		`(a\(b\)\\(c)\n\101\7x\
y)`: "a(b)\\(c)\n" + "A\x07xy",
		"(line\r\nline)":      "line\nline",
		"<48 65 6C6c 6F7>":    "Hellop",
		"<FEFF04140456044F>":  "\xfe\xff\x04\x14\x04\x56\x04\x4f",
		"(unfinished \\51)":   "unfinished )",
		"()":                  "",
		"% comment\n(after)%": "after",
	} {
		v, err := value(text)
		require.NoError(t, err, text)
		require.Equal(t, pdf.String, v.Kind, text)
		require.Equal(t, want, string(v.Bytes()), text)
	}
	v, err := value("<< /A#20B [1 -2 +3 4.5 -.5 5. true null 7 0 R /N] /C<</D<0a>>>/E/F>>")
	require.NoError(t, err)
	items := v.Get("A B").Items()
	require.Len(t, items, 10)
	n, ok := items[1].Int()
	require.True(t, ok)
	require.EqualValues(t, -2, n)
	require.Equal(t, pdf.Real, items[3].Kind)
	require.True(t, items[6].Bool())
	ref, ok := items[8].Ref()
	require.True(t, ok)
	require.Equal(t, pdf.Ref{Num: 7}, ref)
	require.Equal(t, "F", v.Get("E").Name())
	require.Equal(t, []byte{10}, v.Get("C").Get("D").Bytes())
	require.Equal(t, pdf.Null, v.Get("none").Kind)
}

func TestText(t *testing.T) {
	for text, want := range map[string]string{
		"<FEFF04140456044F>":            "Дія",
		"(\xEF\xBB\xBF\xD0\x94)":        "Д",
		"(\x80 \xA0 \xE4)":              "• € ä",
		"(plain)":                       "plain",
		"<FEFFD83DDE00>":                "😀",
		string(pdf.TextString("a(b)")):  "a(b)",
		string(pdf.TextString("Õ\n\\")): "Õ\n\\",
	} {
		v, err := value(text)
		require.NoError(t, err)
		require.Equal(t, want, v.Text(), text)
	}
}

func TestEqualIgnoresSpelling(t *testing.T) {
	a, err := value("<< /A (x) /B [1 2.50 /N#41] /C 3 0 R >>")
	require.NoError(t, err)
	b, err := value("<</C 3  0 R/B[1 2.5/NA]/A<78>>>")
	require.NoError(t, err)
	c, err := value("<</C 3 0 R/B[1 2.5/NB]/A<78>>>")
	require.NoError(t, err)
	require.True(t, a.Equal(b))
	require.False(t, a.Equal(c))
}

func TestRefusesBadValues(t *testing.T) {
	for _, text := range []string{
		"(no end", "<12", "<1G>", "<< /A 1 /A 2 >>", "<< /A#41 1 /#41A 2 >>", "<< 1 2 >>", "[1 2", "<< /A >>",
		"1x", "--5", "1.2.3", "tru", "/Name (", "]", "<< /A 1", "0x10",
		strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"[" + strings.Repeat("1 ", 250_000) + "]",
	} {
		_, err := value(text)
		require.Error(t, err, "%.40s", text)
		require.True(t, isOurs(err), "%.40s: %v", text, err)
	}
}

func isOurs(err error) bool {
	for _, target := range []error{formats.ErrMalformed, formats.ErrTooLarge, formats.ErrUnsupported} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func TestRefusesBrokenFiles(t *testing.T) {
	good := string(file("", "<< /Type /Catalog >>"))
	_, err := open([]byte(good))
	require.NoError(t, err)
	start := good[strings.LastIndex(good, "startxref")+10:]
	start = start[:strings.IndexByte(start, '\n')]
	for name, text := range map[string]string{
		"empty":               "",
		"no header":           strings.Replace(good, "%PDF", "%PFD", 1),
		"no end":              strings.TrimSuffix(good, "%%EOF\n"),
		"cut short":           good[:len(good)/2],
		"startxref beyond":    strings.Replace(good, "\n"+start+"\n", "\n9999\n", 1),
		"startxref negative":  strings.Replace(good, "\n"+start+"\n", "\n-5\n", 1),
		"startxref on text":   strings.Replace(good, "\n"+start+"\n", "\n12\n", 1),
		"a loop":              strings.Replace(good, "/Size", "/Prev "+start+" /Size", 1),
		"another /Prev":       strings.Replace(good, "/Size", "/Prev (x) /Size", 1),
		"no trailer":          strings.Replace(good, "trailer", "traller", 1),
		"too many entries":    strings.Replace(good, "0 2\n", "0 99999\n", 1),
		"an impossible count": strings.Replace(good, "0 2\n", "0 99999999999\n", 1),
		"object twice":        strings.Replace(good, "trailer", "1 1\n0000000009 00000 n \ntrailer", 1),
		"encrypted":           strings.Replace(good, "/Size", "/Encrypt 1 0 R /Size", 1),
		"junk after the end":  good + strings.Repeat("x", 4000),
	} {
		_, err := open([]byte(text))
		require.Error(t, err, name)
		require.True(t, isOurs(err), "%s: %v", name, err)
	}
	f, err := open([]byte(strings.Replace(good, "0000000009", "0000000011", 1)))
	require.NoError(t, err)
	_, err = f.Object(pdf.Ref{Num: 1})
	require.ErrorIs(t, err, formats.ErrMalformed, "an offset that points elsewhere is never repaired")
}

// Producers write table entries of 19, 20 and 21 bytes, and comments and blanks
// where they like.
func TestToleratesHabits(t *testing.T) {
	good := string(file("", "<< /Type /Catalog >>", "(two)"))
	for name, text := range map[string]string{
		"19 bytes": strings.NewReplacer(" f \n", " f\n", " n \n", " n\n").Replace(good),
		"21 bytes": strings.NewReplacer(" f \n", " f \r\n", " n \n", " n \r\n").Replace(good),
		"cr lf":    strings.NewReplacer(" f \n", " f\r\n", " n \n", " n\r\n").Replace(good),
		"comment":  strings.Replace(good, "startxref", "%made by hand\nstartxref", 1),
		"blanks":   good + "\r\n \x00\x00",
		"65536":    strings.Replace(good, "65535 f", "65536 f", 1), // Pillow
	} {
		f, err := open([]byte(text))
		require.NoError(t, err, name)
		obj, err := f.Object(pdf.Ref{Num: 2})
		require.NoError(t, err, name)
		require.Equal(t, "two", obj.Value.Text(), name)
		require.Len(t, f.Revisions(), 1)
		require.NotZero(t, f.Revisions()[0].End, name)
		require.NoError(t, f.NewestChanges(func(pdf.Change) bool { return true }), name)
	}
}

// What stands before the header moves the header, and the offsets count from
// there or from the first byte of the file: both are written, and both open.
// Where both lead to a cross-reference, each reader would see its own document.
func TestHeaderElsewhere(t *testing.T) {
	const junk = "junk before\n"
	good := string(file("", "<< /Type /Catalog >>", "(two)"))
	start := strings.LastIndex(good, "xref\n0 ")
	shifted := string(fileAt(len(junk), "", "<< /Type /Catalog >>", "(two)"))
	for name, text := range map[string]string{"from the header": junk + good, "from the file": junk + shifted} {
		f, err := open([]byte(text))
		require.NoError(t, err, name)
		obj, err := f.Object(pdf.Ref{Num: 2})
		require.NoError(t, err, name)
		require.Equal(t, "two", obj.Value.Text(), name)
		require.EqualValues(t, len(text)-1, f.Revisions()[0].End, name)
		u, err := f.Update()
		require.NoError(t, err)
		u.Set(pdf.Ref{Num: 2}, []byte("(anew)"))
		tail, err := u.Finish()
		require.NoError(t, err)
		out := text + string(tail.Bytes)
		g, err := open([]byte(out))
		require.NoError(t, err, name)
		require.Len(t, g.Revisions(), 2)
		obj, err = g.Object(pdf.Ref{Num: 2})
		require.NoError(t, err, name)
		require.Equal(t, "anew", obj.Value.Text(), name)
		if name == "from the header" { // which is how qpdf counts
			require.Contains(t, qpdfObject(t, []byte(out), 2, ""), "anew")
		}
	}
	// An update whose section stands as far behind the one before it as the header
	// behind the first byte would be right both ways.
	near := string(file("", "<< /Type /Catalog >>", "(two)"))
	near = strings.Repeat("\n", len(near)-strings.LastIndex(near, "xref\n0 ")) + near
	f, err := open([]byte(near))
	require.NoError(t, err)
	u, err := f.Update()
	require.NoError(t, err)
	tail, err := u.Finish()
	require.NoError(t, err)
	_, err = open([]byte(near + string(tail.Bytes)))
	require.NoError(t, err)

	both := []byte(strings.Repeat("j", 39) + "\n" + good)
	copy(both[start:], "xref\n0 0\ntrailer<<>>")
	_, err = open(both)
	require.ErrorIs(t, err, formats.ErrMalformed)
	require.ErrorContains(t, err, "with and without")
}

// qpdfObject returns an object as qpdf shows it.
func qpdfObject(t *testing.T, b []byte, num int, password string) string {
	t.Helper()
	path, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf absent")
	}
	name := filepath.Join(t.TempDir(), "in.pdf")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	show := fmt.Sprintf("--show-object=%d", num)
	text, err := exec.Command(path, "--password="+password, show, name).CombinedOutput()
	require.NoError(t, err, string(text))
	return string(text)
}

func realFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/pdf/*.pdf")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	return files
}

func TestRealFiles(t *testing.T) {
	for _, path := range realFiles(t) {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := open(b)
		if strings.Contains(path, "encrypted") {
			require.ErrorIs(t, err, formats.ErrUnsupported)
			require.ErrorContains(t, err, "encrypted")
			continue
		}
		require.NoError(t, err, path)
		used := 0
		require.NoError(t, f.Used(func(o pdf.Object) bool {
			if o.Stream {
				_, _, err := f.StreamExtent(o)
				require.NoError(t, err, path)
			}
			used++
			return true
		}), path)
		require.Greater(t, used, 5, path)
		revisions := f.Revisions()
		require.Len(t, revisions, 1, path)
		require.InDelta(t, len(b), revisions[0].End, 2, path)
	}
}

// Every file of the corpora: no panic, and no error but ours.
func TestCorpora(t *testing.T) {
	root := os.Getenv("TAMGA_CORPORA")
	if root == "" {
		root = "../../../../shared/corpora"
	}
	if _, err := os.Stat(root); err != nil {
		t.Skip("corpora absent: ", err)
	}
	opened, refused := 0, 0
	require.NoError(t, filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.EqualFold(filepath.Ext(path), ".pdf") {
			return err
		}
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := open(b)
		if err == nil {
			err = f.Used(func(pdf.Object) bool { return true })
			opened++
		} else {
			refused++
		}
		require.True(t, err == nil || isOurs(err), "%s: %v", path, err)
		return nil
	}))
	t.Logf("%d PDF files: %d opened, %d refused", opened+refused, opened, refused)
	require.Greater(t, opened, 200)
}

// An update keeps every key of what it rewrites, has a cross-reference of the
// file's own kind, and qpdf finds nothing wrong with it.
func TestUpdate(t *testing.T) {
	for _, path := range realFiles(t) {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := open(b)
		if err != nil {
			continue
		}
		root, _ := f.Trailer().Get("Root").Ref()
		catalog, err := f.Object(root)
		require.NoError(t, err)
		u, err := f.Update()
		require.NoError(t, err)
		ref := u.New()
		u.Set(ref, []byte("<< /Made (here) >>"))
		u.Set(root, pdf.Rewrite(catalog.Value, pdf.Set{Key: "TamgaTest", Raw: []byte(ref.String())}))
		tail, err := u.Finish()
		require.NoError(t, err)
		out := append(bytes.Clone(b), tail.Bytes...)
		g, err := open(out)
		require.NoError(t, err, path)
		require.Len(t, g.Revisions(), 2)
		require.EqualValues(t, len(out)-1, g.Revisions()[0].End)
		now, err := g.Object(root)
		require.NoError(t, err)
		for _, e := range catalog.Value.Entries() {
			require.Equal(t, string(e.Value.Raw), string(now.Value.Get(e.Key).Raw), path)
		}
		for _, e := range f.Trailer().Entries() {
			switch e.Key {
			case "Info", "Root", "DocChecksum":
				require.Equal(t, string(e.Value.Raw), string(g.Trailer().Get(e.Key).Raw), path)
			}
		}
		require.Equal(t, f.Trailer().Get("Type").Name(), g.Trailer().Get("Type").Name(), "the kind of section")
		made, err := g.Get(now.Value, "TamgaTest")
		require.NoError(t, err)
		require.Equal(t, "here", made.Get("Made").Text())
		if qpdf, err := exec.LookPath("qpdf"); err == nil {
			name := filepath.Join(t.TempDir(), "out.pdf")
			require.NoError(t, os.WriteFile(name, out, 0o600))
			text, err := exec.Command(qpdf, "--check", name).CombinedOutput()
			require.NoError(t, err, "%s: %s", path, text)
			require.NotContains(t, string(text), "WARNING", path)
		}
	}
}

// millions is a file with five million objects in one table, of which only a
// few bytes exist.
type millions struct {
	head, tail []byte
	entries    int64
}

func (m millions) size() int64 { return int64(len(m.head)) + m.entries*20 + int64(len(m.tail)) }

func (m millions) ReadAt(b []byte, off int64) (int, error) {
	for i := range b {
		at := off + int64(i) - int64(len(m.head))
		switch {
		case at < 0:
			b[i] = m.head[off+int64(i)]
		case at < m.entries*20:
			b[i] = "0000000000 00000 f \n"[at%20]
		default:
			b[i] = m.tail[at-m.entries*20]
		}
	}
	return len(b), nil
}

func TestMillionsOfObjectsCostNothing(t *testing.T) {
	m := millions{entries: 5_000_000}
	m.head = []byte("%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\nxref\n1 1\n0000000009 00000 n \n2 5000000\n")
	start := bytes.Index(m.head, []byte("xref"))
	m.tail = fmt.Appendf(nil, "trailer<</Size 5000002/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", start)
	bytesPerOpen := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := pdf.Open(m, m.size())
			require.NoError(b, err)
			_, err = f.Object(pdf.Ref{Num: 4_999_999})
			require.NoError(b, err)
		}
	}).AllocedBytesPerOp()
	require.Less(t, bytesPerOpen, int64(64<<10))
}

// FuzzOpen: whatever the bytes, no panic, and errors are ours. What opens can
// be appended to, and still opens.
func FuzzOpen(f *testing.F) {
	plain := func(b []byte) []byte { return b }
	f.Add(file("", "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [] /Count 0 >>", "(x)"))
	f.Add(xrefStream("", plain, "3 0 4 7 (three)[4]"))
	f.Add(xrefStream(flate, predicted(2), "3 0 4 7 (three)[4]"))
	f.Add([]byte("%PDF-1.4\nxref\n0 0\ntrailer<</Root 1 0 R/Size 1/XRefStm 9>>startxref\n9\n%%EOF"))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := open(b)
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		if err := file.Used(func(o pdf.Object) bool {
			if o.Stream {
				_, _, err := file.StreamExtent(o)
				require.True(t, err == nil || isOurs(err), "%v", err)
			}
			o.Value.Text()
			return true
		}); err != nil {
			require.True(t, isOurs(err), "%v", err)
		}
		revisions := file.Revisions()
		for _, r := range revisions {
			old := file.At(r)
			old.Contained()
			err := old.NewestChanges(func(pdf.Change) bool { return true })
			require.True(t, err == nil || isOurs(err), "%v", err)
		}
		u, err := file.Update()
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		ref := u.New()
		u.Set(ref, []byte("(appended)"))
		tail, err := u.Finish()
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		again, err := open(append(bytes.Clone(b), tail.Bytes...))
		if err != nil {
			require.ErrorIs(t, err, formats.ErrTooLarge)
			return
		}
		obj, err := again.Object(ref)
		require.NoError(t, err)
		require.Equal(t, "appended", obj.Value.Text())
	})
}
