package crl

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Answer is what one list, or several together, say of a certificate. The zero
// value says nothing.
type Answer struct {
	Revoked bool
	Entry   Entry     // if Revoked
	Reasons ReasonSet // for which it is known not to be revoked, if it is not
	// ThisUpdate is that of the oldest list that the answer stands on, NextUpdate
	// the first end of one of them; zero: one of them has none.
	ThisUpdate, NextUpdate time.Time
	// ExpiredCerts is since when all of them keep certificates that have ended.
	ExpiredCerts time.Time
	Lists        []*List
}

// Complete reports whether the answer settles if the certificate is revoked.
func (a *Answer) Complete() bool { return a.Revoked || a.Reasons == AllReasons }

// Judge returns every complete answer that lists give of cert (RFC 5280 §6.3.3):
// of each list by itself, of each with the newest list that adds to it (§5.2.4),
// and of those for some reasons only together. The caller has verified each
// list under a certificate that it believes, and says by time which answer
// counts. Lists that do not cover cert are passed over. The error is that of a
// list in a file.
func Judge(cert *x509.Certificate, lists []*List) ([]Answer, error) {
	var out, parts []Answer
	for _, base := range lists {
		if base.Base != nil {
			continue
		}
		reasons, err := base.Covers(cert)
		if err != nil {
			continue
		}
		with := []*List{nil}
		if delta := newest(base, lists); delta != nil {
			with = append(with, delta)
		}
		for _, delta := range with {
			a, err := answer(cert, base, delta, reasons)
			if err != nil {
				return nil, err
			}
			if a.Complete() {
				out = append(out, a)
			} else {
				parts = append(parts, a)
			}
		}
	}
	if whole := together(parts); whole.Complete() {
		out = append(out, whole)
	}
	return out, nil
}

// newest is the newest delta list that may be added to base, nil if none.
func newest(base *List, lists []*List) (out *List) {
	for _, l := range lists {
		if addsTo(base, l) == nil && (out == nil || l.ThisUpdate.After(out.ThisUpdate)) {
			out = l
		}
	}
	return out
}

// ErrDelta says that a list does not add to another.
var ErrDelta = errors.New("not a delta of this list")

// addsTo returns nil if delta may be combined with base (RFC 5280 §5.2.4): same
// issuer and key, same scope, and no gap between what base holds and what delta
// begins with.
func addsTo(base, delta *List) error {
	switch {
	case delta.Base == nil || base.Base != nil:
		return fmt.Errorf("not a delta and a complete list: %w", ErrDelta)
	case !bytes.Equal(base.RawIssuer, delta.RawIssuer) || !bytes.Equal(base.IssuerKey, delta.IssuerKey):
		return fmt.Errorf("another issuer: %w", ErrDelta)
	case !bytes.Equal(base.Scope.raw, delta.Scope.raw):
		return fmt.Errorf("another scope: %w", ErrDelta)
	case base.Number == nil || delta.Number == nil || base.Number.Cmp(delta.Base) < 0:
		return fmt.Errorf("it begins after this list: %w", ErrDelta)
	case base.Number.Cmp(delta.Number) > 0:
		return fmt.Errorf("it is older than this list: %w", ErrDelta)
	}
	return nil
}

// answer is what base says, as delta (if not nil) has it since.
func answer(cert *x509.Certificate, base, delta *List, reasons ReasonSet) (Answer, error) {
	a := Answer{
		ThisUpdate: base.ThisUpdate, NextUpdate: base.NextUpdate, ExpiredCerts: base.ExpiredCerts, Lists: []*List{base},
	}
	entry, found, err := base.Lookup(cert)
	if err != nil {
		return Answer{}, err
	}
	if delta != nil {
		changed, said, err := delta.Lookup(cert)
		if err != nil {
			return Answer{}, err
		}
		if said {
			entry, found = changed, changed.Reason != RemoveFromCRL
		}
		// A delta is a statement about all that base is about, at its own time.
		a.ThisUpdate, a.NextUpdate = delta.ThisUpdate, delta.NextUpdate
		a.Lists = append(a.Lists, delta)
	}
	if found {
		a.Revoked, a.Entry = true, entry
	} else {
		a.Reasons = reasons
	}
	return a, nil
}

// together is what answers for some reasons each say as one.
func together(parts []Answer) (out Answer) {
	for i, a := range parts {
		if i == 0 {
			out = a
			out.Lists = append([]*List(nil), a.Lists...)
			continue
		}
		out.Reasons |= a.Reasons
		out.Lists = append(out.Lists, a.Lists...)
		if a.ThisUpdate.Before(out.ThisUpdate) {
			out.ThisUpdate = a.ThisUpdate
		}
		if a.NextUpdate.IsZero() || !out.NextUpdate.IsZero() && a.NextUpdate.Before(out.NextUpdate) {
			out.NextUpdate = a.NextUpdate
		}
		if a.ExpiredCerts.IsZero() || !out.ExpiredCerts.IsZero() && a.ExpiredCerts.After(out.ExpiredCerts) {
			out.ExpiredCerts = a.ExpiredCerts
		}
	}
	return out
}
