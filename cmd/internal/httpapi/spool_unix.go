//go:build unix

package httpapi

import "os"

// unlinkOpen removes the file's name; its bytes live until it is closed.
func unlinkOpen(f *os.File) bool { return os.Remove(f.Name()) == nil }
