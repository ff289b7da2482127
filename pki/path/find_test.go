package path_test

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
)

// names tells a path by common names, leaf first.
func names(p path.Path) (out []string) {
	for _, c := range p.Chain {
		out = append(out, c.Subject.CommonName)
	}
	return out
}

func find(t *testing.T, leaf *forged, roots []pki.Anchor, pool []*x509.Certificate, p path.Params) []path.Path {
	t.Helper()
	found, err := path.Find(leaf.Certificate, path.Source{Anchors: roots, Pool: pool}, p)
	require.NoError(t, err)
	require.NotEmpty(t, found)
	return found
}

// The same paths come in the same order, however the pool is shuffled, and with
// a certificate twice, the leaf or a gap in it.
func TestOrderIsOfThePathsOwn(t *testing.T) {
	root, other := forge(t, nil, "Root CA", 0, nil), forge(t, nil, "Other CA", 1, nil)
	old := forge(t, root, "CA", 2, func(c *x509.Certificate) { c.NotBefore = now.AddDate(-2, 0, 0) })
	ca := forge(t, root, "CA", 2, nil)
	cross := forge(t, other, "CA", 2, nil)
	expired := forge(t, root, "CA", 2, func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) })
	otherByRoot := forge(t, root, "Other CA", 1, nil)
	leaf := forge(t, ca, "leaf", 3, nil)
	pool := append(chainOf(leaf, old, ca, cross, expired, otherByRoot, ca, root), nil)
	first := find(t, leaf, anchors(root, other), pool, params())
	require.Len(t, first, 5)
	require.Equal(t, []string{"leaf", "CA", "Other CA", "Root CA"}, names(first[3]))
	require.Equal(t, path.Expired, first[4].Err.Kind)
	for _, p := range first[:4] {
		require.True(t, p.Valid())
	}
	for range 5 {
		slices.Reverse(pool)
		pool = append(pool[3:], pool[:3]...)
		again := find(t, leaf, anchors(other, root), pool, params())
		for i := range first {
			require.Equal(t, first[i].Chain, again[i].Chain)
		}
	}
}

// A trusted list names intermediates and even leaves.
func TestAnchorsOfAllKinds(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	found := find(t, leaf, anchors(root, ca, leaf), nil, params())
	require.Len(t, found, 3)
	require.Equal(t, []string{"leaf"}, names(found[0]))
	require.Equal(t, []string{"leaf", "CA"}, names(found[1]))
	require.Equal(t, []string{"leaf", "CA", "Root CA"}, names(found[2]))
	p := params()
	p.AnchorsIssueOnly = true
	found = find(t, leaf, anchors(ca, leaf), nil, p)
	require.True(t, found[0].Valid())
	require.Equal(t, []string{"leaf", "CA"}, names(found[0]))
	require.False(t, found[1].Valid())

	// A leaf that is trusted by decision is still judged by its own dates.
	p = params()
	p.At = now.AddDate(3, 0, 0)
	found = find(t, leaf, anchors(leaf), nil, p)
	require.Equal(t, path.Expired, found[0].Err.Kind)
}

// The time in which someone was trusted binds, and the certificate's own dates
// do not unless asked.
func TestAnchorTimes(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) })
	leaf := forge(t, root, "leaf", 1, nil)
	trusted := func(from, until time.Time) []pki.Anchor {
		return []pki.Anchor{{Certificate: root.Certificate, From: from, Until: until, Source: "list"}}
	}
	day := 24 * time.Hour
	found := find(t, leaf, trusted(now.Add(-day), now.Add(day)), nil, params())
	require.True(t, found[0].Valid())
	require.Equal(t, "list", found[0].Anchor.Source)
	found = find(t, leaf, trusted(now.Add(day), time.Time{}), nil, params())
	require.Equal(t, path.NotYetValid, found[0].Err.Kind)
	found = find(t, leaf, trusted(time.Time{}, now.Add(-day)), nil, params())
	require.Equal(t, path.Expired, found[0].Err.Kind)

	p := params()
	p.AnyTime = true
	found = find(t, leaf, trusted(time.Time{}, now.Add(-day)), nil, p)
	require.True(t, found[0].Valid())
	require.Len(t, found[0].Outside, 1)

	// Trusted twice, at different times: the one that holds comes first.
	both := append(trusted(time.Time{}, now.Add(-day)), trusted(now.Add(-day), time.Time{})...)
	found = find(t, leaf, both, nil, params())
	require.Len(t, found, 2)
	require.True(t, found[0].Valid())
	require.False(t, found[1].Valid())

	p = params()
	p.AnchorValidity = true
	refused(t, path.Expired, p, leaf, root)

	// What is wrong with the path itself is told before that its anchor is over.
	p = params()
	odd := forge(t, root, "leaf", 1, extension("1.2.3.4", true, nil))
	found = find(t, odd, trusted(time.Time{}, now.Add(-day)), nil, p)
	require.Equal(t, path.CriticalExtension, found[0].Err.Kind)
	require.Len(t, found[0].Outside, 1)
}

// A CA changes its name and keeps its key; the old name certifies the new one.
func TestSameKeyOtherName(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	before := forge(t, root, "Old CA", 1, nil)
	after := forge(t, before, "New CA", 1, nil)
	leaf := forge(t, after, "leaf", 2, nil)
	found := find(t, leaf, anchors(root), chainOf(before, after), params())
	require.Equal(t, []string{"leaf", "New CA", "Old CA", "Root CA"}, names(found[0]))
}

// AnyTime leaves dates out of the verdict, and tells of them.
func TestAnyTime(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, -1, 0) })
	leaf := forge(t, ca, "leaf", 2, func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 1, 0) })
	refused(t, path.Expired, params(), leaf, ca, root)
	p := params()
	p.AnyTime = true
	outside := accepted(t, p, leaf, ca, root).Outside
	require.Len(t, outside, 2)
	require.Equal(t, path.Expired, outside[0].Kind)
	require.Equal(t, ca.Certificate, outside[0].Certificate)
	require.Equal(t, path.NotYetValid, outside[1].Kind)
	require.Equal(t, leaf.Certificate, outside[1].Certificate)
	p.At = time.Time{}
	require.Empty(t, accepted(t, p, leaf, ca, root).Outside)

	// Both ends belong to the period.
	p = params()
	for _, at := range []time.Time{root.NotBefore, root.NotAfter} {
		p.At, p.AnchorValidity = at, true
		accepted(t, p, forge(t, root, "leaf", 2, nil), root)
	}
}

// A root changes its key: old with new, new with old (RFC 4210 §4.4).
func TestKeyRollover(t *testing.T) {
	oldRoot, newRoot := forge(t, nil, "Root CA", 0, nil), forge(t, nil, "Root CA", 1, nil)
	newWithOld, oldWithNew := forge(t, oldRoot, "Root CA", 1, nil), forge(t, newRoot, "Root CA", 0, nil)
	before, after := forge(t, oldRoot, "leaf", 2, nil), forge(t, newRoot, "leaf", 3, nil)
	pool := chainOf(newWithOld, oldWithNew, oldRoot, newRoot)
	for _, c := range []struct{ leaf, root, by *forged }{
		{before, oldRoot, nil}, {after, newRoot, nil}, {after, oldRoot, newWithOld}, {before, newRoot, oldWithNew},
	} {
		found := find(t, c.leaf, anchors(c.root), pool, params())
		require.Len(t, found, 1)
		want := chainOf(c.leaf, c.root)
		if c.by != nil {
			want = chainOf(c.leaf, c.by, c.root)
		}
		require.Equal(t, want, found[0].Chain)
	}
}

// Nothing leads to an anchor.
func TestNoPath(t *testing.T) {
	root, other := forge(t, nil, "Root CA", 0, nil), forge(t, nil, "Other CA", 1, nil)
	leaf := forge(t, root, "leaf", 2, nil)
	for _, roots := range [][]pki.Anchor{nil, anchors(other)} {
		// The root itself lies in the pool, and is trusted for nothing.
		found, err := path.Find(leaf.Certificate, path.Source{Anchors: roots, Pool: chainOf(root, other)}, params())
		require.Empty(t, found)
		kindIs(t, path.NoPath, err)
	}
	p := params()
	p.MaxLength = 1
	_, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root)}, p)
	kindIs(t, path.NoPath, err)
	// Two CAs certify each other, and no one else does.
	a := forge(t, forge(t, nil, "B CA", 4, nil), "A CA", 3, nil)
	b := forge(t, forge(t, nil, "A CA", 3, nil), "B CA", 4, nil)
	leaf = forge(t, a, "leaf", 2, nil)
	_, err = path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: chainOf(a, b)}, params())
	kindIs(t, path.NoPath, err)
}

// Which policies a path is good for.
func TestPolicies(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, policies(p1, p2))
	leaf := forge(t, ca, "leaf", 2, policies(p1, p3))
	require.Equal(t, []string{p1}, accepted(t, params(), leaf, ca, root).Policies)
	anyCA := forge(t, root, "CA", 1, policies(path.AnyPolicy))
	require.Equal(t, []string{p1, p3}, accepted(t, params(), leaf, anyCA, root).Policies)
	anyLeaf := forge(t, ca, "leaf", 2, policies(path.AnyPolicy))
	require.Equal(t, []string{path.AnyPolicy}, accepted(t, params(), anyLeaf, anyCA, root).Policies)
	require.Equal(t, []string{p1, p2}, accepted(t, params(), anyLeaf, ca, root).Policies)
	p := params()
	p.InhibitAnyPolicy = true
	require.Empty(t, accepted(t, p, anyLeaf, ca, root).Policies)
	p.RequireExplicitPolicy = true
	refused(t, path.Policy, p, anyLeaf, ca, root)

	p = params()
	p.Policies = []string{p3}
	require.Empty(t, accepted(t, p, leaf, ca, root).Policies)
	p.RequireExplicitPolicy = true
	refused(t, path.Policy, p, leaf, ca, root)
	p.Policies = []string{p1, p3}
	require.Equal(t, []string{p1}, accepted(t, p, leaf, ca, root).Policies)
	p.Policies = []string{path.AnyPolicy}
	require.Equal(t, []string{p1}, accepted(t, p, leaf, ca, root).Policies)
	require.Equal(t, []string{p2}, accepted(t, withPolicies(p2), anyLeaf, anyCA, root).Policies)

	// The leaf speaks of p3, which is what the root's users call p2.
	mapping := forge(t, root, "CA", 1, all(policies(p1, p2), mapped(p2, p3)))
	require.Equal(t, []string{p1, p2}, accepted(t, params(), leaf, mapping, root).Policies)
	require.Equal(t, []string{p1, p2}, accepted(t, params(), anyLeaf, mapping, root).Policies)
	p = params()
	p.InhibitPolicyMapping = true
	require.Equal(t, []string{p1}, accepted(t, p, leaf, mapping, root).Policies)
	// What may not be mapped is deleted, by its own name, too, and nothing else.
	require.Empty(t, accepted(t, p, forge(t, ca, "leaf", 2, policies(p2)), mapping, root).Policies)
	require.Equal(t, []string{p1}, accepted(t, p, anyLeaf, mapping, root).Policies)
	foreign := forge(t, root, "CA", 1, all(policies(p1), mapped(p3, p2)))
	require.Equal(t, []string{p1}, accepted(t, p, leaf, foreign, root).Policies)
	// Who does not assert a policy cannot map it either.
	require.Empty(t, accepted(t, params(), forge(t, ca, "leaf", 2, policies(p2)), foreign, root).Policies)
	// Who asserts any can.
	wide := forge(t, root, "CA", 1, all(policies(path.AnyPolicy), mapped(p1, p2)))
	require.Equal(t, []string{p1}, accepted(t, params(), forge(t, ca, "leaf", 2, policies(p2)), wide, root).Policies)
	// What is mapped is no longer known by its own name, asserted twice or not.
	narrow := forge(t, root, "CA", 1, policies(p1))
	both := forge(t, narrow, "Sub CA", 3, all(policies(p1, path.AnyPolicy), mapped(p1, p2)))
	require.Empty(t, accepted(t, params(), forge(t, both, "leaf", 2, policies(p1)), both, narrow, root).Policies)
	for _, from := range []string{p1, path.AnyPolicy} {
		odd := forge(t, root, "CA", 1, all(policies(p1), mapped(from, path.AnyPolicy)))
		refused(t, path.Policy, params(), leaf, odd, root)
		odd = forge(t, root, "CA", 1, all(policies(p1), mapped(path.AnyPolicy, from)))
		refused(t, path.Policy, params(), leaf, odd, root)
	}

	// Told is the first at which no policy is left.
	p.RequireExplicitPolicy = true
	bare := forge(t, root, "CA", 1, nil)
	blames(t, bare, p, leaf, bare, root)
	lost := forge(t, ca, "leaf", 2, policies(p3))
	blames(t, lost, p, lost, ca, root)
	unmapped := forge(t, root, "CA", 1, all(policies(p1), mapped(p1, p2)))
	below := forge(t, unmapped, "Sub CA", 3, policies(path.AnyPolicy))
	blames(t, below, p, forge(t, below, "leaf", 2, policies(p1)), below, unmapped, root)
	// A policy that was deleted does not come back in anyPolicy.
	half := forge(t, root, "CA", 1, all(policies(p1, p2), mapped(p1, p3)))
	below = forge(t, half, "Sub CA", 3, policies(path.AnyPolicy))
	lost = forge(t, below, "leaf", 2, policies(p1))
	blames(t, lost, p, lost, below, half, root)

	// A leaf may ask for policies by itself (RFC 5280 §6.1.5 (b)).
	asks := func(skip byte) func(*x509.Certificate) {
		return extension("2.5.29.36", true, tlv(0x30, tlv(0x80, []byte{skip})))
	}
	refused(t, path.Policy, params(), forge(t, ca, "leaf", 2, asks(0)), ca, root)
	accepted(t, params(), forge(t, ca, "leaf", 2, asks(1)), ca, root)
	accepted(t, params(), forge(t, ca, "leaf", 2, all(policies(p1), asks(0))), ca, root)
}

func withPolicies(list ...string) path.Params {
	p := params()
	p.Policies, p.RequireExplicitPolicy = list, true
	return p
}

// What a leaf and its issuers are for.
func TestPurposes(t *testing.T) {
	const stamping = "1.3.6.1.5.5.7.3.8"
	usage := func(list ...x509.ExtKeyUsage) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.ExtKeyUsage = list }
	}
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, usage(x509.ExtKeyUsageClientAuth))
	stamp := forge(t, ca, "leaf", 2, usage(x509.ExtKeyUsageTimeStamping))
	anyUse, none := forge(t, ca, "leaf", 2, usage(x509.ExtKeyUsageAny)), forge(t, ca, "leaf", 2, nil)
	p := params()
	p.Purposes = []string{stamping}
	accepted(t, p, stamp, ca, root)
	refused(t, path.Purpose, p, anyUse, ca, root)
	refused(t, path.Purpose, p, none, ca, root)
	optional := p
	optional.PurposeOptional = true
	accepted(t, optional, none, ca, root)
	withAny := p
	withAny.Purposes = []string{stamping, path.AnyPurpose}
	accepted(t, withAny, anyUse, ca, root)
	nested := p
	nested.NestedPurposes = true
	refused(t, path.Purpose, nested, stamp, ca, root)
	stampCA := forge(t, root, "CA", 1, usage(x509.ExtKeyUsageTimeStamping))
	accepted(t, nested, stamp, stampCA, root)
	anyCA := forge(t, root, "CA", 1, usage(x509.ExtKeyUsageAny))
	accepted(t, nested, stamp, anyCA, root)
	noneCA := forge(t, root, "CA", 1, nil)
	accepted(t, nested, stamp, noneCA, root)
	accepted(t, params(), none, ca, root)
}
