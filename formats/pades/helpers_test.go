package pades_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
	"tamga/pki/pkitest"
)

var claimedTime = time.Date(2026, 6, 1, 9, 30, 15, 0, time.UTC)

// authority is one PKI for all tests: keys are slow to make.
var authority = sync.OnceValue(func() func(testing.TB) *pkitest.PKI {
	var p *pkitest.PKI
	return func(t testing.TB) *pkitest.PKI {
		if p == nil {
			p = pkitest.New(t, "root -> ca -> alice, bob[rsa2048], carol[ed25519]; ca -> tsa[timestamp]")
		}
		return p
	}
})

func input(b []byte) formats.Input {
	return formats.Input{Name: "test.pdf", ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

func params(t testing.TB, key *pki.Key) formats.Params {
	alg, err := pki.DefaultAlgorithm(key.Certificate().PublicKey)
	require.NoError(t, err)
	return formats.Params{Algorithm: alg, Chain: key.Chain(), Time: claimedTime, Level: formats.LevelB}
}

func signer(t testing.TB, name string) *pki.Key { return authority()(t).Key(name) }

// sign signs b at level B-B with alice's key.
func sign(t testing.TB, b []byte, pr pades.Preparer) []byte { return signAs(t, b, pr, "alice") }

func signAs(t testing.TB, b []byte, pr pades.Preparer, name string) []byte {
	t.Helper()
	key := signer(t, name)
	pending, err := pr.Prepare(input(b), params(t, key))
	require.NoError(t, err)
	value, err := key.Sign(t.Context(), pki.UseSign, pending.Algorithm, pending.ToBeSigned)
	require.NoError(t, err)
	edit, err := pr.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	require.EqualValues(t, len(b), edit.Keep, "a signature only appends")
	return append(bytes.Clone(b), edit.Tail...)
}

func parse(t testing.TB, b []byte) *formats.Document {
	t.Helper()
	doc, err := pades.Parser{}.Parse(input(b))
	require.NoError(t, err)
	return doc
}

// holds does what the verifier does with the facts of a signature, whom to
// trust aside.
func holds(sig formats.Signature) error {
	for _, d := range sig.Defects {
		if d.Fatal {
			return fmt.Errorf("%s (%s)", d.Text, d.Clause)
		}
	}
	if len(sig.References) == 0 {
		return fmt.Errorf("nothing is referred to")
	}
	for _, r := range sig.References {
		if !r.Hash.Known() || r.Open == nil {
			return fmt.Errorf("%s: no digest or no content", r.Name)
		}
		h := r.Hash.New()
		if _, err := io.Copy(h, r.Open()); err != nil {
			return err
		}
		if !bytes.Equal(h.Sum(nil), r.Want) {
			return fmt.Errorf("%s has changed", r.Name)
		}
	}
	cert := signerOf(sig)
	if cert == nil {
		return fmt.Errorf("no certificate of the signer")
	}
	return pki.Verify(cert.PublicKey, sig.Algorithm, sig.Signed, sig.Value)
}

func signerOf(sig formats.Signature) *x509.Certificate {
	for _, c := range sig.Evidence.Certificates {
		byName := sig.Signer.Serial != nil && c.SerialNumber.Cmp(sig.Signer.Serial) == 0 &&
			bytes.Equal(c.RawIssuer, sig.Signer.Issuer)
		if byName || len(sig.Signer.KeyID) > 0 && bytes.Equal(c.SubjectKeyId, sig.Signer.KeyID) {
			return c
		}
	}
	return nil
}

// fatal returns the text of the first fatal defect.
func fatal(defects []formats.Defect) string {
	for _, d := range defects {
		if d.Fatal {
			return d.Text
		}
	}
	return ""
}

// pdfsig returns what poppler says; its exit code tells nothing. "" where it
// is not installed.
func pdfsig(t testing.TB, b []byte) string { return judge(t, b, "pdfsig", "-nocert") }

// qpdfCheck fails the test if qpdf finds the file broken.
func qpdfCheck(t testing.TB, b []byte) {
	t.Helper()
	if text := judge(t, b, "qpdf", "--check"); text != "" {
		require.Contains(t, text, "No syntax or stream encoding errors found", "qpdf")
		require.NotContains(t, text, "WARNING", "qpdf")
	}
}

func judge(t testing.TB, b []byte, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		return ""
	}
	name := filepath.Join(t.TempDir(), "judged.pdf")
	require.NoError(t, os.WriteFile(name, b, 0o600))
	text, _ := exec.CommandContext(t.Context(), path, append(args, name)...).CombinedOutput()
	return string(text)
}

// samples are the files of testdata/pdf that can be signed.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../../testdata/pdf/*.pdf")
	require.NoError(t, err)
	out := map[string][]byte{}
	for _, path := range files {
		if strings.Contains(path, "encrypted") {
			continue
		}
		out[filepath.Base(path)], err = os.ReadFile(path)
		require.NoError(t, err)
	}
	require.GreaterOrEqual(t, len(out), 10)
	return out
}

// document writes a PDF with a classic table from its objects; the first is
// the catalogue.
func document(bodies ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
	offsets := make([]int, len(bodies))
	for i, o := range bodies {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(bodies)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(bodies)+1, start)
	return b.Bytes()
}

// page is a one-page document, whose objects from 6 on are more.
func page(more ...string) []byte {
	return document(append([]string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		strings.Replace(pageDict, " /Annots [7 0 R]", "", 1),
		stream("BT /F 20 Tf 20 40 Td (Pay 100 euro) Tj ET"),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}, more...)...)
}

func stream(content string) string {
	return fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(content), content)
}

// appended adds a revision by hand: objects by number, and keys of the trailer.
// An empty object is freed.
func appended(b []byte, trailer string, revision objects) []byte {
	out := bytes.NewBuffer(bytes.Clone(b))
	prev := lastStart(b)
	var table strings.Builder
	size := 100
	for n := range size {
		o, ok := revision[n]
		switch {
		case !ok:
		case o == "":
			fmt.Fprintf(&table, "%d 1\n0000000000 00001 f \n", n)
		default:
			fmt.Fprintf(&table, "%d 1\n%010d 00000 n \n", n, out.Len())
			fmt.Fprintf(out, "%d 0 obj\n%s\nendobj\n", n, o)
		}
	}
	if trailer == "" {
		trailer = "/Root 1 0 R"
	}
	start := out.Len()
	fmt.Fprintf(out, "xref\n%strailer\n<< /Size %d /Prev %d %s >>\nstartxref\n%d\n%%%%EOF\n",
		table.String(), size, prev, trailer, start)
	return out.Bytes()
}

// lastStart returns the newest startxref as it is written.
func lastStart(b []byte) int {
	n := 0
	_, err := fmt.Sscanf(string(b[bytes.LastIndex(b, []byte("startxref"))+10:]), "%d", &n)
	if err != nil {
		panic(err)
	}
	return n
}

// sorted returns counts as lines.
func sorted(count map[string]int) []string {
	var out []string
	for name, n := range count {
		out = append(out, fmt.Sprintf("%-45s %5d", name, n))
	}
	slices.Sort(out)
	return out
}

// covered is how many bytes the last reference of a signature opens.
func covered(t testing.TB, sig formats.Signature) int64 {
	n, err := io.Copy(io.Discard, sig.References[len(sig.References)-1].Open())
	require.NoError(t, err)
	return n
}
