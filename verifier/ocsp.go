package verifier

import (
	"crypto/x509"

	"tamga/pki"
	"tamga/pki/ocsp"
)

// ocspSays reads an OCSP response about c (RFC 6960). It accepts an answer of
// the issuer itself or of a responder whose certificate the issuer signed with
// id-kp-OCSPSigning (§4.2.2.2), valid when it answered. An answer by anybody
// else, or about a namesake's certificate of the same serial number, is none.
func ocspSays(raw []byte, c, issuer *x509.Certificate) (statement, error) {
	r, err := ocsp.Parse(raw)
	if err != nil {
		return statement{}, err
	}
	told, err := r.Judge(ocsp.Question{Certificate: c, Issuer: issuer, Verify: pki.Verify})
	if err != nil {
		return statement{}, err
	}
	s := statement{updated: told.ThisUpdate, next: told.NextUpdate, keeps: told.ArchiveCutoff}
	switch told.Status {
	case ocsp.Good:
		s.standing = inForce
	case ocsp.Revoked:
		s.standing, s.since, s.reason = revoked, told.RevokedAt, told.Reason.String()
		if told.Reason == ocsp.CertificateHold {
			s.standing = onHold
		}
	}
	return s, nil
}
