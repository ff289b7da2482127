//go:build unix

package config

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

func othersCanRead(info fs.FileInfo) bool { return info.Mode().Perm()&0o077 != 0 }

// lock waits for the one lock that f can carry. The system lets go of it when
// the process ends, however that happens.
func lock(f *os.File) error {
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
		if err != syscall.EINTR {
			return err
		}
	}
}

// syncFolder makes names in a folder last: a file that is flushed may still be
// lost by name.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
