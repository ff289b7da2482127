package cades_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// archiveV2 adds an archive time-stamp over everything (RFC 5126 §6.4.1), with
// or without the header of the unsigned attributes.
func (l *lab) archiveV2(sd *signedData, id string, header bool) {
	parts := [][]byte{sd.parts[2]}
	if len(elements(l.t, sd.parts[2])) == 1 {
		parts = append(parts, l.content)
	}
	parts = append(parts, sd.parts[3], sd.parts[4], sd.head())
	if attrs := bytes.Join(sd.unsigned(l.t), nil); header {
		parts = append(parts, der(0xa1, attrs))
	} else {
		parts = append(parts, attrs)
	}
	sd.add(attribute(l.t, id, l.token(bytes.Join(parts, nil))))
}

func TestArchiveTimestampsOverEverything(t *testing.T) {
	for _, id := range []string{cms.OIDArchiveTimestamp, cms.OIDArchiveTimestampV2} {
		for _, attached := range []bool{true, false} {
			for _, header := range []bool{true, false} {
				l := newLab(t)
				sd := l.signed(attached)
				l.Now = l.Now.Add(time.Hour)
				l.archiveV2(sd, id, header)
				l.Now = l.Now.Add(time.Hour)
				l.archiveV2(sd, id, header)
				sig := l.parse(sd)
				two := archives(sig)
				require.Len(t, two, 2)
				for _, ts := range two {
					require.Empty(t, misfit(t, ts.Signature))
					for _, raw := range [][]byte{sig.Value, l.crl, l.ocsp, l.Cert("ca").Raw, sig.Evidence.Timestamps[0].Raw} {
						require.True(t, covers(ts, raw))
					}
				}
				require.False(t, covers(two[0], two[1].Raw))
				require.True(t, covers(two[1], two[0].Raw))

				sd.parts[4] = der(0xa1, l.CRL("root"))
				require.Equal(t, "message imprint does not fit", misfit(t, archives(l.parse(sd))[1].Signature))
			}
		}
	}
}

// Each makes a verifier read everything anew: there is an end to it.
func TestTooManyArchiveTimestamps(t *testing.T) {
	l := newLab(t)
	sd := l.signed(true)
	raw := l.token([]byte("x"))
	values := make([][]byte, 40)
	for i := range values {
		values[i] = raw
	}
	sd.add(attribute(t, cms.OIDArchiveTimestampV2, values...))
	sig := l.parse(sd)
	require.Len(t, sig.Evidence.Timestamps, 32)
	require.Equal(t, "more than 32 time-stamps", misfit(t, sig))

	// The same with many signers, each of whom has few.
	signer := der(0x30, sd.signer...)
	sd.parts[len(sd.parts)-1] = nil
	all := make([][]byte, 3)
	for i := range all {
		all[i] = signer
	}
	sd.parts[len(sd.parts)-1] = der(0x31, all...)
	doc := parse(t, input("many", der(0x30, oid(t, cms.OIDSignedData), der(0xa0, der(0x30, sd.parts...)))))
	require.Len(t, doc.Signatures, 3)
	last := doc.Signatures[2].Evidence.Timestamps[31].Signature
	require.Equal(t, "more than 32 archive time-stamps over everything", misfit(t, last))
}

// Time-stamps on tokens on tokens end, and say so.
func TestNestedTimestamps(t *testing.T) {
	l := newLab(t)
	token := l.token([]byte("x"))
	for range 8 {
		inner := split(t, l.token([]byte("x")))
		token = inner.add(attribute(t, cms.OIDSignatureTimestamp, token)).join(t)
	}
	sig := l.parse(l.signed(true).add(attribute(t, cms.OIDArchiveTimestampV2, token)))
	at, depth := &archives(sig)[0].Signature, 1
	for len(at.Evidence.Timestamps) > 0 {
		at, depth = &at.Evidence.Timestamps[0].Signature, depth+1
	}
	require.Equal(t, 4, depth)
	require.Equal(t, "time-stamps on time-stamps, more than 4 deep", misfit(t, *at))
}

// reference is OtherHash in a list of references.
func reference(raw []byte) []byte {
	return der(0x30, der(0x30, pki.SHA256.AlgorithmIdentifier(), der(0x04, pki.SHA256.Sum(raw))))
}

// complete adds the references and values of CAdES-X Long.
func (l *lab) complete(sd *signedData) {
	ca, basic := l.Cert("ca").Raw, bytes.Clone(l.ocsp)
	sd.add(attribute(l.t, cms.OIDCertificateReferences, der(0x30, reference(ca), reference([]byte("another")))),
		attribute(l.t, cms.OIDRevocationReferences, der(0x30, der(0x30,
			der(0xa0, der(0x30, der(0x30, reference(l.crl)))),
			der(0xa1, der(0x30, der(0x30,
				der(0x30, der(0x30), der(0x30, pki.SHA256.AlgorithmIdentifier(), der(0x04, pki.SHA256.Sum(basic)))),
				der(0x30, der(0x30)))))))),
		attribute(l.t, cms.OIDCertificateValues, der(0x30, ca, l.Cert("root").Raw)),
		attribute(l.t, cms.OIDRevocationValues, der(0x30, der(0xa0, der(0x30, l.crl)), der(0xa1, der(0x30, basic)))))
}

func TestTimestampsOverReferences(t *testing.T) {
	for _, standing := range []bool{true, false} {
		l := newLab(t)
		sd := l.signed(true)
		sd.parts = append(sd.parts[:4:4], sd.parts[5]) // no crls
		l.complete(sd)
		attrs := sd.unsigned(t)
		if standing {
			slices.Reverse(attrs)
			sd.signer[len(sd.signer)-1] = der(0xa1, attrs...)
		}
		content := map[string][]byte{}
		var all []byte
		for _, a := range attrs {
			parts := bytes.Join(elements(t, a), nil)
			for _, id := range []string{cms.OIDSignatureTimestamp, cms.OIDCertificateReferences, cms.OIDRevocationReferences} {
				if bytes.HasPrefix(parts, oid(t, id)) {
					content[id], all = parts, append(all, parts...)
				}
			}
		}
		require.Len(t, content, 3)
		value := split(t, sd.join(t)).signer[5]
		value = value[len(value)-int(value[1]):]
		refs := append(bytes.Clone(content[cms.OIDCertificateReferences]), content[cms.OIDRevocationReferences]...)
		first := append(bytes.Clone(content[cms.OIDSignatureTimestamp]), refs...)
		if standing {
			first = all
		}
		sd.add(attribute(t, cms.OIDCompleteTimestamp, l.token(append(bytes.Clone(value), first...))),
			attribute(t, cms.OIDReferencesTimestamp, l.token(refs)))
		sig := l.parse(sd)
		require.Empty(t, sig.Defects)
		stamps := archives(sig)
		require.Len(t, stamps, 2)
		for i, ts := range stamps {
			require.Equal(t, formats.EvidenceTimestamp, ts.Kind)
			require.Empty(t, misfit(t, ts.Signature))
			for what, raw := range map[string][]byte{"CA": l.Cert("ca").Raw, "CRL": l.crl, "OCSP": l.ocsp} {
				require.True(t, covers(ts, raw), what)
			}
			require.False(t, covers(ts, l.Cert("root").Raw), "root is among the values, but is not referred to")
			require.Equal(t, i == 0, covers(ts, sig.Value), "CAdES-X type 2 is not over the signature")
			require.Equal(t, i == 0, covers(ts, sig.Evidence.Timestamps[0].Raw))
		}
		require.Equal(t, "revocation-values", sig.Evidence.Revocations[0].Source)
		require.Len(t, sig.Evidence.Revocations, 2)
		require.Len(t, sig.Evidence.Certificates, 3)
	}
}

// A signature time-stamp proves that the signer's certificate was there: its
// digest is signed. It proves nothing of the other certificates, which anybody
// can put beside it.
func TestSignatureTimestampCovers(t *testing.T) {
	l := newLab(t)
	sd := l.signed(true)
	l.complete(sd)
	sig := l.parse(sd)
	ts := sig.Evidence.Timestamps[0]
	require.Equal(t, formats.SignatureTimestamp, ts.Kind)
	require.Equal(t, []formats.Object{formats.ObjectOf(sig.Value), formats.ObjectOf(l.Cert("p256").Raw)}, ts.Covers)
}

// withSigned puts an attribute among the signed ones. The value no longer
// holds, which is not what is read here.
func (sd *signedData) withSigned(t testing.TB, attr []byte) *signedData {
	attrs := elements(t, sd.signer[3])
	sd.signer[3] = der(0xa0, append(attrs, attr)...)
	return sd
}

// Adobe's revocation information and content time-stamps are signed, so a
// stamp over the value proves that they were there.
func TestSignedEvidence(t *testing.T) {
	l := newLab(t)
	sd := l.signed(true)
	sd.parts = append(sd.parts[:4:4], sd.parts[5])
	before := l.token(l.content)
	sd.withSigned(t, attribute(t, cms.OIDAdobeRevocation, der(0x30, der(0xa0, der(0x30, l.crl)), der(0xa1, der(0x30, l.ocsp)))))
	sd.withSigned(t, attribute(t, cms.OIDContentTimestamp, before))
	sig := l.parse(sd)
	require.Len(t, sig.Evidence.Revocations, 2)
	require.Equal(t, "adobe-revocation-information", sig.Evidence.Revocations[1].Source)
	ts := sig.Evidence.Timestamps[0]
	require.Equal(t, formats.SignatureTimestamp, ts.Kind)
	for _, raw := range [][]byte{l.crl, l.ocsp, before} {
		require.True(t, covers(ts, raw))
	}
	require.Equal(t, formats.ContentTimestamp, sig.Evidence.Timestamps[1].Kind)
	require.Empty(t, misfit(t, sig.Evidence.Timestamps[1].Signature))
	require.Empty(t, sig.Evidence.Timestamps[1].Covers)
}

// What a token brings along is kept with the token.
func TestEvidenceInTokens(t *testing.T) {
	l := newLab(t)
	token := split(t, l.token([]byte("x")))
	token.parts = append(append(token.parts[:4:4], der(0xa1, l.crl)), token.parts[4])
	token.add(attribute(t, cms.OIDCertificateValues, der(0x30, l.Cert("root").Raw)),
		attribute(t, cms.OIDRevocationValues, der(0x30, der(0xa1, der(0x30, l.ocsp)))))
	sig := l.parse(l.signed(true).add(attribute(t, cms.OIDSignatureTimestamp, token.join(t))))
	inner := sig.Evidence.Timestamps[1].Signature.Evidence
	require.Contains(t, inner.Certificates, l.Cert("root"))
	require.Equal(t, []pki.Revocation{
		{Kind: pki.CRL, Raw: l.crl, Source: "the time-stamp"},
		{Kind: pki.OCSP, Raw: l.ocsp, Source: "revocation-values"},
	}, inner.Revocations)
}

// Evidence that cannot be read is told, and takes nothing else with it.
func TestEvidenceThatCannotBeRead(t *testing.T) {
	l := newLab(t)
	many := make([][]byte, 1001)
	for i := range many {
		many[i] = der(0x30, der(0x02, []byte{byte(i >> 8), byte(i)}))
	}
	half := many[:700]
	for name, c := range map[string]struct {
		attributes [][]byte
		defect     string
	}{
		"no certificate": {[][]byte{attribute(t, cms.OIDCertificateValues, der(0x30, der(0x30), l.Cert("root").Raw))},
			"a certificate of 2 bytes cannot be read"},
		"no list": {[][]byte{attribute(t, cms.OIDCertificateValues, der(0x04))}, "certificate-values"},
		"other values": {[][]byte{attribute(t, cms.OIDRevocationValues, der(0x30, der(0xa2)))},
			"in a form that is not known"},
		"behind the end": {[][]byte{attribute(t, cms.OIDRevocationValues, der(0x30, der(0xa1, der(0x30)), der(0xa0, der(0x30))))},
			"after the end of revocation-values"},
		"too many in one": {[][]byte{attribute(t, cms.OIDRevocationValues, der(0x30, der(0xa0, der(0x30, many...))))},
			"over 1000 CRLs"},
		"too many in all": {[][]byte{attribute(t, cms.OIDRevocationValues, der(0x30, der(0xa0, der(0x30, half...)), der(0xa1, der(0x30, half...))),
			der(0x30, der(0xa0, der(0x30, half...))))}, "more than 2000 certificates and pieces of revocation information"},
		"bad references": {[][]byte{attribute(t, cms.OIDCertificateReferences, der(0x30, der(0x04))),
			attribute(t, cms.OIDReferencesTimestamp, l.token(nil))}, "reference is missing"},
		"unknown choice": {nil, "revocation information in a form that is not known"},
	} {
		sd := l.signed(true).add(c.attributes...)
		if c.attributes == nil {
			sd.parts[4] = der(0xa1, der(0xa1, oid(t, "1.2.3.4"), der(0x30)))
		}
		sig := l.parse(sd)
		var told []string
		for _, d := range sig.Defects {
			require.False(t, d.Fatal, d.Text)
			told = append(told, d.Text)
		}
		require.Contains(t, strings.Join(told, "\n"), c.defect, name)
		require.Empty(t, misfit(t, sig.Evidence.Timestamps[0].Signature), name)
	}
}

// Stamps that name thousands of objects in a few bytes each do not fill the
// memory: what they are said to cover is bounded by the size of the file.
func TestCoveringTooMuch(t *testing.T) {
	l := newLab(t)
	token := split(t, l.token([]byte("x")))
	many := make([][]byte, 1000)
	for i := range many {
		many[i] = der(0x30, der(0x02, []byte{byte(i >> 8), byte(i)}))
	}
	token.parts = append(append(token.parts[:4:4], der(0xa1, many...)), token.parts[4])
	sd := l.signed(true).add(attribute(t, cms.OIDSignatureTimestamp, token.join(t)))
	index := l.index(sd, hashIndexV3)
	for range 28 {
		l.archiveV3(sd, hashIndexV3, index)
	}
	sig := l.parse(sd)
	covered := 0
	for _, ts := range archives(sig) {
		covered += len(ts.Covers)
	}
	require.Less(t, covered, 2000+len(sd.join(t))/16)
	require.Empty(t, misfit(t, archives(sig)[0].Signature))
	require.Equal(t, "the time-stamps cover too much", misfit(t, archives(sig)[27].Signature))
}

// A signer whose two signing-certificate attributes mean two certificates has
// two names, and each program tells another.
func TestTwoSigningCertificates(t *testing.T) {
	l := newLab(t)
	for who, fatal := range map[string]bool{"p256": false, "ca": true, "root": true} {
		digest := pki.SHA1.Sum(l.Cert(who).Raw)
		attr := attribute(t, cms.OIDSigningCertificate, der(0x30, der(0x30, der(0x30, der(0x04, digest)))))
		got := misfit(t, l.parse(l.signed(true).withSigned(t, attr)))
		require.Equal(t, fatal, got == "signing-certificate and signing-certificate-v2 mean different certificates", "%s: %s", who, got)
	}
}
