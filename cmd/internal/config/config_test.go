package config_test

import (
	"context"
	"crypto/x509"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/config"
	"tamga/pki"
	"tamga/pki/crl"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

// original is made once: encrypting keys takes seconds, on purpose.
var original = sync.OnceValues(func() (string, error) {
	parent, err := os.MkdirTemp("", "tamga-config")
	if err != nil {
		return "", err
	}
	_, err = config.SetUp(context.Background(), filepath.Join(parent, "data"), now)
	return parent, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if parent, err := original(); err == nil {
		os.RemoveAll(parent)
	}
	os.Exit(code)
}

// made is a data folder of the test's own, a copy of the original.
func made(t *testing.T) string {
	t.Helper()
	parent, err := original()
	require.NoError(t, err)
	dir := filepath.Join(t.TempDir(), "data")
	from := filepath.Join(parent, "data")
	require.NoError(t, filepath.WalkDir(from, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		place := filepath.Join(dir, strings.TrimPrefix(path, from))
		if d.IsDir() {
			return os.Mkdir(place, 0o700)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(place, text, 0o600)
	}))
	return dir
}

func TestSetUp(t *testing.T) {
	parent, err := original()
	require.NoError(t, err)
	dir := filepath.Join(parent, "data")
	again, err := config.SetUp(t.Context(), dir, now)
	require.NoError(t, err)
	require.False(t, again)
	require.NoDirExists(t, filepath.Join(parent, ".data.part"))

	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		if runtime.GOOS != "windows" {
			require.Zero(t, info.Mode().Perm()&0o077, "others can get at %s", path)
		}
		if strings.HasPrefix(path, filepath.Join(dir, "keys")+"/") {
			text, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Contains(t, string(text), "BEGIN ENCRYPTED PRIVATE KEY")
		}
		return nil
	}))
	s, err := config.Load(dir)
	require.NoError(t, err)
	require.True(t, s.Test())
	token, err := s.Token()
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(token), 43) // 256 bits in base64

	house, err := s.Open(t.Context(), clock, pki.Uses()...)
	require.NoError(t, err)
	defer house.Close()
	require.Empty(t, house.Ready(t.Context()))
}

// Every certificate of a test set-up says what it is, and openssl builds and
// believes its chain, with the lists, from the root alone.
func TestSetUpCertificates(t *testing.T) {
	dir := made(t)
	files, err := filepath.Glob(filepath.Join(dir, "certs", "*.pem"))
	require.NoError(t, err)
	require.Len(t, files, 8)
	for _, file := range files {
		list, err := config.LoadCertificates(file)
		require.NoError(t, err)
		for _, c := range list {
			require.Contains(t, c.Subject.CommonName, "Test")
			require.Contains(t, c.Subject.CommonName, "(not for real use)")
		}
	}
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl absent")
	}
	lists := filepath.Join(t.TempDir(), "lists.pem")
	var pemLists []byte
	for _, name := range []string{"test-root", "test-ca", "test-iaca"} {
		text, err := exec.Command(openssl, "crl", "-inform", "DER", "-in", filepath.Join(dir, "crl", name+".crl")).Output()
		require.NoError(t, err)
		pemLists = append(pemLists, text...)
	}
	require.NoError(t, os.WriteFile(lists, pemLists, 0o600))
	for leaf, root := range map[string]string{
		"signer": "test-root", "timestamp": "test-root", "ocsp": "test-root", "sdjwt": "test-root", "mdoc": "test-iaca",
	} {
		out, err := exec.Command(openssl, "verify", "-x509_strict", "-crl_check_all", "-attime", "1795435200",
			"-CAfile", filepath.Join(dir, "certs", root+".pem"), "-CRLfile", lists,
			"-untrusted", filepath.Join(dir, "certs", leaf+".pem"), filepath.Join(dir, "certs", leaf+".pem")).CombinedOutput()
		require.NoError(t, err, "%s: %s", leaf, out)
	}
}

// Two starts at once: one makes the folder, the other finds it, and both then
// speak of the same keys.
func TestSetUpAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	var wg sync.WaitGroup
	results := make([]bool, 4)
	errs := make([]error, 4)
	for i := range results {
		wg.Go(func() { results[i], errs[i] = config.SetUp(t.Context(), dir, now) })
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
	makers := 0
	for _, r := range results {
		if r {
			makers++
		}
	}
	require.Equal(t, 1, makers)
	_, err := config.Load(dir)
	require.NoError(t, err)
}

// A start that is killed leaves no half a folder, and the next is not misled
// by what it left. An empty folder, as mkdir leaves it, may be filled.
func TestSetUpAfterCrash(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "data")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err := config.SetUp(stopped, dir, now)
	require.Error(t, err)
	require.NoDirExists(t, dir)

	left := filepath.Join(parent, ".data.part", "keys")
	require.NoError(t, os.MkdirAll(left, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(left, "signer.pem"), []byte("half"), 0o600))
	require.NoError(t, os.Mkdir(dir, 0o755))
	ok, err := config.SetUp(t.Context(), dir, now)
	require.NoError(t, err)
	require.True(t, ok)
	_, err = config.Load(dir)
	require.NoError(t, err)
}

func TestSetUpKeepsOffOthersFolders(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "holiday.jpg"), nil, 0o600))
	_, err := config.SetUp(t.Context(), dir, now)
	require.ErrorContains(t, err, "not empty")
	require.FileExists(t, filepath.Join(dir, "holiday.jpg"))
}

func TestRenewLists(t *testing.T) {
	s, err := config.Load(made(t))
	require.NoError(t, err)
	at := now
	house, err := s.Open(t.Context(), func() time.Time { return at }, pki.UseCertificate, pki.UseOCSP)
	require.NoError(t, err)
	defer house.Close()
	list := func() *crl.List {
		l, err := crl.Parse(house.CRL("test-ca"))
		require.NoError(t, err)
		return l
	}
	first := list()
	require.Equal(t, now.Add(7*24*time.Hour), first.NextUpdate)

	at = now.Add(23 * time.Hour)
	require.NoError(t, house.RenewLists(t.Context()))
	require.Equal(t, first.Raw, list().Raw, "young lists stay")

	at = now.Add(25 * time.Hour)
	require.NoError(t, house.RenewLists(t.Context()))
	second := list()
	require.Equal(t, 1, second.Number.Cmp(first.Number))
	require.Equal(t, at, second.ThisUpdate)

	// A clock that was set back must not take the number back.
	at = now.Add(-48 * time.Hour)
	require.NoError(t, os.Remove(filepath.Join(s.Dir(), "crl", "test-root.crl")))
	require.NoError(t, house.RenewLists(t.Context()))
	require.NotNil(t, house.CRL("test-root"))
	require.Nil(t, house.CRL("nobody"))

	at = now.AddDate(0, 1, 0)
	require.Len(t, house.Ready(t.Context()), 3, "all lists have ended")
	at = now.AddDate(30, 0, 0)
	require.Contains(t, strings.Join(house.Ready(t.Context()), "\n"), "not valid now")
}

// Whoever signs must be able to verify what he has signed, though no server
// has renewed the lists for a week.
func TestOpenRenewsWhatEnded(t *testing.T) {
	s, err := config.Load(made(t))
	require.NoError(t, err)
	later := now.AddDate(0, 0, 10)
	stale, err := s.Stale(later)
	require.NoError(t, err)
	require.Len(t, stale, 3)
	house, err := s.Open(t.Context(), func() time.Time { return later }, pki.UseSign)
	require.NoError(t, err)
	defer house.Close()
	l, err := crl.Parse(house.CRL("test-ca"))
	require.NoError(t, err)
	require.Equal(t, later, l.ThisUpdate)
	stale, err = s.Stale(later)
	require.NoError(t, err)
	require.Empty(t, stale)
}

func TestVerifierKnowsWhomToTrust(t *testing.T) {
	s, err := config.Load(made(t))
	require.NoError(t, err)
	v, err := config.Judge{Settings: s, Now: clock, Tool: "test"}.Verifier()
	require.NoError(t, err)
	for use, want := range map[pki.Use]int{pki.UseSign: 1, pki.UseTimestamp: 1, pki.UseMdoc: 1, pki.UseSDJWT: 1} {
		anchors, err := v.Trust.Anchors(t.Context(), use)
		require.NoError(t, err)
		require.Len(t, anchors, want, use)
	}
	mdoc, err := v.Trust.Anchors(t.Context(), pki.UseMdoc)
	require.NoError(t, err)
	require.Contains(t, mdoc[0].Certificate.Subject.CommonName, "IACA")

	v, err = config.Judge{Now: clock, Tool: "test"}.Verifier()
	require.NoError(t, err)
	anchors, err := v.Trust.Anchors(t.Context(), pki.UseSign)
	require.NoError(t, err)
	require.Empty(t, anchors)
	known, err := v.Revocation.Revocation(t.Context(), &x509.Certificate{}, &x509.Certificate{})
	require.NoError(t, err)
	require.Empty(t, known)
}

// Settings that are not exactly right are refused: a misspelt key must not
// leave a limit out in silence.
func TestSettingsAreStrict(t *testing.T) {
	dir := made(t)
	path := filepath.Join(dir, "tamga.toml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":           {"version = 1", "version = 1\nversoin = 2", "no setting called"},
		"unknown version":       {"version = 1", "version = 2", "version 2"},
		"wrong type":            {"version = 1", "version = 'one'", "line"},
		"broken":                {"version = 1", "version = ", "line"},
		"unknown use":           {"uses = ['sign']", "uses = ['sing']", "is no use"},
		"no use":                {"uses = ['sign']", "uses = []", "at least one"},
		"two keys of one name":  {"name = 'ocsp'", "name = 'signer'", "two keys"},
		"a token on a token":    {"uri = 'file:keys/signer.pem'", "uri = 'pkcs11:token=a'", "file:"},
		"absent certificate":    {"certs/signer.pem", "certs/none.pem", "none.pem"},
		"passphrase elsewhere":  {"'passphrase'", "'../passphrase'", "in the data folder"},
		"time-stamps by signer": {"key = 'timestamp'", "key = 'signer'", "no key with the use"},
		"time-stamps by file":   {"[timestamp]", "[timestamp]\nurl = 'file:///etc/passwd'", "http or https"},
		"a password in a URL":   {"[timestamp]", "[timestamp]\nurl = 'https://me:secret@tsa.example'", "without user"},
		"lists by signer":       {"key = 'test-ca'", "key = 'signer'", "no key with the use"},
		"a list with a path":    {"[[authority]]\nname = 'test-ca'", "[[authority]]\nname = '../test-ca'", "fit for a URL"},
		"negative limit":        {"max_file = 0", "max_file = -1", "negative"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(string(text), c.old, c.new, 1)
			require.NotEqual(t, string(text), changed, "%q is not in\n%s", c.old, text)
			require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
			_, err := config.Load(dir)
			require.ErrorContains(t, err, c.want)
			require.NotErrorIs(t, err, config.ErrNoData)
		})
	}
	_, err = config.Load(t.TempDir())
	require.ErrorIs(t, err, config.ErrNoData)
}

func TestSecretsMustBeOurs(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing here")
	}
	dir := made(t)
	s, err := config.Load(dir)
	require.NoError(t, err)
	require.NoError(t, os.Chmod(s.TokenPath(), 0o644))
	_, err = s.Token()
	require.ErrorContains(t, err, "others can read")
	require.NoError(t, os.Chmod(filepath.Join(dir, "passphrase"), 0o644))
	_, err = s.Open(t.Context(), clock, pki.UseSign)
	require.Error(t, err)
}

func TestParseCertificates(t *testing.T) {
	dir := made(t)
	one, err := os.ReadFile(filepath.Join(dir, "certs", "test-root.pem"))
	require.NoError(t, err)
	key, err := os.ReadFile(filepath.Join(dir, "keys", "signer.pem"))
	require.NoError(t, err)
	list, err := config.ParseCertificates(append([]byte("a comment\n"), one...))
	require.NoError(t, err)
	require.Len(t, list, 1)
	for name, text := range map[string][]byte{
		"empty": nil, "text": []byte("hello"), "a key": key, "a key too": append(append([]byte{}, one...), key...),
		"cut off": append(append([]byte{}, one...), one[:len(one)/2]...),
	} {
		_, err := config.ParseCertificates(text)
		require.Error(t, err, name)
	}
}

func TestDefaultDir(t *testing.T) {
	get := func(env map[string]string) (string, error) {
		return config.DefaultDir(func(name string) string { return env[name] })
	}
	dir, err := get(map[string]string{"TAMGA_DATA": "here"})
	require.NoError(t, err)
	require.Equal(t, "here", dir)
	_, err = get(nil)
	require.Error(t, err)
	if runtime.GOOS != "linux" {
		return
	}
	for want, env := range map[string]map[string]string{
		"/h/.local/share/tamga": {"HOME": "/h"},
		"/x/tamga":              {"HOME": "/h", "XDG_DATA_HOME": "/x"},
		"/g/.local/share/tamga": {"HOME": "/g", "XDG_DATA_HOME": "relative"},
	} {
		dir, err := get(env)
		require.NoError(t, err)
		require.Equal(t, want, dir)
	}
}
