package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// lockPath waits for the lock that the file at path carries. The file stays,
// for to remove it would let two hold the lock.
func lockPath(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	if err := lock(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking the data folder: %w", err)
	}
	return func() { f.Close() }, nil
}

// makeFolder makes the folder dir whole or not at all: fill writes it under a
// passing name beside its place, one rename puts it there. What a killed run
// left under a passing name is removed by the next. It reports whether it made
// one: a data folder that is there already stays as it is. The lock stands
// beside, so that one of two starts at once makes it and the other finds it.
func makeFolder(dir string, fill func(dir string) error) (made bool, err error) {
	parent, base := filepath.Dir(dir), filepath.Base(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return false, fmt.Errorf("making the data folder: %w", err)
	}
	unlock, err := lockPath(filepath.Join(parent, "."+base+".lock"))
	if err != nil {
		return false, err
	}
	defer unlock()
	entries, err := os.ReadDir(dir)
	switch {
	case err == nil && slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == fileName }):
		return false, nil
	case err == nil && len(entries) > 0:
		return false, fmt.Errorf("%s is not empty, and not a data folder", dir)
	case err == nil: // empty, as mkdtemp leaves it: ours to fill
		if err := os.Remove(dir); err != nil {
			return false, fmt.Errorf("making way for the data folder: %w", err)
		}
	case !errors.Is(err, os.ErrNotExist):
		return false, err
	}
	passing := filepath.Join(parent, "."+base+".part")
	if err := os.RemoveAll(passing); err != nil {
		return false, fmt.Errorf("removing what an earlier start left: %w", err)
	}
	if err := os.Mkdir(passing, 0o700); err != nil {
		return false, err
	}
	if err := fill(passing); err != nil {
		return false, errors.Join(err, os.RemoveAll(passing))
	}
	return true, os.Rename(passing, dir)
}
