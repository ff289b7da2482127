package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func originals(t *testing.T) []*artefact {
	t.Helper()
	all, err := newArtefacts(t.Context())
	require.NoError(t, err)
	return all
}

// A place that is found must be the place that is changed: what is put there and
// is the same gives the same document.
func TestElementsAreWhereTheyAre(t *testing.T) {
	for _, a := range originals(t) {
		layers := a.layers(a.original)
		require.NotEmpty(t, layers, a.name)
		for _, l := range layers {
			require.Greater(t, len(l.elements), 1, "%s: %s", a.name, l.name)
			for _, e := range l.elements {
				require.Equal(t, l.inner, l.syntax.replace(l.inner, e, e.raw(l.inner), 0), "%s: %s %s", a.name, l.name, e.path)
				doubled := common[0].apply(&l, e, nil)
				// A tag holds one, and an entry of a map two: more are no CBOR at all.
				if n := len(e.parents); n > 0 && e.parents[n-1].kind != entry && e.parents[n-1].kind != tagged {
					require.NotEmpty(t, l.syntax.elements(doubled), "%s: %s %s: lengths and counts are mended", a.name, l.name, e.path)
				}
			}
			require.Equal(t, a.original, l.back(l.inner), "%s: %s", a.name, l.name)
		}
	}
}

// What believes everything must be found out, and what believes nothing not be
// blamed.
func TestFalseAcceptsAreFound(t *testing.T) {
	for _, a := range originals(t) {
		for _, c := range []struct {
			name       string
			said       string
			valid      bool
			same, lies int
		}{
			{"believes everything", "another thing", true, 0, 200},
			{"believes nothing", "another thing", false, 0, 0},
			{"sees only the original", a.said[0], true, 200, 0},
		} {
			b := &batch{artefact: &artefact{
				name: a.name, original: a.original, twin: a.twin, layers: a.layers, said: a.said, never: a.never,
				judge: func(context.Context, []byte) (string, bool, error) { return c.said, c.valid, nil },
			}, others: []*artefact{a}, n: 200, seed: 1, dir: t.TempDir(), stderr: io.Discard}
			require.NoError(t, b.run(t.Context()))
			files, err := filepath.Glob(filepath.Join(b.dir, "*"))
			require.NoError(t, err)
			accepted := int(b.accepted.Load())
			require.Len(t, files, accepted, "each can be looked at")
			void := int(b.void.Load())
			if a.never && c.valid {
				c.same, c.lies = 0, 200 // whatever it says, evidence against it was lost
			}
			require.InDelta(t, c.same, b.same.Load(), float64(void), "%s %s", a.name, c.name)
			require.InDelta(t, c.lies, accepted, float64(void), "%s %s", a.name, c.name)
			require.Less(t, void, 100, "%s: most mutants are mutants", a.name)
			for _, f := range files {
				require.NoError(t, os.Remove(f))
			}
		}
	}
}

// Parts of what was said may be left out; nothing may be added, and nothing
// taken from two documents.
func TestSayingLess(t *testing.T) {
	a := &artefact{said: []string{"alice\none horse\n", "bob\ntwo cows\n"}}
	require.True(t, a.told("alice\none horse\n"))
	require.True(t, a.told("alice\n"))
	require.True(t, a.told("bob\ntwo cows\n"))
	require.False(t, a.told("alice\ntwo cows\n"))
	require.False(t, a.told("alice\none horse\nand a saddle\n"))
	a.said = append(a.said, "carol\nage\n"+bound+"\n")
	require.True(t, a.told("carol\n"), "shown without the holder's proof")
	require.False(t, a.told("carol\n"+bound+"\n"), "the holder has signed that there is an age")
	a.never = true
	require.False(t, a.told("alice\n"))
}

func TestMutantsOfAll(t *testing.T) {
	require.NoError(t, run(t.Context(), []string{"-n", "2000", "-dir", t.TempDir()}, io.Discard, io.Discard))
	require.ErrorContains(t, run(t.Context(), []string{"nothing"}, io.Discard, io.Discard), "no artefact")
}
