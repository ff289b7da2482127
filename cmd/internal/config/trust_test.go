package config_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/config"
	"tamga/pki"
	"tamga/pki/pkitest"
)

func trusting(c *x509.Certificate, name string, uses ...pki.Use) config.Trusted {
	if len(uses) == 0 {
		uses = []pki.Use{pki.UseSign}
	}
	return config.Trusted{Name: name, Certificate: c, Uses: uses, Source: "test"}
}

// A third party has no data folder: to trust somebody makes one that holds
// nothing else, and leaves no keys behind.
func TestTrustWithoutDataFolder(t *testing.T) {
	p := pkitest.New(t, "root -> alice; second -> bob")
	dir := filepath.Join(t.TempDir(), "no", "such", "data")
	list, err := config.LoadTrust(dir)
	require.NoError(t, err)
	require.Empty(t, list)
	require.NoDirExists(t, dir)

	from := time.Date(2020, 1, 2, 0, 0, 0, 0, time.UTC)
	first := trusting(p.Cert("root"), "Перший", pki.UseSign, pki.UseTimestamp, pki.UseCertificate)
	first.From, first.Until = from, from.AddDate(10, 0, 0)
	require.NoError(t, config.AddTrust(dir, []config.Trusted{first, trusting(p.Cert("alice"), "alice")}, p.Now))
	require.NoError(t, config.AddTrust(dir, []config.Trusted{trusting(p.Cert("second"), "second", pki.UseMdoc)}, p.Now))
	list, err = config.LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, list, 3)
	first.Added = p.Now
	require.Equal(t, first, list[0])
	require.True(t, list[1].From.IsZero())
	require.True(t, list[1].Until.IsZero())

	anchors := pki.Anchors(config.Anchors(list))
	found, err := anchors.Anchors(t.Context(), pki.UseMdoc)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.True(t, found[0].Certificate.Equal(p.Cert("second")))

	_, err = config.Load(dir)
	require.ErrorIs(t, err, config.ErrNoData)
	files, err := filepath.Glob(filepath.Join(dir, "trust", "*"))
	require.NoError(t, err)
	require.Len(t, files, 4)
}

func TestAddTrustRefuses(t *testing.T) {
	p := pkitest.New(t, "root -> alice, lost[from=2025-01-01, until=2026-01-01]")
	dir := t.TempDir()
	require.NoError(t, config.AddTrust(dir, []config.Trusted{trusting(p.Cert("root"), "root")}, p.Now))
	broken := *p.Cert("root")
	broken.Signature = append([]byte{}, broken.Signature...)
	broken.Signature[len(broken.Signature)-1] ^= 1
	broken.Raw = append([]byte{}, broken.Raw...)
	broken.Raw[len(broken.Raw)-1] ^= 1
	backwards := trusting(p.Cert("alice"), "alice")
	backwards.From, backwards.Until = p.Now, p.Now.AddDate(0, 0, -1)
	for want, bad := range map[string]config.Trusted{
		"trusted already":          trusting(p.Cert("root"), "again"),
		"another one is called":    trusting(p.Cert("alice"), "root"),
		"expired on 2026-01-01":    trusting(p.Cert("lost"), "lost"),
		"not that of an authority": trusting(p.Cert("alice"), "alice", pki.UseSign, pki.UseCertificate),
		"printable":                trusting(p.Cert("alice"), "a\nb"),
		"1 to 100":                 trusting(p.Cert("alice"), ""),
		"for something":            {Name: "alice", Certificate: p.Cert("alice")},
		"before it begins":         backwards,
		"signature does not hold":  trusting(&broken, "broken"),
	} {
		err := config.AddTrust(dir, []config.Trusted{trusting(p.Cert("alice"), "fine"), bad}, p.Now)
		require.ErrorContains(t, err, want)
		list, err := config.LoadTrust(dir)
		require.NoError(t, err)
		require.Len(t, list, 1, "all or none")
	}
	// Who judges old documents trusts somebody of the past.
	past := trusting(p.Cert("lost"), "lost")
	past.Until = time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	require.NoError(t, config.AddTrust(dir, []config.Trusted{past}, p.Now))
	err := config.AddTrust(dir, []config.Trusted{trusting(p.Cert("alice"), "twice"), trusting(p.Cert("alice"), "twice again")}, p.Now)
	require.ErrorIs(t, err, config.ErrTrusted)
}

func TestRemoveTrust(t *testing.T) {
	p := pkitest.New(t, "a; b; c; d")
	dir := t.TempDir()
	var all []config.Trusted
	for _, name := range []string{"a", "b", "c", "d"} {
		all = append(all, trusting(p.Cert(name), name))
	}
	require.NoError(t, config.AddTrust(dir, all, p.Now))
	gone, err := config.RemoveTrust(dir, "b")
	require.NoError(t, err)
	require.Equal(t, "b", gone.Name)
	upper := strings.ToUpper(all[2].Fingerprint())
	gone, err = config.RemoveTrust(dir, upper[:2]+":"+upper[2:4]+":"+upper[4:20])
	require.NoError(t, err)
	require.Equal(t, "c", gone.Name)
	for _, none := range []string{"b", "", all[0].Fingerprint()[:7], strings.Repeat("0", 64), "../a"} {
		_, err = config.RemoveTrust(dir, none)
		require.ErrorIs(t, err, config.ErrNotTrusted, none)
	}
	files, err := filepath.Glob(filepath.Join(dir, "trust", "*.pem"))
	require.NoError(t, err)
	require.Len(t, files, 2, "the certificates went too")
}

// Who can write the store decides whom we trust; but nobody passes by accident: a
// certificate in another's file, a list that is not ours, a key that is not known.
func TestTrustStoreIsChecked(t *testing.T) {
	p := pkitest.New(t, "root; other")
	for want, harm := range map[string]func(t *testing.T, dir string){
		"not the certificate that was added": func(t *testing.T, dir string) {
			file := filepath.Join(dir, trusting(p.Cert("root"), "").Fingerprint()+".pem")
			require.NoError(t, os.WriteFile(file, p.PEM("other"), 0o600))
		},
		"is not there": func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, trusting(p.Cert("root"), "").Fingerprint()+".pem")))
		},
		"there is no setting called": replaced("uses =", "usess = ['sign']\nuses ="),
		"is no use":                  replaced("'sign'", "'everything'"),
		"must name at least one use": replaced("['sign']", "[]"),
		"version 2":                  replaced("version = 1", "version = 2"),
		"64 lower-case":              replaced("sha256 = '", "sha256 = '../"),
	} {
		t.Run(want, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, config.AddTrust(dir, []config.Trusted{trusting(p.Cert("root"), "root")}, p.Now))
			harm(t, filepath.Join(dir, "trust"))
			_, err := config.LoadTrust(dir)
			require.ErrorContains(t, err, want)
		})
	}
}

func replaced(from, to string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		file := filepath.Join(dir, "trust.toml")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Contains(t, string(text), from)
		require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(text), from, to, 1)), 0o600))
	}
}

// Many at once: nobody's entry is lost, and every reader sees a whole store.
func TestTrustAtOnce(t *testing.T) {
	const many = 8
	p := pkitest.New(t, "a0; a1; a2; a3; a4; a5; a6; a7")
	dir := filepath.Join(t.TempDir(), "data")
	var wg sync.WaitGroup
	errs := make([]error, 2*many)
	for i := range many {
		name := "a" + string(rune('0'+i))
		add := []config.Trusted{trusting(p.Cert(name), name)}
		wg.Go(func() { errs[i] = config.AddTrust(dir, add, p.Now) })
		wg.Go(func() { _, errs[many+i] = config.LoadTrust(dir) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	list, err := config.LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, list, many)
}

// Who trusted somebody first and makes test keys later keeps the list, also if
// the first start was killed between its two moves.
func TestSetUpKeepsTrust(t *testing.T) {
	p := pkitest.New(t, "root")
	dir := filepath.Join(t.TempDir(), "data")
	require.NoError(t, config.AddTrust(dir, []config.Trusted{trusting(p.Cert("root"), "root")}, p.Now))
	aside := filepath.Join(filepath.Dir(dir), ".data.trust")
	require.NoError(t, os.Rename(dir, aside))
	done, err := config.SetUp(t.Context(), dir, now)
	require.NoError(t, err)
	require.True(t, done)
	require.NoDirExists(t, aside)
	list, err := config.LoadTrust(dir)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.NoFileExists(t, filepath.Join(dir, "trust", ".lock"))

	// The folder's own anchors and those of the list count together.
	s, err := config.Load(dir)
	require.NoError(t, err)
	v, err := config.Judge{Settings: s, Now: clock}.Verifier()
	require.NoError(t, err)
	anchors, err := v.Trust.Anchors(t.Context(), pki.UseSign)
	require.NoError(t, err)
	require.Len(t, anchors, 2)

	// A copy that was left behind is of no more use.
	require.NoError(t, os.MkdirAll(filepath.Join(aside, "trust"), 0o700))
	done, err = config.SetUp(t.Context(), dir, now)
	require.NoError(t, err)
	require.False(t, done)
	require.NoDirExists(t, aside)
}

// Whatever the bytes of the list: an error, or certificates that are the ones
// that were added, each trusted for something.
func FuzzTrust(f *testing.F) {
	p := pkitest.New(f, "root")
	dir := f.TempDir()
	require.NoError(f, config.AddTrust(dir, []config.Trusted{trusting(p.Cert("root"), "root")}, p.Now))
	file := filepath.Join(dir, "trust", "trust.toml")
	text, err := os.ReadFile(file)
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte("version = 1\n"))
	f.Add([]byte("version = 1\n[[anchor]]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		require.NoError(t, os.WriteFile(file, data, 0o600))
		list, err := config.LoadTrust(dir)
		if err != nil {
			require.Empty(t, list)
			return
		}
		for _, one := range list {
			require.True(t, one.Certificate.Equal(p.Cert("root")))
			require.NotEmpty(t, one.Uses)
		}
	})
}
