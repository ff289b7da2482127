package verifier

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"tamga/verifier/report"
)

// contentDigest is what is signed of the content.
func (t *trial) contentDigest() *report.Digest {
	if len(t.sig.References) == 0 {
		return nil
	}
	h, digest := t.sig.References[0].Hash, t.sig.References[0].Want
	if t.sig.Direct {
		h, digest = t.sig.Algorithm.Hash(), t.direct
	}
	if !h.Known() {
		return nil
	}
	return &report.Digest{Algorithm: h.String(), Value: hex.EncodeToString(clip(digest))}
}

// report writes down what was found about one signature, the answers aside.
func (t *trial) report() report.Signature {
	t.collect()
	s := report.Signature{
		Name: t.sig.Name, Kind: t.sig.Kind, Checks: slices.Clip(t.checks), Notes: slices.Clip(t.notes),
	}
	s.Indication, s.SubIndication = t.conclude()
	if t.sig.Algorithm.Known() {
		s.Algorithm = t.sig.Algorithm.String()
	}
	if h := t.sig.Algorithm.Hash(); h.Known() && len(t.sig.Signed) > 0 {
		s.Signed = &report.Digest{Algorithm: h.String(), Value: hex.EncodeToString(h.Sum(t.sig.Signed))}
	}
	s.Content = t.contentDigest()
	s.Value = clipped(t.sig.Value, maxValue)
	for _, stamp := range t.stamps {
		s.Timestamps = append(s.Timestamps, stamp.report)
	}
	for _, c := range t.counters {
		s.Counters = append(s.Counters, c.report)
	}
	if t.broken() {
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
	s.ClaimedTime = moment(t.sig.Claims.Time)
	if t.best != nil {
		s.BestTime = moment(t.best.time)
	}
	s.Evidence = t.evidence()
	// Only what the value and every digest vouch for is told.
	if c := t.sig.Credential; c != nil && t.passed("signature.value") && t.intact() {
		for _, e := range c.Elements {
			s.Claims = append(s.Claims, report.Claim{Namespace: e.Namespace, Name: e.Name, Value: e.Value})
		}
	}
	return s
}

// maxValue bounds what a report repeats of a signature: the largest value of our
// algorithms has 4,627 bytes (ML-DSA-87).
const maxValue = 8 << 10

func clipped(b []byte, n int) []byte { return b[:min(len(b), n)] }

// evidence is on what the status of each certificate of the path rests.
func (t *trial) evidence() (out []report.Evidence) {
	for _, s := range t.status {
		if s.rests == nil {
			continue
		}
		c, told := t.shared.memo.certificate(s.cert), s.rests
		e := report.Evidence{
			Kind: told.kind, About: c.Subject, Certificate: c.SHA256, Issuer: told.by, Origin: report.FromStore,
			Made: moment(told.updated), Until: moment(told.next), SHA256: told.sum,
		}
		if told.embedded {
			e.Origin = report.FromDocument
		} else if address, ok := strings.CutPrefix(told.source, "fetched from "); ok {
			e.Origin, e.URL = report.FromNetwork, address
		}
		if told.proven.Before(t.now) {
			e.Proven = moment(told.proven)
		}
		if told.standing == revoked || told.standing == onHold {
			e.Revoked, e.Reason = moment(told.since), told.reason
		}
		out = append(out, e)
	}
	return out
}

// moment is a time as JSON can state it, nil for none.
func moment(at time.Time) *time.Time {
	if at.IsZero() || at.Year() < 1 || at.Year() > 9999 {
		return nil
	}
	at = at.UTC()
	return &at
}

// intact reports whether every reference was there and fits.
func (t *trial) intact() bool {
	return len(t.sig.References) == 0 || t.passed("reference.present") && t.passed("reference.digest")
}

func (m *Memo) describeCertificate(c *x509.Certificate) report.Certificate {
	sum := sha256.Sum256(c.Raw)
	out := report.Certificate{
		Subject: m.name(c.RawSubject, &c.Subject), Issuer: m.name(c.RawIssuer, &c.Issuer),
		Serial: c.SerialNumber.Text(16), NotBefore: c.NotBefore.UTC(), NotAfter: c.NotAfter.UTC(), SHA256: hex.EncodeToString(sum[:]),
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
