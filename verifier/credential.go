package verifier

import (
	"time"

	"tamga/verifier/report"
)

// credentialChecks are what EN 319 102-1 does not know: the validity and the
// status of identity documents (ISO 18013-5 §9.1.2.4 and §9.3.1, RFC 9901,
// EUDI ARF VCR_01). They are asked for now, because people ask whether the
// document is good today, not on the day of its making. A proof of the holder
// is judged in holder.go.
var credentialChecks = []check{
	{"credential.validity", "ISO 18013-5 9.3.1", report.Expired, credentialValid},
	{"credential.signed", "ISO 18013-5 9.3.1", report.SigConstraintsFailure, credentialSigned},
	{"credential.status", "EUDI ARF VCR_01", report.TryLater, credentialStatus},
}

func credentialValid(t *trial) finding {
	c := t.sig.Credential
	noteHolder(t)
	switch {
	case t.now.Before(c.ValidFrom):
		return no("valid from %s", c.ValidFrom.UTC().Format(time.RFC3339)).as(report.NotYetValid)
	case !c.ValidUntil.IsZero() && !t.now.Before(c.ValidUntil):
		return no("valid until %s", c.ValidUntil.UTC().Format(time.RFC3339))
	case c.ValidUntil.IsZero():
		return yes("no end is stated")
	}
	return yes("until %s", c.ValidUntil.UTC().Format(time.RFC3339))
}

func noteHolder(t *trial) {
	switch c := t.sig.Credential; {
	case t.passed("holder.value"):
		t.note("note.holder-signed")
	case c.HolderKey && c.Presented:
		t.note("note.holder-unjudged")
	case c.HolderKey:
		t.note("note.holder-bound")
	default:
		t.note("note.holder-none")
	}
}

// credentialSigned demands that the issuer's certificate was valid on the day
// that the document says it was signed.
func credentialSigned(t *trial) finding {
	signed := t.sig.Credential.Signed
	switch {
	case signed.IsZero() || t.signer == nil:
		return skip()
	case signed.Before(t.signer.NotBefore) || signed.After(t.signer.NotAfter):
		return no("signed %s, outside of the validity of the issuer's certificate", signed.UTC().Format(time.RFC3339))
	}
	return yes("signed %s", signed.UTC().Format(time.RFC3339))
}

// credentialStatus asks whether the issuer may have revoked the document. One
// that names a status list whose answer is not at hand: cannot tell. One of at
// most a day needs none. A longer one without any status is beyond revocation
// by its issuer's own decision (mobile driving licences of the first edition of
// ISO 18013-5 are all of this kind): unless the policy demands a status it is
// in force by its dates and signature alone, and the report says so.
func credentialStatus(t *trial) finding {
	c, rules := t.sig.Credential, t.v.Policy.Credential
	if c.StatusURI != "" {
		return no("its status stands in a list that was not asked")
	}
	if shortWindow(t) {
		return yes("valid for so short a time that it needs none")
	}
	if rules.StatusRequired {
		return no("it names no status, and is valid for longer than %s", rules.ShortLived)
	}
	t.note("note.credential-irrevocable")
	return yes("it names none")
}

func shortWindow(t *trial) bool {
	c := t.sig.Credential
	from := c.ValidFrom
	if from.IsZero() {
		from = c.Signed
	}
	return !c.ValidUntil.IsZero() && c.ValidUntil.Sub(from) <= t.v.Policy.Credential.ShortLived
}
