package cades_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
)

const (
	hashIndexV1 = "0.4.0.1733.2.5"
	hashIndexV3 = "0.4.0.19122.1.5"
)

// der writes elements by hand, so that what is read was not written by what
// reads it.
func der(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	n := len(body)
	head := []byte{tag, byte(n)}
	switch {
	case n >= 1<<16:
		head = []byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}
	case n >= 1<<8:
		head = []byte{tag, 0x82, byte(n >> 8), byte(n)}
	case n >= 1<<7:
		head = []byte{tag, 0x81, byte(n)}
	}
	return append(head, body...)
}

func oid(t testing.TB, dotted string) []byte {
	var id asn1.ObjectIdentifier
	id, err := pki.ParseOID(dotted)
	require.NoError(t, err)
	var b cryptobyte.Builder
	b.AddASN1ObjectIdentifier(id)
	return b.BytesOrPanic()
}

func attribute(t testing.TB, id string, values ...[]byte) []byte {
	return der(0x30, oid(t, id), der(0x31, values...))
}

// elements splits the contents of an element.
func elements(t testing.TB, raw []byte) (out [][]byte) {
	in := cryptobyte.String(raw)
	var body cryptobyte.String
	var tag cbasn1.Tag
	require.True(t, in.ReadAnyASN1(&body, &tag))
	for !body.Empty() {
		var e cryptobyte.String
		require.True(t, body.ReadAnyASN1Element(&e, &tag))
		out = append(out, e)
	}
	return out
}

// signedData are the parts of a ContentInfo with one signer.
type signedData struct {
	parts  [][]byte // version … signerInfos
	signer [][]byte
}

func split(t testing.TB, raw []byte) *signedData {
	sd := &signedData{parts: elements(t, elements(t, elements(t, raw)[1])[0])}
	sd.signer = elements(t, elements(t, sd.parts[len(sd.parts)-1])[0])
	return sd
}

func (sd *signedData) join(t testing.TB) []byte {
	sd.parts[len(sd.parts)-1] = der(0x31, der(0x30, sd.signer...))
	return der(0x30, oid(t, cms.OIDSignedData), der(0xa0, der(0x30, sd.parts...)))
}

// withCRLs puts the crls field after the certificates.
func (sd *signedData) withCRLs(choices ...[]byte) *signedData {
	last := len(sd.parts) - 1
	sd.parts = append(append(append([][]byte{}, sd.parts[:last]...), der(0xa1, choices...)), sd.parts[last])
	return sd
}

func (sd *signedData) add(attributes ...[]byte) *signedData {
	if last := sd.signer[len(sd.signer)-1]; last[0] == 0xa1 {
		body := cryptobyte.String(last)
		var inner cryptobyte.String
		body.ReadASN1(&inner, cbasn1.Tag(1).ContextSpecific().Constructed())
		attributes = append([][]byte{inner}, attributes...)
		sd.signer = sd.signer[:len(sd.signer)-1]
	}
	sd.signer = append(sd.signer, der(0xa1, attributes...))
	return sd
}

func (sd *signedData) unsigned(t testing.TB) [][]byte {
	if last := sd.signer[len(sd.signer)-1]; last[0] == 0xa1 {
		return elements(t, last)
	}
	return nil
}

func (sd *signedData) head() []byte {
	var out []byte
	for _, part := range sd.signer {
		if part[0] != 0xa1 {
			out = append(out, part...)
		}
	}
	return out
}

// lab makes long-term signatures.
type lab struct {
	t testing.TB
	*pkitest.PKI
	content []byte
	crl     []byte
	ocsp    []byte // OCSPResponse
}

func newLab(t testing.TB) *lab {
	p := pkitest.New(t, "root -> ca -> p256; ca -> stamper[timestamp]")
	return &lab{t: t, PKI: p, content: document, crl: p.CRL("ca"), ocsp: p.OCSP("p256")}
}

// signed is level T: a CMS with a signature time-stamp, and revocation
// information in its crls.
func (l *lab) signed(attached bool) *signedData {
	raw := sign(l.t, l.PKI, "p256", cades.Preparer{Attached: attached}, 0, formats.LevelT, l.content)
	return split(l.t, raw).withCRLs(l.crl, der(0xa1, oid(l.t, "1.3.6.1.5.5.7.16.2"), l.ocsp))
}

func (l *lab) token(octets []byte) []byte {
	l.t.Helper()
	token, err := authority(l.t, l.PKI).Timestamp(l.t.Context(), pki.SHA256, pki.SHA256.Sum(octets))
	require.NoError(l.t, err)
	return token
}

func digests(octets ...[]byte) []byte {
	var out [][]byte
	for _, o := range octets {
		out = append(out, der(0x04, pki.SHA256.Sum(o)))
	}
	return der(0x30, out...)
}

// index is the hash index over all that is in sd.
func (l *lab) index(sd *signedData, version string) []byte {
	var attrs [][]byte
	for _, a := range sd.unsigned(l.t) {
		if version != hashIndexV3 {
			attrs = append(attrs, a)
			continue
		}
		parts := elements(l.t, a)
		for _, value := range elements(l.t, parts[1]) {
			attrs = append(attrs, append(bytes.Clone(parts[0]), value...))
		}
	}
	body := [][]byte{digests(elements(l.t, sd.parts[3])...), digests(elements(l.t, sd.parts[4])...), digests(attrs...)}
	if version == hashIndexV3 {
		body = append([][]byte{pki.SHA256.AlgorithmIdentifier()}, body...)
	}
	return der(0x30, body...)
}

// archiveV3 adds an archive-time-stamp-v3 with this index (EN 319 122-1 §5.5.3).
func (l *lab) archiveV3(sd *signedData, version string, index []byte) *signedData {
	kind := elements(l.t, sd.parts[2])[0]
	octets := bytes.Join([][]byte{kind, pki.SHA256.Sum(l.content), sd.head(), index}, nil)
	token := split(l.t, l.token(octets)).add(attribute(l.t, version, index)).join(l.t)
	return sd.add(attribute(l.t, cms.OIDArchiveTimestampV3, token))
}

func (l *lab) parse(sd *signedData) formats.Signature {
	doc := parse(l.t, input("long-term", sd.join(l.t), input("document", l.content)))
	return doc.Signatures[0]
}

func archives(sig formats.Signature) (out []formats.Timestamp) {
	for _, ts := range sig.Evidence.Timestamps {
		if ts.Kind == formats.ArchiveTimestamp || ts.Kind == formats.EvidenceTimestamp {
			out = append(out, ts)
		}
	}
	return out
}

func covers(ts formats.Timestamp, raw []byte) bool {
	for _, o := range ts.Covers {
		if o == formats.ObjectOf(raw) {
			return true
		}
	}
	return false
}

func TestArchiveTimestampV3(t *testing.T) {
	for _, version := range []string{hashIndexV1, hashIndexV3} {
		for _, attached := range []bool{true, false} {
			l := newLab(t)
			sd := l.signed(attached)
			l.Now = l.Now.Add(24 * time.Hour)
			l.archiveV3(sd, version, l.index(sd, version))
			sig := l.parse(sd)
			require.Empty(t, sig.Defects)
			ts := archives(sig)[0]
			require.Empty(t, misfit(t, ts.Signature), version)
			for what, raw := range map[string][]byte{
				"value": sig.Value, "leaf": l.Cert("p256").Raw, "CA": l.Cert("ca").Raw, "CRL": l.crl, "OCSP": l.ocsp,
				"token": sig.Evidence.Timestamps[0].Raw, "authority in the token": l.Cert("stamper").Raw,
			} {
				require.True(t, covers(ts, raw), what)
			}
			require.False(t, covers(ts, ts.Raw), "not itself")
			require.Len(t, sig.Evidence.Revocations, 2)
			require.Equal(t, pki.Revocation{Kind: pki.CRL, Raw: l.crl, Source: "the signature"}, sig.Evidence.Revocations[0])
			require.Equal(t, pki.OCSP, sig.Evidence.Revocations[1].Kind)

			// A second one, a season later, covers the first.
			l.Now = l.Now.Add(90 * 24 * time.Hour)
			l.archiveV3(sd, version, l.index(sd, version))
			two := archives(l.parse(sd))
			require.Len(t, two, 2)
			require.Empty(t, misfit(t, two[0].Signature), "what comes later does no harm")
			require.Empty(t, misfit(t, two[1].Signature))
			require.True(t, covers(two[1], two[0].Raw))
			require.False(t, covers(two[0], two[1].Raw))

			// Over another document, nothing of it holds.
			l.content = []byte("another document")
			if !attached {
				require.Equal(t, "message imprint does not fit", misfit(t, archives(l.parse(sd))[0].Signature))
			}
		}
	}
}

// Whoever has an old key adds what is missing to a file that was archived
// before: the time-stamp must not prove that it was there.
func TestAddedAfterTheArchiveTimestamp(t *testing.T) {
	l := newLab(t)
	sd := l.signed(true)
	l.archiveV3(sd, hashIndexV3, l.index(sd, hashIndexV3))
	l.Now = l.Now.AddDate(0, 0, 5)
	late := l.CRL("root")
	sd.add(attribute(t, cms.OIDRevocationValues, der(0x30, der(0xa0, der(0x30, late)))))
	sd.add(attribute(t, cms.OIDCertificateValues, der(0x30, l.Cert("root").Raw)))
	sig := l.parse(sd)
	ts := archives(sig)[0]
	require.Empty(t, misfit(t, ts.Signature))
	require.Len(t, sig.Evidence.Revocations, 3)
	require.Equal(t, "revocation-values", sig.Evidence.Revocations[2].Source)
	require.Contains(t, sig.Evidence.Certificates, l.Cert("root"))
	require.False(t, covers(ts, late))
	require.False(t, covers(ts, l.Cert("root").Raw))
}

// The list that says "revoked" is taken out of an archived file, or exchanged
// for an older one that does not: the index still names it.
func TestRemovedAfterTheArchiveTimestamp(t *testing.T) {
	l := newLab(t)
	for name, change := range map[string]func(*signedData){
		"removed":   func(sd *signedData) { sd.parts[4] = der(0xa1, elements(t, sd.parts[4])[1]) },
		"exchanged": func(sd *signedData) { sd.parts[4] = der(0xa1, l.CRL("root"), elements(t, sd.parts[4])[1]) },
		"a certificate removed": func(sd *signedData) {
			sd.parts[3] = der(0xa0, elements(t, sd.parts[3])[0])
		},
		"the token exchanged": func(sd *signedData) {
			stamps := sd.unsigned(t)
			stamps[0] = attribute(t, cms.OIDSignatureTimestamp, l.token(sd.signer[5]))
			sd.signer[len(sd.signer)-1] = der(0xa1, stamps...)
		},
	} {
		sd := l.signed(true)
		l.archiveV3(sd, hashIndexV3, l.index(sd, hashIndexV3))
		change(sd)
		sig := l.parse(sd)
		require.Equal(t, missing, misfit(t, archives(sig)[0].Signature), name)
	}
}

// An index that is not what it should be proves nothing.
func TestHostileHashIndex(t *testing.T) {
	l := newLab(t)
	unknown := make([][]byte, 10_001)
	for i := range unknown {
		unknown[i] = fmt.Append(nil, i)
	}
	empty := der(0x30)
	alg := pki.SHA256.AlgorithmIdentifier()
	for name, c := range map[string]struct {
		index []byte
		want  string
	}{
		"nothing in it":       {der(0x30, alg, empty, empty, empty), ""},
		"10,000 unknown":      {der(0x30, alg, digests(unknown[:10_000]...), empty, empty), missing},
		"10,001 entries":      {der(0x30, alg, digests(unknown...), empty, empty), "CMS too large or too deep: over 10000 digests in an ats-hash-index"},
		"no such algorithm":   {der(0x30, der(0x30, oid(t, "1.2.3.4")), digests(l.Cert("ca").Raw), empty, empty), missing},
		"a list too few":      {der(0x30, alg, empty, empty), "malformed CMS: unsignedAttrsHashIndex is missing"},
		"a list too many":     {der(0x30, alg, empty, empty, empty, empty), "malformed CMS: 2 bytes after the end of ats-hash-index"},
		"something else":      {der(0x04, []byte("index")), "malformed CMS: ats-hash-index"},
		"an integer for once": {der(0x30, alg, der(0x30, der(0x02, []byte{1})), empty, empty), "ats-hash-index: malformed CMS: digest is missing"},
	} {
		sd := l.archiveV3(l.signed(true), hashIndexV3, c.index)
		require.Equal(t, c.want, misfit(t, archives(l.parse(sd))[0].Signature), name)
	}
	// Two indexes: one reader would take the first, another the last.
	sd := l.signed(true)
	index := l.index(sd, hashIndexV3)
	kind := elements(t, sd.parts[2])[0]
	token := split(t, l.token(bytes.Join([][]byte{kind, pki.SHA256.Sum(l.content), sd.head(), index}, nil)))
	token.add(attribute(t, hashIndexV3, index), attribute(t, hashIndexV1, index))
	sd.add(attribute(t, cms.OIDArchiveTimestampV3, token.join(t)))
	require.Equal(t, "malformed CMS: more than one ats-hash-index", misfit(t, archives(l.parse(sd))[0].Signature))
}

// Ten thousand entries that name one large object must not make anybody digest
// it ten thousand times.
func TestOneObjectTenThousandTimes(t *testing.T) {
	l := newLab(t)
	sd := l.signed(true)
	large := der(0x30, der(0x04, make([]byte, 4<<20)))
	sd.parts[4] = der(0xa1, large)
	same := bytes.Repeat(der(0x04, pki.SHA256.Sum(large)), 10_000)
	index := der(0x30, pki.SHA256.AlgorithmIdentifier(), der(0x30), der(0x30, same), der(0x30))
	for range 30 {
		l.archiveV3(sd, hashIndexV3, index)
	}
	start := time.Now()
	sig := l.parse(sd)
	require.Less(t, time.Since(start), time.Minute)
	require.Len(t, archives(sig), 30)
	whole := map[*formats.Input]bool{}
	for _, ts := range archives(sig) {
		require.Len(t, ts.Signature.References, 3)
		whole[ts.Signature.References[2].Whole] = true
	}
	require.Len(t, whole, 1, "one object is one input, however many name it")
	require.Empty(t, misfit(t, archives(sig)[29].Signature))
}

// countingReader counts what is read of a detached document.
type countingReader struct {
	size int64
	read *int64
}

func (c countingReader) ReadAt(b []byte, off int64) (int, error) {
	n := min(int64(len(b)), c.size-off)
	*c.read += n
	if n < int64(len(b)) {
		return int(n), io.EOF
	}
	return int(n), nil
}

// A detached document of any size is streamed, and digested once for all
// archive time-stamps of the third kind.
func TestDetachedContentIsStreamed(t *testing.T) {
	l := newLab(t)
	sd := l.signed(false)
	const size = 64 << 20
	h := sha256.New()
	_, err := io.CopyN(h, zeros{}, size)
	require.NoError(t, err)
	kind := elements(t, sd.parts[2])[0]
	index := l.index(sd, hashIndexV3)
	token := split(t, l.token(bytes.Join([][]byte{kind, h.Sum(nil), sd.head(), index}, nil)))
	raw := token.add(attribute(t, hashIndexV3, index)).join(t)
	sd.add(attribute(t, cms.OIDArchiveTimestampV3, raw, raw, raw))
	var read int64
	large := formats.Input{Name: "large", ReaderAt: countingReader{size, &read}, Size: size}
	doc := parse(t, input("sig", sd.join(t), large))
	require.Zero(t, read, "nothing is read before it is asked for")
	for _, ts := range archives(doc.Signatures[0]) {
		require.Empty(t, misfit(t, ts.Signature))
	}
	require.EqualValues(t, size, read)
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
