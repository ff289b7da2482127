// Package verifier judges documents: it asks of every signature the questions
// of ETSI EN 319 102-1 V1.4.1, basic validation (§5.3), validation of
// time-stamps (§5.4), with time (§5.5) and with archival data (§5.6), and of
// every identity document those that the standard does not know (validity,
// status).
//
//	v := verifier.Verifier{Formats: catalog.Parsers(), Trust: anchors,
//		Revocation: crls, Policy: policy.Default(), Now: time.Now}
//	r, err := v.Verify(ctx, in)
//
// Verify is a function of the bytes, the anchors, the revocation evidence, the
// time and the policy. It has no network, no clock and no files of its own, so
// the same call gives the same verdict in a terminal, a server or a sandbox.
//
// A verdict is reached in this order: the blocks at the time that is asked for
// (basic.go); where they leave only doubts that time can resolve, again at the
// earliest time that a time-stamp proves (withtime.go); and where that is not
// enough, for the past, by proofs of existence (poe.go, past.go): time-stamps are
// judged the latest first, and what each covers is proven to be older. Two
// choices are ours. Where revocation information has grown old, time slides to
// the end of its freshness and not to its issuance (see slide). And what an
// issuer said counts after its revocation only if it is proven to be older (see
// fall): the standard says so of the sliding process alone.
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
// What documents have in common (certificates, paths, lists, responses) is
// judged once by a [Memo], whose keys are the bytes.
//
// Limits: those of policy.Limits for each signature. Certificates are read by
// crypto/x509, so keys that it does not know (DSTU 4145) end as "algorithm not
// supported". Attribute certificates and time-stamps on counter-signatures are
// not judged; the revocation of attribute authorities is not asked for. An
// evidence record with more archive time-stamps than policy.Limits has
// time-stamps proves nothing.
package verifier
