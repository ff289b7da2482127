package verifier

import (
	"crypto/x509"
	"slices"
	"time"

	"tamga/pki"
	"tamga/verifier/report"
)

// pastChecks are validation with archival data, EN 319 102-1 §5.6.2: whether a
// signature that is in doubt today was good when it is proven to have existed.
var pastChecks = []check{
	{"past.certificate", "EN 319 102-1 5.6.2.1", report.NoPOE, pastCertificate},
	{"past.signature", "EN 319 102-1 5.6.2.4", report.NoPOE, pastSignature},
}

// past is past signature validation (§5.6.2.4), asked where validation at now
// and at the best signature time left only doubts that time can resolve. If it
// succeeds it stands in the place of the answers since b; else those stay, for
// the standard keeps the status that was.
func (t *trial) past(b bookmark) {
	if len(t.failures) == b.failures || !t.healableSince(b) || len(t.poes.known) == 0 {
		return
	}
	was, now := t.since(b), *t
	t.rewind(b)
	if t.run(pastChecks) {
		t.note("note.judged-by-proofs", stampTime(t.at))
		return
	}
	told := t.since(b)
	t.rewind(b)
	t.path, t.status, t.anchor, t.at = now.path, now.status, now.anchor, now.at
	t.append(was)
	t.append(told)
}

// passage is a stretch of what was asked and found.
type passage struct {
	checks   []report.Check
	failures []report.SubIndication
	notes    []report.Note
}

func (t *trial) since(b bookmark) passage {
	return passage{
		slices.Clone(t.checks[b.checks:]), slices.Clone(t.failures[b.failures:]), slices.Clone(t.notes[b.notes:]),
	}
}

func (t *trial) append(p passage) {
	t.checks = append(t.checks, p.checks...)
	t.failures = append(t.failures, p.failures...)
	t.notes = append(t.notes, p.notes...)
}

// pastCertificate is past certificate validation (§5.6.2.1): a path that was
// good at some time, and the latest time at which it is known to have been.
func pastCertificate(t *trial) finding {
	anchors, err := t.everyAnchor()
	if err != nil {
		t.fail(err)
		return no("%v", err)
	}
	paths, failure := t.paths(anchors, everyTime)
	for _, p := range paths {
		control, status, bad := t.slide(p.Chain, p.Anchor)
		if bad.outcome != passed {
			if failure.outcome == passed {
				failure = bad
			}
			continue
		}
		t.path, t.anchor, t.status, t.control = p.Chain, p.Anchor, status, control
		return yes("every certificate of the path was in force at %s", stampTime(control))
	}
	return failure
}

// slide is the validation time sliding process (§5.6.2.2). It goes down the
// path from the anchor, and lowers the control time to the latest moment at
// which the certificate in hand was in force beyond doubt: so what is below it
// counts only if it existed by then.
//
// Where revocation information has grown old by the control time, the standard
// slides to its issuance. Here it is the end of its freshness by the policy:
// until that moment the same information would have been accepted from anybody
// who asked. And the control time is never after the end of a certificate.
func (t *trial) slide(chain []*x509.Certificate, anchor pki.Anchor) (control time.Time, out []status, bad finding) {
	control = t.now
	if !anchor.Until.IsZero() {
		control = earlier(control, anchor.Until)
	}
	out = make([]status, len(chain)-1)
	var above fall
	begun, ended := time.Time{}, t.now
	for _, c := range chain[:len(chain)-1] {
		if c.NotBefore.After(begun) {
			begun = c.NotBefore
		}
		ended = earlier(ended, c.NotAfter)
	}
	if begun.After(ended) { // EN 319 102-1 5.6.2.1.2: the intersection of their validities
		return control, nil, no("its certificates were never in force together")
	}
	for i := len(chain) - 2; i >= 0; i-- {
		c := chain[i]
		control = t.acceptedBy(earlier(control, c.NotAfter), c)
		if proven := t.poes.ofBytes(c.Raw); proven.After(control) {
			return control, nil, no("that it existed by %s is not proven", stampTime(control)).of(c.Subject.String())
		}
		var why finding
		out[i], control, why = t.slideOver(asked{cert: c, issuer: chain[i+1], anchor: anchor}, control, above)
		above = above.earlier(out[i].fall)
		if why.outcome != passed {
			return control, nil, why.of(c.Subject.String())
		}
	}
	return control, out, yes("")
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// slideOver looks at the revocation information for one certificate.
func (t *trial) slideOver(q asked, control time.Time, above fall) (status, time.Time, finding) {
	c := q.cert
	st := status{cert: c, detail: "there is no revocation information from before " + stampTime(control)}
	var newest, final *statement
	q.detail = &st.detail
	for _, s := range t.statements(q) {
		if above.ruins(&s) {
			continue
		}
		// A revocation is final, however late it is heard of: only to say that a
		// certificate was in force takes a proof that it was said then.
		if s.standing == revoked {
			st.fall = st.fall.earlier(fall{s.since, slices.Contains(benignReasons, s.reason)})
			if !s.since.After(control) && (final == nil || s.since.Before(final.since)) {
				final = &s
			}
		}
		if s.updated.After(control) || s.proven.After(control) || s.standing == unknownStanding {
			continue
		}
		if newest == nil || s.updated.After(newest.updated) {
			newest = &s
		}
	}
	switch {
	case final != nil:
		newest, control = final, final.since.Add(-time.Nanosecond)
	case newest == nil && (!t.rule.Revocation || shortLived(c, t.v.Policy.Revocation.ShortLived)):
		st.standing = exempt
		return st, control, yes("")
	case newest == nil:
		return st, control, no("%s", st.detail)
	case newest.standing == onHold && !newest.since.After(control):
		return st, control, no("it was suspended on %s", stampTime(newest.since))
	case !t.fresh(*newest, control):
		control = t.freshUntil(*newest)
	}
	st.standing = inForce
	st.rest(*newest)
	return st, control, yes("")
}

// acceptedBy is the last moment, not after at, at which the policy accepts how
// c is signed and its key (§5.6.2.2 step 2 d). It is at itself if there is
// none: nothing existed by the beginning of time.
func (t *trial) acceptedBy(at time.Time, c *x509.Certificate) time.Time {
	for _, moment := range t.v.Policy.Turns(at) {
		if t.certificateAccepted(c, moment) == nil {
			return moment
		}
	}
	return time.Time{}
}

// pastSignature asks whether the signature existed by the control time, while
// its certificate was valid, and while its algorithms were good enough.
func pastSignature(t *trial) finding {
	proven := t.poes.of(t.object)
	stamp := stampTime(proven)
	switch c := t.signer; {
	case proven.After(t.control):
		return no("it is proven to have existed at %s, not by %s", stamp, stampTime(t.control))
	case proven.Before(c.NotBefore):
		return no("it existed at %s, before its certificate", stamp).as(report.NotYetValid)
	case proven.After(c.NotAfter):
		return no("it is proven to have existed at %s, after the end of its certificate", stamp)
	case proven.Before(t.anchor.From):
		return no("it existed at %s, when its anchor was not trusted yet", stamp)
	}
	for _, row := range slices.Concat(constraintChecks, cryptoConstraints) {
		at := t.at
		t.at = proven
		f := row.ask(t)
		t.at = at
		if f.outcome == failed {
			if f.sub == "" {
				f.sub = row.sub
			}
			return f
		}
	}
	t.at = proven
	return yes("it existed at %s", stamp)
}
