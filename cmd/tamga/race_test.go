//go:build race

package main

// slowdown is how much longer than users the race detector may take: opening a
// key is seconds of its work.
const slowdown = 10
