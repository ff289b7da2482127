package crl

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"

	"tamga/pki"
)

// ErrDelta says that a list does not add to another.
var ErrDelta = errors.New("not a delta of this list")

// Combined is a complete list with what has changed since. The zero value is
// none; [Combine] makes it.
type Combined struct{ base, delta *List }

// Combine adds a delta to a complete list (RFC 5280 §5.2.4, §6.3.3 (c)): of the
// same issuer and scope, without a gap between what base holds and what delta
// begins with, and later than it. The error wraps [ErrDelta]. That the same key
// has signed both, the caller has seen to, by [List.Verify] of both under one
// certificate.
func Combine(base, delta *List) (Combined, error) {
	if err := addsTo(base, delta); err != nil {
		return Combined{}, fmt.Errorf("combining CRLs: %w", err)
	}
	return Combined{base, delta}, nil
}

func addsTo(base, delta *List) error {
	switch {
	case delta.Base == nil || base.Base != nil:
		return fmt.Errorf("not a complete list and a delta: %w", ErrDelta)
	case !pki.SameName(base.RawIssuer, delta.RawIssuer), !bytes.Equal(base.authority, delta.authority):
		return fmt.Errorf("another issuer: %w", ErrDelta)
	case !bytes.Equal(base.Scope.raw, delta.Scope.raw):
		return fmt.Errorf("another scope: %w", ErrDelta)
	case base.Number == nil || delta.Number == nil:
		return fmt.Errorf("one has no number: %w", ErrDelta)
	case base.Number.Cmp(delta.Base) < 0:
		return fmt.Errorf("it begins after this list: %w", ErrDelta)
	case base.Number.Cmp(delta.Number) >= 0:
		return fmt.Errorf("it is not later than this list: %w", ErrDelta)
	}
	return nil
}

// Lookup is [List.Lookup] in both.
func (c Combined) Lookup(cert *x509.Certificate) (Entry, bool, error) {
	if c.delta == nil {
		return Entry{}, false, fmt.Errorf("looking a certificate up in no lists: %w", ErrDelta)
	}
	entry, found, err := c.base.Lookup(cert)
	if err != nil {
		return Entry{}, false, err
	}
	changed, said, err := c.delta.Lookup(cert)
	if err != nil {
		return Entry{}, false, err
	}
	if said {
		entry, found = since(entry, found, changed)
	}
	return entry, found, nil
}

// since is what holds after a delta has said changed.
//
// "Remove from CRL" ends a suspension, or takes a certificate off the list
// because it has ended (RFC 5280 §5.3.1). §6.3.3 (k) calls it unrevoked in both
// cases. In the second that is true of nothing: what was signed with a stolen
// key does not become good when the certificate ends. So only what was held is
// released.
func since(entry Entry, found bool, changed Entry) (Entry, bool) {
	switch {
	case changed.Reason != RemoveFromCRL:
		return changed, true
	case found && entry.Reason != CertificateHold:
		return entry, true
	}
	return Entry{}, false
}
