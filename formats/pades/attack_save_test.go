package pades_test

import (
	"bytes"
	"fmt"
	"strings"

	"tamga/formats/internal/pdf"
)

const ruleDiff = "comparison.remainder"

func pdfRewrite(v pdf.Value, pairs ...string) []byte { return pdf.Rewrite(v, sets(pairs...)...) }

// evilContents is the first content stream of the page as it shall be.
func evilContents(e *edit) string {
	ref := e.contents().Ref
	return fmt.Sprintf("%d %d obj\n%s\nendobj", ref.Num, ref.Gen, stream(lie))
}

// saves are incremental saving attacks (P2) and what parsers see differently
// (P7): the document is continued after it was signed.
var saves = []attack{
	{name: "ISA: other content", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		e.u.Set(e.contents().Ref, []byte(stream(lie)))
		return e.done()
	}},
	{name: "ISA: another content stream", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		e.rewrite(e.at, e.page, "Contents", e.add(stream(lie)).String())
		return e.done()
	}},
	{name: "ISA: a body without a cross-reference", row: "P2", rule: "changedSince", strike: func(e *edit) []byte {
		return append(bytes.Clone(e.b), evilContents(e)+"\n"...)
	}},
	{name: "ISA: a body and a trailer without a table", row: "P2", rule: "pdf.OpenWith", broken: true, strike: func(e *edit) []byte {
		root := e.f.Trailer().Get("Root").Raw
		return append(bytes.Clone(e.b), fmt.Sprintf("%s\ntrailer\n<< /Root %s /Prev %d >>\n%%%%EOF\n",
			evilContents(e), root, lastStart(e.b))...)
	}},
	{name: "ISA: a table without a startxref", row: "P2", rule: "changedSince", strike: func(e *edit) []byte {
		out := e.raw(raw{bodies: []string{evilContents(e)}, numbers: []int{int(e.contents().Ref.Num)}})
		return out[:bytes.LastIndex(out, []byte("startxref"))]
	}},
	{name: "ISA: %%EOF in the trailer", row: "P2", rule: "findStart", strike: func(e *edit) []byte {
		return e.raw(raw{bodies: []string{evilContents(e)}, numbers: []int{int(e.contents().Ref.Num)},
			trailer: "/Note (startxref 0 %%EOF)"})
	}},
	{name: "ISA: a comment as an end", row: "P2", rule: "findStart", strike: func(e *edit) []byte {
		return e.raw(raw{bodies: []string{evilContents(e)}, numbers: []int{int(e.contents().Ref.Num)},
			before: "%%EOF\nstartxref\n0\n%%EOF\n"})
	}},
	{name: "ISA: two tables, the change in the first", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		e.b = e.raw(raw{bodies: []string{evilContents(e)}, numbers: []int{int(e.contents().Ref.Num)}})
		return e.raw(raw{})
	}},
	{name: "ISA: a table in a table's gap", row: "P7", rule: "Revisions", strike: func(e *edit) []byte {
		first := e.raw(raw{bodies: []string{evilContents(e)}, numbers: []int{int(e.contents().Ref.Num)}})
		cut := first[:bytes.LastIndex(first, []byte("startxref"))]
		start := lastStart(first)
		e.b = append(bytes.Clone(cut), fmt.Sprintf("startxref\n%d\n%%%%EOF\n", lastStart(e.b))...)
		return e.raw(raw{prev: fmt.Sprint(start)})
	}},
	{name: "ISA: an old startxref again", row: "P7", rule: "revisionEnding", strike: func(e *edit) []byte {
		starts := strings.Split(string(e.b), "startxref")
		older := strings.Fields(starts[len(starts)-2])[0]
		return append(bytes.Clone(e.b), "startxref\n"+older+"\n%%EOF\n"...)
	}},
	{name: "ISA: cross-references in a loop", row: "P8", rule: "readChain", broken: true, strike: func(e *edit) []byte {
		return e.raw(raw{prev: fmt.Sprint(len(e.b))})
	}},
	{name: "ISA: a chain that leaves the signature out", row: "P7", rule: "strays", strike: func(e *edit) []byte {
		older := bytes.LastIndex(e.b[:bytes.LastIndex(e.b, []byte("startxref"))], []byte("startxref"))
		return e.raw(raw{prev: strings.Fields(string(e.b[older+9 : older+40]))[0]})
	}},
	{name: "ISA: a cross-reference stream over what is there", row: "P7", rule: ruleDiff, strike: func(e *edit) []byte {
		return crossStream(e, "")
	}},
	{name: "ISA: object stream overrides the page", row: "P7", rule: ruleDiff, strike: func(e *edit) []byte {
		if e.f.Encryption() != nil {
			return nil // its data would have to be encrypted
		}
		return crossStream(e, string(pdfRewrite(e.page, "MediaBox", "[0 0 10 10]")))
	}},
	{name: "ISA: a hybrid cross-reference", row: "P7", rule: "readHybrid", strike: func(e *edit) []byte {
		stream := crossStream(e, "")
		e.b = stream[:bytes.LastIndex(stream, []byte("startxref"))]
		at := bytes.LastIndex(e.b, []byte(" 0 obj\n<< /Type /XRef"))
		at = bytes.LastIndexByte(e.b[:at], '\n') + 1
		return e.raw(raw{prev: fmt.Sprint(lastStart(e.b)), trailer: fmt.Sprintf("/XRefStm %d", at)})
	}},
	{name: "ISA: another generation", row: "P7", rule: "gather", strike: func(e *edit) []byte {
		ref := e.contents().Ref
		next := fmt.Sprintf("%d %d", ref.Num, ref.Gen+1)
		return e.raw(raw{
			bodies: []string{
				next + " obj\n" + stream(lie) + "\nendobj",
				fmt.Sprintf("%d %d obj\n%s\nendobj", e.at.Num, e.at.Gen, pdfRewrite(e.page, "Contents", next+" R")),
			},
			numbers: []int{int(ref.Num), int(e.at.Num)},
		})
	}},
	{name: "ISA: content freed", row: "P2", rule: "gather", strike: func(e *edit) []byte {
		return e.raw(raw{rows: []string{fmt.Sprintf("%d 1\n0000000000 00001 f \n", e.contents().Ref.Num)}})
	}},
	{name: "ISA: page freed", row: "P2", rule: "gather", strike: func(e *edit) []byte {
		return e.raw(raw{rows: []string{fmt.Sprintf("%d 1\n0000000000 00001 f \n", e.at.Num)}})
	}},
	{name: "ISA: an entry into an appended string", row: "P7", rule: ruleDiff, strike: func(e *edit) []byte {
		ref := e.contents().Ref
		e.u.Set(e.u.New(), []byte(fmt.Sprintf("(\n%s\n)", strings.NewReplacer("(", "<", ")", ">").Replace(evilContents(e)))))
		e = e.now()
		at := bytes.LastIndex(e.b, []byte("Pay 999"))
		if at < 0 {
			return nil // encrypted
		}
		at = bytes.LastIndex(e.b[:at], fmt.Appendf(nil, "%d %d obj", ref.Num, ref.Gen))
		return e.raw(raw{rows: []string{fmt.Sprintf("%d 1\n%010d %05d n \n", ref.Num, at, ref.Gen)}})
	}},
	{name: "ISA: linearised again", row: "P7", rule: ruleDiff, strike: func(e *edit) []byte {
		e.add("<< /Linearized 1 /L " + fmt.Sprint(len(e.b)) + " /H [0 0] /O 1 /E 0 /N 1 /T 0 >>")
		e.u.Set(e.contents().Ref, []byte(stream(lie)))
		return e.done()
	}},
	{name: "ISA: a header before all", row: "P7", rule: "findOrigin", broken: true, bytes: true, strike: func(e *edit) []byte {
		return append([]byte("%PDF-1.4\n%other\n"), e.b...)
	}},
	{name: "ISA: bytes after the end", row: "P2", rule: "changedSince", strike: func(e *edit) []byte {
		return append(bytes.Clone(e.b), "\n%%EOF\n%evil\n"...)
	}},
	{name: "ISA: catalogue swapped", row: "P2", rule: "trailer", strike: func(e *edit) []byte {
		pages := fmt.Sprintf("<< /Type /Pages /Count 1 /Kids [%d 0 R] >>", 900_003)
		body := func(n int, s string) string { return fmt.Sprintf("%d 0 obj\n%s\nendobj", n, s) }
		return e.raw(raw{
			bodies: []string{
				body(900_001, string(pdfRewrite(e.catalog, "Pages", "900002 0 R"))), body(900_002, pages),
				body(900_003, "<< /Type /Page /Parent 900002 0 R /MediaBox [0 0 600 400] >>"),
			},
			numbers: []int{900_001, 900_002, 900_003}, trailer: "/Root 900001 0 R",
		})
	}},
	{name: "ISA: page tree swapped", row: "P2", rule: "catalogue", strike: func(e *edit) []byte {
		page := e.u.New()
		tree := e.add(fmt.Sprintf("<< /Type /Pages /Count 1 /Kids [%s] >>", page))
		e.u.Set(page, pdfRewrite(e.page, "Parent", tree.String(), "Contents", e.add(stream(lie)).String()))
		e.rewrite(e.root, e.catalog, "Pages", tree.String())
		return e.done()
	}},
	{name: "ISA: a page added", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		return withPages(e, func(kids string) string {
			return kids + " " + e.add(fmt.Sprintf("<< /Type /Page /MediaBox [0 0 9 9] /Parent %s >>", e.page.Get("Parent").Raw)).String()
		})
	}},
	{name: "ISA: a page shown twice", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		return withPages(e, func(kids string) string { return kids + " " + e.at.String() })
	}},
	{name: "ISA: pages removed", row: "P2", rule: ruleDiff, strike: func(e *edit) []byte {
		return withPages(e, func(string) string { return "" })
	}},
	{name: "ISA: media box", row: "P2", rule: ruleDiff, strike: pageKey("MediaBox", "[0 0 10 10]")},
	{name: "ISA: crop box", row: "P2", rule: ruleDiff, strike: pageKey("CropBox", "[0 0 10 10]")},
	{name: "ISA: page rotated", row: "P2", rule: ruleDiff, strike: pageKey("Rotate", "180")},
	{name: "ISA: user unit", row: "P2", rule: ruleDiff, strike: pageKey("UserUnit", "99")},
	{name: "ISA: page resources", row: "P2", rule: ruleDiff, strike: pageKey("Resources", "<< >>")},
	{name: "ISA: page action", row: "P2", rule: ruleDiff, strike: pageKey("AA", "<< /O "+script+" >>")},
	{name: "ISA: page thumbnail", row: "P2", rule: ruleDiff, strike: pageKey("Thumb", "1 0 R")},
	{name: "ISA: page with another page's annotations", row: "P2", rule: ruleDiff, strike: pageKey("Annots", "[1 0 R]")},
}

func pageKey(key, value string) func(e *edit) []byte {
	return func(e *edit) []byte {
		e.rewrite(e.at, e.page, key, value)
		return e.done()
	}
}

// withPages rewrites the /Kids of the first page's parent.
func withPages(e *edit, change func(kids string) string) []byte {
	ref, _ := e.page.Get("Parent").Ref()
	tree := e.object(ref).Value
	kids := strings.Trim(string(e.get(tree, "Kids").Raw), "[] ")
	e.rewrite(ref, tree, "Kids", "["+change(kids)+"]")
	return e.done()
}

// crossStream appends the evil contents, or a page in an object stream, with a
// cross-reference stream, whatever the document has.
func crossStream(e *edit, page string) []byte {
	out := bytes.NewBuffer(bytes.Clone(e.b))
	if !bytes.HasSuffix(e.b, []byte("\n")) {
		out.WriteByte('\n')
	}
	const container, self = 900_001, 900_002
	var rows []byte
	index := ""
	row := func(kind byte, off, index int) {
		rows = append(rows, kind, byte(off>>24), byte(off>>16), byte(off>>8), byte(off), byte(index))
	}
	changed := int(e.contents().Ref.Num)
	off := out.Len()
	if page == "" {
		row(1, off, int(e.contents().Ref.Gen))
		out.WriteString(evilContents(e) + "\n")
		index = fmt.Sprintf("%d 1 %d 1", changed, self)
	} else {
		changed = int(e.at.Num)
		row(2, container, 0)
		row(1, off, 0)
		index = fmt.Sprintf("%d 1 %d 2", changed, container)
		head := fmt.Sprintf("%d 0 ", changed)
		fmt.Fprintf(out, "%d 0 obj\n<< /Type /ObjStm /N 1 /First %d /Length %d >>\nstream\n%s\nendstream\nendobj\n",
			container, len(head), len(head)+len(page), head+page)
	}
	start := out.Len()
	row(1, start, 0)
	fmt.Fprintf(out, "%d 0 obj\n<< /Type /XRef /W [1 4 1] /Index [%s] /Size 900003 /Prev %d /Length %d",
		self, index, lastStart(e.b), len(rows))
	for _, key := range []string{"Root", "Info", "ID", "Encrypt"} {
		if v := e.f.Trailer().Get(key); v.Kind != pdf.Null {
			fmt.Fprintf(out, " /%s %s", key, v.Raw)
		}
	}
	fmt.Fprintf(out, " >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", rows, start)
	return out.Bytes()
}
