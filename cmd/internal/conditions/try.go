package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
)

func build(ctx context.Context, path, overlay, program string) error {
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", overlay, "-o", program, path)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("building with the mutants: %w\n%s", err, out)
	}
	return nil
}

// try runs the tests with one mutant on, or none (0), and reports whether they
// noticed. One that panics or never ends has been noticed.
func (t target) try(ctx context.Context, program string, id int) (killed bool, out []byte, err error) {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(limited, program, "-test.failfast", "-test.skip", t.skip)
	cmd.Dir = t.path
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", variable, id))
	out, err = cmd.CombinedOutput()
	if ctx.Err() != nil {
		return false, out, ctx.Err()
	}
	var exit *exec.ExitError
	if err == nil || errors.As(err, &exit) || limited.Err() != nil {
		return err != nil, out, nil
	}
	return false, out, err
}

// reasons are why survivors do no harm, by [mutant.key].
type reasons struct {
	why  map[string]string
	used map[string]bool
}

// readReasons reads lines of "key => reason"; # begins a comment.
func readReasons(path string) (*reasons, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := &reasons{why: map[string]string{}, used: map[string]bool{}}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		key, why, ok := strings.Cut(line, " => ")
		if !ok || strings.TrimSpace(why) == "" {
			return nil, fmt.Errorf("%s: a line without a reason: %s", path, line)
		}
		r.why[key] = why
	}
	return r, lines.Err()
}

func (r *reasons) has(m mutant) bool {
	_, ok := r.why[m.key()]
	r.used[m.key()] = r.used[m.key()] || ok
	return ok
}

// stale reports the reasons that no survivor needs.
func (r *reasons) stale(w io.Writer) int {
	n := 0
	for key := range r.why {
		if !r.used[key] {
			fmt.Fprintf(w, "a reason without a survivor: %s\n", key)
			n++
		}
	}
	return n
}
