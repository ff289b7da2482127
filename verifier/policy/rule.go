package policy

import (
	"slices"
	"time"

	"tamga/formats"
	"tamga/pki"
)

// Rule is what is required of a signature and its certificate.
type Rule struct {
	Use  pki.Use   // which anchors count; none: nobody is trusted
	Also []pki.Use // further ones that do

	Attribute bool // the signing-certificate attribute is required
	// References is whether a signature must refer to content at all: where
	// true, one without references signs nothing and fails.
	References bool
	// Levels are baseline levels, one of which must be reached; see [Rule.Reaches].
	Levels  []formats.Level
	Purpose Purpose
	// Policies is what is required of certificate policies.
	Policies Policies
	// Revocation is whether the status of the certificates must be known.
	Revocation bool
	// SignerOnly lets the status of those above the signer's be unknown.
	SignerOnly bool
	Freshness  Freshness
}

// Uses are those for which an anchor must be trusted to count.
func (r Rule) Uses() []pki.Use {
	if r.Use == "" {
		return slices.Clone(r.Also)
	}
	return append([]pki.Use{r.Use}, r.Also...)
}

// Purpose is what is required of the extended key usage of a signer, as dotted
// object identifiers (RFC 5280 §4.2.1.12).
type Purpose struct {
	Need     []string // at least one of them; empty: the extension may be absent
	Only     bool     // nothing beside Need
	Critical bool
	// Refuse are purposes that do not include this one: a certificate whose
	// purposes all stand here is refused. Anything else passes.
	Refuse []string
	// AnyIssuer leaves the extended key usage of authorities out of it. Without
	// it, one that has the extension must name one of Need, or any purpose: what
	// TLS stacks call nesting. It asks nothing where Need is empty.
	AnyIssuer bool
}

// Policies are the inputs to the policy processing of RFC 5280 §6.1.1 (c) to
// (g). The zero value requires a policy of an empty set, which no path has.
type Policies struct {
	// Accept is the user-initial-policy-set, dotted. Empty, it names none; see
	// AcceptAny.
	Accept []string
	// AcceptAny stands for a set that holds any-policy.
	AcceptAny bool
	// NotExplicit, AnyPolicy and Mapping relax initial-explicit-policy,
	// initial-any-policy-inhibit and initial-policy-mapping-inhibit.
	NotExplicit, AnyPolicy, Mapping bool
}

// Freshness is how old revocation information may be at the time that counts
// (EN 319 102-1 §5.2.5.4). The zero value accepts none that was made before.
type Freshness struct {
	NextUpdate bool          // as long as it says of itself
	MaxAge     time.Duration // as long as this; with NextUpdate, the shorter counts
}

// Until returns the end of the time for which information is fresh. Where that
// rests on its nextUpdate and it has none, it is fresh only when it is made.
func (f Freshness) Until(thisUpdate, nextUpdate time.Time) time.Time {
	end := thisUpdate
	if f.MaxAge > 0 {
		end = thisUpdate.Add(f.MaxAge)
	}
	if f.NextUpdate && (f.MaxAge == 0 || nextUpdate.Before(end)) {
		end = nextUpdate
	}
	if end.Before(thisUpdate) {
		return thisUpdate
	}
	return end
}

// levels are the baseline levels, lowest first. Each holds those before it (EN
// 319 122-1 §6.1).
var levels = []formats.Level{formats.LevelB, formats.LevelT, formats.LevelLT, formats.LevelLTA}

// Reaches reports whether a signature of a level is enough. A nil list asks for
// the highest there is; one that is empty but not nil, for none.
func (r Rule) Reaches(have formats.Level) bool {
	want := r.Levels
	if want == nil {
		want = levels[len(levels)-1:]
	}
	if len(want) == 0 {
		return true
	}
	reached := slices.Index(levels, have)
	return slices.ContainsFunc(want, func(l formats.Level) bool {
		i := slices.Index(levels, l)
		return i >= 0 && reached >= i
	})
}
