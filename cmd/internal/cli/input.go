package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"tamga/formats"
)

// file is an open regular file whose reading can be interrupted.
type file struct {
	*os.File
	ctx  context.Context
	info fs.FileInfo
	read func(n int) // told of every read, for progress; may be nil
}

// open opens a document. Only regular files pass: a named pipe would wait for
// ever, a device may have no end. Failures end with ExitNotReadable.
func open(ctx context.Context, name string) (*file, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		return nil, notRegular(name, info.Mode())
	}
	var f *os.File
	if err == nil {
		f, err = os.OpenFile(name, os.O_RDONLY|openFlags, 0)
	}
	if err != nil {
		return nil, &failure{code: ExitNotReadable, file: name, err: plainCause(err)}
	}
	// The name may have come to mean another file since it was looked at.
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		f.Close()
		return nil, &failure{code: ExitNotReadable, file: name, err: errors.New("not a regular file")}
	}
	return &file{File: f, ctx: ctx, info: info}, nil
}

// ReadAt stops when the context does, so that hashing gigabytes can be stopped.
func (f *file) ReadAt(b []byte, off int64) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := f.File.ReadAt(b, off)
	if f.read != nil {
		f.read(n)
	}
	return n, err
}

// input returns the file as a document.
func (f *file) input(name string) formats.Input {
	return formats.Input{Name: show(name), ReaderAt: f, Size: f.info.Size()}
}

// unchanged fails if the file is not what it was when it was opened: a
// signature over half of each version fits neither.
func (f *file) unchanged() error {
	now, err := f.Stat()
	if err != nil {
		return err
	}
	if now.Size() != f.info.Size() || !now.ModTime().Equal(f.info.ModTime()) {
		return errors.New("changed while it was being read")
	}
	return nil
}

func notRegular(name string, mode fs.FileMode) error {
	kind, hint := "not a regular file", "copy it to a file first"
	switch {
	case mode.IsDir():
		kind, hint = "a directory, not a file", "name the files in it"
	case mode&fs.ModeNamedPipe != 0:
		kind = "a named pipe, not a file"
	case mode&fs.ModeSocket != 0:
		kind, hint = "a socket, not a file", ""
	case mode&fs.ModeDevice != 0:
		kind = "a device, not a file"
	}
	return &failure{code: ExitNotReadable, file: name, err: errors.New(kind), hint: hint}
}

// plainCause drops the operation and the name that package os puts in front.
func plainCause(err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fs.ErrNotExist
	case errors.Is(err, fs.ErrPermission):
		return fs.ErrPermission
	}
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// readSmall reads a whole file that must be small: claims, keys, certificates.
func readSmall(ctx context.Context, name string, stdin io.Reader) ([]byte, error) {
	if name == "-" {
		return readLimited(stdin, "standard input")
	}
	f, err := open(ctx, name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := readLimited(f.File, "")
	if err != nil {
		return nil, about(name, err)
	}
	return text, nil
}

// maxSmall bounds what readSmall takes: a portrait in claims is at most some
// hundred kilobytes.
const maxSmall = 8 << 20

func readLimited(r io.Reader, name string) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxSmall+1))
	if err != nil {
		return nil, &failure{code: ExitNotReadable, file: name, err: plainCause(err)}
	}
	if len(text) > maxSmall {
		return nil, &failure{code: ExitNotReadable, file: name, err: fmt.Errorf("larger than %d MiB", maxSmall>>20)}
	}
	return text, nil
}
