package path_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
)

// BenchmarkThreeP256 compares a path of three certificates with the two
// signature checks in it: "raw" is the floor, "validate" what we add to it,
// "memo" what is left of both when the issuers are known.
func BenchmarkThreeP256(b *testing.B) {
	root := forge(b, nil, "Root CA", 0, nil)
	ca := forge(b, root, "CA", 1, policies(p1))
	leaf := forge(b, ca, "leaf", 2, policies(p1))
	chain := chainOf(leaf, ca, root)
	validate := func(b *testing.B, p path.Params) {
		for b.Loop() {
			if _, err := path.Validate(chain, p); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("raw", func(b *testing.B) {
		for b.Loop() {
			for i := range 2 {
				child, issuer := chain[i], chain[i+1]
				err := pki.Verify(issuer.PublicKey, pki.ECDSASHA256, child.RawTBSCertificate, child.Signature)
				require.NoError(b, err)
			}
		}
	})
	b.Run("validate", func(b *testing.B) { validate(b, params()) })
	p := params()
	p.Verify = pki.NewMemo(10).Verify
	b.Run("memo", func(b *testing.B) { validate(b, p) })
	b.Run("find", func(b *testing.B) {
		source := path.Source{Anchors: anchors(root), Pool: chainOf(ca)}
		for b.Loop() {
			if found, err := path.Find(leaf.Certificate, source, params()); err != nil || !found[0].Valid() {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFindAmongMany is a search among 3000 anchors, as the trusted lists of
// Europe have, read each time or once.
func BenchmarkFindAmongMany(b *testing.B) {
	root := forge(b, nil, "Root CA", 0, nil)
	leaf := forge(b, root, "leaf", 1, nil)
	list := anchors(root)
	for i := range 3000 {
		list = append(list, anchors(forge(b, nil, fmt.Sprintf("%d CA", i), 2, nil))...)
	}
	p := params()
	p.Verify = pki.NewMemo(10).Verify
	run := func(b *testing.B, s path.Source) {
		for b.Loop() {
			if found, err := path.Find(leaf.Certificate, s, p); err != nil || !found[0].Valid() {
				b.Fatal(err)
			}
		}
	}
	b.Run("source", func(b *testing.B) { run(b, path.Source{Anchors: list}) })
	index := path.NewIndex(path.Source{Anchors: list})
	b.Run("index", func(b *testing.B) { run(b, path.Source{Index: index}) })
}
