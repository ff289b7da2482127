// Package ocsp reads Online Certificate Status Protocol responses (RFC 6960),
// whole or as the bare BasicOCSPResponse that CAdES carries, and writes requests
// (RFC 6960 §4.1, RFC 5019, RFC 9654).
//
//	r, err := ocsp.Parse(der)
//	s, err := r.Judge(ocsp.Question{Certificate: cert, Issuer: issuer, Verify: pki.Verify})
//	if s.Status == ocsp.Good { … }     // as of s.ThisUpdate, said by s.Signer
//
// Judge is the whole of RFC 6960 §3.2 but its times: one answer about the
// certificate, a signer that the response names and that is authorised, its
// signature, and its certificate valid when it answered. How fresh an answer
// must be is for policy to say; so is whether the signer's own certificate was
// revoked, which [NoCheck] may excuse.
//
// Trust: nothing but the issuer's certificate, which the caller believes for
// its own reasons. The network is not trusted: a response counts only by its
// signature, checked over the bytes received.
//
// It refuses what is not DER, bytes after the end, critical extensions that it
// does not know, a version other than 1, and an answer by anybody but the
// issuer or one whom the issuer itself certified to answer (RFC 6960
// §4.2.2.2), unless the caller names one whom it trusts by decision
// (Question.Responders). What departs from the letter, but can be read in one
// way only, is read and named in Response.Defects.
//
// Limits: [MaxSize] bytes, 1000 answers, 32 certificates, 64 extensions in a
// list.
//
// Known attacks, and where they end: an answer about a namesake's certificate
// with the same serial number, and two answers about one certificate (Answer);
// a delegate that somebody else has certified, or that was certified for
// something else (Authorised); the certificate of the person in question, who
// vouches for himself (Authorised); an old answer shown again (AnswersRequest,
// and the times); a refusal with an answer inside (Parse); one signer named and
// another one used (Signer).
package ocsp
