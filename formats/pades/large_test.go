package pades_test

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
)

// large is a PDF around a stream of any size, of which only both ends exist.
type large struct {
	head, tail []byte
	fill       int64
}

func (l large) ReadAt(b []byte, off int64) (int, error) {
	n := 0
	for n < len(b) {
		at := off + int64(n)
		middle := at - int64(len(l.head))
		end := middle - l.fill
		switch {
		case middle < 0:
			n += copy(b[n:], l.head[at:])
		case end < 0:
			piece := b[n:min(int64(len(b)), int64(n)-end)]
			clear(piece)
			n += len(piece)
		case end < int64(len(l.tail)):
			n += copy(b[n:], l.tail[end:])
		default:
			return n, io.EOF
		}
	}
	return n, nil
}

// largePDF is a one-page PDF of about size bytes.
func largePDF(size int64) formats.Input {
	small := page("<< /Length 1234567890 >>\nstream\nendstream")
	small = bytes.Replace(small, []byte("1234567890"), fmt.Appendf(nil, "%-10d", size), 1)
	cut := bytes.LastIndex(small, []byte("endstream"))
	l := large{head: small[:cut], tail: small[cut:], fill: size}
	start := bytes.LastIndex(l.tail, []byte("startxref\n")) + len("startxref\n")
	l.tail = fmt.Appendf(bytes.Clone(l.tail[:start]), "%d\n%%%%EOF\n", int64(lastStart(small))+size)
	return formats.Input{ReaderAt: l, Size: int64(len(l.head)+len(l.tail)) + size}
}

// signLarge signs in and returns the signed document, without holding it.
func signLarge(t testing.TB, in formats.Input) formats.Input {
	key := signer(t, "alice")
	pending, err := pades.Preparer{}.Prepare(in, params(t, key))
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pending.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	edit, err := pades.Preparer{}.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	return edit.Apply(in, "signed.pdf")
}

// The memory that signing and reading take does not grow with the document:
// all that is allocated, not only what is kept, stays under 2 MiB for 200 MB.
func TestMemoryDoesNotGrow(t *testing.T) {
	signer(t, "alice") // made outside what is measured
	const size, limit = 200 << 20, 2 << 20
	in := largePDF(size)
	var signed formats.Input
	require.Less(t, allocated(func() { signed = signLarge(t, in) }), uint64(limit), "signing")
	var doc *formats.Document
	require.Less(t, allocated(func() {
		var err error
		doc, err = pades.Parser{}.Parse(signed)
		require.NoError(t, err)
	}), uint64(limit), "reading")
	require.Len(t, doc.Signatures, 1)
	require.True(t, doc.Signatures[0].Coverage.Whole)
	require.NoError(t, holds(doc.Signatures[0]))
	twice := signLarge(t, signed)
	var sigs []formats.Signature
	require.Less(t, allocated(func() {
		doc, err := pades.Parser{}.Parse(twice)
		require.NoError(t, err)
		sigs = doc.Signatures
	}), uint64(limit), "comparing revisions")
	require.True(t, sigs[0].Coverage.Harmless, sigs[0].Coverage.Note)
}

func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A file of ten gigabytes of nothing is refused at once.
func TestSparseFile(t *testing.T) {
	in := formats.Input{ReaderAt: large{fill: 10 << 30}, Size: 10 << 30}
	require.Less(t, allocated(func() {
		_, err := pades.Parser{}.Parse(in)
		require.ErrorIs(t, err, formats.ErrMalformed)
	}), uint64(1<<20))
}
