// Package cms reads and writes the SignedData of the Cryptographic Message
// Syntax, RFC 5652. It has no policy and checks no signature: it tells what
// the bytes say, and lays out what a key shall sign.
//
//	sd, err := cms.Parse(raw)
//	attrs, err := cms.Statement{…}.SignedAttributes() // to be signed
//	der, err := cms.Assembly{…}.Encode()
//	der, err = cms.Add(raw, cms.Addition{…}) // to one that stands
//
// Reading tolerates BER (indefinite lengths, constructed strings, long
// lengths), because mail programs and old signers write it, and preserves what
// came: the signed attributes are handed on byte for byte. Writing is DER, and
// digest first, so that content of any size costs no memory. Adding to what
// stands (signers, certificates, revocation information, unsigned attributes)
// keeps every byte of it, in BER as well; see [Add] for the lengths around.
//
// The attributes that carry evidence of long-term signatures (values.go), name it
// (reference.go) and index it (hashindex.go) are read one by one, by whoever
// wants them.
//
// It refuses trailing bytes, nesting deeper than 64, more than 1,000
// certificates or signers, more than 200 attributes. Known attacks stop here:
// a second value or instance of an attribute that may stand once is a fatal
// defect (two readers would see two truths); a signer without signed
// attributes has a nil Signed, and the formats above refuse it (the DER of
// signed attributes could be shown as content, RFC 5652 §13).
//
// go.mozilla.org/pkcs7 v0.10.0 is a differential judge in the tests, and not
// the parser: it refuses keys in an HSM, PSS and Ed25519, has no streaming,
// checks a chain at the signer's own claimed time, re-encodes BER in quadratic
// time (2.6 s for 183 KB of nesting), and drops the parse error of a signer
// that is named by its key identifier.
package cms
