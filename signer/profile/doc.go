// Package profile is what we issue: document types as checked data, and the
// mapping of a person's claims to the two formats of the EU wallet.
//
//	types, err := profile.EU()                         // the embedded pack
//	pid, ok := types.ByName("pid")
//	claims, err := pid.Read(json, profile.Occasion{Issuer: issuer, From: from, Until: until})
//	… claims.Mdoc(), claims.SDJWT(), claims.Until()
//
// A document type is a TOML file; eu/pid.toml is one, and says what each key
// means. [Parse] turns it into a [Type], an immutable value that has been
// checked: unknown keys, claims without a place in the document, claims that
// would overwrite what the format itself says (RFC 9901 §4.1, SD-JWT VC
// §2.2.2.2), and validities over 24 hours are errors, because a longer life
// needs a status list (ARF 3.0 VCR_01). [Lint] tells what is allowed but
// unwise.
//
// Sources: PID Rulebook 1.4 (names and encodings of the EU PID), ARF 3.0 Topic
// 3, CIR (EU) 2024/2977, ISO/IEC 18013-5 §7, RFC 9901, SD-JWT VC draft 18.
//
// Claims come as one JSON object. They are hostile: a member that stands
// twice, is unknown, missing, of the wrong type or an impossible value is a
// [*ClaimsError], which names every problem at once and repeats no value, so
// that nothing personal reaches a log. Text may not hold control characters or
// those that reverse its direction, with which one name can be shown as
// another. Nothing is trusted but the type and the [Occasion].
//
// Limits: claims of [MaxClaims] bytes, lists of [maxItems], one level of
// objects.
package profile
