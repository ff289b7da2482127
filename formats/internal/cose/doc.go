// Package cose reads and writes COSE_Sign1 messages and COSE_Key (RFC 9052,
// RFC 9053, RFC 9360), and the CBOR (RFC 8949) they stand in, for the formats
// that are made of them.
//
//	m, err := cose.ParseSign1(raw)
//	message, value := m.ToBeSigned(), m.Signature
//	raw = append(cose.AppendUnsigned(nil, cose.Unsigned{…}), value...)
//
// It trusts nothing that it reads and checks no signature: what is signed, the
// value and the certificates are facts for the verifier. Sig_structure is built
// from the protected header and payload as they were received, never from a
// re-encoding, so a message cannot mean one thing to its issuer and another to
// us.
//
// It refuses what is not exactly one well-formed data item, a map with the same
// key twice (two readers would choose two values), and members of another type
// than their definition. It tolerates encodings that are longer than they need
// to be and items of indefinite length: ISO/IEC 18013-5 allows them, and
// issuers in the wild write them.
//
// Limits, beyond which it says [formats.ErrTooLarge]: nesting [MaxDepth],
// [MaxItems] members of an array or map. The caller bounds the size.
//
// Attacks and where they end: a label in both headers, of which the unprotected
// one is the attacker's (sign1.go, readHeaders); alg outside of the protected
// header (the message has no algorithm then); "crit" with what we do not know
// (header.go, critical); a certificate chain of thousands (header.go, chain); a
// point off its curve (key.go, ParseKey).
//
// Why not github.com/veraison/go-cose v1.3.0: it answers with a verdict where
// we need facts, hides the protected header as it was received, refuses what
// has no alg in the protected header without saying so, and does not know the
// fully specified algorithms of RFC 9864 (-9 and its kin). It is the judge in
// our tests: it verifies all that we write.
package cose
