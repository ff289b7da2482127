package cades_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

// everything is a signature that says all there is to say.
func everything(t testing.TB, p *pkitest.PKI, content []byte) cades.Properties {
	t.Helper()
	var stamps [][]byte
	for _, h := range []pki.Hash{pki.SHA256, pki.SHA384} {
		token, err := authority(t, p).Timestamp(t.Context(), h, h.Sum(content))
		require.NoError(t, err)
		stamps = append(stamps, token)
	}
	return cades.Properties{
		Commitments: []formats.Commitment{formats.ProofOfApproval, "1.2.3.4"},
		Roles:       []string{"Голова правління", "notary"},
		Place:       cades.Place{Country: "UA", City: "Київ", Address: []string{"вул. Хрещатик, 1"}},
		Policy: cades.Policy{
			ID: "1.2.804.2.1.1.1.2.1", Hash: pki.SHA256, Digest: pki.SHA256.Sum([]byte("policy")), URI: "https://example.org/policy",
		},
		Hint: "an agreement", MIMEType: "text/plain", ContentStamps: stamps,
	}
}

func TestProperties(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, attached := range []bool{false, true} {
		pr := cades.Preparer{Attached: attached, Properties: everything(t, p, document)}
		der := sign(t, p, "rsa", pr, pki.PSSSHA256, formats.LevelT, document)
		sig := parse(t, input("a", der, input("document", document))).Signatures[0]
		require.True(t, intact(t, sig))
		require.Empty(t, sig.Defects)
		require.ElementsMatch(t, pr.Commitments, sig.Claims.Commitments, "a SET has no order")
		require.Equal(t, "proof of approval", formats.ProofOfApproval.String())
		require.Equal(t, "1.2.3.4", formats.Commitment("1.2.3.4").String())
		require.Equal(t, pr.Roles, sig.Claims.Roles)
		require.Equal(t, "вул. Хрещатик, 1, Київ, UA", sig.Claims.Location)
		require.Equal(t, pr.Policy.ID, sig.Claims.Policy)
		require.Equal(t, pr.Policy.URI, sig.Claims.PolicyURI)
		require.Len(t, sig.Evidence.Timestamps, 3)
		for _, ts := range sig.Evidence.Timestamps {
			require.True(t, intact(t, ts.Signature), ts.Kind)
		}
		require.Equal(t, formats.ContentTimestamp, sig.Evidence.Timestamps[1].Kind)
	}
}

// openssl takes the attributes for what they are, and the signature holds.
func TestOpenSSLReadsProperties(t *testing.T) {
	p := pkitest.New(t, drawing)
	dir := t.TempDir()
	root, content := write(t, dir, "root.pem", p.PEM("root")), write(t, dir, "content", document)
	for _, c := range []struct {
		who string
		alg pki.Algorithm
	}{{"p256", 0}, {"p521", 0}, {"rsa", pki.PSSSHA384}} {
		der := sign(t, p, c.who, cades.Preparer{Properties: everything(t, p, document)}, c.alg, formats.LevelT, document)
		file := write(t, dir, "sig.p7s", der)
		out, err := run(t, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", file, "-CAfile", root,
			"-purpose", "any", "-attime", "1780315200", "-content", content, "-out", os.DevNull)
		require.NoError(t, err, out)
		out, err = run(t, "openssl", "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", file)
		require.NoError(t, err, out)
		for _, name := range []string{"id-smime-aa-ets-commitmentType", "id-smime-aa-ets-signerLocation",
			"id-smime-aa-ets-sigPolicyId", "id-smime-aa-contentHint", "id-smime-aa-ets-contentTimestamp", "text/plain", "notary"} {
			require.Contains(t, out, name)
		}
	}
}

func TestPropertiesRefused(t *testing.T) {
	p := pkitest.New(t, drawing)
	key := p.Key("p256")
	other, err := authority(t, p).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum([]byte("another file")))
	require.NoError(t, err)
	good := cades.Policy{ID: "1.2.3", Hash: pki.SHA256, Digest: pki.SHA256.Sum(nil)}
	bad := func(edit func(*cades.Policy)) cades.Properties {
		policy := good
		edit(&policy)
		return cades.Properties{Policy: policy}
	}
	for name, properties := range map[string]cades.Properties{
		"stamp over another file":  {ContentStamps: [][]byte{other}},
		"stamp that is none":       {ContentStamps: [][]byte{{0x30, 0}}},
		"commitment that is none":  {Commitments: []formats.Commitment{"approval"}},
		"policy without digest":    bad(func(p *cades.Policy) { p.Digest = nil }),
		"policy of another length": bad(func(p *cades.Policy) { p.Hash = pki.SHA512 }),
		"policy without name":      bad(func(p *cades.Policy) { p.ID = "" }),
		"policy with bad name":     bad(func(p *cades.Policy) { p.ID = "9.9" }),
		"address not in ASCII":     bad(func(p *cades.Policy) { p.URI = "https://тамга.укр" }),
		"empty role":               {Roles: []string{""}},
		"role that turns the line": {Roles: []string{"clerk\u202Egnp"}},
		"role with a new line":     {Roles: []string{"clerk\nvalid: yes"}},
		"role that is no text":     {Roles: []string{"\xff"}},
		"long role":                {Roles: []string{strings.Repeat("x", 1025)}},
		"many roles":               {Roles: strings.Split(strings.Repeat("x,", 40), ",")},
		"seven lines":              {Place: cades.Place{Address: make([]string, 7)}},
	} {
		_, err := cades.Preparer{Properties: properties}.Prepare(input("d", document), formats.Params{
			Algorithm: pki.ECDSASHA256, Chain: key.Chain(), Time: p.Now, Level: formats.LevelB})
		require.Error(t, err, name)
	}
	_, err = cades.Preparer{Properties: cades.Properties{Policy: good}}.Prepare(input("d", document), formats.Params{
		Algorithm: pki.ECDSASHA256, Chain: key.Chain(), Time: p.Now, Level: formats.LevelB})
	require.NoError(t, err)
}

// claimed lays a signed attribute with these values, and reads it.
func claimed(t testing.TB, p *pkitest.PKI, attrs ...[]byte) formats.Signature {
	t.Helper()
	key := p.Key("p256")
	set, err := cms.Statement{
		ContentType: cms.OIDData, Digest: pki.SHA256.Sum(document), Algorithm: pki.ECDSASHA256,
		Certificate: key.Certificate(), Time: p.Now, More: attrs,
	}.SignedAttributes()
	require.NoError(t, err)
	raw, err := cms.Assembly{
		ContentType: cms.OIDData, Content: document, Algorithm: pki.ECDSASHA256, Certificate: key.Certificate(),
		Certificates: key.Chain(), SignedAttrs: set, Value: []byte{1},
	}.Encode()
	require.NoError(t, err)
	return parse(t, input("a", raw)).Signatures[0]
}

// What a stranger says is shown without what could steer a terminal, and what
// cannot be read is told.
func TestClaimsOfStrangers(t *testing.T) {
	p := pkitest.New(t, drawing)
	text := func(tag byte, s string) []byte { return der(tag, []byte(s)) }
	role := func(value []byte) []byte {
		attr := der(0x30, oid(t, "2.5.4.72"), der(0x31, value))
		return cms.NewAttribute("0.4.0.19122.1.1", der(0x30, der(0xa0, der(0x30, attr))))
	}
	for _, c := range []struct {
		value []byte
		want  []string
	}{
		{text(0x0c, "clerk\x1b[2J\u202E"), []string{"clerk\uFFFD[2J\uFFFD"}},
		{text(0x13, "clerk"), []string{"clerk"}},
		{text(0x14, "H\xe4user"), []string{"Häuser"}},
		{text(0x1e, "\x04\x1a\x04\x38"), []string{"Ки"}},
		{text(0x0c, strings.Repeat("x", 5000)), []string{strings.Repeat("x", 1024)}},
		{der(0x02, []byte{1}), nil},
	} {
		require.Equal(t, c.want, claimed(t, p, role(c.value)).Claims.Roles)
	}
	// signer-attributes of RFC 5126: SEQUENCE OF CHOICE
	old := cms.NewAttribute("1.2.840.113549.1.9.16.2.18", der(0x30, der(0xa1, der(0x30)),
		der(0xa0, der(0x30, der(0x30, oid(t, "2.5.4.12"), der(0x31, text(0x0c, "Director")))))))
	require.Equal(t, []string{"Director"}, claimed(t, p, old).Claims.Roles)
	implied := claimed(t, p, cms.NewAttribute("1.2.840.113549.1.9.16.2.15", []byte{5, 0}))
	require.Empty(t, implied.Claims.Policy)
	require.Empty(t, implied.Defects)

	for _, id := range []string{"1.2.840.113549.1.9.16.2.15", "1.2.840.113549.1.9.16.2.16", "1.2.840.113549.1.9.16.2.17", "0.4.0.19122.1.1"} {
		for _, value := range [][]byte{{0x02, 1, 1}, der(0x30, []byte{0xa0, 1, 0}), der(0x30, der(0xa0, der(0x02)))} {
			sig := claimed(t, p, cms.NewAttribute(id, value))
			require.Len(t, sig.Defects, 1, "%s %x", id, value)
			require.False(t, sig.Defects[0].Fatal)
		}
	}
}

// Every claim of the corpora is read: an attribute of other people's that we
// cannot read is a defect of ours.
func TestClaimsOfCorpora(t *testing.T) {
	found := map[string]int{}
	for _, folder := range []string{"dss/dss-cades", "cryptonite", "jkurwa", "uapki"} {
		dir := pkitest.Corpus(t, folder)
		require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() || info.Size() > 8<<20 {
				return err
			}
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			doc, err := cades.Parser{}.Parse(input(path, raw))
			if err != nil {
				return nil
			}
			for _, sig := range doc.Signatures {
				found["commitments"] += len(sig.Claims.Commitments)
				found["roles"] += len(sig.Claims.Roles)
				if sig.Claims.Policy != "" {
					found["policies"]++
				}
				if sig.Claims.Location != "" {
					found["places"]++
				}
				for _, d := range sig.Defects {
					if strings.HasSuffix(d.Text, "it cannot be read") {
						t.Logf("%s: %s: %s", filepath.Base(path), d.Clause, d.Text)
						found["defects"]++
					}
				}
			}
			return nil
		}))
	}
	t.Log(found)
	for _, what := range []string{"commitments", "roles", "policies", "places"} {
		require.Positive(t, found[what], what)
	}
	// One maker leaves out the SEQUENCE around each policy qualifier.
	require.Equal(t, 1, found["defects"])
}

// FuzzClaims: whatever the signed attributes hold, reading them ends, and what
// is shown is bounded and printable.
func FuzzClaims(f *testing.F) {
	p := pkitest.New(f, drawing)
	properties := everything(f, p, document)
	properties.ContentStamps = nil
	raw := sign(f, p, "p256", cades.Preparer{Properties: properties}, 0, formats.LevelB, document)
	sd, err := cms.Parse(raw)
	require.NoError(f, err)
	for i, a := range sd.Signers[0].SignedAttrs {
		f.Add(byte(i), a.Values[0])
	}
	ids := []string{"1.2.840.113549.1.9.16.2.15", "1.2.840.113549.1.9.16.2.16", "1.2.840.113549.1.9.16.2.17",
		"1.2.840.113549.1.9.16.2.18", "0.4.0.19122.1.1"}
	f.Fuzz(func(t *testing.T, which byte, value []byte) {
		set := der(0x31, cms.NewAttribute(ids[int(which)%len(ids)], value))
		signed := bytes.Clone(set)
		raw, err := cms.Assembly{
			ContentType: cms.OIDData, Algorithm: pki.ECDSASHA256, Certificate: p.Cert("p256"), SignedAttrs: signed, Value: []byte{1},
		}.Encode()
		require.NoError(t, err)
		doc, err := cades.Parser{}.Parse(input("a", raw))
		if err != nil {
			return
		}
		c := doc.Signatures[0].Claims
		if len(c.Roles) > 32 || len(c.Commitments) > 32 {
			t.Fatal("a claim without bounds")
		}
		for _, s := range append(c.Roles, c.Location, c.PolicyURI) {
			if len(s) > 3*8*1024 || strings.ContainsAny(s, "\n\x1b\u202e") {
				t.Fatalf("%q is shown", s)
			}
		}
	})
}
