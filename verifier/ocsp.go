package verifier

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"tamga/pki"
	"tamga/pki/ocsp"
	"tamga/verifier/report"
)

// ocspStatement is what an OCSP response says of the certificate in question
// (RFC 6960): an answer of the issuer itself, or of a responder whom the issuer
// certified for that (§4.2.2.2), valid when it answered. An answer by anybody
// else, or about a namesake's certificate of the same serial number, is none.
// It reports false where the response is about others.
func (t *trial) ocspStatement(q asked, p piece) (statement, bool) {
	memo := t.shared.memo
	key := newStatementKey(p, q.cert, q.issuer)
	known, ok := memo.statements.Get(key)
	if !ok {
		var err error
		if known, err = t.readOCSP(p.Raw, q); err != nil {
			q.say(err)
			return statement{}, false
		}
		if !known.appointed { // whom one trusts may change
			memo.statements.Put(key, known)
		}
	}
	if known.silent {
		return statement{}, false
	}
	s := known
	s.source, s.embedded, s.proven = p.Source, !p.ours, t.poes.ofBytes(p.Raw)
	// Whoever has the key of a certificate that has ended writes any date: the
	// answer must be proven to be older (EN 319 102-1 §5.2.6.4).
	s.late = s.delegate != nil && s.proven.After(s.delegate.NotAfter)
	if err := t.responderStands(s, q); err != nil {
		q.say(err)
		return statement{}, false
	}
	return s, true
}

func (t *trial) readOCSP(raw []byte, q asked) (statement, error) {
	r, err := ocsp.Parse(raw)
	if err != nil {
		return statement{}, err
	}
	appointed := t.appointed()
	told, err := r.Judge(ocsp.Question{
		Certificate: q.cert, Issuer: q.issuer, Pool: t.pool.certificates,
		Responders: certificatesOf(appointed), Verify: t.shared.verify,
	})
	if errors.Is(err, ocsp.ErrNoAnswer) {
		return statement{silent: true}, nil
	}
	if err != nil {
		return statement{}, err
	}
	sum := sha256.Sum256(raw)
	s := statement{
		updated: told.ThisUpdate, next: told.NextUpdate, keeps: told.ArchiveCutoff, produced: told.ProducedAt,
		kind: report.OCSP, by: t.subject(told.Signer), sum: hex.EncodeToString(sum[:]),
	}
	if s.algorithm, err = r.Algorithm(); err != nil {
		return statement{}, err
	}
	switch told.Authority {
	case ocsp.Delegate:
		s.delegate = t.shared.memo.pki.Intern(told.Signer)
	case ocsp.Appointed:
		s.appointed = true
		if err := stillAppointed(appointed, told, t.poes.ofBytes(raw)); err != nil {
			return statement{}, err
		}
	}
	switch told.Status {
	case ocsp.Good:
		s.standing = inForce
	case ocsp.Revoked:
		s.standing, s.since, s.reason = revoked, told.RevokedAt, told.Reason.String()
		switch told.Reason {
		case ocsp.CertificateHold:
			s.standing = onHold
		case ocsp.KeyCompromise, ocsp.CACompromise, ocsp.AACompromise:
			if !told.Invalid.IsZero() && told.Invalid.Before(s.since) {
				s.since = told.Invalid
			}
		}
	}
	return s, nil
}

// appointed are the responders that are trusted by decision to answer for
// anybody's certificates (RFC 6960 §4.2.2.2, first case): certificates for
// nothing else, which somebody has said to trust for this.
func (t *trial) appointed() []pki.Anchor {
	anchors, err := t.v.Trust.Anchors(t.ctx, pki.UseOCSP)
	if err != nil {
		t.fail(fmt.Errorf("finding responders: %w", err))
		return nil
	}
	return slices.DeleteFunc(slices.Clone(anchors), func(a pki.Anchor) bool {
		return a.Certificate == nil || !slices.Contains(a.Certificate.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
	})
}

func certificatesOf(anchors []pki.Anchor) []*x509.Certificate {
	var out []*x509.Certificate
	for _, a := range anchors {
		out = append(out, a.Certificate)
	}
	return out
}

// stillAppointed returns nil if the responder was trusted when its answer is
// proven to have existed: what it says of its own time, whoever has its key
// writes.
func stillAppointed(anchors []pki.Anchor, told *ocsp.Statement, proven time.Time) error {
	for _, a := range anchors {
		early := told.ProducedAt.Before(a.From)
		late := !a.Until.IsZero() && proven.After(a.Until)
		if a.Certificate.Equal(told.Signer) && !early && !late {
			return nil
		}
	}
	return errors.New("the responder is not trusted for that time")
}

// responderStands returns nil if the responder may still be believed: its
// algorithm was accepted when the response is proven to have existed, and a
// delegate's own certificate is not revoked. One with id-pkix-ocsp-nocheck need
// not be asked for (RFC 6960 §4.2.2.2.1); of any other the status must be known,
// if the policy says so.
func (t *trial) responderStands(s statement, q asked) error {
	if err := t.v.Policy.Algorithm(s.algorithm, s.proven); err != nil {
		return err
	}
	if s.delegate == nil {
		return nil
	}
	if err := t.certificateAccepted(s.delegate, s.proven); err != nil {
		return err
	}
	if ocsp.NoCheck(s.delegate) {
		return nil
	}
	sub, err := t.behind(s.delegate)
	if err != nil {
		return err
	}
	sub.rule, sub.at = t.v.Policy.Revocation.Signer, s.produced
	status := sub.statusOf(asked{cert: s.delegate, issuer: q.issuer, anchor: q.anchor}, fall{})
	switch {
	case status.standing == revoked, status.standing == onHold, !status.fall.at.IsZero() && !status.fall.benign:
		return errors.New("the responder's certificate was revoked")
	case status.standing == inForce, status.standing == exempt, !sub.rule.Revocation:
		return nil
	}
	return errors.New("the status of the responder's own certificate is not known: " + status.detail)
}

// behind is a trial of a signer of evidence, within the one of what the
// evidence is about.
func (t *trial) behind(signer *x509.Certificate) (*trial, error) {
	if t.depth >= maxDepth {
		return nil, errors.New("the evidence rests on other evidence, and that on other, and so on")
	}
	return &trial{
		v: t.v, ctx: t.ctx, now: t.now, at: t.at, sig: t.sig, rule: t.rule, pool: t.pool, poes: t.poes,
		shared: t.shared, signer: signer, depth: t.depth + 1, stamping: t.stamping,
	}, nil
}

// maxDepth is how many signers of evidence may stand one behind the other.
const maxDepth = 2
