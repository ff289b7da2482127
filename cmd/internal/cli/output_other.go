//go:build !unix

package cli

// syncFolder has nothing to do where folders cannot be synced.
func syncFolder(string) {}
