// Package cades is CAdES, EN 319 122-1 v1.3.1: CMS signatures at the baseline
// levels B-B and B-T, made and read; every other CMS signature is read as far
// as RFC 5652 goes.
//
//	pending, err := cades.Preparer{}.Prepare(in, params)   // detached
//	edit, err := cades.Preparer{}.Complete(pending, formats.Completion{Value: value})
//	doc, err := cades.Parser{}.Parse(in)
//
// A signature reduces to: Signed = the DER of the signed attributes, and one
// reference, message-digest ↔ content.
//
//	SignedData ── signerInfos ── signedAttrs: content-type, message-digest,
//	    │                        signing-time, signing-certificate-v2
//	    ├─ eContent (attached)   signature ← over signedAttrs
//	    └─ certificates          unsignedAttrs: signature-time-stamp ← over signature
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
