// Package cades is CAdES, EN 319 122-1 v1.3.1: CMS signatures at the baseline
// levels B-B, B-T, B-LT and B-LTA, made and read; every other CMS signature is
// read as far as RFC 5652 goes.
//
//	pending, err := cades.Preparer{}.Prepare(in, params)   // detached
//	edit, err := cades.Preparer{}.Complete(pending, formats.Completion{Value: value})
//	doc, err := cades.Parser{}.Parse(in)
//
// [Extender] lifts what is signed, by us or by others, to the levels that last:
// a signature-time-stamp, evidence in certificates and crls, and an
// archive-time-stamp-v3. Under one of version 1 or 2 evidence cannot be added.
//
// A signature may say more ([Properties]: commitments, roles, policy, place,
// content time-stamps), and may be added to a CMS that has others: in parallel
// to them, or over one of them (Preparer.Parallel and .Counter). Nothing of
// what is there changes. Refused is what would break a proof in it: a new
// certificate under an archive time-stamp of the first two kinds, a
// counter-signature under one on the same signer, anything under an evidence
// record; and in parallel, content that the others are not over.
//
// A signature reduces to: Signed = the DER of the signed attributes, and one
// reference, message-digest ↔ content.
//
//	SignedData ── signerInfos ── signedAttrs: content-type, message-digest,
//	    │                        signing-time, signing-certificate-v2
//	    ├─ eContent (attached)   signature ← over signedAttrs
//	    └─ certificates          unsignedAttrs: signature-time-stamp ← over signature
//
// # Long-term evidence
//
// Certificates come from the SignedData and from certificate-values, revocation
// information from crls, revocation-values and Adobe's signed attribute: each
// piece once. Time-stamps are read with what is in them: over the signature, the
// content, the references to evidence (CAdES-X), and everything (archive). What
// each covers is told in Covers, by this rule:
//
//	content           nothing: the content is no piece of evidence
//	signature         the value; the signer's certificate, content time-stamps and
//	                  Adobe's revocation information, to which the value commits
//	CAdES-C (X type 1)  the same, the signature time-stamps, and the evidence whose
//	                  digests are in the references; X type 2 only that evidence
//	archive, v1, v2   the same as for a signature, all in the SignedData, and all in
//	                  the unsigned attributes but archive time-stamps not older
//	archive, v3       the same as for a signature, and what its hash index names
//
// A token or a value that is covered is covered with what is in it. A digest in
// a hash index that fits nothing leaves a reference without content, and so a
// stamp that proves nothing (EN 319 122-1 §5.5.2). Not read: stamps on
// counter-signatures other than over their value, counter-signatures on
// counter-signatures, long-term-validation (TS 101 733 v1.8), attribute
// certificates.
//
// # Evidence records
//
// Evidence records (RFC 4998) are read in unsigned attributes (appendix A, TS 119
// 122-3), where they are over the CMS as it was before they came and, if they
// are external, over the content beside it; and as files of their own, by
// [RecordParser]. A record in a CMS covers all evidence that was in it; it counts
// for the signer in whose attributes it stands, though it is over all of them.
// Not read: records in the tokens of time-stamps.
//
// Limits: 4 evidence records in a CMS, 32 time-stamps on a signer, 4 deep on one
// another, 32 over everything in a file, 2,000 values in attributes, 10,000
// digests in an index, and as many covered objects as a file of its size can
// hold. What is over them is told.
//
// Content of a detached signature is streamed once, whatever its size; attached
// content is held in memory and bounded by [formats.MaxParsed].
//
// Refused, as a fatal defect: a signer without signed attributes (EN 319 122-1
// §6.3 demands them; without them, the attributes of one signature can be
// shown as the content of another), a signed attribute that does not stand
// once, a content-type other than that of the content. The signer is found by
// name and bound by the digest in signing-certificate, never by position.
package cades
