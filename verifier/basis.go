package verifier

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// Basis is on what the verdict about one signature rests: what must come with
// it for whoever judges it when nothing else is to be had (EN 319 122-1 and EN
// 319 142-1 §6.3, level B-LT).
type Basis struct {
	Signature int              // index in [formats.Document.Signatures]
	Report    report.Signature // the verdict
	Level     formats.Level    // that the signature reaches
	// Certificates are those of the signer's path and of the time-stamps' paths,
	// anchors included.
	Certificates []*x509.Certificate
	// Revocations are those that decided and did not come with the document.
	Revocations []pki.Revocation
	// Unknown are certificates of these paths of which nobody says whether they
	// are revoked.
	Unknown []*x509.Certificate
}

// Basis judges as [Verifier.Verify] does, and returns on what the verdict about
// each signature rests. Document time-stamps belong to every signature. The
// error is that of Verify.
func (v *Verifier) Basis(ctx context.Context, in formats.Input) ([]Basis, error) {
	share := newShared(ctx, v.Memo)
	share.basis = &Basis{}
	_, err := v.verify(ctx, in, share)
	return share.bases, err
}

// collect notes on what the trial of a signature or of a time-stamp rests.
func (t *trial) collect() {
	b := t.shared.basis
	if b == nil {
		return
	}
	for _, c := range t.path {
		b.Certificates = appendNew(b.Certificates, c)
	}
	for i, s := range t.status {
		switch {
		case s.standing == exempt:
		case s.rests == nil:
			b.Unknown = appendNew(b.Unknown, s.cert)
		case !s.embedded:
			for _, p := range t.pieces(s.cert, t.path[i+1]) {
				if sum := sha256.Sum256(p.Raw); hex.EncodeToString(sum[:]) == s.rests.sum {
					b.addRevocation(p.Revocation)
				}
			}
		}
	}
}

func appendNew(list []*x509.Certificate, c *x509.Certificate) []*x509.Certificate {
	if slices.ContainsFunc(list, c.Equal) {
		return list
	}
	return append(list, c)
}

func (b *Basis) addRevocation(r pki.Revocation) {
	same := func(other pki.Revocation) bool { return string(other.Raw) == string(r.Raw) }
	if !slices.ContainsFunc(b.Revocations, same) {
		b.Revocations = append(b.Revocations, r)
	}
}

// clone is a copy of b to which more can be added.
func (b *Basis) clone() *Basis {
	if b == nil {
		return nil
	}
	return &Basis{
		Certificates: slices.Clone(b.Certificates), Revocations: slices.Clone(b.Revocations), Unknown: slices.Clone(b.Unknown),
	}
}
