package pdf_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// kinds are the revisions that [pdf.Seal] writes.
var kinds = map[int]string{
	2: "RC4, 40 bits", 3: "RC4, 128 bits", 4: "RC4, 128 bits", 7: "AES, 128 bits",
	5: "AES, 256 bits", 6: "AES, 256 bits", 8: "RC4, 40 bits",
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
	update := func() []byte {
		f, err := openWith(locked, "user")
		require.NoError(t, err)
		u, err := f.Update()
		require.NoError(t, err)
		u.Set(u.New(), []byte("[(twice) (twice)]"))
		tail, err := u.Finish()
		require.NoError(t, err)
		return tail.Bytes
	}
	require.Equal(t, update(), update())
	items := strings.Split(string(update()), "<")
	require.NotEqual(t, items[1][:32], items[2][:32])
}

// /P binds the user and not the owner.
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
