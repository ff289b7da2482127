// Package mdoc reads and writes mobile documents of ISO/IEC 18013-5:2021: the
// IssuerSigned structure that an issuer gives to a wallet, and, reading only,
// the DeviceResponse in which a wallet shows it. Both are CBOR; wallets also
// store them as one line of base64url, which is read as well.
//
//	doc, err := mdoc.Parser{}.Parse(in)
//	pending, err := mdoc.Preparer{DocType: …, Namespaces: …, HolderKey: …}.Prepare(in, params)
//	edit, err := mdoc.Preparer{}.Complete(pending, completion) // edit.Tail is the document
//
// An issuer signs the MobileSecurityObject (MSO): the document type, its
// validity, the holder's key, and a digest of each element with its salt. Each
// disclosed element is a reference, its received bytes against the digest, so
// whoever verifies an mdoc verifies every element of it (9.1.2.3).
//
// It trusts nothing that it reads: value, digests, certificate and validity are
// judged by the verifier. What the holder signed (deviceSigned) is reported as
// present and not judged; nothing of it counts as an element.
//
// It refuses, as fatal defects: an element whose digest the MSO lacks, the same
// digestID or element twice, a docType other than the MSO's, no x5chain, an
// algorithm outside of the protected header, times that are no times, a status
// that cannot be read. Members that the standard does not know are let be: its
// second edition adds some.
//
// It writes what 9.1.2.4 asks for: tag 24 payload, alg protected, x5chain
// unprotected and without the root, times without fractions; in deterministic
// CBOR (RFC 8949 §4.2.1), with digest numbers in random order and 32-byte
// salts. It refuses to write what would outlive the signer's certificate, or
// belongs to no holder.
//
// Limits: 16 MiB; 64 documents; 1,024 elements disclosed and 8,192 digests a
// document; those of package cose; [MaxElements] of one namespace to write.
//
// Attacks and where they end: an element that was changed, or moved from
// another document (issued.go: the reference is over the received bytes);
// hiding all elements by renaming their member (issued.go, readSpaces); a
// holder who shows another docType than was signed (response.go); linking
// copies by the order of digests or short salts (layout.go); a dead random
// source (layout.go, draw).
package mdoc
