package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/config"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"tamga": main, "http": fetch})
}

// sharedData is a data folder that the scripts share, because making keys
// takes its time. Scripts about the data folder itself make their own.
var sharedData = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "tamga-test-data")
	if err != nil {
		return "", err
	}
	_, err = config.SetUp(context.Background(), filepath.Join(dir, "data"), time.Now())
	return dir, err
})

func TestScripts(t *testing.T) {
	shared, err := sharedData()
	require.NoError(t, err)
	t.Cleanup(func() { os.RemoveAll(shared) })
	samples, err := filepath.Abs("../../testdata")
	require.NoError(t, err)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			addr, err := freeAddress()
			e.Setenv("TAMGA_DATA", filepath.Join(shared, "data"))
			e.Setenv("SHARED", filepath.Join(shared, "data"))
			e.Setenv("SAMPLES", samples)
			e.Setenv("ADDR", addr)
			e.Setenv("LC_ALL", "C")
			return err
		},
		Condition: func(cond string) (bool, error) {
			if cond == "root" {
				return os.Geteuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", cond)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "sparse": sparse, "damage": damage, "truncated": truncated, "odd": odd,
			"pipe": pipe, "mode": mode, "bomb": bomb, "deep": deep, "same": same, "nothing": nothing, "interrupt": interrupt,
		},
	})
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// exits CODE COMMAND... runs a command that must end with the exit code.
// "exits -quick CODE" also holds it to 2 seconds and 256 MiB: seconds of work,
// because those on the wall belong to whatever else the machine does.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	quick := len(args) > 0 && args[0] == "-quick"
	if quick {
		args = args[1:]
	}
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits [-quick] CODE COMMAND...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	var stdout, stderr bytes.Buffer
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	cmd := exec.Command(path, args[2:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = ts.MkAbs("."), &stdout, &stderr
	cmd.Env = environ(ts)
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		ts.Fatalf("running %s: %v", args[1], err)
	}
	io.Copy(ts.Stdout(), &stdout)
	io.Copy(ts.Stderr(), &stderr)
	if got := cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\n%s", got, want, stderr.String())
	}
	if mem := memory(cmd.ProcessState); quick && mem > 256<<20 {
		ts.Fatalf("took %d MiB of memory", mem>>20)
	}
	if took := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(); quick && took > slowdown*2*time.Second {
		ts.Fatalf("took %s", took)
	}
}

func environ(ts *testscript.TestScript) []string {
	var out []string
	for _, name := range []string{"TAMGA_DATA", "PATH", "HOME", "TMPDIR", "LC_ALL", "NO_COLOR", "SYSTEMROOT", "GOCOVERDIR"} {
		if v := ts.Getenv(name); v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// sparse SIZE NAME makes a file of that many GiB of nothing.
func sparse(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(errors.Join(f.Truncate(n<<30), f.Close()))
}

// damage FROM TO OFFSET copies a file with one bit of the byte at OFFSET
// turned; a negative offset counts from the end.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	data := []byte(ts.ReadFile(args[0]))
	at, err := strconv.Atoi(args[2])
	ts.Check(err)
	if at < 0 {
		at += len(data)
	}
	data[at] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

// truncated FROM TO SIZE copies the first SIZE bytes.
func truncated(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(ts.ReadFile(args[0]))[:n], 0o644))
}

// odd NAME makes a file whose name is NAME in Go's quotes.
func odd(ts *testscript.TestScript, _ bool, args []string) {
	name, err := strconv.Unquote(`"` + args[0] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(".")+"/"+name, []byte("hello"), 0o644))
	ts.Setenv("ODD", name)
}

// mode OCTAL NAME sets permissions; "mode ? NAME" prints them.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	if args[0] == "?" {
		info, err := os.Stat(ts.MkAbs(args[1]))
		ts.Check(err)
		fmt.Fprintf(ts.Stdout(), "%o\n", info.Mode().Perm())
		return
	}
	n, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	ts.Check(os.Chmod(ts.MkAbs(args[1]), os.FileMode(n)))
}

// bomb NAME makes a ZIP that unpacks to a gigabyte.
func bomb(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("bomb")
	ts.Check(err)
	for chunk := make([]byte, 1<<20); ; {
		if n, err := w.Write(chunk); err != nil || n == 0 {
			ts.Check(err)
		}
		if b.Len() > 100<<10 {
			break
		}
	}
	ts.Check(z.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o644))
}

// deep DEPTH NAME makes JSON that is nested so deep.
func deep(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Repeat(`{"a":`, n)+"1"+strings.Repeat("}", n)), 0o644))
}

// same MEMBER A B compares a member of two JSON texts byte for byte.
func same(ts *testscript.TestScript, _ bool, args []string) {
	a, b := member(ts, args[0], args[1]), member(ts, args[0], args[2])
	if a != b {
		ts.Fatalf("%s differs:\n%s\n%s", args[0], a, b)
	}
}

// nothing PATTERN fails if a file matches.
func nothing(ts *testscript.TestScript, _ bool, args []string) {
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) > 0 {
		ts.Fatalf("there is %v", found)
	}
}
