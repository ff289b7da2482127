package crl_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

const million = 1_000_000

// BenchmarkMillion is a list of a million entries in a file: to check it, to
// verify it, to ask it, and what of it stays in memory.
func BenchmarkMillion(b *testing.B) {
	p := pkitest.New(b, "ca -> alice")
	der := writeList(b, p, million)
	path := filepath.Join(b.TempDir(), "list.crl")
	require.NoError(b, os.WriteFile(path, der, 0o600))
	size := int64(len(der))
	der = nil
	f, err := os.Open(path)
	require.NoError(b, err)
	defer f.Close()
	last := withSerial(p, bigSerial(million-1))
	open := func(b *testing.B) *crl.List {
		l, err := crl.Open(f, size)
		require.NoError(b, err)
		return l
	}
	ask := func(b *testing.B, l *crl.List) {
		b.ReportAllocs()
		for b.Loop() {
			_, found, err := l.Lookup(last)
			if err != nil || !found {
				b.Fatal(found, err)
			}
		}
	}
	b.Run("Open", func(b *testing.B) {
		b.SetBytes(size)
		b.ReportAllocs()
		before := live()
		var l *crl.List
		for b.Loop() {
			l = open(b)
		}
		b.ReportMetric(float64(int64(live()-before)), "held-B")
		b.ReportMetric(float64(l.Len()), "entries")
	})
	b.Run("Verify", func(b *testing.B) {
		l := open(b)
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			require.NoError(b, l.Verify(p.Cert("ca"), pki.Verify))
		}
	})
	b.Run("Lookup", func(b *testing.B) {
		b.SetBytes(size)
		ask(b, open(b))
	})
	b.Run("BuildIndex", func(b *testing.B) {
		l := open(b)
		b.ReportAllocs()
		before := live()
		for b.Loop() {
			require.NoError(b, l.BuildIndex())
		}
		b.ReportMetric(float64(int64(live()-before)), "held-B")
		runtime.KeepAlive(l)
	})
	b.Run("LookupIndexed", func(b *testing.B) {
		l := open(b)
		require.NoError(b, l.BuildIndex())
		ask(b, l)
	})
	b.Run("LookupInMemory", func(b *testing.B) {
		der, err := os.ReadFile(path)
		require.NoError(b, err)
		l, err := crl.Parse(der)
		require.NoError(b, err)
		b.SetBytes(size)
		ask(b, l)
	})
}

func BenchmarkSet(b *testing.B) {
	p := pkitest.New(b, "root -> ca[ca]; ca -> alice")
	other := p.CRL("root")
	all := [][]byte{p.CRL("ca")}
	for i := range 10_000 {
		all = append(all, bytes.Replace(other, []byte("root"), []byte{'a' + byte(i/1000), '0' + byte(i/100%10), '0' + byte(i/10%10), '0' + byte(i%10)}, 1))
	}
	set, err := crl.NewSet(all...)
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		fresh := *p.Cert("alice")
		found, err := set.Revocation(b.Context(), &fresh, nil)
		if err != nil || len(found) != 1 {
			b.Fatal(len(found), err)
		}
	}
}
