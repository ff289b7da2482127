// Package report is the verdict about a document, and how it is shown: as JSON,
// which is an interface, and as text for people in English, Ukrainian and
// Estonian.
//
//	err := json.NewEncoder(w).Encode(r)
//	err := report.WriteText(w, r, report.TextOptions{Lang: "uk"})
//	text, ok := report.Text("et", "when.claimed", "2026-11-23T09:00:00Z")
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
