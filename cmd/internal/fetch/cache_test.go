package fetch_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCache(t *testing.T) {
	w := newWorld(t)
	w.cfg.Cache = filepath.Join(t.TempDir(), "deep", "cache")
	w.page("/der.crl", w.CRL("ca"))
	c := w.leaf("bob", []string{"/der.crl"}, nil, nil)
	first := w.revocation(w.session(), c)
	require.Len(t, first, 1)

	w.now = w.Now.Add(30 * time.Minute)
	s := w.session()
	require.Equal(t, first, w.revocation(s, c))
	require.Equal(t, 1, w.count())
	require.True(t, s.Fetched()[0].Cached)
	require.Equal(t, w.Now, s.Fetched()[0].Time, "the report says when it came, not when it was found")

	w.cfg.Hosts = nil
	require.Empty(t, w.revocation(w.session(), c), "what is not allowed is not taken from the cache either")
	w.cfg.Hosts = []string{w.host()}

	w.now = w.Now.Add(2 * time.Hour)
	s = w.session()
	require.Len(t, w.revocation(s, c), 1)
	require.Equal(t, 2, w.count(), "it has ended")
	require.False(t, s.Fetched()[0].Cached)

	w.now = w.Now.Add(-time.Hour)
	require.Len(t, w.revocation(w.session(), c), 1)
	require.Equal(t, 3, w.count(), "an entry from the future is none")
}

// A list that ends sooner is kept until then only.
func TestCacheMindsNextUpdate(t *testing.T) {
	w := newWorld(t)
	w.cfg.Cache = t.TempDir()
	w.page("/der.crl", w.CRL("ca"))
	c := w.leaf("bob", []string{"/der.crl"}, nil, nil)
	w.now = w.Now.AddDate(0, 0, 7).Add(-time.Minute)
	w.revocation(w.session(), c)
	w.now = w.now.Add(2 * time.Minute)
	w.revocation(w.session(), c)
	require.Equal(t, 2, w.count())
	w.revocation(w.session(), c)
	require.Equal(t, 3, w.count(), "what has ended is not kept")
}

// Whatever is done to an entry, it is asked for again.
func TestBrokenCache(t *testing.T) {
	for name, harm := range map[string]func([]byte) []byte{
		"a bit":     func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut":       func(b []byte) []byte { return b[:len(b)/2] },
		"empty":     func([]byte) []byte { return nil },
		"no head":   func([]byte) []byte { return []byte("{}\n") },
		"text":      func([]byte) []byte { return []byte("hello") },
		"other":     func(b []byte) []byte { return bytes.Replace(b, []byte("/der.crl"), []byte("/dxr.crl"), 1) },
		"long life": func(b []byte) []byte { return bytes.Replace(b, []byte(`"until":"2026`), []byte(`"until":"2036`), 1) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.cfg.Cache = t.TempDir()
			w.page("/der.crl", w.CRL("ca"))
			c := w.leaf("bob", []string{"/der.crl"}, nil, nil)
			want := w.revocation(w.session(), c)
			files, err := filepath.Glob(filepath.Join(w.cfg.Cache, "*"))
			require.NoError(t, err)
			require.Len(t, files, 1)
			text, err := os.ReadFile(files[0])
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(files[0], harm(text), 0o600))
			require.Equal(t, want, w.revocation(w.session(), c))
			require.Equal(t, 2, w.count())
			require.Equal(t, want, w.revocation(w.session(), c))
			require.Equal(t, 2, w.count(), "and it is mended")
		})
	}
}

// A cache that cannot be written is no reason to know nothing.
func TestNoCache(t *testing.T) {
	w := newWorld(t)
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	w.cfg.Cache = filepath.Join(file, "cache")
	w.page("/der.crl", w.CRL("ca"))
	require.Len(t, w.revocation(w.session(), w.leaf("bob", []string{"/der.crl"}, nil, nil)), 1)
}

// Whatever stands in an entry of the cache: what is returned is what the server
// has, or what the server had when the entry was made.
func FuzzCache(f *testing.F) {
	f.Add([]byte("{}\n"))
	f.Add([]byte(`{"url":"x","kind":"crl","until":"2099-01-01T00:00:00Z"}` + "\n"))
	f.Add([]byte("\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newWorld(t)
		w.cfg.Cache = t.TempDir()
		w.page("/der.crl", w.CRL("ca"))
		c := w.leaf("bob", []string{"/der.crl"}, nil, nil)
		want := w.revocation(w.session(), c)
		files, err := filepath.Glob(filepath.Join(w.cfg.Cache, "*"))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(files[0], data, 0o600))
		require.Equal(t, want, w.revocation(w.session(), c))
	})
}
