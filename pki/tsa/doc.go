// Package tsa is the Time-Stamp Protocol, RFC 3161 with the update of RFC
// 5816: what a token says, requests and responses, an authority and a client.
//
//	info, err := tsa.ParseInfo(tstInfo)
//	token, err := authority.Timestamp(ctx, pki.SHA256, digest)
//	client := &tsa.Client{Post: post}
//
// A token is a CMS SignedData over a TSTInfo. [ParseInfo] tells what the
// TSTInfo says; whether a token is worth anything is decided by the verifier.
//
// The [Authority] signs with one key whose certificate has the one critical
// purpose id-kp-timeStamping (§2.3), puts its certificate's ESSCertIDv2 under
// the signature (RFC 5816 §2.2.1), gives every token a random serial number of
// 127 bits, so that none repeats across restarts, and refuses to sign once its
// clock has gone back: a time-stamp that lies is worse than none.
//
// The [Client] has no network of its own: Post carries the bytes. It believes
// no answer that is not over its own imprint and nonce, and signed under the
// certificate that the token names.
//
// Limits: requests and responses of 1 MiB.
package tsa
