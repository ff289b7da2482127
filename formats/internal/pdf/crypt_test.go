package pdf_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

func openWith(b []byte, password string) (*pdf.File, error) {
	return pdf.OpenWith(bytes.NewReader(b), int64(len(b)), []byte(password))
}

// qpdfVariants are the kinds of encryption that qpdf writes, with what the
// reader says of them.
var qpdfVariants = map[string][]string{
	"RC4, 40 bits":           {"40"},
	"RC4, 128 bits":          {"128", "--use-aes=n"},
	"RC4, 128 bits, V4":      {"128", "--use-aes=n", "--force-V4"},
	"AES, 128 bits":          {"128", "--use-aes=y"},
	"AES, 128 bits, plain":   {"128", "--use-aes=y", "--cleartext-metadata"},
	"AES, 256 bits":          {"256"},
	"AES, 256 bits, plain":   {"256", "--cleartext-metadata"},
	"AES, 256 bits, old, R5": {"256", "--force-R5"},
}

// qpdf runs qpdf with in as its input and returns what it writes.
func qpdf(t *testing.T, in []byte, args ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf absent")
	}
	dir := t.TempDir()
	from, to := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	require.NoError(t, os.WriteFile(from, in, 0o600))
	text, err := exec.Command(path, append(args, from, to)...).CombinedOutput()
	require.NoError(t, err, "qpdf %q: %s", args, text)
	out, err := os.ReadFile(to)
	require.NoError(t, err)
	return out
}

func encrypted(t *testing.T, in []byte, user, owner string, variant []string) []byte {
	t.Helper()
	args := append([]string{"--allow-weak-crypto", "--encrypt", user, owner}, variant...)
	return qpdf(t, in, append(args, "--")...)
}

// content lists every string and every decoded stream of a file.
func content(t *testing.T, f *pdf.File) []string {
	t.Helper()
	var out []string
	var each func(pdf.Value)
	each = func(v pdf.Value) {
		if v.Kind == pdf.String {
			out = append(out, "string "+hex.EncodeToString(v.Bytes()))
		}
		for _, item := range v.Items() {
			each(item)
		}
		for _, e := range v.Entries() {
			each(e.Value)
		}
	}
	require.NoError(t, f.Used(func(o pdf.Object) bool {
		kind := o.Value.Get("Type").Name()
		if kind == "XRef" || kind == "ObjStm" || o.Value.Get("Filter").Name() == "Standard" {
			return true
		}
		each(o.Value)
		if o.Stream {
			data, _, err := f.Content(o)
			require.NoError(t, err)
			out = append(out, "stream "+hex.EncodeToString(data))
		}
		return true
	}))
	slices.Sort(out)
	return out
}

// Every kind of encryption that qpdf writes is read with either password as
// what qpdf itself decrypts it to.
func TestReadsWhatQpdfEncrypts(t *testing.T) {
	for _, sample := range []string{"libreoffice-form", "qpdf-objstm", "chromium"} {
		plain, err := os.ReadFile("../../../testdata/pdf/" + sample + ".pdf")
		require.NoError(t, err)
		for name, variant := range qpdfVariants {
			t.Run(sample+", "+name, func(t *testing.T) {
				locked := encrypted(t, plain, "user", "owner", variant)
				want, err := open(qpdf(t, locked, "--password=user", "--decrypt"))
				require.NoError(t, err)
				for _, password := range []string{"user", "owner"} {
					f, err := openWith(locked, password)
					require.NoError(t, err)
					require.True(t, strings.HasPrefix(name, f.Encryption().String()), f.Encryption())
					require.Equal(t, password == "owner", f.Encryption().Owner())
					require.Equal(t, content(t, want), content(t, f))
				}
				for _, password := range []string{"", "User", "userx"} {
					_, err := openWith(locked, password)
					require.ErrorIs(t, err, formats.ErrPassword)
					require.ErrorIs(t, err, formats.ErrUnsupported)
				}
			})
		}
	}
}

// A document that only forbids opens without a password, and whatever password
// is given; the owner's is still worth more.
func TestEmptyUserPassword(t *testing.T) {
	plain, err := os.ReadFile("../../../testdata/pdf/libreoffice.pdf")
	require.NoError(t, err)
	for name, variant := range qpdfVariants {
		locked := encrypted(t, plain, "", "owner", variant)
		for password, owner := range map[string]bool{"": false, "other": false, "owner": true} {
			f, err := openWith(locked, password)
			require.NoError(t, err, name)
			require.Equal(t, owner, f.Encryption().Owner(), name)
			require.NotEmpty(t, content(t, f))
		}
	}
}

// Passwords beyond ASCII: before AES-256 they are PDFDocEncoding, and from then
// on UTF-8 after SASLprep, of which only the first 127 bytes count.
func TestPasswords(t *testing.T) {
	plain, err := os.ReadFile("../../../testdata/pdf/libreoffice.pdf")
	require.NoError(t, err)
	for _, c := range []struct{ bits, set, given string }{
		{"256", "пароль", "пароль"},
		{"256", "õ\u00a0x", "o\u0303\u00a0x"},  // as qpdf has it, not normalised
		{"256", "IX x", "\u2168\u00a0\u00adx"}, // SASLprep of RFC 4013 §3
		{"256", strings.Repeat("a", 127), strings.Repeat("a", 130)},
		{"128", "õuna", "õuna"},
		{"40", strings.Repeat("b", 32), strings.Repeat("b", 40)},
	} {
		variant := []string{c.bits}
		set := c.set
		if c.given == "o\u0303\u00a0x" {
			set = c.given
		}
		locked := encrypted(t, plain, set, "owner", variant)
		_, err := openWith(locked, c.given)
		require.NoError(t, err, "%q", c.given)
	}
}

// An update of an encrypted file is encrypted alike: strings, streams, and not
// the /Contents of a signature. qpdf reads it with either password, and nobody
// without.
func TestUpdatesEncrypted(t *testing.T) {
	const contents = "<00112233445566778899AABBCCDDEEFF>"
	body := "<< /Type /Sig /Reason (because) /ByteRange [0 1 2 3] /Contents " + contents + " /Empty () >>"
	for _, sample := range []string{"libreoffice-form", "qpdf-objstm"} {
		plain, err := os.ReadFile("../../../testdata/pdf/" + sample + ".pdf")
		require.NoError(t, err)
		for name, variant := range qpdfVariants {
			t.Run(sample+", "+name, func(t *testing.T) {
				locked := encrypted(t, plain, "user", "owner", variant)
				f, err := openWith(locked, "user")
				require.NoError(t, err)
				u, err := f.Update()
				require.NoError(t, err)
				sig, stm, info := u.New(), u.New(), infoOf(t, f)
				u.Set(sig, []byte(body))
				u.Set(stm, []byte("<< /Length 12 /Note (a note) >>\nstream\nhello stream\nendstream"))
				was, err := f.Object(info)
				require.NoError(t, err)
				u.Set(info, pdf.Rewrite(was.Value, pdf.Set{Key: "Subject", Raw: []byte("(a subject)")}))
				tail, err := u.Finish()
				require.NoError(t, err)
				require.NotContains(t, string(tail.Bytes), "because")
				require.NotContains(t, string(tail.Bytes), "hello stream")
				out := append(bytes.Clone(locked), tail.Bytes...)
				at := tail.Body(sig, strings.Index(body, contents))
				require.Equal(t, contents, string(out[at:at+int64(len(contents))]), "the gap is where it is said to be")

				for _, password := range []string{"user", "owner"} {
					g, err := openWith(out, password)
					require.NoError(t, err)
					requireSame(t, body, g, sig)
					data, err := g.Object(stm)
					require.NoError(t, err)
					text, _, err := g.Content(data)
					require.NoError(t, err)
					require.Equal(t, "hello stream", string(text))
					now, err := g.Object(info)
					require.NoError(t, err)
					require.Equal(t, "a subject", now.Value.Get("Subject").Text())
					require.Equal(t, was.Value.Get("Producer").Text(), now.Value.Get("Producer").Text())

					shown := qpdfObject(t, out, int(sig.Num), password)
					require.Contains(t, shown, "(because)")
					require.Contains(t, strings.ToUpper(shown), contents)
					require.Contains(t, qpdfObject(t, out, int(stm.Num), password), "(a note)")
					clean := string(qpdf(t, out, "--password="+password, "--decrypt", "--stream-data=uncompress",
						"--preserve-unreferenced"))
					require.Contains(t, clean, "hello stream")
				}
				_, err = open(out)
				require.ErrorIs(t, err, formats.ErrPassword)
			})
		}
	}
}

func infoOf(t *testing.T, f *pdf.File) pdf.Ref {
	t.Helper()
	ref, ok := f.Trailer().Get("Info").Ref()
	require.True(t, ok)
	return ref
}

// requireSame compares an object with the text of a plain one.
func requireSame(t *testing.T, text string, f *pdf.File, ref pdf.Ref) {
	t.Helper()
	want, err := value(text)
	require.NoError(t, err)
	got, err := f.Object(ref)
	require.NoError(t, err)
	require.True(t, want.Equal(got.Value), "%s", got.Value.Source())
}
