// Command conditions asks whether a test would notice if a condition on the
// accept path were not there: it deletes, negates or moves each in turn, runs
// the tests of its package, and reports the changes that no test misses
// ("survivors").
//
//	PACKAGE  mutants  killed  explained  survived
//
//	go run ./cmd/internal/conditions                 # all packages of the list
//	go run ./cmd/internal/conditions ./pki/tsa       # one
//	go run ./cmd/internal/conditions -sample 60      # an even sample of each
//	go run ./cmd/internal/conditions -sample 60 -turn 7   # another one
//	go run ./cmd/internal/conditions -files 'crl|ocsp' ./verifier   # in files so named
//
// All mutants of a package are compiled into one test program, and an
// environment variable chooses among them, so that a mutant costs a run of
// tests and no compilation. Which tests come past which mutant is measured
// first, so that only those run that can notice it, the quick ones before the
// slow. One that panics, hangs or ends the process has been noticed.
// Corpora of others, which may be absent, are hidden from the tests, so that the
// answer is the same wherever it is asked.
//
// A survivor that does no harm stands in reasons.txt, by its text and not by
// its line. A survivor without a reason, and a reason without a survivor, make
// the command exit 1.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// packages are the accept path, each with the tests that are not run, because
// they take seconds: those that ask other programs, and long rows of files.
var packages = []struct{ path, skip string }{
	{"./pki/tsa", "^$"},
	{"./pki/ocsp", "OpenSSL|FoundInCorpora"},
	{"./pki/crl", "^$"},
	{"./pki/path", "Differential"},
	{"./verifier", "Corpora|BrokenByName"},
}

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
	turn := flags.Int("turn", 0, "which sample")
	files := flags.String("files", "", "only the mutants in files whose names match")
	if err := flags.Parse(args); err != nil {
		return err
	}
	in, err := regexp.Compile(*files)
	if err != nil {
		return fmt.Errorf("reading -files: %w", err)
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
	survived, stale := 0, 0
	for _, p := range packages {
		if len(flags.Args()) > 0 && !slices.Contains(flags.Args(), p.path) {
			continue
		}
		b := &bench{path: p.path, dir: dir, stderr: stderr, skip: regexp.MustCompile(p.skip), files: in}
		alive, n, err := b.survivors(ctx, *sample, *turn)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		explained := 0
		for _, m := range alive {
			if known.has(m) {
				explained++
				continue
			}
			fmt.Fprintf(stderr, "%s: %s%s\n\t%s\n", m.where, m.what, m.unreached(), m.key())
		}
		unexplained := len(alive) - explained
		fmt.Fprintf(stdout, "%-14s %7d %7d %9d %8d\n", p.path, n, n-len(alive), explained, unexplained)
		fmt.Fprintf(stderr, "# %-14s %5.1f s\n", p.path, b.took.Seconds())
		survived += unexplained
		if *sample == 0 && *files == "" {
			stale += known.stale(p.path, stderr)
		}
	}
	if survived+stale > 0 {
		return fmt.Errorf("%d survivors without a reason, %d reasons without a survivor", survived, stale)
	}
	return nil
}

// survivors runs the tests for each mutant, and returns those that no test
// noticed, of how many.
func (b *bench) survivors(ctx context.Context, sample, turn int) ([]mutant, int, error) {
	begin := time.Now()
	all, overlay, err := instrument(b.path, b.dir)
	if err != nil {
		return nil, 0, err
	}
	if err := b.build(ctx, overlay); err != nil {
		return nil, 0, err
	}
	if err := b.survey(ctx); err != nil {
		return nil, 0, err
	}
	all = slices.DeleteFunc(all, func(m mutant) bool { return !b.files.MatchString(path.Base(m.file)) })
	if sample > 0 && sample < len(all) {
		all = thin(all, sample, turn)
	}
	alive, err := b.judge(ctx, all)
	b.took = time.Since(begin)
	return alive, len(all), err
}

// thin returns n of all, evenly spread; each turn begins elsewhere.
func thin(all []mutant, n, turn int) []mutant {
	out := make([]mutant, n)
	for i := range out {
		out[i] = all[(i*len(all)/n+turn)%len(all)]
	}
	return out
}
