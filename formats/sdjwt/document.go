package sdjwt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/jose"
)

// document writes down what was read: one signature of the issuer for each of
// the JWS, all over the same claims.
func (r *reading) document() (*formats.Document, error) {
	credential := r.credential()
	r.confirm()
	var counter []formats.Signature
	if r.binding != nil {
		holder, err := r.bound()
		if err != nil {
			return nil, err
		}
		counter = append(counter, *holder)
	}
	doc := &formats.Document{Format: formats.SDJWT}
	for i := range r.jws.Signatures {
		sig := r.signature(&r.jws.Signatures[i], credential)
		sig.Counter = counter
		if i > 0 {
			sig.Name += " " + strconv.Itoa(i+1)
		}
		doc.Signatures = append(doc.Signatures, sig)
	}
	doc.Title = r.title(doc.Signatures[0].Kind, credential)
	doc.Facts = r.facts(credential, counter)
	return doc, nil
}

func (r *reading) signature(s *jose.Signature, c *formats.Credential) formats.Signature {
	h := s.Header
	sig := formats.Signature{
		Name: "issuer", Algorithm: h.Algorithm, Signed: s.Signed, Value: s.Value,
		Evidence: formats.Evidence{Certificates: h.Certificates},
		Coverage: formats.Coverage{Whole: true},
		Defects:  append(slices.Clone(r.defects), h.Defects...),
	}
	if len(r.aside) > 0 {
		sig.Coverage = formats.Coverage{
			Harmless: true, Note: "not signed, and not read: " + strings.Join(clip(r.aside), ", "),
		}
	}
	kind, told, why := r.kind(h, c.Type)
	sig.Kind = kind
	if why != nil {
		sig.Defects = append(sig.Defects, *why)
	}
	stated := *c
	if !told {
		stated.Type, stated.Issuer, stated.Elements = "", "", nil
	}
	sig.Credential = &stated
	for _, d := range r.disclosures {
		sig.References = append(sig.References, d.reference(r.process.hash))
	}
	if len(h.Certificates) == 0 {
		// Other ways to the issuer's key (jwt-vc-issuer, DIDs) need a network,
		// and trust in whoever answers.
		sig.Defects = append(sig.Defects, formats.Defect{
			Clause: "SD-JWT VC 3.5", Fatal: true,
			Text: "no certificate of the issuer (x5c) in the protected header",
		})
		return sig
	}
	sig.Signer.Certificate = h.Certificates[0]
	return sig
}

func (r *reading) title(kind string, c *formats.Credential) string {
	n := len(r.disclosures)
	title := fmt.Sprintf("%s with %d disclosures", kind, n)
	if n == 1 {
		title = kind + " with 1 disclosure"
	}
	if c.Presented {
		title += " and a proof of its holder"
	}
	return title
}

// facts are what `inspect` prints, unjudged.
func (r *reading) facts(c *formats.Credential, counter []formats.Signature) []formats.Fact {
	h := r.jws.Signatures[0].Header
	out := []formats.Fact{
		{Name: "serialisation", Value: r.jws.Serialization.String()},
		{Name: "typ", Value: h.Type}, {Name: "alg", Value: h.Name},
		{Name: "vct", Value: c.Type}, {Name: "iss", Value: c.Issuer},
		{Name: "certificates (x5c)", Value: strconv.Itoa(len(h.Certificates))},
		{Name: "digest algorithm", Value: r.process.hash.String()},
		{Name: "always shown", Value: strings.Join(clip(r.open), ", ")},
		{Name: "disclosures", Value: strconv.Itoa(len(r.disclosures))},
		{Name: "not disclosed", Value: fmt.Sprintf("%d (withheld, or decoys)", r.process.hidden)},
	}
	if key, err := r.holderKey(); err == nil && key != nil {
		if print, err := jose.Thumbprint(key.Public); err == nil {
			out = append(out, formats.Fact{Name: "holder's key", Value: print})
		}
	}
	for i := range counter {
		out = append(out, formats.Fact{Name: "key binding", Value: counter[i].Algorithm.String()})
	}
	if c.StatusURI != "" {
		at := fmt.Sprintf("%s, entry %d", c.StatusURI, c.StatusIdx)
		out = append(out, formats.Fact{Name: "status", Value: at})
	}
	for _, e := range c.Elements {
		out = append(out, formats.Fact{Name: e.Name, Value: e.Value})
	}
	return slices.DeleteFunc(out, func(f formats.Fact) bool { return f.Value == "" })
}

// clip keeps a list short enough to be read.
func clip(list []string) []string {
	if len(list) > 50 {
		return append(slices.Clone(list[:50]), fmt.Sprintf("and %d more", len(list)-50))
	}
	return list
}
