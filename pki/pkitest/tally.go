package pkitest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Tally counts how far we agree with a corpus that others made. A test named
// TestVectors… adds its cases and ends with Report, whose line `make vectors`
// collects.
type Tally struct {
	Name                            string // of the corpus
	cases, agreed, excepted, failed int
}

// Case adds one case. If we do not agree, exception says why that is right;
// without one the case has failed, and so has the test.
func (c *Tally) Case(t testing.TB, id string, agreed bool, exception string) {
	t.Helper()
	c.cases++
	switch {
	case agreed:
		c.agreed++
	case exception != "":
		c.excepted++
		t.Logf("%s %s: excepted: %s", c.Name, id, exception)
	default:
		c.failed++
		if c.failed <= 20 {
			t.Errorf("%s %s: we disagree", c.Name, id)
		}
	}
}

// Report prints the line of this corpus.
func (c *Tally) Report(t testing.TB) {
	t.Helper()
	if c.cases == 0 {
		t.Errorf("corpus %s: no case was run", c.Name)
	}
	fmt.Printf("vectors: %s %d %d %d %d\n", c.Name, c.cases, c.agreed, c.excepted, c.failed)
	if c.failed > 0 {
		t.Errorf("%s: %d of %d cases failed", c.Name, c.failed, c.cases)
	}
}

// Corpus returns the folder of third-party test files called name, or skips
// the test. The folders lie in $TAMGA_CORPORA, by default ../shared/corpora
// beside the module.
func Corpus(t testing.TB, name string) string {
	t.Helper()
	root := os.Getenv("TAMGA_CORPORA")
	if root == "" {
		root = filepath.Join(moduleRoot(t), "..", "shared", "corpora")
	}
	dir := filepath.Join(root, name)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("corpora absent: %s (set TAMGA_CORPORA)", name)
	}
	return dir
}

// moduleRoot is the folder of go.mod above the test's own.
func moduleRoot(t testing.TB) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("no go.mod above the test's folder")
		}
		dir = up
	}
}
