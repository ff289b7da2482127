package softkey

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
)

// PassphraseFile returns a source of the passphrase in the file at path, read
// anew at each call. The file must be closed to group and others, as a key file
// is. One line end at its end is cut.
func PassphraseFile(path string) func(context.Context) ([]byte, error) {
	return func(context.Context) ([]byte, error) {
		data, err := readSecret(path)
		if err != nil {
			return nil, fmt.Errorf("reading the passphrase file: %w", err)
		}
		return oneLine(data)
	}
}

// PassphraseFD returns a source of what can be read from file descriptor fd up
// to its end, such as a pipe that a parent process has opened. It is read at
// the first call, closed, and kept for the next.
func PassphraseFD(fd int) func(context.Context) ([]byte, error) {
	read := sync.OnceValues(func() ([]byte, error) {
		f := os.NewFile(uintptr(fd), fmt.Sprintf("file descriptor %d", fd))
		if fd < 0 || f == nil {
			return nil, fmt.Errorf("reading the passphrase: no file descriptor %d", fd)
		}
		defer f.Close()
		data, err := readLimited(f, f.Name())
		if err != nil {
			return nil, fmt.Errorf("reading the passphrase: %w", err)
		}
		return oneLine(data)
	})
	return func(context.Context) ([]byte, error) {
		data, err := read()
		return bytes.Clone(data), err
	}
}

func oneLine(data []byte) ([]byte, error) {
	data = bytes.TrimSuffix(data, []byte("\n"))
	data = bytes.TrimSuffix(data, []byte("\r"))
	if len(data) == 0 {
		return nil, errors.New("the passphrase is empty")
	}
	if bytes.ContainsAny(data, "\r\n\x00") {
		clear(data)
		return nil, errors.New("the passphrase has more than one line")
	}
	return data, nil
}
