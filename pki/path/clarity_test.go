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
	others := exclude(dns("other.test"), uri("other.test"), email("other.test"))
	for _, c := range []struct {
		name []byte
		ok   bool
	}{
		{dns("www.acme.example"), true},
		{dns("x_y-z.acme.example"), true},
		{dns(long), false},
		{dns(strings.Repeat("a.", 120) + "acme.example"), true},    // 252
		{dns(strings.Repeat("a.", 119) + "aa.acme.example"), true}, // 253, the most
		{dns(strings.Repeat("a.", 119) + "aaa.acme.example"), false},
		{dns("a{b.acme.example"), false},
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
		{uri("https:///x@acme.example"), false},
		{email("a@acme.example"), true},
		{email("@acme.example"), false},
		{email("a@*.acme.example"), false},
		{email("a b@acme.example"), false},
		{email("a@acme.example."), false},
	} {
		for _, constraints := range []func(*x509.Certificate){all, others} {
			bound := forge(t, root, "CA", 1, constraints)
			_, err := path.Validate(chainOf(doctored(leaf, altNames(c.name)), bound, root), params())
			require.Equal(t, c.ok, err == nil, "%q: %v", c.name, err)
			if err != nil {
				require.Equal(t, path.NameConstraints, err.Kind, "%q", c.name)
			}
		}
	}
}

// A constraint that is not clear permits nothing, and excludes all.
func TestUnclearConstraints(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	for _, c := range []struct{ base, name []byte }{
		{dns("*.acme.example"), dns("www.acme.example")},
		{dns("*.acme.example"), dns("www.other.example")},
		{dns("acme..example"), dns("www.other.example")},
		{uri("*.acme.example"), uri("https://www.other.example/")},
		{email("*.acme.example"), email("a@other.example")},
		{email("a@*.acme.example"), email("a@acme.example")},
		{email("a@*.acme.example"), email("b@other.example")},
	} {
		for _, constraint := range []func(*x509.Certificate){permit(c.base), exclude(c.base)} {
			refused(t, path.NameConstraints, params(), doctored(leaf, altNames(c.name)), doctored(ca, constraint), root)
		}
	}
}

// A refusal tells which name it is of, as far as that is text.
func TestRefusedNamesAreTold(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	for _, c := range []struct {
		ca, leaf func(*x509.Certificate)
		told     string
	}{
		{permit(dns("acme.example")), altNames(dns("evil.example")), `dNSName "evil.example" is in no permitted subtree`},
		{exclude(ip(10, 0, 0, 0, 255, 0, 0, 0)), altNames(ip(10, 1, 2, 3)), "iPAddress is excluded"},
	} {
		ca := forge(t, root, "CA", 1, c.ca)
		_, err := path.Validate(chainOf(forge(t, ca, "leaf", 2, c.leaf), ca, root), params())
		require.NotNil(t, err)
		require.Equal(t, c.told, err.Detail)
	}
}

// A common name is an address only if it is one.
func TestAddressInCommonName(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, exclude(ip(0, 0, 0, 0, 0, 0, 0, 0)))
	tens := forge(t, root, "CA", 1, permit(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	for cn, ok := range map[string]bool{
		"10.1.2.3": false, "010.1.2.3": false, "10.1.2": true, "10.1.2.3.4": true, "10.1.2.300": true,
		"10..2.3": true, "10.1.2.0003": true, "10.1.2.x": true, "1000.1000.1000.1000": true,
		"10.1.2.+": true, "10.1.2.255": false, "10.1.2.256": true, "10.100.100.100": false, "10..": true,
	} {
		_, err := path.Validate(chainOf(forge(t, ca, cn, 2, nil), ca, root), params())
		require.Equal(t, ok, err == nil, "%s: %v", cn, err)
		// What is no address is no address outside of the network either.
		accepted(t, params(), forge(t, tens, cn, 2, nil), tens, root)
		// A CA is called as it likes.
		sub := forge(t, ca, cn, 3, func(c *x509.Certificate) {
			c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		})
		accepted(t, params(), forge(t, sub, "leaf", 2, nil), sub, ca, root)
	}
	// A name that is no address is not held against addresses.
	ten := forge(t, root, "CA", 1, permit(ip(10, 0, 0, 0, 255, 0, 0, 0)))
	accepted(t, params(), forge(t, ten, "Mari Maasikas", 2, nil), ten, root)
	// With a host among the alternative names, that is what people compare.
	named := forge(t, ca, "10.1.2.3", 2, altNames(dns("a.example")))
	accepted(t, params(), named, ca, root)
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
