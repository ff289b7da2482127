package signer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tamga/formats"
	"tamga/pki"
)

// SignRequest is a wish for one signature on a file.
type SignRequest struct {
	Format    formats.Preparer
	Level     formats.Level
	Key       string        // "": the first that may sign files
	Algorithm pki.Algorithm // zero: what fits the key
}

// Sign signs in and returns the change that makes it a signed document. For a
// detached signature that is the signature alone. The error wraps
// [pki.ErrKeyNotFound] or [pki.ErrKeyUse] if the key is not to be had, and what
// package formats says of a document that cannot be signed.
func (s *Service) Sign(ctx context.Context, r SignRequest, in formats.Input) (formats.Edit, error) {
	if r.Format == nil {
		return formats.Edit{}, errors.New("signing: no format")
	}
	// Who may sign files must not be able to make a credential of them.
	if id := r.Format.ID(); id != formats.CAdES && id != formats.PAdES {
		return formats.Edit{}, fmt.Errorf("signing as %q, not a signature on files: %w",
			id, formats.ErrUnsupported)
	}
	if r.Level != formats.LevelB && r.Level != formats.LevelT {
		return formats.Edit{}, fmt.Errorf("signing at level %q: %w", r.Level, formats.ErrUnsupported)
	}
	if r.Level == formats.LevelT && s.cfg.Timestamper == nil {
		return formats.Edit{}, errors.New("signing at level B-T: no time-stamp authority is configured")
	}
	key, err := s.key(r.Key, pki.UseSign)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("signing: %w", err)
	}
	now := s.cfg.Now().UTC().Truncate(time.Second)
	if err := inForce(key, now, now); err != nil {
		return formats.Edit{}, fmt.Errorf("signing: %w", err)
	}
	alg, err := algorithm(key, pki.UseSign, r.Algorithm, namedByOID)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("signing: %w", err)
	}
	return s.make(ctx, job{
		format: r.Format, key: key, use: pki.UseSign,
		params: formats.Params{Algorithm: alg, Chain: key.Chain(), Time: now, Level: r.Level},
	}, in)
}
