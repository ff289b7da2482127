// Package ca issues X.509 certificates and CRLs as RFC 5280 profiles them:
// roots, issuing CAs, signers of documents, time-stamp units (RFC 3161 §2.3),
// OCSP responders (RFC 6960 §4.2.2.2), and the certificates of ISO/IEC 18013-5
// Annex B.
//
//	profiles, err := ca.ParseProfiles(json)     // or ca.DefaultProfiles()
//	authority := ca.Authority{Key: key, Profiles: profiles, Now: now, CRLURL: url}
//	cert, err := authority.Issue(ctx, ca.Request{Profile: "timestamp", Subject: name, PublicKey: pub})
//
// What a certificate may be used for, and how long, is the profile's to say,
// and nobody else's: not the requester's, not the CSR's. Who it is for is the
// [Request]'s. Where its revocation is published is the authority's. Each
// certificate and CRL is parsed again and verified by [pki.Verify] under the
// issuer before it is returned.
//
// # Profiles
//
// Operators write profiles in the JSON of cfssl; see [ParseProfiles] for what
// is read, what is added and what is refused. [DefaultProfiles] has:
//
//	root-ca          signs issuing CAs
//	iaca             signs mdoc signers (ISO/IEC 18013-5 B.1.2)
//	issuing-ca       signs everything below
//	document-signer  signs or seals files (EN 319 412-2 §4.3.2, EN 319 412-3)
//	timestamp        time-stamp unit, critical usage (RFC 3161 §2.3)
//	ocsp             OCSP responder, not checked itself (RFC 6960 §4.2.2.2.1)
//	mdoc-signer      document signer of ISO/IEC 18013-5 B.1.4
//	sdjwt-signer     signs SD-JWT VCs
//
// # cfssl
//
// github.com/cloudflare/cfssl v1.7.1, package config, reads the profiles. It
// is lax where it hurts (measured): unknown members are ignored, all usages but
// one may be misspelt, an expiry may be negative, and not_after before
// not_before makes it panic. So a strict reading comes before it, and the rules
// of [Profile] after. It brings zlint along: 3.2 MB of binary, 8 modules, 2.5 ms
// at start (linux/amd64).
//
// The rest of cfssl is not used, as measured:
//
//   - signer/local takes subject and names from the CSR unless a whitelist says
//     otherwise, and with copy_extensions extensions too; returns PEM and logs.
//     It serves as a second issuer in the tests: it must read our profiles the
//     same way.
//   - crl goes through Certificate.CreateCRL: no CRL number, which RFC 5280
//     §5.2.3 demands, and no reasons.
//   - revoke takes "cannot ask" for "not revoked" unless told otherwise, through
//     a global variable.
//
// # Limits
//
// Trust: the key, the profiles and the requests are the operator's. A CSR is a
// stranger's: [Profile.RequestFromCSR] takes its public key, after proof that
// the requester holds the private one, and what the profile's whitelist names.
//
// Refused: keys that package pki does not know, RSA under 2048 bits, the CA's
// own key, a CA below a CA that may have none, lifetimes beyond the issuer's
// (cut), profiles that contradict themselves.
//
// Not there: qualified statements (EN 319 412-5), name constraints, indirect,
// delta and partitioned CRLs, and a register of what was issued: serial numbers
// are random, and uniqueness across restarts is the caller's ([Request].Serial).
//
// Known attacks, and where they end: a requester who asks for a CA certificate,
// or another's name, in the CSR (RequestFromCSR); a certificate prepared to
// collide, which needs a predictable serial number (NewSerial); a faulty token
// (the signature is verified before anyone sees it).
package ca
