package path

import (
	"crypto/x509"
	"slices"

	"tamga/pki"
)

// Index is anchors and certificates that are read once for many searches, such
// as all trusted lists of Europe. It does not change, and is safe for
// concurrent use.
type Index struct {
	bySubject map[string][]*candidate
	byRaw     map[string]*candidate
}

// NewIndex reads a source, and what lies in its own Index. Anchors without a
// certificate are passed over.
func NewIndex(s Source) *Index {
	x := newIndex()
	if s.Index != nil {
		for _, list := range s.Index.bySubject {
			for _, c := range list {
				x.add(c.facts.cert).anchors = c.anchors
			}
		}
	}
	x.addAll(s)
	for _, c := range x.byRaw {
		c.read()
	}
	return x
}

func newIndex() *Index {
	return &Index{bySubject: map[string][]*candidate{}, byRaw: map[string]*candidate{}}
}

// candidate is a certificate that may be an issuer.
type candidate struct {
	cert    *x509.Certificate
	subject pki.Name
	anchors []pki.Anchor // not empty: trusted
	*facts               // nil until read
	hint    keyHint
}

// read reads the rest of the certificate: of a pool, most are never looked at.
func (c *candidate) read() {
	if c.facts == nil {
		c.facts, c.hint = readFacts(c.cert), readHint(c.cert)
	}
}

func (x *Index) addAll(s Source) {
	for _, a := range s.Anchors {
		if a.Certificate != nil {
			c := x.add(a.Certificate)
			c.anchors = append(slices.Clip(c.anchors), a)
		}
	}
	for _, c := range s.Pool {
		if c != nil {
			x.add(c)
		}
	}
}

// add returns the candidate for c, a new one if it is not known. What has no
// readable subject is nobody's issuer.
func (x *Index) add(c *x509.Certificate) *candidate {
	if known := x.byRaw[string(c.Raw)]; known != nil {
		return known
	}
	out := &candidate{cert: c}
	x.byRaw[string(c.Raw)] = out
	subject, err := pki.ParseName(c.RawSubject)
	if err == nil {
		out.subject = subject
		key := subject.Key()
		x.bySubject[key] = append(x.bySubject[key], out)
	}
	return out
}
