// Package verifier judges documents: it asks of every signature the questions
// of ETSI EN 319 102-1 V1.4.1, basic validation (§5.3), validation of
// time-stamps (§5.4) and validation with time (§5.5), and of every identity
// document those that the standard does not know (validity, status).
//
//	v := verifier.Verifier{Formats: catalog.Parsers(), Trust: anchors,
//		Revocation: crls, Policy: policy.Default(), Now: time.Now}
//	r, err := v.Verify(ctx, in)
//
// Verify is a function of the bytes, the anchors, the revocation evidence, the
// time and the policy. It has no network, no clock and no files of its own, so
// the same call gives the same verdict in a terminal, a server or a sandbox.
//
// Every question is a row {id, clause, sub-indication, func} of a table; one
// file holds the rows of one family of clauses. Values and references are
// checked here, once for all formats, over the bytes that the format names.
//
// It trusts the anchors it is given for the use that fits the format, and
// nothing that came with the document. It refuses, among others:
//
//   - a certificate chosen by its place: all that the signature says of its
//     certificate must agree, and the signed attribute is required of AdES
//     (certificate substitution, RFC 5035 §5);
//   - a signature without references, where the format must have some (the
//     issuer's signature checked, the elements not: once a bug of isomdl);
//   - anything added after signing that the format cannot justify (shadow
//     attacks, incremental saving);
//   - a time-stamp that does not wholly validate, as proof of time;
//   - CRLs and OCSP responses of others than the issuer or those it delegated.
//
// A broken signature hides every other claim: who signed, who vouches and when
// are not shown, because none of it has any ground to stand on.
//
// Limits: those of policy.Limits for each signature. Paths are found by
// crypto/x509, which knows no DSTU 4145 and refuses certificates signed with
// SHA-1. Archival data (§5.6) are not judged. Counter-signatures are noted, not
// judged.
package verifier
