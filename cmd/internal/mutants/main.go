// Command mutants changes valid documents in every way that it knows, and
// demands that no change is called valid: whoever can change one bit of a
// document, and still be believed, can change what it says.
//
//	NAME  mutants  same  false
//
// A mutant that is valid must say nothing that the original does not say: the
// same content, signer, path and claims, and no other proven time. It may say
// less, because anybody can take a time-stamp off, or leave a claim undisclosed
// ("same"). Any other is a false accept: it is written to a file, and the
// command exits 1.
//
//	go run ./cmd/internal/mutants -n 1000000          # what CI does
//	go run ./cmd/internal/mutants -n 10000000 -seed 7
//	go run ./cmd/internal/mutants cades               # those whose name holds a word
//
// Every bit is flipped, the document is cut at every byte, and every DER element
// is doubled, deleted, swapped, emptied, and given other lengths, as often as n
// allows: where it does not allow all, they are sampled evenly. What is left of
// n goes to random changes of several places and to splices of two documents.
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
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(stderr)
	n := flags.Int("n", 1_000_000, "mutants in all")
	seed := flags.Uint64("seed", 1, "of the random ones")
	dir := flags.String("dir", os.TempDir(), "where false accepts are written")
	if err := flags.Parse(args); err != nil {
		return err
	}
	all, err := newArtefacts(ctx)
	if err != nil {
		return fmt.Errorf("making the originals: %w", err)
	}
	var chosen []*artefact
	for _, a := range all {
		if wanted(a.name, flags.Args()) {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return errors.New("no artefact has such a name")
	}
	fmt.Fprintf(stdout, "%-22s %9s %9s %6s   seed %d\n", "NAME", "mutants", "same", "false", *seed)
	total, accepted := 0, 0
	for i, a := range chosen {
		share := (*n - total) / (len(chosen) - i)
		begin := time.Now()
		b := &batch{artefact: a, others: all, n: share, seed: *seed + uint64(i)<<32, dir: *dir, stderr: stderr}
		if err := b.run(ctx); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "%-22s %9d %9d %6d\n", a.name, share, b.same.Load(), b.accepted.Load())
		fmt.Fprintf(stderr, "# %-20s %5.1f s\n", a.name, time.Since(begin).Seconds())
		total, accepted = total+share, accepted+int(b.accepted.Load())
	}
	fmt.Fprintf(stdout, "%-22s %9d %9s %6d\n", "all", total, "", accepted)
	if accepted > 0 {
		return fmt.Errorf("%d of %d mutants were accepted that say something else", accepted, total)
	}
	return nil
}

func wanted(name string, words []string) bool {
	for _, w := range words {
		if strings.Contains(name, w) {
			return true
		}
	}
	return len(words) == 0
}

// within reports whether every line of said is one of whole.
func within(said, whole string) bool {
	known := strings.Split(whole, "\n")
	for line := range strings.SplitSeq(said, "\n") {
		if !slices.Contains(known, line) {
			return false
		}
	}
	return true
}

// batch is the mutants of one artefact.
type batch struct {
	*artefact
	others               []*artefact
	n                    int
	seed                 uint64
	dir                  string
	stderr               io.Writer
	void, same, accepted atomic.Int64
}

func (b *batch) run(ctx context.Context) error {
	plan := newPlan(b.artefact, b.n)
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, runtime.GOMAXPROCS(0))
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < b.n; i = int(next.Add(1)) - 1 {
				err := ctx.Err()
				if err == nil {
					err = b.try(ctx, plan, i)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}

// try makes and judges mutant i.
func (b *batch) try(ctx context.Context, p *plan, i int) error {
	mutant, how := p.mutant(i, b.seed, b.others)
	if mutant == nil || string(mutant) == string(b.original) {
		b.void.Add(1) // as where two equal elements are swapped
		return nil
	}
	said, valid, err := b.judge(ctx, mutant)
	switch {
	case err != nil:
		return fmt.Errorf("%s, mutant %d (%s): %w", b.name, i, how, err)
	case !valid:
		return nil
	case b.told(said):
		b.same.Add(1)
		return nil
	}
	b.accepted.Add(1)
	name := filepath.Join(b.dir, fmt.Sprintf("tamga-mutant-%s-%d", b.name, i))
	if err := os.WriteFile(name, mutant, 0o600); err != nil {
		return err
	}
	fmt.Fprintf(b.stderr, "%s: FALSE ACCEPT: %s: %s\nthe original says\n%sthe mutant says\n%s", b.name, how, name, strings.Join(b.said, ""), said)
	return nil
}
