package verifier

import (
	"slices"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// levelChecks ask whether the signature carries what the policy wants to be
// with it.
var levelChecks = []check{
	{"acceptance.level", "EN 319 122-1 6.1", report.SigConstraintsFailure, levelReached},
}

func levelReached(t *trial) finding {
	if t.sig.Credential != nil {
		return skip() // levels are of AdES signatures
	}
	have := t.level()
	if t.rule.Reaches(have) {
		return yes("%s", have)
	}
	return no("it is of level %s, required is %v", have, t.rule.Levels)
}

// level is the baseline level that the signature reaches by what was found to
// hold, not by what is there: EN 319 122-1 §6.1, EN 319 142-1 §6.1. A certificate
// status that is not in the document is none of its own.
func (t *trial) level() formats.Level {
	if t.best == nil {
		return formats.LevelB
	}
	for _, s := range t.status {
		if s.standing != exempt && !s.embedded {
			return formats.LevelT
		}
	}
	kept := func(s stamp) bool {
		return s.valid && (s.kind == formats.ArchiveTimestamp || s.kind == formats.DocumentTimestamp) &&
			slices.ContainsFunc(t.sig.Evidence.Revocations, func(r pki.Revocation) bool {
				return slices.Contains(s.covers, formats.ObjectOf(r.Raw))
			})
	}
	if slices.ContainsFunc(t.stamps, kept) {
		return formats.LevelLTA
	}
	return formats.LevelLT
}
