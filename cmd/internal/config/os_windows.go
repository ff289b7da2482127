package config

import (
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// othersCanRead answers no: the bits of a file say nothing on Windows, where a
// folder in a user's profile is that user's alone.
func othersCanRead(fs.FileInfo) bool { return false }

// lock waits for the one lock that f can carry. The system lets go of it when
// the process ends, however that happens.
func lock(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &windows.Overlapped{})
}

// syncFolder does nothing: Windows keeps names by itself, and flushes no folder.
func syncFolder(string) error { return nil }
