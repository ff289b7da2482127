package path_test

import (
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
	"tamga/pki/path"
)

const (
	p1 = "1.2.3.1"
	p2 = "1.2.3.2"
	p3 = "1.2.3.3"
)

func dns(s string) []byte   { return tlv(0x82, []byte(s)) }
func email(s string) []byte { return tlv(0x81, []byte(s)) }
func uri(s string) []byte   { return tlv(0x86, []byte(s)) }
func ip(b ...byte) []byte   { return tlv(0x87, b) }
func dirName(rdns ...pkix.AttributeTypeAndValue) []byte {
	return tlv(0xa4, rawName(rdns...))
}

// rawName is a Name of one attribute in each RDN.
func rawName(rdns ...pkix.AttributeTypeAndValue) []byte {
	var seq pkix.RDNSequence
	for _, a := range rdns {
		seq = append(seq, pkix.RelativeDistinguishedNameSET{a})
	}
	der, err := asn1.Marshal(seq)
	if err != nil {
		panic(err)
	}
	return der
}

func attr(oid, value string) pkix.AttributeTypeAndValue {
	return pkix.AttributeTypeAndValue{Type: pki.MustOID(oid), Value: value}
}

func subject(rdns ...pkix.AttributeTypeAndValue) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.RawSubject = rawName(rdns...) }
}

// A CA that may not issue issues anyway: the leaf of a shop becomes the CA of a
// bank (CVE-2002-0862, Internet Explorer did not look at basicConstraints).
func TestLeafActsAsCA(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	shop := forge(t, root, "shop", 1, nil)
	bank := forge(t, shop, "bank", 2, nil)
	refused(t, path.BasicConstraints, params(), bank, shop, root)

	noCA := forge(t, root, "No CA", 1, func(c *x509.Certificate) { c.IsCA = false })
	refused(t, path.BasicConstraints, params(), forge(t, noCA, "bank", 2, nil), noCA, root)

	// The right to issue, but not with this key.
	noUsage := forge(t, root, "Sub CA", 1, func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign })
	refused(t, path.KeyUsage, params(), forge(t, noUsage, "bank", 2, nil), noUsage, root)

	// Version 1 knows no basicConstraints at all: Root CA signs for a person
	// in 1998, who now issues. An anchor of version 1 is an anchor.
	old := version1(t, root, "Old", 1)
	refused(t, path.BasicConstraints, params(), forge(t, old, "bank", 2, nil), old, root)
	accepted(t, params(), forge(t, old, "bank", 2, nil), old)
}

// version1 strips a certificate of its extensions and signs it again.
func version1(t *testing.T, issuer *forged, name string, key int) *forged {
	c := forge(t, issuer, name, key, func(c *x509.Certificate) { c.KeyUsage = 0 })
	// TBSCertificate ::= SEQUENCE { version [0], …, extensions [3] }
	in, tbs := cryptobyte.String(c.RawTBSCertificate), cryptobyte.String(nil)
	require.True(t, in.ReadASN1(&tbs, cbasn1.SEQUENCE))
	require.True(t, tbs.SkipASN1(cbasn1.Tag(0).ContextSpecific().Constructed()))
	var fields [][]byte
	for range 6 {
		var field cryptobyte.String
		var tag cbasn1.Tag
		require.True(t, tbs.ReadAnyASN1Element(&field, &tag))
		fields = append(fields, field)
	}
	out, err := x509.ParseCertificate(resign(t, issuer, tlv(0x30, fields...)))
	require.NoError(t, err)
	require.Equal(t, 1, out.Version)
	return &forged{out, c.key}
}

// resign makes a certificate of a TBSCertificate.
func resign(t testing.TB, issuer *forged, tbs []byte) []byte {
	sig, err := issuer.key.Sign(nil, pki.SHA256.Sum(tbs), pki.SHA256.Std())
	require.NoError(t, err)
	return tlv(0x30, tbs, pki.ECDSASHA256.AlgorithmIdentifier(), tlv(0x03, append([]byte{0}, sig...)))
}

// A CA that was given a path length of 0 makes a CA of its customer. Self-issued
// certificates, which only carry a new key, do not count; the leaf neither.
func TestPathLength(t *testing.T) {
	zero := func(c *x509.Certificate) { c.MaxPathLenZero = true }
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, zero)
	sub := forge(t, ca, "Sub CA", 2, nil)
	refused(t, path.PathLength, params(), forge(t, sub, "leaf", 3, nil), sub, ca, root)
	rollover := forge(t, ca, "CA", 2, nil)
	accepted(t, params(), forge(t, rollover, "leaf", 3, nil), rollover, ca, root)
	accepted(t, params(), sub, ca, root) // judged as a leaf
	behind := forge(t, rollover, "Sub CA", 3, nil)
	refused(t, path.PathLength, params(), forge(t, behind, "leaf", 4, nil), behind, rollover, ca, root)

	// A later CA cannot grant itself more than it has got.
	one := forge(t, root, "One CA", 1, func(c *x509.Certificate) { c.MaxPathLen = 1 })
	greedy := forge(t, one, "Greedy CA", 2, func(c *x509.Certificate) { c.MaxPathLen = 9 })
	third := forge(t, greedy, "Third CA", 3, nil)
	refused(t, path.PathLength, params(), forge(t, third, "leaf", 4, nil), third, greedy, one, root)

	// The anchor's own limit counts only where asked.
	limited := forge(t, nil, "Limited CA", 0, zero)
	ca = forge(t, limited, "CA", 1, nil)
	leaf := forge(t, ca, "leaf", 2, nil)
	accepted(t, params(), leaf, ca, limited)
	p := params()
	p.AnchorConstraints = true
	refused(t, path.PathLength, p, leaf, ca, limited)
	p = params()
	p.MaxLength = 2
	refused(t, path.PathLength, p, leaf, ca, limited)
	p.MaxLength = 3
	accepted(t, p, leaf, ca, limited)
}

// An extension marked critical says: refuse me if you do not know it.
func TestCriticalExtension(t *testing.T) {
	const unknown = "1.2.3.4.5"
	root := forge(t, nil, "Root CA", 0, extension(unknown, true, []byte{5, 0}))
	ca := forge(t, root, "CA", 1, nil)
	odd := forge(t, root, "CA", 1, extension(unknown, true, []byte{5, 0}))
	mild := forge(t, root, "CA", 1, extension(unknown, false, []byte{5, 0}))
	leaf := forge(t, ca, "leaf", 2, nil)
	oddLeaf := forge(t, ca, "leaf", 2, extension(unknown, true, []byte{5, 0}))
	refused(t, path.CriticalExtension, params(), leaf, odd, root)
	refused(t, path.CriticalExtension, params(), oddLeaf, ca, root)
	refused(t, path.CriticalExtension, params(), oddLeaf) // even as an anchor
	accepted(t, params(), leaf, mild, root)
	p := params()
	p.Critical = []string{unknown}
	accepted(t, p, oddLeaf, odd, root)
	p = params()
	p.AnchorConstraints = true
	refused(t, path.CriticalExtension, p, leaf, ca, root)
	// A certificate-transparency poison makes a precertificate of a leaf.
	poisoned := forge(t, ca, "leaf", 2, extension("1.3.6.1.4.1.11129.2.4.3", true, []byte{5, 0}))
	refused(t, path.CriticalExtension, params(), poisoned, ca, root)
}

// Two CAs of one name: the certificate is the other one's.
func TestWrongIssuerOfSameName(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	ca, twin := forge(t, root, "CA", 1, nil), forge(t, root, "CA", 2, nil)
	leaf := forge(t, ca, "leaf", 3, nil)
	refused(t, path.Signature, params(), leaf, twin, root)
	found, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: chainOf(twin, ca)}, params())
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.True(t, found[0].Valid())
	require.Equal(t, chainOf(leaf, ca, root), found[0].Chain)
	_, err = path.Find(leaf.Certificate, path.Source{Anchors: anchors(root), Pool: chainOf(twin)}, params())
	kindIs(t, path.Signature, err)
	require.ErrorIs(t, err, pki.ErrInvalidSignature)

	// A certificate under a right signature, but of another name, is no issuer:
	// keys are shared, names are what constraints bind.
	other := forge(t, root, "Other CA", 1, nil)
	refused(t, path.NameChaining, params(), leaf, other, root)
}

func anchors(list ...*forged) (out []pki.Anchor) {
	for _, a := range list {
		out = append(out, pki.Anchor{Certificate: a.Certificate})
	}
	return out
}

func kindIs(t *testing.T, kind path.Kind, err error) {
	t.Helper()
	var e *path.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, kind, e.Kind, "%v", err)
}

// Each line is a CA bound to some names, and a leaf that tries to leave them.
func TestNameConstraintsBypass(t *testing.T) {
	const cn, o, mail = "2.5.4.3", "2.5.4.10", "1.2.840.113549.1.9.1"
	acme := attr(o, "Acme")
	ten := ip(10, 0, 0, 0, 255, 0, 0, 0)
	six := ip(slices.Concat(slices.Repeat([]byte{1}, 8), make([]byte, 8), slices.Repeat([]byte{255}, 8), make([]byte, 8))...)
	x400, edi := tlv(0xa3, []byte{0x30, 0}), tlv(0xa5, tlv(0xa1, tlv(0x0c, []byte("x"))))
	smtpOID, utf8 := oidDER("1.3.6.1.5.5.7.8.9"), tlv(0x0c, []byte("a@acme.example"))
	smtp := func(s string) []byte { return tlv(0xa0, smtpOID, tlv(0xa0, tlv(0x0c, []byte(s)))) }
	typed := func(oid string, tag int, text string) func(*x509.Certificate) {
		return subject(pkix.AttributeTypeAndValue{Type: pki.MustOID(oid), Value: asn1.RawValue{Tag: tag, Bytes: []byte(text)}})
	}
	wide := func(s string, zeros string) (out string) {
		for _, c := range s {
			out += zeros + string(c)
		}
		return out
	}
	for _, c := range []struct {
		why  string
		ca   func(*x509.Certificate)
		leaf func(*x509.Certificate)
		ok   bool
	}{
		{"permitted", permit(dns("acme.example")), altNames(dns("www.acme.example")), true},
		{"the domain itself", permit(dns("acme.example")), altNames(dns("acme.example")), true},
		{"upper case", exclude(dns("acme.example")), altNames(dns("WWW.ACME.EXAMPLE")), false},
		{"constraint in upper case", exclude(dns("ACME.example")), altNames(dns("www.acme.example")), false},
		{"another domain", permit(dns("acme.example")), altNames(dns("evil.example")), false},
		{"a domain that ends alike", permit(dns("acme.example")), altNames(dns("evilacme.example")), false},
		{"one good name of two", permit(dns("acme.example")), altNames(dns("acme.example"), dns("evil.example")), false},
		{"trailing dot, excluded", exclude(dns("acme.example")), altNames(dns("www.acme.example.")), false},
		{"trailing dot, permitted", permit(dns("acme.example")), altNames(dns("evil.example.")), false},
		{"wildcard over an excluded host", exclude(dns("secret.acme.example")), altNames(dns("*.acme.example")), false},
		{"above an excluded host", exclude(dns("secret.acme.example")), altNames(dns("acme.example")), true},
		{"a domain of the same length", permit(dns("acme.example")), altNames(dns("www.evil.example")), false},
		{"all hosts", permit(dns("")), altNames(dns("www.acme.example")), true},
		{"no hosts", exclude(dns("")), altNames(dns("www.acme.example")), false},
		{"all URIs", permit(uri("")), altNames(uri("https://acme.example/")), true},
		{"no URIs", exclude(uri("")), altNames(uri("https://acme.example/")), false},
		{"all mailboxes", permit(email("")), altNames(email("a@acme.example")), true},
		{"no mailboxes", exclude(email("")), altNames(email("a@acme.example")), false},
		{"wildcard beside an excluded host", exclude(dns("secret.acme.example")), altNames(dns("*.other.example")), true},
		{"below, the domain itself", permit(dns(".acme.example")), altNames(dns("acme.example")), false},
		{"below", permit(dns(".acme.example")), altNames(dns("www.acme.example")), true},
		{"below, a wildcard", permit(dns(".acme.example")), altNames(dns("*.acme.example")), true},
		{"wildcard below", permit(dns("acme.example")), altNames(dns("*.acme.example")), true},
		{"wildcard above", permit(dns("acme.example")), altNames(dns("*.example")), false},
		{"star within a label", permit(dns("acme.example")), altNames(dns("w*.acme.example")), false},
		{"NUL in a name", permit(dns("acme.example")), altNames(dns("evil.example\x00.acme.example")), false},
		{"empty name", permit(dns("acme.example")), altNames(dns("")), false},
		{"space", permit(dns("acme.example")), altNames(dns("evil.example .acme.example")), false},
		{"IP address as dNSName", exclude(ten), altNames(dns("10.1.2.3")), false},
		{"IP address as dNSName, names permitted", permit(dns("acme.example")), altNames(dns("10.1.2.3")), false},
		{"IPv4 in IPv6", exclude(ten), altNames(ip(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3)), false},
		{"IPv6 that ends like IPv4", exclude(ten),
			altNames(ip(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 10, 1, 2, 3)), true},
		{"IPv6 where IPv4 is permitted", permit(ten), altNames(ip(slices.Repeat([]byte{1}, 16)...)), false},
		{"IPv4", permit(ten), altNames(ip(10, 1, 2, 3)), true},
		{"IPv4, another network", permit(ten), altNames(ip(11, 1, 2, 3)), false},
		{"IPv4, beside an excluded network", exclude(ten), altNames(ip(11, 1, 2, 3)), true},
		{"IPv6", permit(six), altNames(ip(slices.Repeat([]byte{1}, 16)...)), true},
		{"IPv6, another network", permit(six), altNames(ip(slices.Repeat([]byte{2}, 16)...)), false},
		{"host in the common name", permit(dns("acme.example")), subject(attr(cn, "evil.example")), false},
		{"host in the common name, other names beside", permit(dns("acme.example")),
			all(subject(attr(cn, "evil.example")), altNames(email("a@b.example"))), false},
		{"address in the common name", exclude(ten), subject(attr(cn, "10.1.2.3")), false},
		{"host in a wide common name", permit(dns("acme.example")), typed(cn, 30, wide("evil.example", "\x00")), false},
		{"host in a wider common name", permit(dns("acme.example")), typed(cn, 28, wide("evil.example", "\x00\x00\x00")), false},
		{"host in the common name, a host beside", permit(dns("acme.example")),
			all(subject(attr(cn, "evil.example")), altNames(dns("acme.example"), email("a@b.example"))), true},
		{"host in the common name, an address beside", permit(dns("acme.example")),
			all(subject(attr(cn, "evil.example")), altNames(ip(10, 1, 2, 3))), true},
		{"host in another attribute", permit(dns("acme.example")), subject(attr(o, "evil.example")), true},
		{"a person in the common name", permit(dns("acme.example")), subject(attr(cn, "Mari Maasikas")), true},
		{"mailbox", permit(email("acme.example")), altNames(email("a@acme.example")), true},
		{"mailbox of a host below", permit(email("acme.example")), altNames(email("a@evil.acme.example")), false},
		{"one mailbox", permit(email("a@acme.example")), altNames(email("a@acme.example")), true},
		{"one mailbox, another one", permit(email("a@acme.example")), altNames(email("b@acme.example")), false},
		{"one mailbox, in other case", permit(email("a@acme.example")), altNames(email("A@acme.example")), false},
		{"one mailbox, excluded", exclude(email("a@acme.example")), altNames(email("b@acme.example")), true},
		{"mailbox in the subject", permit(email("acme.example")), subject(acme, attr(mail, "a@evil.example")), false},
		{"mailbox in the subject, permitted", permit(email("acme.example")), typed(mail, 22, "a@acme.example"), true},
		{"mailbox in the subject, in UTF-8", permit(email("acme.example")), typed(mail, 12, "a@acme.example"), true},
		{"mailbox in the subject, in Teletex", permit(email("acme.example")), typed(mail, 20, "a@acme.example"), false},
		{"mailbox in the subject, excluded", exclude(email("evil.example")),
			all(subject(acme, attr(mail, "A@EVIL.example")), altNames(dns("a.example"))), false},
		{"excluded mailbox in other case", exclude(email("ceo@acme.example")), altNames(email("CEO@acme.example")), false},
		{"two ats", permit(email("acme.example")), altNames(email("a@evil.example@acme.example")), false},
		{"quoted local part", permit(email("acme.example")), altNames(email(`"a@evil.example"@acme.example`)), false},
		{"mailbox in UTF-8", exclude(email("evil.example")), altNames(smtp("ä@evil.example")), false},
		{"mailbox in UTF-8 of a host in UTF-8", exclude(email("evil.example")), altNames(smtp("a@evıl.example")), false},
		{"Kelvin sign for k", permit(email("kiosk.example")), altNames(smtp("a@\u212aiosk.example")), false},
		{"mailbox in UTF-8, permitted", permit(email("acme.example")), altNames(smtp("ä@acme.example")), true},
		{"URI", permit(uri(".acme.example")), altNames(uri("https://www.acme.example:8443/x?y#z")), true},
		{"URI, the domain itself", permit(uri(".acme.example")), altNames(uri("https://acme.example/")), false},
		{"URI, exact host", permit(uri("acme.example")), altNames(uri("https://www.acme.example/")), false},
		{"URI with user", permit(uri("acme.example")), altNames(uri("https://acme.example@evil.example/")), false},
		{"URI with a backslash", permit(uri("acme.example")), altNames(uri(`https://evil.example\@acme.example/`)), false},
		{"URI without authority", permit(uri("acme.example")), altNames(uri("urn:acme.example")), false},
		{"URI of an address", exclude(uri("acme.example")), altNames(uri("https://10.1.2.3/")), false},
		{"URI of an IPv6 address", exclude(uri("acme.example")), altNames(uri("https://[::1]/")), false},
		{"directory", permit(dirName(acme)), subject(acme, attr(cn, "x")), true},
		{"directory, other case and spaces", permit(dirName(acme)), subject(attr(o, "  ACME "), attr(cn, "x")), true},
		{"another directory", permit(dirName(acme)), subject(attr(o, "Evil")), false},
		{"directory, attributes behind", permit(dirName(acme)), subject(attr(cn, "x"), acme), false},
		{"directory in the alternative names", permit(dirName(acme)),
			all(subject(acme), altNames(dirName(attr(o, "Evil")))), false},
		{"excluded before permitted", all(constrainBoth(dirName(acme), dirName(acme, attr(cn, "boss")))),
			subject(acme, attr(cn, "Boss")), false},
		{"excluded, in Teletex", exclude(dirName(acme)), subject(pkix.AttributeTypeAndValue{
			Type: pki.MustOID(o), Value: asn1.RawValue{Tag: asn1.TagT61String, Bytes: []byte("ACME")}}), false},
		{"excluded, with a zero width space", exclude(dirName(acme)), subject(attr(o, "Ac\u200bme")), false},
		{"registered identifier, constrained", permit(tlv(0x88, []byte{42, 3})), altNames(tlv(0x88, []byte{42, 3})), false},
		{"other name, constrained", exclude(tlv(0xa0, oidDER("1.2.3"), tlv(0xa0, []byte{5, 0}))),
			altNames(tlv(0xa0, oidDER("1.2.4"), tlv(0xa0, []byte{5, 0}))), false},
		{"mailbox in UTF-8 where other names are constrained", permit(tlv(0xa0, oidDER("1.2.3"), tlv(0xa0, []byte{5, 0}))),
			altNames(smtp("a@acme.example")), false},
		{"mailbox in UTF-8, and more", permit(email("acme.example")),
			altNames(tlv(0xa0, smtpOID, tlv(0xa0, utf8, []byte{5, 0}))), false},
		{"mailbox in UTF-8, more behind", permit(email("acme.example")),
			altNames(tlv(0xa0, smtpOID, tlv(0xa0, utf8), []byte{5, 0})), false},
		{"mailbox in UTF-8, another tag", permit(email("acme.example")), altNames(tlv(0xa0, smtpOID, tlv(0xa1, utf8))), false},
		{"mailbox in UTF-8 of no type", permit(email("acme.example")), altNames(tlv(0xa0, tlv(0xa0, utf8))), false},
		{"X.400", permit(dns("acme.example")), altNames(x400), true},
		{"X.400, constrained", permit(x400), altNames(x400), false},
		{"EDI party", permit(dns("acme.example")), altNames(edi), true},
		{"EDI party, constrained", exclude(edi), altNames(edi), false},
		{"registered identifier, excluded", exclude(tlv(0x88, []byte{42, 3})), altNames(tlv(0x88, []byte{42, 4})), false},
		{"mailbox in another string type", permit(email("acme.example")), altNames(tlv(0xa0,
			oidDER("1.3.6.1.5.5.7.8.9"), tlv(0xa0, tlv(0x13, []byte("a@acme.example"))))), false},
		{"other name that is no mailbox", permit(email("acme.example")),
			altNames(tlv(0xa0, oidDER("1.2.4"), tlv(0xa0, []byte{5, 0}))), true},
		{"other name of no type", permit(email("acme.example")), altNames(tlv(0xa0, []byte{5, 0})), false},
		{"other name, not constrained", permit(dns("acme.example")),
			altNames(tlv(0xa0, oidDER("1.2.4"), tlv(0xa0, []byte{5, 0}))), true},
	} {
		t.Run(c.why, func(t *testing.T) {
			root := forge(t, nil, "Root CA", 0, nil)
			ca := forge(t, root, "CA", 1, c.ca)
			leaf, err := tryForge(ca, 2, c.leaf)
			if err != nil {
				require.False(t, c.ok, "crypto/x509 refuses to read it: %v", err)
				return
			}
			if c.ok {
				accepted(t, params(), leaf, ca, root)
			} else {
				refused(t, path.NameConstraints, params(), leaf, ca, root)
			}
		})
	}
}

// tryForge is forge for what crypto/x509 may refuse to read.
func tryForge(issuer *forged, key int, edit func(*x509.Certificate)) (*forged, error) {
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "leaf"},
		NotBefore: issuer.NotBefore, NotAfter: issuer.NotAfter}
	edit(template)
	out := &forged{key: testKeys()[key]}
	der, err := x509.CreateCertificate(nil, template, issuer.Certificate, out.key.Public(), issuer.key)
	if err != nil {
		return nil, err
	}
	out.Certificate, err = x509.ParseCertificate(der)
	return out, err
}

func constrainBoth(permitted, excluded []byte) func(*x509.Certificate) {
	return extension("2.5.29.30", true, tlv(0x30,
		tlv(0xa0, tlv(0x30, permitted)), tlv(0xa1, tlv(0x30, excluded))))
}

// Constraints of several CAs add up, and a self-issued certificate in between is
// exempt, though not as a leaf.
func TestNameConstraintsAlongThePath(t *testing.T) {
	const o = "2.5.4.10"
	acme, evil := attr(o, "Acme"), attr(o, "Evil")
	root := forge(t, nil, "Root CA", 0, nil)
	ca := forge(t, root, "CA", 1, permit(dirName(acme)))
	rollover := forge(t, ca, "CA", 2, nil) // is not below Acme, but is the CA itself
	good := forge(t, rollover, "leaf", 3, subject(acme))
	accepted(t, params(), good, rollover, ca, root)
	refused(t, path.NameConstraints, params(), forge(t, rollover, "leaf", 3, subject(evil)), rollover, ca, root)
	refused(t, path.NameConstraints, params(), forge(t, ca, "CA", 2, nil), ca, root)
	// A CA in between that is not the same is held to them, too: else it takes
	// any name, under which its customers look for it.
	stray := forge(t, ca, "Stray CA", 2, nil)
	refused(t, path.NameConstraints, params(), forge(t, stray, "leaf", 3, subject(acme)), stray, ca, root)
	// A CA below cannot permit what one above does not.
	wide := forge(t, ca, "wide CA", 2, all(subject(acme), permit(dirName(acme), dirName(evil))))
	refused(t, path.NameConstraints, params(), forge(t, wide, "leaf", 3, subject(evil)), wide, ca, root)
	// Those of the anchor hold where asked.
	bound := forge(t, nil, "Bound CA", 0, permit(dirName(acme)))
	leaf := forge(t, bound, "leaf", 1, subject(evil))
	accepted(t, params(), leaf, bound)
	p := params()
	p.AnchorConstraints = true
	refused(t, path.NameConstraints, p, leaf, bound)
}

func TestBadQuestions(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, root, "leaf", 1, nil)
	for why, edit := range map[string]func(*path.Params){
		"no time":            func(p *path.Params) { p.At = time.Time{} },
		"no verify function": func(p *path.Params) { p.Verify = nil },
		"policy":             func(p *path.Params) { p.Policies = []string{"gold"} },
		"purpose":            func(p *path.Params) { p.Purposes = []string{"1"} },
		"critical":           func(p *path.Params) { p.Critical = []string{"x"} },
		"length":             func(p *path.Params) { p.MaxLength = -1 },
		"nested nothing":     func(p *path.Params) { p.NestedPurposes = true },
	} {
		p := params()
		edit(&p)
		refused(t, path.BadParams, p, leaf, root)
		_, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root)}, p)
		require.Error(t, err, why)
		kindIs(t, path.BadParams, err)
		require.NotErrorIs(t, err, path.ErrTooComplex)
		if len(p.Policies) > 0 {
			require.ErrorContains(t, err, `"gold" is no object identifier`)
		}
	}
	_, err := path.Validate(nil, params())
	require.Equal(t, path.BadParams, err.Kind)
	_, err = path.Validate([]*x509.Certificate{leaf.Certificate, nil}, params())
	require.Equal(t, path.BadParams, err.Kind)
	_, other := path.Find(nil, path.Source{}, params())
	kindIs(t, path.BadParams, other)
	_, other = path.Find(leaf.Certificate, path.Source{Anchors: []pki.Anchor{{}}}, params())
	kindIs(t, path.BadParams, other)
	require.False(t, (&path.Path{}).Valid())
	require.Equal(t, "too complex", path.TooComplex.String())
	require.Equal(t, "unknown", (path.TooComplex + 1).String())
}

// What a signature check cannot judge is told apart from what it finds wrong.
func TestUnknownAlgorithm(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf := forge(t, root, "leaf", 1, nil)
	p := params()
	p.Verify = func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error { return pki.ErrUnknownAlgorithm }
	refused(t, path.Algorithm, p, leaf, root)
	_, err := path.Find(leaf.Certificate, path.Source{Anchors: anchors(root)}, p)
	kindIs(t, path.Algorithm, err)
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)
	p.Verify = func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error { return errors.New("the token is gone") }
	refused(t, path.Algorithm, p, leaf, root)
}
