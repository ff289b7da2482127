package verifier

import (
	"slices"

	"tamga/verifier/report"
)

// integrity asks whether the signature is whole: who it says it is by, and the
// cryptographic verification (EN 319 102-1 §5.2.3, §5.2.7). Content that was
// not supplied does not keep the value from being checked.
func (t *trial) integrity() {
	found := t.run(signerChecks[:1])
	if found {
		t.run(signerChecks[1:])
	}
	t.run(contentChecks)
	t.run(digestChecks)
	if found {
		t.run(valueChecks)
	}
}

// standing asks about the certificate and the algorithms at t.at (§5.2.6,
// §5.2.8). It does not ask where the signature is broken: the answers would
// be about a certificate that has signed nothing.
func (t *trial) standing() {
	if t.signer == nil || t.broken() {
		return
	}
	t.path, t.status = nil, nil
	if t.run(pathChecks) {
		t.run(constraintChecks)
		t.run(revocationChecks)
		t.run(validityChecks)
	}
	if t.run(cryptoConstraints) {
		t.run(chainConstraints)
	}
}

// healable are the doubts that a proof of an earlier time can resolve
// (EN 319 102-1 §5.5.4 step 2).
var healable = []report.SubIndication{
	report.CryptoConstraintsFailureNoPOE, report.OutOfBoundsNotRevoked, report.OutOfBoundsNoPOE,
	report.RevokedNoPOE, report.RevokedCANoPOE, report.NoCertificateChainFoundNoPOE, report.TryLater,
	report.RevocationOutOfBoundsNoPOE,
}

func (t *trial) healableSince(b bookmark) bool {
	return !slices.ContainsFunc(t.failures[b.failures:], func(s report.SubIndication) bool {
		return !slices.Contains(healable, s)
	})
}

// judge is the way of one signature: basic validation (§5.3) at now and, where
// that leaves only doubts that time can resolve, validation at the proven time
// (§5.5).
func (t *trial) judge() {
	if !t.run(formatChecks) {
		return
	}
	t.integrity()
	if !t.broken() {
		t.run(holderChecks)
	}
	if !t.broken() {
		t.run(scopeChecks)
		t.judgeStamps()
	}
	start := t.mark()
	t.standing()
	t.withTime(start)
	t.past(start)
	if !t.broken() && t.signer != nil {
		t.run(timeChecks)
		t.run(levelChecks)
	}
	if t.sig.Credential != nil && !t.broken() {
		for i := range credentialChecks { // each stands by itself
			t.run(credentialChecks[i : i+1])
		}
	}
	if !t.broken() {
		t.judgeCounters()
	}
}
