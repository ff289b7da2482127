package crl

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"tamga/pki"
)

// ErrIssuer says that a certificate may not have issued a list: it has another
// name, or may not sign lists.
var ErrIssuer = errors.New("not the issuer of the list")

// Verify returns nil if issuer has signed the list and may sign lists. Whether
// issuer itself is to be believed, the caller decides. The error wraps
// [ErrIssuer], [pki.ErrInvalidSignature] or [pki.ErrUnknownAlgorithm].
func (l *List) Verify(issuer *x509.Certificate) error {
	if !pki.SameName(l.RawIssuer, issuer.RawSubject) {
		return fmt.Errorf("verifying a CRL: %s has another name: %w", issuer.Subject, ErrIssuer)
	}
	// RFC 5280 §6.3.3 (f): if the key usage is said, cRLSign must be in it.
	if issuer.KeyUsage&x509.KeyUsageCRLSign == 0 && saysKeyUsage(issuer) {
		return fmt.Errorf("verifying a CRL: the key of %s may not sign CRLs: %w", issuer.Subject, ErrIssuer)
	}
	algorithm, err := pki.ParseAlgorithmIdentifier(l.algorithm, pki.UnknownHash)
	if err != nil {
		return fmt.Errorf("verifying a CRL of %s: %w", issuer.Subject, err)
	}
	if err := pki.Verify(issuer.PublicKey, algorithm, l.RawTBS, l.signature); err != nil {
		return fmt.Errorf("verifying a CRL of %s: %w", issuer.Subject, err)
	}
	return nil
}

// Algorithm returns what the list was signed with; the error is that of
// [pki.ParseAlgorithmIdentifier].
func (l *List) Algorithm() (pki.Algorithm, error) {
	return pki.ParseAlgorithmIdentifier(l.algorithm, pki.UnknownHash)
}

func saysKeyUsage(cert *x509.Certificate) bool {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oidKeyUsage) {
			return true
		}
	}
	return false
}

// Set is lists that are at hand. It is a [pki.RevocationSource], and safe for
// concurrent use.
type Set struct{ lists []*List }

// NewSet reads DER lists. It fails if one of them is not to be read, because
// whoever supplied it relies on it.
func NewSet(lists ...[]byte) (*Set, error) {
	s := &Set{}
	for i, der := range lists {
		l, err := Parse(der)
		if err != nil {
			return nil, fmt.Errorf("list %d of %d: %w", i+1, len(lists), err)
		}
		s.lists = append(s.lists, l)
	}
	return s, nil
}

// Revocation returns the lists that carry the name of cert's issuer, unjudged.
func (s *Set) Revocation(_ context.Context, cert, _ *x509.Certificate) ([]pki.Revocation, error) {
	var out []pki.Revocation
	for _, l := range s.lists {
		if bytes.Equal(l.RawIssuer, cert.RawIssuer) || pki.SameName(l.RawIssuer, cert.RawIssuer) {
			out = append(out, pki.Revocation{Kind: pki.CRL, Raw: l.Raw, Source: "list at hand"})
		}
	}
	return out, nil
}
