package crl

import (
	"bytes"
	"crypto/x509"
	"errors"
	"math/big"
	"slices"
	"time"
)

// Checked is a list, and the certificate under which [List.Verify] found it
// good. That the certificate leads to the anchor that the one in question leads
// to, the caller has seen to (RFC 5280 §6.3.3 (f)).
type Checked struct {
	List   *List
	Signer *x509.Certificate
}

// Answer is what one list, or several together, say of a certificate. The zero
// value says nothing.
type Answer struct {
	Revoked bool
	Entry   Entry     // if Revoked
	Reasons ReasonSet // for which it is known not to be revoked, if it is not
	// ThisUpdate is when the oldest statement that the answer stands on was made,
	// NextUpdate the first end of one of them; zero: one of them has none. A
	// complete list with a delta is one statement, of the delta's times.
	ThisUpdate, NextUpdate time.Time
	// ExpiredCerts is since when all of them keep certificates that have ended.
	ExpiredCerts time.Time
	Lists        []*List
}

// Complete reports whether the answer settles if the certificate is revoked.
func (a *Answer) Complete() bool { return a.Revoked || a.Reasons == AllReasons }

// Judge returns every complete answer that lists give of cert (RFC 5280 §6.3.3):
// of each complete list by itself, of each delta with the newest list that it
// adds to, and of lists for some reasons together, as they stood whenever one of
// them was new. There are no more answers than lists. They are in no order, and
// not judged by time: the caller takes those made by the time that counts, and
// among them the newest, except that a revocation is final.
//
// A delta that adds to no list at hand says nothing of who is not on it. Who is,
// is revoked all the same: an old list that came without what is between must
// not silence it.
//
// Lists that do not cover cert are passed over. The error is that of a list in
// a file, or tells that a list came without its signer.
func Judge(cert *x509.Certificate, lists []Checked) ([]Answer, error) {
	families, err := ask(cert, lists)
	if err != nil {
		return nil, err
	}
	var out, parts []Answer
	for _, f := range families {
		for _, a := range f.answers() {
			if a.Complete() {
				out = append(out, a)
			} else {
				parts = append(parts, a)
			}
		}
	}
	return append(out, together(parts)...), nil
}

// told is what one list says of the certificate.
type told struct {
	list    *List
	reasons ReasonSet // that it covers
	entry   Entry
	found   bool
}

// family is lists that may be combined: of the same issuer, key and scope.
type family struct {
	complete []told
	deltas   []told
}

// familyKey is by what lists are told apart. That the key is the same is
// demanded by RFC 5280 §6.3.3 (h).
type familyKey struct{ issuer, authority, scope, key string }

// ask asks each list once, and returns families in the order of their first.
func ask(cert *x509.Certificate, lists []Checked) ([]*family, error) {
	var out []*family
	byKey := map[familyKey]*family{}
	for _, c := range lists {
		if c.List == nil || c.Signer == nil {
			return nil, errors.New("judging a certificate by CRLs: one of them has not been verified")
		}
		reasons, err := c.List.Covers(cert)
		if err != nil {
			continue // it does not speak of cert, or cert does not say who does
		}
		entry, found, err := c.List.Lookup(cert)
		if err != nil {
			return nil, err
		}
		key := familyKey{
			c.List.issuer, string(c.List.authority), string(c.List.Scope.raw), string(c.Signer.RawSubjectPublicKeyInfo),
		}
		f := byKey[key]
		if f == nil {
			f = &family{}
			byKey[key], out = f, append(out, f)
		}
		if t := (told{c.List, reasons, entry, found}); c.List.Base == nil {
			f.complete = append(f.complete, t)
		} else {
			f.deltas = append(f.deltas, t)
		}
	}
	return out, nil
}

// answers are those of each list of a family, of the deltas with a list before
// them. By §5.2.4 it does not matter which of several.
func (f *family) answers() (out []Answer) {
	var numbered []told
	for _, base := range f.complete {
		out = append(out, base.answer())
		if base.list.Number != nil {
			numbered = append(numbered, base)
		}
	}
	slices.SortStableFunc(numbered, func(a, b told) int { return a.list.Number.Cmp(b.list.Number) })
	for _, delta := range f.deltas {
		if base := before(numbered, delta.list.Number); base != nil && addsTo(base.list, delta.list) == nil {
			out = append(out, base.with(delta))
		} else if delta.found && delta.entry.Reason != RemoveFromCRL {
			out = append(out, delta.answer())
		}
	}
	return out
}

// before is the last of those with a number below limit, nil if there is none.
func before(numbered []told, limit *big.Int) *told {
	if limit == nil {
		return nil
	}
	i, _ := slices.BinarySearchFunc(numbered, limit, func(t told, n *big.Int) int { return t.list.Number.Cmp(n) })
	if i == 0 {
		return nil
	}
	return &numbered[i-1]
}

func (t told) answer() Answer {
	a := Answer{
		ThisUpdate: t.list.ThisUpdate, NextUpdate: t.list.NextUpdate,
		ExpiredCerts: t.list.ExpiredCerts, Lists: []*List{t.list},
	}
	if t.found {
		a.Revoked, a.Entry = true, t.entry
	} else {
		a.Reasons = t.reasons
	}
	return a
}

// with is the answer as a delta has it since: a statement about all that the
// list is about, at the delta's time.
func (t told) with(delta told) Answer {
	now := t
	if delta.found {
		now.entry, now.found = since(t.entry, t.found, delta.entry)
	}
	a := now.answer()
	a.ThisUpdate, a.NextUpdate = delta.list.ThisUpdate, delta.list.NextUpdate
	a.Lists = append(a.Lists, delta.list)
	return a
}

// together makes complete answers of those for some reasons: going through them
// by time, the newest of each scope, whenever they cover all reasons.
func together(parts []Answer) (out []Answer) {
	slices.SortStableFunc(parts, func(a, b Answer) int { return a.ThisUpdate.Compare(b.ThisUpdate) })
	var current []Answer
	for _, part := range parts {
		i := slices.IndexFunc(current, func(a Answer) bool { return sameScope(a.Lists[0], part.Lists[0]) })
		if i >= 0 {
			current = slices.Delete(current, i, i+1)
		}
		current = append(current, part)
		if a := sum(current); a.Complete() {
			out = append(out, a)
		}
	}
	return out
}

func sameScope(a, b *List) bool {
	return a.issuer == b.issuer && bytes.Equal(a.Scope.raw, b.Scope.raw)
}

// sum is what answers for some reasons each say as one. The first is the oldest.
func sum(parts []Answer) Answer {
	out := parts[0]
	out.Lists = slices.Clone(out.Lists)
	for _, a := range parts[1:] {
		out.Reasons |= a.Reasons
		out.Lists = append(out.Lists, a.Lists...)
		if a.NextUpdate.Before(out.NextUpdate) { // none is the zero time, before all
			out.NextUpdate = a.NextUpdate
		}
		if a.ExpiredCerts.IsZero() || !out.ExpiredCerts.IsZero() && a.ExpiredCerts.After(out.ExpiredCerts) {
			out.ExpiredCerts = a.ExpiredCerts
		}
	}
	return out
}
