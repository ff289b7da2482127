// Package crl reads X.509 certificate revocation lists, version 1 and 2, as
// RFC 5280 §5 profiles them.
//
//	list, err := crl.Parse(der)
//	err = list.Verify(issuer)          // name, key usage, signature
//	err = list.Covers(cert)            // may this list speak of cert?
//	entry, found := list.Lookup(cert.SerialNumber)
//
// An answer of Lookup counts only after Verify and Covers, and within
// ThisUpdate and NextUpdate; how old a list may be is for policy to say.
//
// Trust: nothing. A parsed list is what its bytes say; the caller has to trust
// the issuer's certificate for its own reasons. The signature is checked by
// [pki.Verify] over the received bytes.
//
// Lists with an empty sequence of entries are read, and the departure noted:
// CAs in service write them.
//
// It refuses, with [ErrUnsupported], what could make "not listed" mean
// something other than "not revoked": delta lists, indirect lists, lists for
// some reasons only, and critical extensions that it does not know (RFC 5280
// §5.2: a list with such an extension must not be used for any certificate).
//
// Limits: [MaxSize]; the entries are kept as the bytes they came in, so that a
// list costs no memory beyond its size, and Lookup walks them.
//
// Known attacks, and where they end: a list of one CA shown for another's
// certificate, or a list of CA certificates shown for a user's (Verify,
// Covers); an algorithm outside of the signature that differs from the one
// inside (Parse); a serial number in a second encoding, so that it is not found
// (Parse).
package crl
