//go:build unix

package cli

import "syscall"

// openFlags keeps an open from waiting, should a pipe have taken the name.
const openFlags = syscall.O_NONBLOCK
