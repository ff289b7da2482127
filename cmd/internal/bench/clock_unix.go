//go:build unix

package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// spent returns the processor time that this process has used, its garbage
// collector included. Unlike time on the wall it does not count what other
// processes do on the same machine meanwhile.
func spent() (time.Duration, error) {
	var use unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &use); err != nil {
		return 0, err
	}
	return time.Duration(use.Utime.Nano() + use.Stime.Nano()), nil
}
