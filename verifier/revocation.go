package verifier

import (
	"cmp"
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
	embedded bool // the information came with the document
	rests    *statement
	detail   string // why nothing is known
	late     bool   // what is known came from a responder whose certificate has ended
	fall     fall   // that it was revoked at any time
}

// fall is the end of a certificate by revocation. The zero value is none.
type fall struct {
	at     time.Time
	benign bool // the reason says that its key is not in other hands
}

// ruins reports whether a statement by a certificate that fell is not to be
// believed: whoever has the key can write any date into it, so it must be
// proven to be older. Where the key is in no other hands, its own date counts.
func (f fall) ruins(s *statement) bool {
	switch {
	case f.at.IsZero():
		return false
	case f.benign:
		return !s.updated.Before(f.at)
	}
	return !s.proven.Before(f.at)
}

func (f fall) earlier(g fall) fall {
	if f.at.IsZero() || !g.at.IsZero() && g.at.Before(f.at) {
		return g
	}
	return f
}

// benignReasons end a certificate without its key being in other hands (RFC
// 5280 §5.3.1). "Unspecified" is not among them.
var benignReasons = []string{"affiliationChanged", "superseded", "cessationOfOperation"}

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
	// keeps is since when the issuer keeps telling of certificates that have
	// ended: zero if it does not say (RFC 6960 §4.4.4, ISO/IEC 9594-8 §9.5.2.9).
	keeps time.Time
	kind  report.EvidenceKind
	by    string // who made it, for people
	sum   string // SHA-256 of the piece, hexadecimal
	// produced is when a response was signed, algorithm with what, and delegate
	// by whom, if not by the issuer itself. The lists have said theirs.
	produced  time.Time
	algorithm pki.Algorithm
	delegate  *x509.Certificate
	appointed bool      // by one who is trusted by decision
	silent    bool      // a response about others
	late      bool      // its signer's certificate had ended when it is proven to have existed
	proven    time.Time // since when the piece is proven to exist
	source    string
	embedded  bool // it came with the document
}

// asked is a certificate whose status is in question, with whom it comes from
// and whom all of it rests on.
type asked struct {
	cert, issuer *x509.Certificate
	anchor       pki.Anchor
	detail       *string // why nothing is known
}

func (q asked) say(err error) { *q.detail = err.Error() }

// examine finds the status of every certificate of a chain but its anchor, from
// the anchor down: what an issuer says counts only while the issuer does.
func (t *trial) examine(chain []*x509.Certificate, anchor pki.Anchor) []status {
	out := make([]status, len(chain)-1)
	var above fall
	for i := len(chain) - 2; i >= 0; i-- {
		out[i] = t.statusOf(asked{cert: chain[i], issuer: chain[i+1], anchor: anchor}, above)
		above = above.earlier(out[i].fall)
	}
	return out
}

func (t *trial) statusOf(q asked, above fall) status {
	out := status{cert: q.cert, detail: "there is no revocation information"}
	q.detail = &out.detail
	at := t.pathTime()
	if !above.at.IsZero() && !above.benign && !t.poes.ofBytes(q.cert.Raw).Before(above.at) {
		out.detail = "its issuer was revoked on " + stampTime(above.at) +
			", and the certificate is not proven to be older"
		return out
	}
	list := t.statements(q)
	slices.SortStableFunc(list, laterOrWorse)
	for _, s := range list {
		if above.ruins(&s) {
			out.detail = "its issuer was revoked on " + stampTime(above.at) +
				", and the information is not proven to be older"
			continue
		}
		// What comes with the last time-stamp cannot be proven by a later one: there
		// the freshness alone counts, as others have it.
		if s.late && s.standing == inForce && !t.stamping {
			out.late = true
			out.detail = "the certificate of the responder has ended since, and the answer of " + stampTime(s.updated) +
				" is not proven to be older"
			continue
		}
		out.learn(s, at, s.speaksOf(q.cert) && t.fresh(s, at))
	}
	if out.standing == unknownStanding && shortLived(q.cert, t.v.Policy.Revocation.ShortLived) {
		out.standing = exempt
	}
	return out
}

// laterOrWorse is the order in which statements are learned, so that the verdict
// does not depend on the order in the document: the newest last and, of those of
// one moment, the least good.
func laterOrWorse(a, b statement) int {
	worse := map[standing]int{inForce: 0, unknownStanding: 1, onHold: 2, revoked: 3}
	return cmp.Or(a.updated.Compare(b.updated), cmp.Compare(worse[a.standing], worse[b.standing]))
}

// learn adds a statement to what is known, which is older. A revocation at or
// before at is final, however old the statement; otherwise the newest fresh one
// counts.
func (s *status) learn(told statement, at time.Time, fresh bool) {
	if told.standing == revoked {
		s.fall = s.fall.earlier(fall{told.since, slices.Contains(benignReasons, told.reason)})
	}
	switch {
	case told.standing == revoked && !told.since.After(at):
		if s.standing != revoked || told.since.Before(s.since) {
			s.standing, s.since, s.reason = revoked, told.since, told.reason
			s.rest(told)
		}
	case s.standing == revoked:
	case !fresh:
		if s.standing == unknownStanding {
			s.detail = "the newest revocation information is of " + stampTime(told.updated)
		}
	case told.standing == onHold && !told.since.After(at):
		s.standing, s.since = onHold, told.since
		s.rest(told)
	case told.standing == unknownStanding:
		s.rest(told)
		s.standing, s.rests, s.detail = unknownStanding, nil, "the responder does not know the certificate"
	default: // in force, or revoked only after at
		s.standing = inForce
		s.rest(told)
	}
}

// rest says on what the status rests.
func (s *status) rest(told statement) {
	s.updated, s.source, s.embedded, s.rests = told.updated, told.source, told.embedded, &told
}

// piece is a piece of revocation information, and whether it is of the
// verifier's own source, which keeps it unchanged in memory.
type piece struct {
	pki.Revocation
	ours bool
}

// pieces are all that may tell of c, those of the verifier's own source first.
func (t *trial) pieces(c, issuer *x509.Certificate) (out []piece) {
	if t.v.Revocation != nil {
		own, err := t.v.Revocation.Revocation(t.ctx, c, issuer)
		if err != nil {
			t.fail(fmt.Errorf("finding revocation information: %w", err))
			return nil
		}
		for _, r := range own {
			out = append(out, piece{r, true})
		}
	}
	for _, r := range t.pool.revocations {
		out = append(out, piece{r, false})
	}
	return out[:min(len(out), t.v.Policy.Limits.Revocations)]
}

// statements are what the pieces at hand say of the certificate in question.
// Why one says nothing is told in q.detail, if it should have said something.
func (t *trial) statements(q asked) []statement {
	pieces := t.pieces(q.cert, q.issuer)
	out := t.crlStatements(q, ofKind(pieces, pki.CRL))
	for _, p := range ofKind(pieces, pki.OCSP) {
		if s, ok := t.ocspStatement(q, p); ok {
			out = append(out, s)
		}
	}
	return slices.DeleteFunc(out, func(s statement) bool {
		future := s.updated.After(t.now.Add(t.v.Policy.Revocation.Skew))
		if future {
			q.say(fmt.Errorf("revocation information from the future (%s)", stampTime(s.updated)))
		}
		return future
	})
}

// speaksOf reports whether a statement tells about c at all: what was made
// after the end of a certificate says nothing of it, because issuers then drop
// it from their lists, unless it says that it keeps them (EN 319 102-1 §5.2.5.4).
func (s *statement) speaksOf(c *x509.Certificate) bool {
	return !s.updated.After(c.NotAfter) || !s.keeps.IsZero() && !c.NotAfter.Before(s.keeps)
}

// fresh reports whether a statement tells about time at (§5.2.5.4): it was made
// at or after it, or not longer before than the policy allows or the statement
// itself says.
func (t *trial) fresh(s statement, at time.Time) bool {
	return !s.updated.Before(at) || at.Before(t.freshUntil(s))
}

// freshUntil is the end of the time for which a statement is fresh.
func (t *trial) freshUntil(s statement) time.Time {
	end := t.rule.Freshness.Until(s.updated, s.next)
	if skewed := s.updated.Add(t.v.Policy.Revocation.Skew); end.Before(skewed) {
		return skewed
	}
	return end
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
		f := no("revoked on %s (%s)", stampTime(s.since), s.reason)
		if t.claimsAfter(s.since) {
			return f.as(report.Revoked)
		}
		return f
	}
	return yes("not known to be revoked")
}

func issuersNotRevoked(t *trial) finding {
	for _, s := range t.status { // the signer is not, see signerNotRevoked
		if s.standing == revoked {
			return no("revoked on %s (%s)", stampTime(s.since), s.reason).of(s.cert.Subject.String())
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
	for i, s := range t.status {
		switch {
		case s.standing == onHold:
			return no("suspended since %s", stampTime(s.since)).of(s.cert.Subject.String())
		case s.standing == unknownStanding && t.rule.Revocation && (i == 0 || !t.rule.SignerOnly):
			f := no("%s", s.detail).of(s.cert.Subject.String())
			if s.late {
				return f.as(report.RevocationOutOfBoundsNoPOE)
			}
			return f
		}
	}
	s := t.status[0]
	if s.standing == exempt {
		return yes("short-lived: needs none")
	}
	if s.standing == unknownStanding {
		return yes("not known, and not required")
	}
	return yes("in force by information of %s %s", stampTime(s.updated), s.source)
}
