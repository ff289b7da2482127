package cades_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
)

var document = []byte("The parties agree as follows.\r\n\x00\x01 and so on\n")

func input(name string, content []byte, detached ...formats.Input) formats.Input {
	return formats.Input{Name: name, ReaderAt: bytes.NewReader(content), Size: int64(len(content)), Detached: detached}
}

// sign is what the signer core does. The pending signature crosses a process
// boundary on its way.
func sign(t testing.TB, p *pkitest.PKI, who string, pr cades.Preparer, alg pki.Algorithm, level formats.Level, content []byte) []byte {
	t.Helper()
	key := p.Key(who)
	if alg == pki.UnknownAlgorithm {
		var err error
		alg, err = pki.DefaultAlgorithm(key.Certificate().PublicKey)
		require.NoError(t, err)
	}
	in := input("document", content)
	pending, err := pr.Prepare(in, formats.Params{Algorithm: alg, Chain: key.Chain(), Time: p.Now, Level: level})
	require.NoError(t, err)
	raw, err := json.Marshal(pending)
	require.NoError(t, err)
	var later formats.Pending
	require.NoError(t, json.Unmarshal(raw, &later))

	done := formats.Completion{}
	done.Value, err = key.Sign(t.Context(), pki.UseSign, alg, later.ToBeSigned)
	require.NoError(t, err)
	if level == formats.LevelT {
		done.Timestamp, err = authority(t, p).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(pr.StampInput(&later, done.Value)))
		require.NoError(t, err)
	}
	edit, err := pr.Complete(&later, done)
	require.NoError(t, err)
	require.Zero(t, edit.Keep)
	return edit.Tail
}

func authority(t testing.TB, p *pkitest.PKI) *tsa.Authority {
	t.Helper()
	a, err := tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("stamper"), Policy: "1.3.6.1.4.1.13762.3", Now: p.Clock()})
	require.NoError(t, err)
	return a
}

// intact is the verifier's question in its shortest form: does every reference
// fit, and the value under the certificate that the document names?
func intact(t testing.TB, sig formats.Signature) bool {
	t.Helper()
	for _, d := range sig.Defects {
		if d.Fatal {
			return false
		}
	}
	for _, r := range sig.References {
		if r.Open == nil || !r.Hash.Known() {
			return false
		}
		h := r.Hash.New()
		_, err := io.Copy(h, r.Open())
		require.NoError(t, err)
		if !bytes.Equal(h.Sum(nil), r.Want) {
			return false
		}
	}
	for _, c := range sig.Evidence.Certificates {
		if sig.Signer.Attribute && !bytes.Equal(sig.Signer.Hash.Sum(c.Raw), sig.Signer.Digest) {
			continue
		}
		if pki.Verify(c.PublicKey, sig.Algorithm, sig.Signed, sig.Value) == nil {
			return true
		}
	}
	return false
}

func parse(t testing.TB, in formats.Input) *formats.Document {
	t.Helper()
	doc, err := cades.Parser{}.Parse(in)
	require.NoError(t, err)
	return doc
}

const drawing = `root -> ca -> p256; ca -> p384[p384]; ca -> p521[p521]; ca -> rsa[rsa2048]; ca -> ed[ed25519]
	ca -> mldsa[mldsa65]; ca -> stamper[timestamp]`

func TestSignedIsRead(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, who := range []string{"p256", "p384", "p521", "rsa", "ed", "mldsa"} {
		for _, attached := range []bool{false, true} {
			der := sign(t, p, who, cades.Preparer{Attached: attached}, pki.UnknownAlgorithm, formats.LevelT, document)
			doc := parse(t, input("document.p7s", der, input("document", document)))
			require.Len(t, doc.Signatures, 1)
			sig := doc.Signatures[0]
			require.True(t, intact(t, sig), who)
			require.Empty(t, sig.Defects)
			require.Equal(t, p.Now, sig.Claims.Time)
			require.True(t, sig.Signer.Attribute)
			require.Len(t, sig.Evidence.Timestamps, 1)
			require.True(t, intact(t, sig.Evidence.Timestamps[0].Signature))
			require.Equal(t, p.Now, sig.Evidence.Timestamps[0].Time)

			other := parse(t, input("document.p7s", der, input("document", append(document, 'x'))))
			require.False(t, intact(t, other.Signatures[0]), "the file beside it must be what was signed, even if it is in the signature too")
			require.Equal(t, []string{"document"}, other.Detached)
			alone := parse(t, input("document.p7s", der))
			require.Equal(t, attached, alone.Signatures[0].References[0].Open != nil)
		}
	}
}

// Nobody but the holder of the key can change what is signed: every single
// changed bit must break the parse, the value, the digest or the binding to
// the certificate, or lie in a part that is not signed (certificates other
// than the signer's, unsigned attributes, redundant headers).
func TestEveryChangedBitIsSeen(t *testing.T) {
	p := pkitest.New(t, drawing)
	der := sign(t, p, "p256", cades.Preparer{Attached: true}, pki.UnknownAlgorithm, formats.LevelB, document)
	content := bytes.Index(der, document)
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	attrs := bytes.Index(der, sd.Signers[0].Signed[1:])
	require.Positive(t, attrs)
	for i := range der {
		mutant := bytes.Clone(der)
		mutant[i] ^= 1 << (i % 8)
		doc, err := cades.Parser{}.Parse(input("mutant", mutant))
		if err != nil || len(doc.Signatures) != 1 || !intact(t, doc.Signatures[0]) {
			continue
		}
		inContent := i >= content && i < content+len(document)
		inAttrs := i >= attrs && i < attrs+len(sd.Signers[0].Signed)-1
		require.False(t, inContent || inAttrs, "byte %d changed and nobody saw", i)
	}
}

func run(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("%s is not installed", name)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	return string(out), err
}

func write(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// OpenSSL 3.0 verifies no Ed25519 in CMS ("invalid digest"), and no ML-DSA.
func TestOpenSSLAcceptsOurs(t *testing.T) {
	p := pkitest.New(t, drawing)
	dir := t.TempDir()
	root := write(t, dir, "root.pem", p.PEM("root"))
	good, bad := write(t, dir, "good", document), write(t, dir, "bad", append(bytes.Clone(document), 'x'))
	at := []string{"-attime", "1780315200"} // 2026-06-01 12:00 UTC
	for _, c := range []struct {
		who string
		alg pki.Algorithm
	}{
		{"p256", 0}, {"p384", 0}, {"p521", 0}, {"rsa", 0}, {"rsa", pki.RSASHA512}, {"rsa", pki.PSSSHA256}, {"rsa", pki.PSSSHA512},
	} {
		der := write(t, dir, "sig.p7s", sign(t, p, c.who, cades.Preparer{}, c.alg, formats.LevelT, document))
		args := append([]string{"cms", "-verify", "-binary", "-inform", "DER", "-in", der, "-CAfile", root, "-purpose", "any", "-out", os.DevNull}, at...)
		out, err := run(t, "openssl", append(args, "-content", good)...)
		require.NoError(t, err, "%s %s: %s", c.who, c.alg, out)
		out, err = run(t, "openssl", append(args, "-content", bad)...)
		require.Error(t, err, out)
	}
}

// What openssl writes in all its manners, we read and find intact.
func TestOursAcceptsOpenSSL(t *testing.T) {
	p := pkitest.New(t, drawing)
	dir := t.TempDir()
	content := write(t, dir, "content", document)
	p.Issue("ca", "with key id", func(c *x509.Certificate) { c.SubjectKeyId = []byte("an identifier") })
	for _, who := range []string{"p256", "rsa", "with key id"} {
		cert := write(t, dir, "cert.pem", p.PEM(who))
		key := write(t, dir, "key.pem", p.KeyPEM(who))
		for _, options := range [][]string{
			{}, {"-nodetach"}, {"-keyid"}, {"-nodetach", "-stream"}, {"-nodetach", "-indef", "-keyid"}, {"-cades"},
			{"-md", "sha384"}, {"-nosmimecap"}, {"-outform", "PEM"},
		} {
			if slices.Contains(options, "-keyid") && len(p.Cert(who).SubjectKeyId) == 0 {
				continue
			}
			out := filepath.Join(dir, "out")
			args := append([]string{"cms", "-sign", "-binary", "-in", content, "-signer", cert, "-inkey", key, "-outform", "DER", "-out", out}, options...)
			text, err := run(t, "openssl", args...)
			require.NoError(t, err, text)
			der, err := os.ReadFile(out)
			require.NoError(t, err)
			require.True(t, cades.Parser{}.Sniff(der))
			doc := parse(t, input("out", der, input("content", document)))
			require.True(t, intact(t, doc.Signatures[0]), "%s %v", who, options)
		}
		// Without signed attributes the content itself is signed: not AdES.
		out := filepath.Join(dir, "out")
		_, err := run(t, "openssl", "cms", "-sign", "-binary", "-noattr", "-in", content, "-signer", cert, "-inkey", key, "-outform", "DER", "-out", out)
		require.NoError(t, err)
		der, err := os.ReadFile(out)
		require.NoError(t, err)
		require.False(t, intact(t, parse(t, input("out", der, input("content", document))).Signatures[0]))
	}
}

func TestMozillaAgrees(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, who := range []string{"p256", "p384", "rsa"} {
		der := sign(t, p, who, cades.Preparer{Attached: true}, pki.UnknownAlgorithm, formats.LevelB, document)
		theirs, err := pkcs7.Parse(der)
		require.NoError(t, err)
		require.NoError(t, theirs.VerifyWithChainAtTime(p.Roots(), p.Now))
		require.Equal(t, document, theirs.Content)
	}
	made, err := pkcs7.NewSignedData(document)
	require.NoError(t, err)
	require.NoError(t, made.AddSigner(p.Cert("rsa"), p.Signer("rsa"), pkcs7.SignerInfoConfig{}))
	der, err := made.Finish()
	require.NoError(t, err)
	require.True(t, intact(t, parse(t, input("theirs", der)).Signatures[0]))
}

// An attacker shows the DER of somebody's signed attributes as content that
// was signed without attributes (RFC 5652 §13): the value fits.
func TestSignedAttributesAsContent(t *testing.T) {
	p := pkitest.New(t, drawing)
	der := sign(t, p, "p256", cades.Preparer{}, pki.UnknownAlgorithm, formats.LevelB, document)
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	attrs := sd.Signers[0].Signed
	at := bytes.Index(der, attrs[1:]) - 1
	require.Positive(t, at)
	forged := pkitest.Forge(t, der, at, func([]byte) []byte { return nil })
	doc, err := cades.Parser{}.Parse(input("forged", forged, input("content", attrs)))
	require.NoError(t, err)
	require.Nil(t, doc.Signatures[0].Signed)
	require.False(t, intact(t, doc.Signatures[0]))
}

func TestCompleteRefusesAForeignStamp(t *testing.T) {
	p := pkitest.New(t, drawing)
	key := p.Key("p256")
	pending, err := cades.Preparer{}.Prepare(input("d", document), formats.Params{
		Algorithm: pki.ECDSASHA256, Chain: key.Chain(), Time: p.Now, Level: formats.LevelT})
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pki.ECDSASHA256, pending.ToBeSigned)
	require.NoError(t, err)
	_, err = cades.Preparer{}.Complete(pending, formats.Completion{Value: value})
	require.Error(t, err, "level B-T without a time-stamp")
	stamp, err := authority(t, p).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum([]byte("another value")))
	require.NoError(t, err)
	_, err = cades.Preparer{}.Complete(pending, formats.Completion{Value: value, Timestamp: stamp})
	require.ErrorContains(t, err, "not over this signature")
}

// Every CMS of the corpora is read or refused; none panics.
func TestCorpora(t *testing.T) {
	read, refused := 0, 0
	for _, folder := range []string{"dss/dss-cades", "cryptonite", "jkurwa", "uapki"} {
		dir := pkitest.Corpus(t, folder)
		require.NoError(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() || info.Size() > 8<<20 {
				return err
			}
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			if !(cades.Parser{}).Sniff(raw) {
				return nil
			}
			if doc, err := (cades.Parser{}).Parse(input(path, raw)); err != nil {
				refused++
				t.Logf("%s: %v", filepath.Base(path), err)
			} else {
				read++
				for _, sig := range doc.Signatures {
					intact(t, sig)
				}
			}
			return nil
		}))
	}
	t.Logf("%d read, %d refused", read, refused)
	require.Greater(t, read, 50)
}

func FuzzParse(f *testing.F) {
	p := pkitest.New(f, drawing)
	f.Add(sign(f, p, "p256", cades.Preparer{}, pki.UnknownAlgorithm, formats.LevelT, document))
	f.Add(sign(f, p, "rsa", cades.Preparer{Attached: true}, pki.UnknownAlgorithm, formats.LevelB, document))
	l := newLab(f)
	l.content = []byte("content")
	f.Add(l.archiveV3(l.signed(true), hashIndexV3, l.index(l.signed(true), hashIndexV3)).join(f))
	everything := l.signed(true)
	l.complete(everything)
	everything.add(attribute(f, cms.OIDCompleteTimestamp, l.token(nil)), attribute(f, cms.OIDReferencesTimestamp, l.token(nil)))
	l.archiveV2(everything, cms.OIDArchiveTimestampV2, true)
	f.Add(everything.join(f))
	f.Add([]byte("-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := cades.Parser{}.Parse(input("fuzz", raw, input("content", document)))
		if (err == nil) != (doc != nil) {
			t.Fatal("a document without error, or neither")
		}
		if err == nil {
			for _, sig := range doc.Signatures {
				if sig.Signed != nil && sig.Signed[0] != 0x31 {
					t.Fatal("signed attributes are not under a SET tag")
				}
				if intact(t, sig) && len(sig.References) == 0 {
					t.Fatal("intact without a reference")
				}
				for _, ts := range sig.Evidence.Timestamps {
					if misfit(t, ts.Signature) == "" && len(ts.Signature.References) < 2 {
						t.Fatal("a time-stamp over nothing")
					}
					if len(ts.Covers) > 2000+len(raw)/16 {
						t.Fatal("a small file whose time-stamp covers much")
					}
				}
			}
		}
	})
}
