package report_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/verifier/report"
)

// skeleton is the elements of an XML file, the ids that it declares, those that
// it refers to, and its text.
func skeleton(t *testing.T, file []byte) (elements, ids, references []string, text string) {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(file))
	var words strings.Builder
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return elements, ids, references, words.String()
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			elements = append(elements, token.Name.Space+" "+token.Name.Local)
			for _, a := range token.Attr {
				switch a.Name.Local {
				case "id":
					ids = append(ids, a.Value)
				case "VOReference":
					references = append(references, a.Value)
				}
			}
		case xml.CharData:
			words.Write(token)
		case xml.Comment, xml.Directive:
			t.Fatalf("%v has no place in a report", token)
		}
	}
}

func TestETSIReport(t *testing.T) {
	elements, ids, references, text := skeleton(t, written(t, "xml", rich(), ""))
	const space = "http://uri.etsi.org/19102/v1.4.1# "
	require.Equal(t, space+"ValidationReport", elements[0])
	count := func(name string) (n int) {
		for _, e := range elements {
			if e == space+name {
				n++
			}
		}
		return n
	}
	require.Equal(t, 3, count("SignatureValidationReport"), "two signatures and a counter-signature")
	require.Equal(t, 4, count("ValidationObject"), "two certificates, a time-stamp, a revocation list, each once")
	require.Equal(t, 5, count("ValidationConstraint"), "each check, those of the time-stamp too")
	require.Subset(t, ids, references)
	seen := map[string]bool{}
	for _, id := range ids {
		require.False(t, seen[id], "%s twice", id)
		seen[id] = true
	}
	for _, urn := range []string{
		"urn:etsi:019102:mainindication:total-passed", "urn:etsi:019102:mainindication:total-failed",
		"urn:etsi:019102:mainindication:indeterminate", "urn:etsi:019102:subindication:HASH_FAILURE",
		"urn:tamga:check:signature.value", "urn:etsi:019102:revocationReason:keyCompromise",
		"2026-11-23T08:00:00Z", "EN 319 102-1 5.2.7.4",
	} {
		require.Contains(t, text, urn)
	}
}

// What did not pass must not read as passed: not for a document without a
// signature, and not for a report of nothing.
func TestETSINeverPassesByDefault(t *testing.T) {
	for _, r := range []*report.Report{
		{}, {Verdict: report.Verdict{Status: report.NotSigned}},
		{Verdict: report.Verdict{Status: report.Valid, Signatures: []report.Signature{{}}}},
		{Verdict: report.Verdict{Signatures: []report.Signature{{Checks: []report.Check{{ID: "x"}}}}}},
	} {
		_, _, _, text := skeleton(t, written(t, "xml", r, ""))
		require.NotContains(t, text, "passed")
		require.Contains(t, text, "urn:etsi:019102:mainindication:indeterminate")
	}
}

// A stranger's name is text there, too: it adds no element and no reference.
func TestETSIHoldsAgainstNames(t *testing.T) {
	want, ids, references, _ := skeleton(t, written(t, "xml", hostile("a"), ""))
	for _, attack := range attacks() {
		elements, otherIDs, otherReferences, text := skeleton(t, written(t, "xml", hostile(attack), ""))
		require.Equal(t, want, elements, "%q", attack)
		require.Equal(t, ids, otherIDs)
		require.Equal(t, references, otherReferences)
		require.Contains(t, text, report.Printable(attack))
	}
}

// A time-stamp whose token is not known by its digest was judged, too: leaving
// it out would hide what did not pass.
func TestETSIKeepsStampsWithoutDigest(t *testing.T) {
	r := rich()
	r.Verdict.Signatures[0].Timestamps[0].SHA256 = ""
	r.Verdict.Signatures[0].Timestamps[0].Indication = report.TotalFailed
	_, ids, references, text := skeleton(t, written(t, "xml", r, ""))
	require.Contains(t, ids, "timestamp-3")
	require.Contains(t, references, "timestamp-3")
	require.Contains(t, text, "time-stamp 1 (signature)")
}
