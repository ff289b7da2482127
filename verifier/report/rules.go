package report

// rule is where a check is written, and what a "no" can mean.
type rule struct {
	clause  string
	reasons []SubIndication
}

func written(clause string, reasons ...SubIndication) rule { return rule{clause, reasons} }

// checkRules are the rules of all checks, by id. What a report says of its own
// check stands before this; the tests hold the two together.
var checkRules = map[string]rule{
	"policy.format":    written("EN 319 102-1 5.2.4", PolicyProcessingError),
	"policy.signature": written("EN 319 102-1 5.2.8.4", SigConstraintsFailure, SignaturePolicyNotAvailable),
	"format.built":     written("EN 319 102-1 5.2.2", FormatFailure),
	"format.signed":    written("EN 319 102-1 5.2.2", FormatFailure),

	"signer.found":      written("EN 319 102-1 5.2.3", NoSigningCertificateFound),
	"signer.attribute":  written("EN 319 122-1 5.2.2", SigConstraintsFailure),
	"reference.present": written("EN 319 102-1 5.2.7.4", SignedDataNotFound),
	"reference.digest":  written("EN 319 102-1 5.2.7.4", HashFailure),
	"signature.value":   written("EN 319 102-1 5.2.7.4", SigCryptoFailure),

	"certificate.path": written("EN 319 102-1 5.2.6.4",
		NoCertificateChainFound, CertificateChainGeneralFailure),
	"certificate.usage":    written("RFC 5280 4.2.1.3", ChainConstraintsFailure),
	"certificate.purpose":  written("RFC 5280 4.2.1.12", ChainConstraintsFailure),
	"certificate.validity": written("EN 319 102-1 5.2.6.4", OutOfBoundsNoPOE, OutOfBoundsNotRevoked),
	"certificate.policies": written("RFC 5280 6.1.5", ChainConstraintsFailure),
	"certificate.constraints": written("RFC 5280 4.2.1.10",
		CertificateChainGeneralFailure, ChainConstraintsFailure),

	"revocation.signer":    written("EN 319 102-1 5.2.6.4", RevokedNoPOE, Revoked),
	"revocation.issuers":   written("EN 319 102-1 5.2.6.4", RevokedCANoPOE),
	"revocation.known":     written("EN 319 102-1 5.2.5.4", TryLater),
	"revocation.responder": written("RFC 6960 4.2.2.2", TryLater, RevocationOutOfBoundsNoPOE),

	"acceptance.coverage":  written("EN 319 142-1 6.3", SigConstraintsFailure),
	"acceptance.level":     written("EN 319 122-1 6.1", SigConstraintsFailure),
	"acceptance.algorithm": written("EN 319 102-1 5.2.8.4", CryptoConstraintsFailure, CryptoConstraintsFailureNoPOE),
	"acceptance.key":       written("EN 319 102-1 5.2.8.4", CryptoConstraintsFailure, CryptoConstraintsFailureNoPOE),
	"acceptance.digests":   written("EN 319 102-1 5.2.8.4", CryptoConstraintsFailure, CryptoConstraintsFailureNoPOE),
	"acceptance.path":      written("EN 319 102-1 5.2.8.4", CryptoConstraintsFailure, CryptoConstraintsFailureNoPOE),

	"timestamp.time":    written("EN 319 102-1 5.4.4", TimestampOrderFailure),
	"time.whole":        written("EN 319 102-1 5.5.4", SigConstraintsFailure),
	"time.order":        written("EN 319 102-1 5.5.4", TimestampOrderFailure),
	"time.issued":       written("EN 319 102-1 5.5.4", NotYetValid),
	"archive.timestamp": written("EN 319 102-1 5.6.3.4", SigConstraintsFailure, NoPOE),
	"archive.level":     written("EN 319 122-1 6.1", SigConstraintsFailure),
	"archive.poe":       written("EN 319 102-1 5.6.2.3", NoPOE),
	"past.certificate":  written("EN 319 102-1 5.6.2.1", NoPOE),
	"past.sliding":      written("EN 319 102-1 5.6.2.2", NoPOE),
	"past.signature":    written("EN 319 102-1 5.6.2.4", NoPOE, NotYetValid),
	"evidence.record":   written("RFC 4998 5.3", SigConstraintsFailure, NoPOE),
	"counter.signature": written("EN 319 122-1 5.2.7", SigConstraintsFailure),

	"holder.format":       written("RFC 9901 4.3", FormatFailure),
	"holder.digest":       written("RFC 9901 7.3", HashFailure),
	"holder.value":        written("RFC 9901 7.3", SigCryptoFailure),
	"credential.validity": written("ISO 18013-5 9.3.1", Expired, NotYetValid),
	"credential.signed":   written("ISO 18013-5 9.3.1", SigConstraintsFailure),
	"credential.status":   written("EUDI ARF VCR_01", TryLater),
}
