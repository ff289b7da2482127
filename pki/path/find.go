package path

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"tamga/pki"
)

// Limits of one search. Whoever sends a document sends its pool, too: a few
// dozen cross-certificates make more paths than there is time.
const (
	maxSignatures = 100  // signature checks
	maxSteps      = 2000 // partial paths looked at
	maxPaths      = 32   // paths returned
)

// Find returns the paths from leaf to an anchor in which each certificate names
// the next as its issuer and is signed by it, each judged by [Validate]'s rules
// and the time in which its anchor was trusted. The first is the best: valid
// before refused, short before long, then by how well key identifiers agree,
// then by the newest certificates. The order of the pool plays no part.
//
// The error is an [*Error]: of kind NoPath, Signature or Algorithm if there is
// no path at all, and of kind TooComplex, together with the paths found so far,
// if the search hit a limit before it found a valid one.
func Find(leaf *x509.Certificate, s Source, p Params) ([]Path, error) {
	q, bad := p.check()
	if bad != nil {
		return nil, bad
	}
	if leaf == nil {
		return nil, badParams("no leaf")
	}
	for _, a := range s.Anchors {
		if a.Certificate == nil {
			return nil, badParams("an anchor without a certificate")
		}
	}
	f := newSearch(q, leaf, s)
	f.run()
	f.order()
	if len(f.found) > 0 && (f.found[0].Err == nil || f.limit == "") {
		return f.found, nil
	}
	return f.found, f.why()
}

// search is a breadth-first walk from the leaf to anchors: a shorter path is
// found before a longer one, however many of those a stranger adds.
type search struct {
	q      *question
	leaf   *candidate
	own    *Index         // of this search
	shared *Index         // of all searches, or nil
	queue  [][]*candidate // partial paths, leaf first
	steps  int
	limit  string // which limit was hit
	signed map[edge]error
	checks int
	failed error // the most telling signature error
	found  []Path
}

// edge is a signature check: of a certificate under a key. Many certificates
// may hold the same key.
type edge struct {
	child *x509.Certificate
	key   string
}

func newSearch(q *question, leaf *x509.Certificate, s Source) *search {
	f := &search{q: q, own: newIndex(), shared: s.Index, signed: map[edge]error{}}
	f.leaf = f.own.add(leaf)
	f.own.addAll(s)
	f.leaf.read(f.own)
	if f.shared != nil {
		for raw, c := range f.own.byRaw {
			if known := f.shared.byRaw[raw]; known != nil {
				c.anchors = append(slices.Clip(c.anchors), known.anchors...)
			}
		}
	}
	if !f.leaf.nameless {
		f.queue = append(f.queue, []*candidate{f.leaf})
	}
	return f
}

// run walks until nothing is left, or a limit is hit.
func (f *search) run() {
	if len(f.queue) > 0 {
		f.arrive(f.queue[0])
	}
	for len(f.queue) > 0 && f.limit == "" {
		partial := f.queue[0]
		f.queue = f.queue[1:]
		if len(partial) < f.q.MaxLength {
			f.extend(partial)
		}
	}
}

// extend lengthens a partial path by each issuer of its last certificate.
func (f *search) extend(partial []*candidate) {
	last := partial[len(partial)-1]
	if last.issuer.Empty() {
		return
	}
	for _, c := range f.issuers(last) {
		if f.steps++; f.steps > maxSteps {
			f.limit = fmt.Sprintf("more than %d partial paths", maxSteps)
			return
		}
		if closesLoop(partial, c) {
			continue
		}
		if err := f.verify(last.facts, c.facts); err != nil {
			f.remember(err)
			continue
		}
		longer := append(slices.Clone(partial), c)
		f.arrive(longer)
		f.queue = append(f.queue, longer) // an anchor may lead on to another anchor
	}
}

// closesLoop reports whether the path holds c's name and key already: whatever
// c can do, the earlier one has done.
func closesLoop(partial []*candidate, c *candidate) bool {
	return slices.ContainsFunc(partial, func(p *candidate) bool {
		return p.facts.subject.Equal(c.facts.subject) &&
			bytes.Equal(p.cert.RawSubjectPublicKeyInfo, c.cert.RawSubjectPublicKeyInfo)
	})
}

// issuers are all that bear the name of child's issuer, the likeliest first:
// anchors, then by key identifiers, then the newest.
func (f *search) issuers(child *candidate) []*candidate {
	key := f.own.name(child.cert.RawIssuer).key
	list := slices.Clone(f.own.bySubject[key])
	if f.shared != nil {
		for _, c := range f.shared.bySubject[key] {
			if f.own.byRaw[string(c.cert.Raw)] == nil {
				list = append(list, c)
			}
		}
	}
	for _, c := range list {
		c.read(f.own)
	}
	slices.SortFunc(list, func(a, b *candidate) int {
		return cmp.Or(
			-compareBool(len(a.anchors) > 0, len(b.anchors) > 0),
			-cmp.Compare(child.hint.rank(a), child.hint.rank(b)),
			compareBool(a.selfIssued(), b.selfIssued()),
			b.cert.NotBefore.Compare(a.cert.NotBefore),
			b.cert.NotAfter.Compare(a.cert.NotAfter),
			bytes.Compare(a.cert.Raw, b.cert.Raw))
	})
	return list
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// verify checks a signature once for each key.
func (f *search) verify(child, issuer *facts) error {
	e := edge{child.cert, string(issuer.cert.RawSubjectPublicKeyInfo)}
	if err, known := f.signed[e]; known {
		return err
	}
	if f.checks++; f.checks > maxSignatures {
		f.limit = fmt.Sprintf("more than %d signature checks", maxSignatures)
		return ErrTooComplex
	}
	err := pki.VerifyCertificate(child.cert, issuer.cert.PublicKey, f.q.Verify)
	f.signed[e] = err
	return err
}

// remember keeps the most telling reason why an issuer was none: that we cannot
// judge the signature says more than that it is of another key.
func (f *search) remember(err error) {
	if f.failed == nil || !errors.Is(err, pki.ErrInvalidSignature) {
		f.failed = err
	}
}

// arrive judges a path that ends in an anchor, once for each decision to trust
// that certificate.
func (f *search) arrive(chain []*candidate) {
	end := chain[len(chain)-1]
	for _, a := range end.anchors {
		if len(f.found) == maxPaths {
			f.limit = fmt.Sprintf("more than %d paths", maxPaths)
			return
		}
		path := Path{Anchor: a, Judged: true}
		v := &validation{q: f.q, signed: f.verify}
		for _, c := range chain {
			path.Chain = append(path.Chain, c.cert)
			v.chain = append(v.chain, c.facts)
		}
		path.Result, path.Err = v.run()
		f.mindAnchor(&path)
		f.found = append(f.found, path)
	}
}

// mindAnchor holds Params.At against the time in which the anchor was trusted.
func (f *search) mindAnchor(path *Path) {
	if f.q.At.IsZero() {
		return
	}
	out := outside(f.q.At, path.Anchor.From, path.Anchor.Until)
	if out == nil {
		return
	}
	out.Certificate, out.Clause = path.Anchor.Certificate, "EN 319 102-1 5.2.6"
	out.Detail = "as an anchor, " + out.Detail
	path.Outside = append(path.Outside, out)
	if path.Err == nil && !f.q.AnyTime {
		path.Err = out
	}
}

// order puts the best path first. The walk was breadth-first and by likelihood,
// so a stable sort keeps what it does not compare.
func (f *search) order() {
	slices.SortStableFunc(f.found, func(a, b Path) int {
		return cmp.Or(
			compareBool(a.Err != nil, b.Err != nil),
			cmp.Compare(len(a.Outside), len(b.Outside)),
			cmp.Compare(len(a.Chain), len(b.Chain)))
	})
}

// why tells why there is no path.
func (f *search) why() *Error {
	out := refuse(f.leaf.facts, NoPath, "RFC 5280 §6.1", "no chain of issuers leads from it to an anchor")
	switch {
	case f.limit != "":
		out.Kind, out.Detail = TooComplex, f.limit
	case f.leaf.nameless:
		return f.leaf.malformed
	case errors.Is(f.failed, pki.ErrInvalidSignature):
		out.Kind, out.err = Signature, f.failed
		out.Detail += ": those who bear an issuer's name have not signed"
	case f.failed != nil:
		out.Kind, out.err = Algorithm, f.failed
		out.Detail += ": " + f.failed.Error()
	}
	return out
}
