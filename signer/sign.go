package signer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
)

// SignRequest is a wish for one signature on a file.
type SignRequest struct {
	Format    formats.Preparer
	Level     formats.Level
	Key       string        // "": the first that may sign files
	Algorithm pki.Algorithm // zero: what fits the key
	// ContentStamp has the content time-stamped before it is signed; for formats
	// that are a [formats.ContentStamper].
	ContentStamp bool
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
	level := r.Level // of what is signed; the rest is added to it
	switch {
	case order(level) < 0:
		return formats.Edit{}, fmt.Errorf("signing at level %q: %w", level, formats.ErrUnsupported)
	case order(level) > order(formats.LevelT):
		level = formats.LevelT
	}
	if level == formats.LevelT && s.cfg.Timestamper == nil {
		return formats.Edit{}, fmt.Errorf("signing at level %s: no time-stamp authority is configured", r.Level)
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
	if r.ContentStamp {
		if r.Format, err = s.stampContent(ctx, r.Format, in, alg.Hash()); err != nil {
			return formats.Edit{}, fmt.Errorf("signing: %w", err)
		}
	}
	edit, err := s.make(ctx, job{
		format: r.Format, key: key, use: pki.UseSign,
		params: formats.Params{Algorithm: alg, Chain: key.Chain(), Time: now, Level: level},
	}, in)
	if err != nil || r.Level == level {
		return edit, err
	}
	return s.liftNew(ctx, r, in, edit)
}

// liftNew extends what has just been signed. The key is not asked again.
func (s *Service) liftNew(ctx context.Context, r SignRequest, in formats.Input, edit formats.Edit) (formats.Edit, error) {
	extender, err := catalog.Extender(r.Format.ID())
	if err != nil {
		return formats.Edit{}, err
	}
	made := edit.Apply(in, in.Name)
	if edit.Keep == 0 {
		made.Detached = []formats.Input{in}
	}
	more, err := s.Extend(ctx, ExtendRequest{Format: extender, To: r.Level}, made)
	if err != nil {
		return formats.Edit{}, err
	}
	if more.Keep == 0 {
		return more, nil
	}
	return formats.Edit{Keep: edit.Keep, Tail: append(slices.Clip(edit.Tail), more.Tail...)}, nil
}

// stampContent has the content time-stamped, and returns who puts the token
// into the signature. The format checks that it is over the content.
func (s *Service) stampContent(ctx context.Context, f formats.Preparer, in formats.Input, h pki.Hash) (formats.Preparer, error) {
	stamper, ok := f.(formats.ContentStamper)
	if !ok {
		return nil, fmt.Errorf("%s holds no content time-stamp: %w", f.ID(), formats.ErrUnsupported)
	}
	if s.cfg.Timestamper == nil {
		return nil, errors.New("time-stamping the content: no time-stamp authority is configured")
	}
	imprint, err := stamper.ContentImprint(watched(ctx, in), h)
	if err != nil {
		return nil, err
	}
	token, err := s.cfg.Timestamper.Timestamp(ctx, h, imprint)
	if err != nil {
		return nil, fmt.Errorf("time-stamping the content: %w", err)
	}
	return stamper.WithContentStamp(token), nil
}
