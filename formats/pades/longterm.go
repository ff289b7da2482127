package pades

import (
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/internal/pdf"
)

// maxCovered bounds the objects that the document time-stamps of a file are
// said to cover: a thousand stamps one after the other cover half a million
// signatures.
const maxCovered = 1 << 20

// longTerm adds the evidence of the document security store to every signature,
// and to every document time-stamp what it covers. It does nothing in a file
// that has neither.
func (d *document) longTerm(out *formats.Document) {
	stamped := false
	for i := range out.Signatures {
		stamped = stamped || out.Signatures[i].Stamp != nil
	}
	if !stamped && d.form.catalog.Get("DSS").Kind == pdf.Null {
		return
	}
	defect := func(text string) {
		out.Defects = append(out.Defects, formats.Defect{Clause: clauseStore, Text: text})
	}
	m := &material{byID: map[formats.Object]*piece{}, byOff: map[int64]*piece{}}
	if err := d.readStores(m, out); err != nil {
		defect(fmt.Sprintf("not all of the document security store is read: %v", err))
	}
	for _, text := range m.faults {
		defect(text)
	}
	if m.more > 0 {
		defect(fmt.Sprintf("%d more faults in the document security store", m.more))
	}
	if !d.coverStamps(m, out) {
		defect("the document time-stamps cover too much: not all of it is told")
	}
	if len(m.pieces) == 0 {
		return
	}
	for i := range out.Signatures {
		sig := &out.Signatures[i]
		m.evidence(&sig.Evidence, d.placed[i].contents)
		if sig.Stamp != nil {
			sig.Stamp.Signature.Evidence = sig.Evidence
		}
	}
	out.Facts = append(out.Facts, formats.Fact{Name: "security store", Value: m.counts()})
}

// readStores reads the store as it stands, and as it stood when each document
// time-stamp was made, the last first: what a later revision took out of it, or
// wrote over, is still there.
func (d *document) readStores(m *material, out *formats.Document) error {
	if err := m.read(d.file, d.form.catalog); err != nil {
		return err
	}
	seen := map[int]bool{0: true}
	for i := len(out.Signatures) - 1; i >= 0; i-- {
		at := d.placed[i].at
		if out.Signatures[i].Stamp == nil || at < 0 || seen[at] {
			continue
		}
		if len(seen) == maxViews {
			return fmt.Errorf("it was changed more than %d times", maxViews)
		}
		seen[at] = true
		f := d.file.At(d.revisions[at])
		catalog, err := f.Get(f.Trailer(), "Root")
		if err == nil {
			err = m.read(f, catalog)
		}
		if errors.Is(err, formats.ErrTooLarge) || errors.Is(err, errFull) {
			return err
		}
		if err != nil {
			m.fault("the document security store of an earlier revision cannot be read (%v)", err)
		}
	}
	return nil
}

// coverStamps lists what each document time-stamp covers: of the signatures
// whose /Contents stand wholly in its byte range, the value and all that is in
// their CMS; of the security store, the streams that do. What counts is where
// the bytes stand in the file and not what a later revision says of them: a
// stream that was written over after the stamp is another stream, at another
// place. It reports whether everything was listed, the latest stamps first.
func (d *document) coverStamps(m *material, out *formats.Document) bool {
	held := make([][]formats.Object, len(out.Signatures))
	left := maxCovered
	for i := len(out.Signatures) - 1; i >= 0; i-- {
		ts := out.Signatures[i].Stamp
		if ts == nil || d.placed[i].at < 0 {
			continue
		}
		signed := d.placed[i].signed
		seen := map[formats.Object]bool{}
		add := func(o formats.Object) {
			if left--; left >= 0 && !seen[o] {
				seen[o] = true
				ts.Covers = append(ts.Covers, o)
			}
		}
		for j := range out.Signatures {
			if other := d.placed[j]; other.at >= 0 && signed.covers(extent{other.signed.a, other.signed.b}) {
				if held[j] == nil {
					held[j] = objects(&out.Signatures[j])
				}
				for _, o := range held[j] {
					add(o)
				}
			}
		}
		for _, p := range m.pieces {
			for _, e := range p.where {
				if signed.covers(e) {
					add(p.id)
				}
			}
		}
		if left < 0 {
			return false
		}
	}
	return true
}

// objects are what stands in the CMS of a signature, the CMS itself among them
// if it is a time-stamp token.
func objects(sig *formats.Signature) []formats.Object {
	out := cades.Objects(sig)
	if sig.Stamp != nil {
		out = append(out, formats.ObjectOf(sig.Stamp.Raw))
	}
	return out
}

// covers reports whether the bytes of e are all signed.
func (r byteRange) covers(e extent) bool {
	return e.from < e.to && (e.to <= r.a || e.from >= r.b && e.to <= r.end)
}
