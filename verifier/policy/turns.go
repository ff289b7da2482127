package policy

import (
	"slices"
	"time"
)

// Turns returns at and, newest first, the last moments before it of whatever
// the policy has given an end: between two of them its answers do not change.
func (p *Policy) Turns(at time.Time) []time.Time {
	out := []time.Time{at}
	add := func(until time.Time) {
		if last := until.Add(-time.Nanosecond); !until.IsZero() && last.Before(at) {
			out = append(out, last)
		}
	}
	for _, a := range p.Algorithms {
		add(a.Until)
	}
	for _, d := range p.Digests {
		add(d.Until)
	}
	for _, k := range p.Keys {
		add(k.Until)
	}
	slices.SortFunc(out, func(a, b time.Time) int { return b.Compare(a) })
	return slices.CompactFunc(out, time.Time.Equal)
}
