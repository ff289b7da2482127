package cms_test

import (
	"bytes"
	"encoding/asn1"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

// attr is an unsigned attribute of no known meaning with a value of n octets.
func attr(t testing.TB, n int) []byte {
	der, err := asn1.Marshal(struct {
		ID     asn1.ObjectIdentifier
		Values [][]byte `asn1:"set"`
	}{asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, n}, [][]byte{bytes.Repeat([]byte{7}, n)}})
	require.NoError(t, err)
	return der
}

func none(int) bool { return false }

// What was added is taken out again, and every octet is as it was before:
// whatever the sizes, which decide how many octets the lengths around take.
func TestWithoutUnsigned(t *testing.T) {
	p := pkitest.New(t, "root -> tsa[timestamp]")
	bare := p.Token("tsa", pki.SHA256, pki.SHA256.Sum([]byte("data")))
	for _, n := range []int{1, 100, 127, 200, 70_000} {
		one, err := cms.AddUnsigned(bare, 0, attr(t, n))
		require.NoError(t, err)
		two, err := cms.AddUnsigned(one, 0, attr(t, n+1))
		require.NoError(t, err)
		for _, c := range []struct {
			from, want []byte
			drop       func(int) bool
		}{
			{one, bare, func(i int) bool { return i == 0 }},
			{two, one, func(i int) bool { return i == 1 }},
			{two, bare, func(int) bool { return true }},
			{two, two, none},
		} {
			got, err := cms.WithoutUnsigned(c.from, 0, c.drop)
			require.NoError(t, err)
			require.Equal(t, c.want, got)
		}
	}
	for i, raw := range [][]byte{bare, nil, {0x30, 0}, append(bytes.Clone(bare), 0)} {
		_, err := cms.WithoutUnsigned(raw, 0, none)
		require.ErrorIs(t, err, cms.ErrMalformed, "%d", i)
	}
	one, err := cms.AddUnsigned(bare, 0, attr(t, 3))
	require.NoError(t, err)
	for _, i := range []int{-1, 1} {
		_, err = cms.WithoutUnsigned(one, i, none)
		require.ErrorIs(t, err, cms.ErrMalformed)
	}
}

// FuzzWithoutUnsigned: nothing dropped is nothing changed, but for the order of
// signers; and what is read afterwards has the attributes that were kept.
func FuzzWithoutUnsigned(f *testing.F) {
	p := pkitest.New(f, "root -> tsa[timestamp]")
	raw, err := cms.AddUnsigned(p.Token("tsa", pki.SHA256, make([]byte, 32)), 0, attr(f, 5))
	require.NoError(f, err)
	raw, err = cms.AddUnsigned(raw, 0, attr(f, 6))
	require.NoError(f, err)
	f.Add(raw)
	f.Fuzz(func(t *testing.T, raw []byte) {
		before, err := cms.Parse(raw)
		if err != nil || len(before.Signers) == 0 {
			_, _ = cms.WithoutUnsigned(raw, 0, none)
			return
		}
		same, err := cms.WithoutUnsigned(raw, 0, none)
		if err != nil {
			return
		}
		require.Equal(t, raw, same)
		if len(before.Signers) > 1 {
			return
		}
		thinner, err := cms.WithoutUnsigned(raw, 0, func(i int) bool { return i == 0 })
		require.NoError(t, err)
		after, err := cms.Parse(thinner)
		require.NoError(t, err)
		want := before.Signers[0].UnsignedAttrs
		require.Len(t, after.Signers[0].UnsignedAttrs, max(0, len(want)-1))
		for i, a := range after.Signers[0].UnsignedAttrs {
			require.Equal(t, want[i+1].Raw, a.Raw)
		}
		require.Equal(t, before.Signers[0].Head, after.Signers[0].Head)
	})
}
