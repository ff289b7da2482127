// Package pki is the vocabulary of keys and trust that every other package
// speaks: algorithms and hashes with all their names, the one place where a
// signature value is checked, keys that know what they are for, and the ports
// through which trust, revocation and time come in.
//
//	err := pki.Verify(cert.PublicKey, pki.ECDSASHA256, message, value)
//	value, err := key.Sign(ctx, pki.UseSign, pki.ECDSASHA256, message)
//
// [Verify] is the only function of the module that decides whether a signature
// value is right; every format hands it the exact signed bytes. [Key] is the
// only handle to a private key; it checks each signature under its own
// certificate before it lets go of it.
//
// An algorithm is one row of one table, with its names in X.509 and CMS (OID),
// JOSE, COSE and XML. To add one, add a row to the table in algorithm.go and,
// if its mathematics are new, a case in verify.go and in key.go.
//
// The package trusts Go's crypto packages and nothing else. It refuses RSA keys
// under 1024 or over 16384 bits, ECDSA curves other than P-256, P-384 and
// P-521, and every algorithm that is not in the table; whether an algorithm is
// still good enough at some time is not decided here but by verifier/policy.
package pki
