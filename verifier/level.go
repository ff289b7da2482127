package verifier

import (
	"encoding/hex"
	"slices"

	"tamga/formats"
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
			!slices.ContainsFunc(t.status, func(st status) bool { return st.rests != nil && !s.coversSum(st.rests.sum) })
	}
	if slices.ContainsFunc(t.stamps, kept) {
		return formats.LevelLTA
	}
	return formats.LevelLT
}

// coversSum reports whether the stamp covers the object with this SHA-256, in
// hexadecimal.
func (s *stamp) coversSum(sum string) bool {
	return slices.ContainsFunc(s.covers, func(o formats.Object) bool { return hex.EncodeToString(o[:]) == sum })
}
