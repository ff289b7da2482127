package pades_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
)

// refuses prepares a signature that must not come about.
func refuses(t testing.TB, b []byte, pr pades.Preparer, why error, word string) {
	t.Helper()
	_, err := pr.Prepare(input(b), params(t, signer(t, "alice")))
	require.ErrorIs(t, err, why)
	require.ErrorContains(t, err, word)
}

// Files of five programs are certified at each level. Poppler and qpdf find
// nothing wrong, and a second signature comes about just where it may.
func TestCertify(t *testing.T) {
	for name, b := range samples(t) {
		for p := pades.NoChanges; p <= pades.Annotate; p++ {
			certified := sign(t, b, pades.Preparer{Certify: p})
			doc := parse(t, certified)
			require.Len(t, doc.Signatures, 1, name)
			require.Empty(t, doc.Defects)
			require.NoError(t, holds(doc.Signatures[0]), name)
			require.True(t, doc.Signatures[0].Coverage.Whole)
			tail := string(certified[len(b):])
			require.Contains(t, tail, fmt.Sprintf("/TransformMethod /DocMDP /TransformParams << /Type /TransformParams "+
				"/P %d /V /1.2 >>", p))
			require.Regexp(t, `/Perms <<\n/DocMDP \d+ 0 R\n>>`, tail)
			qpdfCheck(t, certified)
			requirePdfsig(t, certified, 1)
			if p == pades.NoChanges {
				refuses(t, certified, pades.Preparer{}, pades.ErrForbidden, "certified to allow no changes")
				continue
			}
			twice := signAs(t, certified, pades.Preparer{}, "bob")
			first := parse(t, twice).Signatures[0].Coverage
			require.True(t, first.Harmless, "%s: %s", name, first.Note)
			requirePdfsig(t, twice, 2)
		}
	}
}

// A certification vouches for the state that all others sign: it comes first
// or not at all (ISO 32000-2 §12.8.2.2).
func TestCertifyRefuses(t *testing.T) {
	certify := pades.Preparer{Certify: pades.FillForms}
	refuses(t, sign(t, page(), pades.Preparer{}), certify, pades.ErrForbidden, "must be the first")
	refuses(t, sign(t, page(), certify), certify, pades.ErrForbidden, "must be the first")
	named := withKey("/Perms << /DocMDP 6 0 R >>", "<< /Type /Sig >>")
	refuses(t, named, certify, pades.ErrForbidden, "names a certification already")
	refuses(t, withKey("/Perms [1]"), certify, formats.ErrMalformed, "/Perms")
	refuses(t, page(), pades.Preparer{Certify: 4}, pades.ErrWish, "/P 4")
	refuses(t, page(), pades.Preparer{Attestation: "x"}, pades.ErrWish, "belongs to a certification")
}

// Other permissions and attestations of the catalogue stay, wherever they are.
func TestCertifyKeeps(t *testing.T) {
	certify := pades.Preparer{Certify: pades.Annotate, Attestation: "Кнопки потрібні"}
	usage := "<< /UR3 << /Type /Sig >> >>"
	for name, b := range map[string][]byte{
		"direct":   withKey("/Perms " + usage + " /Legal << /NonEmbeddedFonts 1 >> /Lang (uk)"),
		"indirect": withKey("/Perms 6 0 R /Legal 7 0 R /Lang (uk)", usage, "<< /NonEmbeddedFonts 1 >>"),
	} {
		certified := sign(t, b, certify)
		require.NoError(t, holds(parse(t, certified).Signatures[0]))
		tail := string(certified[len(b):])
		for _, kept := range []string{"/UR3 << /Type /Sig >>", "/NonEmbeddedFonts 1", "/Lang (uk)", "/Attestation <FEFF"} {
			require.Contains(t, tail, kept, name)
		}
		require.Equal(t, name == "indirect", strings.Contains(tail, "\n6 0 obj"), "where it was")
		qpdfCheck(t, certified)
	}
	filled := sign(t, emptyField(""), pades.Preparer{Field: "Buyer", Certify: pades.FillForms})
	require.Len(t, parse(t, filled).Signatures, 1)
	requirePdfsig(t, filled, 1)
}

// What the signer locks is said in the field and in the signature, and holds.
func TestLockWishes(t *testing.T) {
	b := emptyField("")
	for name, c := range map[string]struct {
		lock        pades.Lock
		says        string
		buyer, fore bool // may be signed afterwards
	}{
		"all":      {pades.Lock{Action: pades.LockAll}, "/Action /All", false, false},
		"these":    {pades.Lock{Action: pades.LockInclude, Fields: []string{"Buyer", "note"}}, "/Fields [(Buyer) (note)]", false, true},
		"but":      {pades.Lock{Action: pades.LockExclude, Fields: []string{"Buyer"}}, "/Action /Exclude /Fields [(Buyer)]", true, false},
		"document": {pades.Lock{Action: pades.LockAll, Permission: pades.NoChanges}, "/P 1", false, false},
	} {
		locked := sign(t, b, pades.Preparer{Lock: &c.lock})
		require.NoError(t, holds(parse(t, locked).Signatures[0]), name)
		require.Equal(t, 2, strings.Count(string(locked[len(b):]), c.says), name)
		qpdfCheck(t, locked)
		requirePdfsig(t, locked, 1)
		for field, may := range map[string]bool{"Buyer": c.buyer, "Forester": c.fore} {
			if may {
				requirePdfsig(t, sign(t, locked, pades.Preparer{Field: field}), 2)
			} else {
				refuses(t, locked, pades.Preparer{Field: field}, pades.ErrForbidden, "Signature1")
			}
		}
	}
	for word, lock := range map[string]pades.Lock{
		"does not have": {Action: pades.LockInclude, Fields: []string{"Bayer"}},
		"names some":    {Action: pades.LockAll, Fields: []string{"Buyer"}},
		"not All":       {Action: "Some"},
		"/P 4":          {Action: pades.LockAll, Permission: 4},
	} {
		refuses(t, b, pades.Preparer{Lock: &lock}, pades.ErrWish, word)
	}
}

// The author's lock is obeyed, also the one on the document (PDF 2.0), and
// never allows more than a certification did.
func TestLockOfTheField(t *testing.T) {
	buyer := pades.Preparer{Field: "Buyer"}
	own := emptyField("/Lock << /Type /SigFieldLock /Action /All /P 1 >>")
	locked := sign(t, own, buyer)
	require.Contains(t, string(locked[len(own):]), "/V /1.2 /Action /All /P 1")
	refuses(t, locked, pades.Preparer{}, pades.ErrForbidden, "allows no further change")
	refuses(t, own, pades.Preparer{Field: "Buyer", Lock: &pades.Lock{Action: pades.LockAll}},
		pades.ErrForbidden, "says itself")

	open := emptyField("/Lock << /Action /Include /Fields [] /P 3 >>")
	certified := sign(t, open, pades.Preparer{Certify: pades.FillForms})
	filled := sign(t, certified, buyer)
	require.Contains(t, string(filled[len(certified):]), "/Fields [] /P 2", "no more than certified")
	wider := &pades.Lock{Action: pades.LockAll, Permission: pades.Annotate}
	refuses(t, certified, pades.Preparer{Lock: wider}, pades.ErrForbidden, "allows more")

	for _, bad := range []string{"(x)", "<< /Action /Some >>", "<< /Action /All /P 9 >>", "<< /P 1 >>"} {
		refuses(t, emptyField("/Lock "+bad), buyer, formats.ErrMalformed, "ock")
	}
}

// FieldMDP whose parameters are objects of their own, and that names a field
// with kids: both were ways past the lock.
func TestLockInPieces(t *testing.T) {
	b := withKey("/AcroForm << /Fields [6 0 R 10 0 R] /SigFlags 3 >>",
		"<< /FT /Sig /T (First) /V 7 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] >>",
		"<< /Type /Sig /ByteRange [0 0 0 0] /Reference 8 0 R >>",
		"[<< /TransformMethod /FieldMDP /TransformParams 9 0 R >>]",
		"<< /Action 12 0 R /Fields 13 0 R >>",
		"<< /T (Deal) /Kids [11 0 R] >>",
		"<< /FT /Sig /T (Buyer) /Parent 10 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] >>",
		"/Include", "[14 0 R]", "(Deal)")
	refuses(t, b, pades.Preparer{Field: "Deal.Buyer"}, pades.ErrForbidden, "locks field")
	sign(t, b, pades.Preparer{Field: "Dealer"})
}
