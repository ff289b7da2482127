package crl

import (
	"context"
	"crypto/x509"
	"fmt"
	"slices"

	"tamga/pki"
)

// Set is lists that are at hand. It is a [pki.RevocationSource], and safe for
// concurrent use. It finds what may matter for a certificate by names, without a
// look at the other lists.
type Set struct {
	byIssuer map[string][]pki.Revocation // by pki.Name.Key
	found    pki.Generations[*x509.Certificate, []pki.Revocation]
}

// remembered is for how many certificates a Set remembers which lists are
// theirs: names are compared by their meaning, which takes its time.
const remembered = 4096

// NewSet reads DER lists. It fails if one of them is not to be read, because
// whoever supplied it relies on it.
func NewSet(lists ...[]byte) (*Set, error) {
	s := &Set{byIssuer: map[string][]pki.Revocation{}}
	s.found.Limit = remembered
	for i, der := range lists {
		l, err := Parse(der)
		if err != nil {
			return nil, fmt.Errorf("list %d of %d: %w", i+1, len(lists), err)
		}
		r := pki.Revocation{Kind: pki.CRL, Raw: l.Raw, Source: "list at hand"}
		s.byIssuer[l.issuer] = append(s.byIssuer[l.issuer], r)
	}
	return s, nil
}

// Revocation returns the lists, complete ones and deltas, whose issuer cert
// names, as its own issuer or as that of an indirect list about it, unjudged.
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
	var keys []string
	var out []pki.Revocation
	for _, name := range names {
		n, err := pki.ParseName(name)
		if err != nil {
			continue // no list has such a name: Parse refuses it
		}
		if key := n.Key(); !slices.Contains(keys, key) {
			keys = append(keys, key)
			out = append(out, s.byIssuer[key]...)
		}
	}
	out = slices.Clip(out) // callers may append
	s.found.Put(cert, out)
	return out, nil
}
