package verifier_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

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

// stampsFor trusts the root for time-stamps between two days, and house, who
// certified keeper, always.
func (a *archive) stampsFor(from, until string) {
	a.trustFor(from, until)
	root := a.v.Trust.(pki.Anchors)[0]
	root.Uses = []pki.Use{pki.UseTimestamp}
	a.v.Trust = append(a.p.Anchors(pki.UseSign), root,
		pki.Anchor{Certificate: a.p.Cert("house"), Uses: []pki.Use{pki.UseTimestamp}, Source: "me"})
}

func (a *archive) trustSigner() {
	a.v.Trust = append(a.p.Anchors(pki.UseTimestamp),
		pki.Anchor{Certificate: a.p.Cert("alice"), Uses: []pki.Use{pki.UseSign}, Source: "me"})
}

// listMade is a list by ca of a day.
func (a *archive) listMade(at string, entries ...x509.RevocationListEntry) pki.Revocation {
	now := a.p.Now
	defer func() { a.p.Now = now }()
	a.p.Now = day(at)
	return a.listBy("ca", entries...)
}

// revoking is a list by ca that says that someone was revoked on a day.
func (a *archive) revoking(who, at string) pki.Revocation {
	return a.listMade("2026-07-01", x509.RevocationListEntry{
		SerialNumber: a.p.Cert(who).SerialNumber, RevocationTime: day(at), ReasonCode: 1})
}

// add puts a piece into the archive, which keeper has stamped.
func (a *archive) add(r pki.Revocation) {
	a.sig.Evidence.Revocations = append(a.sig.Evidence.Revocations, r)
	a.keeper.Covers = append(a.keeper.Covers, formats.ObjectOf(r.Raw))
}

// revokedTwice adds answers of that June that ca was revoked, on two days.
func (a *archive) revokedTwice(days ...string) {
	now := a.p.Now
	defer func() { a.p.Now = now }()
	a.p.Now = day("2026-06-25")
	for _, at := range days {
		a.add(a.answer("ca", "root", func(r *ocsp.Response) { r.Status, r.RevokedAt = ocsp.Revoked, day(at) }))
	}
}

// unknown adds an answer of that June that does not know someone.
func (a *archive) unknown(who string) {
	now := a.p.Now
	defer func() { a.p.Now = now }()
	a.p.Now = day("2026-06-02")
	a.add(a.answer(who, "ca", func(r *ocsp.Response) { r.Status = ocsp.Unknown }))
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
		{"the anchor was trusted until after today", "", func(a *archive) { a.trustFor("", "2040-01-01") }, true},
		{"the authority was trusted until later", "", func(a *archive) { a.stampsFor("", "2026-06-05") }, true},
		{"the authority was not trusted yet", "", func(a *archive) { a.stampsFor("2026-06-02", "") }, true},
		{"the signer is trusted by itself", "", func(a *archive) { a.trustSigner() }, true},
		{"the signer is trusted by itself, and signed late", "alice.until = 2026-05-30", func(a *archive) {
			a.trustSigner()
			a.sig.Claims.Time = day("2026-05-20")
		}, false},
		{"a stamp by who may not make any, of an anchor of then", "bob.until = 2027-06-01", func(a *archive) {
			a.stampsFor("", "2026-06-05")
			a.sig.Evidence.Timestamps[0].Signature = a.signed("bob", "bob's", a.sig.Value)
			a.keeper.Covers = append(a.keeper.Covers, formats.ObjectOf(a.p.Cert("bob").Raw))
		}, true},
		{"trusted no more, and for another purpose", "", func(a *archive) {
			a.trustFor("", "2026-06-05")
			a.rule().Purpose = policy.Purpose{Need: []string{mailPurpose}, AnyIssuer: true}
		}, false},
		{"a list of theirs by a key that was stolen since, which revokes", "ca.revoked = 2028-01-01; ca.reason = 1", func(a *archive) {
			a.sig.Evidence.Revocations = append(a.sig.Evidence.Revocations, a.revoking("alice", "2026-05-20"), a.revoking("tsa", "2026-05-20"))
		}, true},
		{"revoked when its issuer is not known of any more", "alice.revoked = 2026-06-20; tsa.revoked = 2026-06-20", func(a *archive) {
			a.v.Revocation, a.v.Policy.Timestamp.Revocation = nil, false
			a.keep("2026-06-25", "ca")
		}, true},
		{"its issuer revoked twice", "", func(a *archive) { a.revokedTwice("2026-06-20", "2026-05-20") }, false},
		{"its issuer revoked twice, in the other order", "", func(a *archive) { a.revokedTwice("2026-05-20", "2026-06-20") }, false},
		{"an answer that does not know it", "", func(a *archive) {
			a.drop()
			a.keep("2026-06-02", "root")
			a.unknown("alice")
			a.unknown("tsa")
		}, false},
		{"a list of after its own proof", "", func(a *archive) {
			a.drop()
			a.keep("2026-06-02", "root")
			a.add(a.listMade("2027-12-01"))
		}, false},
		{"so brief that no list is needed", "", func(a *archive) {
			a.drop()
			a.keep("2026-06-02", "root")
			a.v.Policy.Revocation.ShortLived = 8 * 366 * 24 * time.Hour
		}, true},
		{"suspended from a day after its end", "", func(a *archive) {
			a.drop()
			a.keep("2026-06-02", "root")
			a.add(a.listMade("2026-06-02", x509.RevocationListEntry{
				SerialNumber: a.p.Cert("tsa").SerialNumber, RevocationTime: day("2028-01-01"), ReasonCode: 6}))
		}, true},
		{"lists that nobody has stamped, by an issuer that was superseded since", "ca.revoked = 2026-06-20; ca.reason = 4", func(a *archive) {
			a.unstamped()
			a.keep("2026-06-25", "root")
		}, true},
		{"its certificate is of before the theft by its own word alone", "ca.revoked = 2028-01-01; ca.reason = 1",
			func(a *archive) { a.without(a.p.Cert("alice").Raw) }, false},
		{"its certificate is of before the end of its issuer by its own word alone", "ca.revoked = 2028-01-01; ca.reason = 4",
			func(a *archive) { a.without(a.p.Cert("alice").Raw) }, true},
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

// A path of four: what is said of its end counts only while all above it stand,
// and the first of them to fall decides. list is when the last list was proven
// to exist, which whoever has stolen a key could make at any time after.
func TestArchiveOfALongPath(t *testing.T) {
	for _, c := range []struct {
		name, top, middle string // when their keys were stolen
		list              string
		good              bool
		again, by         string // another word on the theft above, and when it was said
	}{
		{"nothing was stolen", "", "", "2026-06-03", true, "", ""},
		{"above, and nothing below", "2028-01-01", "", "2029-01-01", false, "", ""},
		{"above, after the list", "2028-01-01", "", "2026-06-03", true, "", ""},
		{"above, then below", "2027-01-01", "2029-01-01", "2028-01-01", false, "", ""},
		{"below, then above", "2029-01-01", "2027-01-01", "2028-01-01", false, "", ""},
		{"above, and later they say later", "2027-01-01", "", "2028-01-01", false, "2029-01-01", "2030-01-01"},
		{"above, and before they said later", "2027-01-01", "", "2028-01-01", false, "2029-01-01", "2029-12-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			change := "root -> top -> middle -> zoe; top[until=2045-01-01]; middle[until=2045-01-01]; zoe[from=2026-01-01, until=2027-01-01]"
			for name, at := range map[string]string{"top": c.top, "middle": c.middle} {
				if at != "" {
					change += "; " + name + ".revoked = " + at + "; " + name + ".reason = 1"
				}
			}
			a := newArchive(t, change)
			a.sig = a.signed("zoe", "zoe's", content)
			a.sig.Claims.Time = day("2026-06-01")
			a.v.Policy.Timestamp.Revocation = false
			a.keeper = a.stamp("keeper", formats.ArchiveTimestamp, day("2026-06-03"))
			a.keeper.Raw = []byte("the token of keeper")
			lists := a.lists(day("2026-06-02"), "root", "top", "middle")
			a.sig.Evidence.Revocations = lists
			a.keeper.Covers = []formats.Object{formats.ObjectOf(a.sig.Value), formats.ObjectOf(lists[0].Raw), formats.ObjectOf(lists[1].Raw)}
			for _, c := range a.p.Chain("zoe") {
				a.keeper.Covers = append(a.keeper.Covers, formats.ObjectOf(c.Raw))
			}
			later := a.stamp("keeper", formats.ArchiveTimestamp, day(c.list))
			// Of the theft below it is told by who was robbed only afterwards.
			told := a.lists(day("2027-06-01"), "top")[0]
			a.sig.Evidence.Revocations = append(lists, told)
			later.Covers = []formats.Object{formats.ObjectOf(lists[2].Raw), formats.ObjectOf(told.Raw)}
			if c.again != "" {
				a.sig.Evidence.Revocations = append(a.sig.Evidence.Revocations, a.answer("top", "root", func(r *ocsp.Response) {
					r.Status, r.RevokedAt, r.ThisUpdate = ocsp.Revoked, day(c.again), day(c.by)
				}))
			}
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
