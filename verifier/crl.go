package verifier

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/verifier/report"
)

// manyEntries is from what size on, in bytes, a list of the verifier's own
// source gets an index: below, to look through it costs less than to build one.
const manyEntries = 64 << 10

// list reads a piece, once for as long as it is remembered.
func (m *Memo) list(p piece) (*crl.List, error) {
	key := newStatementKey(p, nil, nil)
	if l, ok := m.lists.Get(key); ok {
		return l, nil
	}
	raw := p.Raw
	if !p.ours {
		raw = bytes.Clone(raw) // not to keep the whole document
	}
	l, err := crl.Parse(raw)
	if err == nil && p.ours && len(p.Raw) >= manyEntries {
		err = l.BuildIndex()
	}
	if err == nil {
		m.lists.Put(key, l)
	}
	return l, err
}

// described is what a report says of a list.
type described struct{ by, sum string }

// describe returns the name of a list's issuer and the SHA-256 of the list.
func (m *Memo) describe(l *crl.List) (by, sum string) {
	known, ok := m.described.Get(l)
	if !ok {
		digest := sha256.Sum256(l.Raw)
		known = described{by: m.name(l.RawIssuer, nil), sum: hex.EncodeToString(digest[:])}
		m.described.Put(l, known)
	}
	return known.by, known.sum
}

// signedList is the question whether a certificate has signed a list.
type signedList struct {
	list   *crl.List
	signer *x509.Certificate
}

func (m *Memo) verifyList(l *crl.List, signer *x509.Certificate, verify pki.VerifyFunc) error {
	if _, good := m.signed.Get(signedList{l, signer}); good {
		return nil
	}
	err := l.Verify(signer, verify)
	if err == nil {
		m.signed.Put(signedList{l, signer}, struct{}{})
	}
	return err
}

// coverKey is the question whether a list speaks of a certificate.
type coverKey struct {
	list *crl.List
	cert *x509.Certificate
}

func (m *Memo) about(l *crl.List, c *x509.Certificate) (bool, error) {
	key := coverKey{l, c}
	if known, ok := m.covers.Get(key); ok {
		return known, nil
	}
	_, err := l.Covers(c)
	if err != nil && !errors.Is(err, crl.ErrScope) {
		return false, err
	}
	m.covers.Put(key, err == nil)
	return err == nil, nil
}

// answerKey is what a few lists are asked of a certificate.
type answerKey struct {
	cert  *x509.Certificate
	lists [4]crl.Checked
}

func (m *Memo) judge(c *x509.Certificate, lists []crl.Checked) ([]crl.Answer, error) {
	key := answerKey{cert: c}
	short := copy(key.lists[:], lists) == len(lists)
	if short {
		if known, ok := m.answers.Get(key); ok {
			return known, nil
		}
	}
	answers, err := crl.Judge(c, lists)
	if err == nil && short {
		m.answers.Put(key, answers)
	}
	return answers, err
}

// crlStatements are what the lists among the pieces say of c (RFC 5280 §6.3.3).
// Each is signed by c's issuer or, if the list is another's, by somebody whose
// path leads to the same anchor.
func (t *trial) crlStatements(q asked, pieces []piece) []statement {
	var lists []crl.Checked
	held, memo := map[*crl.List]piece{}, t.shared.forLists(pieces)
	for _, p := range pieces {
		l, err := memo.list(p)
		if err == nil {
			var about bool
			if about, err = memo.about(l, q.cert); err == nil && !about {
				continue // about others: no news
			}
		}
		var signer *x509.Certificate
		if err == nil {
			signer, err = t.listSigned(memo, l, q)
		}
		if err != nil {
			q.say(err)
			continue
		}
		lists, held[l] = append(lists, crl.Checked{List: l, Signer: signer}), p
	}
	answers, err := memo.judge(q.cert, lists)
	if err != nil {
		t.fail(err)
		return nil
	}
	var out []statement
	for _, a := range answers {
		s := listStatement(a)
		s.embedded, s.kind = true, report.CRL
		for _, l := range a.Lists {
			s.source, s.embedded = held[l].Source, s.embedded && !held[l].ours
			s.by, s.sum = memo.describe(l)
			if proven := t.poes.ofBytes(l.Raw); proven.After(s.proven) {
				s.proven = proven
			}
		}
		out = append(out, s)
	}
	return out
}

func listStatement(a crl.Answer) statement {
	s := statement{standing: inForce, updated: a.ThisUpdate, next: a.NextUpdate, keeps: a.ExpiredCerts}
	if !a.Revoked {
		return s
	}
	s.standing, s.since, s.reason = revoked, a.Entry.Time, a.Entry.Reason.String()
	switch a.Entry.Reason {
	case crl.CertificateHold:
		s.standing = onHold
	case crl.KeyCompromise, crl.CACompromise, crl.AACompromise:
		// The key was in other hands before anybody said so (RFC 5280 §5.3.2).
		if !a.Entry.Invalid.IsZero() && a.Entry.Invalid.Before(s.since) {
			s.since = a.Entry.Invalid
		}
	}
	return s
}

// listSigned returns who has signed a list, if that one may: the issuer of the
// certificate in question; another certificate of that issuer, as when its key
// has changed; or whom the certificate names for an indirect list.
func (t *trial) listSigned(memo *Memo, l *crl.List, q asked) (*x509.Certificate, error) {
	alg, err := l.Algorithm()
	if err == nil {
		err = t.v.Policy.Algorithm(alg, t.poes.ofBytes(l.Raw))
	}
	if err != nil {
		return nil, err
	}
	if err = memo.verifyList(l, q.issuer, t.shared.verify); err == nil {
		return q.issuer, nil
	}
	for _, c := range t.pool.certificates {
		if c.Equal(q.issuer) || c.Equal(q.cert) ||
			c.KeyUsage&x509.KeyUsageCRLSign == 0 || l.ThisUpdate.Before(c.NotBefore) || l.ThisUpdate.After(c.NotAfter) ||
			memo.verifyList(l, c, t.shared.verify) != nil {
			continue
		}
		if err = t.certificateAccepted(c, t.poes.ofBytes(l.Raw)); err != nil {
			continue
		}
		if err = t.believes(c, q); err == nil {
			return c, nil
		}
	}
	return nil, err
}

// believes returns nil if a signer of revocation information that is not the
// issuer itself leads to the same anchor (RFC 5280 §6.3.3 (f)), and is not
// known to be revoked.
func (t *trial) believes(c *x509.Certificate, q asked) error {
	key := believedKey{c, q.anchor.Certificate, t.at, t.depth}
	if known, ok := t.believed[key]; ok {
		return known
	}
	err := t.asksBelief(c, q)
	if t.believed == nil {
		t.believed = map[believedKey]error{}
	}
	t.believed[key] = err
	return err
}

type believedKey struct {
	signer, anchor *x509.Certificate
	at             time.Time
	depth          int
}

func (t *trial) asksBelief(c *x509.Certificate, q asked) error {
	sub, err := t.behind(c)
	if err != nil {
		return err
	}
	paths, failure := sub.paths([]pki.Anchor{q.anchor}, everyTime)
	if len(paths) == 0 {
		return errors.New("its signer is not to be believed: " + failure.detail)
	}
	for _, s := range sub.examine(paths[0].Chain, q.anchor) {
		if s.standing == revoked || s.standing == onHold {
			return errors.New("the certificate of its signer was revoked on " + stampTime(s.since))
		}
	}
	return nil
}

// ofKind are the pieces of one kind.
func ofKind(pieces []piece, kind pki.RevocationKind) []piece {
	return slices.DeleteFunc(slices.Clone(pieces), func(p piece) bool { return p.Kind != kind })
}
