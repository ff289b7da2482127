//go:build unix

package main

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is for a command that was told to stop. It should stop at once, but
// the machine may be busy with other tests.
const patience = 30 * time.Second

// memory returns the most that the process had at once.
func memory(s *os.ProcessState) int64 {
	rss := int64(s.SysUsage().(*syscall.Rusage).Maxrss)
	if runtime.GOOS == "darwin" {
		return rss
	}
	return rss << 10
}

// pipe NAME makes a named pipe.
func pipe(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(syscall.Mkfifo(ts.MkAbs(args[0]), 0o600))
}

// interrupt SIGNAL CODE COMMAND... starts a command that would take long, and
// sends it a signal when it is at work; it must end soon, with the exit code
// (-1: by the signal).
func interrupt(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	path, err := exec.LookPath(args[2])
	ts.Check(err)
	cmd := exec.Command(path, args[3:]...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), environ(ts), ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	time.Sleep(time.Second)
	ts.Check(cmd.Process.Signal(map[string]os.Signal{"INT": os.Interrupt, "KILL": os.Kill}[args[0]]))
	sent := time.Now()
	err = cmd.Wait()
	if took := time.Since(sent); took > patience {
		ts.Fatalf("it took %s to stop", took)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		ts.Fatalf("running %s: %v", args[2], err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
