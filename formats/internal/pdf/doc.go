// Package pdf reads the object structure of PDF files (ISO 32000-2:2020
// §7.2–7.5) and appends incremental updates to them. It knows nothing of
// signatures: formats/pades does.
//
//	f, err := pdf.OpenWith(reader, size, password)
//	catalog, err := f.Resolve(f.Trailer().Get("Root"))
//	u, err := f.Update(); u.Set(ref, body); tail, err := u.Finish()
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
// What stands before the header may count in all offsets or in none.
//
// Encrypted files are read with the user's or the owner's password, and without
// one where that of the user is empty: the standard security handler (§7.6.4)
// with RC4 of 40 to 128 bits, AES-128 and AES-256 (revisions 2 to 6) and its
// crypt filters. Strings and streams come out plain, the /Contents of a
// signature as they are; [Update] encrypts what it appends. All revisions must be
// encrypted alike. [Value.Raw] is what stands in the file and fits one object
// only: what is written again or elsewhere is [Value.Source].
//
// Attacks, and where they stop:
//
//   - an update that adds, removes or changes the encryption, and so the meaning
//     of signed bytes: crypt.go
//   - permissions widened in AES-256 files: cryptkey.go (before that, /P is a part
//     of the key)
//   - hashing rounds without end: cryptkey.go
//   - lengths and filters of object streams in each other: object.go
//   - bombs, loops, millions of entries: budget.go, file.go
//
// It refuses security handlers with public keys, encryption that is damaged
// (half blocks, bad padding), filters for pictures on structural streams,
// dictionaries with a key twice, object numbers that differ from those of the
// cross-reference, cross-reference entries of different lengths, and loops. It
// does not tell who has changed the ciphertext: encryption in PDF has no
// integrity, only the signature has.
//
// Limits, for the life of a [File]: see budget.go. Everything beyond them is
// [formats.ErrTooLarge]. A password costs at most seven hashes of 288 rounds.
package pdf
