//go:build !unix

package httpapi

import "os"

// unlinkOpen does nothing where an open file cannot lose its name.
func unlinkOpen(*os.File) bool { return false }
