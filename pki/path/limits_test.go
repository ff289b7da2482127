package path_test

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
)

// The policy tree of RFC 5280 doubles with each certificate that maps two
// policies to two (CVE-2023-0464); the graph does not grow.
func TestPolicyExplosion(t *testing.T) {
	var names, pairs []string
	for i := range 30 {
		names = append(names, fmt.Sprintf("1.2.3.%d", i))
	}
	for _, a := range names {
		for _, b := range names {
			pairs = append(pairs, a, b)
		}
	}
	certs := []*forged{forge(t, nil, "Root CA", 0, nil)}
	for i := range 20 {
		certs = append(certs, forge(t, certs[i], fmt.Sprintf("%d CA", i), 1+i%7, all(policies(names...), mapped(pairs...))))
	}
	certs = append(certs, forge(t, certs[len(certs)-1], "leaf", 0, policies("1.2.9")))
	slices.Reverse(certs)
	p := params()
	p.MaxLength, p.RequireExplicitPolicy = 30, true
	start := time.Now()
	refused(t, path.Policy, p, certs...)
	require.Less(t, time.Since(start), time.Minute)
}

// A thousand names meet a thousand constraints, once for each of ten CAs.
func TestQuadraticNameConstraints(t *testing.T) {
	var bases, names [][]byte
	for i := range 1200 {
		bases = append(bases, dns(fmt.Sprintf("x%d.example", i)))
		names = append(names, dns(fmt.Sprintf("y%d.example", i)))
	}
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, exclude(bases...))
	leaf := forge(t, ca, "leaf", 2, altNames(names...))
	start := time.Now()
	refused(t, path.TooComplex, params(), leaf, ca, root)
	require.Less(t, time.Since(start), time.Minute)
	_, err := path.Validate(chainOf(leaf, ca, root), params())
	require.ErrorIs(t, err, path.ErrTooComplex)

	// The very last comparison that is allowed.
	full := forge(t, root, "CA", 1, exclude(bases[:1024]...))
	accepted(t, params(), forge(t, full, "leaf", 2, altNames(names[:1024]...)), full, root)

	// Within the limit, but over several certificates.
	half := forge(t, root, "CA", 1, exclude(bases[:500]...))
	sub := forge(t, half, "Sub CA", 3, exclude(bases[:500]...))
	refused(t, path.TooComplex, params(), forge(t, sub, "leaf", 2, altNames(names...)), sub, half, root)
	accepted(t, params(), forge(t, half, "leaf", 2, altNames(names...)), half, root)
}

// Someone adds cross-certificates to a document until the search for a path has
// more ways than there is time ; with an anchor it still finds
// the short one, and without one it gives up.
func TestCrossCertificateMaze(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	var pool []*x509.Certificate
	names := []string{"A CA", "B CA", "C CA", "D CA", "E CA", "F CA", "CA"}
	for i, subject := range names {
		for j, issuer := range names {
			if i != j {
				by := forge(t, nil, issuer, 1+j%7, nil)
				pool = append(pool, forge(t, by, subject, 1+i%7, nil).Certificate)
			}
		}
	}
	pool = append(pool, forge(t, forge(t, nil, "A CA", 1, nil), "CA", 1, nil).Certificate)
	start := time.Now()
	_, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: pool}, params())
	require.Error(t, err)
	require.Less(t, time.Since(start), time.Minute)
	found := find(t, leaf, anchors(root), append(pool, ca.Certificate), params())
	require.Equal(t, chainOf(leaf, ca, root), found[0].Chain)
}

// A hundred certificates bear the issuer's name, and none its key: each costs a
// signature check.
func TestManyIssuersOfOneName(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, forge(t, root, "CA", 1, nil), "leaf", 2, nil)
	var pool []*x509.Certificate
	for range 150 {
		pool = append(pool, freshKey(t, root, "CA").Certificate)
	}
	checks := 0
	p := params()
	p.Verify = func(key crypto.PublicKey, alg pki.Algorithm, message, sig []byte) error {
		checks++
		return pki.Verify(key, alg, message, sig)
	}
	_, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: pool}, p)
	kindIs(t, path.TooComplex, err)
	require.ErrorIs(t, err, path.ErrTooComplex)
	require.LessOrEqual(t, checks, 100)
	// One less than too many, none of whom has signed.
	_, err = path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: pool[:100]}, p)
	kindIs(t, path.Signature, err)
}

// Two thousand certificates of the leaf's own name and key lead nowhere, and one
// more is not looked at.
func TestPartialPathsToNowhere(t *testing.T) {
	self := forge(t, nil, "CA", 1, nil)
	var pool []*x509.Certificate
	for i := range 2001 {
		again := *self.Certificate
		again.Raw = fmt.Appendf(slices.Clone(self.Raw), "%d", i)
		pool = append(pool, &again)
	}
	_, err := path.Find(self.Certificate, path.Source{Pool: pool[:1999]}, params()) // and itself
	kindIs(t, path.NoPath, err)
	_, err = path.Find(self.Certificate, path.Source{Pool: pool[:2000]}, params())
	kindIs(t, path.TooComplex, err)
}

// A search that has come to a limit is over: it does not go on with what it
// remembers.
func TestLimitEndsTheSearch(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	upper := forge(t, root, "Upper CA", 1, nil)
	a, b := forge(t, upper, "CA", 2, nil), forge(t, upper, "CA", 2, nil)
	leaf := forge(t, a, "leaf", 3, nil)
	pool := chainOf(upper, a, b)
	require.Len(t, find(t, leaf, anchors(root), pool, params()), 2)
	for range 100 { // the anchor comes first, and these use up all signature checks
		pool = append(pool, freshKey(t, root, "Root CA").Certificate)
	}
	found := find(t, leaf, anchors(root), pool, params())
	require.Len(t, found, 1)
	require.True(t, found[0].Valid())
}

// One certificate on a long list of anchors is trusted for forty reasons.
func TestManyAnchors(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, root, "leaf", 1, nil)
	many := slices.Repeat(anchors(root), 40)
	found := find(t, leaf, many, nil, params())
	require.Len(t, found, 32)
	require.True(t, found[0].Valid())
	p := params()
	p.At = now.AddDate(9, 0, 0)
	found, err := path.Find(leaf.Certificate, path.Source{Anchors: many}, p)
	kindIs(t, path.TooComplex, err)
	require.Len(t, found, 32)
}

// Eight keys that all certify each other make more partial paths than are looked
// at, with few signature checks.
func TestManyPartialPaths(t *testing.T) {
	ring := []string{"A CA", "B CA", "C CA", "D CA", "E CA", "F CA", "G CA", "H CA"}
	var pool []*x509.Certificate
	for i, subject := range ring {
		for j, issuer := range ring {
			if i != j {
				pool = append(pool, forge(t, forge(t, nil, issuer, j, nil), subject, i, nil).Certificate)
			}
		}
	}
	leaf := forge(t, forge(t, nil, "A CA", 0, nil), "leaf", 7, nil)
	_, err := path.Find(leaf.Certificate, path.Source{Pool: pool}, params())
	kindIs(t, path.TooComplex, err)
	found := find(t, leaf, anchors(forge(t, nil, "F CA", 5, nil)), pool, params())
	require.True(t, found[0].Valid())
	require.Equal(t, []string{"leaf", "A CA", "F CA"}, names(found[0]), "short before long")
}
