package verifier

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"tamga/formats"
)

// proof is a proof of existence (EN 319 102-1 §3.1): something existed at time,
// because by covers it. The zero value proves nothing.
type proof struct {
	time time.Time
	by   string // the time-stamp, for the report
}

// poes are the proofs of existence at hand. What is not among them is proven to
// exist only now, by being here.
type poes struct {
	now   time.Time
	known map[formats.Object]proof
}

func newPOEs(now time.Time) *poes { return &poes{now: now, known: map[formats.Object]proof{}} }

func (p *poes) clone() *poes { return &poes{now: p.now, known: maps.Clone(p.known)} }

// of is the earliest moment at which the object is proven to have existed.
func (p *poes) of(o formats.Object) time.Time {
	if known, ok := p.known[o]; ok {
		return known.time
	}
	return p.now
}

func (p *poes) ofBytes(raw []byte) time.Time {
	if len(p.known) == 0 {
		return p.now
	}
	return p.of(formats.ObjectOf(raw))
}

// extract is POE extraction, EN 319 102-1 §5.6.2.3: what a time-stamp covers
// existed when it was made. Only a stamp that is wholly valid proves anything.
func (p *poes) extract(s *stamp) {
	if !s.valid {
		return
	}
	for _, o := range s.covers {
		if s.time.Before(p.of(o)) {
			p.known[o] = proof{s.time, s.report.Name}
		}
	}
}

// latestFirst is the order in which time-stamps are judged (§5.6.3.4): a later
// one proves what is needed to believe an earlier one whose authority has
// expired since. The order is by what they say, which nobody has checked yet: a
// wrong one costs its stamp, and never helps it.
func latestFirst(list []formats.Timestamp) []int {
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(list[b].Time.Compare(list[a].Time), cmp.Compare(b, a))
	})
	return order
}
