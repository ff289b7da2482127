package mdoc

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"

	"tamga/formats"
	"tamga/formats/internal/cose"
	"tamga/pki"
)

// issued is an IssuerSigned as it was received, of a document or alone.
type issued struct {
	auth      *cose.Sign1
	mso       *mso
	spaces    []space
	presented bool // the holder's proof stands beside it
	defects   defects
}

type space struct {
	name  string
	items []item
}

// item is one disclosed element.
type item struct {
	id     string
	number int64    // digestID
	raw    cose.Raw // as received, tag 24 and all: what was digested
	value  string   // for people
}

// readIssued reads
//
//	IssuerSigned = {                               8.3.2.1.2.2
//	  ? "nameSpaces": { + name => [ + #6.24(bstr .cbor IssuerSignedItem) ] },
//	  "issuerAuth": COSE_Sign1                     payload: #6.24(bstr .cbor MSO)
//	}
func readIssued(raw cose.Raw) (*issued, error) {
	m, err := cose.ReadMap(raw)
	if err != nil {
		return nil, fmt.Errorf("IssuerSigned: %w", err)
	}
	doc := &issued{}
	if doc.auth, err = cose.ParseSign1(m["issuerAuth"]); err != nil {
		return nil, fmt.Errorf("issuerAuth: %w", err)
	}
	doc.checkAuth()
	if doc.mso, err = readMSO(doc.auth.Payload, &doc.defects); err != nil {
		return nil, fmt.Errorf("MobileSecurityObject: %w", err)
	}
	if err := doc.readSpaces(m); err != nil {
		return nil, err
	}
	doc.checkTwice()
	return doc, nil
}

// checkAuth holds 9.1.2.4: COSE_Sign1 without a tag, one of four algorithms,
// and a chain.
func (doc *issued) checkAuth() {
	a := doc.auth
	doc.defects = append(doc.defects, a.Defects...)
	if a.Tagged {
		doc.defects.note("9.1.2.4", "issuerAuth has a tag")
	}
	if a.Algorithm.Known() && valueSize(a.Algorithm) == 0 {
		doc.defects.note("9.1.2.4", "%s is no algorithm for an MSO", a.Algorithm)
	}
	if len(a.Certificates) == 0 {
		doc.defects.fatal("9.1.2.4", "no certificate of the issuer that can be read (x5chain)")
	}
}

// readSpaces reads what is disclosed, which may be nothing. But where the
// member is missing and an unknown one stands there, somebody has hidden all
// elements behind a changed name.
func (doc *issued) readSpaces(m cose.Map) error {
	raw, ok := m["nameSpaces"]
	if !ok {
		if len(m) > 1 {
			doc.defects.fatal("8.3.2.1.2.2", "an unknown member stands where nameSpaces should")
		}
		return nil
	}
	spaces, err := cose.ReadMap(raw)
	if err != nil {
		return fmt.Errorf("nameSpaces: %w", err)
	}
	var names []string
	for key := range maps.Keys(spaces) {
		name, ok := key.(string)
		if !ok {
			return fmt.Errorf("nameSpaces: %w: a name is no text", formats.ErrMalformed)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	count := 0
	for _, name := range names {
		items, err := cose.Array(spaces[name])
		if err != nil {
			return fmt.Errorf("namespace %.64q: %w", name, err)
		}
		if count += len(items); count > maxElements {
			return fmt.Errorf("nameSpaces: %w: more than %d elements", formats.ErrTooLarge, maxElements)
		}
		s := space{name: name}
		for i, raw := range items {
			it, err := doc.readItem(raw)
			if err != nil {
				return fmt.Errorf("element %d of namespace %.64q: %w", i+1, name, err)
			}
			s.items = append(s.items, it)
		}
		if len(items) == 0 {
			doc.defects.note("8.3.2.1.2.2", "namespace %s has no elements", people(name))
		}
		doc.spaces = append(doc.spaces, s)
	}
	return nil
}

// maxElements that one document may disclose; real ones have some dozens.
const maxElements = 1024

// readItem reads #6.24(bstr .cbor
//
//	IssuerSignedItem = {                           8.3.2.1.2.2
//	  "digestID": uint, "random": bstr, "elementIdentifier": tstr, "elementValue": any
//	})
func (doc *issued) readItem(raw cose.Raw) (item, error) {
	it := item{raw: raw}
	inner, err := cose.Encoded(raw)
	if err != nil {
		return it, err
	}
	m, err := cose.ReadMap(inner)
	if err != nil {
		return it, err
	}
	if it.id, err = cose.Text(m["elementIdentifier"]); err != nil {
		return it, fmt.Errorf("elementIdentifier: %w", err)
	}
	if it.number, err = cose.Uint(m["digestID"]); err != nil {
		return it, fmt.Errorf("digestID: %w", err)
	}
	salt, err := cose.Bytes(m["random"])
	if err != nil {
		return it, fmt.Errorf("random: %w", err)
	}
	if len(salt) < minSalt {
		doc.defects.note("9.1.2.5", "the salt of %s has %d bytes: withheld elements can be guessed",
			people(it.id), len(salt))
	}
	if it.value, err = show(m["elementValue"]); err != nil {
		return it, fmt.Errorf("elementValue: %w", err)
	}
	return it, nil
}

const minSalt = 16

// checkTwice: two elements of one name, or of one digest, let two readers see
// two documents.
func (doc *issued) checkTwice() {
	for _, s := range doc.spaces {
		ids, numbers := map[string]bool{}, map[int64]bool{}
		for _, it := range s.items {
			if ids[it.id] {
				doc.defects.fatal("8.3.2.1.2.2", "element %s/%s stands twice", people(s.name), people(it.id))
			}
			if numbers[it.number] {
				doc.defects.fatal("9.1.2.4", "digestID %d of %s stands twice", it.number, people(s.name))
			}
			ids[it.id], numbers[it.number] = true, true
		}
	}
}

// signature reduces the document to facts.
func (doc *issued) signature() formats.Signature {
	sig := formats.Signature{
		Name:      people(doc.mso.docType),
		Kind:      "ISO mdoc IssuerSigned",
		Algorithm: doc.auth.Algorithm,
		Signed:    doc.auth.ToBeSigned(),
		Value:     doc.auth.Signature,
		Claims:    formats.Claims{Time: doc.mso.signed},
		Evidence:  formats.Evidence{Certificates: doc.auth.Certificates},
		Coverage:  formats.Coverage{Whole: true},
	}
	if len(doc.auth.Certificates) > 0 {
		sig.Signer.Certificate = doc.auth.Certificates[0]
	}
	c := &formats.Credential{
		Type: doc.mso.docType, ValidFrom: doc.mso.validFrom, ValidUntil: doc.mso.validUntil,
		Signed: doc.mso.signed, HolderKey: doc.mso.deviceKey != nil, Presented: doc.presented,
		StatusURI: doc.mso.statusURI, StatusIdx: doc.mso.statusIdx,
	}
	for _, s := range doc.spaces {
		for _, it := range s.items {
			sig.References = append(sig.References, doc.reference(s.name, it))
			c.Elements = append(c.Elements, formats.Element{Namespace: s.name, Name: it.id, Value: it.value})
		}
	}
	sig.Credential = c
	sig.Defects = doc.defects
	return sig
}

// reference binds an element to its digest (9.1.2.5, 9.3.1). One without a
// digest keeps its place, with nothing to fit.
func (doc *issued) reference(namespace string, it item) formats.Reference {
	want := doc.mso.digests[namespace][it.number]
	if want == nil {
		doc.defects.fatal("9.1.2.4", "the MSO has no digest %d for %s/%s",
			it.number, people(namespace), people(it.id))
	}
	return formats.Reference{
		Name: people(namespace + "/" + it.id), Hash: doc.mso.hash, Want: want,
		Open: func() io.Reader { return bytes.NewReader(it.raw) },
	}
}

// digestNames are the digests of 9.1.2.5, table 22.
var digestNames = map[string]pki.Hash{"SHA-256": pki.SHA256, "SHA-384": pki.SHA384, "SHA-512": pki.SHA512}
