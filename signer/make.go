package signer

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
)

// job is one signature to be made, everything about it decided.
type job struct {
	format formats.Preparer
	params formats.Params
	key    *pki.Key
	use    pki.Use
}

// make lays out, signs, stamps, completes and opens again.
func (s *Service) make(ctx context.Context, j job, in formats.Input) (formats.Edit, error) {
	in = watched(ctx, in)
	j.params.StampSize = int(s.stampSize.Load())
	pending, err := j.format.Prepare(in, j.params)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("preparing the signature: %w", err)
	}
	if err := j.asked(pending); err != nil {
		return formats.Edit{}, fmt.Errorf("preparing the signature: %w", err)
	}
	value, err := j.key.Sign(ctx, j.use, j.params.Algorithm, pending.ToBeSigned)
	if err != nil {
		return formats.Edit{}, err
	}
	done := formats.Completion{Value: value}
	if j.params.Level == formats.LevelT {
		if done.Timestamp, err = s.stamp(ctx, j, pending, value); err != nil {
			return formats.Edit{}, fmt.Errorf("time-stamping the signature: %w", err)
		}
	}
	edit, err := j.format.Complete(pending, done)
	if errors.Is(err, formats.ErrTooLarge) && len(done.Timestamp) > j.params.StampSize {
		// Not wrapped: the document that came in is not at fault.
		return formats.Edit{}, fmt.Errorf("completing the signature: %w (%d bytes): %v",
			ErrStampSize, len(done.Timestamp), err)
	}
	if err != nil {
		return formats.Edit{}, fmt.Errorf("completing the signature: %w", err)
	}
	if err := s.release(ctx, finished{j.format.ID(), pending.ToBeSigned, done}, in, edit); err != nil {
		if ctx.Err() != nil {
			return formats.Edit{}, fmt.Errorf("checking the finished document: %w", ctx.Err())
		}
		// Not wrapped: the fault is ours, and no caller shall take it for one
		// of the document that came in.
		return formats.Edit{}, fmt.Errorf("checking the finished document: %v", err)
	}
	return edit, nil
}

// asked refuses a layout that is not what was asked for.
func (j job) asked(p *formats.Pending) error {
	switch {
	case p == nil || len(p.ToBeSigned) == 0:
		return errors.New("the format left nothing to sign")
	case p.Format != j.format.ID(), p.Algorithm != j.params.Algorithm, p.Level != j.params.Level:
		return fmt.Errorf("asked for %s %s with %s, the format laid out %s %s with %s", j.format.ID(),
			j.params.Level, j.params.Algorithm, p.Format, p.Level, p.Algorithm)
	}
	return nil
}

func (s *Service) stamp(ctx context.Context, j job, p *formats.Pending, value []byte) ([]byte, error) {
	input := j.format.StampInput(p, value)
	if input == nil {
		return nil, fmt.Errorf("%s carries no time-stamp: %w", j.format.ID(), formats.ErrUnsupported)
	}
	h := j.params.Algorithm.Hash()
	token, err := s.cfg.Timestamper.Timestamp(ctx, h, h.Sum(input))
	if err != nil {
		return nil, err
	}
	if len(token) == 0 {
		return nil, errors.New("the authority returned no token")
	}
	s.learn(len(token))
	return token, nil
}

// learn remembers the size of the largest token.
func (s *Service) learn(size int) {
	for {
		old := s.stampSize.Load()
		if int64(size) <= old || s.stampSize.CompareAndSwap(old, int64(size)) {
			return
		}
	}
}

// finished is what must be found in a document before it is released.
type finished struct {
	format formats.ID
	signed []byte
	done   formats.Completion
}

// release opens the finished document as a stranger would. It stops the one
// failure that nobody sees: no error, and a document that is not signed, or
// that only an earlier signature makes look signed.
func (s *Service) release(ctx context.Context, f finished, in formats.Input, e formats.Edit) error {
	if e.Keep < 0 || e.Keep > in.Size || len(e.Tail) == 0 {
		return fmt.Errorf("the change keeps %d of %d bytes and adds %d", e.Keep, in.Size, len(e.Tail))
	}
	out := e.Apply(in, in.Name)
	if f.format == formats.CAdES && e.Keep == 0 {
		out.Detached = []formats.Input{in}
	}
	parser, err := parserOf(f.format)
	if err != nil {
		return err
	}
	out.Judged = true
	doc, err := parser.Parse(out)
	if err != nil {
		return fmt.Errorf("reading it back: %w", err)
	}
	if err := f.within(doc); err != nil {
		return err
	}
	return s.cfg.Check(ctx, out)
}

// within reports whether doc holds the signature, once, with its time-stamp.
func (f finished) within(doc *formats.Document) error {
	found := 0
	for _, sig := range everySignature(doc) {
		if !bytes.Equal(sig.Value, f.done.Value) || !bytes.Equal(sig.Signed, f.signed) {
			continue
		}
		found++
		if f.done.Timestamp != nil && !stamped(sig, f.done.Timestamp) {
			return errors.New("the time-stamp is not in it")
		}
	}
	if found != 1 {
		return fmt.Errorf("the signature that was made is in it %d times", found)
	}
	return nil
}

// everySignature is the signatures and those that countersign them.
func everySignature(doc *formats.Document) (out []formats.Signature) {
	for _, sig := range doc.Signatures {
		out = append(append(out, sig), sig.Counter...)
	}
	return out
}

func stamped(sig formats.Signature, token []byte) bool {
	for _, ts := range sig.Evidence.Timestamps {
		if ts.Kind == formats.SignatureTimestamp && bytes.Equal(ts.Raw, token) {
			return true
		}
	}
	return false
}

func parserOf(id formats.ID) (formats.Parser, error) {
	for _, p := range catalog.Parsers() {
		if p.ID() == id {
			return p, nil
		}
	}
	return nil, fmt.Errorf("no parser for %q", id)
}
