package verifier

import (
	"slices"

	"tamga/formats"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// record is an evidence record while its archive time-stamps are judged, each
// like any other time-stamp, with the others of the signature, the latest first.
type record struct {
	*formats.Record
	valid  int  // how many of its stamps have been judged and are valid
	broken bool // it is not what it says
}

// withRecords puts the stamps of all records behind list, and says to which
// record each belongs: nil, to none. A record that is over what is left of the
// limit is not judged, and does not hold.
func (t *trial) withRecords(list []formats.Timestamp) ([]formats.Timestamp, []*record) {
	list = slices.Clip(list)
	owners := make([]*record, len(list))
	t.records = make([]record, len(t.sig.Evidence.Records))
	for i := range t.records {
		r := &t.records[i]
		r.Record = &t.sig.Evidence.Records[i]
		r.broken = slices.ContainsFunc(r.Defects, func(d formats.Defect) bool { return d.Fatal })
		for _, d := range r.Defects {
			t.notes = append(t.notes, defectNote(d))
		}
		if len(list)+len(r.Stamps) > t.v.Policy.Limits.Timestamps {
			continue
		}
		for _, s := range r.Stamps {
			list, owners = append(list, s), append(owners, r)
		}
	}
	return list, owners
}

// judged takes what a stamp of the record proves: first that the one before it
// existed, and when all have been judged that the data did. Time-stamps are
// judged the latest first, so the last of a record is its first, unless they do
// not ascend; then the record is broken.
//
// RFC 4998 §5.3 wants every archive time-stamp valid at the time of the next,
// and the last valid now. The past validation of a stamp asks just that, with
// the next one's time as the proof that it existed.
func (r *record) judged(p *poes, s *stamp) {
	if !s.valid || r.broken {
		return
	}
	p.extract(s)
	if r.valid++; r.valid == len(r.Stamps) {
		// All stamps rest on those after them; only now does this one speak for
		// the data.
		s.covers = slices.Concat(s.covers, r.Covers)
		p.extract(s)
	}
}

// holds reports whether the record proves what it covers.
func (r *record) holds() bool { return !r.broken && r.valid == len(r.Stamps) }

// silence lets no stamp of a record that does not hold speak for a time.
func silence(own []stamp, owners []*record) {
	for i, r := range owners {
		if r != nil && !r.holds() {
			own[i].covers = nil
		}
	}
}

// recordsHold refuses a signature with an evidence record in it that is broken,
// as it does with time-stamps; and a record on its own of which one time-stamp
// is not to be believed, for it says nothing without the others.
func recordsHold(t *trial) finding {
	held := 0
	for i := range t.records {
		switch r := &t.records[i]; {
		case r.holds():
			held++
		case r.broken && t.v.Policy.Stamps != policy.DropFailing:
			return no("it is not what it says").of(r.Name)
		case r.Rest || t.v.Policy.Stamps == policy.RefuseFailing:
			return no("one of its time-stamps does not hold").of(r.Name).as(report.NoPOE)
		}
	}
	if held == 0 {
		return skip()
	}
	return yes("evidence records: %d", held)
}
