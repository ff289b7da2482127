package cades

import (
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/pki/ers"
)

// RecordParser reads evidence records that came as files of their own (RFC
// 4998). The data that they are over is what came with them, all of it.
type RecordParser struct{}

// ID returns [formats.ERS].
func (RecordParser) ID() formats.ID { return formats.ERS }

// Sniff looks for what begins an EvidenceRecord and nothing else of the kind: a
// SEQUENCE with the INTEGER 1, and a SEQUENCE of SEQUENCEs that begin with an
// OBJECT IDENTIFIER.
//
//	| 30 len | 02 01 01 | 30 len | 30 len | 06 …
func (RecordParser) Sniff(head []byte) bool {
	rest, ok := into(head, 0x30)
	if !ok || len(rest) < 3 || string(rest[:3]) != "\x02\x01\x01" {
		return false
	}
	if rest, ok = into(rest[3:], 0x30); ok {
		rest, ok = into(rest, 0x30)
	}
	return ok && len(rest) > 0 && rest[0] == 0x06
}

// into skips a header with this tag, whatever its length says.
func into(in []byte, tag byte) ([]byte, bool) {
	if len(in) < 2 || in[0] != tag {
		return nil, false
	}
	size := 2
	if in[1] > 0x80 {
		size += int(in[1] & 0x7f)
	}
	if size > 10 || size > len(in) {
		return nil, false
	}
	return in[size:], true
}

// Parse reads the record as one signature, that of its first archive time-stamp
// over the data, with the others as the record that keeps it alive.
func (RecordParser) Parse(in formats.Input) (*formats.Document, error) {
	raw, err := read(in)
	if err != nil {
		return nil, err
	}
	record, err := ers.ParseWith(in.Memo, raw)
	if err != nil {
		kind := formats.ErrMalformed
		if errors.Is(err, ers.ErrTooLarge) {
			kind = formats.ErrTooLarge
		}
		return nil, fmt.Errorf("reading an evidence record: %w: %w", kind, err)
	}
	data := archived{missing: len(in.Detached) == 0}
	doc := &formats.Document{Format: formats.ERS, Title: recordTitle(record)}
	for i := range in.Detached {
		part := newSummed(in.Detached[i].Reader)
		data.objects = append(data.objects, ers.Object{part.form()})
		if i == 0 {
			data.content = part
		}
		doc.Detached = append(doc.Detached, in.Detached[i].Name)
	}
	stamps, err := recordStamps(in.Memo, "evidence record", record, data)
	if err != nil {
		return nil, fmt.Errorf("reading an evidence record: %w", err)
	}
	first := stamps[0]
	sig := first.Signature
	sig.Name, sig.Kind, sig.Claims.Time = "evidence record", "evidence record (RFC 4998)", first.Time
	if len(in.Detached) > 0 {
		sig.References[imprint].Name = in.Detached[0].Name
	}
	sig.Evidence.Records = append(sig.Evidence.Records, formats.Record{
		Name: "evidence record", Stamps: stamps[1:], Rest: true,
		Covers:  append(Objects(&first.Signature), formats.ObjectOf(first.Raw)),
		Defects: defectsOf(record),
	})
	doc.Signatures = []formats.Signature{sig}
	if !in.Judged {
		doc.Facts = recordFacts(record)
	}
	return doc, nil
}

func recordTitle(record *ers.Record) string {
	n := 0
	for _, c := range record.Chains {
		n += len(c.Stamps)
	}
	return fmt.Sprintf("evidence record (RFC 4998), archive time-stamps: %d", n)
}

func recordFacts(record *ers.Record) (out []formats.Fact) {
	for i, c := range record.Chains {
		for k, s := range c.Stamps {
			digests := 0
			for _, list := range s.Tree {
				digests += len(list)
			}
			out = append(out, formats.Fact{
				Name:  fmt.Sprintf("chain %d, archive time-stamp %d", i+1, k+1),
				Value: fmt.Sprintf("%s, %s, digests in its tree: %d", s.Info.Time.Format("2006-01-02T15:04:05Z"), s.Hash, digests),
			})
		}
	}
	if record.CryptoInfos {
		out = append(out, formats.Fact{Name: "cryptoInfos", Value: "present, of no known meaning"})
	}
	return out
}
