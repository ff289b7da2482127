//go:build !unix

package main

import "time"

var began = time.Now()

// spent returns the time since the start, where processor time is not to be
// had in one call.
func spent() (time.Duration, error) { return time.Since(began), nil }
