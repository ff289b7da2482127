package pades_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/internal/pdf"
	"tamga/formats/pades"
)

// carrier is a document that is signed in some way, to be attacked.
type carrier struct {
	name     string
	plain    []byte // before it was signed
	sign     func(t testing.TB, b []byte) []byte
	level    pades.Permission // what it is certified to allow; zero: an approval
	password string
	locked   bool // the signature locks all fields
}

// attack is a way to change what a signature seems to stand for.
type attack struct {
	name string
	row  string // of the table of attack classes
	rule string // where it is refused
	// plant changes the document before the victim signs it; may be nil.
	plant func(e *edit) []byte
	// strike changes the signed document; nil where it does not fit.
	strike func(e *edit) []byte
	// bytes is whether signed bytes are changed, and nothing is only appended.
	bytes bool
	// forged is whether the victim's signatures stay as they are, and it is the
	// attacker's that must not hold.
	forged bool
	// broken is whether an ordinary reader need not open the result.
	broken bool
}

// edit is a document that is being changed by hand.
type edit struct {
	t       testing.TB
	c       *carrier
	b       []byte
	f       *pdf.File
	u       *pdf.Update
	root    pdf.Ref
	catalog pdf.Value
	at      pdf.Ref // the first page
	page    pdf.Value
}

func open(t testing.TB, c *carrier, b []byte) *edit {
	t.Helper()
	f, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), []byte(c.password))
	require.NoError(t, err, c.name)
	e := &edit{t: t, c: c, b: b, f: f}
	e.u, err = f.Update()
	require.NoError(t, err, c.name)
	e.root, _ = f.Trailer().Get("Root").Ref()
	e.catalog = e.resolve(f.Trailer().Get("Root"))
	e.at = e.firstPage(e.catalog.Get("Pages"))
	e.page = e.object(e.at).Value
	return e
}

func (e *edit) resolve(v pdf.Value) pdf.Value {
	e.t.Helper()
	out, err := e.f.Resolve(v)
	require.NoError(e.t, err, e.c.name)
	return out
}

func (e *edit) get(dict pdf.Value, key string) pdf.Value { return e.resolve(dict.Get(key)) }

func (e *edit) object(ref pdf.Ref) pdf.Object {
	e.t.Helper()
	out, err := e.f.Object(ref)
	require.NoError(e.t, err, e.c.name)
	return out
}

func (e *edit) firstPage(v pdf.Value) pdf.Ref {
	for range 20 {
		dict := e.resolve(v)
		if dict.Get("Type").Name() == "Page" {
			ref, _ := v.Ref()
			return ref
		}
		v = e.get(dict, "Kids").Items()[0]
	}
	e.t.Fatal("no page")
	return pdf.Ref{}
}

// find returns the objects that fit.
func (e *edit) find(fits func(pdf.Object) bool) []pdf.Object {
	var out []pdf.Object
	require.NoError(e.t, e.f.Used(func(o pdf.Object) bool {
		if fits(o) {
			out = append(out, o)
		}
		return true
	}))
	slices.SortFunc(out, func(a, b pdf.Object) int { return int(a.Ref.Num) - int(b.Ref.Num) })
	return out
}

func (e *edit) ofType(kind string) []pdf.Object {
	return e.find(func(o pdf.Object) bool { return o.Value.Get("Type").Name() == kind })
}

func sets(pairs ...string) []pdf.Set {
	var out []pdf.Set
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pdf.Set{Key: pairs[i], Raw: []byte(pairs[i+1])})
	}
	return out
}

// rewrite gives a dictionary of the document other values for some keys.
func (e *edit) rewrite(ref pdf.Ref, dict pdf.Value, pairs ...string) {
	e.u.Set(ref, pdf.Rewrite(dict, sets(pairs...)...))
}

// add makes a new object.
func (e *edit) add(body string) pdf.Ref {
	ref := e.u.New()
	e.u.Set(ref, []byte(body))
	return ref
}

// done appends the update.
func (e *edit) done() []byte {
	e.t.Helper()
	tail, err := e.u.Finish()
	require.NoError(e.t, err, e.c.name)
	return append(slices.Clone(e.b), tail.Bytes...)
}

// now appends what was done and opens the result for more.
func (e *edit) now() *edit { return open(e.t, e.c, e.done()) }

// everything is a rectangle over every page.
const everything = "[-100 -100 5000 5000]"

// lie is a content stream that says something else.
const lie = "q 1 g 0 0 3000 3000 re f Q BT /F 20 Tf 20 40 Td (Pay 999 euro) Tj ET"

// form is a form XObject with the given content.
func (e *edit) form(content string) pdf.Ref {
	return e.add(fmt.Sprintf("<< /Type /XObject /Subtype /Form /BBox [0 0 3000 3000] /Resources << /Font << /F "+
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> /Length %d >>\nstream\n%s\nendstream",
		len(content), content))
}

// contents is the stream of the page's first content.
func (e *edit) contents() pdf.Object {
	v := e.page.Get("Contents")
	if list := e.resolve(v); list.Kind == pdf.Array {
		v = list.Items()[0]
	}
	ref, _ := v.Ref()
	return e.object(ref)
}

// annotate adds annotations to the first page.
func (e *edit) annotate(refs ...pdf.Ref) {
	list := pdf.Value{Kind: pdf.Array, Raw: []byte("[]")}
	if v := e.get(e.page, "Annots"); v.Kind == pdf.Array {
		list = v
	}
	raw := list.Source()
	for _, ref := range refs {
		raw = []byte(strings.TrimSuffix(strings.TrimSpace(string(raw)), "]") + " " + ref.String() + "]")
	}
	if ref, ok := e.page.Get("Annots").Ref(); ok {
		e.u.Set(ref, raw)
	} else {
		e.rewrite(e.at, e.page, "Annots", string(raw))
	}
}

// field adds a form field, and its widget to the first page.
func (e *edit) field(entries string) pdf.Ref {
	ref := e.add("<< /Type /Annot /Subtype /Widget /P " + e.at.String() + " " + entries + " >>")
	e.annotate(ref)
	e.listField(ref)
	return ref
}

// listField names a field in the form, which it makes if there is none.
func (e *edit) listField(ref pdf.Ref) {
	at, body := e.formWith(ref.String())
	e.u.Set(at, body)
}

// formWith returns the object in which one more field is named: the list of
// fields, the form or the catalogue.
func (e *edit) formWith(field string) (pdf.Ref, []byte) {
	dict := e.get(e.catalog, "AcroForm")
	fields := "[" + field + "]"
	if dict.Kind != pdf.Dict {
		return e.root, pdfRewrite(e.catalog, "AcroForm", "<< /Fields "+fields+" >>")
	}
	if list := e.get(dict, "Fields"); list.Kind == pdf.Array {
		fields = strings.TrimSuffix(strings.TrimSpace(string(list.Source())), "]") + " " + field + "]"
	}
	if at, ok := dict.Get("Fields").Ref(); ok {
		return at, []byte(fields)
	}
	form := pdfRewrite(dict, "Fields", fields)
	if at, ok := e.catalog.Get("AcroForm").Ref(); ok {
		return at, form
	}
	return e.root, pdfRewrite(e.catalog, "AcroForm", string(form))
}

func (e *edit) setForm(dict pdf.Value, pairs ...string) {
	if at, ok := e.catalog.Get("AcroForm").Ref(); ok {
		e.rewrite(at, dict, pairs...)
	} else {
		e.rewrite(e.root, e.catalog, "AcroForm", string(pdf.Rewrite(dict, sets(pairs...)...)))
	}
}

// signed is the first signed field, and its signature.
func (e *edit) signed() (field, signature pdf.Object) {
	fields := e.find(func(o pdf.Object) bool {
		return o.Value.Get("T").Kind == pdf.String && e.get(o.Value, "V").Get("ByteRange").Kind == pdf.Array
	})
	require.NotEmpty(e.t, fields, e.c.name)
	ref, _ := fields[0].Value.Get("V").Ref()
	return fields[0], e.object(ref)
}

// fieldNamed is the field with a name.
func (e *edit) fieldNamed(name string) pdf.Object {
	for _, o := range e.find(func(o pdf.Object) bool { return o.Value.Get("T").Text() == name }) {
		return o
	}
	return pdf.Object{}
}

// raw appends objects by number, which may be anything, with a table whose rows
// and trailer may be anything as well.
type raw struct {
	bodies  []string // "4 0 obj …", or nothing
	numbers []int    // of the bodies
	rows    []string // further sections of the table
	trailer string   // more keys
	prev    string   // "": the newest section
	before  string   // text in front of the table
}

func (e *edit) raw(r raw) []byte {
	out := bytes.NewBuffer(slices.Clone(e.b))
	if !bytes.HasSuffix(e.b, []byte("\n")) {
		out.WriteByte('\n')
	}
	table := "xref\n"
	for i, body := range r.bodies {
		gen := 0
		_, _ = fmt.Sscanf(body, "%d %d obj", new(int), &gen)
		table += fmt.Sprintf("%d 1\n%010d %05d n \n", r.numbers[i], out.Len(), gen)
		out.WriteString(body + "\n")
	}
	out.WriteString(r.before)
	if r.prev == "" {
		r.prev = fmt.Sprint(lastStart(e.b))
	}
	if len(r.bodies)+len(r.rows) == 0 {
		table += "0 0\n"
	}
	start := out.Len()
	out.WriteString(table + strings.Join(r.rows, ""))
	fmt.Fprintf(out, "trailer\n<< /Size %d /Prev %s", 1_000_000, r.prev)
	for _, entry := range e.f.Trailer().Entries() {
		if slices.Contains([]string{"Root", "Info", "ID", "Encrypt"}, entry.Key) &&
			!strings.Contains(r.trailer, "/"+entry.Key+" ") {
			fmt.Fprintf(out, " /%s %s", entry.Key, entry.Value.Raw)
		}
	}
	fmt.Fprintf(out, " %s >>\nstartxref\n%d\n%%%%EOF\n", r.trailer, start)
	return out.Bytes()
}
