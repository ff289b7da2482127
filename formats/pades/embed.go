package pades

import (
	"fmt"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
	"tamga/pki"
	"tamga/pki/ocsp"
)

// Embed adds evidence to the document security store (EN 319 142-1 §5.4.2, ISO
// 32000-2 §12.8.4.3), and names in /VRI for which signature it was collected:
//
//	DSS << /Certs [ … ] /OCSPs [ … ] /CRLs [ … ]
//	       /VRI << /SHA1-HEX << /Cert [ … ] /OCSP [ … ] /CRL [ … ] >> … >> >>
//
// What the store holds stays in it. A certification that allows no changes
// allows this one (ISO 32000-2 table 257).
func (Extender) Embed(in formats.Input, list []formats.Embedding) (formats.Edit, error) {
	b, err := update(in)
	if err != nil {
		return formats.Edit{}, fmt.Errorf("embedding evidence: %w", err)
	}
	s := &storeUpdate{building: b, refs: map[formats.Object]string{}, keys: signedKeys(b.fm)}
	if err := s.open(); err != nil {
		return formats.Edit{}, fmt.Errorf("reading the document security store: %w", err)
	}
	for _, e := range list {
		if err := s.add(e); err != nil {
			return formats.Edit{}, fmt.Errorf("embedding evidence: %w", err)
		}
	}
	s.write()
	tail, err := b.u.Finish()
	if err != nil {
		return formats.Edit{}, fmt.Errorf("embedding evidence: %w", err)
	}
	return formats.Edit{Keep: in.Size, Tail: tail.Bytes}, nil
}

// signedKeys are the names in /VRI of the signatures, in the order in which a
// parser lists them.
func signedKeys(fm *form) (out []string) {
	for _, fl := range fm.fields {
		if fl.signed() {
			out = append(out, vriKey(fl.value.Get("Contents").Raw))
		}
	}
	return out
}

// storeUpdate is a document security store that is added to.
type storeUpdate struct {
	*building
	keys   []string                  // of the signatures in /VRI
	refs   map[formats.Object]string // of the streams that are there, or new
	dss    pdf.Value
	arrays [3]pdf.Value // of dss, in the order of materialKind
	fresh  [3][]string  // references to be added to them
	vri    pdf.Value
	added  []pdf.Set // entries of vri
}

func (s *storeUpdate) open() (err error) {
	if s.dss, err = s.f.Get(s.fm.catalog, "DSS"); err != nil {
		return err
	}
	if s.dss.Kind != pdf.Dict && s.dss.Kind != pdf.Null {
		return fmt.Errorf("it is no dictionary: %w", formats.ErrMalformed)
	}
	if s.vri, err = s.f.Get(s.dss, "VRI"); err != nil {
		return err
	}
	for kind, name := range storeArrays {
		if s.arrays[kind], err = s.f.Get(s.dss, name); err != nil {
			return err
		}
		for _, v := range s.arrays[kind].Items() {
			ref, ok := v.Ref()
			if !ok {
				continue
			}
			obj, err := s.f.Object(ref)
			if err != nil {
				return err
			}
			if !obj.Stream {
				continue
			}
			// What cannot be read is not what we have, and is added beside it.
			if raw, _, err := s.f.Content(obj); err == nil {
				s.refs[formats.ObjectOf(raw)] = ref.String()
			}
		}
	}
	return nil
}

func (s *storeUpdate) add(e formats.Embedding) error {
	if e.Signature < 0 || e.Signature >= len(s.keys) {
		return fmt.Errorf("there is no signature %d: %w", e.Signature+1, formats.ErrUnsupported)
	}
	var named [3][]string
	note := func(kind materialKind, raw []byte) {
		named[kind] = append(named[kind], s.stream(kind, raw))
	}
	for _, c := range e.Evidence.Certificates {
		note(certificates, c.Raw)
	}
	for _, r := range e.Evidence.Revocations {
		if r.Kind == pki.CRL {
			note(lists, r.Raw)
			continue
		}
		response, err := ocsp.Parse(r.Raw)
		if err != nil {
			return err
		}
		note(responses, response.Full())
	}
	if key := s.keys[e.Signature]; key != "" && len(named[0])+len(named[1])+len(named[2]) > 0 {
		return s.name(key, named)
	}
	return nil
}

// stream returns the reference of the stream with these bytes, a new one if
// there is none.
func (s *storeUpdate) stream(kind materialKind, raw []byte) string {
	id := formats.ObjectOf(raw)
	if ref, ok := s.refs[id]; ok {
		return ref
	}
	ref := s.u.New()
	s.u.Set(ref, fmt.Appendf(nil, "<<\n/Length %d\n>>\nstream\n%s\nendstream", len(raw), raw))
	s.refs[id] = ref.String()
	s.fresh[kind] = append(s.fresh[kind], ref.String())
	return ref.String()
}

// name adds to the entry of a signature in /VRI.
func (s *storeUpdate) name(key string, named [3][]string) error {
	entry, err := s.f.Get(s.vri, key)
	if err != nil {
		return err
	}
	if entry.Kind != pdf.Dict && entry.Kind != pdf.Null {
		return fmt.Errorf("the entry %s of /VRI is no dictionary: %w", key, formats.ErrMalformed)
	}
	var sets []pdf.Set
	for kind, refs := range named {
		list, err := s.f.Get(entry, vriArrays[kind])
		if err != nil {
			return err
		}
		if raw := longer(list, refs); raw != nil {
			sets = append(sets, pdf.Set{Key: vriArrays[kind], Raw: raw})
		}
	}
	s.added = append(s.added, pdf.Set{Key: key, Raw: pdf.Rewrite(entry, sets...)})
	return nil
}

// longer is the array with those references that it has not; nil if it has all.
func longer(list pdf.Value, refs []string) []byte {
	have := map[string]bool{}
	for _, v := range list.Items() {
		if ref, ok := v.Ref(); ok {
			have[ref.String()] = true
		}
	}
	var more []string
	for _, ref := range refs {
		if !have[ref] {
			have[ref] = true
			more = append(more, ref)
		}
	}
	if len(more) == 0 {
		return nil
	}
	return pdf.Append(list, strings.Join(more, " "))
}

func (s *storeUpdate) write() {
	var sets []pdf.Set
	for kind, name := range storeArrays {
		if raw := longer(s.arrays[kind], s.fresh[kind]); raw != nil {
			sets = append(sets, pdf.Set{Key: name, Raw: raw})
		}
	}
	if len(s.added) > 0 {
		sets = append(sets, pdf.Set{Key: "VRI", Raw: pdf.Rewrite(s.vri, s.added...)})
	}
	if s.dss.Kind == pdf.Null {
		sets = append([]pdf.Set{{Key: "Type", Raw: []byte("/DSS")}}, sets...)
	}
	raw := pdf.Rewrite(s.dss, sets...)
	if ref, ok := s.fm.catalog.Get("DSS").Ref(); ok && s.dss.Kind == pdf.Dict {
		s.u.Set(ref, raw)
		return
	}
	ref := s.u.New()
	s.u.Set(ref, raw)
	s.setCatalog("DSS", []byte(ref.String()))
	s.writeCatalog()
}
