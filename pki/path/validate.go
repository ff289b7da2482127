package path

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"tamga/pki"
)

// Validate judges a chain, leaf first and anchor last, by RFC 5280 §6.1. That
// the last certificate is an anchor is the caller's word; the certificates must
// come from x509.ParseCertificate. A chain of one is a leaf that is itself an
// anchor: it is judged as a leaf but for its signature.
func Validate(chain []*x509.Certificate, p Params) (Result, *Error) {
	q, bad := p.check()
	if bad != nil {
		return Result{}, bad
	}
	if len(chain) == 0 || slices.Contains(chain, nil) {
		return Result{}, badParams("no chain, or one with a gap")
	}
	if len(chain) > q.MaxLength {
		return Result{}, &Error{Kind: PathLength, Clause: "RFC 5280 §6.1", Certificate: chain[0],
			Detail: fmt.Sprintf("%d certificates, where %d are allowed", len(chain), q.MaxLength)}
	}
	all := make([]*facts, len(chain))
	for i, c := range chain {
		all[i] = readFacts(c, parseName)
	}
	v := &validation{q: q, chain: all, signed: func(child, issuer *facts) error {
		return pki.VerifyCertificate(child.cert, issuer.cert.PublicKey, q.Verify)
	}}
	return v.run()
}

// validation is the state of RFC 5280 §6.1.2.
type validation struct {
	q      *question
	chain  []*facts
	signed func(child, issuer *facts) error

	graph                                  *policyGraph
	explicitPolicy, policyMapping, inhibit int // (d), (f), (e): certificates to go
	maxPathLength                          int // (k)
	constraints                            []*constraints
	nameChecks                             int
	outside                                []*Error
}

func (v *validation) run() (Result, *Error) {
	err := v.judge()
	if err != nil {
		return Result{Outside: v.outside}, err
	}
	policies := v.graph.userSet(v.q.policies)
	// §6.1.5 (g), the last sentence.
	if v.explicitPolicy == 0 && len(policies) == 0 {
		return Result{Outside: v.outside}, refuse(v.chain[0], Policy, "RFC 5280 §6.1.5 (g)",
			"no policy that is asked for is good for the whole path")
	}
	return Result{Policies: policies, Outside: v.outside}, nil
}

func (v *validation) judge() *Error {
	last := len(v.chain) - 1
	anchor := v.chain[last]
	n := max(last, 1) // certificates to process: the anchor is none, unless it is the leaf
	v.graph = newPolicyGraph()
	v.maxPathLength = n
	v.explicitPolicy = counter(v.q.RequireExplicitPolicy, n)
	v.policyMapping = counter(v.q.InhibitPolicyMapping, n)
	v.inhibit = counter(v.q.InhibitAnyPolicy, n)
	if last == 0 {
		if v.q.AnchorsIssueOnly {
			return refuse(anchor, NoPath, "RFC 5280 §6.1.1 (d)", "the leaf is an anchor, and anchors only issue")
		}
		return v.process(anchor, nil)
	}
	if err := v.trust(anchor); err != nil {
		return err
	}
	for i := last - 1; i >= 0; i-- {
		if err := v.process(v.chain[i], v.chain[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// counter is n+1, or 0 if what it counts down to is so from the start (§6.1.2).
func counter(now bool, n int) int {
	if now {
		return 0
	}
	return n + 1
}

// process judges the next certificate: §6.1.3, then §6.1.4 for an issuer or
// §6.1.5 for the leaf. issuer is nil for a leaf that is an anchor.
func (v *validation) process(f, issuer *facts) *Error {
	isLeaf := f == v.chain[0]
	if f.malformed != nil {
		return f.malformed
	}
	if issuer != nil {
		if err := v.follows(f, issuer); err != nil {
			return err
		}
	}
	steps := []func(*facts, bool) *Error{v.period, v.names, v.policies, v.purpose, v.understood}
	for _, step := range steps {
		if err := step(f, isLeaf); err != nil {
			return err
		}
	}
	if isLeaf {
		v.wrapUp(f)
		return nil
	}
	return v.prepare(f)
}

// follows is §6.1.3 (a)(4) and (a)(1): f names issuer as its own, whose key has
// signed it. Names come first, because they cost nothing and tell more.
func (v *validation) follows(f, issuer *facts) *Error {
	if f.issuer.Empty() || !f.issuer.Equal(issuer.subject) {
		return refuse(f, NameChaining, "RFC 5280 §6.1.3 (a)(4)",
			"the issuer it names is not the subject of the next certificate")
	}
	err := v.signed(f, issuer)
	if err == nil {
		return nil
	}
	out := refuse(f, Algorithm, "RFC 5280 §6.1.3 (a)(1)", "its signature cannot be judged: "+err.Error())
	if errors.Is(err, pki.ErrInvalidSignature) {
		out.Kind, out.Detail = Signature, err.Error()
	}
	out.err = err
	return out
}

// period is §6.1.3 (a)(2).
func (v *validation) period(f *facts, _ bool) *Error {
	out := outside(v.q.At, f.cert.NotBefore, f.cert.NotAfter)
	if out == nil || v.q.At.IsZero() {
		return nil
	}
	out.Certificate = f.cert
	v.outside = append(v.outside, out)
	if v.q.AnyTime {
		return nil
	}
	return out
}

// outside compares at with a period; a zero end is open.
func outside(at, from, until time.Time) *Error {
	switch {
	case at.Before(from):
		return &Error{Kind: NotYetValid, Clause: "RFC 5280 §6.1.3 (a)(2)",
			Detail: "valid from " + from.UTC().Format(time.RFC3339)}
	case !until.IsZero() && at.After(until):
		return &Error{Kind: Expired, Clause: "RFC 5280 §6.1.3 (a)(2)",
			Detail: "valid until " + until.UTC().Format(time.RFC3339)}
	}
	return nil
}

// names is §6.1.3 (b) and (c). A self-issued certificate within the path is
// exempt: it gives a new key to the issuer, who is bound already.
func (v *validation) names(f *facts, isLeaf bool) *Error {
	if len(v.constraints) == 0 || f.selfIssued() && !isLeaf {
		return nil
	}
	targets := f.targets(isLeaf)
	for _, c := range v.constraints {
		if v.nameChecks += c.checks(targets); v.nameChecks > maxNameChecks {
			return refuse(f, TooComplex, "RFC 5280 §6.1.3 (b)",
				fmt.Sprintf("more than %d comparisons of names with constraints", maxNameChecks))
		}
		for i := range targets {
			if why := c.judge(&targets[i]); why != "" {
				return refuse(f, NameConstraints, "RFC 5280 §6.1.3 (b), (c)", why)
			}
		}
	}
	return nil
}

// policies is §6.1.3 (d) to (f).
func (v *validation) policies(f *facts, isLeaf bool) *Error {
	v.graph.descend(f.policies, v.inhibit > 0 || !isLeaf && f.selfIssued())
	if v.explicitPolicy == 0 && v.graph.null() {
		return refuse(f, Policy, "RFC 5280 §6.1.3 (f)", "no certificate policy is left that all issuers allow")
	}
	return nil
}

// purpose judges extended key usage (RFC 5280 §4.2.1.12), that of issuers only
// where asked.
func (v *validation) purpose(f *facts, isLeaf bool) *Error {
	if len(v.q.purposes) == 0 || !isLeaf && !v.q.NestedPurposes {
		return nil
	}
	ok := slices.ContainsFunc(f.purposes, func(p oid) bool { return slices.Contains(v.q.purposes, p) })
	switch {
	case f.purposes == nil:
		ok = !isLeaf || v.q.PurposeOptional
	case !isLeaf:
		ok = ok || slices.Contains(f.purposes, anyUsageOID)
	}
	if !ok {
		return refuse(f, Purpose, "RFC 5280 §4.2.1.12", "its extended key usage does not hold what is asked for")
	}
	return nil
}

// understood is §6.1.4 (o) and §6.1.5 (f): who marks an extension critical asks
// to be refused by those who do not know it.
func (v *validation) understood(f *facts, _ bool) *Error {
	for _, id := range f.critical {
		if !slices.Contains(v.q.Critical, id) {
			return refuse(f, CriticalExtension, "RFC 5280 §4.2",
				"critical extension "+id+" is not understood")
		}
	}
	return nil
}

// refuse blames one certificate.
func refuse(f *facts, kind Kind, clause, detail string) *Error {
	return &Error{Kind: kind, Clause: clause, Certificate: f.cert, Detail: detail}
}
