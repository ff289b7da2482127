package mdoc

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"tamga/formats"
)

// facts tells what the document holds, for people who inspect it.
func (doc *issued) facts(prefix string) []formats.Fact {
	var out []formats.Fact
	add := func(name, value string) {
		if value != "" {
			out = append(out, formats.Fact{Name: prefix + name, Value: value})
		}
	}
	o := doc.mso
	add("docType", people(o.docType))
	add("version", people(o.version))
	for _, t := range []struct {
		name string
		at   time.Time
	}{
		{"signed", o.signed}, {"valid from", o.validFrom}, {"valid until", o.validUntil},
		{"update expected", o.expectedUpdate},
	} {
		if !t.at.IsZero() {
			add(t.name, stamp(t.at))
		}
	}
	add("signature algorithm", doc.algorithm())
	add("digest algorithm", people(o.hashName))
	for i, c := range doc.auth.Certificates {
		add("certificate "+strconv.Itoa(i+1), people(c.Subject.String()))
	}
	add("holder's key", keyName(o.deviceKey))
	add("status", o.status())
	doc.proof(add)
	doc.elements(add)
	return out
}

func (doc *issued) algorithm() string {
	if a := doc.auth.Algorithm; a.Known() {
		return fmt.Sprintf("%s (%s)", a, doc.auth.AlgorithmName)
	}
	return people(doc.auth.AlgorithmName)
}

func (o *mso) status() string {
	switch {
	case o.statusURI == "":
		return ""
	case o.statusIdx == noIndex:
		return people(o.statusURI) + " (identifier list)"
	}
	return fmt.Sprintf("%s (status list, entry %d)", people(o.statusURI), o.statusIdx)
}

func (doc *issued) proof(add func(name, value string)) {
	if doc.presented {
		add("holder's proof", "is there, not judged")
	}
}

// elements counts digests and lists what is disclosed, by namespace.
func (doc *issued) elements(add func(name, value string)) {
	disclosed := map[string]int{}
	for _, s := range doc.spaces {
		disclosed[s.name] = len(s.items)
	}
	for _, name := range slices.Sorted(maps.Keys(doc.mso.digests)) {
		add("elements of "+people(name),
			fmt.Sprintf("%d signed, %d disclosed", len(doc.mso.digests[name]), disclosed[name]))
	}
	for _, s := range doc.spaces {
		for _, it := range s.items {
			add(people(s.name+"/"+it.id), it.value)
		}
	}
}

func keyName(pub crypto.PublicKey) string {
	switch k := pub.(type) {
	case *ecdsa.PublicKey:
		return "EC " + k.Curve.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return "none that can be read"
}
