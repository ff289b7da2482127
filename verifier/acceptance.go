package verifier

import (
	"crypto/x509"
	"errors"
	"strconv"
	"time"

	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// Signature acceptance validation, EN 319 102-1 §5.2.8: whether what was used
// is good enough by the policy.
var (
	// scopeChecks do not depend on the time that is asked for.
	scopeChecks = []check{
		{"acceptance.coverage", "EN 319 142-1 6.3", report.SigConstraintsFailure, coversDocument},
	}
	cryptoConstraints = []check{
		{"acceptance.algorithm", "EN 319 102-1 5.2.8.4", report.CryptoConstraintsFailure, algorithmAccepted},
		{"acceptance.key", "EN 319 102-1 5.2.8.4", report.CryptoConstraintsFailure, keyAccepted},
		{"acceptance.digests", "EN 319 102-1 5.2.8.4", report.CryptoConstraintsFailure, digestsAccepted},
	}
	chainConstraints = []check{
		{"acceptance.path", "EN 319 102-1 5.2.8.4", report.CryptoConstraintsFailure, pathAccepted},
	}
)

// coversDocument refuses what was added to a document after it was signed and
// may change what people see (shadow attacks, incremental saving).
//
// The signed bytes are intact, and the standard keeps TOTAL-FAILED for broken
// ones, so the signature is INDETERMINATE with SIG_CONSTRAINTS_FAILURE: it
// does vouch for an earlier version. But the document that people hold is not
// the one that was signed, so "Unchanged?" is answered "no", and that makes
// the verdict of the document "not valid" whatever else holds (see worst).
func coversDocument(t *trial) finding {
	c := t.sig.Coverage
	switch {
	case c.Whole && c.After == 0:
		return yes("the whole document")
	case c.Harmless:
		t.note("note.added-harmless", strconv.FormatInt(c.After, 10), c.Note)
		return yes("everything but %d bytes that were added later and change nothing", c.After)
	}
	return no("%d bytes were added after signing. %s", c.After, c.Note)
}

func (t *trial) changedLater() bool {
	for _, c := range t.checks {
		if c.ID == "acceptance.coverage" && !c.Passed {
			return true
		}
	}
	return false
}

// judged turns the policy's answer into a finding: what was good enough once
// is healed by a proof of that time, what never was is not.
func judged(err error, detail string) finding {
	switch {
	case err == nil:
		return yes("%s", detail)
	case errors.Is(err, policy.ErrOutdated):
		return no("%v", err).as(report.CryptoConstraintsFailureNoPOE)
	}
	return no("%v", err)
}

func algorithmAccepted(t *trial) finding {
	return judged(t.v.Policy.Algorithm(t.sig.Algorithm, t.at), t.sig.Algorithm.String())
}

func keyAccepted(t *trial) finding {
	return judged(t.v.Policy.Key(t.signer.PublicKey, t.at), "the signer's key is long enough")
}

func digestsAccepted(t *trial) finding {
	for _, r := range t.sig.References {
		if err := t.v.Policy.Digest(r.Hash, t.at); err != nil {
			return judged(err, "").of(r.Name)
		}
	}
	if len(t.sig.References) == 0 {
		return skip()
	}
	return yes("%s", t.sig.References[0].Hash)
}

// pathAccepted asks the same of every certificate below the anchor.
func pathAccepted(t *trial) finding {
	if len(t.path) < 2 {
		return skip()
	}
	for _, c := range t.path[:len(t.path)-1] {
		if err := t.certificateAccepted(c, t.at); err != nil {
			return judged(err, "").of(c.Subject.String())
		}
	}
	return yes("certificates: %d", len(t.path)-1)
}

func (t *trial) certificateAccepted(c *x509.Certificate, at time.Time) error {
	algorithm, err := pki.CertificateAlgorithm(c)
	if err == nil {
		err = t.v.Policy.Algorithm(algorithm, at)
	}
	if err == nil {
		err = t.v.Policy.Key(c.PublicKey, at)
	}
	return err
}
