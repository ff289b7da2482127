package verifier_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// trustFor trusts the root for signatures between two days, and for time-stamps
// always.
func (a *archive) trustFor(from, until string) {
	anchor := pki.Anchor{Certificate: a.p.Cert("root"), Uses: []pki.Use{pki.UseSign}, Source: "me"}
	if from != "" {
		anchor.From = day(from)
	}
	if until != "" {
		anchor.Until = day(until)
	}
	a.v.Trust = append(pki.Anchors{anchor}, a.p.Anchors(pki.UseTimestamp)...)
}

// keep adds lists of a day to the archive, which keeper has stamped.
func (a *archive) keep(at string, issuers ...string) {
	for _, r := range a.lists(day(at), issuers...) {
		a.sig.Evidence.Revocations = append(a.sig.Evidence.Revocations, r)
		a.keeper.Covers = append(a.keeper.Covers, formats.ObjectOf(r.Raw))
	}
}

// drop takes the lists out of the archive.
func (a *archive) drop() { a.sig.Evidence.Revocations = nil }

// unstamped puts other lists of the same day in the place of those that keeper
// has stamped: who has the key can make them at any time.
func (a *archive) unstamped() {
	a.drop()
	a.sig.Evidence.Revocations = a.lists(day("2026-06-02"), "ca", "root")
}

// One thing of an archive is otherwise, and what comes of it in 2030 (EN 319
// 102-1 §5.6.2). The words are in testdata/verdicts.txt.
func TestArchiveBends(t *testing.T) {
	for _, c := range []struct {
		name, change string
		do           func(*archive)
		good         bool
	}{
		{"as it is", "", func(*archive) {}, true},
		{"the anchor was trusted until later", "", func(a *archive) { a.trustFor("", "2026-06-05") }, true},
		{"the anchor was trusted no more", "", func(a *archive) { a.trustFor("", "2026-05-05") }, false},
		{"the anchor was trusted already", "", func(a *archive) { a.trustFor("2026-01-01", "") }, true},
		{"the anchor was not trusted yet", "", func(a *archive) { a.trustFor("2026-06-02", "") }, false},
		{"signed before the certificate", "alice.from = 2026-06-02", func(*archive) {}, false},
		{"signed after the certificate", "alice.until = 2026-05-30", func(*archive) {}, false},
		{"suspended then", "alice.revoked = 2026-05-20; alice.reason = 6", func(*archive) {}, false},
		{"suspended only later", "alice.revoked = 2026-06-20; alice.reason = 6", func(a *archive) { a.keep("2026-06-25", "ca") }, true},
		{"revoked then", "alice.revoked = 2026-05-20", func(*archive) {}, false},
		{"revoked only later", "alice.revoked = 2026-06-20", func(a *archive) { a.keep("2026-06-25", "ca") }, true},
		{"its issuer revoked then", "ca.revoked = 2026-05-20", func(*archive) {}, false},
		{"its issuer revoked later", "ca.revoked = 2026-06-20; ca.reason = 4", func(a *archive) { a.keep("2026-06-25", "root") }, true},
		{"no list", "", func(a *archive) { a.drop() }, false},
		{"no list of the root, which still makes some", "", func(a *archive) {
			a.drop()
			a.keep("2026-06-02", "ca")
		}, true},
		{"no list, and none is asked for", "", func(a *archive) {
			a.drop()
			a.rule().Revocation, a.v.Policy.Timestamp.Revocation = false, false
		}, true},
		{"older lists beside the others", "", func(a *archive) { a.keep("2026-03-01", "ca", "root") }, true},
		{"only older lists", "", func(a *archive) {
			a.drop()
			a.keep("2026-03-01", "ca", "root")
		}, false},
		{"lists that nobody has stamped", "", func(a *archive) { a.unstamped() }, true},
		{"lists that nobody has stamped, by a key that was stolen since", "ca.revoked = 2029-01-01; ca.reason = 1",
			func(a *archive) { a.unstamped() }, false},
		{"lists that were stamped, by a key that was stolen since", "ca.revoked = 2029-01-01; ca.reason = 1", func(*archive) {}, true},
		{"certificates that were never in force together", "alice.until = 2026-03-01; ca.from = 2026-04-01", func(*archive) {}, false},
		{"an algorithm that was good then", "", func(a *archive) { a.outdate("2027-01-01") }, true},
		{"an algorithm that was not good even then", "", func(a *archive) { a.outdate("2026-01-01") }, false},
		{"content that is not there", "", func(a *archive) { a.sig.References[0].Open = nil }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newArchive(t, c.change)
			c.do(a)
			a.v.Policy.Name = "bent"
			r := a.verify()
			require.Equal(t, c.good, r.Verdict.Status == report.Valid, "%+v", failedChecks(r.Verdict.Signatures[0]))
		})
	}
}

// outdate has the content digested by an algorithm that ends on a day; the
// others go on.
func (a *archive) outdate(until string) {
	when := day(until)
	for i := range a.v.Policy.Digests {
		if a.v.Policy.Digests[i].Hash == pki.SHA512 {
			a.v.Policy.Digests[i] = policy.Digest{Hash: pki.SHA512, Until: when}
		}
	}
	sig := &a.sig
	sig.References[0].Hash, sig.References[0].Want = pki.SHA512, pki.SHA512.Sum(content)
}
