package verifier

import (
	"time"

	"tamga/verifier/report"
)

// timeChecks are validation with time, EN 319 102-1 §5.5.4 steps 4 and 5.
var timeChecks = []check{
	{"time.whole", "EN 319 102-1 5.5.4", report.SigConstraintsFailure, stampsWhole},
	{"evidence.record", "RFC 4998 5.3", report.SigConstraintsFailure, recordsHold},
	{"time.order", "EN 319 102-1 5.5.4", report.TimestampOrderFailure, stampsInOrder},
	{"time.issued", "EN 319 102-1 5.5.4", report.NotYetValid, signedAfterIssue},
}

// withTime asks again for the best-signature-time, the earliest that a valid
// time-stamp proves: a certificate that has expired or was revoked since, and
// an algorithm that has aged since, do no harm to what was signed before.
// Whatever no time could heal, and whatever happened by then, stands.
func (t *trial) withTime(start bookmark) {
	if t.best != nil && t.best.time.Before(t.now) && len(t.failures) > start.failures && t.healableSince(start) {
		t.rewind(start)
		t.at = t.best.time
		t.standing()
		t.note("note.judged-as-of", stampTime(t.at), t.best.by)
	}
}

// stampsInOrder demands that the content was stamped before the signature, as
// their names say.
func stampsInOrder(t *trial) finding {
	if t.best == nil || t.content == nil {
		return skip()
	}
	if t.content.time.After(t.best.time) {
		return no("content stamped %s, signature %s",
			t.content.time.UTC().Format(time.RFC3339), t.best.time.UTC().Format(time.RFC3339))
	}
	return yes("content stamped before the signature")
}

// signedAfterIssue stops a signature that provably existed before the
// certificate under which it is said to be made.
func signedAfterIssue(t *trial) finding {
	if t.best == nil {
		return skip()
	}
	if t.best.time.Before(t.signer.NotBefore) {
		return no("it existed on %s, the certificate is of %s",
			t.best.time.UTC().Format(time.RFC3339), t.signer.NotBefore.UTC().Format(time.RFC3339))
	}
	return yes("%s by %s", t.best.time.UTC().Format(time.RFC3339), t.best.by)
}
