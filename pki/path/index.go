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
	names     map[string]parsedName // by their DER: issuers are also subjects
}

type parsedName struct {
	pki.Name
	key string
	err error
}

func parseName(der []byte) parsedName {
	n, err := pki.ParseName(der)
	return parsedName{n, n.Key(), err}
}

// name is parseName, once for each name.
func (x *Index) name(der []byte) parsedName {
	known, ok := x.names[string(der)]
	if !ok {
		known = parseName(der)
		x.names[string(der)] = known
	}
	return known
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
		c.read(x)
	}
	x.names = nil // nothing will be added
	return x
}

func newIndex() *Index {
	return &Index{
		bySubject: map[string][]*candidate{}, byRaw: map[string]*candidate{}, names: map[string]parsedName{},
	}
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
func (c *candidate) read(x *Index) {
	if c.facts == nil {
		c.facts, c.hint = readFacts(c.cert, x.name), readHint(c.cert)
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
	if subject := x.name(c.RawSubject); subject.err == nil {
		out.subject = subject.Name
		x.bySubject[subject.key] = append(x.bySubject[subject.key], out)
	}
	return out
}
