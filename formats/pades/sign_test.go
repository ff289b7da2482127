package pades_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/pades"
	"tamga/pki"
)

const (
	sayValid = "Signature is Valid."
	sayTotal = "Total document signed"
)

// Files of five programs, signed with three kinds of key: pdfsig and qpdf, who
// share no code with us, must find nothing wrong, and a byte changed anywhere
// must be noticed by them and by us.
func TestSignRealFiles(t *testing.T) {
	keys := []string{"alice", "bob", "carol"}
	i := 0
	for name, b := range samples(t) {
		key := keys[i%len(keys)]
		i++
		t.Run(name+"/"+key, func(t *testing.T) {
			pr := pades.Preparer{Reason: "I agree (really)", Location: "Київ", Name: "Alice", Contact: `a\b`}
			signed := signAs(t, b, pr, key)
			require.True(t, bytes.HasPrefix(signed, b))
			doc := parse(t, signed)
			require.Len(t, doc.Signatures, 1)
			require.Empty(t, doc.Defects)
			sig := doc.Signatures[0]
			require.NoError(t, holds(sig))
			require.Empty(t, sig.Defects)
			require.Equal(t, "PAdES (ETSI.CAdES.detached)", sig.Kind)
			require.Equal(t, "Signature1", sig.Name)
			require.Equal(t, formats.Coverage{Whole: true}, sig.Coverage)
			require.True(t, sig.Signer.Attribute, "signing-certificate-v2")
			require.True(t, claimedTime.Equal(sig.Claims.Time))
			require.Equal(t, "I agree (really)", sig.Claims.Reason)
			require.Equal(t, "Київ", sig.Claims.Location)
			require.True(t, signer(t, key).Certificate().Equal(signerOf(sig)))
			qpdfCheck(t, signed)
			if key != "carol" { // poppler's NSS knows no Ed25519
				requirePdfsig(t, signed, 1)
			}
			changeBytes(t, signed, key != "carol")
		})
	}
}

func requirePdfsig(t *testing.T, b []byte, valid int) {
	t.Helper()
	if text := pdfsig(t, b); text != "" {
		require.Equal(t, valid, strings.Count(text, sayValid), text)
		require.Contains(t, text, sayTotal)
	}
}

// changeBytes changes single bytes, evenly over the signed range, outside the
// gap; some are shown to pdfsig too.
func changeBytes(t *testing.T, signed []byte, ask bool) {
	from := bytes.LastIndex(signed, []byte("/Contents <")) + 10
	to := from + bytes.IndexByte(signed[from:], '>') + 1
	for i := range 60 {
		at := i * len(signed) / 60
		if at >= from && at < to {
			continue
		}
		bad := bytes.Clone(signed)
		bad[at] ^= 1
		require.False(t, intact(bad), "byte %d", at)
		if ask && i%20 == 7 {
			if text := pdfsig(t, bad); text != "" {
				require.NotContains(t, text, sayValid, "byte %d", at)
			}
		}
	}
}

// intact reports whether a document has one signature, and it holds.
func intact(b []byte) bool {
	doc, err := pades.Parser{}.Parse(input(b))
	return err == nil && len(doc.Signatures) == 1 && holds(doc.Signatures[0]) == nil
}

// Signing a second time must not touch the first signature, and the first must
// see that nothing but a signature came after it.
func TestSignTwice(t *testing.T) {
	for name, b := range samples(t) {
		t.Run(name, func(t *testing.T) {
			twice := signAs(t, sign(t, b, pades.Preparer{}), pades.Preparer{}, "bob")
			doc := parse(t, twice)
			require.Len(t, doc.Signatures, 2)
			require.Empty(t, doc.Defects)
			for i, sig := range doc.Signatures {
				require.NoError(t, holds(sig))
				require.Equal(t, []string{"Signature1", "Signature2"}[i], sig.Name)
			}
			first, second := doc.Signatures[0].Coverage, doc.Signatures[1].Coverage
			require.True(t, second.Whole)
			require.False(t, first.Whole)
			require.Positive(t, first.After)
			require.True(t, first.Harmless, first.Note)
			qpdfCheck(t, twice)
			requirePdfsig(t, twice, 2)
			thrice := sign(t, twice, pades.Preparer{})
			require.True(t, parse(t, thrice).Signatures[0].Coverage.Harmless)
			requirePdfsig(t, thrice, 3)
		})
	}
}

// Whatever the form looks like, every key of it, of the catalogue and of the
// page is still there, and qpdf and pdfsig find the signature.
func TestFormsAreKept(t *testing.T) {
	text := "<< /FT /Tx /T (name) /V (Olena) /DA (/F 10 Tf 0 g) /Type /Annot /Subtype /Widget " +
		"/Rect [10 10 90 30] /P 3 0 R /Parent 9 0 R >>"
	base := []string{
		"",
		"<< /Type /Pages /Kids [10 0 R 3 0 R] /Count 1 >>",
		strings.Replace(pageDict, "/Annots [7 0 R]", "/Annots ANNOTS /Tabs /S", 1),
		stream("BT /F 20 Tf 20 40 Td (Form) Tj ET"),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
		text,
		"[6 0 R]",
		"<< /Fields FIELDS /DA (/F 0 Tf 0 g) /DR << /Font << /F 5 0 R >> >> /NeedAppearances true " +
			"/Q 1 /CO [6 0 R] /XFA [(template) 4 0 R] >>",
		"<< /T (outer) /Kids [6 0 R] >>",
		"<< /Type /Pages /Kids [] /Count 0 /Parent 2 0 R >>",
		"[9 0 R]",
	}
	direct := func(fields string) string {
		form := strings.Replace(base[7], "FIELDS", fields, 1)
		return "<< /Type /Catalog /Pages 2 0 R /AcroForm " + form + " /Lang (en) >>"
	}
	const indirect = "<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R /Lang (en) >>"
	for name, c := range map[string]struct{ catalogue, fields, annots string }{
		"all direct":   {direct("[9 0 R]"), "[9 0 R]", "[6 0 R]"},
		"form object":  {indirect, "[9 0 R]", "[6 0 R]"},
		"all objects":  {indirect, "11 0 R", "7 0 R"},
		"fields apart": {direct("11 0 R"), "[]", "7 0 R"},
	} {
		t.Run(name, func(t *testing.T) {
			objects := append([]string{c.catalogue}, base[1:]...)
			objects[2] = strings.Replace(objects[2], "ANNOTS", c.annots, 1)
			objects[7] = strings.Replace(objects[7], "FIELDS", c.fields, 1)
			b := document(objects...)
			signed := sign(t, b, pades.Preparer{})
			doc := parse(t, signed)
			require.Len(t, doc.Signatures, 1)
			require.NoError(t, holds(doc.Signatures[0]))
			require.Contains(t, doc.Facts, formats.Fact{Name: "form fields", Value: "2"})
			tail := string(signed[len(b):])
			require.NotContains(t, tail, "(Olena)", "the field itself is not rewritten")
			for _, kept := range []string{
				"/DA (/F 0 Tf 0 g)", "/DR << /Font << /F 5 0 R >> >>", "/NeedAppearances true", "/CO [6 0 R]",
				"/XFA [(template) 4 0 R]",
			} {
				require.Contains(t, tail, kept)
			}
			qpdfCheck(t, signed)
			requirePdfsig(t, signed, 1)
			if text := judge(t, signed, "qpdf", "--json", "--json-key=acroform"); text != "" {
				require.Contains(t, text, `"outer.name"`)
				require.Contains(t, text, `"u:Olena"`)
				require.Contains(t, text, `"Signature1"`)
			}
			twice := sign(t, signed, pades.Preparer{})
			requirePdfsig(t, twice, 2)
			first := parse(t, twice).Signatures[0].Coverage
			require.True(t, first.Harmless, first.Note)
		})
	}
}

func emptyField(more string) []byte {
	return withKey("/AcroForm 7 0 R",
		"<< /FT /Sig /T (Buyer) /Type /Annot /Subtype /Widget /Rect [10 10 90 30] /P 3 0 R "+more+" >>",
		"<< /Fields [6 0 R 8 0 R] >>", "<< /FT /Tx /T (note) >>")
}

// withKey is page() with one more key in its catalogue.
func withKey(key string, more ...string) []byte {
	return rebuilt(bytes.Replace(page(more...), []byte("/Type /Catalog"), []byte("/Type /Catalog "+key), 1))
}

// rebuilt writes a one-revision document anew with right offsets.
func rebuilt(b []byte) []byte {
	text := string(b)
	var objects []string
	for _, part := range strings.Split(text[:strings.LastIndex(text, "xref\n0")], "endobj\n") {
		if _, body, ok := strings.Cut(part, " 0 obj\n"); ok {
			objects = append(objects, strings.TrimSuffix(body, "\n"))
		}
	}
	return document(objects...)
}

func TestFillsAnEmptyField(t *testing.T) {
	b := emptyField("")
	doc := parse(t, b)
	require.Empty(t, doc.Signatures)
	require.Contains(t, doc.Facts, formats.Fact{Name: "signature fields", Value: "0 signed, 1 empty"})
	signed := sign(t, b, pades.Preparer{Field: "Buyer"})
	doc = parse(t, signed)
	require.Len(t, doc.Signatures, 1)
	require.Equal(t, "Buyer", doc.Signatures[0].Name)
	require.NoError(t, holds(doc.Signatures[0]))
	require.Contains(t, doc.Facts, formats.Fact{Name: "signature fields", Value: "1 signed, 0 empty"})
	requirePdfsig(t, signed, 1)
	qpdfCheck(t, signed)

	// A new field beside it, first; then the empty one: both later revisions
	// add only signatures.
	both := sign(t, sign(t, b, pades.Preparer{Field: "Seller"}), pades.Preparer{Field: "Buyer"})
	sigs := parse(t, both).Signatures
	require.Len(t, sigs, 2)
	for _, sig := range sigs {
		require.NoError(t, holds(sig))
		require.True(t, sig.Coverage.Whole || sig.Coverage.Harmless, sig.Coverage.Note)
	}
	requirePdfsig(t, both, 2)

	for field, b := range map[string][]byte{"Buyer": signed, "note": b} {
		_, err := pades.Preparer{Field: field}.Prepare(input(b), params(t, signer(t, "alice")))
		require.ErrorIs(t, err, pades.ErrForbidden, field)
	}
	_, err := pades.Preparer{Field: "a.b"}.Prepare(input(b), params(t, signer(t, "alice")))
	require.ErrorIs(t, err, pades.ErrWish)
}

// A field may say what its signature must lock; the signature says so too.
func TestLocks(t *testing.T) {
	buyer := pades.Preparer{Field: "Buyer"}
	locking := sign(t, emptyField("/Lock << /Type /SigFieldLock /Action /Include /Fields [(Seller)] >>"), buyer)
	require.NoError(t, holds(parse(t, locking).Signatures[0]))
	require.Contains(t, string(locking), "/TransformMethod /FieldMDP")
	qpdfCheck(t, locking)
	requirePdfsig(t, locking, 1)
	refused := func(b []byte, pr pades.Preparer, word string) {
		_, err := pr.Prepare(input(b), params(t, signer(t, "alice")))
		require.ErrorIs(t, err, pades.ErrForbidden)
		require.ErrorContains(t, err, word)
	}
	refused(locking, pades.Preparer{Field: "Seller"}, "locks field")
	sign(t, locking, pades.Preparer{Field: "Witness"})
	all := sign(t, emptyField("/Lock << /Type /SigFieldLock /Action /All >>"), pades.Preparer{Field: "Buyer"})
	refused(all, pades.Preparer{}, "locks field")
	but := sign(t, emptyField("/Lock << /Action /Exclude /Fields [(Seller)] >>"), pades.Preparer{Field: "Buyer"})
	refused(but, pades.Preparer{Field: "Witness"}, "locks field")
	sign(t, but, pades.Preparer{Field: "Seller"})
	for p, ok := range map[string]bool{"1": false, "2": true, "3": true} {
		b := withKey("/Perms 6 0 R", "<< /DocMDP 7 0 R >>", "<< /Type /Sig /Reference [<< /Type /SigRef "+
			"/TransformMethod /DocMDP /TransformParams << /P "+p+" /V /1.2 >> >>] >>")
		if ok {
			sign(t, b, pades.Preparer{})
		} else {
			refused(b, pades.Preparer{}, "certified")
		}
	}
}

func TestPages(t *testing.T) {
	b := document(
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")
	require.Contains(t, string(sign(t, b, pades.Preparer{})[len(b):]), "/P 3 0 R")
	require.Contains(t, string(sign(t, b, pades.Preparer{Page: 2})[len(b):]), "/P 4 0 R")
	require.Contains(t, string(sign(t, b, pades.Preparer{Page: -1})[len(b):]), "/P 4 0 R")
	require.Contains(t, string(sign(t, b, pades.Preparer{Page: -2})[len(b):]), "/P 3 0 R")
	for _, n := range []int{3, -3} {
		_, err := pades.Preparer{Page: n}.Prepare(input(b), params(t, signer(t, "alice")))
		require.ErrorIs(t, err, pades.ErrWish)
	}
	loop := document("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R] /Count 1 >>")
	_, err := pades.Preparer{}.Prepare(input(loop), params(t, signer(t, "alice")))
	require.ErrorIs(t, err, formats.ErrMalformed)
}

func TestRefusesToPrepare(t *testing.T) {
	good, b := params(t, signer(t, "alice")), page()
	for name, change := range map[string]func(*formats.Params, *[]byte){
		"no time":      func(p *formats.Params, _ *[]byte) { p.Time = time.Time{} },
		"no level":     func(p *formats.Params, _ *[]byte) { p.Level = "" },
		"no chain":     func(p *formats.Params, _ *[]byte) { p.Chain = nil },
		"no algorithm": func(p *formats.Params, _ *[]byte) { p.Algorithm = pki.UnknownAlgorithm },
		"no PDF":       func(_ *formats.Params, b *[]byte) { *b = []byte("hello") },
		"cut short":    func(_ *formats.Params, b *[]byte) { *b = (*b)[:300] },
	} {
		p, data := good, b
		change(&p, &data)
		_, err := pades.Preparer{}.Prepare(input(data), p)
		require.Error(t, err, name)
	}
}

// The state travels through JSON and is completed by another process; what is
// not from Prepare is refused.
func TestPendingIsSelfContained(t *testing.T) {
	b, key := page(), signer(t, "alice")
	pending, err := pades.Preparer{Reason: "r"}.Prepare(input(b), params(t, key))
	require.NoError(t, err)
	stored, err := json.Marshal(pending)
	require.NoError(t, err)
	var fetched formats.Pending
	require.NoError(t, json.Unmarshal(stored, &fetched))
	value, err := key.Sign(t.Context(), pki.UseSign, fetched.Algorithm, fetched.ToBeSigned)
	require.NoError(t, err)
	edit, err := pades.Preparer{}.Complete(&fetched, formats.Completion{Value: value})
	require.NoError(t, err)
	out, err := io.ReadAll(edit.Apply(input(b), "x").Reader())
	require.NoError(t, err)
	require.True(t, intact(out))
	for name, state := range map[string]string{
		"empty": "", "another version": `{"version":2}`, "unknown key": `{"version":1,"extra":1}`,
		"no gap": `{"version":1,"keep":0,"tail":"AAAA","a":0,"b":3}`,
		"beyond": `{"version":1,"keep":0,"tail":"AAAA","a":1,"b":99}`,
	} {
		bad := fetched
		bad.State = []byte(state)
		_, err := pades.Preparer{}.Complete(&bad, formats.Completion{Value: value})
		require.Error(t, err, name)
	}
	_, err = pades.Preparer{}.Complete(&fetched, formats.Completion{Value: bytes.Repeat([]byte{1}, 20_000)})
	require.True(t, errors.Is(err, formats.ErrTooLarge), "what does not fit is refused: %v", err)
	_, err = pades.Preparer{}.Complete(&fetched, formats.Completion{Value: value, Timestamp: []byte{0x30, 0}})
	require.Error(t, err, "a time-stamp at level B-B")
}
