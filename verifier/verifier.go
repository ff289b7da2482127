package verifier

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// Verifier judges documents. It holds no key, and is safe for concurrent use
// if its ports are.
type Verifier struct {
	Formats    []formats.Parser     // tried in order
	Trust      pki.TrustStore       // nil trusts nobody
	Revocation pki.RevocationSource // nil knows nothing beyond the document
	Issuers    pki.IssuerSource     // nil knows no certificates beyond the document's and the anchors
	Memo       *Memo                // between documents; nil forgets each
	Policy     *policy.Policy
	Now        func() time.Time // the moment for which the verdict holds
	Tool       string           // what judges, for the report: "tamga 1.0"
}

// ErrDefect says that the program itself is at fault: a document made it panic.
// No verdict was reached.
var ErrDefect = errors.New("a defect of this program; please report it with the document")

// Verify judges every signature in the document. A bad signature is a verdict,
// not an error: the error is non-nil only if no verdict could be reached. It
// wraps [formats.ErrNotRecognised], [formats.ErrMalformed],
// [formats.ErrTooLarge] or [formats.ErrUnsupported] where the document is at
// fault, [ErrDefect] where we are, and else what went wrong in reading it.
func (v *Verifier) Verify(ctx context.Context, in formats.Input) (*report.Report, error) {
	return v.verify(ctx, in, newShared(ctx, v.Memo))
}

func (v *Verifier) verify(ctx context.Context, in formats.Input, share *shared) (r *report.Report, err error) {
	// Go ends a process that panics with the code that says "not valid", and a
	// batch with it: a stranger's file must be able to do neither.
	defer func() {
		if p := recover(); p != nil {
			r, err = nil, fmt.Errorf("judging the document: %v: %w", p, ErrDefect)
		}
	}()
	if v.Policy == nil || v.Now == nil {
		return nil, errors.New("verifying without a policy or a clock")
	}
	in.Memo, in.Judged = share.memo.pki, true
	parser, err := formats.Recognise(v.Formats, in)
	if err != nil {
		return nil, fmt.Errorf("recognising the document: %w", err)
	}
	doc, err := parser.Parse(in)
	if err != nil {
		return nil, fmt.Errorf("parsing as %s: %w", parser.ID(), err)
	}
	if n, limit := len(doc.Signatures), v.Policy.Limits.Signatures; n > limit {
		return nil, fmt.Errorf("%d signatures, %d are judged at most: %w", n, limit, formats.ErrTooLarge)
	}
	return v.judge(ctx, in, doc, share)
}

// maxDigested is the size in bytes up to which a document is digested for the
// report: larger ones would be read twice for it.
const maxDigested = 1 << 20

// people are the detached files in one name that can be shown.
func people(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	return []string{report.Printable(strings.Join(names, ", "))}
}

func (v *Verifier) judge(ctx context.Context, in formats.Input, doc *formats.Document, share *shared) (*report.Report, error) {
	now := v.Now().UTC()
	out := &report.Report{
		Schema: report.Schema,
		Document: report.Document{
			Name: in.Name, Size: in.Size, Format: string(doc.Format), Title: doc.Title,
			Detached: doc.Detached, Notes: documentNotes(doc),
		},
		Context: report.Context{Time: now, Policy: v.Policy.Name, PolicySHA256: v.Policy.SHA256, Tool: v.Tool},
	}
	if in.Size <= maxDigested {
		sum, err := share.sums.digest(ctx, formats.Reference{Hash: pki.SHA256, Open: in.Reader, Whole: &in})
		if err != nil {
			return nil, fmt.Errorf("reading the document: %w", err)
		}
		out.Document.SHA256 = hex.EncodeToString(sum)
	}
	share.sums.plan(doc)
	whole := &trial{v: v, ctx: ctx, now: now, at: now, poes: newPOEs(now), shared: share}
	stamps := whole.documentStamps(doc)
	ofStamps := share.basis
	for i := range doc.Signatures {
		sig := &doc.Signatures[i]
		if sig.Stamp != nil {
			continue
		}
		share.basis = ofStamps.clone()
		t := &trial{
			v: v, ctx: ctx, now: now, at: now, poes: whole.poes.clone(), shared: whole.shared,
			sig: sig, object: formats.ObjectOf(sig.Value), stamps: covering(stamps, sig), detached: people(doc.Detached),
		}
		t.gather(pool{})
		s, err := t.signature(doc.Format)
		if err != nil {
			return nil, fmt.Errorf("judging %s: %w", sig.Name, err)
		}
		out.Verdict.Signatures = append(out.Verdict.Signatures, s)
		if b := share.basis; b != nil {
			b.Signature, b.Report, b.Level = i, s, t.level()
			share.bases = append(share.bases, *b)
		}
	}
	for _, s := range stamps {
		out.Document.Notes = append(out.Document.Notes, report.NewNote("note.document-timestamp",
			s.report.Name, s.report.Kind, stampTime(s.time), s.by, s.outcome()))
	}
	out.Verdict.Status = worst(doc, stamps, out.Verdict.Signatures)
	out.Verdict.Signers = signers(out.Verdict.Signatures)
	return out, nil
}

// signature judges one signature, and answers the five questions.
func (t *trial) signature(format formats.ID) (report.Signature, error) {
	rule, known := t.v.Policy.Rule(format)
	if format == formats.ERS { // its signature is a time-stamp
		rule, known = t.v.Policy.Timestamp, true
	}
	t.rule = rule
	if t.run([]check{{"policy.format", "EN 319 102-1 5.2.4", report.PolicyProcessingError, func(*trial) finding {
		if !known {
			return no("policy %s says nothing of %s", t.v.Policy.Name, format)
		}
		return yes("%s", t.v.Policy.Name)
	}}}) {
		t.judge()
		if format == formats.ERS && !t.broken() {
			t.run(stampChecks)
		}
	}
	if err := t.shared.err; err != nil {
		return report.Signature{}, err
	}
	s := t.report()
	s.Answers = t.answers()
	return s, nil
}

func documentNotes(doc *formats.Document) []report.Note {
	var out []report.Note
	for _, d := range doc.Defects {
		out = append(out, defectNote(d))
	}
	return out
}

// worst is the verdict of the document: that of its worst signature. A document
// that cannot be read as a whole, that is not as it was signed, or not as it
// was time-stamped, is not valid, whatever its signatures are worth. A stamp
// that cannot be believed proves nothing, and harms nothing. The zero of
// everything is no verdict, and an empty list is "not signed": neither is ever
// "valid".
func worst(doc *formats.Document, stamps []stamp, sigs []report.Signature) report.Status {
	for _, d := range doc.Defects {
		if d.Fatal {
			return report.NotValid
		}
	}
	for _, s := range stamps {
		if s.broken {
			return report.NotValid
		}
	}
	if len(sigs) == 0 {
		return report.NotSigned
	}
	status := report.Valid
	for _, s := range sigs {
		switch {
		case s.Indication == report.TotalFailed, s.Changed():
			return report.NotValid
		case s.Indication != report.TotalPassed:
			status = report.CannotTell
		}
	}
	return status
}

// signers counts the certificates that made signatures which passed: a copy of
// a signature is not a second one.
func signers(sigs []report.Signature) int {
	seen := map[string]bool{}
	for _, s := range sigs {
		if s.Indication == report.TotalPassed {
			seen[s.Chain[0].SHA256] = true
		}
	}
	return len(seen)
}
