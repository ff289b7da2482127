package pki

import (
	"context"
	"crypto"
	"crypto/x509"
	"slices"
	"time"
)

// KeyOpener opens private keys by URI: a file, a token, a remote service.
type KeyOpener interface {
	// OpenKey returns a signer that is safe for concurrent use, or an error
	// wrapping [ErrKeyNotFound]. The signer is valid until Close.
	OpenKey(ctx context.Context, uri string) (crypto.Signer, error)
	Close() error
}

// Anchor is a certificate that is trusted by decision, not by proof.
type Anchor struct {
	Certificate *x509.Certificate
	Uses        []Use
	From, Until time.Time // the time within which it was trusted; zero: open
	Source      string    // who said so, such as a list or a file, for the report
}

// TrustStore answers whom we trust. An empty answer trusts nobody.
type TrustStore interface {
	// Anchors returns all that ever were anchors for use; the caller minds
	// From and Until.
	Anchors(ctx context.Context, use Use) ([]Anchor, error)
}

// RevocationKind tells how to read a Revocation.
type RevocationKind uint8

// The kinds of revocation information.
const (
	UnknownRevocation RevocationKind = iota
	CRL                              // RFC 5280 §5, DER
	OCSP                             // RFC 6960 BasicOCSPResponse, DER
)

// Revocation is a piece of revocation information as it came: nothing in it
// has been checked.
type Revocation struct {
	Kind   RevocationKind
	Raw    []byte
	Source string // where it came from, for the report
}

// RevocationSource finds what is known of a certificate's revocation.
type RevocationSource interface {
	// Revocation returns what might tell about cert, unjudged; nothing known
	// is no error.
	Revocation(ctx context.Context, cert, issuer *x509.Certificate) ([]Revocation, error)
}

// IssuerSource finds certificates that are not in a document.
type IssuerSource interface {
	// Issuers returns certificates that may have issued cert, unjudged; none
	// known is no error.
	Issuers(ctx context.Context, cert *x509.Certificate) ([]*x509.Certificate, error)
}

// Timestamper obtains RFC 3161 time-stamp tokens.
type Timestamper interface {
	// Timestamp returns a DER TimeStampToken over imprint, a digest made with
	// h. The implementation has checked that the token is over this imprint;
	// whom to believe is not decided here.
	Timestamp(ctx context.Context, h Hash, imprint []byte) (token []byte, err error)
}

// Anchors is a TrustStore of a fixed list.
type Anchors []Anchor

// Anchors returns those of the list that are trusted for use.
func (list Anchors) Anchors(_ context.Context, use Use) ([]Anchor, error) {
	var out []Anchor
	for _, a := range list {
		if slices.Contains(a.Uses, use) {
			out = append(out, a)
		}
	}
	return out, nil
}
