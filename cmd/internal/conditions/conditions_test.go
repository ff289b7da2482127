package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const subject = `package gate

import "errors"

var open = func(a, b int) bool { return a == b }

func Check(age int, name string, seen []string) error {
	if age < 18 || name == "" {
		return errors.New("no")
	}
	for _, s := range seen {
		if s == name {
			return errors.New("again")
		}
	}
	switch name {
	case "mallory":
		return errors.New("mallory")
	}
	return last(age)
}

func last(age int) error {
	if open(age, 99) && age != 98 {
		return errors.New("too old")
	}
	return nil
}
`

// noticed by these tests: everything but the bound of the age, and the "&&" in
// last, whose right side never matters.
const tests = `package gate

import "testing"

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		age  int
		name string
		seen []string
		good bool
	}{
		{30, "bob", nil, true}, {30, "bob", []string{"carol"}, true}, {30, "bob", []string{"bob"}, false},
		{3, "bob", nil, false}, {30, "", nil, false}, {30, "mallory", nil, false}, {99, "bob", nil, false},
	} {
		if err := Check(c.age, c.name, c.seen); (err == nil) != c.good {
			t.Error(c, err)
		}
	}
}
`

func TestSurvivorsAreFound(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("gate", 0o700))
	for name, text := range map[string]string{"go.mod": "module m\n\ngo 1.26\n", "gate/gate.go": subject, "gate/gate_test.go": tests} {
		require.NoError(t, os.WriteFile(filepath.FromSlash(name), []byte(text), 0o600))
	}
	var log bytes.Buffer
	b := &bench{path: "./gate", dir: t.TempDir(), stderr: &log, skip: regexp.MustCompile("^$"), files: regexp.MustCompile("")}
	alive, n, err := b.survivors(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Equal(t, 16, n)
	var keys []string
	for _, m := range alive {
		keys = append(keys, strings.TrimPrefix(m.key(), "gate/gate.go | "))
	}
	require.ElementsMatch(t, []string{"Check | bound | age < 18", "last | without | age != 98"}, keys)
	require.Contains(t, alive[0].where, "gate.go:8:")

	// Another file has none.
	b.files = regexp.MustCompile("^wall")
	_, n, err = b.survivors(t.Context(), 0, 0)
	require.NoError(t, err)
	require.Zero(t, n)

	// Tests that fail by themselves notice everything, and prove nothing.
	require.NoError(t, os.WriteFile("gate/bad_test.go", []byte("package gate\n\nimport \"testing\"\n\nfunc TestBad(t *testing.T) { t.Fail() }\n"), 0o600))
	_, _, err = b.survivors(t.Context(), 0, 0)
	require.ErrorContains(t, err, "TestBad fails without any mutant")
}

// Conditions of the same text are told apart by their place in the function.
func TestSameConditions(t *testing.T) {
	dir := t.TempDir()
	text := "package same\n\nfunc F(a bool) int {\n\tif a {\n\t}\n\tif a {\n\t}\n\tif a {\n\t}\n\treturn 0\n}\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "same.go"), []byte(text), 0o600))
	all, _, err := instrument(dir, t.TempDir())
	require.NoError(t, err)
	keys := map[string]bool{}
	for _, m := range all {
		keys[m.key()] = true
	}
	require.Len(t, keys, 6, "never and negated, three times")
}

func TestReasons(t *testing.T) {
	file := filepath.Join(t.TempDir(), "reasons.txt")
	write := func(lines ...string) (*reasons, error) {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")), 0o600))
		return readReasons(file)
	}
	m := mutant{file: "pki/x/a.go", function: "F", what: "never", text: "a => b"}
	r, err := write("# why", "", "pki/x/a.go | F | never | a => b => it is so", "pki/x/a.go | F | never | gone => it was so")
	require.NoError(t, err)
	require.True(t, r.has(m))
	m.again = 1
	require.False(t, r.has(m), "another condition of the same text")
	var log bytes.Buffer
	require.Equal(t, 1, r.stale("./pki/x", &log))
	require.Contains(t, log.String(), "gone")
	require.Equal(t, 0, r.stale("./pki", &log))
	_, err = write("pki/x/a.go | F | never | a => ")
	require.ErrorContains(t, err, "without a reason")
	_, err = write("a | b | c | d => e", "a | b | c | d => f")
	require.ErrorContains(t, err, "two reasons")
	_, err = readReasons(filepath.Join("cmd", "nothing"))
	require.Error(t, err)
}

func TestSamplesTurn(t *testing.T) {
	all := make([]mutant, 10)
	for i := range all {
		all[i].id = i
	}
	seen := map[int]bool{}
	for turn := range 4 {
		for _, m := range thin(all, 3, turn) {
			seen[m.id] = true
		}
	}
	require.Len(t, seen, 10, "every mutant has its turn")
}
