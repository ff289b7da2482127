package cades

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/ers"
)

// maxRecords bounds the evidence records in one CMS, each of which is over all
// of it.
const maxRecords = 4

// archived is the data that an evidence record is over.
type archived struct {
	objects []ers.Object
	// content is the part that may be large: it is digested before anything else
	// is asked. Nil: there is none.
	content *summed
	missing bool // not all of it was supplied
}

// summed digests an input once for each algorithm.
type summed struct {
	open func() io.Reader
	sums map[pki.Hash]*contentSum
}

func newSummed(open func() io.Reader) *summed { return &summed{open, map[pki.Hash]*contentSum{}} }

func (s *summed) sum(h pki.Hash) *contentSum {
	if s.sums[h] == nil {
		s.sums[h] = &contentSum{open: s.open, hash: h}
	}
	return s.sums[h]
}

func (s *summed) form() ers.Form {
	return ers.Form{Open: s.open, Digest: func(h pki.Hash) ([]byte, error) {
		return io.ReadAll(s.sum(h).reader())
	}}
}

// recordStamps reduces the archive time-stamps of a record to facts, oldest
// first: what each is over, and that it covers the one before it.
func recordStamps(memo *pki.Memo, name string, record *ers.Record, data archived) (out []formats.Timestamp, err error) {
	var before *token
	for i, c := range record.Chains {
		for k, s := range c.Stamps {
			t, err := parseToken(memo, formats.RecordTimestamp, s.Token, 1)
			if err != nil {
				return nil, fmt.Errorf("archive time-stamp %d of chain %d: %w", k+1, i+1, err)
			}
			t.Signature.Name = fmt.Sprintf("%s, archive time-stamp %d", name, len(out)+1)
			if k > 0 || !data.missing {
				t.over(func() io.Reader { return &rootReader{record: record, chain: i, position: k, data: data} })
			}
			if before != nil {
				t.Covers = append(Objects(&before.Signature), formats.ObjectOf(before.Raw))
			}
			out, before = append(out, t.Timestamp), t
		}
	}
	return out, nil
}

// rootReader reads what the message imprint of an archive time-stamp must be
// the digest of. It digests a piece of the content with each Read until that is
// known, so that whoever reads can stop.
type rootReader struct {
	record          *ers.Record
	chain, position int
	data            archived
	content, root   io.Reader
	ready           bool
}

func (r *rootReader) Read(b []byte) (int, error) {
	if r.root != nil {
		return r.root.Read(b)
	}
	h := r.record.Chains[r.chain].Hash
	if !r.ready && r.data.content != nil && r.position == 0 && h.Known() {
		if r.content == nil {
			r.content = r.data.content.sum(h).reader()
		}
		_, err := r.content.Read(b)
		if r.ready = err == io.EOF; r.ready {
			err = nil
		}
		return 0, err
	}
	open, err := r.record.Root(r.chain, r.position, r.data.objects)
	if errors.Is(err, ers.ErrNotCovered) {
		return 0, fmt.Errorf("%w: %w", formats.ErrMalformed, err)
	}
	if err != nil {
		return 0, err
	}
	r.root = open()
	return r.root.Read(b)
}

// defectsOf are the defects of a record in the words of this floor.
func defectsOf(record *ers.Record) (out []formats.Defect) {
	for _, d := range record.Defects {
		out = append(out, formats.Defect(d))
	}
	return out
}

// embedded is an evidence record in an unsigned attribute (RFC 4998 appendix A,
// TS 119 122-3).
type embedded struct {
	formats.Record
	kept map[int]bool // positions of the unsigned attributes that were there when it was made
}

// readRecords reads the evidence records in the unsigned attributes of signer i.
// They are over the CMS as it was before they came; the external ones over the
// content that is not in it, too. One that cannot be read is kept with a fatal
// defect: it must not be passed over in silence.
//
// A record is over the whole CMS, with all its signers. It counts for the signer
// in whose attributes it stands.
func (f *facts) readRecords(i int) {
	if f.depth > 0 {
		return // on the tokens of time-stamps, none is known
	}
	for position, a := range f.s.UnsignedAttrs {
		if a.OID != oidInternalEvidence && a.OID != oidExternalEvidence {
			continue
		}
		for _, raw := range a.Values {
			if f.recorded++; f.recorded > maxRecords {
				f.fatal("RFC 4998 A", fmt.Sprintf("more than %d evidence records", maxRecords))
				return
			}
			e := &embedded{Record: formats.Record{Name: fmt.Sprintf("evidence record %d", len(f.records)+1)}}
			if err := f.readRecord(e, i, position, raw); err != nil {
				e.Defects = append(e.Defects, formats.Defect{Clause: "RFC 4998 3", Text: err.Error(), Fatal: true})
			}
			f.records = append(f.records, e)
			for k := range e.Stamps {
				s := &e.Stamps[k]
				f.hold(raw, formats.ObjectOf(s.Raw))
				f.hold(raw, Objects(&s.Signature)...)
			}
		}
	}
}

func (f *facts) readRecord(e *embedded, signer, position int, raw []byte) error {
	record, err := ers.ParseWith(f.sd.Memo, raw)
	if err != nil {
		return err
	}
	e.Defects = defectsOf(record)
	before, err := f.before(record, signer, position)
	if err != nil {
		return err
	}
	e.kept = before.kept
	data := archived{objects: []ers.Object{{before.form}}}
	if f.s.UnsignedAttrs[position].OID == oidExternalEvidence {
		if f.content == nil {
			data.missing = true
		} else {
			data.content = &summed{f.content, f.sums}
			data.objects = append(data.objects, ers.Object{data.content.form()})
		}
	}
	e.Stamps, err = recordStamps(f.sd.Memo, e.Name, record, data)
	return err
}

// stripped is the CMS without some of the unsigned attributes of a signer.
type stripped struct {
	form ers.Form
	kept map[int]bool
}

// before is the CMS as it was when the record at a position came into it. A
// later record may be over the earlier ones, or beside them (RFC 4998 appendix
// A, TS 119 122-3), and a SET does not tell which came first: what counts is
// what the first tree holds. If it holds none, it is the first of these.
func (f *facts) before(record *ers.Record, signer, position int) (stripped, error) {
	isRecord := func(n int) bool {
		oid := f.s.UnsignedAttrs[n].OID
		return oid == oidInternalEvidence || oid == oidExternalEvidence
	}
	var tried []stripped
	seen := map[string]bool{}
	for _, drop := range []func(int) bool{
		func(n int) bool { return isRecord(n) && n >= position }, // the earlier ones were there
		isRecord, // none was
		func(n int) bool { return n == position }, // all others were
		func(n int) bool { return n >= position }, // nothing that stands behind it was
	} {
		kept := map[int]bool{}
		for n := range f.s.UnsignedAttrs {
			if !drop(n) {
				kept[n] = true
			}
		}
		key := fmt.Sprint(kept)
		if seen[key] {
			continue
		}
		seen[key] = true
		raw, err := cms.WithoutUnsigned(f.sd.Raw, signer, drop)
		if err != nil {
			return stripped{}, err
		}
		one := stripped{newSummed(func() io.Reader { return bytes.NewReader(raw) }).form(), kept}
		_, err = record.Group([]ers.Object{{one.form}})
		if err == nil {
			return one, nil
		}
		if !errors.Is(err, ers.ErrNotCovered) {
			return one, err
		}
		tried = append(tried, one)
	}
	return tried[0], nil
}

// bindRecords says what each record covers: all evidence in the CMS but what
// came with the record or after it. It needs all evidence and all tokens.
func (f *facts) bindRecords() {
	for _, e := range f.records {
		if e.kept != nil {
			parts := [][]formats.Object{f.commitment(), f.evidence.objects()}
			for n, a := range f.s.UnsignedAttrs {
				for _, raw := range a.Values {
					if e.kept[n] {
						parts = append(parts, f.held[&raw[0]])
					}
				}
			}
			all := &token{of: stampAttribute{clause: "RFC 4998 A"}}
			f.cover(all, parts...)
			e.Covers = all.Covers
			e.Defects = append(e.Defects, all.Signature.Defects...)
		}
		f.Evidence.Records = append(f.Evidence.Records, e.Record)
	}
}
