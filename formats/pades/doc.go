// Package pades signs PDF files and reads the signatures in them: EN 319 142-1
// V1.2.1 (PAdES baseline levels B-B to B-LTA) over ISO 32000-2:2020 §12.8.
//
//	doc, err := pades.Parser{}.Parse(in)
//	pending, err := pades.Preparer{Reason: "…"}.Prepare(in, params)
//	edit, err := pades.Preparer{}.Complete(pending, formats.Completion{Value: value})
//
// # Writing
//
// A signature is an incremental update: the document stays byte for byte as it
// was, so earlier signatures stay valid, and the update has a cross-reference of
// the document's own kind. Every key of the catalogue, the AcroForm, the page
// and the trailer is carried over as it was written. The document is read once,
// in pieces of 256 KiB. The place for the CMS is computed from the certificates,
// the algorithm and a budget for the time-stamp; what does not fit is an error,
// and the key is never asked twice. Documents whose certification (DocMDP) or
// field locks (FieldMDP) allow no further signature are refused with
// [ErrForbidden], as are signatures that do not meet what their field demands
// (seed values); wishes that do not fit the document with [ErrWish]; hybrid-reference
// files with [formats.ErrUnsupported].
//
// [Extender] adds what lasts, by further updates: the document security store and
// document time-stamps, which every certification allows.
//
// In a signed document, a visible signature takes a free place: it never covers
// text, pictures, drawings, fields or annotations that were signed, because that
// would count as a change ([ErrForbidden]). Where nobody can tell what a page
// shows, it takes none.
//
// A visible signature is a form XObject of its own: text in a subset of Go
// Regular, which has Latin, Greek and Cyrillic letters, a picture, a QR code.
// What has no picture in that font is refused, not left out. Of right-to-left
// and composed scripts nothing is known. /NeedAppearances stays as it was: where
// it is set, poppler shows its own idea of a signature, which is nothing.
//
// An encrypted document is opened with [formats.Input.Password] and stays
// encrypted: what is appended is encrypted alike, but for the CMS. What its
// permissions forbid takes the owner password ([ErrForbidden]); without the right
// one, the error is [formats.ErrPassword].
//
// # Reading
//
// Every signed field of the form becomes a Signature, whatever is wrong with
// it: nothing is skipped. It refers to the bytes of its /ByteRange, which must
// be everything up to the end of a revision but the one hexadecimal string that
// is this signature's /Contents, by its very place in the file. Sub-filters
// ETSI.CAdES.detached, adbe.pkcs7.detached and ETSI.RFC3161 are read, and of the
// old kinds adbe.pkcs7.sha1 and adbe.x509.rsa_sha1, which rest on SHA-1; the
// others are fatal defects.
//
// Coverage tells what came after; it is Harmless only if the comparison in
// diff.go justifies every object that a later revision adds or changes:
//
//	               further signatures  filled forms  annotations
//	not certified  yes                 (1)           no
//	DocMDP /P 1    no                  no            no
//	DocMDP /P 2    yes                 yes           no
//	DocMDP /P 3    yes                 yes           new ones
//
// (1) if every signature says which fields it locks, the others. Evidence and
// document time-stamps may be added always. Whatever can be seen must cover
// nothing that was signed, and Coverage.Seen tells of it. That is stricter than
// ISO 32000-2 §12.8.2.2, which lets annotations be changed and lie anywhere.
//
// Every signature gets what is in the document security store (EN 319 142-1
// §5.4.2), as it stands and as it stood when each document time-stamp was made.
// A document time-stamp covers the values of the signatures whose /Contents
// stand in its byte range, what is in their CMS, and the streams of the store
// that stand there: by their place in the file, not by what a later revision
// says. The keys of /VRI only decide what comes first; /TS in them is not read.
//
// The package trusts nothing in the file. The name, reason and time in a
// signature dictionary are claims. It refuses what tamga/formats/internal/pdf
// refuses: broken cross-references are never repaired.
//
// # Attacks, and where they stop
//
//   - universal forgery, odd /ByteRange or /Contents (2019): byterange.go
//   - incremental saving, with or without a cross-reference: revision.go, diff.go
//   - signature wrapping, padding in the gap, literal /Contents: byterange.go
//   - shadow attacks, planted references, objects with two parts: diff.go
//   - evil annotations (2021): diff_note.go, diff_pages.go
//   - sneaky signatures, fields planted over the page: diff_page.go, ink.go
//   - values under another appearance: diff_fill.go, diff_shows.go
//   - locks and certifications that are passed over, or invented: diff_level.go
//   - objects that lay unused in what was signed: diff.go
//   - evidence that is a page: diff_store.go
//   - evidence written over or taken out after its time-stamp: longterm.go
//   - two fields on one signature, signatures cut off from their field:
//     parser.go, stray.go
//   - content inside the CMS, second signers: signature.go
//   - rollback to an older startxref: revision.go, stray.go
//   - bombs, loops, deep trees: internal/pdf/budget.go, field.go, page.go
//
// Limits: 1,000 signatures, 50,000 fields 32 deep, 2,000 pieces of evidence in 64
// security stores, and those of internal/pdf.
// A later revision of a document with more than 400,000 objects cannot be
// compared, and so counts as a change. What a page shows is told from its content
// streams, not from pixels: fonts are believed where their glyphs stand, and an
// appearance in a composite or re-encoded font cannot be compared with the value
// of its field, which is then said.
//
// # On github.com/digitorus/pdfsign
//
// Measured at v0.9.0: it writes adbe.pkcs7.detached only, which is no PAdES
// (v1.0.0-rc2 stops at B-T); of 93 PDFs with form fields, 90 had lost them
// after signing; of 31 that carried a valid signature, 25 had it broken, because
// the writer puts its value into the first run of zeros, which is the padding of
// the earlier one; 200 MiB take 800 MiB of allocations. Its verifier accepts
// three kinds of forgery without a word: any CMS that the victim ever signed,
// once /ByteRange is renamed; an attacker's signature beside the victim's
// certificate; and any update after signing. So reader and writer here are our
// own, and pdfsign is a foreign producer and the baseline in the tests.
package pades
