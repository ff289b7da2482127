package pades_test

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

func isOurs(err error) bool {
	return errors.Is(err, formats.ErrMalformed) || errors.Is(err, formats.ErrTooLarge) ||
		errors.Is(err, formats.ErrUnsupported)
}

func corpora(t testing.TB) map[string]string {
	root := os.Getenv("TAMGA_CORPORA")
	if root == "" {
		root = "../../../shared/corpora"
	}
	if _, err := os.Stat(root); err != nil {
		t.Skip("corpora absent: ", err)
	}
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.EqualFold(filepath.Ext(path), ".pdf") {
			files[path] = filepath.Base(path)
		}
		return err
	}))
	return files
}

// broken are files of the corpora whose name says that a signature must not
// hold, or must not be said to cover what the file shows. (A file called
// HASH_FAILURE is not among them: it tells of an old fault in DSS, and pdfsig
// calls it valid too.)
var broken = []string{
	"siwa", "byterange", "spoofing", "weird-byterange", "one-byterange", "gap-too-big", "tail-uncovered",
	"EDITED", "modified_after_signature", "removed-pages", "added-page", "annot-added", "visible-change",
	"multiple-fields", "double-signer-info", "econtent", "no-signed-attrs", "out-of-byteRange", "sneaky",
}

// TestCorpora reads every PDF that we did not write: no panic, little time,
// errors of ours only, and no file that is said to be broken holds.
func TestCorpora(t *testing.T) {
	count := map[string]int{}
	for path, name := range corpora(t) {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		start := time.Now()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		doc, err := pades.Parser{}.Parse(input(b))
		runtime.ReadMemStats(&after)
		require.Less(t, time.Since(start), time.Minute, name)
		require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(512<<20), name)
		count["files"]++
		if err != nil {
			require.True(t, isOurs(err), "%s: %v", name, err)
			count["refused"]++
			if strings.Contains(err.Error(), "encrypted") {
				count["refused as encrypted"]++
			}
			continue
		}
		if len(doc.Signatures) == 0 {
			count["unsigned"]++
			continue
		}
		good := 0
		for _, sig := range doc.Signatures {
			count["signatures"]++
			err := holds(sig)
			switch c := sig.Coverage; {
			case err != nil:
				count["signatures that do not hold"]++
				t.Logf("%s, %s: %v", name, sig.Name, err)
			case c.Whole:
				count["whole"]++
				good++
			case c.Harmless:
				count["harmless later changes"]++
				good++
			default:
				count["changed after signing"]++
			}
		}
		if good == len(doc.Signatures) {
			count["signed files that are good"]++
		} else {
			count["signed files with something to say"]++
		}
		for _, word := range broken {
			if strings.Contains(name, word) {
				require.Less(t, good, len(doc.Signatures), "%s: all signatures hold", name)
				count["files broken by name, and found so"]++
				break
			}
		}
	}
	for _, line := range sorted(count) {
		t.Log(line)
	}
}

// TestSignCorpora signs every PDF of the corpora that may be signed: pdfsig
// must call our signature valid, and every earlier one that it called valid
// must stay so.
func TestSignCorpora(t *testing.T) {
	if testing.Short() {
		t.Skip("asks pdfsig some hundreds of times")
	}
	count := map[string]int{}
	for path, name := range corpora(t) {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = pades.Preparer{}.Prepare(input(b), params(t, signer(t, "alice")))
		if err != nil {
			require.True(t, isOurs(err) || errors.Is(err, pades.ErrForbidden), "%s: %v", name, err)
			count["refused"]++
			continue
		}
		signed := sign(t, b, pades.Preparer{})
		doc := parse(t, signed)
		ours := doc.Signatures[len(doc.Signatures)-1]
		for _, sig := range doc.Signatures {
			if sig.Coverage.Whole {
				ours = sig
			}
		}
		require.NoError(t, holds(ours), name)
		require.True(t, ours.Coverage.Whole, name)
		count["signed"]++
		text, was := pdfsig(t, signed), pdfsig(t, b)
		if text == "" {
			continue
		}
		if strings.Contains(text, sayTotal) && strings.Count(text, sayValid) == strings.Count(was, sayValid)+1 {
			count["valid for pdfsig, the earlier ones too"]++
		} else {
			count["other"]++
			t.Logf("%s:\n%s", name, text)
		}
	}
	for _, line := range sorted(count) {
		t.Log(line)
	}
}
