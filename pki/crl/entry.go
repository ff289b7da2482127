package crl

import (
	"bytes"
	"fmt"
	"iter"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Entry is one revoked certificate.
type Entry struct {
	Serial *big.Int
	Time   time.Time // of revocation
	Reason Reason    // Unspecified where nothing is said
	// Invalid is since when the key is known or suspected to be compromised
	// (RFC 5280 §5.3.2); zero: not said.
	Invalid time.Time
}

// Reason is a CRLReason of RFC 5280 §5.3.1.
type Reason int

// The reasons. 7 is not used; RemoveFromCRL stands in delta lists only.
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

// Lookup returns the first entry for serial. That there is none means "not
// revoked" only for a certificate that the list covers: see [List.Covers].
func (l *List) Lookup(serial *big.Int) (Entry, bool) {
	if serial == nil {
		return Entry{}, false
	}
	// Parse has let only the shortest encoding through, so equal numbers are
	// equal bytes.
	var b cryptobyte.Builder
	b.AddASN1BigInt(serial)
	want, err := b.Bytes()
	if err != nil {
		return Entry{}, false
	}
	rest := cryptobyte.String(l.entries)
	for !rest.Empty() {
		at := rest
		var entry cryptobyte.String
		if !rest.ReadASN1(&entry, cbasn1.SEQUENCE) {
			return Entry{}, false
		}
		if !bytes.HasPrefix(entry, want) {
			continue
		}
		found, err := readEntry(&at, l.Version)
		return found, err == nil
	}
	return Entry{}, false
}

// Entries returns every entry in the list's order.
func (l *List) Entries() iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		rest := cryptobyte.String(l.entries)
		for !rest.Empty() {
			entry, err := readEntry(&rest, l.Version)
			if err != nil || !yield(entry) {
				return
			}
		}
	}
}

// readEntry reads
//
//	SEQUENCE {
//	    userCertificate    CertificateSerialNumber,
//	    revocationDate     Time,
//	    crlEntryExtensions Extensions OPTIONAL }
func readEntry(in *cryptobyte.String, version int) (e Entry, err error) {
	var entry, element cryptobyte.String
	if !in.ReadASN1Element(&element, cbasn1.SEQUENCE) {
		return e, malformed("no SEQUENCE")
	}
	e.Serial = new(big.Int)
	if !element.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Integer(e.Serial) {
		return e, malformed("no serial number")
	}
	var ok bool
	if e.Time, ok = readTime(&entry); !ok {
		return e, malformed("no revocation date")
	}
	if entry.Empty() {
		return e, nil
	}
	if version == 1 {
		return e, malformed("entry extensions in version 1 (RFC 5280 §5.1.2.6)")
	}
	return e, readExtensions(entry, e.extension)
}

func (e *Entry) extension(id string, critical bool, value cryptobyte.String) error {
	switch id {
	case oidReason:
		var reason int
		if !value.ReadASN1Enum(&reason) || !value.Empty() {
			return malformed("the reason")
		}
		e.Reason = Reason(reason)
	case oidInvalidity:
		if !value.ReadASN1GeneralizedTime(&e.Invalid) || !value.Empty() {
			return malformed("the invalidity date")
		}
	case oidEntryIssuer:
		// Entries of other issuers stand only in indirect lists.
		return fmt.Errorf("an entry of another issuer: %w", ErrUnsupported)
	default:
		if critical {
			return fmt.Errorf("critical extension %s: %w", id, ErrUnsupported)
		}
	}
	return nil
}
