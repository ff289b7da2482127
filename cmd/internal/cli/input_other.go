//go:build !unix

package cli

// openFlags is empty where no open waits for a writer.
const openFlags = 0
