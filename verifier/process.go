package verifier

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// A check is one row of the process: what is asked, where it is written, and
// what a "no" means.
type check struct {
	id     string
	clause string
	sub    report.SubIndication
	ask    func(*trial) finding
}

// outcome is an answer to a check. The zero value is a "no".
type outcome uint8

const (
	failed outcome = iota
	passed
	skipped // does not apply: leaves no line in the report
)

// finding is what a check found. Where sub is set it stands for the row's.
type finding struct {
	outcome outcome
	sub     report.SubIndication
	subject string
	detail  string
}

func yes(detail string, args ...any) finding {
	return finding{outcome: passed, detail: worded(detail, args)}
}

func no(detail string, args ...any) finding {
	return finding{detail: worded(detail, args)}
}

// worded is fmt.Sprintf without its cost for what is one string, as most
// details are: there are twenty of them to a signature.
func worded(detail string, args []any) string {
	if len(args) == 0 {
		return detail
	}
	if one, ok := args[0].(string); ok && detail == "%s" {
		return one
	}
	return fmt.Sprintf(detail, args...)
}

func skip() finding { return finding{outcome: skipped} }

// as gives a "no" a meaning other than the row's.
func (f finding) as(sub report.SubIndication) finding { f.sub = sub; return f }

// of names what was asked about.
func (f finding) of(subject string) finding { f.subject = subject; return f }

// trial is the judging of one signature: what is known so far, and what was
// asked.
type trial struct {
	v        *Verifier
	ctx      context.Context
	now      time.Time // the moment for which the verdict shall hold
	at       time.Time // the moment for which is asked: now, or the proven time
	sig      *formats.Signature
	object   formats.Object // what stands for it in proofs of existence
	rule     policy.Rule
	detached []string // the files beside the document that the signature is over, for people
	pool     pool
	poes     *poes
	shared   *shared
	depth    int  // how many trials this one is behind: see behind
	stamping bool // a time-stamp is judged
	believed map[believedKey]error

	direct   []byte // the digest that the value is over, where it is over content itself
	signer   *x509.Certificate
	path     []*x509.Certificate // leaf first, anchor last, as validated
	anchor   pki.Anchor
	status   []status  // of path, the anchor left out
	control  time.Time // the latest at which path is known to have been good
	stamps   []stamp
	records  []record
	counters []counter
	best     *stamp // the earliest proof of the signature's existence
	content  *stamp // the latest proof that the signature did not exist yet

	checks   []report.Check
	failures []report.SubIndication
	notes    []report.Note
}

// usualChecks is how many checks a good signature passes.
const usualChecks = 24

// fail ends the judging of the whole document, because something could not be
// asked: whichever trial asked it, and whatever became of its answer. The first
// reason counts.
func (t *trial) fail(err error) {
	if t.shared.err == nil {
		t.shared.err = err
	}
}

// run asks the rows in turn and stops at the first "no", because the later
// rows of a table stand on the earlier. It reports whether all passed.
func (t *trial) run(rows []check) bool {
	if t.checks == nil {
		t.checks = make([]report.Check, 0, usualChecks)
	}
	for _, row := range rows {
		if t.shared.err != nil {
			return false
		}
		f := row.ask(t)
		if f.outcome == skipped {
			continue
		}
		line := report.Check{
			ID: row.id, Clause: row.clause, Subject: f.subject,
			Passed: f.outcome == passed, Detail: f.detail,
		}
		if !line.Passed {
			line.Sub = row.sub
			if f.sub != "" {
				line.Sub = f.sub
			}
			t.failures = append(t.failures, line.Sub)
		}
		t.checks = append(t.checks, line)
		if !line.Passed {
			return false
		}
	}
	return true
}

func (t *trial) note(code string, args ...string) {
	t.notes = append(t.notes, report.NewNote(code, args...))
}

// mark and rewind let a family of checks be asked again for another time.
type bookmark struct{ checks, failures, notes int }

func (t *trial) mark() bookmark {
	return bookmark{len(t.checks), len(t.failures), len(t.notes)}
}

func (t *trial) rewind(b bookmark) {
	t.checks, t.failures, t.notes = t.checks[:b.checks], t.failures[:b.failures], t.notes[:b.notes]
}

// failedWith reports whether any "no" had one of these meanings.
func (t *trial) failedWith(subs ...report.SubIndication) bool {
	for _, have := range t.failures {
		for _, sub := range subs {
			if have == sub {
				return true
			}
		}
	}
	return false
}

// gravity orders what "no" can mean, gravest first: the first that occurs is
// the sub-indication of the signature. What shows the signature to be broken
// comes before what is unknown, and what no proof of time could heal before
// what one could (EN 319 102-1 §5.3.4 and §5.5.4 give the same order in prose).
var gravity = []struct {
	sub report.SubIndication
	ind report.Indication
}{
	{report.FormatFailure, report.TotalFailed},
	{report.HashFailure, report.TotalFailed},
	{report.SigCryptoFailure, report.TotalFailed},
	{report.Revoked, report.TotalFailed},
	{report.Expired, report.TotalFailed},
	{report.NotYetValid, report.TotalFailed},
	{report.NoSigningCertificateFound, report.Indeterminate},
	{report.SignedDataNotFound, report.Indeterminate},
	{report.PolicyProcessingError, report.Indeterminate},
	{report.SigConstraintsFailure, report.Indeterminate},
	{report.NoCertificateChainFound, report.Indeterminate},
	{report.CertificateChainGeneralFailure, report.Indeterminate},
	{report.ChainConstraintsFailure, report.Indeterminate},
	{report.CryptoConstraintsFailure, report.Indeterminate},
	{report.TimestampOrderFailure, report.Indeterminate},
	{report.NoCertificateChainFoundNoPOE, report.Indeterminate},
	{report.RevokedNoPOE, report.Indeterminate},
	{report.RevokedCANoPOE, report.Indeterminate},
	{report.OutOfBoundsNoPOE, report.Indeterminate},
	{report.OutOfBoundsNotRevoked, report.Indeterminate},
	{report.CryptoConstraintsFailureNoPOE, report.Indeterminate},
	{report.RevocationOutOfBoundsNoPOE, report.Indeterminate},
	{report.TryLater, report.Indeterminate},
}

// conclude is the main status indication (EN 319 102-1 §5.1.3): passed only
// if something was asked and no answer was "no".
func (t *trial) conclude() (report.Indication, report.SubIndication) {
	if len(t.checks) == 0 {
		return report.Unchecked, ""
	}
	if len(t.failures) == 0 {
		return report.TotalPassed, ""
	}
	for _, g := range gravity {
		if t.failedWith(g.sub) {
			return g.ind, g.sub
		}
	}
	return report.Indeterminate, t.failures[0]
}

// integrity are the failures after which nothing that the signature says has
// any ground: a broken signature hides all other claims.
func (t *trial) broken() bool {
	return t.failedWith(report.FormatFailure, report.HashFailure, report.SigCryptoFailure)
}
