package policy

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	"tamga/pki"
)

var (
	// ErrRefused says that something was never good enough.
	ErrRefused = errors.New("not accepted by the policy")
	// ErrOutdated says that something was good enough, but no longer is: a
	// proof of an earlier time would heal it.
	ErrOutdated = errors.New("no longer accepted by the policy")
)

// Algorithm reports whether signatures made with a at time at are good enough.
// The error wraps [ErrRefused] or [ErrOutdated].
func (p *Policy) Algorithm(a pki.Algorithm, at time.Time) error {
	for _, row := range p.Algorithms {
		if row.Algorithm == a && a.Known() {
			return until(a.String(), row.Until, at)
		}
	}
	return fmt.Errorf("%s: %w", a, ErrRefused)
}

// Digest reports whether h is good enough at time at to stand for content. The
// error wraps [ErrRefused] or [ErrOutdated].
func (p *Policy) Digest(h pki.Hash, at time.Time) error {
	for _, row := range p.Digests {
		if row.Hash == h && h.Known() {
			return until(h.String(), row.Until, at)
		}
	}
	return fmt.Errorf("%s: %w", h, ErrRefused)
}

// Key reports whether the key is long enough for time at. The error wraps
// [ErrRefused] or [ErrOutdated].
func (p *Policy) Key(key crypto.PublicKey, at time.Time) error {
	var kind KeyKind
	var bits int
	switch k := key.(type) {
	case *rsa.PublicKey:
		kind, bits = RSA, k.N.BitLen()
	case *ecdsa.PublicKey:
		kind, bits = EC, k.Curve.Params().BitSize
	case nil:
		return fmt.Errorf("a key of an unknown kind: %w", ErrRefused)
	default:
		return nil // its algorithm leaves no choice of size
	}
	best := Key{}
	for _, row := range p.Keys {
		if row.Kind == kind && bits >= row.Bits && row.Bits > best.Bits {
			best = row
		}
	}
	name := fmt.Sprintf("%s key of %d bits", kind, bits)
	if best.Bits == 0 {
		return fmt.Errorf("%s: %w", name, ErrRefused)
	}
	return until(name, best.Until, at)
}

func until(name string, end, at time.Time) error {
	if end.IsZero() || at.Before(end) {
		return nil
	}
	return fmt.Errorf("%s (accepted until %s): %w", name, end.Format(time.DateOnly), ErrOutdated)
}
