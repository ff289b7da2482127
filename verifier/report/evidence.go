package report

import "time"

// Digest is the digest of some bytes.
type Digest struct {
	Algorithm string `json:"algorithm"` // "SHA-256"
	Value     string `json:"value"`     // hexadecimal
}

// Evidence is one piece of evidence beyond the signature that the verdict rests
// on, so that a reader sees on whose word, of when and from where.
type Evidence struct {
	Kind        EvidenceKind `json:"kind"`
	About       string       `json:"about,omitempty"`       // subject of the certificate that it speaks of
	Certificate string       `json:"certificate,omitempty"` // SHA-256 of that certificate, hexadecimal
	Issuer      string       `json:"issuer,omitempty"`      // who made it
	Made        *time.Time   `json:"made,omitempty"`        // as its maker says: thisUpdate, producedAt
	Until       *time.Time   `json:"until,omitempty"`       // nextUpdate
	Origin      Origin       `json:"origin"`
	URL         string       `json:"url,omitempty"`        // where it was fetched
	Fetched     *time.Time   `json:"fetched,omitempty"`    // when
	Proven      *time.Time   `json:"proven,omitempty"`     // when it is proven to have existed, if before it was judged
	Revoked     *time.Time   `json:"revoked_at,omitempty"` // when the certificate was revoked, by this piece
	Reason      string       `json:"reason,omitempty"`     // of RFC 5280 §5.3.1: "keyCompromise"
	SHA256      string       `json:"sha256,omitempty"`     // of the piece, hexadecimal
}

// EvidenceKind is what a piece of evidence is.
type EvidenceKind string

// The kinds of evidence. Time-stamps are signatures and stand there.
const (
	CRL               EvidenceKind = "crl"
	OCSP              EvidenceKind = "ocsp"
	IssuerCertificate EvidenceKind = "certificate" // of an issuer, found outside of the document
	EvidenceRecord    EvidenceKind = "evidence-record"
)

// Origin tells how a piece of evidence came to us.
type Origin string

// The origins.
const (
	FromDocument Origin = "document" // it came with the document
	FromStore    Origin = "store"    // it was given to us, or lay in our data folder
	FromNetwork  Origin = "network"  // it was fetched
)
