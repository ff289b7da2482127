package cms_test

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

func signed(t testing.TB, content []byte) []byte {
	t.Helper()
	p := pkitest.New(t, "root -> alice")
	key := p.Key("alice")
	attrs, err := cms.Statement{
		ContentType: cms.OIDData, Digest: pki.SHA256.Sum(content), Algorithm: pki.ECDSASHA256,
		Certificate: key.Certificate(), Time: p.Now,
	}.SignedAttributes()
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pki.ECDSASHA256, attrs)
	require.NoError(t, err)
	der, err := cms.Assembly{
		ContentType: cms.OIDData, Content: content, Algorithm: pki.ECDSASHA256, Certificate: key.Certificate(),
		Certificates: key.Chain(), SignedAttrs: attrs, Value: value,
	}.Encode()
	require.NoError(t, err)
	require.LessOrEqual(t, len(der)-len(content), cms.MaxSize(key.Chain(), pki.ECDSASHA256, 0))
	return der
}

func TestAddUnsignedKeepsEverythingElse(t *testing.T) {
	der := signed(t, []byte("content"))
	before, err := cms.Parse(der)
	require.NoError(t, err)
	first, second := cms.TimestampAttribute([]byte{0x30, 0}), cms.TimestampAttribute([]byte{0x30, 2, 5, 0})
	more, err := cms.AddUnsigned(der, 0, first)
	require.NoError(t, err)
	more, err = cms.AddUnsigned(more, 0, second)
	require.NoError(t, err)
	after, err := cms.Parse(more)
	require.NoError(t, err)
	require.Equal(t, before.Signers[0].Signed, after.Signers[0].Signed)
	require.Equal(t, before.Signers[0].Value, after.Signers[0].Value)
	require.Equal(t, before.Certificates, after.Certificates)
	require.Equal(t, [][]byte{{0x30, 0}, {0x30, 2, 5, 0}}, after.Signers[0].UnsignedValues(cms.OIDSignatureTimestamp))
	_, err = cms.AddUnsigned(der, 1, first)
	require.ErrorContains(t, err, "no signer 2")
}

// A second message-digest would let one program check the first and another
// the last.
func TestTwofoldAttributesAreFatal(t *testing.T) {
	der := signed(t, []byte("content"))
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	var digest []byte
	for _, a := range sd.Signers[0].SignedAttrs {
		if a.OID == cms.OIDMessageDigest {
			digest = a.Raw
		}
	}
	at := bytes.Index(der, sd.Signers[0].Signed[1:])
	require.Positive(t, at)
	forged := pkitest.Forge(t, der, at-1, func(attrs []byte) []byte { return append(bytes.Clone(attrs), digest...) })
	sd, err = cms.Parse(forged)
	require.NoError(t, err)
	fatal := false
	for _, d := range sd.Signers[0].Defects {
		fatal = fatal || d.Fatal
	}
	require.True(t, fatal)
	require.Nil(t, sd.Signers[0].MessageDigest())
}

// 183 KB of nested elements take another reader 2.6 seconds; here the depth
// ends it at once. A long row of small elements costs one pass.
func TestHostileShapes(t *testing.T) {
	nested := bytes.Repeat([]byte{0x30, 0x80}, 100_000)
	_, err := cms.Parse(nested)
	require.ErrorIs(t, err, cms.ErrTooLarge)
	wide := append([]byte{0x30, 0x80}, bytes.Repeat([]byte{0x05, 0x00}, 500_000)...)
	_, err = cms.Parse(append(wide, 0, 0))
	require.ErrorIs(t, err, cms.ErrMalformed)
	for _, raw := range [][]byte{nil, {0x30}, {0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, {0x1f, 0x81, 0, 0}, {0x30, 0x80}, bytes.Repeat([]byte{0}, 64)} {
		_, err := cms.Parse(raw)
		require.ErrorIs(t, err, cms.ErrMalformed, "%x", raw)
	}
	der := signed(t, []byte("content"))
	for i := range der {
		_, err := cms.Parse(der[:i])
		require.Error(t, err, "cut at %d", i)
	}
	_, err = cms.Parse(append(der, 0))
	require.ErrorContains(t, err, "after the end")
}

func FuzzParse(f *testing.F) {
	f.Add(signed(f, []byte("content")))
	f.Add([]byte{0x30, 0x80, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02, 0xa0, 0x80})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		sd, err := cms.Parse(raw)
		runtime.ReadMemStats(&after)
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20+64*uint64(len(raw)) {
			t.Fatalf("%d bytes took %d bytes of memory", len(raw), grown)
		}
		if err != nil || len(sd.Signers) == 0 {
			return
		}
		more, err := cms.AddUnsigned(raw, 0, cms.TimestampAttribute([]byte{5, 0}))
		if err != nil {
			t.Fatalf("parsed, but nothing can be added: %v", err)
		}
		again, err := cms.Parse(more)
		if err != nil {
			t.Fatalf("not readable after adding an attribute: %v", err)
		}
		if !bytes.Equal(again.Signers[0].Signed, sd.Signers[0].Signed) || !bytes.Equal(again.Signers[0].Value, sd.Signers[0].Value) {
			t.Fatal("adding an unsigned attribute changed what is signed")
		}
	})
}

func BenchmarkParse(b *testing.B) {
	der := signed(b, []byte("content"))
	for b.Loop() {
		if _, err := cms.Parse(der); err != nil {
			b.Fatal(err)
		}
	}
}
