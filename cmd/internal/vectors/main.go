// Command vectors runs every test named TestVectors… of the module and prints
// one line for each corpus:
//
//	NAME  cases  agreed  excepted  failed
//
// A case is excepted where we differ for a reason that its test states. The
// command exits 1 if any case failed, any test failed, or no corpus was run.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

func main() {
	if err := run(os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "vectors:", err)
		os.Exit(1)
	}
}

func run(stdout, stderr io.Writer) error {
	cmd := exec.Command("go", "test", "-count=1", "-run", "^TestVectors", "-v", "./...")
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("running go test: %w", err)
	}
	rows, log := collect(out)
	testErr := cmd.Wait()
	slices.Sort(rows)
	fmt.Fprintf(stdout, "%-28s %7s %7s %8s %6s\n", "NAME", "cases", "agreed", "excepted", "failed")
	for _, row := range rows {
		var name string
		var cases, agreed, excepted, failed int
		if _, err := fmt.Sscan(row, &name, &cases, &agreed, &excepted, &failed); err != nil {
			return fmt.Errorf("reading the line %q of a test: %w", row, err)
		}
		fmt.Fprintf(stdout, "%-28s %7d %7d %8d %6d\n", name, cases, agreed, excepted, failed)
	}
	if testErr != nil {
		fmt.Fprint(stderr, log)
		return fmt.Errorf("go test: %w", testErr)
	}
	if len(rows) == 0 {
		return fmt.Errorf("no corpus was run")
	}
	return nil
}

// collect splits the output of go test into the lines of the corpora and the
// lines that tell of failures and skips.
func collect(out io.Reader) (rows []string, log string) {
	var b strings.Builder
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if row, ok := strings.CutPrefix(line, "vectors: "); ok {
			rows = append(rows, row)
		} else if strings.Contains(line, "--- FAIL") || strings.Contains(line, "_test.go") || strings.HasPrefix(line, "FAIL") {
			b.WriteString(line + "\n")
		}
	}
	return rows, b.String()
}
