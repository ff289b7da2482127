package report_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

func sample() *report.Report {
	at := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	return &report.Report{
		Schema:   report.Schema,
		Document: report.Document{Name: "contract.pdf", Size: 7, Format: "pades", Title: "PDF 1.7"},
		Context:  report.Context{Time: at, Policy: "test", Tool: "test"},
		Verdict: report.Verdict{Status: report.NotValid, Signatures: []report.Signature{{
			Name: "Signature1", Kind: "PAdES", Indication: report.TotalFailed, SubIndication: report.HashFailure,
			Algorithm: "ES256",
			Answers: []report.Answer{
				report.NewAnswer(report.Unchanged, report.No, "unchanged.content"),
				report.NewAnswer(report.Who, report.Unknown, "hidden"),
				report.NewAnswer(report.WhoVouches, report.Unknown, "hidden"),
				report.NewAnswer(report.When, report.Yes, "when.proven", "2026-11-23T08:00:00Z", "TSA"),
				{Question: report.StillInForce, Text: "unset"},
			},
			Checks: []report.Check{{
				ID: "reference.digest", Clause: "EN 319 102-1 5.2.7.4", Subject: "ByteRange", Sub: report.HashFailure,
				Detail: "SHA-256 is 00",
			}},
			Claims: []report.Claim{{Namespace: "ns", Name: "family_name", Value: "Коваль"}},
			Notes:  []report.Note{report.NewNote("note.holder-none")},
		}}},
	}
}

// Where something that can be seen was added after every signature, the first
// line does not say that nothing was.
func TestWriteTextSeen(t *testing.T) {
	seen := report.NewAnswer(report.Unchanged, report.Yes, "unchanged.seen", "a form field was filled")
	whole := report.NewAnswer(report.Unchanged, report.Yes, "unchanged.whole")
	for _, c := range []struct {
		first, second report.Answer
		says          string
	}{
		{seen, seen, "2 signatures are good. What was added later is told below."},
		{seen, whole, "2 signatures are good, and nothing has changed since."},
		{whole, whole, "2 signatures are good, and nothing has changed since."},
	} {
		r := sample()
		r.Verdict = report.Verdict{Status: report.Valid, Signatures: []report.Signature{
			{Answers: []report.Answer{c.first}}, {Answers: []report.Answer{c.second}}}}
		var b bytes.Buffer
		require.NoError(t, report.WriteText(&b, r, report.TextOptions{}))
		require.Contains(t, b.String(), c.says)
	}
}

func TestWriteText(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, report.WriteText(&b, sample(), report.TextOptions{Verbose: true}))
	for _, want := range []string{
		"✗ contract.pdf: NOT VALID. Do not rely on it.\n",
		"✗ Unchanged?             no           The content is not what was signed.\n",
		"? Who?                   cannot tell  Not shown",
		"✓ When?                  yes          Proven: it existed at 2026-11-23 08:00:00 UTC",
		"? Still in force?        cannot tell  ",
		"→ The content was changed after it was signed",
		"ns / family_name: Коваль\n",
		"✗ failed: the content is what was signed [EN 319 102-1 5.2.7.4] HASH_FAILURE ByteRange: SHA-256 is 00\n",
		"- Not bound to its holder: whoever has a copy can show it.\n",
	} {
		require.Contains(t, b.String(), want)
	}
	require.NotContains(t, b.String(), "\x1b")
	require.NotContains(t, b.String(), "Signature 1 of 1")
}

// Colour is only in addition: without it every word and mark is still there.
func TestColorAddsNothing(t *testing.T) {
	for _, lang := range report.Languages() {
		var plain, colored bytes.Buffer
		require.NoError(t, report.WriteText(&plain, sample(), report.TextOptions{Lang: lang}))
		require.NoError(t, report.WriteText(&colored, sample(), report.TextOptions{Lang: lang, Color: true}))
		require.Contains(t, colored.String(), "\x1b[31m✗\x1b[0m")
		bare := colored.String()
		for _, c := range []string{"\x1b[0m", "\x1b[31m", "\x1b[32m", "\x1b[33m"} {
			bare = strings.ReplaceAll(bare, c, "")
		}
		require.Equal(t, plain.String(), bare)
	}
}

func TestSignaturesAreNumbered(t *testing.T) {
	r := sample()
	r.Verdict.Signatures = append(r.Verdict.Signatures, r.Verdict.Signatures[0])
	var b bytes.Buffer
	require.NoError(t, report.WriteText(&b, r, report.TextOptions{Lang: "et"}))
	require.Contains(t, b.String(), "Allkiri 1/2: Signature1\n")
	require.Contains(t, b.String(), "Allkiri 2/2: Signature1\n")
}

// Nothing is good news by default.
func TestZeroReport(t *testing.T) {
	var r report.Report
	var b bytes.Buffer
	require.NoError(t, report.WriteText(&b, &r, report.TextOptions{Verbose: true}))
	require.Contains(t, b.String(), "? : no verdict. Nothing was judged.")
	require.NotContains(t, b.String(), "✓")
	out, err := json.Marshal(r)
	require.NoError(t, err)
	require.Contains(t, string(out), `"verdict":{"status":"","signatures":[],"signers":0}`)
	require.Equal(t, "UNCHECKED", report.Indication(0).String())
	require.False(t, (&report.Signature{}).Changed())
}

func TestJSONIsStable(t *testing.T) {
	one, err := json.Marshal(sample())
	require.NoError(t, err)
	var back report.Report
	require.NoError(t, json.Unmarshal(one, &back))
	two, err := json.Marshal(&back)
	require.NoError(t, err)
	require.Equal(t, string(one), string(two))
	require.Contains(t, string(one), `"indication":"TOTAL-FAILED","sub_indication":"HASH_FAILURE"`)
	require.Error(t, json.Unmarshal([]byte(`{"verdict":{"signatures":[{"indication":"PASSED"}]}}`), &back))
}
