// Package jose reads and writes JSON web signatures (RFC 7515, with RFC 8725)
// and the JSON web keys of holders (RFC 7517, RFC 8037), strictly and without
// judging.
//
//	var b jose.Budget
//	j, err := b.Parse(text)           // compact, flattened or general
//	s := j.Signatures[0]              // s.Signed, s.Value, s.Header.Algorithm
//	v, err := b.ParseJSON(j.Payload)  // counts against the same budget
//
// It trusts nothing: a header is what a stranger wrote. jku, x5u and jwk are
// never followed, x5c is handed on unjudged, and of an unprotected header
// neither algorithm, type nor certificates are taken.
//
// It refuses, as malformed, each form in which one JWS could be read in two
// ways or written in many: base64url with padding, white space or unused bits
// that are not zero (malleability: the same signature under another spelling),
// a name that stands twice in an object or in both headers, invalid UTF-8,
// members of the wrong type, an unprotected crit, signature beside signatures.
// It marks with a fatal defect an algorithm that is not a row of package pki
// (none, HMAC: RFC 8725 §2.1), an algorithm that is not protected, any crit,
// since no extension is understood here (RFC 7515 §4.1.11), and b64 (RFC 7797).
//
// Limits: [formats.MaxDepth] levels of nesting, counted before anything is
// built; [MaxValues] JSON values in all parts of one document; 16 signatures;
// 32 certificates of 64 KiB.
//
// # What was measured of jwx v4
//
// github.com/lestrrat-go/jwx/v4 v4.6.0, with the 401 vectors of Wycheproof
// (json_web_signature_test.json, September 2026) and the table of TestForm, which
// fails when these figures change:
//
//	                          this package     jwx v4
//	agreed                    387              392
//	must refuse, accepted     0                3
//	valid, refused            14               6
//
// Of jwx's three, case 374 is real: it ignores unused bits of base64. The other
// two (367, 370) are the bytes of case 357, which is valid; they are here among
// the refused only because their algorithm is HMAC. Our fourteen: ten for HMAC,
// which is none of our algorithms (two of these, 372 and 373, have a question
// mark inside and should not be called valid), two for keys that say they are
// for "ES521" (347, 351) and two for keys of PS256 with a signature of PS384
// (346, 350); jwx refuses the last four and 372, 373.
//
// With a right signature value jwx v4 also accepts: padding; unused bits; line
// ends after and between the parts; alg that is missing or only unprotected,
// when it is given a key and an algorithm; the same name in both headers; crit
// in the unprotected header; b64 without crit; signature beside signatures. It
// refuses duplicate names within one header, an unknown protected crit, none,
// and nesting that is too deep for it. It keeps no received bytes of the JSON
// serialisations.
//
// So the JWS layer is ours, and jwx is its differential judge in the tests:
// what verifies here must verify there. Keys are made by its package jwk, from
// members that were checked and written anew by us: of what is beside them
// (x5u, x5c, unknown kinds) it sees nothing.
package jose
