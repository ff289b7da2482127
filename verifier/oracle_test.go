package verifier_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
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
)

// said is what EU DSS said of one signature at one time; see make oracle.
type said struct {
	path, time, value, format, indication, sub string
	trusted                                    []string
}

func (s said) verdict() string { return strings.TrimSpace(s.indication + " " + s.sub) }

// judgements reads testdata/oracle/dss.tsv.
func judgements(t *testing.T) (out []said) {
	raw, err := os.ReadFile("../testdata/oracle/dss.tsv")
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, f, 7, line)
		out = append(out, said{f[0], f[1], f[2], f[3], f[4], f[5], strings.Split(f[6], ",")})
	}
	return out
}

// short names bytes as the oracle does.
func short(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// asDSS is the European baseline with what EU DSS does by default: revocation
// information of any age will do, if it was there.
func asDSS(t *testing.T) *policy.Policy {
	p, err := policy.ByName("ades-2026-1")
	require.NoError(t, err)
	anyAge := policy.Freshness{MaxAge: 100 * 365 * 24 * time.Hour}
	p.Timestamp.Freshness, p.Revocation.Signer.Freshness = anyAge, anyAge
	for i := range p.Formats {
		p.Formats[i].Rule.Freshness = anyAge
	}
	return p
}

// TestVectorsOracle judges the files that EU DSS has judged, with the same trust,
// at the same time and by the policy that is nearest to its default. The main
// indication must be the same, or the file stand in differences.tsv with the
// reason; of sub-indications, which depend on what is asked first, pairs stand
// in order.tsv.
func TestVectorsOracle(t *testing.T) {
	main, sub := pkitest.Tally{Name: "eu-dss-indication"}, pkitest.Tally{Name: "eu-dss-sub-indication"}
	lenient := asDSS(t)
	reasons, order := table(t, "differences.tsv", 3), table(t, "order.tsv", 2)
	used := map[string]bool{}
	for _, s := range judgements(t) {
		if s.indication == "cannot judge" {
			continue
		}
		ours := verdictLike(t, s, lenient)
		theirs := s.verdict()
		id := s.path + " " + s.value + " " + s.time + ": theirs " + theirs + ", ours " + ours
		agreed := strings.Fields(ours)[0] == s.indication
		key := s.path + "\t" + s.value + "\t" + ours
		if !agreed {
			used[key] = true
		}
		main.Case(t, id, agreed, reasons[key])
		if agreed && s.indication != "TOTAL_PASSED" {
			pair := theirs + "\t" + ours
			used[pair] = used[pair] || theirs != ours
			sub.Case(t, id, theirs == ours, order[pair])
		}
	}
	for _, list := range []map[string]string{reasons, order} {
		for key := range list {
			require.True(t, used[key], "a difference that is none any more: %s", key)
		}
	}
	main.Report(t)
	sub.Report(t)
}

// table reads a file of testdata/oracle: so many columns that are looked up, and
// the reason.
func table(t *testing.T, name string, columns int) map[string]string {
	raw, err := os.ReadFile("../testdata/oracle/" + name)
	require.NoError(t, err)
	out := map[string]string{}
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, f, columns+1, line)
		require.NotEmpty(t, f[columns], line)
		out[strings.Join(f[:columns], "\t")] = f[columns]
	}
	return out
}

// verdictLike is ours on the same signature, in the same words.
func verdictLike(t *testing.T, s said, by *policy.Policy) string {
	raw, err := os.ReadFile(filepath.Join(corporaRoot(t), s.path))
	require.NoError(t, err)
	at, err := time.Parse(time.RFC3339, s.time)
	require.NoError(t, err)
	in := formats.Input{Name: filepath.Base(s.path), ReaderAt: bytes.NewReader(raw), Size: int64(len(raw))}
	v := verifier.Verifier{
		Formats: catalog.Parsers(), Policy: by, Trust: top(in, s.trusted), Now: func() time.Time { return at },
	}
	r, err := v.Verify(context.Background(), in)
	if err != nil {
		return "REFUSED"
	}
	ours := "ABSENT"
	for _, sig := range r.Verdict.Signatures {
		if short(sig.Value) != s.value && (ours != "ABSENT" || len(sig.Value) > 0) {
			continue // of one that cannot be read, the value is not known
		}
		ours = strings.TrimSpace(strings.ReplaceAll(sig.Indication.String(), "-", "_") + " " + string(sig.SubIndication))
	}
	return ours
}

// top are the certificates of the file that the oracle trusted.
func top(in formats.Input, names []string) pki.Anchors {
	p, err := catalog.Recognise(in)
	if err != nil {
		return nil
	}
	doc, err := p.Parse(in)
	if err != nil {
		return nil
	}
	var out pki.Anchors
	for _, c := range certificatesOf(doc) {
		if slices.Contains(names, short(c.Raw)) && !slices.ContainsFunc(out, func(a pki.Anchor) bool { return a.Certificate.Equal(c) }) {
			out = append(out, anchor(c))
		}
	}
	return out
}
