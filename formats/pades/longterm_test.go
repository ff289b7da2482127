package pades_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// archived appends a document time-stamp by hand: objects first and first+1
// are its dictionary and field, beside fields that were there before.
func archived(t testing.TB, b []byte, first int, before string) []byte {
	t.Helper()
	const room = 6000
	blank := "/ByteRange [0 0000000000 0000000000 0000000000]"
	out := appended(b, "", objects{
		8:     fmt.Sprintf("<< /Fields [%s %d 0 R] /SigFlags 3 >>", before, first+1),
		first: "<< /Type /DocTimeStamp /SubFilter /ETSI.RFC3161 " + blank + " /Contents <" + strings.Repeat("0", 2*room) + "> >>",
		first + 1: fmt.Sprintf("<< /FT /Sig /T (stamp %d) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /V %d 0 R >>",
			first, first),
	})
	from := len(b) + bytes.Index(out[len(b):], []byte("/Contents <")) + len("/Contents ")
	to := from + 2*room + 2
	copy(out[len(b)+bytes.Index(out[len(b):], []byte(blank)):],
		fmt.Sprintf("/ByteRange [0 %010d %010d %010d]", from, to, len(out)-to))
	imprint := pki.SHA256.Sum(append(bytes.Clone(out[:from]), out[to:]...))
	token, err := stamper(t).Timestamp(t.Context(), pki.SHA256, imprint)
	require.NoError(t, err)
	copy(out[from+1:], hex.EncodeToString(token))
	return out
}

// withStore appends a document security store: object 20, with these streams
// from 21 on.
func withStore(b []byte, dict string, streams ...[]byte) []byte {
	o := objects{1: catalogue("/DSS 20 0 R " + esic), 20: dict}
	for i, s := range streams {
		o[21+i] = stream(string(s))
	}
	return appended(b, "", o)
}

const fullStore = "<< /Type /DSS /Certs [21 0 R] /CRLs [22 0 R] /OCSPs [23 0 R] >>"

func covers(ts *formats.Timestamp, raw []byte) bool {
	for _, o := range ts.Covers {
		if o == formats.ObjectOf(raw) {
			return true
		}
	}
	return false
}

func has(ev formats.Evidence, raw []byte) bool {
	for _, r := range ev.Revocations {
		if bytes.Equal(r.Raw, raw) {
			return true
		}
	}
	for _, c := range ev.Certificates {
		if bytes.Equal(c.Raw, raw) {
			return true
		}
	}
	return false
}

// requireCovered demands that every list of which a document time-stamp is said
// to prove something stands in the bytes that it is over. It speaks of streams
// without a filter.
func requireCovered(t testing.TB, b []byte, sig formats.Signature) {
	if bytes.Contains(b, []byte("/Filter")) {
		return
	}
	over, err := io.ReadAll(sig.References[len(sig.References)-1].Open())
	require.NoError(t, err)
	digits := bytes.ToLower(over)
	for _, r := range sig.Evidence.Revocations {
		if covers(sig.Stamp, r.Raw) {
			require.True(t, bytes.Contains(over, r.Raw) || bytes.Contains(digits, []byte(hex.EncodeToString(r.Raw))))
		}
	}
}

// A signature, its evidence, a document time-stamp, more evidence, and another:
// the life of a document in an archive. None of it changes the document.
func TestSecurityStoreAndDocumentTimestamps(t *testing.T) {
	p := authority()(t)
	root, crl, ocsp, late := p.Cert("root").Raw, p.CRL("ca"), p.OCSP("alice"), p.CRL("root")
	b := stamped(t, page(), pades.Preparer{})
	plain := parse(t, b).Signatures[0]
	require.Empty(t, plain.Evidence.Revocations)
	b = withStore(b, fullStore, root, crl, ocsp)
	b = archived(t, b, 40, "7 0 R")
	b = appended(b, "", objects{20: "<< /Type /DSS /Certs [21 0 R] /CRLs [22 0 R 24 0 R] /OCSPs [23 0 R] >>", 24: stream(string(late))})
	b = archived(t, b, 42, "7 0 R 41 0 R")

	doc := parse(t, b)
	require.Empty(t, doc.Defects)
	require.Contains(t, doc.Facts, formats.Fact{Name: "security store", Value: "1 certificates, 2 CRLs, 1 OCSP responses"})
	require.Len(t, doc.Signatures, 3)
	for _, sig := range doc.Signatures {
		require.NoError(t, holds(sig))
		require.True(t, sig.Coverage.Whole || sig.Coverage.Harmless, sig.Coverage.Note)
		for _, raw := range [][]byte{root, crl, ocsp, late} {
			require.True(t, has(sig.Evidence, raw), sig.Name)
		}
	}
	sig, first, second := doc.Signatures[0], doc.Signatures[1].Stamp, doc.Signatures[2].Stamp
	for what, raw := range map[string][]byte{
		"value": sig.Value, "signature time-stamp": sig.Evidence.Timestamps[0].Raw, "signer": p.Cert("alice").Raw,
		"authority in the token": p.Cert("tsa").Raw, "root in the store": root, "CRL": crl, "OCSP": ocsp,
	} {
		require.True(t, covers(first, raw), what)
		require.True(t, covers(second, raw), what)
	}
	require.False(t, covers(first, late), "it came after the first time-stamp")
	require.True(t, covers(second, late))
	require.False(t, covers(first, first.Raw))
	require.True(t, covers(second, first.Raw))
	require.False(t, covers(first, second.Raw))
	require.Equal(t, "the document security store", sig.Evidence.Revocations[0].Source)
}

// Whoever holds an old key today makes a list by which it was good, and writes
// it over the one in the document, in the same object: the time-stamp before
// that is over the old list, and must not prove that the new one is old.
func TestEvidenceOverwrittenAfterTheTimestamp(t *testing.T) {
	p := authority()(t)
	crl, forged := p.CRL("ca"), p.CRL("root")
	b := withStore(stamped(t, page(), pades.Preparer{}), fullStore, p.Cert("root").Raw, crl, p.OCSP("alice"))
	b = archived(t, b, 40, "7 0 R")
	b = appended(b, "", objects{22: stream(string(forged))})
	doc := parse(t, b)
	ts := doc.Signatures[1].Stamp
	require.True(t, covers(ts, crl))
	require.False(t, covers(ts, forged))
	require.True(t, has(doc.Signatures[0].Evidence, crl), "the old list is not hidden by it")
	require.True(t, has(doc.Signatures[0].Evidence, forged))
	require.False(t, doc.Signatures[0].Coverage.Harmless, "evidence is added, not changed")
}

// The same, but the old stream is only left out of the store, so that the list
// that says "revoked" is out of sight.
func TestEvidenceTakenOutAfterTheTimestamp(t *testing.T) {
	p := authority()(t)
	crl := p.CRL("ca")
	b := withStore(stamped(t, page(), pades.Preparer{}), fullStore, p.Cert("root").Raw, crl, p.OCSP("alice"))
	b = archived(t, b, 40, "7 0 R")
	for _, o := range []objects{
		{20: "<< /Type /DSS /Certs [21 0 R] >>"}, {1: catalogue("")}, {20: "<< /Type /DSS /CRLs 20 0 R >>"},
	} {
		doc := parse(t, appended(b, "", o))
		require.True(t, has(doc.Signatures[0].Evidence, crl))
		require.True(t, covers(doc.Signatures[1].Stamp, crl))
	}
}

// A store of which something is wrong: what is right is read, and the rest told.
func TestHostileSecurityStores(t *testing.T) {
	p := authority()(t)
	root, crl := p.Cert("root").Raw, p.CRL("ca")
	signed := sign(t, page(), pades.Preparer{})
	var same, distinct, absent strings.Builder
	for i := range 30_000 {
		same.WriteString("22 0 R ")
		fmt.Fprintf(&absent, "%d 0 R ", 100_000+i)
	}
	many := objects{1: catalogue("/DSS 20 0 R")}
	for i := range 75 {
		many[21+i] = stream(string(crl) + "x")
		fmt.Fprintf(&distinct, "%d 0 R ", 21+i)
	}
	many[20] = "<< /CRLs [" + distinct.String() + "] >>"
	for name, c := range map[string]struct {
		objects objects
		good    bool // whether the list is found all the same
		defect  string
	}{
		"one list, named 30,000 times": {objects{20: "<< /CRLs [" + same.String() + "] >>"}, true, ""},
		"30,000 that are not there":    {objects{20: "<< /CRLs [22 0 R " + absent.String() + "] >>"}, true, "more faults"},
		"no dictionary":                {objects{20: "[22 0 R]"}, false, "no dictionary"},
		"a stream":                     {objects{20: stream("x")}, false, ""},
		"arrays in a circle":           {objects{20: "<< /CRLs 24 0 R >>", 24: "25 0 R", 25: "24 0 R"}, false, "lead nowhere"},
		"an array in itself":           {objects{20: "<< /CRLs [22 0 R 20 0 R] >>"}, true, "is no stream"},
		"itself as VRI":                {objects{20: "<< /CRLs [22 0 R] /VRI 20 0 R >>"}, true, "/VRI that is no dictionary"},
		"something in the array":       {objects{20: "<< /CRLs [null 1 (x) [22 0 R] 22 0 R] >>"}, true, "other than a stream"},
		"no array":                     {objects{20: "<< /CRLs 22 0 R >>"}, false, "no array"},
		"a certificate as list":        {objects{20: "<< /Certs [22 0 R] >>"}, false, "no certificate that can be read"},
		"bytes behind":                 {objects{20: "<< /CRLs [22 0 R] >>", 22: stream(string(crl) + "x")}, false, "no revocation information"},
		"another filter":               {objects{20: "<< /CRLs [22 0 R 24 0 R] >>", 24: "<< /Filter /LZWDecode /Length 1 >>\nstream\nx\nendstream"}, true, "cannot be read"},
		"no deflate":                   {objects{20: "<< /CRLs [24 0 R 22 0 R] >>", 24: "<< /Filter /FlateDecode /Length 1 >>\nstream\nx\nendstream"}, true, "cannot be read"},
		"VRI of nobody":                {objects{20: "<< " + strings.Replace(vri, "/Cert [21 0 R]", "/CRL [22 0 R]", 1) + " >>"}, true, ""},
		"75 broken ones":               {many, false, "65 more faults"},
	} {
		c.objects[1] = catalogue("/DSS 20 0 R")
		for n, raw := range map[int][]byte{21: root, 22: crl} {
			if c.objects[n] == "" {
				c.objects[n] = stream(string(raw))
			}
		}
		doc := parse(t, appended(signed, "", c.objects))
		sig := doc.Signatures[0]
		require.NoError(t, holds(sig), name)
		require.Equal(t, c.good, has(sig.Evidence, crl), name)
		var told []string
		for _, d := range doc.Defects {
			require.False(t, d.Fatal)
			told = append(told, d.Text)
		}
		require.LessOrEqual(t, len(told), 12, name)
		require.Contains(t, strings.Join(told, "\n"), c.defect, name)
		require.Equal(t, c.defect == "", len(told) == 0, "%s: %s", name, told)
		seen := map[formats.Object]bool{}
		for _, r := range sig.Evidence.Revocations {
			require.False(t, seen[formats.ObjectOf(r.Raw)], "%s: a double", name)
			seen[formats.ObjectOf(r.Raw)] = true
		}
	}
}

// A store of thousands of lists ends at a limit, and says so.
func TestLargeSecurityStore(t *testing.T) {
	var refs strings.Builder
	bodies := []string{"", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"}
	for i := range 2100 {
		fmt.Fprintf(&refs, "%d 0 R ", len(bodies)+1)
		bodies = append(bodies, stream(string([]byte{0x30, 4, 2, 2, byte(i >> 8), byte(i)})))
	}
	bodies[0] = "<< /Type /Catalog /Pages 2 0 R /DSS << /CRLs [" + refs.String() + "] >> >>"
	doc := parse(t, sign(t, sign(t, document(bodies...), pades.Preparer{}), pades.Preparer{}))
	for _, sig := range doc.Signatures {
		require.Len(t, sig.Evidence.Revocations, 2000)
	}
	require.Len(t, doc.Defects, 1)
	require.Contains(t, doc.Defects[0].Text, "more than 2000 pieces")
}

// Two objects with the same bytes are one piece of evidence, which is as old as
// the older of them.
func TestDuplicateStreams(t *testing.T) {
	p := authority()(t)
	crl := p.CRL("ca")
	b := withStore(sign(t, page(), pades.Preparer{}), "<< /CRLs [21 0 R] >>", crl)
	b = archived(t, b, 40, "7 0 R")
	b = appended(b, "", objects{20: "<< /CRLs [22 0 R] /VRI << >> >>", 22: stream(string(crl))})
	doc := parse(t, b)
	require.Len(t, doc.Signatures[0].Evidence.Revocations, 1)
	require.True(t, covers(doc.Signatures[1].Stamp, crl))
}

// What was collected for a signature comes first, for a verifier that looks at
// some only.
func TestOwnValidationInformationFirst(t *testing.T) {
	p := authority()(t)
	signed := sign(t, page(), pades.Preparer{})
	contents := signed[bytes.Index(signed, []byte("/Contents <"))+len("/Contents <"):]
	contents = contents[:bytes.IndexByte(contents, '>')]
	raw, err := hex.DecodeString(string(contents))
	require.NoError(t, err)
	dict := fmt.Sprintf("<< /CRLs [21 0 R 22 0 R] /VRI << /%X << /CRL [22 0 R] >> >> >>", pki.SHA1.Sum(raw))
	others, own := p.CRL("ca"), p.CRL("root")
	sig := parse(t, withStore(signed, dict, others, own)).Signatures[0]
	require.Len(t, sig.Evidence.Revocations, 2)
	require.Equal(t, own, sig.Evidence.Revocations[0].Raw)
	require.True(t, sig.Coverage.Harmless)
}

// A dictionary of /Type /VRI that nothing leads to, as some producers leave it,
// is no change; any other object that nothing leads to is.
func TestLostValidationInformation(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	lost := objects{20: "<< /Type /VRI /CRL 21 0 R >>", 21: "[22 0 R]", 22: stream("x")}
	require.True(t, parse(t, appended(signed, "", lost)).Signatures[0].Coverage.Harmless)
	lost[23] = "<< /Type /Page >>"
	require.Contains(t, parse(t, appended(signed, "", lost)).Signatures[0].Coverage.Note, "object 23 was added")
}

// storeExceptions are files of the corpora whose store is not wholly read.
var storeExceptions = map[string]string{
	"lt-short.pdf": "one certificate of 31 has a negative serial number, which RFC 5280 4.1.2.2 forbids and Go does not read",
	"DSS-2821.pdf": "the word /DSS stands in it, but its catalogue has no store",
}

// Every document security store of the corpora yields certificates or
// revocation information, and every document time-stamp that is not broken by
// name fits, and covers the signatures and the evidence before it.
func TestVectorsSecurityStores(t *testing.T) {
	stores, stamps := pkitest.Tally{Name: "pades-security-stores"}, pkitest.Tally{Name: "pades-document-timestamps"}
	sources := map[string]int{}
	for path, name := range corpora(t) {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		doc, err := pades.Parser{}.Parse(input(b))
		if err != nil {
			continue
		}
		wrong := false
		for _, d := range doc.Defects {
			wrong = wrong || d.Clause == "EN 319 142-1 5.4.2"
		}
		for i, sig := range doc.Signatures {
			if bytes.Contains(b, []byte("/DSS")) && i == 0 {
				found := len(sig.Evidence.Certificates) > 0 && len(sig.Evidence.Revocations) > 0
				stores.Case(t, filepath.Base(path), found && !wrong, storeExceptions[name])
			}
			for _, r := range sig.Evidence.Revocations {
				sources[r.Source]++
			}
			if sig.Stamp == nil {
				continue
			}
			if name == "pades-lta-copied-doctst.pdf" {
				stamps.Case(t, name, holds(sig) != nil, "")
				continue
			}
			all := holds(sig) == nil
			for _, earlier := range doc.Signatures[:i] {
				if earlier.Coverage.After > sig.Coverage.After && len(earlier.Value) > 0 {
					all = all && covers(sig.Stamp, earlier.Value) && (earlier.Stamp == nil || covers(sig.Stamp, earlier.Stamp.Raw))
				}
			}
			for _, later := range doc.Signatures[i+1:] {
				all = all && (later.Coverage.After > sig.Coverage.After || !covers(sig.Stamp, later.Value))
			}
			stamps.Case(t, name+" "+sig.Name, all, "")
		}
	}
	t.Log(sources)
	stores.Report(t)
	stamps.Report(t)
}
