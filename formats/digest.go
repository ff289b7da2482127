package formats

import (
	"fmt"
	"hash"
	"io"
	"sync"

	"tamga/pki"
)

// bufferSize is how much of a document is held while it is streamed.
const bufferSize = 256 << 10

var buffers = sync.Pool{New: func() any { return new([bufferSize]byte) }}

// Digest returns a running digest that has read the whole document, in pieces:
// memory does not depend on its size. It fails if the document is shorter than
// it said.
func (in Input) Digest(h pki.Hash) (hash.Hash, error) {
	if !h.Known() {
		return nil, pki.ErrUnknownAlgorithm
	}
	d := h.New()
	n, err := Stream(d, in.Reader())
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	if n != in.Size {
		return nil, fmt.Errorf("reading the document: %w", io.ErrUnexpectedEOF)
	}
	return d, nil
}

// Stream copies r to w through a shared buffer.
func Stream(w io.Writer, r io.Reader) (int64, error) {
	buf := buffers.Get().(*[bufferSize]byte)
	defer buffers.Put(buf)
	return io.CopyBuffer(writerOnly{w}, readerOnly{r}, buf[:])
}

// writerOnly and readerOnly hide every other method, so that io.CopyBuffer
// uses its buffer.
type (
	writerOnly struct{ io.Writer }
	readerOnly struct{ io.Reader }
)
