package signer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
	"tamga/pki"
)

// Assessment is what whoever judges says of one signature.
type Assessment struct {
	Signature int // index in [formats.Document.Signatures]
	Name      string
	Level     formats.Level // that it reaches
	Broken    string        // why nothing can heal it; "": it is not broken
	Doubt     string        // why it is not valid, if it is not; for people
	// Evidence is what its verdict rests on and what does not stand in the
	// document, certificates of the document excepted.
	Evidence formats.Evidence
	Unknown  []string // certificates whose status nobody tells, for people
}

// Assess judges a document, in the order of its signatures, document
// time-stamps left out. The signer itself never judges.
type Assess func(ctx context.Context, in formats.Input) ([]Assessment, error)

// ExtendRequest asks to lift all signatures of a document.
type ExtendRequest struct {
	Format formats.Extender
	To     formats.Level
	// Renew adds an archive time-stamp even where the level is reached, and
	// before it the evidence for the last one.
	Renew  bool
	Assess Assess // nil: that of [Config]
}

// ErrNotLifted says that the level asked for cannot be reached.
var ErrNotLifted = errors.New("the level cannot be reached")

// Extend adds to a signed document what its signatures lack for a level: a
// time-stamp (B-T), the evidence that judging them takes (B-LT), and a
// time-stamp over all of that (B-LTA). What is there stays byte for byte. The
// result has been judged, and reaches the level. The error wraps [ErrNotLifted]
// if a signature is broken or something is missing; it says what.
func (s *Service) Extend(ctx context.Context, r ExtendRequest, in formats.Input) (formats.Edit, error) {
	if r.Assess == nil {
		r.Assess = s.cfg.Assess
	}
	switch {
	case r.Format == nil:
		return formats.Edit{}, errors.New("extending: no format")
	case r.Assess == nil:
		return formats.Edit{}, errors.New("extending: nobody who judges is configured")
	case s.cfg.Timestamper == nil:
		return formats.Edit{}, errors.New("extending: no time-stamp authority is configured")
	case order(r.To) < order(formats.LevelT):
		return formats.Edit{}, fmt.Errorf("extending to level %q: %w", r.To, formats.ErrUnsupported)
	}
	in = watched(ctx, in)
	l := &lift{Service: s, ExtendRequest: r, in: in, now: in, edit: formats.Edit{Keep: in.Size}}
	if err := l.run(ctx); err != nil {
		return formats.Edit{}, fmt.Errorf("extending: %w", err)
	}
	return l.edit, nil
}

// levels are in their order.
var levels = []formats.Level{formats.LevelB, formats.LevelT, formats.LevelLT, formats.LevelLTA}

func order(l formats.Level) int { return slices.Index(levels, l) }

// lift is one document on its way up.
type lift struct {
	*Service
	ExtendRequest
	in, now formats.Input // as it came, and as it is
	edit    formats.Edit  // from in to now
	known   []Assessment  // of now
}

func (l *lift) run(ctx context.Context) error {
	before, err := l.signatures()
	if err != nil {
		return err
	}
	if err := l.assess(ctx); err != nil {
		return err
	}
	if err := l.stampSignatures(ctx); err != nil {
		return err
	}
	if order(l.To) >= order(formats.LevelLT) {
		if err := l.embed(ctx); err != nil {
			return err
		}
	}
	if l.To == formats.LevelLTA && (l.Renew || l.below(formats.LevelLTA)) {
		if err := l.archive(ctx); err != nil {
			return err
		}
	}
	return l.check(before)
}

// assess judges the document as it is now. Nothing is added to a signature that
// is broken: it would look the better for it.
func (l *lift) assess(ctx context.Context) (err error) {
	if l.known, err = l.Assess(ctx, l.now); err != nil {
		return err
	}
	if len(l.known) == 0 {
		return fmt.Errorf("the document is not signed: %w", ErrNotLifted)
	}
	for _, a := range l.known {
		if a.Broken != "" {
			return fmt.Errorf("%s is broken (%s), and nothing was added: %w", a.Name, a.Broken, ErrNotLifted)
		}
	}
	return nil
}

func (l *lift) below(level formats.Level) bool {
	return slices.ContainsFunc(l.known, func(a Assessment) bool { return order(a.Level) < order(level) })
}

// apply makes a change the state of the document.
func (l *lift) apply(e formats.Edit) {
	if e.Keep >= l.edit.Keep && e.Keep-l.edit.Keep <= int64(len(l.edit.Tail)) && e.Keep > 0 {
		tail := l.edit.Tail[:e.Keep-l.edit.Keep]
		l.edit.Tail = append(slices.Clip(tail), e.Tail...)
	} else {
		l.edit = e
	}
	l.now = l.edit.Apply(l.in, l.in.Name)
}

// stampSignatures adds a time-stamp where a signature has none that holds.
func (l *lift) stampSignatures(ctx context.Context) error {
	kind, _ := l.Format.Stamps()
	var need []int
	for _, a := range l.known {
		if order(a.Level) < order(formats.LevelT) {
			need = append(need, a.Signature)
		}
	}
	return l.stamp(ctx, kind, need)
}

// archive adds a time-stamp over everything: one over the document, or one for
// each signature.
func (l *lift) archive(ctx context.Context) error {
	_, kind := l.Format.Stamps()
	var need []int
	for _, a := range l.known {
		if l.Renew || order(a.Level) < order(formats.LevelLTA) {
			need = append(need, a.Signature)
		}
	}
	return l.stamp(ctx, kind, need)
}

// stamp adds time-stamps of a kind over signatures, one over the whole document
// for all, and judges again.
func (l *lift) stamp(ctx context.Context, kind formats.TimestampKind, signatures []int) error {
	if len(signatures) == 0 {
		return nil
	}
	if kind == formats.DocumentTimestamp {
		signatures = signatures[:1]
	}
	for _, i := range signatures {
		e, err := l.oneStamp(ctx, formats.StampParams{Kind: kind, Signature: i, Hash: pki.SHA256})
		if err != nil {
			return err
		}
		l.apply(e)
	}
	return l.assess(ctx)
}

// maxTries is how often a larger place is kept for a token that does not fit.
const maxTries = 3

// oneStamp asks again where a token turns out too large: other than a signer's
// key, the authority may be asked twice.
func (l *lift) oneStamp(ctx context.Context, p formats.StampParams) (formats.Edit, error) {
	for try := 1; ; try++ {
		pending, err := l.Format.PrepareStamp(l.now, p)
		if err != nil {
			return formats.Edit{}, err
		}
		token, err := l.cfg.Timestamper.Timestamp(ctx, pending.Hash, pending.Imprint)
		if err != nil {
			return formats.Edit{}, fmt.Errorf("asking for a time-stamp: %w", err)
		}
		e, err := l.Format.CompleteStamp(l.now, pending, token)
		if err == nil || !errors.Is(err, formats.ErrNoRoom) || try == maxTries {
			return e, err
		}
		p.Size = len(token) + len(token)/2
	}
}

// embed adds the evidence that the verdicts rest on. It must be complete: a
// document that says B-LT, and cannot be judged without the network, is none.
func (l *lift) embed(ctx context.Context) error {
	for _, a := range l.known {
		switch {
		case len(a.Unknown) > 0:
			return fmt.Errorf("%s: whether the certificate of %s is revoked is not known; give its CRL or OCSP response "+
				"with --evidence, or let it be fetched with --online --allow-host: %w",
				a.Name, strings.Join(a.Unknown, ", of "), ErrNotLifted)
		case a.Doubt != "":
			return fmt.Errorf("%s is not valid (%s): %w", a.Name, a.Doubt, ErrNotLifted)
		}
	}
	if !l.Renew && !l.below(formats.LevelLT) && l.To != formats.LevelLTA {
		return nil
	}
	var list []formats.Embedding
	for _, a := range l.known {
		if len(a.Evidence.Revocations) > 0 || order(a.Level) < order(formats.LevelLT) {
			list = append(list, formats.Embedding{Signature: a.Signature, Evidence: a.Evidence})
		}
	}
	if len(list) == 0 {
		return nil
	}
	e, err := l.Format.Embed(l.now, list)
	if err != nil {
		return err
	}
	l.apply(e)
	return l.assess(ctx)
}

// signatures are what the document says now.
func (l *lift) signatures() ([]formats.Signature, error) {
	parser, err := parserOf(l.Format.ID())
	if err != nil {
		return nil, err
	}
	in := l.now
	in.Judged = true
	doc, err := parser.Parse(in)
	if err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	return doc.Signatures, nil
}

// check opens the result as a stranger would: every signature that was there is
// there, with the same bytes, and has the level.
func (l *lift) check(before []formats.Signature) error {
	after, err := l.signatures()
	if err != nil {
		return err
	}
	for _, old := range before {
		same := func(s formats.Signature) bool {
			return bytes.Equal(s.Value, old.Value) && bytes.Equal(s.Signed, old.Signed)
		}
		if !slices.ContainsFunc(after, same) {
			return fmt.Errorf("%s would be lost", old.Name)
		}
	}
	for _, a := range l.known {
		if order(a.Level) < order(l.To) {
			return fmt.Errorf("%s ends at level %s (%s): %w", a.Name, a.Level, reason(a), ErrNotLifted)
		}
	}
	return nil
}

func reason(a Assessment) string {
	if a.Doubt != "" {
		return a.Doubt
	}
	return "what was added is not believed: is the time-stamp authority trusted?"
}
