package verifier

import (
	"strconv"
	"time"

	"tamga/verifier/report"
)

// answers puts what was found into the five questions that people ask. Where
// the signature is broken, the first answer says so and hides the others.
func (t *trial) answers() []report.Answer {
	first := t.unchanged()
	if first.Mark == report.No && !t.changedLater() {
		hidden := func(q report.Question) report.Answer { return report.NewAnswer(q, report.Unknown, "hidden") }
		return []report.Answer{
			first, hidden(report.Who), hidden(report.WhoVouches), hidden(report.When), hidden(report.StillInForce),
		}
	}
	return []report.Answer{first, t.who(), t.whoVouches(), t.when(), t.stillInForce()}
}

func (t *trial) unchanged() report.Answer {
	say := func(m report.Mark, code string, args ...string) report.Answer {
		return report.NewAnswer(report.Unchanged, m, code, args...)
	}
	added := strconv.FormatInt(t.sig.Coverage.After, 10)
	switch {
	case t.failedWith(report.FormatFailure):
		return say(report.No, "unchanged.format")
	case t.failedWith(report.HashFailure) && len(t.detached) > 0:
		return say(report.No, "unchanged.other", t.detached...)
	case t.failedWith(report.HashFailure):
		return say(report.No, "unchanged.content")
	case t.failedWith(report.SigCryptoFailure):
		return say(report.No, "unchanged.value")
	case t.changedLater():
		return say(report.No, "unchanged.added", added)
	case t.failedWith(report.SignedDataNotFound):
		return say(report.Unknown, "unchanged.missing")
	case !t.passed("signature.value"), !t.passed("acceptance.coverage"):
		return say(report.Unknown, "unchanged.unchecked")
	case t.sig.Coverage.Seen != "":
		return say(report.Yes, "unchanged.seen", t.sig.Coverage.Seen)
	case t.sig.Coverage.After > 0:
		return say(report.Yes, "unchanged.later", added)
	case len(t.detached) > 0:
		return say(report.Yes, "unchanged.detached", t.detached...)
	}
	return say(report.Yes, "unchanged.whole")
}

// passed reports whether the check was asked and answered "yes".
func (t *trial) passed(id string) bool {
	for _, c := range t.checks {
		if c.ID == id {
			return c.Passed
		}
	}
	return false
}

// vouched reports whether somebody who is trusted stands behind the name: the
// last of what is asked of the certificate passed, or the last of what is asked
// of the past.
func (t *trial) vouched() bool {
	return t.passed("signature.value") && (t.passed("certificate.purpose") || t.passed("past.signature"))
}

func (t *trial) who() report.Answer {
	say := func(m report.Mark, code string, args ...string) report.Answer {
		return report.NewAnswer(report.Who, m, code, args...)
	}
	if !t.passed("signature.value") {
		return say(report.Unknown, "who.nobody")
	}
	name := displayName(t.signer)
	switch {
	case t.changedLater():
		return say(report.Unknown, "who.earlier", name)
	case !t.vouched():
		return say(report.Unknown, "who.unvouched", name)
	case t.sig.Credential != nil:
		return say(report.Yes, "who.issued", name)
	}
	return say(report.Yes, "who.signed", name)
}

func (t *trial) whoVouches() report.Answer {
	say := func(m report.Mark, code string, args ...string) report.Answer {
		return report.NewAnswer(report.WhoVouches, m, code, args...)
	}
	switch {
	case t.vouched() && len(t.path) == 1:
		return say(report.Yes, "vouches.self", t.anchorName())
	case t.vouched() && len(t.path) == 2:
		return say(report.Yes, "vouches.issuer", t.anchorName())
	case t.vouched():
		return say(report.Yes, "vouches.anchor", displayName(t.path[1]), t.anchorName())
	case t.passed("certificate.path"):
		return say(report.No, "vouches.refused", t.anchorName())
	}
	return say(report.Unknown, "vouches.nobody")
}

// anchorName is whom we trust, and who told us to.
func (t *trial) anchorName() string {
	name := displayName(t.path[len(t.path)-1])
	if t.anchor.Source != "" {
		name += " (" + t.anchor.Source + ")"
	}
	return name
}

func (t *trial) when() report.Answer {
	say := func(m report.Mark, code string, args ...string) report.Answer {
		return report.NewAnswer(report.When, m, code, args...)
	}
	claimed := t.sig.Claims.Time
	if claimed.IsZero() && t.sig.Credential != nil {
		claimed = t.sig.Credential.Signed
	}
	switch {
	case t.best != nil && t.failedWith(report.TimestampOrderFailure, report.NotYetValid):
		return say(report.No, "when.order", stampTime(t.best.time), t.best.by)
	case t.best != nil:
		return say(report.Yes, "when.proven", stampTime(t.best.time), t.best.by)
	case claimed.IsZero():
		return say(report.Unknown, "when.unsaid")
	case t.sig.Credential != nil:
		return say(report.Unknown, "when.issued", stampTime(claimed))
	case len(t.stamps) > 0:
		return say(report.Unknown, "when.unproven", stampTime(claimed))
	}
	return say(report.Unknown, "when.claimed", stampTime(claimed))
}

// stampTime is a moment as reports carry it: RFC 3339, UTC.
func stampTime(at time.Time) string { return at.UTC().Format(time.RFC3339) }

func (t *trial) stillInForce() report.Answer {
	say := func(m report.Mark, code string, args ...string) report.Answer {
		return report.NewAnswer(report.StillInForce, m, code, args...)
	}
	if !t.passed("certificate.path") && !t.passed("past.signature") {
		return say(report.Unknown, "force.unvouched")
	}
	for i, s := range t.status {
		switch {
		case s.standing == revoked && i > 0:
			return say(report.No, "force.issuer", displayName(s.cert), stampTime(s.since))
		case s.standing == revoked:
			return say(report.No, "force.revoked", stampTime(s.since))
		}
	}
	if a, found := t.outOfTime(say); found {
		return a
	}
	for _, s := range t.status {
		switch {
		case s.standing == onHold:
			return say(report.Unknown, "force.hold", stampTime(s.since))
		case s.standing == unknownStanding && t.rule.Revocation:
			return say(report.Unknown, "force.unknown")
		}
	}
	if t.failedWith(report.CryptoConstraintsFailure, report.CryptoConstraintsFailureNoPOE) {
		return say(report.Unknown, "force.weak")
	}
	return t.inForce(say)
}

type sayer = func(m report.Mark, code string, args ...string) report.Answer

// outOfTime answers where a certificate or a document is past its end or
// before its beginning. An expired certificate is a doubt, never by itself a
// "no": the signature may be older.
func (t *trial) outOfTime(say sayer) (report.Answer, bool) {
	if c := t.sig.Credential; c != nil {
		switch {
		case !c.ValidUntil.IsZero() && !t.now.Before(c.ValidUntil):
			return say(report.No, "force.document-expired", stampTime(c.ValidUntil)), true
		case t.now.Before(c.ValidFrom):
			return say(report.No, "force.document-not-yet", stampTime(c.ValidFrom)), true
		}
	}
	switch {
	case t.failedWith(report.Expired):
		return say(report.No, "force.signed-late", stampTime(t.signer.NotAfter)), true
	case t.at.After(t.signer.NotAfter):
		return say(report.Unknown, "force.expired", stampTime(t.signer.NotAfter)), true
	case t.at.Before(t.signer.NotBefore):
		return say(report.Unknown, "force.not-yet", stampTime(t.signer.NotBefore)), true
	}
	return report.Answer{}, false
}

// inForce answers where nothing stands against it.
func (t *trial) inForce(say sayer) report.Answer {
	if c := t.sig.Credential; c != nil {
		switch {
		case !t.passed("credential.status"):
			return say(report.Unknown, "force.status")
		case c.ValidUntil.IsZero():
			return say(report.Yes, "force.document-open")
		}
		return say(report.Yes, "force.document", stampTime(c.ValidUntil))
	}
	switch {
	case len(t.status) == 0:
		return say(report.Yes, "force.anchor")
	case t.at.Before(t.now):
		return say(report.Yes, "force.then", stampTime(t.at))
	case t.status[0].standing == exempt:
		return say(report.Yes, "force.short")
	case t.status[0].standing == unknownStanding:
		return say(report.Unknown, "force.unknown")
	}
	return say(report.Yes, "force.good", stampTime(t.status[0].updated))
}
