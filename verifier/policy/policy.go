package policy

import (
	"time"

	"tamga/formats"
	"tamga/pki"
)

// Policy is a set of requirements with a name. Its zero value accepts no
// algorithm and knows no format, so nothing passes under it.
type Policy struct {
	Name       string
	Date       time.Time // when it was published
	Title      string    // for people
	SHA256     string    // of the text that it was read from, hexadecimal
	Algorithms []Algorithm
	Digests    []Digest
	Keys       []Key
	Formats    []Format
	Timestamp  Rule // for RFC 3161 tokens, in whatever format they are found
	// Stamps is what becomes of a signature if one of its time-stamps fails.
	Stamps     Stamps
	Revocation Revocation
	Credential Credential
	Limits     Limits
	// ClaimAgainst makes a signer's own claimed time proof against it: a
	// signature that says of itself that it was made after its certificate was
	// revoked or had expired fails, where the standard would only doubt. A
	// claimed time is never proof in favour of anything.
	ClaimAgainst bool
}

// Stamps is what becomes of a signature if one of its time-stamps fails.
type Stamps uint8

// What a failing time-stamp does, strictest first.
const (
	RefuseFailing Stamps = iota // the signature does not pass
	RefuseBroken                // it does not if the stamp is forged, damaged or of something else
	DropFailing                 // it is judged as if the stamp were not there (EN 319 102-1 §5.5.4)
)

// stampWords are the values of [Stamps] as they are written.
var stampWords = []string{RefuseFailing: "refuse", RefuseBroken: "refuse-broken", DropFailing: "drop"}

// String returns the word of the files. What is no value is as the strictest.
func (s Stamps) String() string {
	if int(s) < len(stampWords) {
		return stampWords[s]
	}
	return stampWords[RefuseFailing]
}

// Algorithm says until when a signature algorithm is good enough.
type Algorithm struct {
	Algorithm pki.Algorithm
	Until     time.Time // zero: no end in sight
}

// Digest says until when a digest is good enough to stand for content.
type Digest struct {
	Hash  pki.Hash
	Until time.Time
}

// KeyKind is a family of keys whose size matters.
type KeyKind string

// The kinds of keys. Other kinds have one size for each algorithm.
const (
	RSA KeyKind = "RSA"
	EC  KeyKind = "EC"
)

// Key says until when keys of at least Bits bits are good enough. The row with
// the most bits that a key reaches counts.
type Key struct {
	Kind  KeyKind
	Bits  int
	Until time.Time
}

// Format says what is required of the signatures of one format.
type Format struct {
	ID   formats.ID
	Rule Rule
}

// Revocation is what is required of revocation information.
type Revocation struct {
	// ShortLived accepts certificates without revocation information whose
	// whole validity is not longer than this, or that say that none will ever
	// be had (RFC 9608 noRevAvail, EN 319 412-1 §5.2.2 validity assured); zero: none.
	ShortLived time.Duration
	// Skew is how far in the future information may say it was made.
	Skew time.Duration
	// Signer is for whoever signs revocation information without being the
	// issuer: delegates, and those who are trusted for it by decision.
	Signer Rule
}

// Credential is what is required of identity documents.
type Credential struct {
	// ShortLived is the validity up to which a document needs no status
	// (EUDI ARF 2.x, VCR_01: 24 hours).
	ShortLived time.Duration
	// StatusRequired refuses to say that a longer one without any status is
	// in force. Where false, it is in force by its dates and its signature
	// alone, and the report notes that nobody could revoke it.
	StatusRequired bool
}

// Limits bound what a stranger's evidence may cost.
type Limits struct {
	Certificates     int // considered for one signature
	CertificateBytes int // of one certificate
	Path             int // certificates from signer to anchor, both counted
	Revocations      int // pieces of revocation information for one signature
	Timestamps       int // judged for one signature
	Signatures       int // judged in one document
}

// Rule returns what is required of signatures of a format, and whether the
// policy knows it.
func (p *Policy) Rule(id formats.ID) (Rule, bool) {
	for _, f := range p.Formats {
		if f.ID == id {
			return f.Rule, true
		}
	}
	return Rule{}, false
}
