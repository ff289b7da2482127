package pades

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// The search must find what bytes.Index finds, wherever it stands: what it
// misses is a signature that nobody sees.
func TestIndexRange(t *testing.T) {
	key := rangeKey
	fills := []string{"B", "BB/", "\x00", "/", "/B", "/Byte", "ByteRange", "/ByteRang", "e/ByteRang", "ange/", "geRan", "x"}
	for _, fill := range fills {
		for size := range 130 {
			b := []byte(strings.Repeat(fill, size/len(fill)+1)[:size])
			if got, want := indexRange(b), bytes.Index(b, key); got != want {
				t.Fatalf("%q: %d, want %d", b, got, want)
			}
			for at := 0; at+len(key) <= size; at++ {
				c := bytes.Clone(b)
				copy(c[at:], key)
				if got, want := indexRange(c), bytes.Index(c, key); got != want {
					t.Fatalf("%q: %d, want %d", c, got, want)
				}
			}
		}
	}
}

func FuzzIndexRange(f *testing.F) {
	f.Add([]byte("<< /ByteRange [0 1 2 3] >> /ByteRang/ByteRange"), 3)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if got, want := indexRange(b), bytes.Index(b, rangeKey); got != want {
			t.Fatalf("%d, want %d", got, want)
		}
		if at >= 0 && at+len(rangeKey) <= len(b) {
			copy(b[at:], rangeKey)
			if got, want := indexRange(b), bytes.Index(b, rangeKey); got != want {
				t.Fatalf("%d, want %d", got, want)
			}
		}
	})
}

func BenchmarkIndexRange(b *testing.B) {
	random := make([]byte, bufferSize)
	source := rand.NewChaCha8([32]byte{})
	_, _ = source.Read(random)
	text := bytes.Repeat([]byte("1 0 obj << /Type /Page /Resources 3 0 R >> endobj and the rest of a sentence in English\n"), 3000)[:bufferSize]
	for name, data := range map[string][]byte{"random": random, "text": text} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for range b.N {
				if indexRange(data) >= 0 {
					b.Fatal()
				}
			}
		})
		b.Run(name+"-bytes", func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			for range b.N {
				if bytes.Contains(data, rangeKey) {
					b.Fatal()
				}
			}
		})
	}
}
