package path_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"testing"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
	"tamga/pki/path"
)

// FuzzValidate puts mutated certificates as leaf and as CA into a chain of which
// the other parts are good, with signatures taken as right, so that what lies
// behind them is reached. It holds that the verdict is one or the other, that
// refusals name their clause, that Find agrees with Validate, and that what we
// accept Go's verifier accepts or refuses for a reason that we have written
// down.
func FuzzValidate(f *testing.F) {
	root := forge(f, nil, "Root CA", 0, nil)
	full := all(policies(p1, path.AnyPolicy), mapped(p1, p2), constrainBoth(dns("a.example"), dns("b.a.example")),
		extension("2.5.29.36", true, tlv(0x30, tlv(0x80, []byte{1}), tlv(0x81, []byte{1}))),
		extension("2.5.29.54", true, tlv(0x02, []byte{1})), func(c *x509.Certificate) { c.MaxPathLen = 1 })
	ca := forge(f, root, "CA", 1, full)
	plain := forge(f, root, "CA", 1, nil)
	leaf := forge(f, ca, "leaf", 2, all(policies(p2), altNames(dns("x.a.example"), email("a@b.example"))))
	f.Add(leaf.Raw, ca.Raw)
	f.Add(forge(f, plain, "leaf", 2, nil).Raw, plain.Raw)
	f.Add(leaf.Raw, forge(f, root, "CA", 1, permit(ip(10, 0, 0, 0, 255, 0, 0, 0), uri(".example"))).Raw)
	f.Add(forge(f, ca, "leaf", 2, altNames(ip(10, 0, 0, 1), uri("https://a.example/"))).Raw, ca.Raw)
	f.Fuzz(func(t *testing.T, leafDER, caDER []byte) {
		l, err := x509.ParseCertificate(leafDER)
		if err != nil {
			return
		}
		c, err := x509.ParseCertificate(caDER)
		if err != nil {
			return
		}
		p := params()
		p.Verify = func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error { return nil }
		p.AnchorConstraints, p.AnchorValidity = true, true
		chain := []*x509.Certificate{l, c, root.Certificate}
		result, refusal := path.Validate(chain, p)
		if refusal != nil && (refusal.Kind == path.UnknownKind || refusal.Clause == "" || refusal.Detail == "") {
			t.Fatalf("a refusal without a reason: %+v", refusal)
		}
		if refusal != nil && result.Policies != nil {
			t.Fatal("refused, and yet good for policies")
		}
		found, err := path.Find(l, path.Source{Anchors: anchors(root), Pool: chain[1:2]}, p)
		if valid := err == nil && found[0].Valid() && len(found[0].Chain) == 3; refusal == nil && !valid &&
			!sameKeyAndName(l, c) && !sameKeyAndName(c, root.Certificate) && (err != nil || len(found[0].Chain) == 3) {
			t.Fatalf("Validate accepts, Find says %v", err)
		}
		if refusal == nil {
			agreesWithGo(t, chain)
		}
	})
}

// withExtensions replaces the list of extensions, and leaves the signature as it
// was, which then is wrong.
func withExtensions(t testing.TB, c *forged, list []byte) (*x509.Certificate, error) {
	in, tbs := cryptobyte.String(c.RawTBSCertificate), cryptobyte.String(nil)
	if !in.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		t.Fatal("no TBSCertificate")
	}
	var fields [][]byte
	for range 7 {
		var field cryptobyte.String
		var tag cbasn1.Tag
		if !tbs.ReadAnyASN1Element(&field, &tag) {
			t.Fatal("a short TBSCertificate")
		}
		fields = append(fields, field)
	}
	fields = append(fields, tlv(0xa3, tlv(0x30, list)))
	return x509.ParseCertificate(tlv(0x30, tlv(0x30, fields...), pki.ECDSASHA256.AlgorithmIdentifier(),
		tlv(0x03, []byte{0}, c.Signature)))
}

// extensionsOf is the list of c's extensions as it stands in DER.
func extensionsOf(c *forged) []byte {
	var out []byte
	for _, e := range c.Extensions {
		der := [][]byte{oidDER(e.Id.String())}
		if e.Critical {
			der = append(der, []byte{1, 1, 0xff})
		}
		out = append(out, tlv(0x30, append(der, tlv(0x04, e.Value))...)...)
	}
	return out
}

// FuzzExtensions puts any bytes as the extensions of leaf and CA, signatures
// taken as right. It holds what FuzzValidate holds of verdicts, and that a CA
// that is accepted as issuer says that it is one.
func FuzzExtensions(f *testing.F) {
	root := forge(f, nil, "Root CA", 0, nil)
	ca := forge(f, root, "CA", 1, nil)
	leaf := forge(f, ca, "leaf", 2, nil)
	for _, edit := range []func(*x509.Certificate){
		all(policies(p1, path.AnyPolicy), mapped(p1, p2)),
		constrainBoth(dns("a.example"), dirName(attr("2.5.4.10", "Acme"))),
		permit(ip(10, 0, 0, 0, 255, 0, 0, 0), uri(".example"), email("x@a.example")),
		extension("2.5.29.36", true, tlv(0x30, tlv(0x80, []byte{1}), tlv(0x81, []byte{1}))),
		all(extension("2.5.29.54", true, tlv(0x02, []byte{1})), func(c *x509.Certificate) { c.MaxPathLen = 1 }),
		func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} },
	} {
		for _, names := range [][]byte{dns("x.a.example"), uri("https://a.example/"), ip(10, 0, 0, 1)} {
			f.Add(extensionsOf(forge(f, ca, "leaf", 2, all(policies(p1), altNames(names)))),
				extensionsOf(forge(f, root, "CA", 1, edit)))
		}
	}
	f.Fuzz(func(t *testing.T, leafList, caList []byte) {
		l, err := withExtensions(t, leaf, leafList)
		if err != nil {
			return
		}
		c, err := withExtensions(t, ca, caList)
		if err != nil {
			return
		}
		p := params()
		p.Verify = func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error { return nil }
		_, refusal := path.Validate([]*x509.Certificate{l, c, root.Certificate}, p)
		switch {
		case refusal == nil && !(c.BasicConstraintsValid && c.IsCA && pki.AllowsKeyUsage(c, x509.KeyUsageCertSign)):
			t.Fatal("an issuer that is no CA")
		case refusal != nil && (refusal.Kind == path.UnknownKind || refusal.Clause == "" || refusal.Detail == ""):
			t.Fatalf("a refusal without a reason: %+v", refusal)
		}
		found, err := path.Find(l, path.Source{Anchors: anchors(root), Pool: []*x509.Certificate{c}}, p)
		if valid := err == nil && found[0].Valid(); valid != (refusal == nil) {
			t.Fatalf("Validate says %v, Find %v", refusal, err)
		}
	})
}

func sameKeyAndName(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo) && pki.SameName(a.RawSubject, b.RawSubject)
}

// agreesWithGo asks crypto/x509 of a chain that we accept, if its signatures are
// really right; mutants whose signatures are wrong it cannot judge.
func agreesWithGo(t *testing.T, chain []*x509.Certificate) {
	for i := range len(chain) - 1 {
		if pki.VerifyCertificate(chain[i], chain[i+1].PublicKey, pki.Verify) != nil {
			return
		}
	}
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), CurrentTime: now,
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	o.Roots.AddCert(chain[2])
	o.Intermediates.AddCert(chain[1])
	_, err := chain[0].Verify(o)
	var invalid x509.CertificateInvalidError
	if err != nil && !(errors.As(err, &invalid) && invalid.Reason == x509.TooManyIntermediates) {
		t.Fatalf("we accept, crypto/x509 says %v", err)
	}
}

// FuzzConstraints signs a CA with any bytes as its name constraints and a leaf
// with any as its alternative names, so that Go's verifier can judge them too:
// what we accept it accepts, but for the reasons in [drawn.explained].
func FuzzConstraints(f *testing.F) {
	root := forge(f, nil, "Root CA", 0, nil)
	bases := [][]byte{dns("a.example"), dns(".A.example"), email("a.example"), email("x@a.example"), uri(".example"),
		ip(10, 0, 0, 0, 255, 0, 0, 0), dirName(attr("2.5.4.10", "Acme"))}
	leaves := [][]byte{dns("b.a.example"), dns("*.a.example"), email("X@a.example"), uri("https://b.example:1/x"),
		ip(10, 1, 2, 3), dirName(attr("2.5.4.10", "Acme"))}
	for i, b := range bases {
		for _, tag := range []byte{0xa0, 0xa1} {
			f.Add(tlv(0x30, tlv(tag, tlv(0x30, b))), tlv(0x30, leaves[i%len(leaves)], leaves[(i+1)%len(leaves)]))
		}
	}
	f.Fuzz(func(t *testing.T, constraints, names []byte) {
		ca, err := tryForge(root, 1, all(func(c *x509.Certificate) {
			c.Subject.CommonName, c.IsCA, c.BasicConstraintsValid = "CA", true, true
		}, extension("2.5.29.30", true, constraints)))
		if err != nil {
			return
		}
		leaf, err := tryForge(ca, 2, extension("2.5.29.17", false, names))
		if err != nil {
			return
		}
		d := drawn{root: root, leaf: leaf, pool: []*forged{ca}}
		if d.ours(func(*path.Params) {}) != nil {
			return
		}
		if err := d.asksGo(t, false, false); err != nil && !d.explained(err) {
			t.Fatalf("we accept, crypto/x509 says %v", err)
		}
	})
}
