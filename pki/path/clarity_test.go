package path_test

import (
	"crypto"
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/path"
)

// Names that two readers might read differently are refused where their form is
// constrained. Some of these crypto/x509 refuses to read, which is why the leaf
// is doctored.
func TestUnclearNames(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	long := strings.Repeat("a.", 130) + "acme.example"
	all := permit(dns("acme.example"), dns("example"), uri("acme.example"), email("acme.example"))
	for _, c := range []struct {
		name []byte
		ok   bool
	}{
		{dns("www.acme.example"), true},
		{dns("x_y-z.acme.example"), true},
		{dns(long), false},
		{dns("www..acme.example"), false},
		{dns(".acme.example"), false},
		{dns(strings.Repeat("a", 63) + ".example"), true},
		{dns(strings.Repeat("a", 64) + ".example"), false},
		{dns("*.*.acme.example"), false},
		{dns("www.acme.example/x"), false},
		{uri("https://acme.example"), true},
		{uri("https://acme.example?x"), true},
		{uri("https://acme.example#x"), true},
		{uri("https://x@evil.example@acme.example/"), true}, // RFC 3986 §3.2 and WHATWG: the last counts
		{uri("://acme.example/"), false},
		{uri("a/b://acme.example/"), false},
		{uri("a?b://acme.example/"), false},
		{uri("acme.example"), false},
		{uri(`https://acme.example\@evil.example/`), false},
		{uri(`https://evil.example\@acme.example/`), false},
		{uri("https://acme.example:x/"), false},
		{uri("https://acme.example:8443/"), true},
		{uri("https://acme%2eexample/"), false},
		{uri("https://*.acme.example/"), false},
		{uri("https:///acme.example"), false},
		{email("a@acme.example"), true},
		{email("@acme.example"), false},
		{email("a@*.acme.example"), false},
		{email("a b@acme.example"), false},
		{email("a@acme.example."), false},
	} {
		bound := forge(t, root, "CA", 1, all)
		_, err := path.Validate(chainOf(doctored(leaf, altNames(c.name)), bound, root), params())
		require.Equal(t, c.ok, err == nil, "%q: %v", c.name, err)
		if err != nil {
			require.Equal(t, path.NameConstraints, err.Kind, "%q", c.name)
		}
	}
}

// A common name is an address only if it is one.
func TestAddressInCommonName(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, exclude(ip(0, 0, 0, 0, 0, 0, 0, 0)))
	for cn, ok := range map[string]bool{
		"10.1.2.3": false, "010.1.2.3": false, "10.1.2": true, "10.1.2.3.4": true, "10.1.2.300": true,
		"10..2.3": true, "10.1.2.0003": true, "10.1.2.x": true, "1000.1000.1000.1000": true,
	} {
		_, err := path.Validate(chainOf(forge(t, ca, cn, 2, nil), ca, root), params())
		require.Equal(t, ok, err == nil, "%s: %v", cn, err)
		// A CA is called as it likes.
		sub := forge(t, ca, cn+" CA", 3, nil)
		accepted(t, params(), forge(t, sub, "leaf", 2, nil), sub, ca, root)
	}
	// A name that is no address is not held against addresses.
	ten := forge(t, root, "CA", 1, permit(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	accepted(t, params(), forge(t, ten, "Mari Maasikas", 2, nil), ten, root)
	// With a host among the alternative names, that is what people compare.
	named := forge(t, ca, "10.1.2.3", 2, altNames(dns("a.example")))
	accepted(t, params(), named, ca, root)
}

// Of issuers with the same name and key, the right key identifier comes first,
// then none, then another, however new they are; then issuer and serial number.
func TestHints(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	make := func(id byte, years int) *forged {
		c := forge(t, root, "CA", 1, func(c *x509.Certificate) {
			c.NotBefore = now.AddDate(years, 0, 0)
			c.SubjectKeyId = []byte{id}
		})
		if id == 0 {
			c.SubjectKeyId = nil
		}
		return c
	}
	right, none, wrong := make(1, -3), make(0, -2), make(2, -1)
	leaf := forge(t, right, "leaf", 2, nil)
	require.Equal(t, []byte{1}, leaf.AuthorityKeyId)
	for _, pool := range [][]*x509.Certificate{chainOf(right, none, wrong), chainOf(wrong, none, right)} {
		found := find(t, leaf, anchors(root), pool, params())
		require.Len(t, found, 3)
		for i, want := range chainOf(right, none, wrong) {
			require.Equal(t, want, found[i].Chain[1])
		}
	}
	// A leaf without the extension: the newest first.
	bare := doctored(leaf)
	bare.Extensions = bare.Extensions[:0:0]
	found := find(t, bare, anchors(root), chainOf(right, none, wrong), params())
	require.Equal(t, wrong.Certificate, found[0].Chain[1])
}

// Each signature is checked once, however many paths go through it.
func TestSignaturesAreCheckedOnce(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca, again := forge(t, root, "CA", 1, nil), forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	checks := 0
	p := params()
	p.Verify = func(key crypto.PublicKey, alg pki.Algorithm, message, sig []byte) error {
		checks++
		return pki.Verify(key, alg, message, sig)
	}
	require.Len(t, find(t, leaf, anchors(root), chainOf(ca, again), p), 2)
	require.Equal(t, 3, checks, "the leaf under one key, two CAs under the root's")
}

// That a signature cannot be judged says more than that another is wrong.
func TestTellingReason(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	for _, first := range []error{pki.ErrUnknownAlgorithm, pki.ErrInvalidSignature} {
		second := pki.ErrInvalidSignature
		if first == second {
			second = pki.ErrUnknownAlgorithm
		}
		errs := []error{first, second}
		p := params()
		p.Verify = func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error {
			err := errs[0]
			errs = errs[1:]
			return err
		}
		_, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: chainOf(ca, forge(t, root, "CA", 3, nil))}, p)
		kindIs(t, path.Algorithm, err)
	}
}

// Without a time, nothing can be outside of it.
func TestNoTimeNothingOutside(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, root, "leaf", 1, nil)
	p := path.Params{AnyTime: true, Verify: pki.Verify}
	list := []pki.Anchor{{Certificate: root.Certificate, From: now, Until: now.Add(time.Hour)}}
	found := find(t, leaf, list, nil, p)
	require.True(t, found[0].Valid())
	require.Empty(t, found[0].Outside)
}
