// Package report is the verdict about a document, and how it is shown: as JSON
// ([SchemaJSON]) and as XML of ETSI TS 119 102-2 V1.4.1 to programs; as text,
// HTML and PDF to people, in English, Ukrainian and Estonian.
//
//	err := json.NewEncoder(w).Encode(r)
//	err := report.WriteText(w, r, report.TextOptions{Lang: "uk"})
//	err := report.WriteHTML(w, r, report.Options{Lang: "et"}) // or WritePDF
//	err := report.WriteETSI(w, r)
//	text, ok := report.Text("et", "when.claimed", "2026-11-23T09:00:00Z")
//	meaning, ok := report.Explain("uk", "HASH_FAILURE")
//
// Each writer is a function of the Report alone: equal reports give equal bytes.
// The HTML loads nothing and runs nothing, and is made for screen readers too;
// the PDF has no structure for them, and its fonts know Latin, Greek and
// Cyrillic letters: others stand in it by their code points.
//
// It imports nothing of the module and judges nothing: every word stands in a
// table (messages*.go), by a stable code that the JSON carries. A claimed time
// is never called a time-stamp, a mark never stands without its word, and a
// colour never without both.
//
// Names that come from strangers (file names, subjects of certificates, claims)
// are shown with everything escaped that could move the cursor, reverse the
// line or hide a letter: see [Printable].
package report
