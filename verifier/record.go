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
	from   int  // where its stamps begin among all
	left   int  // stamps that have not been judged yet
	valid  bool // whether all that have been were valid
	broken bool // it is not what it says, or one of its stamps is not
}

// withRecords puts the stamps of all records behind list. A record that is over
// what is left of the limit is not judged, and does not hold.
func (t *trial) withRecords(list []formats.Timestamp) []formats.Timestamp {
	list = slices.Clip(list)
	for i := range t.sig.Evidence.Records {
		r := &t.sig.Evidence.Records[i]
		one := record{Record: r, from: len(list), left: len(r.Stamps), valid: true}
		if r.Stamps == nil && !r.Rest {
			one.broken = true // its parser could not read it, and should have said so
		}
		for _, d := range r.Defects {
			one.broken = one.broken || d.Fatal
			t.notes = append(t.notes, defectNote(d))
		}
		if len(list)+len(r.Stamps) > t.v.Policy.Limits.Timestamps {
			one.valid, one.from = false, -len(r.Stamps)
		} else {
			list = append(list, r.Stamps...)
		}
		t.records = append(t.records, one)
	}
	return list
}

// recordOf is the record to which the stamp at i of that list belongs.
func (t *trial) recordOf(i int) *record {
	for k := range t.records {
		if r := &t.records[k]; i >= r.from && i < r.from+len(r.Stamps) {
			return r
		}
	}
	return nil
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
	r.left--
	r.valid = r.valid && s.valid
	r.broken = r.broken || s.broken
	if r.broken {
		return
	}
	p.extract(s)
	if r.left == 0 && r.valid {
		// All stamps rest on those after them; only now does this one speak for
		// the data.
		s.covers = slices.Concat(s.covers, r.Covers)
		p.extract(s)
	}
}

// holds reports whether the record proves what it covers.
func (r *record) holds() bool {
	return !r.broken && r.valid && r.left == 0
}

// silence lets no stamp of a record that does not hold speak for a time.
func (t *trial) silence(own []stamp) {
	for i := range own {
		if r := t.recordOf(i); r != nil && !r.holds() {
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
		case r.broken && (r.Rest || t.v.Policy.Stamps != policy.DropFailing):
			return no("it is not what it says").of(r.Name)
		case r.holds() && (!r.Rest || len(t.failures) == 0): // the first one's failures are told already
			held++
		case r.holds():
		case r.Rest || t.v.Policy.Stamps == policy.RefuseFailing:
			return no("one of its time-stamps does not hold").of(r.Name).as(report.NoPOE)
		}
	}
	if held == 0 {
		return skip()
	}
	return yes("evidence records: %d", held)
}
