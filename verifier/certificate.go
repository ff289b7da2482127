package verifier

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"tamga/pki"
	"tamga/pki/path"
	"tamga/verifier/report"
)

// X.509 certificate validation, EN 319 102-1 §5.2.6, asked for the time t.at.
var (
	pathChecks = []check{
		{"certificate.path", "EN 319 102-1 5.2.6.4", report.NoCertificateChainFound, pathFound},
	}
	constraintChecks = []check{
		{"certificate.usage", "RFC 5280 4.2.1.3", report.ChainConstraintsFailure, keyUsageFits},
		{"certificate.purpose", "RFC 5280 4.2.1.12", report.ChainConstraintsFailure, purposeFits},
	}
	validityChecks = []check{
		{"certificate.validity", "EN 319 102-1 5.2.6.4", report.OutOfBoundsNoPOE, withinValidity},
	}
)

// tried is how many paths are looked at for one that revocation leaves in
// force.
const tried = 4

// pathFound looks for a path from the signer to an anchor that is trusted for
// this use, and takes the first that revocation leaves in force, or else the
// best. Only anchors are roots; what came with the document may only fill the
// middle.
func pathFound(t *trial) finding {
	anchors, other, err := t.anchors()
	if err != nil {
		t.fail(err)
		return no("%v", err)
	}
	paths, failure := t.paths(anchors, atTime)
	if len(paths) == 0 {
		if other && failure.sub == "" {
			failure.detail += "; others were trusted at other times"
			return failure.as(report.NoCertificateChainFoundNoPOE)
		}
		return failure
	}
	t.path, t.status = nil, nil
	for _, p := range paths {
		status := t.examine(p.Chain, p.Anchor)
		if t.path == nil || allInForce(status) {
			t.path, t.anchor, t.status = p.Chain, p.Anchor, status
		}
		if allInForce(status) {
			break
		}
	}
	return yes("%d certificates to %s", len(t.path), t.subject(t.path[len(t.path)-1]))
}

// anchors are those for this use, at the time that is asked for. It also
// reports whether there are others for other times.
func (t *trial) anchors() (out []pki.Anchor, other bool, err error) {
	all, err := t.everyAnchor()
	for _, a := range all {
		early := t.at.Before(a.From)
		late := !a.Until.IsZero() && t.at.After(a.Until)
		if early || late {
			other = true
			continue
		}
		out = append(out, a)
	}
	return out, other, err
}

// everyAnchor are those for this use at any time.
func (t *trial) everyAnchor() ([]pki.Anchor, error) {
	if t.v.Trust == nil {
		return nil, nil
	}
	var out []pki.Anchor
	for _, use := range t.rule.Uses() {
		all, err := t.v.Trust.Anchors(t.ctx, use)
		if err != nil {
			return nil, fmt.Errorf("finding anchors: %w", err)
		}
		for _, a := range all {
			same := func(b pki.Anchor) bool {
				return a.Certificate == b.Certificate && a.From.Equal(b.From) && a.Until.Equal(b.Until)
			}
			if a.Certificate != nil && !slices.ContainsFunc(out, same) {
				out = append(out, a)
			}
		}
	}
	return out, nil
}

// when is whether a path must be good at t.pathTime, or at any time at all.
type when bool

const (
	atTime    when = false
	everyTime when = true
)

// paths are the best of the valid paths from the signer to one of the anchors;
// if there is none, the finding says why.
func (t *trial) paths(anchors []pki.Anchor, w when) ([]path.Path, finding) {
	if len(anchors) == 0 {
		return nil, no("nobody is trusted for this use")
	}
	memo, pool, rules := t.shared.memo, t.issuers(), t.rule.Policies
	params := path.Params{
		At: t.pathTime(), AnyTime: w == everyTime, Verify: t.shared.verify,
		MaxLength: t.v.Policy.Limits.Path, AnchorConstraints: true,
		Policies: rules.Accept, RequireExplicitPolicy: !rules.NotExplicit,
		InhibitPolicyMapping: !rules.Mapping, InhibitAnyPolicy: !rules.AnyPolicy,
	}
	if rules.AcceptAny {
		params.Policies = append(slices.Clone(rules.Accept), path.AnyPolicy)
	}
	key, short := t.newPathKey(pool)
	if short && w == atTime {
		if p, ok := memo.pathFor(key, anchors, params.At); ok {
			return []path.Path{p}, yes("")
		}
	}
	found, err := path.Find(t.signer, path.Source{Anchors: anchors, Pool: pool}, params)
	if err != nil {
		return nil, pathError(err)
	}
	if short && w == atTime && len(found) == 1 && found[0].Valid() {
		memo.rememberPath(key, found[0])
	}
	var valid []path.Path
	for _, p := range found {
		if p.Valid() && len(valid) < tried {
			valid = append(valid, p)
		}
	}
	if len(valid) > 0 {
		return valid, yes("")
	}
	return nil, pathFailure(found[0].Err)
}

// pathError is what it means that no path was found at all.
func pathError(err error) finding {
	if e, ok := errors.AsType[*path.Error](err); ok {
		return pathFailure(e)
	}
	return no("%v", err).as(report.CertificateChainGeneralFailure)
}

// issuers are the certificates that may stand in the middle of a path: those of
// the pool and, one above the other, what the verifier's own source knows.
func (t *trial) issuers() []*x509.Certificate {
	out := slices.Clone(t.pool.certificates)
	if t.v.Issuers == nil {
		return out
	}
	limits := t.v.Policy.Limits
	for next := []*x509.Certificate{t.signer}; len(next) > 0; {
		more, err := t.v.Issuers.Issuers(t.ctx, next[0])
		if err != nil {
			t.fail(fmt.Errorf("finding issuers: %w", err))
			return nil
		}
		next = next[1:]
		for _, c := range more {
			if len(c.Raw) <= limits.CertificateBytes && len(out) < limits.Certificates && !slices.ContainsFunc(out, c.Equal) {
				out, next = append(out, c), append(next, c)
			}
		}
	}
	return out
}

// pathTime is the time to look for a path at. If the signer's certificate is
// not valid at t.at, it is the nearest moment at which it is: the path is then
// judged as it was, and withinValidity says what is wrong. Otherwise an expired
// certificate would look like a stranger's.
func (t *trial) pathTime() time.Time {
	switch {
	case t.at.After(t.signer.NotAfter):
		return t.signer.NotAfter
	case t.at.Before(t.signer.NotBefore):
		return t.signer.NotBefore
	}
	return t.at
}

// pathFailure says what the fault of a path means for the signature.
func pathFailure(err *path.Error) finding {
	f := no("%s (%s)", err.Detail, err.Clause)
	if err.Certificate != nil {
		f = f.of(err.Certificate.Subject.String())
	}
	switch err.Kind {
	case path.NoPath, path.Signature, path.NameChaining:
		return f
	case path.Expired, path.NotYetValid:
		return f.as(report.OutOfBoundsNoPOE)
	case path.Policy, path.Purpose:
		return f.as(report.ChainConstraintsFailure)
	case path.Algorithm:
		return f.as(report.CryptoConstraintsFailure)
	}
	return f.as(report.CertificateChainGeneralFailure)
}

// withinValidity asks whether the signer's certificate was valid at t.at. An
// expired one may still have been valid when it signed: only a proof of
// existence could tell, so the answer is a doubt and no failure. The doubt is
// smaller if it is known that it was not revoked by its end (§5.2.6.4).
func withinValidity(t *trial) finding {
	c := t.signer
	span := c.NotBefore.UTC().Format(time.RFC3339) + " to " + c.NotAfter.UTC().Format(time.RFC3339)
	switch {
	case t.at.Before(c.NotBefore):
		return no("valid from %s, asked for %s", span, t.at.UTC().Format(time.RFC3339))
	case t.at.After(c.NotAfter):
		f := no("valid from %s, asked for %s", span, t.at.UTC().Format(time.RFC3339))
		if t.claimsAfter(c.NotAfter) {
			return f.as(report.Expired)
		}
		if allInForce(t.status) {
			return f.as(report.OutOfBoundsNotRevoked)
		}
		return f
	}
	return yes("%s", span)
}

// claimsAfter reports whether the signature is proven, or by its own word
// admitted, to have been made at or after end, and no proof says otherwise.
// The claimed time is signed by the signer: it may count against it, because
// nobody else can have put it there, but never for it.
func (t *trial) claimsAfter(end time.Time) bool {
	if t.best != nil && t.best.time.Before(end) {
		return false
	}
	if t.content != nil && !t.content.time.Before(end) {
		return true
	}
	claimed := t.sig.Claims.Time
	return t.v.Policy.ClaimAgainst && !claimed.Before(end)
}
