package verifier_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier"
	"tamga/verifier/policy"
	"tamga/verifier/report"
)

// corpora are the folders of files that others made.
var corpora = []string{
	"dss/dss-pades", "dss/dss-cades", "dss/dss-validation", "dss/dss-cookbook", "pyhanko/data/pdf",
	"isomdl", "mdoc-ts", "sd-jwt-python", "sd-jwt-vc", "cryptonite", "jkurwa", "uapki", "diia-package",
	"dgc", "openid4vp", "openid4vci", "status-list",
}

// sample is one file, or what its hexadecimal or base64 text stands for.
type sample struct {
	path string
	data []byte
}

func (s sample) input() formats.Input {
	return formats.Input{Name: filepath.Base(s.path), ReaderAt: bytes.NewReader(s.data), Size: int64(len(s.data))}
}

func eachSample(t *testing.T, visit func(s sample)) {
	seen := false
	for _, folder := range corpora {
		root := filepath.Join(corporaRoot(t), folder)
		if _, err := os.Stat(root); err != nil {
			t.Logf("corpora absent: %s", folder)
			continue
		}
		seen = true
		require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			visit(sample{path, data})
			if text := decoded(data); text != nil {
				visit(sample{path + " (decoded)", text})
			}
			return nil
		}))
	}
	if !seen {
		t.Skip("corpora absent: set TAMGA_CORPORA")
	}
}

func corporaRoot(t *testing.T) string { return filepath.Dir(pkitest.Corpus(t, "README.md")) }

// decoded is what a file of nothing but hexadecimal or base64 stands for.
func decoded(data []byte) []byte {
	text := strings.Join(strings.Fields(string(data)), "")
	if len(text) < 64 {
		return nil
	}
	if out, err := hex.DecodeString(text); err == nil {
		return out
	}
	for _, e := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		if out, err := e.DecodeString(text); err == nil {
			return out
		}
	}
	return nil
}

// patience is for a machine that does ten other things under the race detector:
// what takes longer hangs.
const patience = time.Minute

// Without anchors nothing is valid, whatever a file holds; and no file of
// anybody's keeps us for ever.
func TestCorporaWithoutAnchors(t *testing.T) {
	counts := map[string]int{}
	at := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	eachSample(t, func(s sample) {
		v := verifier.Verifier{Formats: catalog.Parsers(), Policy: policy.Default(), Now: func() time.Time { return at }}
		start := time.Now()
		r, err := v.Verify(context.Background(), s.input())
		if spent := time.Since(start); spent > patience {
			t.Errorf("%s took %s", s.path, spent)
		}
		if err != nil {
			counts["no verdict"]++
			return
		}
		checkInvariants(t, r)
		counts[string(r.Verdict.Status)]++
		require.NotEqual(t, report.Valid, r.Verdict.Status, s.path)
	})
	t.Log(counts)
}

// saysBroken fits the names of files of which their makers say that something
// is wrong with them.
var saysBroken = regexp.MustCompile(`(?i)broken|wrong|tamper|modif|invalid|forge|chang|corrupt|alter|spoof|attack|` +
	`siwa|edited|fake|injected|overlap|out-of-byterange|anomal|malform|unsigned|incorrect|mismatch|removed|replaced|copied|hash_failure|dehydrated`)

// Everybody who calls themselves an authority in a file is believed, for
// everything, at the time that the file claims, and nothing needs to be known
// of revocation: even so, what its name calls broken is never valid.
func TestVectorsBrokenByName(t *testing.T) {
	tally := pkitest.Tally{Name: "broken-by-name"}
	counts := map[string]int{}
	eachSample(t, func(s sample) {
		doc := parse(s)
		if doc == nil || len(doc.Signatures) == 0 {
			return
		}
		v := verifier.Verifier{
			Formats: catalog.Parsers(), Policy: lenient(), Trust: everybody(doc),
			Now: func() time.Time { return claimed(doc) },
		}
		r, err := v.Verify(context.Background(), s.input())
		if err != nil {
			counts["no verdict"]++
			return
		}
		checkInvariants(t, r)
		counts[string(r.Verdict.Status)]++
		if name := filepath.Base(s.path); saysBroken.MatchString(name) {
			tally.Case(t, s.path, r.Verdict.Status != report.Valid, exceptions[name])
		}
	})
	t.Log(counts)
	tally.Report(t)
}

// exceptions are files whose names speak of something else than their
// signature, each with the reason.
var exceptions = map[string]string{
	"cades-ats-v3-wrong-cert.p7m":               archival,
	"cades-ats-v3-wrong-ocsp.p7s":               archival,
	"CAdES-BpLTA_modified_ats_hash_element.p7m": archival,
	"CAdES-BpLTA_removed_ocsp.p7m":              archival,
	"C-E-ERS_renewed_hashtree_invalid.p7m":      archival,
	"cades-lta-copied-atst.p7m":                 archival,
	"cms-wrong-sign-cert-ref.p7m": "the wrong reference is the time-stamp's own: the token is refused, " +
		"and the signature's own reference is right",
	"cades-b-copied-cnttst.p7m": "both content time-stamps are over this content: what was copied " +
		"may stand beside its original",
	"pades-revoc-removed-from-dss-dict.pdf": archival,
	"wrongContentHints.p7m":                 "content-hints is for display (RFC 2634 §2.9); it is signed as it stands",
}

const archival = "what is wrong are archival data, which basic validation does not judge; " +
	"the signature below them holds"

func parse(s sample) *formats.Document {
	p, err := catalog.Recognise(s.input())
	if err != nil {
		return nil
	}
	doc, err := p.Parse(s.input())
	if err != nil {
		return nil
	}
	return doc
}

// lenient is the basic policy, without what a file alone cannot have.
func lenient() *policy.Policy {
	p := policy.Default()
	p.Name = "believe everybody"
	p.Timestamp.Revocation = false
	for i := range p.Formats {
		p.Formats[i].Rule.Revocation = false
	}
	return p
}

// everybody trusts every certificate of the file that signed itself, and every
// authority whose own issuer is not in the file.
func everybody(doc *formats.Document) pki.Anchors {
	all := certificatesOf(doc)
	var out pki.Anchors
	for _, c := range all {
		orphan := true
		for _, other := range all {
			orphan = orphan && (other.Equal(c) || !bytes.Equal(other.RawSubject, c.RawIssuer))
		}
		if orphan {
			out = append(out, anchor(c))
		}
	}
	return out
}

func anchor(c *x509.Certificate) pki.Anchor {
	return pki.Anchor{Certificate: c, Uses: pki.Uses(), Source: "the file"}
}

// certificatesOf are all certificates in a document, time-stamps included.
func certificatesOf(doc *formats.Document) (all []*x509.Certificate) {
	var walk func(sig *formats.Signature)
	walk = func(sig *formats.Signature) {
		all = append(all, sig.Evidence.Certificates...)
		if sig.Signer.Certificate != nil {
			all = append(all, sig.Signer.Certificate)
		}
		for i := range sig.Evidence.Timestamps {
			walk(&sig.Evidence.Timestamps[i].Signature)
		}
	}
	for i := range doc.Signatures {
		walk(&doc.Signatures[i])
	}
	return all
}

// claimed is the latest time that the document speaks of, and a minute more.
func claimed(doc *formats.Document) time.Time {
	var at time.Time
	for _, sig := range doc.Signatures {
		times := []time.Time{sig.Claims.Time}
		if c := sig.Credential; c != nil {
			times = append(times, c.Signed, c.ValidFrom)
		}
		for _, ts := range sig.Evidence.Timestamps {
			times = append(times, ts.Time)
		}
		for _, one := range times {
			if one.After(at) {
				at = one
			}
		}
	}
	if at.IsZero() {
		at = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	}
	return at.Add(time.Minute)
}
