package pades_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/pades"
)

// addition is what may be done to a signed document, and what is said of it.
type addition struct {
	on   []pades.Permission // the certifications under which it is allowed
	says string
	do   func(e *edit) []byte
}

const (
	approval = pades.Permission(0)
	usual    = "adds only signatures or their evidence"
)

var (
	always   = []pades.Permission{approval, pades.NoChanges, pades.FillForms, pades.Annotate}
	signable = []pades.Permission{approval, pades.FillForms, pades.Annotate}
	fillable = []pades.Permission{pades.FillForms, pades.Annotate}
)

// text is the look of a text field.
func (e *edit) text(s string) string {
	content := "/Tx BMC BT /F 10 Tf 2 4 Td (" + s + ") Tj ET EMC"
	return e.add(fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F 5 0 R >> >> "+
		"/Length %d >>\nstream\n%s\nendstream", len(content), content)).String()
}

func (e *edit) change(name string, pairs ...string) {
	o := e.fieldNamed(name)
	e.rewrite(o.Ref, o.Value, pairs...)
}

// additions are the other side of the attacks: what people do to documents after
// they were signed, and what no reader should refuse.
var additions = map[string]addition{
	"evidence and a document time-stamp": {always, usual, func(e *edit) []byte { return lta(e.t, e.b) }},
	"a second invisible signature": {signable, usual, func(e *edit) []byte {
		return signAs(e.t, e.b, pades.Preparer{}, "bob")
	}},
	"a second visible signature": {signable, "a visible signature was added on page 1", func(e *edit) []byte {
		return signAs(e.t, e.b, shown, "bob")
	}},
	"a signature seen in its field": {signable, `a visible signature in the field "Buyer" on page 1`, func(e *edit) []byte {
		in := pades.Preparer{Field: "Buyer", Appearance: &pades.Appearance{NoText: true, QR: "x"}}
		return signAs(e.t, e.b, in, "bob")
	}},
	"an empty signature field": {signable, "a visible signature was added on page 1", func(e *edit) []byte {
		e.field("/FT /Sig /T (x) /Rect [400 20 500 60]")
		return e.done()
	}},
	"a later version": {always, usual, func(e *edit) []byte {
		e.rewrite(e.root, e.catalog, "Version", "/2.0", "Extensions", "<< /ISO_ << /BaseVersion /2.0 /ExtensionLevel 32002 >> >>")
		return e.done()
	}},
	"dates in the metadata": {always, usual, func(e *edit) []byte {
		ref, _ := e.catalog.Get("Metadata").Ref()
		xmp, _, err := e.f.Content(e.object(ref))
		require.NoError(e.t, err)
		xmp = bytes.Replace(xmp, []byte("<dc:title>"), []byte("<xmp:ModifyDate>2026-01-01</xmp:ModifyDate>\n<dc:title>"), 1)
		e.u.Set(ref, fmt.Appendf(nil, "<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n%s\nendstream", len(xmp), xmp))
		return e.done()
	}},
	"a text": {fillable, `the form field "city" was filled: "Tartu", before ""`, func(e *edit) []byte {
		e.change("city", "V", "(Tartu)", "AP", "<< /N "+e.text("Tartu")+" >>")
		return e.done()
	}},
	"a text whose look is left to the reader": {fillable, `"city" was filled`, func(e *edit) []byte {
		e.change("city", "V", "(Tartu)")
		return e.done()
	}},
	"a text, and another": {fillable, `"Narva", before "Tartu"`, func(e *edit) []byte {
		e.change("city", "V", "(Tartu)", "AP", "<< /N "+e.text("Tartu")+" >>")
		e = e.now()
		ref, _ := e.get(e.fieldNamed("city").Value, "AP").Get("N").Ref() // in its own place
		content := "BT /F 10 Tf 2 4 Td [(Nar) -20 (va)] TJ ET"
		e.u.Set(ref, fmt.Appendf(nil, "<< /Type /XObject /Subtype /Form /BBox [0 0 100 20] /Resources << /Font << /F 5 0 R >> >> "+
			"/Length %d >>\nstream\n%s\nendstream", len(content), content))
		e.change("city", "V", "(Narva)")
		return e.done()
	}},
	"a check box": {fillable, `"agree" was filled: "Yes", before "Off"`, func(e *edit) []byte {
		e.change("agree", "V", "/Yes", "AS", "/Yes")
		return e.done()
	}},
	"a stamp beside the text": {[]pades.Permission{pades.Annotate}, "an annotation (Stamp) was added on page 1", func(e *edit) []byte {
		e.annotate(e.add("<< /Type /Annot /Subtype /Stamp /F 4 /Rect [400 300 500 340] /AP << /N " + e.form("0 0 9 9 re f").String() + " >> >>"))
		return e.done()
	}},
	"a note with its window": {[]pades.Permission{pades.Annotate}, "an annotation (Text) was added on page 1", func(e *edit) []byte {
		note, window := e.u.New(), e.u.New()
		e.u.Set(note, fmt.Appendf(nil, "<< /Type /Annot /Subtype /Text /F 28 /Rect [480 250 500 270] /Contents (why?) /Popup %s >>", window))
		e.u.Set(window, fmt.Appendf(nil, "<< /Type /Annot /Subtype /Popup /Rect [0 0 500 500] /Parent %s >>", note))
		e.annotate(note, window)
		return e.done()
	}},
}

// Whoever refuses everything is safe from all attacks, and of no use. What is
// allowed passes just where it is allowed, and people are told of what they see.
func TestAllowedAdditions(t *testing.T) {
	accepted := 0
	for _, level := range always {
		c := &carrier{name: fmt.Sprintf("rich, certified %d", level), plain: rich(), level: level, sign: certifyAs(level)}
		signed := c.sign(t, c.plain)
		for name, a := range additions {
			may := strings.Contains(fmt.Sprint(a.on), fmt.Sprint(level))
			if !may && (strings.Contains(name, "signature") && level == pades.NoChanges && name != "an empty signature field") {
				continue // our signer does not even begin
			}
			b := a.do(open(t, c, signed))
			sig := chosen(parse(t, b).Signatures, c.signatures(t, signed))[0]
			require.NoError(t, holds(sig), name)
			require.Equal(t, may, sig.Coverage.Harmless, "%s on %s: %s", name, c.name, sig.Coverage.Note)
			if may {
				require.Contains(t, sig.Coverage.Note, a.says, name)
				qpdfCheck(t, b)
				accepted++
			}
		}
	}
	require.Greater(t, accepted, 25)
}

// A signature that says which fields it locks leaves the others to be filled,
// in a document without a certification too (ISO 32000-2 §12.8.2.4).
func TestFillsWhatIsNotLocked(t *testing.T) {
	lock := &pades.Lock{Action: pades.LockInclude, Fields: []string{"agree"}}
	c := &carrier{name: "locked", plain: rich()}
	signed := sign(t, c.plain, pades.Preparer{Lock: lock})
	fill := func(b []byte, field string, pairs ...string) string {
		e := open(t, c, b)
		e.change(field, pairs...)
		sig := parse(t, e.done()).Signatures[0]
		require.Equal(t, !strings.HasPrefix(sig.Coverage.Note, "changed"), sig.Coverage.Harmless)
		return sig.Coverage.Note
	}
	require.Contains(t, fill(signed, "city", "V", "(Tartu)"), `"city" was filled`)
	require.Contains(t, fill(signed, "agree", "V", "/Yes", "AS", "/Yes"), `"agree" was changed, which the signature "Signature1" locks`)
	both := signAs(t, signed, pades.Preparer{}, "bob") // who says nothing of fields
	require.Contains(t, fill(both, "city", "V", "(Tartu)"), "object 9 was changed")
}
