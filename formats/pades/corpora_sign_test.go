package pades_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// TestSignCorporaInEveryWay signs every PDF of the corpora visibly, as a
// certification, and in its empty fields. Our signature must be valid and over
// the whole for pdfsig, every earlier one as valid as it was, and the file no
// worse for qpdf.
func TestSignCorporaInEveryWay(t *testing.T) {
	if testing.Short() {
		t.Skip("asks pdfsig and qpdf some hundreds of times")
	}
	count := map[string]int{}
	show := &pades.Appearance{Language: "uk", QR: "https://example.ee/7"}
	for path, name := range corpora(t) {
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		ways := map[string]pades.Preparer{
			"visible":   {Reason: "згода", Page: -1, Appearance: show},
			"certified": {Certify: pades.FillForms, Appearance: &pades.Appearance{NoText: true, QR: "A"}},
		}
		for _, field := range emptyFields(b) {
			ways["field "+field] = pades.Preparer{Field: field}
			ways["seen in "+field] = pades.Preparer{Field: field, Appearance: &pades.Appearance{}}
		}
		was, worse := pdfsig(t, b), judge(t, b, "qpdf", "--check")
		for way, pr := range ways {
			kind, _, _ := strings.Cut(way, " ")
			_, err := pr.Prepare(input(b), params(t, signer(t, "alice")))
			if err != nil {
				require.True(t, isOurs(err) || errors.Is(err, pades.ErrForbidden) || errors.Is(err, pades.ErrWish),
					"%s: %v", name, err)
				count[kind+", refused"]++
				continue
			}
			signed := sign(t, b, pr)
			require.NoError(t, holds(newest(parse(t, signed))), "%s, %s", name, way)
			text := pdfsig(t, signed)
			if text != "" && !(strings.Contains(text, sayTotal) &&
				strings.Count(text, sayValid) == strings.Count(was, sayValid)+1) {
				count[kind+", not valid for pdfsig"]++
				t.Logf("%s, %s:\n%s", name, way, text)
			}
			if said := judge(t, signed, "qpdf", "--check"); strings.Contains(said, "WARNING") &&
				!strings.Contains(worse, "WARNING") {
				count[kind+", worse for qpdf"]++
				t.Logf("%s, %s:\n%s", name, way, said)
			}
			count[kind+", signed"]++
		}
	}
	for _, line := range sorted(count) {
		t.Log(line)
		require.NotContains(t, line, "worse for qpdf")
		require.NotContains(t, line, "not valid")
	}
}

// newest is the signature over the whole file.
func newest(doc *formats.Document) formats.Signature {
	for _, sig := range doc.Signatures {
		if sig.Coverage.Whole {
			return sig
		}
	}
	return formats.Signature{}
}

// emptyFields asks for names of fields until there is one that is empty.
func emptyFields(b []byte) []string {
	var out []string
	for _, name := range []string{"Sig1", "Sig2", "SigNew", "Signature1", "Signature2", "signature", "ExistingSignatureField"} {
		_, err := pades.Preparer{Field: name, Appearance: &pades.Appearance{}, Page: 1}.Prepare(input(b), formats.Params{
			Time: claimedTime, Level: formats.LevelB})
		if err != nil && strings.Contains(err.Error(), "its own place on its page") {
			out = append(out, name)
		}
	}
	return out
}
