package verifier

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tamga/formats"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// stamp is a time-stamp that has been judged.
type stamp struct {
	kind   formats.TimestampKind
	time   time.Time
	by     string // who vouches for the time
	valid  bool
	broken bool // forged, damaged, or of something else
	covers []formats.Object
	after  int64 // bytes added to the document since, for stamps of documents
	report report.Signature
}

// outcome is the indication and the sub-indication of a stamp.
func (s *stamp) outcome() string {
	return strings.TrimSpace(s.report.Indication.String() + " " + string(s.report.SubIndication))
}

// stampChecks are what a time-stamp is asked beyond what every signature is,
// EN 319 102-1 §5.4.
var stampChecks = []check{
	{"timestamp.time", "EN 319 102-1 5.4.4", report.TimestampOrderFailure, stampedInPast},
}

// stampsWhole refuses a signature with a time-stamp in it that is forged, or
// was made for something else (copied from another file), if the policy says
// so. The standard would drop the token and go on (§5.5.4 step 3); but a file
// that nobody has touched holds none, and people read "valid" as "nobody has
// touched it". Whether a token that is only not to be believed, such as one of
// an unknown authority, does harm is the policy's to say as well.
func stampsWhole(t *trial) finding {
	for _, s := range t.stamps {
		refused := s.broken && t.v.Policy.Stamps != policy.DropFailing || !s.valid && t.v.Policy.Stamps == policy.RefuseFailing
		if refused {
			return no("it does not hold: %s", s.report.SubIndication).of(s.report.Name)
		}
	}
	if n, limit := len(t.sig.Evidence.Timestamps), t.v.Policy.Limits.Timestamps; n > limit && t.v.Policy.Stamps != policy.DropFailing {
		return no("%d time-stamps, of which %d are judged at most", n, limit)
	}
	if len(t.stamps) == 0 {
		return skip()
	}
	return yes("time-stamps: %d", len(t.stamps))
}

// stampedInPast refuses a time after the one that is asked for: it proves
// nothing yet, and no authority that minds its clock makes one.
func stampedInPast(t *trial) finding {
	claimed := t.sig.Claims.Time
	switch {
	case claimed.IsZero():
		return no("the token states no time")
	case claimed.After(t.now.Add(t.v.Policy.Revocation.Skew)):
		return no("the token is of %s, in the future", claimed.UTC().Format(time.RFC3339))
	case t.signer != nil && claimed.Before(t.signer.NotBefore):
		return no("the token is older than its authority's certificate")
	}
	return yes("%s", claimed.UTC().Format(time.RFC3339))
}

// judgeStamps validates every time-stamp of the signature (§5.4), the latest
// first, and takes from each that holds what it proves (§5.6.2.3). A token is a
// signature like any other, by the same blocks; one that does not wholly
// validate is no proof of time.
func (t *trial) judgeStamps() {
	list := t.sig.Evidence.Timestamps
	if limit := t.v.Policy.Limits.Timestamps; len(list) > limit {
		t.note("note.timestamps-limit", strconv.Itoa(limit), strconv.Itoa(len(list)))
		list = list[:limit]
	}
	list, owners := t.withRecords(list)
	own := make([]stamp, len(list))
	for _, i := range latestFirst(list) {
		own[i] = t.stamp(&list[i], i)
		if owners[i] != nil {
			owners[i].judged(t.poes, &own[i])
			continue
		}
		t.poes.extract(&own[i])
	}
	silence(own, owners)
	t.stamps = append(t.stamps, own...)
	for _, s := range t.stamps {
		if !s.valid {
			t.note("note.timestamp-unproven", s.report.Name, s.outcome())
		}
	}
	t.chooseStamps()
}

// chooseStamps finds the best signature time, the earliest that a stamp over
// the signature proves (§5.5.4), and the latest stamp over the content alone.
func (t *trial) chooseStamps() {
	for i := range t.stamps {
		s := &t.stamps[i]
		switch {
		case !s.valid:
		case s.kind == formats.ContentTimestamp:
			if t.content == nil || s.time.After(t.content.time) {
				t.content = s
			}
		case (s.kind == formats.EvidenceTimestamp || s.kind == formats.RecordTimestamp) &&
			!slices.Contains(s.covers, t.object):
		case t.best == nil || s.time.Before(t.best.time):
			t.best = s
		}
	}
}

// stamp judges one time-stamp by the policy's rule for them, within the trial
// of what it came with: at now and, where that leaves only doubts that time can
// resolve, by what later stamps prove of it (§5.6.3.4).
func (of *trial) stamp(ts *formats.Timestamp, i int) stamp {
	sig := ts.Signature
	sig.Claims.Time = ts.Time
	if sig.Name == "" {
		sig.Name = fmt.Sprintf("time-stamp %d (%s)", i+1, ts.Kind)
	}
	t := &trial{
		v: of.v, ctx: of.ctx, now: of.now, at: of.now, shared: of.shared,
		sig: &sig, object: formats.ObjectOf(ts.Raw), rule: of.v.Policy.Timestamp, poes: of.poes, stamping: true,
	}
	t.gather(of.pool)
	t.run(formatChecks)
	t.integrity()
	t.run(stampChecks)
	start := t.mark()
	t.standing()
	t.past(start)
	out := stamp{kind: ts.Kind, time: ts.Time, covers: ts.Covers, report: t.report()}
	out.report.Stamp = report.StampKind(ts.Kind) // the same words
	out.report.SHA256 = hex.EncodeToString(t.object[:])
	out.valid, out.broken = out.report.Indication == report.TotalPassed, t.broken()
	if t.signer != nil {
		out.by = displayName(t.signer)
	}
	return out
}

// documentStamps judges the time-stamps of the document as it stood, once for
// all signatures that they cover, the last one first.
func (of *trial) documentStamps(doc *formats.Document) []stamp {
	var out []stamp
	for i := len(doc.Signatures) - 1; i >= 0; i-- {
		sig := &doc.Signatures[i]
		if sig.Stamp == nil {
			continue
		}
		ts := *sig.Stamp
		ts.Kind, ts.Signature = formats.DocumentTimestamp, *sig
		s := of.stamp(&ts, i)
		s.after = sig.Coverage.After
		of.poes.extract(&s)
		out = append(out, s)
	}
	slices.Reverse(out)
	return out
}

// covering are the stamps of the document that were made over it when sig was
// already in it: what was added after them had been added after sig, too.
func covering(stamps []stamp, sig *formats.Signature) []stamp {
	var out []stamp
	for _, s := range stamps {
		if s.after < sig.Coverage.After {
			out = append(out, s)
		}
	}
	return out
}
