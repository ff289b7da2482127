package path_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
)

// doctored is a certificate with other extensions than were signed, so that
// what crypto/x509 refuses to read is put to our own readers, too.
func doctored(c *forged, edits ...func(*x509.Certificate)) *forged {
	var wanted x509.Certificate
	all(edits...)(&wanted)
	out := *c.Certificate
	out.Extensions = slices.DeleteFunc(slices.Clone(out.Extensions), func(e pkix.Extension) bool {
		return slices.ContainsFunc(wanted.ExtraExtensions, func(w pkix.Extension) bool { return w.Id.Equal(e.Id) })
	})
	out.Extensions = append(out.Extensions, wanted.ExtraExtensions...)
	return &forged{&out, c.key}
}

// Each line is an extension that is not what its clause says.
func TestMalformedExtensions(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	info := func(parts ...[]byte) []byte { return tlv(0x30, parts...) }
	raw := func(oid string, parts ...[]byte) func(*x509.Certificate) {
		return extension(oid, true, bytes.Join(parts, nil))
	}
	null := []byte{5, 0}
	set := func(parts ...[]byte) []byte { return tlv(0x31, parts...) }
	cps := info(oidDER("1.3.6.1.5.5.7.2.1"), null)
	many := func(name []byte) []byte { return bytes.Repeat(name, 1<<16+1) }
	var manyOIDs, manyPairs [][]byte
	for i := range 1100 {
		id := oidDER(fmt.Sprintf("1.2.3.%d", i))
		manyOIDs = append(manyOIDs, info(id))
		manyPairs = append(manyPairs, info(id, id))
	}
	for why, e := range map[string]func(*x509.Certificate){
		"policies, none":                 policies(),
		"policies, no sequence":          raw("2.5.29.32", null),
		"policies, more behind":          raw("2.5.29.32", info(info(oidDER(p1))), null),
		"policies, no info":              raw("2.5.29.32", info(null)),
		"policies, twice":                policies(p1, p1),
		"policies, too many":             raw("2.5.29.32", info(manyOIDs...)),
		"policies, no identifier":        raw("2.5.29.32", info(info(null))),
		"policies, long-winded arc":      raw("2.5.29.32", info(info([]byte{6, 3, 42, 0x80, 1}))),
		"policies, qualifiers, none":     raw("2.5.29.32", info(info(oidDER(p1), info()))),
		"policies, qualifier, null":      raw("2.5.29.32", info(info(oidDER(p1), info(null)))),
		"policies, qualifier, short":     raw("2.5.29.32", info(info(oidDER(p1), info(info(oidDER(p1)))))),
		"policies, qualifiers, and more": raw("2.5.29.32", info(info(oidDER(p1), info(info(oidDER(p1), null)), null))),
		"any policy, odd qualifier": raw("2.5.29.32", info(info(oidDER(path.AnyPolicy),
			info(info(oidDER(p1), null))))),
		"policies, a set":               raw("2.5.29.32", set(info(oidDER(p1)))),
		"policies, info in a set":       raw("2.5.29.32", info(set(oidDER(p1)))),
		"policies, empty info":          raw("2.5.29.32", info(info())),
		"policies, qualifiers alone":    raw("2.5.29.32", info(info(info(cps)))),
		"policies, qualifiers in a set": raw("2.5.29.32", info(info(oidDER(p1), set(cps)))),
		"policies, qualifier in a set":  raw("2.5.29.32", info(info(oidDER(p1), info(set(oidDER(p1), null))))),
		"policies, qualifier, long":     raw("2.5.29.32", info(info(oidDER(p1), info(info(oidDER(p1), null, null))))),
		"policies, nameless qualifier":  raw("2.5.29.32", info(info(oidDER(p1), info(info(null))))),
		"mappings, a set":               raw("2.5.29.33", set(info(oidDER(p1), oidDER(p2)))),
		"mappings, pair in a set":       raw("2.5.29.33", info(set(oidDER(p1), oidDER(p2)))),
		"mappings, none":                mapped(),
		"mappings, no pair":             raw("2.5.29.33", info(null)),
		"mappings, half a pair":         raw("2.5.29.33", info(info(oidDER(p1)))),
		"mappings, three":               raw("2.5.29.33", info(info(oidDER(p1), oidDER(p2), oidDER(p3)))),
		"mappings, too many":            raw("2.5.29.33", info(manyPairs...)),
		"mappings, more behind":         raw("2.5.29.33", info(info(oidDER(p1), oidDER(p2))), null),
		"policy constraints, none":      raw("2.5.29.36", info()),
		"policy constraints, more":      raw("2.5.29.36", info(tlv(0x80, []byte{0}), tlv(0x82, []byte{0}))),
		"policy constraints, twisted":   raw("2.5.29.36", info(tlv(0x81, []byte{0}), tlv(0x80, []byte{0}))),
		"policy constraints, negative":  raw("2.5.29.36", info(tlv(0x80, []byte{0xff}))),
		"policy constraints, half bad":  raw("2.5.29.36", info(tlv(0x80, []byte{0xff}), tlv(0x81, []byte{0}))),
		"policy constraints, a set":     raw("2.5.29.36", set(tlv(0x80, []byte{0}))),
		"policy constraints, and more":  raw("2.5.29.36", info(tlv(0x80, []byte{0})), null),
		"policy constraints, empty":     raw("2.5.29.36", info(tlv(0x81))),
		"any policy skip, negative":     raw("2.5.29.54", []byte{2, 1, 0xff}),
		"any policy skip, zero before":  raw("2.5.29.54", []byte{2, 2, 0, 1}),
		"any policy skip, and more":     raw("2.5.29.54", []byte{2, 1, 1, 5, 0}),
		"any policy skip, no number":    raw("2.5.29.54", null),
		"any policy skip, a bit string": raw("2.5.29.54", []byte{3, 1, 1}),
		"usage, none":                   raw("2.5.29.15", []byte{3, 2, 7, 0}),
		"usage, no bits":                raw("2.5.29.15", null),
		"usage, and more":               raw("2.5.29.15", []byte{3, 2, 2, 4, 5, 0}),
		"purposes, none":                raw("2.5.29.37", info()),
		"purposes, no sequence":         raw("2.5.29.37", oidDER(p1)),
		"purposes, a set":               raw("2.5.29.37", set(oidDER(p1))),
		"purposes, more behind":         raw("2.5.29.37", info(oidDER(p1)), null),
		"purposes, null":                raw("2.5.29.37", info(null)),
		"purposes, too many":            raw("2.5.29.37", info(bytes.Repeat(oidDER(p1), 1100))),
		"basic constraints, null":       raw("2.5.29.19", null),
		"basic constraints, behind":     raw("2.5.29.19", []byte{0x30, 3, 1, 1, 0xff}, null),
		"basic constraints, loose true": raw("2.5.29.19", []byte{0x30, 3, 1, 1, 1}),
		"basic constraints, negative":   raw("2.5.29.19", []byte{0x30, 6, 1, 1, 0xff, 2, 1, 0x80}),
		"basic constraints, and more":   raw("2.5.29.19", []byte{0x30, 8, 1, 1, 0xff, 2, 1, 0, 5, 0}),
		"names, none":                   altNames(),
		"names, no sequence":            raw("2.5.29.17", null),
		"names, a set":                  raw("2.5.29.17", set(dns("a.example"))),
		"names, more behind":            raw("2.5.29.17", info(dns("a.example")), null),
		"names, too many":               raw("2.5.29.17", info(many(dns("a")))),
		"names, just beyond ASCII":      altNames(dns("\x80.example")),
		"names, empty ORAddress":        altNames(tlv(0xa3)),
		"names, empty EDIPartyName":     altNames(tlv(0xa5)),
		"names, universal tag":          altNames(null),
		"names, universal string":       altNames(tlv(0x02, []byte("a"))),
		"names, application string":     altNames(tlv(0x42, []byte("a"))),
		"names, unknown form":           altNames(tlv(0x89, []byte{1})),
		"names, constructed string":     altNames(tlv(0xa2, []byte{1})),
		"names, primitive directory":    altNames(tlv(0x84, []byte{1})),
		"names, no directory":           altNames(tlv(0xa4, null)),
		"names, beyond ASCII":           altNames(dns("\xc3\xa4.example")),
		"names, five octets":            altNames(ip(1, 2, 3, 4, 5)),
		"names, empty identifier":       altNames(tlv(0x88)),
		"constraints, null":             raw("2.5.29.30", null),
		"constraints, a set":            raw("2.5.29.30", set(tlv(0xa0, info(dns("a.example"))))),
		"constraints, more behind":      raw("2.5.29.30", info(tlv(0xa0, info(dns("a.example")))), null),
		"constraints, too many":         raw("2.5.29.30", info(tlv(0xa0, many(info(dns("a")))))),
		"constraints, subtree in a set": raw("2.5.29.30", info(tlv(0xa0, set(dns("a.example"))))),
		"constraints, beyond ASCII":     permit(dns("\xc3\xa4.example")),
		"constraints, a hole at a bit":  permit(ip(10, 0, 0, 0, 255, 254, 1, 0)),
		"constraints, none":             raw("2.5.29.30", info()),
		"constraints, empty list":       raw("2.5.29.30", info(tlv(0xa0))),
		"constraints, no subtree":       raw("2.5.29.30", info(tlv(0xa0, null))),
		"constraints, empty subtree":    raw("2.5.29.30", info(tlv(0xa1, info()))),
		"constraints, minimum":          raw("2.5.29.30", info(tlv(0xa0, info(dns("a.example"), tlv(0x80, []byte{0}))))),
		"constraints, and more":         raw("2.5.29.30", info(tlv(0xa0, info(dns("a.example"))), null)),
		"constraints, twisted":          raw("2.5.29.30", info(tlv(0xa1, info(dns("a"))), tlv(0xa0, info(dns("a"))))),
		"constraints, a hole in a mask": permit(ip(10, 0, 0, 0, 255, 0, 255, 0)),
		"constraints, a short address":  permit(ip(10, 0, 0, 0)),
	} {
		_, refusal := path.Validate(chainOf(leaf, doctored(ca, e), root), params())
		require.NotNil(t, refusal, why)
		require.Equal(t, path.Malformed, refusal.Kind, "%s: %v", why, refusal)
		require.True(t, strings.HasPrefix(refusal.Clause, "RFC 5280 §4.2"), why)
		// An anchor is a name and a key, whatever its extensions are.
		spoilt := doctored(root, e)
		accepted(t, params(), leaf, ca, spoilt)
		p := params()
		p.AnchorConstraints = true
		refused(t, path.Malformed, p, leaf, ca, spoilt)
	}
}

// Two of one extension: which of them holds?
func TestDuplicateExtension(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	twice := doctored(ca, extension("2.5.29.19", true, []byte{0x30, 3, 1, 1, 0xff}),
		extension("2.5.29.19", true, []byte{0x30, 0}))
	refused(t, path.Malformed, params(), leaf, twice, root)
	var many []func(*x509.Certificate)
	for i := range 300 {
		many = append(many, extension(fmt.Sprintf("1.2.3.%d", i), false, nil))
	}
	refused(t, path.Malformed, params(), leaf, doctored(ca, many...), root)
	accepted(t, params(), leaf, doctored(ca, many[:256-len(ca.Extensions)]...), root)
}

// An extension is known by its whole identifier, not by how that ends.
func TestExtensionsThatLookAlike(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	for _, oid := range []string{"1.2.3.15", "2.5.29.15.1", "2.5.28.15", "2.4.29.15", "1.5.29.15", "2.5.29"} {
		ca := forge(t, root, "CA", 1, extension(oid, false, []byte{5, 0}))
		accepted(t, params(), forge(t, ca, "leaf", 2, nil), ca, root)
		ca = forge(t, root, "CA", 1, extension(oid, true, []byte{5, 0}))
		refused(t, path.CriticalExtension, params(), forge(t, ca, "leaf", 2, nil), ca, root)
	}
}

// A count of 2^64 is a large one, and none that has run over.
func TestHugeCounts(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	huge := append([]byte{2, 9, 1}, make([]byte, 8)...)
	accepted(t, params(), leaf, doctored(ca, extension("2.5.29.19", true, tlv(0x30, []byte{1, 1, 0xff}, huge))), root)
	constraint := append([]byte{0x80, 9, 1}, make([]byte, 8)...)
	accepted(t, params(), leaf, doctored(ca, extension("2.5.29.36", true, tlv(0x30, constraint))), root)
	// 128 has a zero before it, so as not to be negative.
	accepted(t, params(), leaf, doctored(ca, extension("2.5.29.19", true, tlv(0x30, []byte{1, 1, 0xff, 2, 2, 0, 0x80}))), root)
	constraint[0] = 0x81 // the other count, alone
	accepted(t, params(), leaf, doctored(ca, extension("2.5.29.36", true, tlv(0x30, constraint))), root)
	sub := forge(t, ca, "Sub CA", 3, nil)
	below := forge(t, sub, "leaf", 2, nil)
	accepted(t, params(), below, sub, doctored(ca, extension("2.5.29.19", true, tlv(0x30, []byte{1, 1, 0xff}, huge))), root)
}

// What a policy's qualifiers say is for people. One that is not known makes a
// critical extension one that is not understood (RFC 5280 §4.2.1.4), wherever
// it stands among others.
func TestPolicyQualifiers(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, root, "leaf", 1, nil)
	null := []byte{5, 0}
	cps, notice := tlv(0x30, oidDER("1.3.6.1.5.5.7.2.1"), null), tlv(0x30, oidDER("1.3.6.1.5.5.7.2.2"), null)
	odd := tlv(0x30, oidDER("1.2.3.4"), null)
	for _, c := range []struct {
		qualifiers [][]byte
		known      bool
	}{{[][]byte{cps}, true}, {[][]byte{notice, cps}, true}, {[][]byte{odd}, false}, {[][]byte{odd, cps}, false}} {
		value := tlv(0x30, tlv(0x30, oidDER(p1), tlv(0x30, c.qualifiers...)))
		mild := doctored(leaf, extension("2.5.29.32", false, value))
		require.Equal(t, []string{p1}, accepted(t, params(), mild, root).Policies)
		strict := doctored(leaf, extension("2.5.29.32", true, value))
		if c.known {
			accepted(t, params(), strict, root)
		} else {
			refused(t, path.CriticalExtension, params(), strict, root)
		}
	}
}

// The first thing that cannot be read is told, as it is for those who look.
func TestFirstDefectIsTold(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := doctored(forge(t, root, "leaf", 1, nil), extension("2.5.29.37", true, nil), extension("2.5.29.54", true, nil))
	_, refusal := path.Validate(chainOf(leaf, root), params())
	require.NotNil(t, refusal)
	require.Equal(t, "RFC 5280 §4.2.1.12", refusal.Clause)
}

// Names that are none must not be equal to each other, as both being empty.
func TestUnreadableNames(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, root, "leaf", 1, nil)
	edit := func(c *forged, f func(*x509.Certificate)) *forged {
		out := *c.Certificate
		f(&out)
		return &forged{&out, c.key}
	}
	noSubject := edit(root, func(c *x509.Certificate) { c.RawSubject = []byte{1, 2} })
	noIssuer := edit(leaf, func(c *x509.Certificate) { c.RawIssuer = []byte{1, 2} })
	empty := edit(leaf, func(c *x509.Certificate) { c.RawIssuer = []byte{0x30, 0} })
	emptyRoot := edit(root, func(c *x509.Certificate) { c.RawSubject = []byte{0x30, 0} })
	refused(t, path.Malformed, params(), leaf, noSubject)
	refused(t, path.Malformed, params(), noIssuer, noSubject)
	refused(t, path.NameChaining, params(), empty, emptyRoot)
	_, err := path.Find(noIssuer.Certificate, path.Source{Anchors: anchors(noSubject)}, params())
	kindIs(t, path.Malformed, err)
	_, err = path.Find(empty.Certificate, path.Source{Anchors: anchors(emptyRoot)}, params())
	kindIs(t, path.NoPath, err)
	_, err = path.Find(leaf.Certificate, path.Source{Anchors: anchors(noSubject)}, params())
	kindIs(t, path.NoPath, err)
}

// crypto/x509 refuses IPv4 in IPv6 as an alternative name; should it change its
// mind, an excluded network still holds.
func TestMappedAddress(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ten := ip(10, 0, 0, 0, 255, 0, 0, 0)
	mappedIP := ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3)
	leaf := forge(t, forge(t, root, "CA", 1, nil), "leaf", 2, nil)
	hidden := doctored(leaf, altNames(mappedIP))
	refused(t, path.NameConstraints, params(), hidden, forge(t, root, "CA", 1, exclude(ten)), root)
	refused(t, path.NameConstraints, params(), hidden, forge(t, root, "CA", 1, permit(ten)), root)
}

// What would refuse an issuer refuses an anchor, where its constraints count.
func TestAnchorConstraints(t *testing.T) {
	plain := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, plain, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
	p := params()
	p.AnchorConstraints = true
	accepted(t, p, leaf, ca, plain)
	old := version1(t, plain, "Old", 1) // which cannot say that it is a CA
	accepted(t, p, forge(t, old, "leaf", 2, nil), old)
	for kind, e := range map[path.Kind]func(*x509.Certificate){
		path.BasicConstraints:  extension("2.5.29.19", true, []byte{0x30, 0}),
		path.KeyUsage:          extension("2.5.29.15", true, []byte{3, 2, 1, 2}),
		path.CriticalExtension: extension("1.2.3.4", true, nil),
		path.PathLength:        extension("2.5.29.19", true, []byte{0x30, 6, 1, 1, 0xff, 2, 1, 0}),
		path.NameConstraints:   permit(dirName(attr("2.5.4.10", "Acme"))),
		path.Policy:            mapped(p1, path.AnyPolicy),
	} {
		accepted(t, params(), leaf, ca, doctored(plain, e))
		refused(t, kind, p, leaf, ca, doctored(plain, e))
	}
	explicit := doctored(plain, extension("2.5.29.36", true, tlv(0x30, tlv(0x80, []byte{0}))))
	refused(t, path.Policy, p, leaf, ca, explicit)
	nested := p
	nested.Purposes, nested.NestedPurposes = []string{"1.3.6.1.5.5.7.3.2"}, true
	accepted(t, nested, leaf, ca, plain)
	stamping := extension("2.5.29.37", false, tlv(0x30, oidDER("1.3.6.1.5.5.7.3.8")))
	refused(t, path.Purpose, nested, leaf, ca, doctored(plain, stamping))
	// Policies that an anchor of another's making asserts, as an intermediate of
	// a trusted list: anyPolicy stands for none where it is inhibited.
	vague := forge(t, plain, "CA", 1, policies(path.AnyPolicy))
	required := p
	required.RequireExplicitPolicy, required.InhibitAnyPolicy = true, true
	blames(t, vague, required, leaf, vague)
	required = p
	required.RequireExplicitPolicy = true
	refused(t, path.Policy, required, leaf, ca, doctored(plain, policies(p1)))
}

// An index is read once, and answers as the source does.
func TestIndex(t *testing.T) {
	root, other := forge(t, nil, "Root CA", 0, nil), forge(t, nil, "Other CA", 1, nil)
	ca := forge(t, root, "CA", 2, nil)
	cross := forge(t, other, "CA", 2, nil)
	leaf := forge(t, ca, "leaf", 3, nil)
	whole := find(t, leaf, anchors(root, other), chainOf(ca, cross), params())
	require.Len(t, whole, 2)
	first := path.NewIndex(path.Source{Anchors: append(anchors(root), pki.Anchor{}), Pool: chainOf(cross)})
	second := path.NewIndex(path.Source{Anchors: anchors(other), Index: first})
	for _, s := range []path.Source{
		{Index: second, Pool: chainOf(ca)},
		{Index: second, Pool: chainOf(ca, cross, root, other)}, // known to both
		{Index: first, Anchors: anchors(other), Pool: chainOf(ca)},
	} {
		found, err := path.Find(leaf.Certificate, s, params())
		require.NoError(t, err)
		require.Len(t, found, 2)
		for i := range found {
			require.Equal(t, whole[i].Chain, found[i].Chain)
		}
	}
}
