package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// reasons are why survivors do no harm, by [mutant.key].
type reasons struct {
	why  map[string]string
	used map[string]bool
}

// readReasons reads lines of "key => reason"; # begins a comment.
func readReasons(file string) (*reasons, error) {
	f, err := os.Open(file)
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
		i := strings.LastIndex(line, " => ")
		if i < 0 || strings.TrimSpace(line[i+4:]) == "" {
			return nil, fmt.Errorf("%s: a line without a reason: %s", file, line)
		}
		if _, twice := r.why[line[:i]]; twice {
			return nil, fmt.Errorf("%s: two reasons for one: %s", file, line)
		}
		r.why[line[:i]] = line[i+4:]
	}
	return r, lines.Err()
}

func (r *reasons) has(m mutant) bool {
	_, ok := r.why[m.key()]
	r.used[m.key()] = r.used[m.key()] || ok
	return ok
}

// stale reports the reasons for the package that no survivor needs.
func (r *reasons) stale(dir string, w io.Writer) int {
	n := 0
	for key := range r.why {
		file, _, _ := strings.Cut(key, " | ")
		if !r.used[key] && path.Dir(file) == filepath.ToSlash(filepath.Clean(dir)) {
			fmt.Fprintf(w, "a reason without a survivor: %s\n", key)
			n++
		}
	}
	return n
}
