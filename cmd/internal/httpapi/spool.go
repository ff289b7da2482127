package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"tamga/formats"
)

// spoolMemory is how much of an upload stays in memory: identity documents
// never touch the disk.
const spoolMemory = 256 << 10

// spool is an upload with random access. Close removes it.
type spool struct {
	name string
	size int64
	data []byte   // the whole upload, if small
	file *os.File // otherwise
	gone bool     // the file has lost its name already
}

// newSpool takes all of r, the part of a request called name by its sender.
func newSpool(dir, name string, r io.Reader) (*spool, error) {
	s := &spool{name: name}
	var head bytes.Buffer
	n, err := io.CopyN(&head, r, spoolMemory+1)
	if errors.Is(err, io.EOF) {
		s.data, s.size = head.Bytes(), n
		return s, nil
	}
	if err != nil {
		return nil, err
	}
	if s.file, err = os.CreateTemp(dir, "tamga-upload-*"); err != nil { // 0600
		return nil, &spoolError{fmt.Errorf("spooling an upload: %w", err)}
	}
	// Where the system lets go of a name before its file, a crash leaves
	// nothing behind; where it does not, Close removes it.
	s.gone = unlinkOpen(s.file)
	s.size, err = io.Copy(s.file, io.MultiReader(&head, r))
	if err != nil {
		s.Close()
		if _, ours := errors.AsType[*os.PathError](err); ours {
			err = &spoolError{fmt.Errorf("spooling an upload: %w", err)}
		}
		return nil, err
	}
	return s, nil
}

// spoolError is a fault of our disk, not of the client.
type spoolError struct{ error }

func (s *spool) ReadAt(b []byte, off int64) (int, error) {
	if s.file != nil {
		return s.file.ReadAt(b, off)
	}
	return bytes.NewReader(s.data).ReadAt(b, off)
}

// Close removes the upload; it may be called on nil.
func (s *spool) Close() {
	if s == nil || s.file == nil {
		return
	}
	s.file.Close()
	if !s.gone {
		os.Remove(s.file.Name())
	}
	s.file = nil
}

func (s *spool) input() formats.Input {
	return formats.Input{Name: s.name, ReaderAt: s, Size: s.size}
}
