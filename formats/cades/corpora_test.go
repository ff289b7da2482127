package cades_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki/pkitest"
)

// misfit says which reference of a time-stamp does not fit, "" if all do.
func misfit(t testing.TB, sig formats.Signature) string {
	t.Helper()
	for _, d := range sig.Defects {
		if d.Fatal {
			return d.Text
		}
	}
	for _, r := range sig.References {
		if r.Open == nil || !r.Hash.Known() {
			return r.Name + " was not supplied"
		}
		h := r.Hash.New()
		_, err := io.Copy(h, r.Open())
		if err != nil {
			require.ErrorIs(t, err, formats.ErrMalformed)
		}
		if err != nil || !bytes.Equal(h.Sum(nil), r.Want) {
			return r.Name + " does not fit"
		}
	}
	return ""
}

// eachCMS reads every CMS below a folder of the corpora, with the content that
// lies beside it.
func eachCMS(t *testing.T, folder string, visit func(name string, doc *formats.Document)) {
	require.NoError(t, filepath.WalkDir(pkitest.Corpus(t, folder), func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		if !(cades.Parser{}).Sniff(raw) {
			return nil
		}
		var detached []formats.Input
		if name, ok := contents[d.Name()]; ok {
			content, err := os.ReadFile(filepath.Join(filepath.Dir(path), name))
			require.NoError(t, err)
			detached = append(detached, input(name, content))
		}
		doc, err := cades.Parser{}.Parse(input(path, raw, detached...))
		if err != nil {
			require.ErrorIs(t, err, formats.ErrMalformed, path)
			return nil
		}
		visit(d.Name(), doc)
		return nil
	}))
}

// contents are what detached signatures of the corpora are over.
var contents = map[string]string{
	"test.txt.signed_Certipost-2048.detached.old.p7s": "test.txt",
	"Test.bin.sig":                  "Test.bin",
	"detached_with_counter_sig.p7m": "signed_content.bin",
}

const (
	absent  = "message imprint was not supplied" // a detached signature that came alone
	missing = "an object that is no longer there was not supplied"
)

// broken are the archive time-stamps that must not fit, and why. Their files
// are named so, or EU DSS 6.4 calls their ats-hash-index or their level A wrong
// in its own tests.
var broken = map[string]string{
	"cades-ats-v3-wrong-cert.p7m":               missing,
	"cades-ats-v3-wrong-ocsp.p7s":               missing,
	"cades-ats-v3-rev-val-ocsp.p7s":             missing, // crls that are not in SignedData.crls
	"cades-ats-v3-rev-val-crl.p7s":              absent,  // the same, and detached
	"cades-dss1997.p7m":                         missing, // certificate-values were added to later
	"cades-broken-sig-tst-and-ats-v3.cms":       missing,
	"CAdES-BpLTA_removed_ocsp.p7m":              missing,
	"CAdES-BpLTA_modified_ats_hash_element.p7m": "message imprint does not fit",
	"cades-lta-copied-atst.p7m":                 "malformed CMS: no ats-hash-index",
}

// Archive time-stamps, and those over validation data, of others: each fits
// what it is over, unless something is wrong with it.
func TestVectorsArchiveTimestamps(t *testing.T) {
	tally := pkitest.Tally{Name: "cades-archive"}
	for _, folder := range []string{"dss/dss-cades", "uapki", "diia-package", "cryptonite", "jkurwa"} {
		eachCMS(t, folder, func(name string, doc *formats.Document) {
			for _, sig := range doc.Signatures {
				for i, ts := range sig.Evidence.Timestamps {
					if ts.Kind != formats.ArchiveTimestamp && ts.Kind != formats.EvidenceTimestamp {
						continue
					}
					got, want, exception := misfit(t, ts.Signature), "", ""
					if ts.Kind == formats.ArchiveTimestamp && !older(sig, i) {
						want = broken[name]
					}
					if got == absent {
						exception = "detached, and its content is not in the corpus"
					}
					tally.Case(t, name+": "+string(ts.Kind)+": "+got, got == want && got != absent, exception)
				}
			}
		})
	}
	tally.Report(t)
}

// older reports whether stamp i is an archive time-stamp before the last one:
// what breaks the last leaves it whole.
func older(sig formats.Signature, i int) bool {
	for _, ts := range sig.Evidence.Timestamps {
		if ts.Kind == formats.ArchiveTimestamp && ts.Time.After(sig.Evidence.Timestamps[i].Time) {
			return true
		}
	}
	return false
}

// What files of level LT and above bring along is found, wherever they keep it,
// and what their archive time-stamps cover is that.
func TestVectorsEvidence(t *testing.T) {
	tally := pkitest.Tally{Name: "cades-evidence"}
	count := map[string]int{}
	eachCMS(t, "dss/dss-cades", func(name string, doc *formats.Document) {
		for _, sig := range doc.Signatures {
			seen := map[formats.Object]bool{}
			for _, r := range sig.Evidence.Revocations {
				require.NotEmpty(t, r.Source)
				require.False(t, seen[formats.ObjectOf(r.Raw)], "%s: a double", name)
				seen[formats.ObjectOf(r.Raw)] = true
				count[r.Source]++
			}
			for _, ts := range sig.Evidence.Timestamps {
				if ts.Kind != formats.ArchiveTimestamp || misfit(t, ts.Signature) != "" {
					continue
				}
				covers := map[formats.Object]bool{}
				for _, o := range ts.Covers {
					covers[o] = true
				}
				all := covers[formats.ObjectOf(sig.Value)]
				for _, c := range sig.Evidence.Certificates {
					all = all && covers[formats.ObjectOf(c.Raw)]
				}
				for _, r := range sig.Evidence.Revocations {
					all = all && covers[formats.ObjectOf(r.Raw)]
				}
				for _, other := range sig.Evidence.Timestamps {
					all = all && covers[formats.ObjectOf(other.Raw)] == (other.Kind != ts.Kind || other.Time.Before(ts.Time))
				}
				tally.Case(t, name, all, "")
			}
		}
	})
	require.Positive(t, count["the signature"])
	require.Positive(t, count["revocation-values"])
	t.Log(count)
	tally.Report(t)
}
