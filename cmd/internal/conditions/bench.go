package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// bench runs the tests of one package.
type bench struct {
	path   string
	dir    string         // for scratch files
	skip   *regexp.Regexp // tests by name
	files  *regexp.Regexp // whose mutants are judged
	stderr io.Writer
	tests  []test
	took   time.Duration
}

// test is a test, and the mutants that it comes by.
type test struct {
	name  string
	took  time.Duration
	comes map[int]bool
}

func (b *bench) program() string { return filepath.Join(b.dir, "tests") }

func (b *bench) build(ctx context.Context, overlay string) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", b.program(), b.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building with the mutants: %w\n%s", err, out)
	}
	return nil
}

// survey runs each test alone, without any mutant, and notes which it comes by.
func (b *bench) survey(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, b.program(), "-test.list", ".")
	cmd.Dir = b.path
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("listing the tests: %w", err)
	}
	var names []string
	for name := range strings.Lines(string(out)) {
		if name = strings.TrimSpace(name); !strings.HasPrefix(name, "Benchmark") && !b.skip.MatchString(name) {
			names = append(names, name)
		}
	}
	b.tests = make([]test, len(names))
	err = each(ctx, len(names), func(i int) (err error) {
		b.tests[i], err = b.watch(ctx, names[i])
		return err
	})
	slices.SortFunc(b.tests, func(x, y test) int { return cmp.Compare(x.took, y.took) })
	return err
}

// patience is how long one test may take without any mutant.
const patience = 2 * time.Minute

// watch runs one test, which must pass.
func (b *bench) watch(ctx context.Context, name string) (test, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	reach := filepath.Join(b.dir, "reached-"+name)
	if err := os.WriteFile(reach, nil, 0o600); err != nil {
		return test{}, err
	}
	defer os.Remove(reach)
	begin := time.Now()
	cmd := b.command(ctx, 0, name)
	cmd.Env = append(cmd.Env, reachVariable+"="+reach)
	if out, err := cmd.CombinedOutput(); err != nil {
		return test{}, fmt.Errorf("%s fails without any mutant: %w\n%s", name, err, out)
	}
	t := test{name: name, took: time.Since(begin), comes: map[int]bool{}}
	text, err := os.ReadFile(reach)
	if err != nil {
		return test{}, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		id, err := strconv.Atoi(lines.Text())
		if err != nil {
			return test{}, fmt.Errorf("reading what %s came by: %w", name, err)
		}
		t.comes[id] = true
	}
	return t, lines.Err()
}

func (b *bench) command(ctx context.Context, id int, names ...string) *exec.Cmd {
	for i, n := range names {
		names[i] = regexp.QuoteMeta(n)
	}
	cmd := exec.CommandContext(ctx, b.program(), "-test.failfast", "-test.short",
		"-test.run", "^("+strings.Join(names, "|")+")$")
	cmd.Dir = b.path
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, id), "TAMGA_CORPORA="+filepath.Join(b.dir, "none"))
	return cmd
}

// judge returns those of the mutants that no test notices.
func (b *bench) judge(ctx context.Context, all []mutant) (alive []mutant, err error) {
	killed := make([]bool, len(all))
	var done atomic.Int64
	err = each(ctx, len(all), func(i int) (err error) {
		killed[i], err = b.kills(ctx, &all[i])
		if n := done.Add(1); n%100 == 0 {
			fmt.Fprintf(b.stderr, "# %s %d of %d\n", b.path, n, len(all))
		}
		return err
	})
	for i, m := range all {
		if !killed[i] {
			alive = append(alive, m)
		}
	}
	return alive, err
}

// batch is how long the tests of one run may take together, so that the slow
// ones are not run where a quick one is enough.
const batch = 300 * time.Millisecond

// kills reports whether a test notices the mutant.
func (b *bench) kills(ctx context.Context, m *mutant) (bool, error) {
	var names []string
	var took time.Duration
	for i, t := range b.tests {
		if t.comes[m.id] {
			names, took, m.reached = append(names, t.name), took+t.took, true
		}
		if len(names) == 0 || took < batch && i < len(b.tests)-1 {
			continue
		}
		if killed, err := b.fails(ctx, m.id, names, took); killed || err != nil {
			return killed, err
		}
		names, took = nil, 0
	}
	return false, nil
}

// fails runs tests with a mutant on. One that takes ten times its time is taken
// to hang.
func (b *bench) fails(ctx context.Context, id int, names []string, took time.Duration) (bool, error) {
	limited, cancel := context.WithTimeout(ctx, 10*time.Second+10*took)
	defer cancel()
	err := b.command(limited, id, names...).Run()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) || limited.Err() != nil {
		return err != nil, nil
	}
	return false, err
}

// each does n things on all cores, until one fails.
func each(ctx context.Context, n int, do func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, runtime.NumCPU())
	for worker := range errs {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && errs[worker] == nil; i = int(next.Add(1)) - 1 {
				errs[worker] = errors.Join(ctx.Err(), do(i))
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
