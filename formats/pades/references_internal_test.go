package pades

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/internal/pdf"
	"tamga/pki/pkitest"
)

// The references that are counted from revision to revision are those that are
// counted anew, in every file of others that has several revisions. They may be
// more where a stream of cross-references is in use only later, which costs
// time; fewer would hide what was planted.
func TestReferencesOfEachRevision(t *testing.T) {
	root := filepath.Dir(pkitest.Corpus(t, "README.md"))
	steps, same := 0, 0
	for _, folder := range []string{"dss/dss-pades", "pyhanko/data/pdf"} {
		require.NoError(t, filepath.WalkDir(filepath.Join(root, folder), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".pdf") {
				return err
			}
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			f, err := pdf.Open(bytes.NewReader(raw), int64(len(raw)))
			if err != nil {
				return nil // another test's
			}
			d := &document{file: f, revisions: f.Revisions(), forms: map[pdf.Revision]*form{}}
			for i := len(d.revisions) - 1; i > 0; i-- {
				older, newer := d.revisions[i], d.revisions[i-1]
				if _, err := d.referencesAt(f.At(older), older); err != nil {
					continue
				}
				d.advance(&comparison{old: f.At(older), new: f.At(newer)}, newer)
				if d.references == nil {
					continue
				}
				anew, err := (&document{}).referencesAt(f.At(newer), newer)
				require.NoError(t, err, path)
				for num, n := range anew.count {
					require.GreaterOrEqual(t, d.references.count[num], n, "%s, revision %d, object %d", path, i, num)
				}
				steps++
				maps.DeleteFunc(d.references.count, func(_ uint32, n int32) bool { return n == 0 })
				if maps.Equal(anew.count, d.references.count) {
					same++
				}
			}
			return nil
		}))
	}
	require.Greater(t, steps, 100)
	require.Greater(t, same, steps*3/4)
}
