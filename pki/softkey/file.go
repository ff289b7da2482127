package softkey

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

const maxFileSize = 64 << 10

// ErrPermissions says that a file is open to others than its owner.
var ErrPermissions = errors.New("open to others than its owner")

// Write stores signer's private key under passphrase in a new file of mode
// 0600. It never writes over a file ([fs.ErrExist]), and after a crash there is
// the whole file or none. Passphrase must not be empty, and is kept.
func Write(path string, signer crypto.Signer, passphrase []byte) error {
	if len(passphrase) == 0 {
		return fmt.Errorf("writing key file %s: the passphrase is empty", path)
	}
	plain, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return fmt.Errorf("writing key file %s: %w", path, err)
	}
	defer clear(plain)
	der, err := seal(plain, passphrase)
	if err != nil {
		return fmt.Errorf("writing key file %s: %w", path, err)
	}
	return writeNew(path, pem.EncodeToMemory(&pem.Block{Type: blockEncrypted, Bytes: der}))
}

// WritePlain is [Write] without encryption, for keys of no worth or disks that
// are encrypted themselves. Only an [Opener] with AllowPlain opens the file.
func WritePlain(path string, signer crypto.Signer) error {
	plain, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return fmt.Errorf("writing key file %s: %w", path, err)
	}
	defer clear(plain)
	text := pem.EncodeToMemory(&pem.Block{Type: blockPlain, Bytes: plain})
	defer clear(text)
	return writeNew(path, text)
}

// writeNew writes beside, flushes, and gives the file its name, which must be
// free, in one step; then it flushes the folder, without which the name could
// be lost with the power.
func writeNew(path string, data []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("writing key file %s: %w", path, err)
		}
	}()
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, "."+filepath.Base(path)+".*") // 0600, O_EXCL
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ignoreAbsent(os.Remove(f.Name()))) }()
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := claim(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// claim gives the file at temporary the name path unless that is taken. Not
// every file system has links; a rename after a look is next best there.
func claim(temporary, path string) error {
	err := os.Link(temporary, path)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	switch _, err := os.Lstat(path); {
	case err == nil:
		return fs.ErrExist
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return os.Rename(temporary, path)
}

func ignoreAbsent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" { // folders cannot be flushed there
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// readSecret reads a small regular file that nobody but its owner can open.
// The caller wipes it.
func readSecret(path string) ([]byte, error) {
	// Asked before opening, because opening a pipe would wait for its writer.
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, fmt.Errorf("%s has mode %04o: %w; run: chmod 600 %s", path, mode, ErrPermissions, path)
	}
	return readLimited(f, path)
}

// readLimited reads all of f, at most maxFileSize.
func readLimited(f *os.File, path string) ([]byte, error) {
	data := make([]byte, maxFileSize+1)
	n, err := io.ReadFull(f, data)
	switch {
	case err == nil:
		clear(data)
		return nil, fmt.Errorf("%s is larger than %d bytes: %w", path, maxFileSize, ErrMalformed)
	case err != io.EOF && err != io.ErrUnexpectedEOF:
		clear(data)
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return data[:n], nil
}
