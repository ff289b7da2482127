package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"rsc.io/qr"

	"tamga/verifier/report"
)

func TestWorst(t *testing.T) {
	for _, c := range []struct {
		codes []Exit
		want  Exit
	}{
		{nil, ExitFailed}, // nothing done is no success
		{[]Exit{0}, 0},
		{[]Exit{0, 3, 0}, 3},
		{[]Exit{3, 4}, 4},
		{[]Exit{4, 5, 3}, 5},
		{[]Exit{5, 2, 4, 3, 0}, 2},
		{[]Exit{1, 5}, 1},
		{[]Exit{1, 2}, 2}, // a forgery that was found is not hidden by what broke later
		{[]Exit{6, 2}, 6},
	} {
		require.Equal(t, c.want, worst(c.codes), "%v", c.codes)
	}
}

func TestExitOfUnknownVerdict(t *testing.T) {
	require.Equal(t, ExitOK, exitOf(report.Valid))
	require.Equal(t, ExitFailed, exitOf(""))
	require.Equal(t, ExitFailed, exitOf("fine"))
}

// A file's name is chosen by a stranger. It must not move the cursor, end the
// line, or turn the direction of the text.
func TestShow(t *testing.T) {
	for name, want := range map[string]string{
		"contract.pdf":            "contract.pdf",
		"договір №1.pdf":          "договір №1.pdf",
		"a b.pdf":                 "a b.pdf",
		" a":                      `" a"`,
		"":                        `""`,
		"\xff\xfe.pdf":            `"\xff\xfe.pdf"`,
		"a\nvalid":                `"a\nvalid"`,
		"\x1b[2Jx":                `"\x1b[2Jx"`,
		"invoice\u202efdp.exe":    `"invoice\u202efdp.exe"`,
		`say "valid"`:             `"say \"valid\""`,
		"bell\a":                  `"bell\a"`,
		"zero\u200bwidth":         `"zero\u200bwidth"`,
		"nul\x00l":                `"nul\x00l"`,
		strings.Repeat("x", 3000): strings.Repeat("x", 3000),
	} {
		require.Equal(t, want, show(name))
	}
	require.Equal(t, "a b\uFFFDc", oneLine("a\nb\x1bc"))
}

func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		asked string
		env   map[string]string
		want  string
	}{
		{"", nil, "en"},
		{"et", map[string]string{"LANG": "uk_UA.UTF-8"}, "et"},
		{"", map[string]string{"LANG": "uk_UA.UTF-8"}, "uk"},
		{"", map[string]string{"LANG": "uk_UA.UTF-8", "LC_ALL": "C"}, "en"},
		{"", map[string]string{"LANG": "uk_UA", "LC_MESSAGES": "et_EE"}, "et"},
		{"", map[string]string{"LANG": "x"}, "en"},
	} {
		a := &app{Env: Env{Getenv: func(name string) string { return c.env[name] }}}
		got, err := a.language(c.asked)
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
	_, err := (&app{}).language("xx")
	require.Error(t, err)
}

func leftovers(t *testing.T, dir string) (parts []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".part") {
			parts = append(parts, e.Name())
		}
	}
	return parts
}

func TestOutput(t *testing.T) {
	dir := t.TempDir()
	place := filepath.Join(dir, "out.pdf")
	write := func(text string, force bool) error {
		out, err := create(place, force, nil)
		if err != nil {
			return err
		}
		defer out.discard()
		if _, err := out.WriteString(text); err != nil {
			return err
		}
		return out.commit()
	}
	require.NoError(t, write("one", false))
	require.ErrorContains(t, write("two", false), "exists already")
	text, err := os.ReadFile(place)
	require.NoError(t, err)
	require.Equal(t, "one", string(text))
	require.NoError(t, write("three", true))
	text, err = os.ReadFile(place)
	require.NoError(t, err)
	require.Equal(t, "three", string(text))
	info, err := os.Stat(place)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	require.Empty(t, leftovers(t, dir))

	out, err := create(filepath.Join(dir, "never.pdf"), false, nil)
	require.NoError(t, err)
	require.Len(t, leftovers(t, dir), 1)
	out.discard()
	require.Empty(t, leftovers(t, dir))
	require.NoFileExists(t, filepath.Join(dir, "never.pdf"))

	_, err = create(filepath.Join(dir, "no", "such", "folder.pdf"), false, nil)
	require.ErrorContains(t, err, "folder.pdf: writing: file does not exist")
}

// Two runs that sign to the same name at once: one wins, the other is told,
// and neither overwrites what was there when it came to its end.
func TestOutputRace(t *testing.T) {
	place := filepath.Join(t.TempDir(), "out")
	const runs = 16
	outs := make([]*output, runs)
	for i := range outs {
		out, err := create(place, false, nil)
		require.NoError(t, err)
		_, err = out.WriteString(strings.Repeat("x", i+1))
		require.NoError(t, err)
		outs[i] = out
	}
	errs := make([]error, runs)
	var wg sync.WaitGroup
	for i, out := range outs {
		wg.Go(func() { errs[i] = out.commit() })
	}
	wg.Wait()
	winners := 0
	for i, err := range errs {
		if err == nil {
			winners++
			text, err := os.ReadFile(place)
			require.NoError(t, err)
			require.Len(t, text, i+1)
		} else {
			require.ErrorContains(t, err, "exists already")
		}
	}
	require.Equal(t, 1, winners)
	require.Empty(t, leftovers(t, filepath.Dir(place)))
}

func TestCommitAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	var outs []*output
	for _, name := range []string{"a", "b", "c"} {
		out, err := create(filepath.Join(dir, name), false, nil)
		require.NoError(t, err)
		defer out.discard()
		outs = append(outs, out)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "b"), []byte("came in between"), 0o600))
	require.ErrorContains(t, commitAll(outs), "exists already")
	require.NoFileExists(t, filepath.Join(dir, "a"))
	require.NoFileExists(t, filepath.Join(dir, "c"))
	text, err := os.ReadFile(filepath.Join(dir, "b"))
	require.NoError(t, err)
	require.Equal(t, "came in between", string(text))
}

func TestCopyHead(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "in")
	require.NoError(t, os.WriteFile(name, []byte("0123456789"), 0o644))
	in, err := open(t.Context(), name)
	require.NoError(t, err)
	defer in.Close()
	out, err := create(filepath.Join(dir, "out"), false, in.info)
	require.NoError(t, err)
	defer out.discard()
	require.NoError(t, out.copyHead(t.Context(), in, 4))
	require.Error(t, out.copyHead(t.Context(), in, 11), "the input is shorter than it was")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	require.ErrorIs(t, out.copyHead(stopped, in, 4), context.Canceled)
	require.NoError(t, in.unchanged())
	require.NoError(t, os.WriteFile(name, []byte("0123456789+"), 0o644))
	require.ErrorContains(t, in.unchanged(), "changed while")
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	for name, want := range map[string]string{dir: "a directory", filepath.Join(dir, "none"): "file does not exist"} {
		_, err := open(t.Context(), name)
		require.ErrorContains(t, err, want)
		f, ok := errors.AsType[*failure](err)
		require.True(t, ok)
		require.Equal(t, ExitNotReadable, f.code)
	}
}

func TestInterruptedRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "in")
	require.NoError(t, os.WriteFile(name, make([]byte, 100), 0o644))
	ctx, stop := context.WithCancel(t.Context())
	in, err := open(ctx, name)
	require.NoError(t, err)
	defer in.Close()
	_, err = in.ReadAt(make([]byte, 10), 0)
	require.NoError(t, err)
	stop()
	_, err = in.ReadAt(make([]byte, 10), 0)
	require.ErrorIs(t, err, context.Canceled)
}

func TestHalfBlocks(t *testing.T) {
	code, err := qr.Encode("http://localhost:8080", qr.L)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(halfBlocks(code), "\n"), "\n")
	require.Len(t, lines, (code.Size+8+1)/2)
	for _, line := range lines {
		require.Len(t, []rune(line), code.Size+8)
	}
	// The quiet zone is light, the corner of the first finder pattern dark.
	require.Equal(t, strings.Repeat("█", code.Size+8), lines[0])
	require.Equal(t, ' ', []rune(lines[2])[4])
}

// Exit status 0 after a panic would be a pass, and Go's own 2 a verdict.
func TestPanicIsAFailure(t *testing.T) {
	var stderr strings.Builder
	code := Run(t.Context(), Env{
		Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: &stderr, Args: []string{"verify", "x.pdf"},
		Getenv: func(string) string { panic("a defect") }, Now: time.Now,
	})
	require.Equal(t, int(ExitFailed), code)
	require.Contains(t, stderr.String(), "internal error: a defect")
}
