package ers_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/ers"
	"tamga/pki/pkitest"
)

const drawing = "root -> tsa1[timestamp], tsa2[timestamp], tsa3[timestamp]"

func object(data []byte) ers.Object {
	return ers.Object{{Open: func() io.Reader { return bytes.NewReader(data) }}}
}

func objects(list ...[]byte) (out []ers.Object) {
	for _, data := range list {
		out = append(out, object(data))
	}
	return out
}

// stands is what is wrong with a record, tokens aside: nil if every imprint is
// that of what it must be over.
func stands(r *ers.Record, list []ers.Object) error {
	for _, d := range r.Defects {
		if d.Fatal {
			return fmt.Errorf("%s: %s", d.Clause, d.Text)
		}
	}
	for i, c := range r.Chains {
		for k, s := range c.Stamps {
			open, err := r.Root(i, k, list)
			if err != nil {
				return err
			}
			content, err := io.ReadAll(open())
			if err != nil {
				return err
			}
			if !bytes.Equal(s.Info.Hash.Sum(content), s.Info.Imprint) {
				return fmt.Errorf("chain %d, time-stamp %d: another imprint", i+1, k+1)
			}
		}
	}
	return nil
}

// renewed is a record with all that can befall one: two objects, renewals of
// time-stamps with and without trees, and of trees.
func renewed(t testing.TB, plain bool, data ...[]byte) []byte {
	p := pkitest.New(t, drawing)
	r := p.Record("tsa1", pki.SHA256, data...)
	later := func() { p.Now = p.Now.AddDate(0, 1, 0) }
	later()
	r.Plain = plain
	r.RenewStamp("tsa2")
	later()
	r.RenewStamp("tsa1")
	later()
	r.Plain = plain && len(data) == 1
	r.RenewTree("tsa2", pki.SHA512)
	later()
	r.RenewStamp("tsa3")
	later()
	r.RenewTree("tsa3", pki.SHA3_384)
	return r.DER()
}

var (
	letter = []byte("the letter")
	annex  = []byte("its annex")
)

func TestRenewals(t *testing.T) {
	for _, plain := range []bool{false, true} {
		for _, data := range [][][]byte{{letter}, {letter, annex}} {
			r, err := ers.Parse(renewed(t, plain, data...))
			require.NoError(t, err)
			require.Empty(t, r.Defects)
			require.Len(t, r.Chains, 3)
			require.Equal(t, []int{3, 2, 1}, []int{len(r.Chains[0].Stamps), len(r.Chains[1].Stamps), len(r.Chains[2].Stamps)})
			require.NoError(t, stands(r, objects(data...)))
			require.NoError(t, stands(r, objects(data[0])), "one of a group proves itself")
			require.ErrorIs(t, stands(r, objects([]byte("another letter"))), ers.ErrNotCovered)
			require.ErrorIs(t, stands(r, objects(append(slices.Clone(data), []byte("smuggled in"))...)), ers.ErrNotCovered,
				"all that is given must be covered")
			require.ErrorIs(t, stands(r, nil), ers.ErrNotCovered, "nothing is not covered")
		}
	}
}

// A record that lost its middle, or whose parts changed places, was renewed over
// something else.
func TestPartsDoNotChangePlaces(t *testing.T) {
	whole := renewed(t, false, letter)
	r, err := ers.Parse(whole)
	require.NoError(t, err)
	for name, edit := range map[string]func(){
		"a time-stamp is missing":  func() { r.Chains[0].Stamps = slices.Delete(r.Chains[0].Stamps, 1, 2) },
		"a chain is missing":       func() { r.Chains = slices.Delete(r.Chains, 1, 2) },
		"the first chain is":       func() { r.Chains = r.Chains[1:] },
		"chains changed places":    func() { r.Chains[0], r.Chains[1] = r.Chains[1], r.Chains[0] },
		"one chain stands twice":   func() { r.Chains[1] = r.Chains[2] },
		"a token of another chain": func() { r.Chains[0].Stamps[0].Token = r.Chains[1].Stamps[0].Token },
	} {
		r, err = ers.Parse(whole)
		require.NoError(t, err)
		edit()
		require.Error(t, stands(r, objects(letter)), name)
	}
}

func TestGroup(t *testing.T) {
	p := pkitest.New(t, drawing)
	r, err := ers.Parse(p.Record("tsa1", pki.SHA256, letter, annex).DER())
	require.NoError(t, err)
	neighbour := []byte("a neighbour")
	for want, list := range map[bool][][]byte{true: {letter, annex, neighbour}, false: {letter, annex}} {
		whole, err := r.Group(objects(list...))
		require.NoError(t, err)
		require.Equal(t, want, whole)
	}
	_, err = r.Group(objects([]byte("another")))
	require.ErrorIs(t, err, ers.ErrNotCovered)
}

// Any one form of an object counts, and it must be the same object in each.
func TestForms(t *testing.T) {
	p := pkitest.New(t, drawing)
	r, err := ers.Parse(p.Record("tsa1", pki.SHA256, letter).DER())
	require.NoError(t, err)
	require.NoError(t, stands(r, []ers.Object{{object(annex)[0], object(letter)[0]}}))
	require.ErrorIs(t, stands(r, []ers.Object{object(annex), object(letter)}), ers.ErrNotCovered)
}

// edit parses a record in which one piece of DER stands in the place of another.
func edit(t *testing.T, raw, old, with []byte) (*ers.Record, error) {
	require.Len(t, with, len(old))
	require.True(t, bytes.Contains(raw, old))
	return ers.Parse(bytes.Replace(raw, old, with, 1))
}

func TestDefects(t *testing.T) {
	p := pkitest.New(t, drawing)
	sha256 := pki.SHA256.AlgorithmIdentifier()
	r := p.Record("tsa1", pki.SHA256, letter)
	first := r.DER()
	p.Now = p.Now.AddDate(0, 0, -1)
	r.RenewStamp("tsa2")

	got, err := ers.Parse(r.DER())
	require.NoError(t, err)
	require.ErrorContains(t, stands(got, objects(letter)), "older than the one before")

	// The list at the top names another algorithm: a note, for it binds nobody.
	got, err = edit(t, first, sha256, pki.SHA3_256.AlgorithmIdentifier())
	require.NoError(t, err)
	require.Len(t, got.Defects, 1)
	require.NoError(t, stands(got, objects(letter)))

	// A tree of another algorithm than the token's imprint. Digests of SHA3-256
	// are as long as those of SHA-256, so only the names tell.
	tagged := func(h pki.Hash) []byte {
		id := h.AlgorithmIdentifier()
		id[0] = 0xa0
		return id
	}
	got, err = edit(t, first, tagged(pki.SHA256), tagged(pki.SHA3_256))
	require.NoError(t, err)
	require.ErrorContains(t, stands(got, objects(letter)), "another digest algorithm than its tree")
}

func TestRefusals(t *testing.T) {
	raw := pkitest.New(t, drawing).Record("tsa1", pki.SHA256, letter).DER()
	for says, bad := range map[string][]byte{
		"not one SEQUENCE": append(slices.Clone(raw), 0x05, 0x00),
		"truncated":        raw[:1],
		"longer than":      raw[:len(raw)-1],
		"version":          {0x30, 0x00},
		"not of version 1": bytes.Replace(raw, []byte{2, 1, 1}, []byte{2, 1, 2}, 1),
	} {
		_, err := ers.Parse(bad)
		require.ErrorIs(t, err, ers.ErrMalformed, says)
		require.ErrorContains(t, err, says)
	}
	_, err := ers.Parse(make([]byte, 17<<20))
	require.ErrorIs(t, err, ers.ErrTooLarge)
}

// A tree that grows with each level costs as much to refuse as to read.
func TestLimits(t *testing.T) {
	r := pkitest.New(t, drawing).Record("tsa1", pki.SHA256, letter)
	for range 99 {
		r.RenewStamp("tsa1")
	}
	record, err := ers.Parse(r.DER())
	require.NoError(t, err)
	require.NoError(t, stands(record, objects(letter)))
	r.RenewStamp("tsa1")
	_, err = ers.Parse(r.DER())
	require.ErrorIs(t, err, ers.ErrTooLarge)
}
