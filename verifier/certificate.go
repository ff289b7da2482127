package verifier

import (
	"cmp"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"tamga/pki"
	"tamga/verifier/report"
)

// X.509 certificate validation, EN 319 102-1 §5.2.6, asked for the time t.at.
var (
	pathChecks = []check{
		{"certificate.path", "EN 319 102-1 5.2.6.4", report.NoCertificateChainFound, pathFound},
		{"certificate.usage", "RFC 5280 4.2.1.3", report.ChainConstraintsFailure, keyUsageFits},
		{"certificate.purpose", "RFC 5280 4.2.1.12", report.ChainConstraintsFailure, purposeFits},
	}
	validityChecks = []check{
		{"certificate.validity", "EN 319 102-1 5.2.6.4", report.OutOfBoundsNoPOE, withinValidity},
	}
)

// maxPathRSA bounds the RSA keys that may check certificates: an 8192-bit
// modulus costs a millisecond, and crypto/x509 has no limit of its own.
const maxPathRSA = 8192

// pathFound looks for a path from the signer to an anchor that is trusted for
// this use. Only anchors are roots; what came with the document may only fill
// the middle. Extended key usage is left to purposeFits, because crypto/x509
// reads it as TLS does: through the whole chain.
func pathFound(t *trial) finding {
	anchors, other, err := t.anchors()
	if err != nil {
		t.err = err
		return no("%v", err)
	}
	roots, middle := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range anchors {
		roots.AddCert(a.Certificate)
	}
	for _, c := range t.evidence() {
		if pub, ok := c.PublicKey.(*rsa.PublicKey); !ok || pub.N.BitLen() <= maxPathRSA {
			middle.AddCert(c)
		}
	}
	chains, err := t.signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: middle, CurrentTime: t.pathTime(),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
	if err != nil {
		return pathFailure(err, len(anchors), other)
	}
	t.choose(chains)
	if t.path == nil {
		return no("every path is longer than %d certificates", t.v.Policy.Limits.Path).
			as(report.CertificateChainGeneralFailure)
	}
	t.anchor = anchorOf(anchors, t.path[len(t.path)-1])
	return yes("%d certificates to %s", len(t.path), t.path[len(t.path)-1].Subject)
}

// anchors are those for this use, at the time that is asked for. It also
// reports whether there are others for other times.
func (t *trial) anchors() (out []pki.Anchor, other bool, err error) {
	if t.v.Trust == nil {
		return nil, false, nil
	}
	all, err := t.v.Trust.Anchors(t.ctx, t.rule.Use)
	if err != nil {
		return nil, false, fmt.Errorf("finding anchors: %w", err)
	}
	for _, a := range all {
		early := !a.From.IsZero() && t.at.Before(a.From)
		late := !a.Until.IsZero() && t.at.After(a.Until)
		if a.Certificate == nil || early || late {
			other = true
			continue
		}
		out = append(out, a)
	}
	return out, other, nil
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

// pathFailure tells an expired issuer or an unknown critical extension from
// having no path at all, and that from having none today.
func pathFailure(err error, anchors int, other bool) finding {
	var invalid x509.CertificateInvalidError
	var critical x509.UnhandledCriticalExtension
	switch {
	case anchors == 0 && !other:
		return no("nobody is trusted for this use")
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return no("%v", err).as(report.OutOfBoundsNoPOE)
	case errors.As(err, &invalid), errors.As(err, &critical):
		return no("%v", err).as(report.CertificateChainGeneralFailure)
	case other:
		return no("%v; others were trusted at other times", err).as(report.NoCertificateChainFoundNoPOE)
	}
	return no("%v", err)
}

// choose copies the best of the chains that verified: none longer than the
// policy allows, and of these the first that revocation leaves in force, or
// else the shortest. The order does not depend on the order in the document.
func (t *trial) choose(chains [][]*x509.Certificate) {
	const tried = 4
	chains = slices.DeleteFunc(chains, func(c []*x509.Certificate) bool {
		return len(c) == 0 || len(c) > t.v.Policy.Limits.Path
	})
	slices.SortFunc(chains, func(a, b []*x509.Certificate) int {
		if c := cmp.Compare(len(a), len(b)); c != 0 {
			return c
		}
		return slices.CompareFunc(a, b, func(x, y *x509.Certificate) int { return slices.Compare(x.Raw, y.Raw) })
	})
	t.path, t.status = nil, nil
	for _, chain := range chains[:min(len(chains), tried)] {
		status := t.examine(chain)
		if t.path == nil || allInForce(status) {
			t.path, t.status = slices.Clone(chain), status
		}
		if allInForce(status) {
			return
		}
	}
}

func anchorOf(anchors []pki.Anchor, root *x509.Certificate) pki.Anchor {
	for _, a := range anchors {
		if a.Certificate.Equal(root) {
			return a
		}
	}
	return pki.Anchor{}
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
	return t.v.Policy.ClaimAgainst && !claimed.IsZero() && !claimed.Before(end) && !t.broken()
}
