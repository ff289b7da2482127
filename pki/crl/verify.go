package crl

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"

	"tamga/pki"
)

// ErrIssuer says that a certificate may not have issued a list: it has another
// name, or may not sign lists.
var ErrIssuer = errors.New("not the issuer of the list")

// Verify returns nil if issuer has signed the list and may sign lists. Whether
// issuer itself is to be believed, the caller decides. The error wraps
// [ErrIssuer], [pki.ErrInvalidSignature] or [pki.ErrUnknownAlgorithm], or is
// that of the file that the list is in.
func (l *List) Verify(issuer *x509.Certificate, verify pki.VerifyFunc) error {
	if !pki.SameName(l.RawIssuer, issuer.RawSubject) {
		return fmt.Errorf("verifying a CRL: %s has another name: %w", issuer.Subject, ErrIssuer)
	}
	// RFC 5280 §6.3.3 (f): if the key usage is said, cRLSign must be in it.
	if !pki.AllowsKeyUsage(issuer, x509.KeyUsageCRLSign) {
		return fmt.Errorf("verifying a CRL: the key of %s may not sign CRLs: %w", issuer.Subject, ErrIssuer)
	}
	algorithm, err := l.Algorithm()
	if err == nil {
		err = l.verify(issuer, algorithm, verify)
	}
	if err != nil {
		return fmt.Errorf("verifying a CRL of %s: %w", issuer.Subject, err)
	}
	return nil
}

// verify reads the signed bytes of a list in a file once, and keeps none of
// them if the algorithm signs a digest.
func (l *List) verify(issuer *x509.Certificate, algorithm pki.Algorithm, verify pki.VerifyFunc) error {
	size := l.tbs.end - l.tbs.at
	if l.tbs.memory != nil || !algorithm.Prehashed() {
		if size > MaxSize {
			return fmt.Errorf("%d bytes for an algorithm that signs the whole: %w", size, ErrTooLarge)
		}
		tbs := l.tbs
		message, err := tbs.bytes(size)
		if err != nil {
			return err
		}
		return verify(issuer.PublicKey, algorithm, message, l.signature)
	}
	h := algorithm.Hash().New()
	if _, err := io.Copy(h, io.NewSectionReader(l.tbs.r, l.tbs.at, size)); err != nil {
		return fmt.Errorf("reading the signed bytes: %w", err)
	}
	return pki.VerifyDigest(issuer.PublicKey, algorithm, h.Sum(nil), l.signature)
}

// Algorithm returns what the list was signed with; the error is that of
// [pki.ParseAlgorithmIdentifier].
func (l *List) Algorithm() (pki.Algorithm, error) {
	return pki.ParseAlgorithmIdentifier(l.algorithm, pki.UnknownHash)
}

// Set is lists that are at hand. It is a [pki.RevocationSource], and safe for
// concurrent use.
type Set struct {
	lists []*List
	found pki.Generations[*x509.Certificate, []pki.Revocation]
}

// remembered is for how many certificates a Set remembers which lists are
// theirs: names are compared by their meaning, which takes its time.
const remembered = 4096

// NewSet reads DER lists. It fails if one of them is not to be read, because
// whoever supplied it relies on it.
func NewSet(lists ...[]byte) (*Set, error) {
	s := &Set{}
	s.found.Limit = remembered
	for i, der := range lists {
		l, err := Parse(der)
		if err != nil {
			return nil, fmt.Errorf("list %d of %d: %w", i+1, len(lists), err)
		}
		s.lists = append(s.lists, l)
	}
	return s, nil
}

// Revocation returns the lists whose issuer cert names, as its own issuer or as
// that of a list about it, unjudged.
func (s *Set) Revocation(_ context.Context, cert, _ *x509.Certificate) ([]pki.Revocation, error) {
	if known, ok := s.found.Get(cert); ok {
		return known, nil
	}
	names := [][]byte{cert.RawIssuer}
	// What cannot be read names nobody: Covers says so of each list.
	if points, err := certificatePoints(cert); err == nil {
		for _, p := range points {
			names = append(names, p.issuers...)
		}
	}
	var out []pki.Revocation
	for _, l := range s.lists {
		for _, name := range names {
			if pki.SameName(l.RawIssuer, name) {
				out = append(out, pki.Revocation{Kind: pki.CRL, Raw: l.Raw, Source: "list at hand"})
				break
			}
		}
	}
	s.found.Put(cert, out)
	s.found.Put(cert, out)
	return out, nil
}
