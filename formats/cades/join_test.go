package cades_test

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.mozilla.org/pkcs7"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

// signOnto adds a signature to base. What is prepared crosses a process
// boundary.
func signOnto(t testing.TB, p *pkitest.PKI, who string, pr cades.Preparer, level formats.Level, base formats.Input) []byte {
	t.Helper()
	key := p.Key(who)
	alg, err := pki.DefaultAlgorithm(key.Certificate().PublicKey)
	require.NoError(t, err)
	pending, err := pr.Prepare(base, formats.Params{Algorithm: alg, Chain: key.Chain(), Time: p.Now, Level: level})
	require.NoError(t, err)
	raw, err := json.Marshal(pending)
	require.NoError(t, err)
	var later formats.Pending
	require.NoError(t, json.Unmarshal(raw, &later))
	done := formats.Completion{}
	done.Value, err = key.Sign(t.Context(), pki.UseSign, alg, later.ToBeSigned)
	require.NoError(t, err)
	if level == formats.LevelT {
		done.Timestamp, err = authority(t, p).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(done.Value))
		require.NoError(t, err)
	}
	edit, err := cades.Preparer{}.Complete(&later, done)
	require.NoError(t, err)
	require.Positive(t, edit.Keep, "an addition keeps what it is an addition to")
	out := edit.Apply(base, base.Name)
	all, err := io.ReadAll(out.Reader())
	require.NoError(t, err)
	return all
}

func refusedOnto(t testing.TB, p *pkitest.PKI, who string, pr cades.Preparer, base formats.Input) error {
	t.Helper()
	key := p.Key(who)
	alg, err := pki.DefaultAlgorithm(key.Certificate().PublicKey)
	require.NoError(t, err)
	_, err = pr.Prepare(base, formats.Params{Algorithm: alg, Chain: key.Chain(), Time: p.Now, Level: formats.LevelB})
	return err
}

// Six people sign one file, one after the other, each with another algorithm:
// every signature holds, and none of the earlier ones has changed by a byte.
func TestParallel(t *testing.T) {
	p := pkitest.New(t, drawing)
	for _, attached := range []bool{false, true} {
		der := sign(t, p, "p256", cades.Preparer{Attached: attached}, pki.UnknownAlgorithm, formats.LevelT, document)
		for n, who := range []string{"rsa", "p384", "p521", "ed", "mldsa"} {
			before, err := cms.Parse(der)
			require.NoError(t, err)
			base := input("document.p7s", der, input("document", document))
			if attached {
				base.Detached = nil
			}
			der = signOnto(t, p, who, cades.Preparer{Parallel: true}, formats.LevelT, base)
			after, err := cms.Parse(der)
			require.NoError(t, err)
			require.Equal(t, before.EncapRaw, after.EncapRaw)
			require.Len(t, after.Signers, n+2)
			for i := range before.Signers {
				require.Equal(t, before.Signers[i].Raw, after.Signers[i].Raw)
			}
			doc := parse(t, input("document.p7s", der, input("document", document)))
			for _, sig := range doc.Signatures {
				require.True(t, intact(t, sig), "%s %v", who, attached)
				require.Empty(t, sig.Defects)
				require.Len(t, sig.Evidence.Timestamps, 1)
				require.True(t, intact(t, sig.Evidence.Timestamps[0].Signature))
			}
			for _, sig := range parse(t, input("x", der, input("document", []byte("another")))).Signatures {
				require.False(t, intact(t, sig))
			}
		}
	}
}

// Somebody's colleague mixes up two files. The signature that he would add is
// good for a content that none of the others has signed.
func TestParallelOverOtherContent(t *testing.T) {
	p := pkitest.New(t, drawing)
	der := sign(t, p, "p256", cades.Preparer{}, pki.UnknownAlgorithm, formats.LevelB, document)
	pr := cades.Preparer{Parallel: true}
	require.ErrorContains(t, refusedOnto(t, p, "rsa", pr, input("a.p7s", der, input("a", []byte("mixed up")))), "not what signature 1 is over")
	require.ErrorContains(t, refusedOnto(t, p, "rsa", pr, input("a.p7s", der)), "did not come with it")
	require.ErrorIs(t, refusedOnto(t, p, "rsa", pr, input("a", document)), formats.ErrMalformed)
	stamp, err := authority(t, p).Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(document))
	require.NoError(t, err)
	require.ErrorIs(t, refusedOnto(t, p, "rsa", pr, input("a.tst", stamp)), cades.ErrForbidden)
	again := refusedOnto(t, p, "p256", pr, input("a.p7s", der, input("a", document)))
	require.ErrorContains(t, again, "the same signer has signed the same")
	pr.Attached = true
	require.Error(t, refusedOnto(t, p, "rsa", pr, input("a.p7s", der, input("a", document))))
	require.Error(t, refusedOnto(t, p, "rsa", cades.Preparer{Parallel: true, Counter: 1}, input("a.p7s", der)))
}

func TestCounterSignature(t *testing.T) {
	p := pkitest.New(t, drawing)
	der := sign(t, p, "p256", cades.Preparer{}, pki.UnknownAlgorithm, formats.LevelT, document)
	base := input("document.p7s", der, input("document", document))
	der = signOnto(t, p, "p384", cades.Preparer{Parallel: true}, formats.LevelB, base)
	before, err := cms.Parse(der)
	require.NoError(t, err)
	for _, who := range []string{"rsa", "ed"} { // the content is not needed: it is over a value
		der = signOnto(t, p, who, cades.Preparer{Counter: 2, Properties: cades.Properties{
			Commitments: []formats.Commitment{formats.ProofOfApproval},
		}}, formats.LevelT, input("document.p7s", der))
	}
	after, err := cms.Parse(der)
	require.NoError(t, err)
	require.Equal(t, before.Signers[0].Raw, after.Signers[0].Raw)
	require.Equal(t, before.Signers[1].Head, after.Signers[1].Head)
	doc := parse(t, input("document.p7s", der, input("document", document)))
	require.Empty(t, doc.Signatures[0].Counter)
	require.Len(t, doc.Signatures[1].Counter, 2)
	for _, c := range doc.Signatures[1].Counter {
		require.True(t, intact(t, c))
		require.Empty(t, c.Defects)
		require.Equal(t, p.Now, c.Claims.Time)
		require.Equal(t, []formats.Commitment{formats.ProofOfApproval}, c.Claims.Commitments)
		require.Len(t, c.Evidence.Timestamps, 1)
		require.True(t, intact(t, c.Evidence.Timestamps[0].Signature))
	}
	// Moved to another signature, it is over a value that it did not sign.
	moved, err := cms.AddUnsigned(der, 0, after.Signers[1].UnsignedAttrs[0].Raw)
	require.NoError(t, err)
	require.False(t, intact(t, parse(t, input("m", moved)).Signatures[0].Counter[0]))

	require.ErrorContains(t, refusedOnto(t, p, "rsa", cades.Preparer{Counter: 3}, input("a", der)), "no signature 3")
	require.ErrorContains(t, refusedOnto(t, p, "rsa", cades.Preparer{Counter: -1}, input("a", der)), "either")
	about := cades.Preparer{Counter: 1, Properties: cades.Properties{MIMEType: "text/plain"}}
	require.ErrorContains(t, refusedOnto(t, p, "rsa", about, input("a", der)), "EN 319 122-1")
}

// An archive time-stamp of the first two kinds is over the certificates as they
// stand: one more, and thirty years of proof are gone. So it is with a
// counter-signature among attributes that are covered.
func TestAdditionsUnderAnArchiveTimestamp(t *testing.T) {
	l := newLab(t)
	l.Issue("ca", "stranger", func(*x509.Certificate) {})
	for _, oid := range []string{cms.OIDArchiveTimestamp, cms.OIDArchiveTimestampV2} {
		parts := l.signed(true)
		l.archiveV2(parts, oid, true)
		der := parts.join(t)
		require.True(t, intact(t, archived(t, der)), oid)
		for _, pr := range []cades.Preparer{{Parallel: true}, {Counter: 1}} {
			err := refusedOnto(t, l.PKI, "stranger", pr, input("a", der))
			require.ErrorIs(t, err, cades.ErrForbidden, oid)
			require.ErrorContains(t, err, "archive time-stamp")
		}
		// The same signer brings no certificate: nothing that is covered changes.
		require.ErrorContains(t, refusedOnto(t, l.PKI, "p256", cades.Preparer{Counter: 1}, input("a", der)), "all its attributes")
		more := signOnto(t, l.PKI, "p256", cades.Preparer{Parallel: true, Properties: cades.Properties{Hint: "again"}}, formats.LevelB, input("a", der))
		require.True(t, intact(t, archived(t, more)), oid)
	}
	parts := l.signed(true)
	l.archiveV3(parts, hashIndexV3, l.index(parts, hashIndexV3))
	der := parts.join(t)
	require.True(t, intact(t, archived(t, der)))
	for _, pr := range []cades.Preparer{{Parallel: true}, {Counter: 1}} {
		der = signOnto(t, l.PKI, "stranger", pr, formats.LevelB, input("a", der))
		require.True(t, intact(t, archived(t, der)), "its index names what it covers, and may have more beside it")
	}
	for _, oid := range []string{"1.2.840.113549.1.9.16.2.49", "1.2.840.113549.1.9.16.2.50"} {
		record, err := cms.AddUnsigned(l.signed(true).join(t), 0, cms.NewAttribute(oid, []byte{0x30, 0}))
		require.NoError(t, err)
		require.ErrorContains(t, refusedOnto(t, l.PKI, "p256", cades.Preparer{Parallel: true}, input("a", record)), "evidence record")
	}
}

// archived is the archive time-stamp on the first signature.
func archived(t testing.TB, der []byte) formats.Signature {
	t.Helper()
	for _, ts := range parse(t, input("a", der)).Signatures[0].Evidence.Timestamps {
		if ts.Kind == formats.ArchiveTimestamp {
			return ts.Signature
		}
	}
	require.Fail(t, "no archive time-stamp")
	return formats.Signature{}
}

// openssl judges what was added to its own files, in all the forms it writes.
func TestAddedToOpenSSL(t *testing.T) {
	p := pkitest.New(t, drawing)
	p.Issue("ca", "with key id", func(c *x509.Certificate) { c.SubjectKeyId = []byte("an identifier") })
	dir := t.TempDir()
	root, content := write(t, dir, "root.pem", p.PEM("root")), write(t, dir, "content", document)
	cert, key := write(t, dir, "cert.pem", p.PEM("p256")), write(t, dir, "key.pem", p.KeyPEM("p256"))
	out := filepath.Join(dir, "out")
	for _, options := range [][]string{
		{"-cades"}, {"-nodetach"}, {"-nodetach", "-stream"}, {"-nodetach", "-indef"}, {"-outform", "PEM"}, {"-md", "sha512"},
	} {
		text, err := run(t, "openssl", append([]string{"cms", "-sign", "-binary", "-in", content, "-signer", cert,
			"-inkey", key, "-outform", "DER", "-out", out}, options...)...)
		require.NoError(t, err, text)
		theirs, err := os.ReadFile(out)
		require.NoError(t, err)
		der := signOnto(t, p, "rsa", cades.Preparer{Parallel: true}, formats.LevelT, input("a", theirs, input("content", document)))
		der = signOnto(t, p, "with key id", cades.Preparer{Parallel: true, KeyID: true}, formats.LevelB, input("a", der, input("content", document)))
		der = signOnto(t, p, "p384", cades.Preparer{Counter: 1}, formats.LevelB, input("a", der))
		form := "DER"
		if bytes.HasPrefix(der, []byte("-----")) {
			form = "PEM"
			block, _ := pem.Decode(der)
			require.Equal(t, "CMS", block.Type)
		}
		file := write(t, dir, "more", der)
		args := []string{"cms", "-verify", "-binary", "-inform", form, "-in", file, "-CAfile", root, "-purpose", "any",
			"-attime", "1780315200", "-out", filepath.Join(dir, "content out")}
		if options[0] != "-nodetach" {
			args = append(args, "-content", content)
		}
		text, err = run(t, "openssl", args...)
		require.NoError(t, err, "%v: %s", options, text)
		got, err := os.ReadFile(filepath.Join(dir, "content out"))
		require.NoError(t, err)
		require.Equal(t, document, got)
		doc := parse(t, input("a", der, input("content", document)))
		require.Len(t, doc.Signatures, 3)
		require.Len(t, doc.Signatures[0].Counter, 1)
		for _, sig := range append(doc.Signatures, doc.Signatures[0].Counter...) {
			require.True(t, intact(t, sig), options)
		}
		require.NotEmpty(t, doc.Signatures[2].Signer.KeyID)
	}
}

// Another library finds every signer of a file that three have signed.
func TestMozillaAgreesOnParallel(t *testing.T) {
	p := pkitest.New(t, drawing)
	der := sign(t, p, "p256", cades.Preparer{Attached: true}, pki.UnknownAlgorithm, formats.LevelT, document)
	for _, who := range []string{"rsa", "p384"} {
		der = signOnto(t, p, who, cades.Preparer{Parallel: true}, formats.LevelT, input("a", der))
	}
	der = signOnto(t, p, "rsa", cades.Preparer{Counter: 3}, formats.LevelB, input("a", der))
	theirs, err := pkcs7.Parse(der)
	require.NoError(t, err)
	require.Len(t, theirs.Signers, 3)
	require.NoError(t, theirs.VerifyWithChainAtTime(p.Roots(), p.Now))
	theirs.Content = append(theirs.Content, 'x')
	require.Error(t, theirs.VerifyWithChainAtTime(p.Roots(), p.Now))
}

// What was prepared before there were additions is completed after an upgrade;
// what a later version prepared is not.
func TestVersionsOfPending(t *testing.T) {
	p := pkitest.New(t, drawing)
	key := p.Key("p256")
	pending, err := cades.Preparer{}.Prepare(input("d", document), formats.Params{
		Algorithm: pki.ECDSASHA256, Chain: key.Chain(), Time: p.Now, Level: formats.LevelB})
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pki.ECDSASHA256, pending.ToBeSigned)
	require.NoError(t, err)
	state := pending.State
	for version, good := range map[string]bool{`1`: true, `2`: true, `3`: false, `0`: false, `"1"`: false} {
		pending.State = bytes.Replace(state, []byte(`"version":2`), []byte(`"version":`+version), 1)
		edit, err := cades.Preparer{}.Complete(pending, formats.Completion{Value: value})
		if !good {
			require.ErrorIs(t, err, formats.ErrUnsupported, version)
			continue
		}
		require.NoError(t, err, version)
		require.True(t, intact(t, parse(t, input("a", edit.Tail, input("d", document))).Signatures[0]))
	}
}

// FuzzJoin: whatever a CMS is, a signature that can be added to it is in it
// afterwards, and the others are what they were.
func FuzzJoin(f *testing.F) {
	p := pkitest.New(f, drawing)
	f.Add(sign(f, p, "p256", cades.Preparer{Attached: true}, pki.UnknownAlgorithm, formats.LevelT, document), byte(0))
	f.Add(sign(f, p, "rsa", cades.Preparer{}, pki.UnknownAlgorithm, formats.LevelB, document), byte(1))
	l := newLab(f)
	old := l.signed(true)
	l.archiveV2(old, cms.OIDArchiveTimestampV2, true)
	f.Add(old.join(f), byte(1))
	f.Add([]byte("-----BEGIN CMS-----\nMAA=\n-----END CMS-----\n"), byte(0))
	key := p.Key("p384")
	f.Fuzz(func(t *testing.T, raw []byte, counter byte) {
		base := input("fuzz", raw, input("content", document))
		pending, err := cades.Preparer{Counter: int(counter), Parallel: counter == 0}.Prepare(base, formats.Params{
			Algorithm: pki.ECDSASHA384, Chain: key.Chain(), Time: p.Now, Level: formats.LevelB})
		if err != nil {
			return
		}
		before, err := cades.Parser{}.Parse(base)
		if err != nil {
			t.Fatalf("prepared, but cannot be read: %v", err)
		}
		edit, err := cades.Preparer{}.Complete(pending, formats.Completion{Value: []byte("a value")})
		if errors.Is(err, cms.ErrTooLarge) || errors.Is(err, formats.ErrTooLarge) || errors.Is(err, formats.ErrUnsupported) {
			return
		}
		if err != nil {
			t.Fatalf("prepared, but cannot be completed: %v", err)
		}
		after, err := cades.Parser{}.Parse(edit.Apply(base, "fuzz"))
		if err != nil {
			t.Fatalf("completed, but cannot be read: %v", err)
		}
		for i, sig := range before.Signatures {
			now := after.Signatures[i]
			if !bytes.Equal(sig.Signed, now.Signed) || !bytes.Equal(sig.Value, now.Value) || len(sig.Counter) > len(now.Counter) {
				t.Fatalf("signature %d has changed", i+1)
			}
		}
	})
}
