package verifier

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"

	"tamga/verifier/report"
)

// report writes down what was found about one signature, the answers aside.
func (t *trial) report() report.Signature {
	s := report.Signature{
		Name: t.sig.Name, Kind: t.sig.Kind, Checks: slices.Clone(t.checks), Notes: slices.Clone(t.notes),
	}
	s.Indication, s.SubIndication = t.conclude()
	if t.sig.Algorithm.Known() {
		s.Algorithm = t.sig.Algorithm.String()
	}
	for _, stamp := range t.stamps {
		s.Timestamps = append(s.Timestamps, stamp.report)
	}
	for _, c := range t.counters {
		s.Counters = append(s.Counters, c.report)
	}
	if t.broken() || s.Indication == report.Unchecked {
		return s // a broken signature hides all other claims
	}
	for i, c := range t.path {
		s.Chain = append(s.Chain, t.shared.memo.certificate(c))
		if i == len(t.path)-1 {
			s.Chain[i].Anchor = t.anchorName()
		}
	}
	if len(t.path) == 0 && t.signer != nil {
		s.Chain = append(s.Chain, t.shared.memo.certificate(t.signer))
	}
	if at := t.sig.Claims.Time; !at.IsZero() && at.Year() > 0 && at.Year() < 10000 { // what JSON can state
		at = at.UTC()
		s.ClaimedTime = &at
	}
	if t.best != nil {
		at := t.best.time.UTC()
		s.BestTime = &at
	}
	// Only what the value and every digest vouch for is told.
	if c := t.sig.Credential; c != nil && t.passed("signature.value") && t.intact() {
		for _, e := range c.Elements {
			s.Claims = append(s.Claims, report.Claim{Namespace: e.Namespace, Name: e.Name, Value: e.Value})
		}
	}
	return s
}

// intact reports whether every reference was there and fits.
func (t *trial) intact() bool {
	return len(t.sig.References) == 0 || t.passed("reference.present") && t.passed("reference.digest")
}

func certificate(c *x509.Certificate) report.Certificate {
	sum := sha256.Sum256(c.Raw)
	out := report.Certificate{
		Subject: c.Subject.String(), Issuer: c.Issuer.String(),
		NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SHA256: hex.EncodeToString(sum[:]),
	}
	if c.SerialNumber != nil {
		out.Serial = c.SerialNumber.Text(16)
	}
	return out
}

// displayName is what people call the subject of a certificate: its common
// name, with the organisation where that says more.
func displayName(c *x509.Certificate) string {
	name := c.Subject.CommonName
	if org := c.Subject.Organization; len(org) > 0 && org[0] != name {
		if name == "" {
			return org[0]
		}
		name += ", " + org[0]
	}
	if name == "" {
		name = c.Subject.String()
	}
	if name == "" {
		sum := sha256.Sum256(c.Raw)
		name = "certificate " + hex.EncodeToString(sum[:8])
	}
	return name
}
