package signer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync/atomic"
	"time"

	"tamga/formats"
	"tamga/pki"
	"tamga/signer/profile"
)

// ErrUnknownType says that we issue no document of a type, or not in a format.
var ErrUnknownType = errors.New("document type not issued here")

// ErrClaims says that the claims of an identity document do not fit its type.
// The error that wraps it is a [*profile.ClaimsError].
var ErrClaims = profile.ErrClaims

// ErrStampSize says that a time-stamp was larger than the place that was kept
// for it. The place is part of what the key had signed, so the document is not
// finished: that would take the key a second time. The next one has room.
var ErrStampSize = errors.New("the time-stamp is larger than any before")

// Config is what a Service works with.
type Config struct {
	// Keys, of different names. For a purpose, the first that may serve it is
	// the default.
	Keys []*pki.Key
	// Timestamper makes signature time-stamps; nil refuses level B-T.
	Timestamper pki.Timestamper
	// StampSize is the size of the largest token that the authority is known to
	// send, in bytes. What it sends beyond that is learned; zero: all of it.
	StampSize int
	// Check verifies a finished document before it is released: nil only if
	// every signature in it is valid. A detached signature comes with what it
	// is over. Required.
	Check func(ctx context.Context, in formats.Input) error
	// Assess judges documents that are to be lifted; nil refuses levels B-LT and
	// B-LTA.
	Assess Assess
	// Types are the identity documents that are issued; nil: none.
	Types *profile.Set
	// Issuer is what identity documents say of who issues them.
	Issuer profile.Issuer
	// Now is the clock. Required.
	Now func() time.Time
	// Random is the source of salts and identifiers; nil is crypto/rand.
	Random io.Reader
}

// Service signs and issues. It is safe for concurrent use if the members of
// its Config are.
type Service struct {
	cfg       Config
	stampSize atomic.Int64 // of the largest token so far
}

// New checks cfg and returns a Service that works with it.
func New(cfg Config) (*Service, error) {
	switch {
	case cfg.Check == nil:
		return nil, errors.New("configuring the signer: no check of finished documents")
	case cfg.Now == nil:
		return nil, errors.New("configuring the signer: no clock")
	case cfg.StampSize < 0:
		return nil, fmt.Errorf("configuring the signer: time-stamps of %d bytes", cfg.StampSize)
	case len(cfg.Keys) == 0 && cfg.Timestamper == nil:
		return nil, errors.New("configuring the signer: no key, and no time-stamp authority")
	}
	names := map[string]bool{}
	for i, k := range cfg.Keys {
		if k == nil {
			return nil, fmt.Errorf("configuring the signer: key %d is missing", i)
		}
		if names[k.Name()] {
			return nil, fmt.Errorf("configuring the signer: two keys are named %q", k.Name())
		}
		names[k.Name()] = true
	}
	if cfg.Random == nil {
		cfg.Random = rand.Reader
	}
	cfg.Keys = slices.Clone(cfg.Keys)
	s := &Service{cfg: cfg}
	s.learn(cfg.StampSize)
	return s, nil
}

// Types returns the identity documents that are issued; nil: none.
func (s *Service) Types() *profile.Set { return s.cfg.Types }
