package formattest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
)

// Format is what is tested.
type Format struct {
	Parser  formats.Parser
	Samples []Sample
	Writers []Writer
	// Mutations bounds how many bytes of each sample are changed, one at a
	// time, spread evenly; zero: 4096.
	Mutations int
}

// Sample is a document of the format.
type Sample struct {
	Name     string
	Bytes    []byte
	Detached []formats.Input
	// Broken samples are read, cut and bent like others, but nothing in them
	// needs to fit.
	Broken bool
}

func (s Sample) input(data []byte) formats.Input {
	return formats.Input{
		Name: s.Name, ReaderAt: bytes.NewReader(data), Size: int64(len(data)), Detached: s.Detached,
	}
}

// Test holds f to everything that verifier and signer rely on.
func Test(t *testing.T, f Format) {
	t.Helper()
	require.NotEmpty(t, f.Parser.ID())
	require.False(t, f.Parser.Sniff(nil), "nothing is a document")
	for _, s := range f.Samples {
		t.Run(s.Name, func(t *testing.T) {
			t.Run("sniff", func(t *testing.T) { testSniff(t, f.Parser, s) })
			t.Run("read", func(t *testing.T) { testRead(t, f.Parser, s) })
			t.Run("cut", func(t *testing.T) { testCut(t, f.Parser, s) })
			t.Run("bend", func(t *testing.T) { testBend(t, f, s) })
		})
	}
	for _, w := range f.Writers {
		t.Run(w.Name, func(t *testing.T) { testWriter(t, f.Parser, w) })
	}
}

// testSniff: the opening bytes alone decide, however many there are.
func testSniff(t *testing.T, p formats.Parser, s Sample) {
	head := s.Bytes[:min(len(s.Bytes), formats.HeadSize)]
	require.True(t, p.Sniff(head))
	require.True(t, p.Sniff(slices.Clone(head)), "the second answer is the first")
	for n := range min(len(head), 64) {
		p.Sniff(head[:n]) // must not panic
	}
}

// testRead: a document is read within its size, twice the same, and its
// content can be opened as often as one likes.
func testRead(t *testing.T, p formats.Parser, s Sample) {
	in := s.input(s.Bytes)
	fence := &fence{r: in.ReaderAt, size: in.Size}
	in.ReaderAt = fence
	doc, err := p.Parse(in)
	require.NoError(t, err)
	require.Equal(t, p.ID(), doc.Format)
	require.NotEmpty(t, doc.Title)
	again, err := p.Parse(in)
	require.NoError(t, err)
	require.Equal(t, says(doc), says(again), "the same bytes say the same")
	require.Equal(t, doc.Facts, again.Facts)
	for i := range doc.Signatures {
		for _, r := range doc.Signatures[i].References {
			testReopen(t, r)
		}
	}
	require.NoError(t, fence.err)
	if s.Broken {
		return
	}
	require.NotEmpty(t, doc.Signatures)
	require.Empty(t, fatal(doc.Defects))
	for i := range doc.Signatures {
		require.NoError(t, holds(&doc.Signatures[i], nil))
	}
}

// testReopen: two readers of the same content do not disturb each other.
func testReopen(t *testing.T, r formats.Reference) {
	if r.Open == nil {
		return
	}
	a, b := r.Open(), r.Open()
	var one [1]byte
	_, err := io.ReadFull(a, one[:])
	if err != nil && !errors.Is(err, io.EOF) {
		return // content that cannot be read is for the verifier to report
	}
	whole, err := io.ReadAll(b)
	require.NoError(t, err, r.Name)
	rest, err := io.ReadAll(a)
	require.NoError(t, err, r.Name)
	if len(whole) > 0 {
		require.True(t, bytes.Equal(whole, append(one[:], rest...)), "two readers of %s differ", r.Name)
	}
}

// fence notes reads beyond the size of the document.
type fence struct {
	r    io.ReaderAt
	size int64
	err  error
}

func (f *fence) ReadAt(b []byte, off int64) (int, error) {
	if off < 0 || off+int64(len(b)) > f.size {
		f.err = fmt.Errorf("%d bytes were read at %d, the document has %d", len(b), off, f.size)
	}
	return f.r.ReadAt(b, off)
}

// testCut: a document that ends too early is refused with a reason, or says
// nothing that the whole did not say.
func testCut(t *testing.T, p formats.Parser, s Sample) {
	original := accepted(t, p, s, s.Bytes)
	for _, n := range spread(len(s.Bytes), 512) {
		requireNothingNew(t, p, s, s.Bytes[:n], original, fmt.Sprintf("cut at %d", n))
	}
}

// testBend: whichever byte is changed, the document is refused, or says exactly
// what it said. Three changes each: the lowest bit, all bits, and a digit's
// worth (which turns hexadecimal and base64 into other valid text).
func testBend(t *testing.T, f Format, s Sample) {
	limit := f.Mutations
	if limit == 0 {
		limit = 4096
	}
	original := accepted(t, f.Parser, s, s.Bytes)
	data := slices.Clone(s.Bytes)
	for i, n := range spread(len(data), limit) {
		was := data[n]
		data[n] ^= []byte{0x01, 0xff, 0x04}[i%3]
		requireNothingNew(t, f.Parser, s, data, original, fmt.Sprintf("byte %d from %#x to %#x", n, was, data[n]))
		data[n] = was
	}
}

// spread are at most limit numbers below n, evenly.
func spread(n, limit int) []int {
	var out []int
	for i := range min(n, limit) {
		out = append(out, int(int64(i)*int64(n)/int64(min(n, limit))))
	}
	return out
}
