package verifier

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"tamga/pki"
	"tamga/verifier/report"
)

// revocationChecks ask whether the certificates of the path were in force at
// the time that counts (EN 319 102-1 §5.2.6.4) and whether the information is
// fresh enough to say so (§5.2.5). The anchor is trusted by decision.
var revocationChecks = []check{
	{"revocation.signer", "EN 319 102-1 5.2.6.4", report.RevokedNoPOE, signerNotRevoked},
	{"revocation.issuers", "EN 319 102-1 5.2.6.4", report.RevokedCANoPOE, issuersNotRevoked},
	{"revocation.known", "EN 319 102-1 5.2.5.4", report.TryLater, statusKnown},
}

// standing is what is known of a certificate. The zero value is nothing.
type standing uint8

const (
	unknownStanding standing = iota
	inForce
	revoked
	onHold
	exempt // needs no revocation information
)

// status is what is known of one certificate of the path.
type status struct {
	cert     *x509.Certificate
	standing standing
	since    time.Time // of revocation
	reason   string
	updated  time.Time // thisUpdate of the information used
	source   string
	detail   string // why nothing is known
}

func allInForce(list []status) bool {
	return !slices.ContainsFunc(list, func(s status) bool {
		return s.standing != inForce && s.standing != exempt
	})
}

// statement is what one piece of revocation information, checked to come from
// the issuer or its delegate, says of a certificate.
type statement struct {
	standing standing
	since    time.Time
	reason   string
	updated  time.Time // thisUpdate
	next     time.Time // nextUpdate, zero if none
	expired  bool      // speaks of certificates after their end, too
}

// examine finds the status of every certificate of a chain but its anchor.
func (t *trial) examine(chain []*x509.Certificate) []status {
	out := make([]status, 0, len(chain))
	for i, c := range chain[:len(chain)-1] {
		out = append(out, t.statusOf(c, chain[i+1]))
	}
	return out
}

func (t *trial) statusOf(c, issuer *x509.Certificate) status {
	out := status{cert: c, detail: "there is no revocation information"}
	pieces := t.sig.Evidence.Revocations
	if t.v.Revocation != nil {
		more, err := t.v.Revocation.Revocation(t.ctx, c, issuer)
		if err != nil {
			t.err = fmt.Errorf("finding revocation information: %w", err)
			return out
		}
		pieces = slices.Concat(more, pieces)
	}
	at := t.pathTime()
	for _, piece := range pieces[:min(len(pieces), t.v.Policy.Limits.Revocations)] {
		s, err := t.says(piece, c, issuer)
		if err != nil {
			out.detail = err.Error()
			continue
		}
		out.learn(s, at, t.fresh(s, c, at), piece.Source)
	}
	if out.standing == unknownStanding && shortLived(c, t.v.Policy.Revocation.ShortLived) {
		out.standing = exempt
	}
	return out
}

// learn adds a statement to what is known. A revocation at or before at is
// final, however old the statement; otherwise the newest fresh one counts.
func (s *status) learn(told statement, at time.Time, fresh bool, source string) {
	switch {
	case told.standing == revoked && !told.since.After(at):
		if s.standing != revoked || told.since.Before(s.since) {
			s.standing, s.since, s.reason, s.updated, s.source = revoked, told.since, told.reason, told.updated, source
		}
	case s.standing == revoked:
	case !fresh:
		if s.standing == unknownStanding {
			s.detail = "the newest revocation information is of " + told.updated.UTC().Format(time.RFC3339)
		}
	case s.standing != unknownStanding && !told.updated.After(s.updated):
	case told.standing == onHold && !told.since.After(at):
		s.standing, s.since, s.updated, s.source = onHold, told.since, told.updated, source
	case told.standing == unknownStanding:
		s.standing, s.updated, s.detail = unknownStanding, told.updated, "the responder does not know the certificate"
	default: // in force, or revoked only after at
		s.standing, s.updated, s.source = inForce, told.updated, source
	}
}

// says reads one piece and checks who made it.
func (t *trial) says(piece pki.Revocation, c, issuer *x509.Certificate) (statement, error) {
	var s statement
	var err error
	switch piece.Kind {
	case pki.CRL:
		s, err = crlSays(piece.Raw, c, issuer)
	case pki.OCSP:
		s, err = ocspSays(piece.Raw, c, issuer)
	default:
		err = fmt.Errorf("revocation information of an unknown kind")
	}
	if err == nil && s.updated.After(t.now.Add(t.v.Policy.Revocation.Skew)) {
		err = fmt.Errorf("revocation information from the future (%s)", s.updated.UTC().Format(time.RFC3339))
	}
	return s, err
}

// fresh reports whether a statement tells about time at (EN 319 102-1
// §5.2.5.4): it was made at or after it, or not longer before than the policy
// allows or the statement itself says. What was made after the end of a
// certificate says nothing of it, because issuers then drop it from their
// lists, unless it says that it keeps them.
func (t *trial) fresh(s statement, c *x509.Certificate, at time.Time) bool {
	rules := t.v.Policy.Revocation
	if s.updated.After(c.NotAfter) && !s.expired {
		return false
	}
	switch {
	case !s.updated.Before(at):
		return true
	case rules.MaxAge > 0:
		return at.Sub(s.updated) <= rules.MaxAge
	case s.next.IsZero():
		return at.Sub(s.updated) <= rules.Skew
	}
	return at.Before(s.next)
}

// shortLived reports whether c may go without revocation information: it ends
// before a revocation would be heard of, or its issuer says that there is none
// (RFC 9608, EN 319 412-1 §5.2.2).
func shortLived(c *x509.Certificate, limit time.Duration) bool {
	if limit <= 0 || c.IsCA {
		return false
	}
	return c.NotAfter.Sub(c.NotBefore) <= limit ||
		hasExtension(c, oidNoRevAvail) || hasExtension(c, oidValidityAssured)
}

func signerNotRevoked(t *trial) finding {
	if len(t.status) == 0 {
		return skip() // the signer is itself the anchor
	}
	if s := t.status[0]; s.standing == revoked {
		f := no("revoked on %s (%s)", s.since.UTC().Format(time.RFC3339), s.reason)
		if t.claimsAfter(s.since) {
			return f.as(report.Revoked)
		}
		return f
	}
	return yes("not known to be revoked")
}

func issuersNotRevoked(t *trial) finding {
	for i, s := range t.status {
		if i > 0 && s.standing == revoked {
			return no("revoked on %s (%s)", s.since.UTC().Format(time.RFC3339), s.reason).of(s.cert.Subject.String())
		}
	}
	if len(t.status) < 2 {
		return skip()
	}
	return yes("none known to be revoked")
}

func statusKnown(t *trial) finding {
	if len(t.status) == 0 {
		return skip()
	}
	for _, s := range t.status {
		switch {
		case s.standing == onHold:
			return no("suspended since %s", s.since.UTC().Format(time.RFC3339)).of(s.cert.Subject.String())
		case s.standing == unknownStanding && t.rule.Revocation:
			return no("%s", s.detail).of(s.cert.Subject.String())
		}
	}
	s := t.status[0]
	if s.standing == exempt {
		return yes("short-lived: needs none")
	}
	if s.standing == unknownStanding {
		return yes("not known, and not required")
	}
	return yes("in force by information of %s %s", s.updated.UTC().Format(time.RFC3339), s.source)
}
