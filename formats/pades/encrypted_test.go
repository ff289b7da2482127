package pades_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
)

// locked returns a document as qpdf encrypts it.
func locked(t testing.TB, b []byte, user, owner string, options ...string) []byte {
	t.Helper()
	path, err := exec.LookPath("qpdf")
	if err != nil {
		t.Skip("qpdf absent")
	}
	dir := t.TempDir()
	from, to := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	require.NoError(t, os.WriteFile(from, b, 0o600))
	args := append([]string{"--allow-weak-crypto", "--encrypt", user, owner}, options...)
	text, err := exec.Command(path, append(args, "--", from, to)...).CombinedOutput()
	require.NoError(t, err, "%s", text)
	out, err := os.ReadFile(to)
	require.NoError(t, err)
	return out
}

func withPassword(b []byte, password string) formats.Input {
	in := input(b)
	in.Password = []byte(password)
	return in
}

// signLocked signs an encrypted document.
func signLocked(t testing.TB, b []byte, password string, pr pades.Preparer) []byte {
	t.Helper()
	key := signer(t, "alice")
	in := withPassword(b, password)
	pending, err := pr.Prepare(in, params(t, key))
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pending.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	edit, err := pr.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	require.Equal(t, []byte(password), edit.Apply(in, "signed").Password)
	return append(bytes.Clone(b), edit.Tail...)
}

var encryptions = map[string][]string{
	"RC4, 40 bits":  {"40"},
	"RC4, 128 bits": {"128", "--use-aes=n"},
	"AES, 128 bits": {"128", "--use-aes=y"},
	"AES, 256 bits": {"256"},
}

// An encrypted document is signed twice, stays encrypted, opens with the
// passwords it had, and qpdf, poppler and pyHanko find the signatures valid.
func TestSignsEncrypted(t *testing.T) {
	for name, plain := range samples(t) {
		if name != "libreoffice-form.pdf" && name != "qpdf-form-objstm.pdf" {
			continue
		}
		for kind, options := range encryptions {
			t.Run(name+", "+kind, func(t *testing.T) {
				before := locked(t, plain, "user", "owner", options...)
				pr := pades.Preparer{Reason: "Підстава (that nobody shall read)", Location: "Tallinn"}
				once := signLocked(t, before, "user", pr)
				out := signLocked(t, once, "owner", pr)
				require.NotContains(t, string(out[len(before):]), "Tallinn")
				for _, password := range []string{"user", "owner"} {
					doc, err := pades.Parser{}.Parse(withPassword(out, password))
					require.NoError(t, err)
					require.Contains(t, doc.Facts, formats.Fact{Name: "encrypted", Value: kind})
					require.Len(t, doc.Signatures, 2)
					for i, sig := range doc.Signatures {
						require.NoError(t, holds(sig))
						require.Equal(t, pr.Reason, sig.Claims.Reason)
						require.True(t, claimedTime.Equal(sig.Claims.Time), "%s", sig.Claims.Time)
						require.True(t, sig.Coverage.Whole || i == 0 && sig.Coverage.Harmless, sig.Coverage.Note)
					}
					if text := judge(t, out, "qpdf", "--check", "--password="+password); text != "" {
						require.Contains(t, text, "No syntax or stream encoding errors found")
						require.NotContains(t, text, "WARNING")
					}
					if text := judge(t, out, "pdfsig", "-nocert", "-upw", password, "-opw", password); text != "" {
						require.Equal(t, 2, strings.Count(text, sayValid), text)
						require.Equal(t, 1, strings.Count(text, sayTotal), text)
					}
				}
				if name == "qpdf-form-objstm.pdf" { // it takes three seconds to start
					pyHanko(t, out, "user")
				}
				_, err := pades.Parser{}.Parse(input(out))
				require.ErrorIs(t, err, formats.ErrPassword)
				_, err = pades.Preparer{}.Prepare(input(out), params(t, signer(t, "alice")))
				require.ErrorIs(t, err, formats.ErrPassword)
			})
		}
	}
}

// validate opens a file with a password and prints a line for each signature:
// whether it is intact, valid, and covers the whole revision.
const validate = `
import sys
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
r = PdfFileReader(open(sys.argv[1], "rb"))
r.decrypt(sys.argv[2])
for s in r.embedded_signatures:
    v = validate_pdf_signature(s)
    print(v.intact, v.valid, v.coverage.name, s.sig_object["/Reason"])
`

func pyHanko(t *testing.T, b []byte, password string) {
	t.Helper()
	if exec.Command("python3", "-c", "import pyhanko").Run() != nil {
		return // a judge that is absent; the others have judged
	}
	dir := t.TempDir()
	name, script := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "validate.py")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	require.NoError(t, os.WriteFile(script, []byte(validate), 0o600))
	cmd := exec.CommandContext(t.Context(), "python3", script, name, password)
	var stderr bytes.Buffer
	cmd.Stderr, cmd.Env = &stderr, append(os.Environ(), "PYTHONIOENCODING=utf-8")
	text, err := cmd.Output()
	require.NoError(t, err, "%s", stderr.String())
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	require.Len(t, lines, 2, "%s", text)
	require.Contains(t, lines[0], "True True ENTIRE_REVISION Підстава")
	require.Contains(t, lines[1], "True True ENTIRE_FILE Підстава")
}

// What the owner forbids, the user's password does not open: an approval would
// be worth little that every other reader calls forbidden.
func TestPermissionsForbidSigning(t *testing.T) {
	plain := samples(t)["libreoffice-form.pdf"]
	for option, can := range map[string]bool{
		"--modify=all": true, "--modify=form": false, "--modify=none": false,
	} {
		b := locked(t, plain, "", "owner", "256", option)
		_, err := pades.Preparer{}.Prepare(input(b), params(t, signer(t, "alice")))
		if can {
			require.NoError(t, err, option)
		} else {
			require.ErrorIs(t, err, pades.ErrForbidden, option)
			require.ErrorContains(t, err, "owner password", option)
		}
		out := signLocked(t, b, "owner", pades.Preparer{})
		require.Len(t, parse(t, out).Signatures, 1, "it still opens without a password")
		require.NoError(t, holds(parse(t, out).Signatures[0]))
	}
	// Filling in what is there is another permission than adding to it.
	field := document("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [4 0 R] >> >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Annots [4 0 R] >>",
		"<< /Type /Annot /Subtype /Widget /FT /Sig /T (here) /F 132 /Rect [0 0 0 0] /P 3 0 R >>")
	b := locked(t, field, "", "owner", "256", "--modify=form")
	out := signLocked(t, b, "", pades.Preparer{Field: "here"})
	require.NoError(t, holds(parse(t, out).Signatures[0]))
	_, err := pades.Preparer{Field: "new"}.Prepare(input(b), params(t, signer(t, "alice")))
	require.ErrorIs(t, err, pades.ErrForbidden)
}

// The encrypted files of the corpora, with the passwords that their makers
// published.
func TestVectorsEncrypted(t *testing.T) {
	files := corpora(t)
	count := map[string]int{}
	for path, name := range files {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		if !bytes.Contains(b, []byte("/Encrypt")) {
			continue
		}
		for _, password := range []string{"", "usersecret", "ownersecret", "secret", " "} {
			var doc *formats.Document
			doc, err = pades.Parser{}.Parse(withPassword(b, password))
			if err != nil {
				continue
			}
			count["opened"]++
			for _, sig := range doc.Signatures {
				require.NoError(t, holds(sig), name)
				count["signatures that hold"]++
			}
			break
		}
		if err != nil {
			require.True(t, isOurs(err), "%s: %v", name, err)
			require.Regexp(t, "pubkey|malformed", name, "%v", err)
			require.Equal(t, strings.Contains(name, "pubkey"), errors.Is(err, formats.ErrUnsupported), "%s: %v", name, err)
			require.NotErrorIs(t, err, formats.ErrPassword, name)
			count["refused: damaged, or for the holders of keys"]++
		}
	}
	for _, line := range sorted(count) {
		t.Log(line)
	}
	require.GreaterOrEqual(t, count["opened"], 13)
}
