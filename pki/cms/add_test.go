package cms_test

import (
	"bytes"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

var twoSigners = "root -> alice, bob; root -> rsa[rsa2048]"

// signer makes a SignerInfo over content.
func signer(t testing.TB, p *pkitest.PKI, who string, alg pki.Algorithm, content []byte) cms.Signer {
	t.Helper()
	key := p.Key(who)
	attrs, err := cms.Statement{
		ContentType: cms.OIDData, Digest: alg.Hash().Sum(content), Algorithm: alg, Certificate: key.Certificate(),
	}.SignedAttributes()
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, alg, attrs)
	require.NoError(t, err)
	return cms.Signer{Certificate: key.Certificate(), Algorithm: alg, SignedAttrs: attrs, Value: value}
}

func encoded(t testing.TB, s cms.Signer) []byte {
	t.Helper()
	der, err := s.Encode()
	require.NoError(t, err)
	return der
}

// indefinite rewrites the frames of a SignedData as streaming writers have them,
// or with lengths of five octets: ContentInfo, [0], SignedData, signerInfos and
// every SignerInfo in it.
func reframed(t testing.TB, der []byte, open, shut func(tag byte, size int) []byte) []byte {
	t.Helper()
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	frame := func(tag byte, parts ...[]byte) []byte {
		body := bytes.Join(parts, nil)
		return bytes.Join([][]byte{open(tag, len(body)), body, shut(tag, len(body))}, nil)
	}
	var signers [][]byte
	for _, s := range sd.Signers {
		parts := [][]byte{s.Head}
		if len(s.UnsignedAttrs) > 0 {
			var attrs [][]byte
			for _, a := range s.UnsignedAttrs {
				attrs = append(attrs, a.Raw)
			}
			parts = append(parts, frame(0xa1, attrs...))
		}
		signers = append(signers, frame(0x30, parts...))
	}
	at := bytes.Index(der, sd.EncapRaw)
	body := der[bytes.Index(der, []byte{2, 1, byte(sd.Version)}):at] // version, digestAlgorithms
	data := frame(0x30, body, sd.EncapRaw, sd.CertificatesRaw, frame(0x31, signers...))
	return frame(0x30, []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2}, frame(0xa0, data))
}

func streamed(t testing.TB, der []byte) []byte {
	return reframed(t, der, func(tag byte, _ int) []byte { return []byte{tag, 0x80} },
		func(byte, int) []byte { return []byte{0, 0} })
}

func wide(t testing.TB, der []byte) []byte {
	return reframed(t, der,
		func(tag byte, n int) []byte { return []byte{tag, 0x84, 0, byte(n >> 16), byte(n >> 8), byte(n)} },
		func(byte, int) []byte { return nil })
}

// Around the indefinite form nothing at all changes: what comes out is what
// came in, with the new bytes in the middle.
func TestAddToStreamed(t *testing.T) {
	attr := cms.TimestampAttribute([]byte{0x30, 0})
	first, err := cms.AddUnsigned(signed(t, []byte("content")), 0, attr)
	require.NoError(t, err)
	in := streamed(t, first)
	_, err = cms.Parse(in)
	require.NoError(t, err)
	out, err := cms.AddUnsigned(in, 0, attr)
	require.NoError(t, err)
	at := bytes.LastIndex(out, attr)
	require.Equal(t, in, append(bytes.Clone(out[:at]), out[at+len(attr):]...))
}

// Long lengths stay long, and every element stays as it was received.
func TestAddKeepsLongLengths(t *testing.T) {
	in := wide(t, signed(t, []byte("content")))
	before, err := cms.Parse(in)
	require.NoError(t, err)
	out, err := cms.AddUnsigned(in, 0, cms.TimestampAttribute([]byte{0x30, 0}))
	require.NoError(t, err)
	require.Equal(t, in[:2], out[:2])
	after, err := cms.Parse(out)
	require.NoError(t, err)
	require.Equal(t, before.EncapRaw, after.EncapRaw)
	require.Equal(t, before.CertificatesRaw, after.CertificatesRaw)
	require.Equal(t, before.Signers[0].Head, after.Signers[0].Head)
}

func TestAddSigner(t *testing.T) {
	p := pkitest.New(t, twoSigners)
	content := []byte("content")
	der := signed(t, content)
	before, err := cms.Parse(der)
	require.NoError(t, err)
	other := signer(t, p, "bob", pki.ECDSASHA384, content)
	out, err := cms.Add(der, cms.Addition{
		Signers: [][]byte{encoded(t, other)}, Certificates: [][]byte{p.Cert("bob").Raw, before.Certificates[0].Raw},
	})
	require.NoError(t, err)
	after, err := cms.Parse(out)
	require.NoError(t, err)
	require.Equal(t, before.EncapRaw, after.EncapRaw)
	require.Equal(t, before.Signers[0].Raw, after.Signers[0].Raw)
	require.Len(t, after.Signers, 2)
	require.Len(t, after.Certificates, len(before.Certificates)+1, "what is there is not added again")
	require.Equal(t, before.Certificates[0].Raw, after.Certificates[0].Raw, "and keeps its place")
	require.Equal(t, 1, after.Version)
	for _, h := range []pki.Hash{pki.SHA256, pki.SHA384} {
		require.True(t, bytes.Contains(out[:60], h.AlgorithmIdentifier()), h)
	}
	require.NoError(t, pki.Verify(p.Cert("bob").PublicKey, after.Signers[1].Algorithm, after.Signers[1].Signed, after.Signers[1].Value))
}

// RFC 5652 §5.1 and §5.3 tie the version to what is inside.
func TestVersions(t *testing.T) {
	p := pkitest.New(t, twoSigners)
	p.Issue("root", "with key id", withKeyID)
	content := []byte("content")
	byID := signer(t, p, "with key id", pki.ECDSASHA256, content)
	byID.KeyID = true
	der, err := cms.Add(signed(t, content), cms.Addition{Signers: [][]byte{encoded(t, byID)}})
	require.NoError(t, err)
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	require.Equal(t, 3, sd.Version)
	require.Equal(t, 3, sd.Signers[1].Version)
	require.Equal(t, []byte("an identifier"), sd.Signers[1].KeyID)

	der, err = cms.Add(der, cms.Addition{Revocations: [][]byte{cms.OCSPChoice([]byte{0x30, 0})}})
	require.NoError(t, err)
	sd, err = cms.Parse(der)
	require.NoError(t, err)
	require.Equal(t, 5, sd.Version)
	require.Equal(t, []byte{0x30, 0}, sd.Revocations[0].OCSP)

	without := byID
	without.Certificate = p.Cert("alice")
	_, err = without.Encode()
	if len(p.Cert("alice").SubjectKeyId) == 0 {
		require.ErrorContains(t, err, "subjectKeyIdentifier")
	}
}

func TestAssembleAll(t *testing.T) {
	p := pkitest.New(t, twoSigners)
	content := []byte("content")
	one, two := signer(t, p, "alice", pki.ECDSASHA256, content), signer(t, p, "rsa", pki.PSSSHA512, content)
	der, err := cms.Assembly{
		ContentType: cms.OIDData, Content: content, Algorithm: one.Algorithm, Certificate: one.Certificate,
		SignedAttrs: one.SignedAttrs, Value: one.Value, Others: []cms.Signer{two},
		Revocations: [][]byte{cms.OCSPChoice([]byte{0x30, 0}), p.CRL("root")},
	}.Encode()
	require.NoError(t, err)
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	require.Equal(t, 5, sd.Version)
	require.Len(t, sd.Signers, 2)
	require.Len(t, sd.Revocations, 2)
	for _, s := range sd.Signers {
		who := "alice"
		if s.Algorithm == pki.PSSSHA512 {
			who = "rsa"
		}
		require.NoError(t, pki.Verify(p.Cert(who).PublicKey, s.Algorithm, s.Signed, s.Value))
	}
	_, err = cms.Assembly{
		ContentType: cms.OIDData, Algorithm: one.Algorithm, Certificate: one.Certificate,
		SignedAttrs: one.SignedAttrs, Value: one.Value, Revocations: [][]byte{{5, 0}},
	}.Encode()
	require.ErrorContains(t, err, "revocation information")
}

// Two message-digests among the signed attributes would be two truths: they are
// not even written.
func TestStatementRefusesTwofoldAttributes(t *testing.T) {
	p := pkitest.New(t, twoSigners)
	st := cms.Statement{
		ContentType: cms.OIDData, Digest: pki.SHA256.Sum(nil), Algorithm: pki.ECDSASHA256, Certificate: p.Cert("alice"),
		More: [][]byte{cms.NewAttribute(cms.OIDMessageDigest, []byte{4, 0})},
	}
	_, err := st.SignedAttributes()
	require.ErrorContains(t, err, "twice")
	st.More = [][]byte{{5, 0}}
	_, err = st.SignedAttributes()
	require.Error(t, err)
	st.More, st.Counter = nil, true
	attrs, err := st.SignedAttributes()
	require.NoError(t, err)
	require.False(t, bytes.Contains(attrs, []byte{6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3}), "RFC 5652 §11.4")
}

func TestAddRefuses(t *testing.T) {
	der := signed(t, []byte("content"))
	attr := cms.TimestampAttribute([]byte{0x30, 0})
	many := make([][]byte, 201)
	for i := range many {
		many[i] = attr
	}
	for name, c := range map[string]struct {
		raw []byte
		add cms.Addition
		err error
	}{
		"no CMS":          {[]byte("hello"), cms.Addition{}, cms.ErrMalformed},
		"bytes behind":    {append(bytes.Clone(der), 0), cms.Addition{}, cms.ErrMalformed},
		"no attribute":    {der, cms.Addition{Unsigned: map[int][][]byte{0: {{5, 0}}}}, cms.ErrMalformed},
		"cut attribute":   {der, cms.Addition{Unsigned: map[int][][]byte{0: {attr[:5]}}}, cms.ErrMalformed},
		"many attributes": {der, cms.Addition{Unsigned: map[int][][]byte{0: many}}, cms.ErrTooLarge},
		"no SignerInfo":   {der, cms.Addition{Signers: [][]byte{{0x30, 0}}}, cms.ErrMalformed},
		"no certificate":  {der, cms.Addition{Certificates: [][]byte{{0x30}}}, cms.ErrMalformed},
	} {
		_, err := cms.Add(c.raw, c.add)
		require.ErrorIs(t, err, c.err, name)
	}
	_, err := cms.Add(der, cms.Addition{Unsigned: map[int][][]byte{7: {attr}}})
	require.ErrorContains(t, err, "no signer 8")
	same, err := cms.Add(der, cms.Addition{})
	require.NoError(t, err)
	require.Equal(t, der, same)
}

// FuzzAdd: whatever a CMS is, adding to it changes nothing of what was there.
func FuzzAdd(f *testing.F) {
	der := signed(f, []byte("content"))
	f.Add(der)
	f.Add(streamed(f, der))
	f.Add(wide(f, der))
	p := pkitest.New(f, twoSigners)
	other, attr := encoded(f, signer(f, p, "bob", pki.ECDSASHA384, []byte("x"))), cms.TimestampAttribute([]byte{5, 0})
	f.Fuzz(func(t *testing.T, raw []byte) {
		before, err := cms.Parse(raw)
		if err != nil || len(before.Signers) == 0 || len(before.Signers) == 1000 ||
			len(before.Signers[0].UnsignedAttrs) == 200 || len(before.Certificates)+len(before.Unparsed) == 1000 {
			return
		}
		out, err := cms.Add(raw, cms.Addition{
			Signers: [][]byte{other}, Certificates: [][]byte{p.Cert("bob").Raw}, Unsigned: map[int][][]byte{0: {attr}},
		})
		if err != nil {
			t.Fatalf("parsed, but nothing can be added: %v", err)
		}
		after, err := cms.Parse(out)
		if err != nil {
			t.Fatalf("not readable after an addition: %v", err)
		}
		n := len(before.Signers)
		if len(after.Signers) != n+1 || !bytes.Equal(after.Signers[n].Raw, other) {
			t.Fatal("the new signer is not the last")
		}
		if !bytes.Equal(before.EncapRaw, after.EncapRaw) || !bytes.Equal(before.RevocationsRaw, after.RevocationsRaw) {
			t.Fatal("the content or the revocation information has changed")
		}
		for i := range before.Signers {
			b, a := &before.Signers[i], &after.Signers[i]
			if i > 0 && !bytes.Equal(b.Raw, a.Raw) || !bytes.Equal(b.Head, a.Head) || !bytes.Equal(b.Signed, a.Signed) {
				t.Fatalf("signer %d has changed", i)
			}
			for j := range b.UnsignedAttrs {
				if !bytes.Equal(b.UnsignedAttrs[j].Raw, a.UnsignedAttrs[j].Raw) {
					t.Fatal("an attribute has changed")
				}
			}
		}
		for i := range before.Certificates {
			if !bytes.Equal(before.Certificates[i].Raw, after.Certificates[i].Raw) {
				t.Fatal("a certificate has changed")
			}
		}
	})
}

func withKeyID(c *x509.Certificate) { c.SubjectKeyId = []byte("an identifier") }
