package ers_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/ers"
	"tamga/pki/pkitest"
)

// FuzzParse: what is read lies in the bytes it was read from; an object that is
// found has its digest in the first list; and no other object is.
func FuzzParse(f *testing.F) {
	p := pkitest.New(f, drawing)
	f.Add(renewed(f, false, letter), letter)
	f.Add(p.Record("tsa1", pki.SHA256, letter, annex).DER(), annex)
	f.Fuzz(func(t *testing.T, raw, data []byte) {
		r, err := ers.Parse(raw)
		if err != nil {
			require.True(t, errors.Is(err, ers.ErrMalformed) || errors.Is(err, ers.ErrTooLarge), err)
			return
		}
		require.NotEmpty(t, r.Chains)
		for i, c := range r.Chains {
			require.True(t, bytes.Contains(raw, c.Raw))
			for k, s := range c.Stamps {
				require.True(t, bytes.Contains(c.Raw, s.Token))
				_, err := r.Root(i, k, objects(data))
				if err != nil {
					require.ErrorIs(t, err, ers.ErrNotCovered)
					continue
				}
				if i == 0 && k == 0 && s.Tree != nil {
					found := false
					for _, d := range s.Tree[0] {
						found = found || bytes.Equal(d, s.Hash.Sum(data))
					}
					require.True(t, found)
				}
				if k == 0 {
					_, err = r.Root(i, k, objects(append(bytes.Clone(data), 'x'), data))
					require.ErrorIs(t, err, ers.ErrNotCovered)
				}
			}
		}
	})
}
