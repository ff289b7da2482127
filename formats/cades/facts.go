package cades

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// SignatureFacts is what signer i of sd says. content opens what
// message-digest is over: nil if it was not supplied. The bytes of a detached
// signature are the caller's to name; see sd.Attached.
func SignatureFacts(sd *cms.SignedData, i int, content func() io.Reader) formats.Signature {
	sig := signerFacts(&sd.Signers[i], "content", content)
	sig.Kind = kind(sd, &sd.Signers[i])
	sig.Evidence = evidence(sd)
	sig.Coverage = formats.Coverage{Whole: true}
	for _, d := range sd.Defects {
		sig.Defects = append(sig.Defects, formats.Defect(d))
	}
	s := &sd.Signers[i]
	if s.Signed != nil && s.SignedContentType() != sd.ContentType {
		sig.Defects = append(sig.Defects, formats.Defect{
			Clause: "RFC 5652 11.1", Text: "the signed content-type is not that of the content", Fatal: true})
	}
	sig.readStamps(s, content)
	sig.readCounters(s, sd)
	return sig.Signature
}

// facts adds the reading of attributes to a Signature.
type facts struct{ formats.Signature }

// signerFacts reads what stands in a SignerInfo alone.
func signerFacts(s *cms.SignerInfo, name string, content func() io.Reader) *facts {
	f := &facts{formats.Signature{
		Algorithm: s.Algorithm, Signed: s.Signed, Value: s.Value,
		Signer: formats.CertificateRef{Issuer: s.Issuer, Serial: s.Serial, KeyID: s.KeyID},
		References: []formats.Reference{{
			Name: name, Hash: s.DigestAlgorithm, Want: s.MessageDigest(), Open: content,
		}},
	}}
	for _, d := range s.Defects {
		f.Defects = append(f.Defects, formats.Defect(d))
	}
	if s.Signed == nil {
		f.fatal("EN 319 122-1 6.3", "there are no signed attributes")
	}
	if s.AlgorithmError != nil {
		f.Defects = append(f.Defects, formats.Defect{Clause: "RFC 5652 5.3", Text: s.AlgorithmError.Error()})
	}
	f.readCertificateID(s)
	f.Claims.Time = signingTime(s)
	f.Claims.Policy = policy(s)
	return f
}

func (f *facts) fatal(clause, text string) {
	f.Defects = append(f.Defects, formats.Defect{Clause: clause, Text: text, Fatal: true})
}

// readCertificateID reads the signing-certificate attribute (EN 319 122-1
// §5.2.2), the one statement about the certificate that is signed.
func (f *facts) readCertificateID(s *cms.SignerInfo) {
	id, err := s.SigningCertificate()
	if err != nil {
		f.fatal("RFC 5035 3", "the signing-certificate attribute cannot be read")
		return
	}
	if id == nil {
		return
	}
	f.Signer.Attribute, f.Signer.Hash, f.Signer.Digest = true, id.Hash, id.Digest
	if id.Serial == nil {
		return
	}
	// The attribute may name the certificate a second time: both must agree.
	if s.Serial != nil && (id.Serial.Cmp(s.Serial) != 0 || id.Issuer != nil && !bytes.Equal(id.Issuer, s.Issuer)) {
		f.fatal("RFC 5035 5", "signing-certificate and the signer identifier name different certificates")
	}
	if s.Serial == nil && id.Issuer != nil {
		f.Signer.Issuer, f.Signer.Serial = id.Issuer, id.Serial
	}
}

// signingTime reads the claimed time (RFC 5652 §11.3).
func signingTime(s *cms.SignerInfo) time.Time {
	in := cryptobyte.String(s.SignedValue(cms.OIDSigningTime))
	var t time.Time
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		if !in.ReadASN1UTCTime(&t) {
			return time.Time{}
		}
		return t.UTC()
	}
	if !in.ReadASN1GeneralizedTime(&t) {
		return time.Time{}
	}
	return t.UTC()
}

const oidSignaturePolicy = "1.2.840.113549.1.9.16.2.15"

// policy reads the identifier of signature-policy-identifier (§5.2.9.1); the
// implied policy, a NULL, has none.
func policy(s *cms.SignerInfo) string {
	return firstOID(s.SignedValue(oidSignaturePolicy))
}

// kind tells people what the signature is: CAdES is what says which
// certificate it is by.
func kind(sd *cms.SignedData, s *cms.SignerInfo) string {
	name := "CMS (PKCS #7)"
	if id, err := s.SigningCertificate(); err == nil && id != nil {
		name = "CAdES"
	}
	if sd.ContentType == cms.OIDTSTInfo {
		return "time-stamp token (RFC 3161)"
	}
	if sd.Attached {
		return name + " attached"
	}
	return name + " detached"
}

func evidence(sd *cms.SignedData) formats.Evidence {
	ev := formats.Evidence{Certificates: sd.Certificates}
	for _, raw := range sd.CRLs {
		ev.Revocations = append(ev.Revocations, pki.Revocation{Kind: pki.CRL, Raw: raw, Source: "the signature"})
	}
	for _, raw := range sd.OCSPs {
		ev.Revocations = append(ev.Revocations, pki.Revocation{Kind: pki.OCSP, Raw: raw, Source: "the signature"})
	}
	return ev
}

// readStamps reads the time-stamps over the value (EN 319 122-1 §5.3.1) and
// over the content (§5.2.8). One that cannot be read is kept with a fatal
// defect: it proves nothing, and must not be passed over in silence.
func (f *facts) readStamps(s *cms.SignerInfo, content func() io.Reader) {
	value := func() io.Reader { return bytes.NewReader(s.Value) }
	for _, raw := range s.UnsignedValues(cms.OIDSignatureTimestamp) {
		f.addStamp(formats.SignatureTimestamp, raw, value)
	}
	for _, a := range s.SignedAttrs {
		for _, raw := range a.Values {
			if a.OID == cms.OIDContentTimestamp {
				f.addStamp(formats.ContentTimestamp, raw, content)
			}
		}
	}
}

// maxStamps bounds what a stranger can make a verifier do.
const maxStamps = 32

func (f *facts) addStamp(k formats.TimestampKind, raw []byte, covered func() io.Reader) {
	if len(f.Evidence.Timestamps) == maxStamps {
		f.fatal("EN 319 122-1 5.3.1", fmt.Sprintf("more than %d time-stamps", maxStamps))
		return
	}
	ts, err := ParseTimestamp(k, raw, covered)
	if err != nil {
		ts = formats.Timestamp{Kind: k, Raw: raw, Signature: formats.Signature{
			Name: string(k) + " time-stamp", Kind: "time-stamp token (RFC 3161)",
			Defects: []formats.Defect{{Clause: "RFC 3161 2.4.2", Text: err.Error(), Fatal: true}},
		}}
	}
	f.Evidence.Timestamps = append(f.Evidence.Timestamps, ts)
}

// readCounters reads counter-signatures (EN 319 122-1 §5.2.7): signatures whose
// content is this signature's value.
func (f *facts) readCounters(s *cms.SignerInfo, sd *cms.SignedData) {
	for i, raw := range s.UnsignedValues(cms.OIDCounterSignature) {
		if i == maxStamps {
			f.fatal("EN 319 122-1 5.2.7", fmt.Sprintf("more than %d counter-signatures", maxStamps))
			return
		}
		counter, err := cms.ParseCounterSignature(raw)
		if err != nil {
			f.Defects = append(f.Defects, formats.Defect{Clause: "RFC 5652 11.4", Text: err.Error()})
			continue
		}
		c := signerFacts(&counter, "the countersigned value", func() io.Reader { return bytes.NewReader(s.Value) })
		c.Kind, c.Name = "counter-signature", fmt.Sprintf("counter-signature %d", i+1)
		c.Evidence, c.Coverage = evidence(sd), formats.Coverage{Whole: true}
		f.Counter = append(f.Counter, c.Signature)
	}
}
