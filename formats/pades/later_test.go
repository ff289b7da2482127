package pades_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/pades"
)

// What the objects of page() are after one signature: 1 catalogue, 2 page
// tree, 3 page, 4 content, 5 font, 6 signature, 7 field, 8 form.
const (
	pageDict = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R " +
		"/Resources << /Font << /F 5 0 R >> >> /Annots [7 0 R] >>"
	vri    = "/VRI << /0123456789ABCDEF0123456789ABCDEF01234567 << /Cert [21 0 R] >> >>"
	esic   = "/Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 2 >> >>"
	script = "<< /S /JavaScript /JS (x) >>"
)

var evilContent = stream("BT /F 20 Tf 20 40 Td (Pay 999 euro) Tj ET")

func catalogue(more string) string {
	return "<< /Type /Catalog /Pages 2 0 R /AcroForm 8 0 R " + more + " >>"
}

func formWith(field string) string { return "<< /Fields [7 0 R " + field + "] /SigFlags 3 >>" }

func newField(rect, more string) string {
	return "<< /FT /Sig /T (x) /Type /Annot /Subtype /Widget /P 3 0 R " + rect + more + " >>"
}

const flat, wide = "/Rect [0 0 0 0] ", "/Rect [0 0 300 100] "

// objects of a later revision by number; "" frees one.
type objects map[int]string

func annotated(what string) string { return strings.Replace(pageDict, "7 0 R", "7 0 R "+what, 1) }

// changes are what a later revision must not do, and a part of the reason that
// must be given (P2, P4, P5, P7).
var changes = map[string]struct {
	objects objects
	why     string
}{
	"page content": {objects{4: evilContent}, "object 4 was changed"},
	"other content": {objects{
		3: strings.Replace(pageDict, "4 0 R", "20 0 R", 1), 20: evilContent,
	}, "object 3 was changed"},
	"font":           {objects{5: "<< /Subtype /Type1 /BaseFont /Symbol >>"}, "object 5 was changed"},
	"media box":      {objects{3: strings.Replace(pageDict, "300", "200", 1)}, "object 3 was changed"},
	"page removed":   {objects{2: "<< /Type /Pages /Kids [] /Count 0 >>"}, "object 2 was changed"},
	"page freed":     {objects{3: ""}, "object 3 was deleted"},
	"content freed":  {objects{4: ""}, "object 4 was deleted"},
	"open action":    {objects{1: catalogue("/OpenAction " + script)}, "/OpenAction"},
	"names":          {objects{1: catalogue("/Names << >>")}, "/Names"},
	"appearances":    {objects{8: "<< /Fields [7 0 R] /SigFlags 3 /NeedAppearances true >>"}, "NeedAppearances"},
	"old object":     {objects{8: formWith("5 0 R")}, "old object"},
	"not reached":    {objects{20: evilContent}, "object 20 was added"},
	"page as VRI":    {objects{1: catalogue("/DSS << /VRI 2 0 R >>"), 2: "<< /Kids [] >>"}, "security store"},
	"evil evidence":  {objects{1: catalogue("/DSS << /Certs [4 0 R] >>"), 4: evilContent}, "object 4 was"},
	"text field":     {objects{8: formWith("20 0 R"), 20: "<< /FT /Tx /T (x) /V (999) >>"}, "no signature"},
	"active field":   {objects{8: formWith("20 0 R"), 20: newField(flat, "/A "+script)}, "has /A"},
	"visible field":  {objects{8: formWith("20 0 R"), 20: newField(wide, "")}, "visible"},
	"no rectangle":   {objects{8: formWith("20 0 R"), 20: newField("", "")}, "visible"},
	"field widened":  {objects{7: newField(wide, "/V 6 0 R")}, "object 7 was changed"},
	"field replaced": {objects{8: "<< /Fields [20 0 R] >>", 20: newField(flat, "/V 6 0 R")}, "was replaced"},
	"a note on the page": {objects{
		3:  annotated("20 0 R"),
		20: "<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 100] /Contents (Pay 999) >>",
	}, "object 3 was changed"},
	"a note beside a field": {objects{
		3: annotated("20 0 R 21 0 R"), 8: formWith("20 0 R"), 20: newField(flat, ""),
		21: "<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 100] /Contents (Pay 999) >>",
	}, "an annotation was added"},
	"a field below a field": {objects{
		8: formWith("20 0 R"), 20: "<< /FT /Sig /T (x) /Kids [21 0 R] >>",
		21: "<< /T (y) /FT /Tx /Parent 20 0 R >>",
	}, "below a signature"},
	"other pages": {objects{
		1:  "<< /Type /Catalog /Pages 20 0 R /AcroForm 8 0 R >>",
		20: "<< /Type /Pages /Kids [] /Count 0 >>",
	}, "/Pages"},
}

// harmless is what a later revision may do.
var harmless = map[string]objects{
	"nothing": nil,
	"the same again": {
		2: "<</Kids[3 0 R]/Count 1/Type/Pages>>", 4: stream("BT /F 20 Tf 20 40 Td (Pay 100 euro) Tj ET"),
	},
	"an empty field":      {8: formWith("20 0 R"), 20: newField(flat, "")},
	"a field on the page": {8: formWith("20 0 R"), 20: newField(flat, ""), 3: annotated("20 0 R")},
	"a field with a widget": {
		8: formWith("20 0 R"), 20: "<< /FT /Sig /T (x) /Kids [21 0 R] >>",
		21: "<< /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R /Parent 20 0 R >>",
	},
	"evidence": {
		1: catalogue("/DSS 20 0 R " + esic), 20: "<< /Type /DSS /Certs [21 0 R] " + vri + " >>", 21: stream("x"),
	},
}

// The signature itself holds, whatever is appended; what matters is what is
// said of the rest.
func TestLaterChanges(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	check := func(name string, o objects, why string) {
		b := appended(signed, "", o)
		doc := parse(t, b)
		require.NotEmpty(t, doc.Signatures, name)
		sig := doc.Signatures[0]
		require.NoError(t, holds(sig), name)
		require.False(t, sig.Coverage.Whole, name)
		require.EqualValues(t, len(b)-len(signed), sig.Coverage.After, name)
		require.Equal(t, why == "", sig.Coverage.Harmless, "%s: %s", name, sig.Coverage.Note)
		require.Contains(t, sig.Coverage.Note, why, name)
	}
	for name, c := range changes {
		check(name, c.objects, c.why)
	}
	for name, o := range harmless {
		check(name, o, "")
	}
}

// The field, the form or the whole catalogue is exchanged, so that the
// signature is out of sight, or another dictionary in its place.
func TestSignatureOutOfSight(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	for name, o := range map[string]objects{
		"field": {8: "<< /Fields [] /SigFlags 3 >>"},
		"form":  {1: "<< /Type /Catalog /Pages 2 0 R >>"},
	} {
		doc := parse(t, appended(signed, "", o))
		require.Empty(t, doc.Signatures, name)
		require.NotEmpty(t, doc.Defects, "%s: passed over in silence", name)
	}
	root := appended(signed, "/Root 20 0 R", objects{20: catalogue("")})
	require.Contains(t, parse(t, root).Signatures[0].Coverage.Note, "another /Root")
	other := appended(signed, "", objects{6: "<< /Type /Sig /SubFilter /ETSI.CAdES.detached >>"})
	require.Error(t, holds(parse(t, other).Signatures[0]))
}

// Bytes behind the last revision: whatever they are, somebody's reader may
// repair the file with them.
func TestTrailingBytes(t *testing.T) {
	signed := sign(t, page(), pades.Preparer{})
	one := parse(t, append(bytes.Clone(signed), '\n')).Signatures[0]
	require.True(t, one.Coverage.Whole, "an end of line is nothing")
	require.NoError(t, holds(one))
	for _, tail := range []string{"x", "\n\nx", "%%EOF\n", strings.Repeat(" ", 1500),
		"4 0 obj\n" + stream("BT (Pay 999) Tj ET") + "\nendobj\n"} {
		c := parse(t, append(bytes.Clone(signed), tail...)).Signatures[0].Coverage
		require.False(t, c.Whole || c.Harmless, "%q", tail)
		require.EqualValues(t, len(tail), c.After)
	}
}

// Rolling back: the last startxref names an older section, so that readers show
// the document as it was before a later signature.
func TestRollback(t *testing.T) {
	once := sign(t, page(), pades.Preparer{})
	changed := appended(once, "", objects{4: stream("BT /F 20 Tf 20 40 Td (Pay 50 euro) Tj ET")})
	twice := sign(t, changed, pades.Preparer{})
	rolled := append(bytes.Clone(twice), fmt.Sprintf("startxref\n%d\n%%%%EOF\n", lastStart(once))...)
	doc := parse(t, rolled)
	require.Len(t, doc.Signatures, 1)
	require.NotEmpty(t, doc.Defects, "the second signature is not passed over")
	c := doc.Signatures[0].Coverage
	require.False(t, c.Whole || c.Harmless, c.Note)
}

// An object that the signed document refers to, but that does not exist, is
// defined by a later revision (planted reference).
func TestPlantedReference(t *testing.T) {
	b := rebuilt(bytes.Replace(page(), []byte("/Contents 4 0 R"), []byte("/Contents [4 0 R 20 0 R]"), 1))
	signed := sign(t, b, pades.Preparer{})
	evil := objects{
		8:  "<< /Fields [7 0 R 21 0 R] /SigFlags 3 >>",
		21: "<< /FT /Sig /T (x) /V 20 0 R /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /P 3 0 R >>",
		20: stream("BT /F 20 Tf 20 10 Td (and 999 more) Tj ET"),
	}
	sig := parse(t, appended(signed, "", evil)).Signatures[0]
	require.NoError(t, holds(sig))
	require.False(t, sig.Coverage.Harmless)
	require.Contains(t, sig.Coverage.Note, "only added later")
}

// One array plays two parts: it is the page's /Annots and its /Contents.
func TestSharedObject(t *testing.T) {
	both := []byte("/Contents 6 0 R /Annots 6 0 R")
	b := rebuilt(bytes.Replace(page("[]"), []byte("/Contents 4 0 R"), both, 1))
	signed := sign(t, b, pades.Preparer{})
	sig := parse(t, sign(t, signed, pades.Preparer{})).Signatures[0]
	require.False(t, sig.Coverage.Harmless)
	require.Contains(t, sig.Coverage.Note, "also serves")
}
