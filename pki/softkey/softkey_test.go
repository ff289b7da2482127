package softkey_test

import (
	"context"
	"crypto"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/softkey"

	"github.com/stretchr/testify/require"
)

var secret = []byte("correct horse")

func passphrase(p string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) { return []byte(p), nil }
}

func open(path string) (crypto.Signer, error) {
	return softkey.Opener{Passphrase: passphrase(string(secret))}.OpenKey(context.Background(), path)
}

func write(t *testing.T, kind string) (path string, signer crypto.Signer) {
	t.Helper()
	signer, err := softkey.Generate(kind)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), kind+".key")
	require.NoError(t, softkey.Write(path, signer, secret))
	return path, signer
}

func TestEveryKindComesBack(t *testing.T) {
	for _, kind := range softkey.Kinds() {
		if kind == "rsa3072" || kind == "rsa4096" {
			continue // as rsa2048, and slow
		}
		signer, err := softkey.Generate(kind)
		require.NoError(t, err, kind)
		path := filepath.Join(t.TempDir(), "plain.key")
		require.NoError(t, softkey.WritePlain(path, signer))
		got, err := softkey.Opener{AllowPlain: true}.OpenKey(context.Background(), path)
		require.NoError(t, err, kind)
		require.Equal(t, signer.Public(), got.Public(), kind)
	}
	for _, kind := range []string{"p521", "ml-dsa-87"} { // scrypt takes its time
		path, signer := write(t, kind)
		got, err := open(path)
		require.NoError(t, err, kind)
		require.Equal(t, signer.Public(), got.Public(), kind)
	}
	_, err := softkey.Generate("p224")
	require.ErrorContains(t, err, "ml-dsa-65")
}

func TestOpenerIsAPort(t *testing.T) {
	var opener pki.KeyOpener = softkey.Opener{Passphrase: passphrase(string(secret))}
	path, signer := write(t, "p256")
	for _, uri := range []string{path, "file://" + path, "file://localhost" + path, "file:" + path, "FILE:" + path} {
		got, err := opener.OpenKey(context.Background(), uri)
		require.NoError(t, err, uri)
		require.Equal(t, signer.Public(), got.Public(), uri)
	}
	for uri, want := range map[string]error{
		"":                             pki.ErrKeyNotFound,
		path + ".absent":               pki.ErrKeyNotFound,
		"pkcs11:token=a":               pki.ErrKeyNotFound,
		"file://example.com" + path:    softkey.ErrUnsupported,
		"file://" + path + "?pin=1":    softkey.ErrUnsupported,
		"file://" + path + "#key":      softkey.ErrUnsupported,
		"file:":                        softkey.ErrMalformed,
		"file:///%zz":                  softkey.ErrMalformed,
		"file:///etc/passwd%00.key":    softkey.ErrMalformed,
		"file://user@localhost" + path: softkey.ErrUnsupported,
	} {
		_, err := opener.OpenKey(context.Background(), uri)
		require.ErrorIs(t, err, want, uri)
	}
	require.NoError(t, opener.Close())
}

func TestFileURIsAreUnescaped(t *testing.T) {
	signer, err := softkey.Generate("ed25519")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "ключ 1.key")
	require.NoError(t, softkey.Write(path, signer, secret))
	uri := "file://" + filepath.Dir(path) + "/%D0%BA%D0%BB%D1%8E%D1%87%201.key"
	got, err := open(uri)
	require.NoError(t, err)
	require.Equal(t, signer.Public(), got.Public())
}

func TestWrongPassphrase(t *testing.T) {
	path, _ := write(t, "p256")
	for _, wrong := range []string{"correct hors", "correct horse "} {
		_, err := softkey.Opener{Passphrase: passphrase(wrong)}.OpenKey(context.Background(), path)
		require.ErrorIs(t, err, softkey.ErrPassphrase)
		require.ErrorContains(t, err, path)
		require.NotContains(t, err.Error(), wrong+"\"")
	}
	_, err := softkey.Opener{}.OpenKey(context.Background(), path)
	require.ErrorContains(t, err, "no passphrase")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = softkey.Opener{Passphrase: passphrase("x")}.OpenKey(ctx, path)
	require.ErrorIs(t, err, context.Canceled)
}

// A key that every user of the machine can read, or replace, is nobody's key.
// The check reads the mode, so it holds for root too, whom modes do not stop.
func TestFilesOpenToOthersAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	path, _ := write(t, "p256")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode().Perm())

	for _, mode := range []fs.FileMode{0o644, 0o640, 0o620, 0o602, 0o604, 0o601, 0o660} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := open(path)
		require.ErrorIs(t, err, softkey.ErrPermissions, mode)
		require.ErrorContains(t, err, "chmod 600 "+path)
		_, err = softkey.PassphraseFile(path)(context.Background())
		require.ErrorIs(t, err, softkey.ErrPermissions, mode)
	}
	for _, mode := range []fs.FileMode{0o600, 0o400} {
		require.NoError(t, os.Chmod(path, mode))
		_, err := open(path)
		require.NoError(t, err, mode)
	}
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	require.NoError(t, os.Chmod(path, 0o644))
	_, err = open(link)
	require.ErrorIs(t, err, softkey.ErrPermissions, "through a link of mode 0777")
}

func TestNotAFile(t *testing.T) {
	_, err := open(t.TempDir())
	require.ErrorContains(t, err, "not a regular file")
	big := filepath.Join(t.TempDir(), "big")
	require.NoError(t, os.WriteFile(big, make([]byte, 1<<20), 0o600))
	_, err = open(big)
	require.ErrorIs(t, err, softkey.ErrMalformed)
}

// A second key under the same name would make everything unreadable that the
// first has protected.
func TestWriteNeverOverwrites(t *testing.T) {
	path, signer := write(t, "p256")
	other, err := softkey.Generate("p256")
	require.NoError(t, err)
	require.ErrorIs(t, softkey.Write(path, other, secret), fs.ErrExist)
	require.ErrorIs(t, softkey.WritePlain(path, other), fs.ErrExist)
	got, err := open(path)
	require.NoError(t, err)
	require.Equal(t, signer.Public(), got.Public())

	left, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, left, 1, "temporary files stay behind")

	require.Error(t, softkey.Write(filepath.Join(t.TempDir(), "k"), other, nil), "empty passphrase")
	require.Error(t, softkey.Write(filepath.Join(t.TempDir(), "no", "k"), other, secret))
}

func TestPlainKeysNeedLeave(t *testing.T) {
	signer, err := softkey.Generate("p256")
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "plain.key")
	require.NoError(t, softkey.WritePlain(path, signer))
	_, err = open(path)
	require.ErrorIs(t, err, softkey.ErrPlain)
	got, err := softkey.Opener{AllowPlain: true}.OpenKey(context.Background(), path)
	require.NoError(t, err)
	require.Equal(t, signer.Public(), got.Public())
}

func TestPassphraseFile(t *testing.T) {
	dir := t.TempDir()
	for content, want := range map[string]string{
		"abc": "abc", "abc\n": "abc", "abc\r\n": "abc", " a b \n": " a b ", "пароль\n": "пароль",
		"": "", "\n": "", "a\nb\n": "", "a\n\n": "", "a\x00b": "",
	} {
		path := filepath.Join(dir, "pass")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		got, err := softkey.PassphraseFile(path)(context.Background())
		if want == "" {
			require.Error(t, err, "%q", content)
			continue
		}
		require.NoError(t, err, "%q", content)
		require.Equal(t, want, string(got))
	}
	_, err := softkey.PassphraseFile(filepath.Join(dir, "absent"))(context.Background())
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// givenAway keeps a file whose descriptor is another's to close from being
// closed a second time by the garbage collector.
var givenAway *os.File

func TestPassphraseFD(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	givenAway = r
	_, err = w.WriteString("from a pipe\n")
	require.NoError(t, err)
	require.NoError(t, w.Close())
	source := softkey.PassphraseFD(int(r.Fd()))
	for range 2 { // two keys ask, the pipe is read once
		got, err := source(context.Background())
		require.NoError(t, err)
		require.Equal(t, "from a pipe", string(got))
		clear(got)
	}
	_, err = softkey.PassphraseFD(-1)(context.Background())
	require.Error(t, err)
}

func TestLoadChain(t *testing.T) {
	p := pkitest.New(t, "root -> ca -> sub -> alice")
	dir := t.TempDir()
	load := func(data []byte) (int, error) {
		path := filepath.Join(dir, "chain.pem")
		require.NoError(t, os.WriteFile(path, data, 0o644))
		chain, err := softkey.LoadChain(path)
		return len(chain), err
	}
	n, err := load(p.PEM("alice", "sub", "ca"))
	require.NoError(t, err)
	require.Equal(t, 3, n)
	n, err = load(append([]byte("a comment\n"), p.PEM("alice")...))
	require.NoError(t, err)
	require.Equal(t, 1, n)

	for _, bad := range [][]byte{
		nil, []byte("nothing"), p.PEM("ca", "alice"), p.PEM("alice", "ca"),
		append(p.PEM("alice"), p.KeyPEM("alice")...), append(p.PEM("alice"), "tail"...), make([]byte, 2<<20),
	} {
		_, err := load(bad)
		require.ErrorIs(t, err, softkey.ErrMalformed)
	}
	_, err = softkey.LoadChain(filepath.Join(dir, "absent"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}
