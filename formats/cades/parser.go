package cades

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"

	"tamga/formats"
	"tamga/pki/cms"
)

// Parser reads CMS signatures, DER, BER or PEM.
type Parser struct{}

// ID returns [formats.CAdES].
func (Parser) ID() formats.ID { return formats.CAdES }

// signedDataOID is id-signedData with its header.
var signedDataOID = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// Sniff looks for a SEQUENCE that begins with id-signedData, or for the PEM
// labels of RFC 7468 §8 and §9.
func (Parser) Sniff(head []byte) bool {
	if bytes.HasPrefix(head, []byte("-----BEGIN CMS-----")) || bytes.HasPrefix(head, []byte("-----BEGIN PKCS7-----")) {
		return true
	}
	// The length takes 1 to 9 octets.
	return len(head) > 2 && head[0] == 0x30 && bytes.Contains(head[:min(len(head), 2+9+len(signedDataOID))], signedDataOID)
}

// Parse reads every signer. Content of a detached signature is in.Detached[0].
func (Parser) Parse(in formats.Input) (*formats.Document, error) {
	raw, err := read(in)
	if err != nil {
		return nil, err
	}
	sd, err := parse(in, raw)
	if err != nil {
		return nil, err
	}
	return describe(sd, in), nil
}

// unarmour returns what is in the PEM, if it is one.
func unarmour(raw []byte) ([]byte, error) {
	if !bytes.HasPrefix(raw, []byte("-----BEGIN ")) {
		return raw, nil
	}
	block, rest := pem.Decode(raw)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, fmt.Errorf("reading a CMS: bad PEM: %w", formats.ErrMalformed)
	}
	return block.Bytes, nil
}

func parse(in formats.Input, raw []byte) (*cms.SignedData, error) {
	sd, err := cms.ParseWith(in.Memo, raw)
	if err != nil {
		kind := formats.ErrMalformed
		if errors.Is(err, cms.ErrTooLarge) {
			kind = formats.ErrTooLarge
		}
		return nil, fmt.Errorf("reading a CMS: %w: %w", kind, err)
	}
	return sd, nil
}

func describe(sd *cms.SignedData, in formats.Input) *formats.Document {
	doc := &formats.Document{Format: formats.CAdES, Title: title(sd)}
	whole, open := content(sd, in)
	r := newReading(sd, open, 0)
	for i := range sd.Signers {
		sig := r.signature(i)
		sig.Name = fmt.Sprintf("signature %d", i+1)
		switch {
		case sd.ContentType == cms.OIDTSTInfo:
			sig = standaloneStamp(sig, sd, in)
		case whole != nil:
			sig.References[0].Name = whole.Name
			Over(&sig, whole, formats.Part{})
			sig.References = append(sig.References, besides(sd, sig.References[0], in)...)
		}
		doc.Signatures = append(doc.Signatures, sig)
	}
	doc.Detached = used(sd, in)
	if !in.Judged {
		doc.Facts = inspect(sd)
	}
	return doc
}

// Over says of the references to the content which part of which input it is.
func Over(sig *formats.Signature, in *formats.Input, part formats.Part) {
	sig.References[0].Whole, sig.References[0].Part = in, part
	for i := range sig.Evidence.Timestamps {
		if ts := &sig.Evidence.Timestamps[i]; ts.Kind == formats.ContentTimestamp {
			OverStamp(ts, in, part)
		}
	}
}

// OverStamp is [Over] for a time-stamp over the content.
func OverStamp(ts *formats.Timestamp, in *formats.Input, part formats.Part) {
	if refs := ts.Signature.References; len(refs) > imprint {
		refs[imprint].Whole, refs[imprint].Part = in, part
	}
}

// besides are the files that came with a signature which holds its content:
// each must be that content. Otherwise a good signature over one document,
// laid beside another under a fitting name, would speak for both.
func besides(sd *cms.SignedData, inner formats.Reference, in formats.Input) []formats.Reference {
	var out []formats.Reference
	for i := range in.Detached {
		if d := &in.Detached[i]; sd.Attached {
			out = append(out, formats.Reference{Name: d.Name, Hash: inner.Hash, Want: inner.Want, Open: d.Reader, Whole: d})
		}
	}
	return out
}

// used names the inputs that references are over: all beside attached content,
// else the first.
func used(sd *cms.SignedData, in formats.Input) []string {
	var out []string
	for i, d := range in.Detached {
		if i == 0 || sd.Attached && sd.ContentType != cms.OIDTSTInfo {
			out = append(out, d.Name)
		}
	}
	return out
}

// content is what the signatures are over: what is inside or, for a detached
// signature, what came with it; nil if nothing did.
func content(sd *cms.SignedData, in formats.Input) (*formats.Input, func() io.Reader) {
	switch {
	case sd.Attached:
		whole := &formats.Input{Name: "content", ReaderAt: bytes.NewReader(sd.Content), Size: int64(len(sd.Content))}
		return whole, whole.Reader
	case len(in.Detached) > 0:
		return &in.Detached[0], in.Detached[0].Reader
	}
	return nil, nil
}

// standaloneStamp is a token that came as a file: what it stamps is what came
// with it.
func standaloneStamp(sig formats.Signature, sd *cms.SignedData, in formats.Input) formats.Signature {
	var covered func() io.Reader
	if len(in.Detached) > 0 {
		covered = in.Detached[0].Reader
	}
	ts, err := ParseTimestampWith(in.Memo, formats.ContentTimestamp, sd.Raw, covered)
	if err != nil {
		sig.Defects = append(sig.Defects, formats.Defect{Clause: "RFC 3161 2.4.2", Text: err.Error(), Fatal: true})
		return sig
	}
	ts.Signature.Name, ts.Signature.Claims.Time = sig.Name, ts.Time
	return ts.Signature
}

func title(sd *cms.SignedData) string {
	what := "CMS signature, detached"
	switch {
	case sd.ContentType == cms.OIDTSTInfo:
		what = "RFC 3161 time-stamp token"
	case sd.Attached:
		what = fmt.Sprintf("CMS signature with its content of %d bytes", len(sd.Content))
	}
	if n := len(sd.Signers); n != 1 {
		what += fmt.Sprintf(", %d signers", n)
	}
	return what
}

// attributeNames are what inspect calls attributes.
var attributeNames = map[string]string{
	cms.OIDContentType: "content-type", cms.OIDMessageDigest: "message-digest", cms.OIDSigningTime: "signing-time",
	cms.OIDCounterSignature: "counter-signature", cms.OIDAlgorithmProtection: "algorithm-protection",
	cms.OIDSigningCertificate: "signing-certificate", cms.OIDSigningCertificateV2: "signing-certificate-v2",
	cms.OIDSignatureTimestamp: "signature-time-stamp", cms.OIDContentTimestamp: "content-time-stamp",
	oidSignaturePolicy:           "signature-policy-identifier",
	"1.2.840.113549.1.9.15":      "smime-capabilities",
	oidCommitment:                "commitment-type-indication",
	oidSignerLocation:            "signer-location",
	oidSignerAttributes:          "signer-attributes",
	oidContentHints:              "content-hints",
	oidMIMEType:                  "mime-type",
	cms.OIDCertificateReferences: "certificate-references",
	cms.OIDRevocationReferences:  "revocation-references",
	cms.OIDCertificateValues:     "certificate-values",
	cms.OIDRevocationValues:      "revocation-values",
	cms.OIDCompleteTimestamp:     "cades-c-time-stamp",
	cms.OIDReferencesTimestamp:   "references-time-stamp",
	cms.OIDArchiveTimestamp:      "archive-time-stamp",
	cms.OIDArchiveTimestampV2:    "archive-time-stamp-v2",
	cms.OIDArchiveTimestampV3:    "archive-time-stamp-v3",
	cms.OIDAdobeRevocation:       "adobe-revocation-information",
	oidSignerAttributesV2:        "signer-attributes-v2",
	oidInternalEvidence:          "evidence-record (internal)",
	oidExternalEvidence:          "evidence-record (external)",
}

func inspect(sd *cms.SignedData) []formats.Fact {
	out := []formats.Fact{
		{Name: "version", Value: fmt.Sprint(sd.Version)},
		{Name: "content type", Value: sd.ContentType},
	}
	for i := range sd.Signers {
		s := &sd.Signers[i]
		name := fmt.Sprintf("signer %d ", i+1)
		out = append(out,
			formats.Fact{Name: name + "algorithm", Value: s.Algorithm.String()},
			formats.Fact{Name: name + "digest", Value: s.DigestAlgorithm.String()},
			formats.Fact{Name: name + "signed attributes", Value: names(s.SignedAttrs)},
			formats.Fact{Name: name + "unsigned attributes", Value: names(s.UnsignedAttrs)})
	}
	for i, c := range sd.Certificates {
		out = append(out, formats.Fact{Name: fmt.Sprintf("certificate %d", i+1), Value: c.Subject.String()})
	}
	crls, ocsps := 0, 0
	for _, r := range sd.Revocations {
		if r.CRL != nil {
			crls++
		}
		if r.OCSP != nil {
			ocsps++
		}
	}
	if crls+ocsps > 0 {
		out = append(out, formats.Fact{Name: "revocation information", Value: fmt.Sprintf("%d CRLs, %d OCSP responses", crls, ocsps)})
	}
	return out
}

func names(attrs []cms.Attribute) string {
	if len(attrs) == 0 {
		return "none"
	}
	var out []string
	for _, a := range attrs {
		if n, ok := attributeNames[a.OID]; ok {
			out = append(out, n)
		} else {
			out = append(out, a.OID)
		}
	}
	return strings.Join(out, ", ")
}
