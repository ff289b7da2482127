package verifier_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// archive is a bench of 2030: alice signed in June 2026, tsa stamped the value,
// and the lists of that day came with it. Both certificates ended in 2027.
// keeper, whose certificate still holds, stamped it all two days later.
type archive struct {
	*bench
	keeper *formats.Timestamp
}

const archived = `
	tsa[until=2027-06-01]
	root -> house -> keeper[timestamp]
	root[until=2050-01-01]; house[until=2045-01-01]; keeper[until=2040-01-01]
	ca[until=2045-01-01]
`

func newArchive(t *testing.T, change ...string) *archive {
	a := &archive{bench: newBench(t, append([]string{archived}, change...)...)}
	a.sig.Claims.Time = day("2026-06-01")
	token := a.stamp("tsa", formats.SignatureTimestamp, day("2026-06-01").Add(time.Hour))
	token.Raw, token.Covers = []byte("the token of tsa"), []formats.Object{formats.ObjectOf(a.sig.Value)}
	a.p.Now = day("2026-06-02")
	a.sig.Evidence.Revocations = []pki.Revocation{
		{Kind: pki.CRL, Raw: a.p.CRL("ca"), Source: "the archive"},
		{Kind: pki.CRL, Raw: a.p.CRL("root"), Source: "the archive"},
	}
	a.p.Now = day("2026-06-03")
	a.keeper = a.stamp("keeper", formats.ArchiveTimestamp, a.p.Now)
	a.keeper.Raw = []byte("the token of keeper")
	a.keeper.Covers = a.everything()
	a.p.Now = day("2030-01-01")
	return a
}

func (a *archive) everything() []formats.Object {
	out := []formats.Object{formats.ObjectOf(a.sig.Value), formats.ObjectOf([]byte("the token of tsa"))}
	for _, c := range append(a.p.Chain("alice"), a.p.Chain("tsa")...) {
		out = append(out, formats.ObjectOf(c.Raw))
	}
	for _, r := range a.sig.Evidence.Revocations {
		out = append(out, formats.ObjectOf(r.Raw))
	}
	return out
}

// without takes an object out of what keeper covers.
func (a *archive) without(raw []byte) {
	var kept []formats.Object
	for _, o := range a.keeper.Covers {
		if o != formats.ObjectOf(raw) {
			kept = append(kept, o)
		}
	}
	require.Len(a.t, kept, len(a.keeper.Covers)-1)
	a.keeper.Covers = kept
}

// What was good in 2026, and is proven to have been there in 2026, is good in
// 2030: the signer's certificate, the first authority's and their lists have
// all come to their end since.
func TestArchive(t *testing.T) {
	s := newArchive(t).expect(report.Valid, report.TotalPassed, "")
	require.Equal(t, "when.proven", s.Answers[3].Code)
	require.Equal(t, day("2026-06-01").Add(time.Hour), *s.BestTime, "the expired stamp counts, for a later one keeps it")
	require.Equal(t, "force.then", s.Answers[4].Code)
	require.Equal(t, report.TotalPassed, s.Timestamps[0].Indication)
	require.Contains(t, notes(s.Timestamps[0].Notes), "by proofs")
}

// Each proof that is missing leaves a hole through which whoever got an old key
// by now could have come.
func TestArchiveWithHoles(t *testing.T) {
	for name, c := range map[string]struct {
		change string
		bend   func(*archive)
		sub    report.SubIndication
	}{
		"nobody kept it": {"", func(a *archive) {
			a.sig.Evidence.Timestamps = a.sig.Evidence.Timestamps[:1]
		}, report.OutOfBoundsNoPOE},
		"the first token was not covered": {"", func(a *archive) { a.without([]byte("the token of tsa")) }, ""},
		"neither was the value": {"", func(a *archive) {
			a.without([]byte("the token of tsa"))
			a.without(a.sig.Value)
			a.keeper.Kind = formats.EvidenceTimestamp
		}, report.OutOfBoundsNoPOE},
		"the keeper is nobody": {"stranger -> house2 -> keeper2[timestamp]; keeper2[until=2040-01-01]", func(a *archive) {
			token := a.signed("keeper2", "keeper2", a.sig.Value)
			a.keeper.Signature = token
			a.v.Trust = a.trusting("root")
		}, report.OutOfBoundsNoPOE},
		"the keeper has ended, too": {"keeper[until=2029-01-01]", func(*archive) {}, report.OutOfBoundsNoPOE},
		"the keeper was revoked":    {"keeper.revoked = 2029-01-01", func(*archive) {}, report.OutOfBoundsNoPOE},
		"the stamp is over something else": {"", func(a *archive) {
			a.keeper.Signature = a.signed("keeper", "keeper", []byte("something else"))
			a.keeper.Signature.References[0].Open = reference("", a.sig.Value).Open
		}, report.SigConstraintsFailure},
		"alice was revoked in 2028, when she had expired":   {"alice.revoked = 2028-01-01", func(*archive) {}, ""},
		"alice was revoked before she signed":               {"alice.revoked = 2026-05-20", func(*archive) {}, report.Revoked},
		"the CA was broken in 2028":                         {"ca.revoked = 2028-01-01", func(*archive) {}, ""},
		"the CA was broken in 2028, its lists not proven":   {"ca.revoked = 2028-01-01", func(a *archive) { a.without(a.sig.Evidence.Revocations[0].Raw) }, report.TryLater},
		"the CA was broken before":                          {"ca.revoked = 2026-05-01", func(*archive) {}, report.RevokedCANoPOE},
		"the CA was broken between the stamp and its proof": {"ca.revoked = 2026-06-02", func(*archive) {}, report.RevokedCANoPOE},
	} {
		t.Run(name, func(t *testing.T) {
			a := newArchive(t, c.change)
			c.bend(a)
			s := a.verify().Verdict.Signatures[0]
			if c.sub == "" {
				require.Equal(t, report.TotalPassed, s.Indication, "%+v", failedChecks(s))
				return
			}
			require.Equal(t, c.sub, s.SubIndication, "%+v", failedChecks(s))
			require.NotEqual(t, report.TotalPassed, s.Indication)
		})
	}
}

// trusting are the anchors of these names alone.
func (b *bench) trusting(names ...string) pki.Anchors {
	var out pki.Anchors
	for _, a := range b.p.Anchors() {
		for _, name := range names {
			if a.Certificate.Equal(b.p.Cert(name)) {
				out = append(out, a)
			}
		}
	}
	return out
}

// The last list ran out at the very moment at which the signature is proven to
// have existed: it says nothing of that moment any more (EN 319 102-1 §5.2.5.4),
// but the certificate was in force until then (§5.6.2.2). What proofs of the past
// vouch for is vouched for.
func TestArchiveAtTheLastMoment(t *testing.T) {
	a := newArchive(t)
	a.v.Revocation, a.v.Policy.Timestamp.Revocation = nil, false
	a.sig.Evidence.Timestamps = []formats.Timestamp{*a.keeper}
	end := day("2026-06-09")
	a.sig.Evidence.Timestamps[0].Time = end
	s := a.expect(report.Valid, report.TotalPassed, "")
	require.Contains(t, notes(s.Notes), "by proofs")
	require.Equal(t, "who.signed", s.Answers[1].Code)
	require.Equal(t, "vouches.anchor", s.Answers[2].Code)
	require.Equal(t, "force.then", s.Answers[4].Code)

	a.sig.Evidence.Timestamps[0].Time = end.Add(time.Nanosecond)
	a.doc.Signatures = nil
	a.expect(report.CannotTell, report.Indeterminate, report.TryLater)
}

// An algorithm that has ended since does no harm to what is proven to be older.
func TestArchiveOfOldAlgorithms(t *testing.T) {
	a := newArchive(t, "alice[rsa2048]")
	a.expect(report.Valid, report.TotalPassed, "")

	a = newArchive(t, "alice[rsa2048]")
	a.sig.Evidence.Timestamps = nil
	a.doc.Signatures = nil
	a.p.Now = day("2026-12-01")
	a.v.Now = func() time.Time { return day("2030-01-01") }
	s := a.verify().Verdict.Signatures[0]
	require.Equal(t, report.Indeterminate, s.Indication)
}
