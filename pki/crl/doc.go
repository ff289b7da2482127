// Package crl reads X.509 certificate revocation lists, version 1 and 2, as
// RFC 5280 §5 profiles them: complete ones and deltas, direct and indirect, for
// all certificates and reasons or for some, in memory or in a file.
//
//	list, err := crl.Parse(der)                    // or Open, for one in a file
//	err = list.Verify(issuer, pki.Verify)          // name, key usage, signature
//	answers, err := crl.Judge(cert, []crl.Checked{{List: list, Signer: issuer}})
//
// [Judge] asks all lists at hand together, and is what a verifier wants. It is
// made of [List.Covers] (may this list speak of this certificate, and for which
// reasons?), [List.Lookup] (is it on the list?) and [Combine] (a complete list
// with a later delta), which are of use by themselves. That a certificate is not
// on a list means nothing without Verify and Covers.
//
// Trust: nothing. A list is what its bytes say. Whether its signer is to be
// believed, and how old a list may be, is for the caller to say: an answer of
// Judge tells when its lists were made and when they end. Signatures are checked
// by [pki.Verify] or [pki.VerifyDigest] over the received bytes.
//
// It refuses, with [ErrUnsupported], lists and entries with critical extensions
// that it does not know: such a list must not be used for any certificate (RFC
// 5280 §5.2, §5.3). Departures that leave the meaning clear are noted in
// [List.Defects], because CAs in service commit them.
//
// Limits: [MaxSize] and [MaxFile]; 64 KiB an entry, 1 MiB any other part. A list
// costs no memory beyond its size in memory, and 256 KiB while it is looked
// through in its file; with an index, 8 bytes an entry more (12 where each names
// its issuer). A question costs one pass, or with an index a few reads.
//
// Known attacks, and where they end:
//   - a list by another key under the same name (Verify); a list of one CA, of
//     CA certificates, of some reasons or of another distribution point shown for
//     a certificate that it does not cover (Covers);
//   - the same serial number of another issuer in an indirect list (Lookup);
//   - a delta shown as a complete list, added to a list of another scope, signed
//     by another key, or with a gap before it (Judge, Combine);
//   - a delta that takes a compromised certificate off the list when it ends, so
//     that what was signed after the theft passes (Combine);
//   - one certificate twice on a list, the second time as "remove" (Lookup);
//   - a serial number or a length in a second encoding, so that it is not found,
//     or the signed algorithm not that beside the signature (Parse);
//   - lists by the thousand, to make their number squared (Judge, Set).
package crl
