package verifier

import (
	"context"
	"crypto/x509"
	"errors"

	"tamga/formats"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// Certificate judges a certificate by itself: X.509 certificate validation (EN
// 319 102-1 §5.2.6) under a rule, with what evidence came along. The answer is
// TOTAL-PASSED if it leads to an anchor for the rule's use, and is known to be
// in force at the verifier's time.
func (v *Verifier) Certificate(ctx context.Context, leaf *x509.Certificate, with formats.Evidence, rule policy.Rule) (report.Signature, error) {
	if v.Policy == nil || v.Now == nil || leaf == nil {
		return report.Signature{}, errors.New("judging a certificate without a certificate, a policy or a clock")
	}
	now := v.Now().UTC()
	t := &trial{
		v: v, ctx: ctx, now: now, at: now, poes: newPOEs(now), shared: newShared(ctx, v.Memo), rule: rule, signer: leaf,
		sig:    &formats.Signature{Name: displayName(leaf), Kind: "certificate", Evidence: with},
		object: formats.ObjectOf(leaf.Raw),
	}
	t.gather(pool{})
	t.signer = t.shared.memo.pki.Intern(leaf)
	if t.run(pathChecks) {
		t.run(constraintChecks)
		t.run(revocationChecks)
		t.run(validityChecks)
	}
	t.run(chainConstraints)
	if err := t.shared.err; err != nil {
		return report.Signature{}, err
	}
	return t.report(), nil
}
