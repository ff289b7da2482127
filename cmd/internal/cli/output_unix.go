//go:build unix

package cli

import "os"

// syncFolder makes a new name durable. A failure leaves the file whole, only
// its name may be lost with the power, so there is nothing to undo.
func syncFolder(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		d.Close()
	}
}
