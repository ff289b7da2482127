package pades

import (
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/formats/internal/pdf"
	"tamga/pki"
)

const (
	maxMaterial = 2000 // pieces in all security stores of a file
	maxViews    = 64   // revisions whose security store is read
	maxFaults   = 10   // that are told one by one
	maxLarge    = 4    // streams that are too large to be read

	clauseStore = "EN 319 142-1 5.4.2"
)

// materialKind is what an array of the store holds.
type materialKind uint8

const (
	certificates materialKind = iota
	lists
	responses
)

// piece is one stream of a document security store, decoded.
type piece struct {
	kind        materialKind
	raw         []byte
	id          formats.Object
	certificate *x509.Certificate
	where       []extent        // every object that holds these bytes
	keys        map[string]bool // of the VRI entries that name it
}

// material is the evidence in the document security stores of all revisions
// that are looked at.
type material struct {
	pieces []*piece
	byID   map[formats.Object]*piece
	byOff  map[int64]*piece // nil: looked at, and of no use
	faults []string
	more   int // faults that are not told
	large  int // streams that were too large
}

func (m *material) fault(format string, args ...any) {
	if len(m.faults) == maxFaults {
		m.more++
		return
	}
	m.faults = append(m.faults, fmt.Sprintf(format, args...))
}

var (
	errFull = errors.New("the security store is full")

	storeArrays = []string{"Certs", "CRLs", "OCSPs"} // in the order of materialKind
	vriArrays   = []string{"Cert", "CRL", "OCSP"}
)

// read adds the store of the file as it stood at a revision. Whatever is wrong
// costs the evidence that is wrong, and is told: evidence can be left out by
// anybody anyway.
//
//	DSS << /Type /Certs [ stream … ] /OCSPs [ stream … ] /CRLs [ stream … ]
//	       /VRI << /SHA1-HEX << /Cert [ … ] /OCSP [ … ] /CRL [ … ] /TU /TS >> … >> >>
//
// The key of a VRI entry tells for which signature its makers collected it. It
// is only used to put that first: a wrong one hides nothing.
func (m *material) read(f *pdf.File, catalog pdf.Value) error {
	dss, err := f.Get(catalog, "DSS")
	if err != nil || dss.Kind == pdf.Null {
		return err
	}
	if dss.Kind != pdf.Dict {
		m.fault("a document security store that is no dictionary")
		return nil
	}
	if err := m.arrays(f, dss, storeArrays, ""); err != nil {
		return err
	}
	vri, err := f.Get(dss, "VRI")
	if err != nil {
		return err
	}
	for _, e := range vri.Entries() {
		if e.Key == "Type" {
			continue
		}
		entry, err := f.Resolve(e.Value)
		if err != nil {
			return err
		}
		if entry.Kind != pdf.Dict {
			m.fault("an entry of /VRI that is no dictionary")
			continue
		}
		if err := m.arrays(f, entry, vriArrays, strings.ToUpper(e.Key)); err != nil {
			return err
		}
	}
	return nil
}

func (m *material) arrays(f *pdf.File, dict pdf.Value, names []string, key string) error {
	for kind, name := range names {
		list, err := f.Get(dict, name)
		if err != nil {
			return err
		}
		if list.Kind != pdf.Array && list.Kind != pdf.Null {
			m.fault("a /%s that is no array", name)
		}
		seen := map[pdf.Ref]bool{}
		for _, v := range list.Items() {
			ref, ok := v.Ref()
			if !ok {
				m.fault("a /%s with something other than a stream in it", name)
				continue
			}
			if seen[ref] {
				continue
			}
			seen[ref] = true
			if err := m.stream(f, ref, materialKind(kind), key); err != nil {
				return err
			}
		}
	}
	return nil
}

// stream adds one stream. Each is decoded once, however often it is named.
func (m *material) stream(f *pdf.File, ref pdf.Ref, kind materialKind, key string) error {
	obj, err := f.Object(ref)
	if err != nil {
		return err
	}
	if !obj.Stream {
		m.fault("object %d in the document security store is no stream", ref.Num)
		return nil
	}
	p, known := m.byOff[obj.Off]
	if !known {
		if p, err = m.decode(f, obj, kind); err != nil {
			return err
		}
		m.byOff[obj.Off] = p
	}
	if p != nil && key != "" {
		if p.keys == nil {
			p.keys = map[string]bool{}
		}
		p.keys[key] = true
	}
	return nil
}

func (m *material) decode(f *pdf.File, obj pdf.Object, kind materialKind) (*piece, error) {
	raw, end, err := f.Content(obj)
	switch {
	case errors.Is(err, formats.ErrTooLarge) && m.large == maxLarge:
		return nil, err // the budget is spent
	case errors.Is(err, formats.ErrTooLarge):
		m.large++
		m.fault("stream %d of the document security store: %v", obj.Ref.Num, err)
		return nil, nil
	case err != nil:
		m.fault("stream %d of the document security store cannot be read (%v)", obj.Ref.Num, err)
		return nil, nil
	}
	where := extent{obj.Off, end}
	id := formats.ObjectOf(raw)
	if p := m.byID[id]; p != nil {
		p.where = append(p.where, where)
		return p, nil
	}
	p := &piece{kind: kind, raw: raw, id: id, where: []extent{where}}
	if kind == certificates {
		if p.certificate, err = x509.ParseCertificate(raw); err != nil {
			m.fault("stream %d of the document security store holds no certificate that can be read", obj.Ref.Num)
			return nil, nil
		}
	} else if !oneSequence(raw) {
		m.fault("stream %d of the document security store holds no revocation information", obj.Ref.Num)
		return nil, nil
	}
	if len(m.pieces) == maxMaterial {
		return nil, fmt.Errorf("more than %d pieces: %w", maxMaterial, errFull)
	}
	m.byID[id], m.pieces = p, append(m.pieces, p)
	return p, nil
}

// oneSequence reports whether raw is one DER SEQUENCE and nothing else.
func oneSequence(raw []byte) bool {
	in := cryptobyte.String(raw)
	return in.SkipASN1(cbasn1.SEQUENCE) && in.Empty()
}

// evidence appends everything to what came with a signature: what was collected
// for it first, since whoever judges may not look at all.
func (m *material) evidence(ev *formats.Evidence, contents []byte) {
	key := vriKey(contents)
	have := map[formats.Object]bool{}
	for _, c := range ev.Certificates {
		have[formats.ObjectOf(c.Raw)] = true
	}
	for _, r := range ev.Revocations {
		have[formats.ObjectOf(r.Raw)] = true
	}
	ev.Certificates, ev.Revocations = ev.Certificates[:len(ev.Certificates):len(ev.Certificates)],
		ev.Revocations[:len(ev.Revocations):len(ev.Revocations)]
	for _, own := range []bool{true, false} {
		for _, p := range m.pieces {
			if p.keys[key] != own || have[p.id] {
				continue
			}
			switch p.kind {
			case certificates:
				ev.Certificates = append(ev.Certificates, p.certificate)
			case lists:
				ev.Revocations = append(ev.Revocations, pki.Revocation{Kind: pki.CRL, Raw: p.raw, Source: storeName})
			case responses:
				ev.Revocations = append(ev.Revocations, pki.Revocation{Kind: pki.OCSP, Raw: p.raw, Source: storeName})
			}
		}
	}
}

const storeName = "the document security store"

// vriKey is the name of a signature in /VRI: the SHA-1 of its /Contents, zeros
// at the end included, in upper-case hexadecimal (ISO 32000-2 table 262).
func vriKey(contents []byte) string {
	if len(contents) < 2 || contents[0] != '<' {
		return ""
	}
	b := make([]byte, hex.DecodedLen(len(contents)-2))
	if _, err := hex.Decode(b, contents[1:len(contents)-1]); err != nil {
		return ""
	}
	return strings.ToUpper(hex.EncodeToString(pki.SHA1.Sum(b)))
}

// counts is for people.
func (m *material) counts() string {
	var n [3]int
	for _, p := range m.pieces {
		n[p.kind]++
	}
	return fmt.Sprintf("%d certificates, %d CRLs, %d OCSP responses", n[certificates], n[lists], n[responses])
}
