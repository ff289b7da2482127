package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tamga/formats"
)

const mebi = 1 << 20

// shape writes a file of size bytes.
type shape func(w io.Writer, f *os.File, size int64) error

// open returns the file called name, which shape makes the first time.
func (h *house) open(name string, size int64, make shape) (formats.Input, error) {
	f, ok := h.files[name]
	if !ok {
		path := filepath.Join(h.dir, name)
		if err := create(path, size, make); err != nil {
			return formats.Input{}, fmt.Errorf("making %s: %w", name, err)
		}
		var err error
		if f, err = os.Open(path); err != nil {
			return formats.Input{}, err
		}
		h.files[name] = f
	}
	info, err := f.Stat()
	if err != nil {
		return formats.Input{}, err
	}
	return formats.Input{Name: name, ReaderAt: f, Size: info.Size()}, nil
}

// drop closes and removes a file that no later claim needs.
func (h *house) drop(name string) error {
	f := h.files[name]
	delete(h.files, name)
	if err := f.Close(); err != nil {
		return err
	}
	return os.Remove(filepath.Join(h.dir, name))
}

func create(path string, size int64, make shape) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = make(w, f, size)
	if err == nil {
		err = w.Flush()
	}
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// hole is a sparse file: nothing but its size.
func hole(_ io.Writer, f *os.File, size int64) error { return f.Truncate(size) }

// letters is text that does not repeat soon, each line a comment of PDF, by a
// generator that is fast and always the same (xorshift64).
func letters(w io.Writer, _ *os.File, size int64) error {
	var block [64]byte
	state := uint64(0x9e3779b97f4a7c15)
	for size > 0 {
		for i := range block {
			state ^= state << 13
			state ^= state >> 7
			state ^= state << 17
			block[i] = 'a' + byte(state%26)
		}
		block[0], block[len(block)-1] = '%', '\n'
		n := min(size, int64(len(block)))
		if _, err := w.Write(block[:n]); err != nil {
			return err
		}
		size -= n
	}
	return nil
}

// pdfOf is a PDF of one empty page whose content stream is size bytes, written
// by fill, and means nothing: comments, or the white space that zero bytes are
// (ISO 32000-1 §7.2.2). Behind it stand extra small objects, as in an office
// document of many pages.
//
//	%PDF-1.7
//	1 0 obj catalog   2 0 obj page tree   3 0 obj page   4 0 obj the stream
//	5 0 obj …         xref table          trailer
func pdfOf(fill shape, extra int) shape {
	return func(w io.Writer, f *os.File, size int64) error {
		out := &counter{w: w}
		var at []int64
		object := func(body string) {
			at = append(at, out.n)
			fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", len(at), body)
		}
		fmt.Fprint(out, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
		object("<< /Type /Catalog /Pages 2 0 R >>")
		object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
		object("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>")
		at = append(at, out.n)
		fmt.Fprintf(out, "4 0 obj\n<< /Length %d >>\nstream\n", size)
		if err := fill(out, f, size); err != nil {
			return err
		}
		fmt.Fprint(out, "\nendstream\nendobj\n")
		for range extra {
			object("<< /Type /Example /Text (an object that nobody asks for, of a usual length, " +
				"to be passed over) /Numbers [0 1 2 3 4 5 6 7 8 9] >>")
		}
		start := out.n
		fmt.Fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
		for _, offset := range at {
			fmt.Fprintf(out, "%010d 00000 n \n", offset)
		}
		fmt.Fprintf(out, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
		return out.err
	}
}

// counter counts what is written, and keeps the first error. Where the writer
// is a buffered file it can leap, which leaves a hole.
type counter struct {
	w   io.Writer
	n   int64
	err error
}

func (c *counter) Write(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.w.Write(p)
	c.n, c.err = c.n+int64(n), err
	return n, err
}

// emptiness leaves a hole of size bytes, which reads as zeros.
func emptiness(w io.Writer, f *os.File, size int64) error {
	c := w.(*counter)
	if b, ok := c.w.(*bufio.Writer); ok {
		if err := b.Flush(); err != nil {
			return err
		}
	}
	if _, err := f.Seek(size, io.SeekCurrent); err != nil {
		return err
	}
	c.n += size
	return nil
}

// hashOf is the baseline of files: SHA-256 of all of in, read as formats do.
func hashOf(in formats.Input) side {
	buffer := make([]byte, 256<<10)
	return func() error {
		_, err := io.CopyBuffer(struct{ io.Writer }{sha256.New()}, in.Reader(), buffer)
		return err
	}
}

// input is a small document in memory.
func input(data []byte) formats.Input {
	return formats.Input{Name: "memory", ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}
