package pdf_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
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

// kinds are the revisions that [pdf.Seal] writes.
var kinds = map[int]string{
	2: "RC4, 40 bits", 3: "RC4, 128 bits", 4: "RC4, 128 bits", 7: "AES, 128 bits",
	5: "AES, 256 bits", 6: "AES, 256 bits",
}

func sealed(t testing.TB, revision int, bodies ...string) []byte {
	t.Helper()
	b, err := pdf.Seal(revision, "user", "owner", append([]string{"<< /Type /Catalog >>"}, bodies...)...)
	require.NoError(t, err)
	return b
}

// The same without qpdf: every kind, either password, and what is exempt.
func TestSealed(t *testing.T) {
	for revision, name := range kinds {
		b := sealed(t, revision, "(text)", "<< /Length 4 /S (in) >>\nstream\nbody\nendstream",
			"<< /Type /Sig /Contents <0011> /Reason (r) >>", "<< /Contents (not of a signature) >>")
		require.NotContains(t, string(b), "(text)")
		for _, password := range []string{"user", "owner"} {
			f, err := openWith(b, password)
			require.NoError(t, err, name)
			require.Equal(t, name, f.Encryption().String())
			requireSame(t, "(text)", f, pdf.Ref{Num: 2})
			requireSame(t, "<< /Type /Sig /Contents <0011> /Reason (r) >>", f, pdf.Ref{Num: 4})
			requireSame(t, "<< /Contents (not of a signature) >>", f, pdf.Ref{Num: 5})
			obj, err := f.Object(pdf.Ref{Num: 3})
			require.NoError(t, err)
			data, _, err := f.Content(obj)
			require.NoError(t, err)
			require.Equal(t, "body", string(data))
		}
		_, err := openWith(b, "wrong")
		require.ErrorIs(t, err, formats.ErrPassword)
		require.ErrorContains(t, err, "neither the user nor the owner password")
		_, err = open(b)
		require.ErrorIs(t, err, formats.ErrPassword)
		require.ErrorContains(t, err, "none was given")
		require.Contains(t, qpdfObject(t, b, 2, "user"), "text")
		require.Contains(t, qpdfObject(t, b, 5, "owner"), "(not of a signature)")
	}
}

// The file of qpdf in testdata opens wherever these tests run.
func TestOpensQpdfSample(t *testing.T) {
	locked, err := os.ReadFile("../../../testdata/pdf/qpdf-encrypted.pdf")
	require.NoError(t, err)
	plain, err := os.ReadFile("../../../testdata/pdf/libreoffice.pdf")
	require.NoError(t, err)
	f, err := openWith(locked, "throwaway")
	require.NoError(t, err)
	want, err := open(plain)
	require.NoError(t, err)
	require.Equal(t, content(t, want), content(t, f))
}

// Source is what a value says, whatever it was encrypted for: what is copied
// from one object into another must not take its ciphertext along.
func TestSource(t *testing.T) {
	const text = "[ (a) <</K(b\\)) /N 1>> <0D0A> /x ]"
	for revision := range kinds {
		f, err := openWith(sealed(t, revision, text), "user")
		require.NoError(t, err)
		obj, err := f.Object(pdf.Ref{Num: 2})
		require.NoError(t, err)
		require.NotEqual(t, text, string(obj.Value.Raw))
		require.Equal(t, "[ <61> <</K<6229> /N 1>> <0D0A> /x ]", string(obj.Value.Source()))
		require.Equal(t, "[ <61> <</K<6229> /N 1>> <0D0A> /x  (y)]", string(pdf.Append(obj.Value, "(y)")))
		require.Equal(t, "<<\n/K <6229>\n/N 2\n>>",
			string(pdf.Rewrite(obj.Value.Items()[1], pdf.Set{Key: "N", Raw: []byte("2")})))
	}
}

// Attacks on the encryption itself, and damage.
func TestRefusesBadEncryption(t *testing.T) {
	good := string(sealed(t, 6, "(text)"))
	old := string(sealed(t, 4, "(text)"))
	aes := string(sealed(t, 7, "(text)"))
	anew := func(b, from, to string) string {
		require.Contains(t, b, from)
		return strings.Replace(b, from, to, 1)
	}
	for name, c := range map[string]struct {
		text string
		err  error
	}{
		"public keys":         {anew(good, "/Standard", "/Adobe.PubSec"), formats.ErrUnsupported},
		"another version":     {anew(good, "/V 5", "/V 6"), formats.ErrUnsupported},
		"another revision":    {anew(good, "/R 6", "/R 7"), formats.ErrUnsupported},
		"a cipher of its own": {anew(good, "/AESV3", "/None"), formats.ErrUnsupported},
		"a weaker cipher":     {anew(good, "/AESV3", "/V2"), formats.ErrUnsupported},
		// Permissions that somebody has widened: /Perms is their sealed copy.
		"other permissions": {anew(good, "/P -4", "/P -1"), formats.ErrMalformed},
		"open metadata":     {anew(good, "/P -4", "/EncryptMetadata false /P -4"), formats.ErrMalformed},
		"no permissions":    {anew(good, "/P -4", "/P (x)"), formats.ErrMalformed},
		"no filter":         {anew(good, "/StmF /StdCF", "/StmF /Other"), formats.ErrMalformed},
		"a short /O":        {anew(old, "/O <", "/O <00> /Was <"), formats.ErrMalformed},
		"no /ID":            {anew(old, "/ID", "/IX"), formats.ErrMalformed},
		"another /ID":       {anew(old, "/ID [<30", "/ID [<31"), formats.ErrPassword},
		"no dictionary":     {anew(old, "/Encrypt <<", "/Encrypt 7 /Was <<"), formats.ErrMalformed},
		"nowhere":           {anew(old, "/Encrypt <<", "/Encrypt 7 0 R /Was <<"), formats.ErrMalformed},
		"in another object": {anew(old, "/Encrypt <<", "/Encrypt 2 0 R /Was <<"), formats.ErrMalformed},
	} {
		_, err := openWith([]byte(c.text), "user")
		require.ErrorIs(t, err, c.err, name)
		require.Equal(t, c.err == formats.ErrPassword, errIs(err, formats.ErrPassword), name)
	}
	at := strings.Index(aes, "2 0 obj\n<") + 9
	for name, text := range map[string]string{
		"half a block": anew(aes, aes[at-1:at+33], "<"+strings.Repeat(" ", 31)+"00"),
		"bad padding":  aes[:at+62] + "00" + aes[at+64:],
	} {
		f, err := openWith([]byte(text), "user")
		require.NoError(t, err, name)
		_, err = f.Object(pdf.Ref{Num: 2})
		require.ErrorIs(t, err, formats.ErrMalformed, name)
	}
}

func errIs(err, target error) bool { return errors.Is(err, target) }

// A signed document that is not encrypted, and an update that says that it is:
// every reader would then decrypt what was signed as plain text. Or the other
// way round, or with another key. All of it is refused.
func TestEncryptionCannotChange(t *testing.T) {
	plain := file("/ID [<30> <30>]", "<< /Type /Catalog >>", "(text)")
	locked := sealed(t, 4, "(text)")
	dict := string(locked[bytes.Index(locked, []byte("/Encrypt")):bytes.LastIndex(locked, []byte(">>"))])
	id := "/ID [<30313233343536373839616263646566> <31>]"
	for name, c := range map[string]struct {
		base    []byte
		trailer string
		opens   bool
	}{
		"as it was":   {locked, id + dict, true},
		"added":       {plain, id + dict, false},
		"taken away":  {locked, id, false},
		"another key": {locked, id + strings.Replace(dict, "/R 4", "/R 4 /X 1", 1), false},
		"another /ID": {locked, strings.Replace(id, "<3031", "<3131", 1) + dict, false},
	} {
		start := bytes.LastIndex(c.base, []byte("xref\n0 "))
		out := bytes.Clone(c.base)
		out = fmt.Appendf(out, "xref\n0 0\ntrailer\n<< /Size 3 /Root 1 0 R /Prev %d %s >>\n"+
			"startxref\n%d\n%%%%EOF\n", start, c.trailer, len(out))
		f, err := openWith(out, "user")
		if c.opens {
			require.NoError(t, err, name)
			requireSame(t, "(text)", f, pdf.Ref{Num: 2})
			continue
		}
		require.ErrorIs(t, err, formats.ErrMalformed, name)
		require.ErrorContains(t, err, "encrypted alike", name)
	}
}

// The encryption dictionary as an object of its own: its strings are plain, and
// an update may not write it anew.
func TestEncryptionDictionaryObject(t *testing.T) {
	locked := string(sealed(t, 3, "(text)", "null"))
	from := strings.Index(locked, "/Encrypt")
	dict := locked[from+9 : strings.LastIndex(locked, ">>")]
	// The placeholder is the last object: only the table moves.
	table := strings.LastIndex(locked, "xref\n0 ")
	out := strings.Replace(locked[:table], "3 0 obj\nnull", "3 0 obj\n"+dict, 1)
	moved := len(out)
	out += locked[table:from] + "/Encrypt 3 0 R >>\n"
	base := fmt.Sprintf("%sstartxref\n%d\n%%%%EOF\n", out, moved)
	f, err := openWith([]byte(base), "user")
	require.NoError(t, err)
	requireSame(t, "(text)", f, pdf.Ref{Num: 2})
	requireSame(t, dict, f, pdf.Ref{Num: 3})
	require.Contains(t, qpdfObject(t, []byte(base), 2, "user"), "text")
	u, err := f.Update()
	require.NoError(t, err)
	u.Set(pdf.Ref{Num: 3}, []byte(dict))
	_, err = u.Finish()
	require.ErrorIs(t, err, formats.ErrMalformed)

	off := len(base)
	evil := fmt.Sprintf("%s3 0 obj\n%s\nendobj\n", base, strings.Replace(dict, "/P -4", "/P -1", 1))
	evil = fmt.Sprintf("%sxref\n3 1\n%010d 00000 n \ntrailer\n"+
		"<< /Size 4 /Root 1 0 R /Prev %d /Encrypt 3 0 R %s >>\nstartxref\n%d\n%%%%EOF\n", evil, off, moved, "/ID [<30313233343536373839616263646566> <31>]", len(evil))
	_, err = openWith([]byte(evil), "user")
	require.ErrorIs(t, err, formats.ErrMalformed, "an update that changes what the signed bytes say")
}

// The same update comes out twice the same, and no two strings share their
// initialisation vector.
func TestUpdateNeedsNoChance(t *testing.T) {
	locked := sealed(t, 6, "(text)")
	make := func() []byte {
		f, err := openWith(locked, "user")
		require.NoError(t, err)
		u, err := f.Update()
		require.NoError(t, err)
		u.Set(u.New(), []byte("[(twice) (twice)]"))
		tail, err := u.Finish()
		require.NoError(t, err)
		return tail.Bytes
	}
	require.Equal(t, make(), make())
	items := strings.Split(string(make()), "<")
	require.NotEqual(t, items[1][:32], items[2][:32])
}

// permissions binds the user and not the owner.
func TestPermissions(t *testing.T) {
	plain, err := os.ReadFile("../../../testdata/pdf/libreoffice.pdf")
	require.NoError(t, err)
	for option, want := range map[string][2]bool{
		"--modify=all":      {true, true},
		"--modify=annotate": {true, false},
		"--modify=form":     {true, false},
		"--modify=assembly": {false, false},
		"--modify=none":     {false, false},
	} {
		locked := encrypted(t, plain, "", "owner", []string{"256", option})
		f, err := open(locked)
		require.NoError(t, err)
		require.Equal(t, want, [2]bool{f.Encryption().MayFill(), f.Encryption().MayAddFields()}, option)
		f, err = openWith(locked, "owner")
		require.NoError(t, err)
		require.True(t, f.Encryption().MayFill() && f.Encryption().MayAddFields())
	}
}

// FuzzEncrypted: whatever is encrypted comes back, with either password.
func FuzzEncrypted(f *testing.F) {
	f.Add(6, "user", "owner", []byte("some text"), []byte("a stream"))
	f.Add(2, "", "x", []byte{}, []byte{0})
	f.Add(7, "\xff", "õ", []byte("(\\"), []byte("endstream endobj"))
	f.Fuzz(func(t *testing.T, revision int, user, owner string, text, data []byte) {
		if kinds[revision] == "" {
			return
		}
		b, err := pdf.Seal(revision, user, owner, "<< /Type /Catalog >>", fmt.Sprintf("[<%x>]", text),
			fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(data), data))
		require.NoError(t, err)
		for _, password := range []string{user, owner} {
			f, err := openWith(b, password)
			require.NoError(t, err)
			obj, err := f.Object(pdf.Ref{Num: 2})
			require.NoError(t, err)
			require.True(t, bytes.Equal(text, obj.Value.Items()[0].Bytes()))
			obj, err = f.Object(pdf.Ref{Num: 3})
			require.NoError(t, err)
			got, _, err := f.Content(obj)
			require.NoError(t, err)
			require.True(t, bytes.Equal(data, got))
		}
	})
}

// FuzzEncryptDict: whatever the encryption dictionary, the identifier and the
// encrypted bytes: no panic, and errors of ours. What opens can be appended to,
// and the update opens with the same password.
func FuzzEncryptDict(f *testing.F) {
	for revision := range kinds {
		b := sealed(f, revision, "(text)")
		from, to := bytes.Index(b, []byte("/Encrypt"))+9, bytes.LastIndex(b, []byte(">>"))
		obj := b[bytes.Index(b, []byte("2 0 obj"))+8:]
		f.Add(string(b[from:to]), "0123456789abcdef", string(obj[:bytes.Index(obj, []byte("endobj"))]), "user")
	}
	f.Fuzz(func(t *testing.T, dict, id, object, password string) {
		b := file(fmt.Sprintf("/Encrypt %s /ID [<%x> <00>]", dict, id), "<< /Type /Catalog >>", object)
		g, err := openWith(b, password)
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		if obj, err := g.Object(pdf.Ref{Num: 2}); err != nil {
			require.True(t, isOurs(err), "%v", err)
		} else if obj.Stream {
			_, _, err := g.Content(obj)
			require.True(t, err == nil || isOurs(err), "%v", err)
		}
		u, err := g.Update()
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		ref := u.New()
		u.Set(ref, []byte("[(appended) <</Length 3>>]"))
		tail, err := u.Finish()
		if err != nil {
			require.True(t, isOurs(err), "%v", err)
			return
		}
		again, err := openWith(append(bytes.Clone(b), tail.Bytes...), password)
		if err != nil {
			require.ErrorIs(t, err, formats.ErrTooLarge)
			return
		}
		obj, err := again.Object(ref)
		require.NoError(t, err)
		require.Equal(t, "appended", obj.Value.Items()[0].Text())
	})
}

// What a document leaves plain (§7.6.6) is read and written plain: its
// metadata, for search engines; streams with a crypt filter of their own;
// embedded files, by /EFF. qpdf reads what we append to its file.
func TestCryptFilters(t *testing.T) {
	const metadata = "<< /Type /Metadata /Subtype /XML /Length 7 >>\nstream\n<x:y/>\n\nendstream"
	const own = "<< /Filter [/Crypt] /DecodeParms [<< /Type /CryptFilterDecodeParms /Name /Identity >>]" +
		" /Length 5 >>\nstream\nhello\nendstream"
	const attached = "<< /Type /EmbeddedFile /Length 5 >>\nstream\nplans\nendstream"
	append3 := func(b []byte) (out []byte, f *pdf.File) {
		f, err := openWith(b, "user")
		require.NoError(t, err)
		u, err := f.Update()
		require.NoError(t, err)
		refs := []pdf.Ref{u.New(), u.New(), u.New()}
		for i, body := range []string{metadata, own, attached} {
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
	locked := sealed(t, 7, "(text)")
	out, _ := append3(locked)
	require.NotContains(t, string(out), "<x:y/>")
	require.Contains(t, string(out), "\nhello\n", "its own filter")
	require.NotContains(t, string(out), "plans")
	out, _ = append3(bytes.Replace(locked, []byte("/StmF /StdCF"), []byte("/StmF /StdCF /EFF /Identity"), 1))
	require.Contains(t, string(out), "\nplans\n")

	for _, bits := range []string{"128", "256"} {
		variant := []string{bits, "--cleartext-metadata"}
		if bits == "128" {
			variant = append(variant, "--use-aes=y")
		}
		plain := file("", "<< /Type /Catalog /Metadata 2 0 R /Pages 3 0 R >>", metadata,
			"<< /Type /Pages /Kids [] /Count 0 >>")
		locked := encrypted(t, plain, "user", "owner", variant)
		require.Contains(t, string(locked), "<x:y/>")
		out, f := append3(locked)
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
	// A filter that /CF does not define, and /Crypt behind another filter: each
	// reader would take them as it likes.
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
