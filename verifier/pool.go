package verifier

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"

	"tamga/formats"
	"tamga/pki"
)

// shared is what the trials of one document have in common.
type shared struct {
	ctx    context.Context
	sums   sums
	memo   *Memo
	own    *Memo // for what is too large to be remembered longer than the document
	checks int   // signatures on evidence that had to be checked
	err    error // why there is no verdict
	// basis is that of the signature that is being judged, bases those of the
	// ones before; nil unless they were asked for.
	basis *Basis
	bases []Basis
}

// documentMemo is how much is remembered within one document.
const documentMemo = 256

func newShared(ctx context.Context, memo *Memo) *shared {
	if memo == nil {
		memo = NewMemo(documentMemo)
	}
	return &shared{ctx: ctx, sums: sums{known: map[sumKey][]byte{}}, memo: memo}
}

// maxChecks is how many signatures on certificates, lists and responses are
// checked for one document: certificates and lists are not signed by the signer,
// so anybody can add them by the hundred, and each could have signed each.
const maxChecks = 2000

// verify is [pki.Verify] for evidence: what is remembered is not checked again,
// and there is an end to it.
func (s *shared) verify(key crypto.PublicKey, alg pki.Algorithm, message, sig []byte) error {
	return s.memo.pki.VerifyBy(s.counted, key, alg, message, sig)
}

func (s *shared) counted(key crypto.PublicKey, alg pki.Algorithm, message, sig []byte) error {
	if s.err == nil {
		s.err = s.count()
	}
	if s.err != nil {
		return s.err
	}
	return s.memo.pki.VerifyAnew(key, alg, message, sig)
}

func (s *shared) count() error {
	if s.checks == maxChecks {
		return fmt.Errorf("more than %d signatures on what came with the document: %w", maxChecks, formats.ErrTooLarge)
	}
	s.checks++
	return s.ctx.Err()
}

// forLists is where lists are remembered. Large ones that came with the document
// go with it: a stranger could else fill the memory with them.
func (s *shared) forLists(pieces []piece) *Memo {
	large := func(p piece) bool { return !p.ours && len(p.Raw) > manyEntries }
	if !slices.ContainsFunc(pieces, large) {
		return s.memo
	}
	if s.own == nil {
		s.own = NewMemo(documentMemo)
		s.own.pki = s.memo.pki
	}
	return s.own
}

// pool is the validation context's material (EN 319 102-1 §5.2.4): certificates
// and revocation information that came with the signature. Nothing in it is
// believed for being there.
type pool struct {
	certificates []*x509.Certificate
	revocations  []pki.Revocation
}

// gather fills the pool with what came with the signature and its time-stamps,
// then with what came with the document around it: no more, and no certificate
// larger, than the policy says.
func (t *trial) gather(around pool) {
	t.pool = pool{}
	add := func(certificates []*x509.Certificate, revocations []pki.Revocation) {
		limits := t.v.Policy.Limits
		for _, c := range certificates {
			if c == nil || len(c.Raw) > limits.CertificateBytes || len(t.pool.certificates) >= limits.Certificates {
				continue
			}
			if c = t.shared.memo.pki.Intern(c); !slices.Contains(t.pool.certificates, c) {
				t.pool.certificates = append(t.pool.certificates, c)
			}
		}
		for _, r := range revocations {
			if len(t.pool.revocations) < limits.Revocations && !slices.ContainsFunc(t.pool.revocations, sameAs(r)) {
				t.pool.revocations = append(t.pool.revocations, r)
			}
		}
	}
	ev := t.sig.Evidence
	add(ev.Certificates, ev.Revocations)
	add(around.certificates, around.revocations)
	stamps := [][]formats.Timestamp{ev.Timestamps}
	for _, r := range ev.Records {
		stamps = append(stamps, r.Stamps)
	}
	for _, list := range stamps {
		for i := range list {
			inner := list[i].Signature.Evidence
			add(inner.Certificates, inner.Revocations)
		}
	}
}

func sameAs(a pki.Revocation) func(pki.Revocation) bool {
	return func(b pki.Revocation) bool {
		return a.Kind == b.Kind && bytes.Equal(a.Raw, b.Raw)
	}
}
