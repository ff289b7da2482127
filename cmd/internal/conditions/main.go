// Command conditions asks whether a test would notice if a condition on the
// accept path were not there: it deletes or negates each in turn, runs the
// tests, and reports those that no test misses ("survivors").
//
//	PACKAGE  conditions  mutants  killed  explained  survived
//
//	go run ./cmd/internal/conditions                     # all packages of the list
//	go run ./cmd/internal/conditions -sample 40          # an even sample of each
//	go run ./cmd/internal/conditions ./pki/tsa           # one
//
// Every mutant of a package is compiled into one test program, and an
// environment variable chooses among them, so that a mutant costs a run of the
// tests and no compilation. A survivor that does no harm stands in reasons.txt,
// by its text and not by its line; a reason that fits no survivor is a fault of
// its own. Either way the command exits 1.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// packages are the accept path, with the tests that are slow and add nothing
// here left out: a mutant is one run.
var packages = []target{
	{"./pki/tsa", "Fuzz"},
	{"./pki/ocsp", "Fuzz|Vectors|OpenSSL|Differential|Corpus"},
	{"./pki/crl", "Fuzz"},
	{"./pki/path", "Fuzz|Differential|OpenSSL"},
	{"./verifier", "Fuzz|Corpora|BrokenByName|EveryByte"},
}

// target is a package, and the tests that are not run.
type target struct{ path, skip string }

// patience is how long the tests of one mutant may take: one that never ends
// has been noticed.
const patience = 60 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "conditions:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("conditions", flag.ContinueOnError)
	flags.SetOutput(stderr)
	sample := flags.Int("sample", 0, "mutants of each package; 0 is all")
	if err := flags.Parse(args); err != nil {
		return err
	}
	known, err := readReasons(filepath.Join("cmd", "internal", "conditions", "reasons.txt"))
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "tamga-conditions-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintf(stdout, "%-14s %7s %7s %9s %8s\n", "PACKAGE", "mutants", "killed", "explained", "survived")
	survived := 0
	for _, t := range packages {
		if !chosen(t.path, flags.Args()) {
			continue
		}
		n, err := t.measure(ctx, bench{dir: dir, sample: *sample, reasons: known, stdout: stdout, stderr: stderr})
		if err != nil {
			return fmt.Errorf("%s: %w", t.path, err)
		}
		survived += n
	}
	stale := 0
	if *sample == 0 && flags.NArg() == 0 {
		stale = known.stale(stderr)
	}
	if survived+stale > 0 {
		return fmt.Errorf("%d survivors without a reason, %d reasons without a survivor", survived, stale)
	}
	return nil
}

func chosen(path string, words []string) bool {
	for _, w := range words {
		if filepath.Clean(w) == filepath.Clean(path) {
			return true
		}
	}
	return len(words) == 0
}

// bench is where and how mutants are measured.
type bench struct {
	dir            string
	sample         int
	reasons        *reasons
	stdout, stderr io.Writer
}

// measure runs the tests once for each mutant, and returns how many survived
// without a reason.
func (t target) measure(ctx context.Context, b bench) (int, error) {
	mutants, overlay, err := instrument(t.path, b.dir)
	if err != nil {
		return 0, err
	}
	program := filepath.Join(b.dir, "tests")
	if err := build(ctx, t.path, overlay, program); err != nil {
		return 0, err
	}
	if killed, out, err := t.try(ctx, program, 0); err != nil || killed {
		return 0, errors.Join(fmt.Errorf("the tests fail without any mutant:\n%s", out), err)
	}
	if b.sample > 0 && b.sample < len(mutants) {
		mutants = thin(mutants, b.sample)
	}
	var next, killed atomic.Int64
	alive := make([]bool, len(mutants))
	var wg sync.WaitGroup
	errs := make(chan error, runtime.NumCPU())
	for range runtime.NumCPU() {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(mutants) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				dead, _, err := t.try(ctx, program, mutants[i].id)
				if err != nil {
					errs <- err
					return
				}
				if alive[i] = !dead; dead {
					killed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	if err := errors.Join(ctx.Err(), <-errs); err != nil {
		return 0, err
	}
	explained, survived := 0, 0
	for i, m := range mutants {
		switch {
		case !alive[i]:
		case b.reasons.has(m):
			explained++
		default:
			survived++
			fmt.Fprintf(b.stderr, "%s: %s\n\t%s\n", m.where, m.what, m.key())
		}
	}
	fmt.Fprintf(b.stdout, "%-14s %7d %7d %9d %8d\n", t.path, len(mutants), killed.Load(), explained, survived)
	return survived, nil
}

func thin(all []mutant, n int) []mutant {
	out := make([]mutant, n)
	for i := range out {
		out[i] = all[i*len(all)/n]
	}
	return out
}
