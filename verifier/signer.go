package verifier

import (
	"bytes"
	"crypto/x509"
	"strings"

	"tamga/formats"
	"tamga/verifier/report"
)

// signerChecks is the identification of the signing certificate, EN 319 102-1
// §5.2.3.
var signerChecks = []check{
	{"signer.found", "EN 319 102-1 5.2.3", report.NoSigningCertificateFound, signerFound},
	{"signer.attribute", "EN 319 122-1 5.2.2", report.SigConstraintsFailure, signerBound},
}

// signerFound takes the one certificate that agrees with everything that the
// signature says of it, never one by its place: whoever may reorder or add to
// the unsigned certificates of a CMS could else choose who signed.
func signerFound(t *trial) finding {
	ref := t.sig.Signer
	if ref.Certificate == nil && ref.Issuer == nil && len(ref.KeyID) == 0 && len(ref.Digest) == 0 {
		return no("the signature names no certificate")
	}
	var found *x509.Certificate
	for _, c := range t.candidates() {
		if !agrees(ref, c) {
			continue
		}
		if found != nil {
			return no("several certificates fit the signature's reference")
		}
		found = c
	}
	if found == nil {
		return no("none of the certificates that came with it fits the signature's reference")
	}
	t.signer = found
	return yes("%s", t.subject(found))
}

// candidates are the certificates that may be the signer's.
func (t *trial) candidates() []*x509.Certificate {
	if c := t.sig.Signer.Certificate; c != nil {
		return []*x509.Certificate{t.shared.memo.pki.Intern(c)}
	}
	return t.pool.certificates
}

// agrees reports whether every part of ref that is set fits c. The digest is
// the one part that is signed (RFC 5035 §5); issuer and serial are what CMS
// finds the certificate by (RFC 5652 §5.3).
func agrees(ref formats.CertificateRef, c *x509.Certificate) bool {
	if ref.Issuer != nil && !bytes.Equal(ref.Issuer, c.RawIssuer) {
		return false
	}
	if ref.Serial != nil && ref.Serial.Cmp(c.SerialNumber) != 0 {
		return false
	}
	if len(ref.KeyID) > 0 && !bytes.Equal(ref.KeyID, c.SubjectKeyId) {
		return false
	}
	if ref.Attribute || len(ref.Digest) > 0 {
		return ref.Hash.Known() && bytes.Equal(ref.Digest, ref.Hash.Sum(c.Raw))
	}
	return true
}

// signerBound demands the signing-certificate attribute of AdES signatures:
// without it the same value verifies under every certificate of the same key,
// also one that says another name. Signatures of PDF 1.x (adbe.pkcs7) never
// had it; they are not AdES, and that is noted.
func signerBound(t *trial) finding {
	switch {
	case t.sig.Signer.Attribute:
		return yes("%s digest of the certificate is signed", t.sig.Signer.Hash)
	case !t.rule.Attribute:
		return skip()
	case strings.Contains(t.sig.Kind, "adbe."):
		t.note("note.signer-unbound", t.sig.Kind)
		return skip()
	}
	return no("the signing-certificate attribute is absent")
}
