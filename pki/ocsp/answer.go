package ocsp

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// ErrNoAnswer says that a response does not answer for a certificate, or not
// with one voice.
var ErrNoAnswer = errors.New("no answer about the certificate")

// Status is a CertStatus of RFC 6960 §2.2. The zero value is none.
type Status uint8

// The statuses. Good says that the certificate is not known to be revoked;
// Unknown, that the responder knows nothing of it.
const (
	NoStatus Status = iota
	Good
	Revoked
	Unknown
)

var statusNames = [...]string{"no status", "good", "revoked", "unknown"}

// String returns the name in RFC 6960.
func (s Status) String() string {
	if int(s) >= len(statusNames) {
		return fmt.Sprintf("status %d", s)
	}
	return statusNames[s]
}

// Answer is what a response says of one certificate: a SingleResponse.
type Answer struct {
	Hash       pki.Hash // of NameHash and KeyHash; UnknownHash: none of ours
	HashOID    string   // its dotted object identifier
	NameHash   []byte   // digest of the issuer's DER name
	KeyHash    []byte   // digest of the issuer's key
	Serial     *big.Int
	Status     Status
	RevokedAt  time.Time // zero unless revoked
	Reason     Reason    // of revocation, Unspecified where nothing is said
	ThisUpdate time.Time // at which the status is known to be right
	NextUpdate time.Time // zero: newer information is there all the time
	// ArchiveCutoff is since when the responder keeps telling of certificates
	// that have expired (RFC 6960 §4.4.4); zero: not said.
	ArchiveCutoff time.Time
	// Invalid is since when the key is known or suspected to be compromised
	// (RFC 5280 §5.3.2); zero: not said.
	Invalid time.Time
	// NeverIssued says that the certificate is revoked because the issuer has
	// never issued it (RFC 6960 §2.2, §4.4.8).
	NeverIssued bool
	// CertHash is a digest of the certificate, the proof that the responder
	// knows it (Common PKI 2.0, part 4); nil: not said.
	CertHash *CertHash
}

// CertHash is a digest of a whole certificate.
type CertHash struct {
	Hash pki.Hash // UnknownHash: none of ours
	Sum  []byte
}

// Reason is a CRLReason of RFC 5280 §5.3.1.
type Reason int

// The reasons. 7 is not used.
const (
	Unspecified          Reason = 0
	KeyCompromise        Reason = 1
	CACompromise         Reason = 2
	AffiliationChanged   Reason = 3
	Superseded           Reason = 4
	CessationOfOperation Reason = 5
	CertificateHold      Reason = 6
	RemoveFromCRL        Reason = 8
	PrivilegeWithdrawn   Reason = 9
	AACompromise         Reason = 10
)

var reasonNames = map[Reason]string{
	Unspecified: "unspecified", KeyCompromise: "keyCompromise", CACompromise: "cACompromise",
	AffiliationChanged: "affiliationChanged", Superseded: "superseded",
	CessationOfOperation: "cessationOfOperation", CertificateHold: "certificateHold",
	RemoveFromCRL: "removeFromCRL", PrivilegeWithdrawn: "privilegeWithdrawn", AACompromise: "aACompromise",
}

// Known reports whether r is a reason of RFC 5280.
func (r Reason) Known() bool { return reasonNames[r] != "" }

// String returns the name in RFC 5280.
func (r Reason) String() string {
	if !r.Known() {
		return fmt.Sprintf("reason %d", int(r))
	}
	return reasonNames[r]
}

// readAnswer reads
//
//	SingleResponse ::= SEQUENCE {
//	    certID            CertID,
//	    certStatus        CertStatus,
//	    thisUpdate        GeneralizedTime,
//	    nextUpdate        [0] EXPLICIT GeneralizedTime OPTIONAL,
//	    singleExtensions  [1] EXPLICIT Extensions OPTIONAL }
func (r *Response) readAnswer(in *cryptobyte.String) (Answer, error) {
	var a Answer
	var seq, next, extensions cryptobyte.String
	var limited, extended, ok bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return a, malformed("no SEQUENCE")
	}
	if err := a.readID(&seq); err != nil {
		return a, err
	}
	if err := r.readStatus(&seq, &a); err != nil {
		return a, err
	}
	if a.ThisUpdate, ok = r.readTime(&seq); !ok {
		return a, malformed("thisUpdate")
	}
	if !seq.ReadOptionalASN1(&next, &limited, explicit(0)) ||
		!seq.ReadOptionalASN1(&extensions, &extended, explicit(1)) || !seq.Empty() {
		return a, malformed("the fields of SingleResponse")
	}
	if limited {
		if a.NextUpdate, ok = r.readTime(&next); !ok || !next.Empty() {
			return a, malformed("nextUpdate")
		}
		if a.NextUpdate.Before(a.ThisUpdate) {
			r.note("RFC 6960 4.2.2.1: nextUpdate is before thisUpdate")
		}
	}
	if extended {
		if err := r.readSingleExtensions(extensions, &a); err != nil {
			return a, err
		}
	}
	a.NeverIssued = r.ExtendedRevoke && a.Reason == CertificateHold && a.RevokedAt.Equal(time.Unix(0, 0))
	return a, nil
}

// readID reads
//
//	CertID ::= SEQUENCE {
//	    hashAlgorithm   AlgorithmIdentifier,
//	    issuerNameHash  OCTET STRING,
//	    issuerKeyHash   OCTET STRING,
//	    serialNumber    INTEGER }
func (a *Answer) readID(in *cryptobyte.String) error {
	var seq, algorithm, name, key cryptobyte.String
	a.Serial = new(big.Int)
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) ||
		!seq.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!seq.ReadASN1(&name, cbasn1.OCTET_STRING) || !seq.ReadASN1(&key, cbasn1.OCTET_STRING) ||
		!seq.ReadASN1Integer(a.Serial) || !seq.Empty() {
		return malformed("the certificate's identifier")
	}
	a.NameHash, a.KeyHash = name, key
	var err error
	a.Hash, a.HashOID, err = readHash(algorithm)
	return err
}

// readStatus reads
//
//	CertStatus ::= CHOICE {
//	    good     [0] IMPLICIT NULL,
//	    revoked  [1] IMPLICIT SEQUENCE {
//	        revocationTime    GeneralizedTime,
//	        revocationReason  [0] EXPLICIT CRLReason OPTIONAL },
//	    unknown  [2] IMPLICIT NULL }
func (r *Response) readStatus(in *cryptobyte.String, a *Answer) error {
	var body, reason cryptobyte.String
	var tag cbasn1.Tag
	var reasoned, ok bool
	if !in.ReadAnyASN1(&body, &tag) {
		return malformed("no status")
	}
	switch {
	case tag == cbasn1.Tag(0).ContextSpecific() && body.Empty():
		a.Status = Good
		return nil
	case tag == cbasn1.Tag(2).ContextSpecific() && body.Empty():
		a.Status = Unknown
		return nil
	case tag != explicit(1):
		return malformed("the status")
	}
	if a.RevokedAt, ok = r.readTime(&body); !ok {
		return malformed("the time of revocation")
	}
	if !body.ReadOptionalASN1(&reason, &reasoned, explicit(0)) || !body.Empty() {
		return malformed("the fields of RevokedInfo")
	}
	if reasoned && (!r.readReason(&reason, a) || !reason.Empty()) {
		return malformed("the reason of revocation")
	}
	a.Status = Revoked
	return nil
}

func (r *Response) readReason(in *cryptobyte.String, a *Answer) bool {
	var reason int
	if !in.ReadASN1Enum(&reason) || reason < 0 {
		return false
	}
	if a.Reason = Reason(reason); !a.Reason.Known() {
		r.note("RFC 5280 5.3.1: the reason of revocation is none of the list")
	}
	return true
}

// Answer returns the one answer about cert, which issuer is said to have
// issued. The identifier must name the issuer by name and by key (RFC 6960
// §3.2 step 1, §4.1.1): serial numbers repeat between issuers, and so may
// names. More than one answer is none: which of "good" and "revoked" counts
// would depend on the reader. The error wraps [ErrNoAnswer], or
// [pki.ErrUnknownAlgorithm] if the answer is identified in a way that we cannot
// compare.
func (r *Response) Answer(cert, issuer *x509.Certificate) (*Answer, error) {
	if !pki.SameName(cert.RawIssuer, issuer.RawSubject) {
		return nil, fmt.Errorf("finding the answer: the certificate has another issuer: %w", ErrNoAnswer)
	}
	key, err := pki.PublicKeyBits(issuer)
	if err != nil {
		return nil, fmt.Errorf("finding the answer: %w", err)
	}
	var found *Answer
	namesakes := 0
	for i := range r.Answers {
		a := &r.Answers[i]
		switch {
		case a.Serial.Cmp(cert.SerialNumber) != 0:
			continue
		case !a.Hash.Known():
			return nil, fmt.Errorf("finding the answer: digest algorithm %s: %w", a.HashOID, pki.ErrUnknownAlgorithm)
		case !a.names(cert, issuer, key):
			namesakes++
		case found != nil:
			return nil, fmt.Errorf("finding the answer: there are several: %w", ErrNoAnswer)
		default:
			found = a
		}
	}
	switch {
	case found == nil && namesakes > 0:
		return nil, fmt.Errorf("finding the answer: it is about a certificate of another issuer: %w", ErrNoAnswer)
	case found == nil:
		return nil, fmt.Errorf("finding the answer: %w", ErrNoAnswer)
	}
	return found, found.knows(cert)
}

// names reports whether a's identifier is of issuer. The name is hashed as it
// stands in the certificate in question (RFC 6960 §4.1.1); responders that take
// it from the issuer's own certificate mean the same name.
func (a *Answer) names(cert, issuer *x509.Certificate, key []byte) bool {
	return bytes.Equal(a.KeyHash, a.Hash.Sum(key)) &&
		(bytes.Equal(a.NameHash, a.Hash.Sum(cert.RawIssuer)) ||
			bytes.Equal(a.NameHash, a.Hash.Sum(issuer.RawSubject)))
}

// knows compares the digest of the whole certificate, if the answer has one. A
// CA that has used a serial number twice knows which of the two it means.
func (a *Answer) knows(cert *x509.Certificate) error {
	if h := a.CertHash; h != nil && h.Hash.Known() && !bytes.Equal(h.Sum, h.Hash.Sum(cert.Raw)) {
		return fmt.Errorf("finding the answer: it is about another certificate with this number: %w", ErrNoAnswer)
	}
	return nil
}
