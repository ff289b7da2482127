package path

import (
	"crypto/x509"
	"errors"
)

// ErrTooComplex says that a search or a validation was given up because it
// would have cost more than the limits of this package; errors.Is finds it in
// an [Error] of kind [TooComplex].
var ErrTooComplex = errors.New("the certificates ask for more work than is allowed")

// Kind tells why a path is refused.
type Kind uint8

// The kinds of refusal. The zero value is none of them.
const (
	UnknownKind       Kind = iota
	BadParams              // the question itself is wrong: no time, no verify function
	NoPath                 // no chain of issuers leads to an anchor
	Malformed              // an extension is not what its clause says
	Algorithm              // the signature cannot be judged: not an algorithm of ours
	Signature              // the signature is wrong
	NameChaining           // the issuer named is not the subject of the next certificate
	NotYetValid            // before notBefore, or before the anchor was trusted
	Expired                // after notAfter, or after the anchor was trusted
	BasicConstraints       // an issuer is not a CA
	PathLength             // more CAs than a CA allows below itself, or than Params allow
	KeyUsage               // an issuer's key may not sign certificates
	Purpose                // extended key usage does not allow what is asked
	NameConstraints        // a name is excluded, or not permitted
	Policy                 // no acceptable certificate policy is left
	CriticalExtension      // a critical extension that nobody here understands
	TooComplex             // more work than the limits allow
)

var kinds = [...]string{
	UnknownKind: "unknown", BadParams: "parameters", NoPath: "no path", Malformed: "malformed",
	Algorithm: "algorithm", Signature: "signature", NameChaining: "name chaining",
	NotYetValid: "not yet valid", Expired: "expired", BasicConstraints: "basic constraints",
	PathLength: "path length", KeyUsage: "key usage", Purpose: "purpose",
	NameConstraints: "name constraints", Policy: "policy",
	CriticalExtension: "critical extension", TooComplex: "too complex",
}

// String returns a short name in lower case.
func (k Kind) String() string {
	if int(k) >= len(kinds) {
		return kinds[UnknownKind]
	}
	return kinds[k]
}

// Error is why a path is refused: which rule, by which clause, broken by which
// certificate.
type Error struct {
	Kind        Kind
	Clause      string            // such as "RFC 5280 §6.1.3 (a)(2)"
	Certificate *x509.Certificate // nil if no one certificate is to blame
	Detail      string            // a sentence part for the report, in English
	err         error
}

// Error returns the detail with its kind and clause.
func (e *Error) Error() string {
	return e.Kind.String() + ": " + e.Detail + " (" + e.Clause + ")"
}

// Unwrap returns what lies behind the refusal: [ErrTooComplex], or what the
// signature check said; nil if there is nothing.
func (e *Error) Unwrap() error {
	if e.Kind == TooComplex {
		return ErrTooComplex
	}
	return e.err
}
