// Package pdf reads the object structure of PDF files (ISO 32000-2:2020
// §7.2–7.5) and appends incremental updates to them. It knows nothing of
// signatures: formats/pades does.
//
//	f, err := pdf.Open(reader, size)
//	catalog, err := f.Resolve(f.Trailer().Get("Root"))
//	u := f.Update(); u.Set(ref, body); tail, err := u.Finish()
//
// The file is never loaded. Cross-reference tables are indexed by subsection
// and their entries read one by one, so a file with a million objects costs no
// memory; objects are read when they are asked for.
//
// The reader trusts nothing. It follows the cross-reference sections from the
// last startxref and nothing else: a broken one is an error and never a reason
// to scan the file for objects, because two readers that repair a file
// differently show two different documents (the parser differentials of
// shadow attacks). It tolerates what real producers write without changing
// meaning: odd line ends in tables, a header that is not at offset 0, blanks
// after the last %%EOF.
//
// It refuses encrypted files, filters other than FlateDecode and
// ASCIIHexDecode on structural streams, dictionaries with a key twice, object
// numbers that differ from those of the cross-reference, and loops.
//
// Limits, for the life of a [File]: see budget.go. Everything beyond them is
// [formats.ErrTooLarge].
package pdf
