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

// lockFolder waits for the lock of a data folder, which stands beside it: it is
// there before the folder is.
func lockFolder(dir string) (unlock func(), err error) {
	return lockPath(beside(dir, ".lock"))
}

// beside is a hidden name next to the folder dir.
func beside(dir, ending string) string {
	return filepath.Join(filepath.Dir(dir), "."+filepath.Base(dir)+ending)
}

// makeFolder makes the folder dir whole or not at all: fill writes it under a
// passing name beside its place, one rename puts it there. What a killed run
// left under a passing name is removed by the next. It reports whether it made
// one: a data folder that is there already stays as it is. The lock stands
// beside, so that one of two starts at once makes it and the other finds it. A
// trust store that is there before the rest is kept.
func makeFolder(dir string, fill func(dir string) error) (made bool, err error) {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return false, fmt.Errorf("making the data folder: %w", err)
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := restoreTrust(dir); err != nil {
		return false, err
	}
	trusting, made, err := look(dir)
	if err != nil || made {
		return false, err
	}
	passing := beside(dir, ".part")
	if err := os.RemoveAll(passing); err != nil {
		return false, fmt.Errorf("removing what an earlier start left: %w", err)
	}
	if err := os.Mkdir(passing, 0o700); err != nil {
		return false, err
	}
	err = fill(passing)
	if err == nil && trusting {
		err = os.CopyFS(filepath.Join(passing, trustFolder), os.DirFS(filepath.Join(dir, trustFolder)))
	}
	if err != nil {
		return false, errors.Join(err, os.RemoveAll(passing))
	}
	return true, moveIn(passing, dir, trusting)
}

// look tells what is at dir: a trust store and nothing else, or a data folder
// that has been made. An empty folder, as mkdtemp leaves it, is removed: it is
// ours to fill.
func look(dir string) (trusting, made bool, err error) {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return false, false, nil
	case err != nil:
		return false, false, err
	case slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == fileName }):
		return false, true, nil
	case len(entries) == 1 && entries[0].Name() == trustFolder && entries[0].IsDir():
		return true, false, nil
	case len(entries) > 0:
		return false, false, fmt.Errorf("%s is not empty, and not a data folder", dir)
	}
	if err := os.Remove(dir); err != nil {
		return false, false, fmt.Errorf("making way for the data folder: %w", err)
	}
	return false, false, nil
}

// moveIn puts the folder that was made at passing in the place of dir. A trust
// store that is there steps aside first; killed in between, restoreTrust brings it
// back.
func moveIn(passing, dir string, trusting bool) error {
	aside := beside(dir, ".trust")
	if trusting {
		if err := os.Rename(dir, aside); err != nil {
			return fmt.Errorf("making way for the data folder: %w", err)
		}
	}
	if err := os.Rename(passing, dir); err != nil {
		return errors.Join(err, restoreTrust(dir))
	}
	return os.RemoveAll(aside)
}

// restoreTrust ends what a killed moveIn began: the trust store that stepped
// aside comes back if nothing took its place, and goes if a copy of it did.
func restoreTrust(dir string) error {
	aside := beside(dir, ".trust")
	if _, err := os.Lstat(aside); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if _, err := os.Lstat(dir); errors.Is(err, os.ErrNotExist) {
		return os.Rename(aside, dir)
	}
	return os.RemoveAll(aside)
}
