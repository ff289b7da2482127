package verifier

import (
	"crypto/x509"
	"fmt"

	"tamga/pki/crl"
)

// crlSays reads a CRL about c (RFC 5280 §5, §6.3): signed by the issuer itself,
// complete for certificates of this kind. What it does not name is in force.
func crlSays(raw []byte, c, issuer *x509.Certificate) (statement, error) {
	list, err := crl.Parse(raw)
	if err != nil {
		return statement{}, fmt.Errorf("reading a CRL: %w", err)
	}
	if err := list.Verify(issuer); err != nil {
		return statement{}, err
	}
	if err := list.Covers(c); err != nil {
		return statement{}, err
	}
	s := statement{standing: inForce, updated: list.ThisUpdate, next: list.NextUpdate}
	if e, found := list.Lookup(c.SerialNumber); found {
		s.standing, s.since, s.reason = revoked, e.Time, e.Reason.String()
		if e.Reason == crl.CertificateHold {
			s.standing = onHold
		}
	}
	return s, nil
}
