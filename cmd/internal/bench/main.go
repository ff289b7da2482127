// Command bench measures what we claim and prints one line for each claim:
//
//	NAME  ratio  goal  ok|short
//
// A ratio is processor time (or memory) of ours over that of a baseline,
// measured in the same run: the raw primitive of Go's crypto, the hashing of
// the same file, or another library. Only ratios mean something on a machine
// that others use too. Base and subject take turns; the figure is the median of
// the rounds' ratios. The command exits 1 if a claim falls short or cannot be measured;
// where a system lacks what a claim needs, its line says "skipped" and why.
//
//	go run ./cmd/internal/bench             # all
//	go run ./cmd/internal/bench pades mdoc  # those whose name holds a word
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"
)

// claim is something that we say of ourselves: reason tells what the base is,
// and where the rest of the goal comes from.
type claim struct {
	name    string
	goal    float64
	reason  string
	measure func(context.Context, *house) (float64, error)
}

// errSkipped says that this system cannot measure a claim.
var errSkipped = errors.New("skipped")

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := start(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func start(ctx context.Context) error {
	if child := os.Getenv(childVariable); child != "" {
		return runChild(ctx, child, os.Args[1:], os.Stdout)
	}
	return run(ctx, os.Args[1:], os.Stdout, os.Stderr)
}

func run(ctx context.Context, words []string, stdout, stderr io.Writer) error {
	dir, err := os.MkdirTemp("", "tamga-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	h, err := newHouse(dir)
	if err != nil {
		return fmt.Errorf("setting up: %w", err)
	}
	fmt.Fprintf(stdout, "%-22s %7s %7s\n", "NAME", "ratio", "goal")
	short, measured := 0, 0
	for _, c := range claims {
		if !wanted(c.name, words) {
			continue
		}
		begin := time.Now()
		ratio, err := c.measure(ctx, h)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, errSkipped):
			fmt.Fprintf(stdout, "%-22s %7s %7.2f %v\n", c.name, "-", c.goal, err)
			continue
		case err != nil:
			return fmt.Errorf("measuring %s: %w", c.name, err)
		}
		measured++
		word := "ok"
		if !(ratio > 0 && ratio <= c.goal) {
			word = "short"
			short++
		}
		fmt.Fprintf(stdout, "%-22s %7.2f %7.2f %s\n", c.name, ratio, c.goal, word)
		fmt.Fprintf(stderr, "# %-20s %5.1f s  %s\n", c.name, time.Since(begin).Seconds(), c.reason)
	}
	switch {
	case measured == 0:
		return errors.New("nothing was measured")
	case short > 0:
		return fmt.Errorf("%d of %d claims fall short", short, measured)
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
