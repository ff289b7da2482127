package crl

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// MaxSize is the size in bytes of the largest list that is read: about two
// million entries.
const MaxSize = 64 << 20

var (
	// ErrMalformed says that the bytes are no list by RFC 5280.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge says that the list is larger than [MaxSize].
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported says that the list may be well, but is of a kind from
	// which no conclusion is drawn here.
	ErrUnsupported = errors.New("not supported")
)

// List is what a revocation list says. Nothing in it has been checked.
type List struct {
	Raw        []byte // the whole CertificateList
	RawTBS     []byte // the signed bytes
	RawIssuer  []byte // DER of the issuer's Name
	Version    int    // 1 or 2
	ThisUpdate time.Time
	NextUpdate time.Time // zero: not said
	Number     *big.Int  // nil: not said (RFC 5280 §5.2.3)
	IssuerKey  []byte    // authority key identifier, nil: not said
	Scope      Scope
	// Defects are departures from RFC 5280 that leave the meaning clear. CAs in
	// service commit them, such as that of Ukraine's central authority.
	Defects []string

	algorithm []byte // DER of the AlgorithmIdentifier
	signature []byte
	entries   []byte // the SEQUENCE content of revokedCertificates
}

// Parse reads one DER list and refuses bytes after it. The error wraps
// [ErrMalformed], [ErrTooLarge] or [ErrUnsupported].
//
//	CertificateList ::= SEQUENCE {
//	    tbsCertList        TBSCertList,
//	    signatureAlgorithm AlgorithmIdentifier,
//	    signatureValue     BIT STRING }
func Parse(der []byte) (*List, error) {
	if len(der) > MaxSize {
		return nil, fmt.Errorf("reading a CRL of %d bytes: %w", len(der), ErrTooLarge)
	}
	l := &List{Raw: der}
	in := cryptobyte.String(der)
	var list, tbs, algorithm cryptobyte.String
	var signature asn1.BitString
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return nil, malformed("no single SEQUENCE")
	}
	if !list.ReadASN1Element(&tbs, cbasn1.SEQUENCE) ||
		!list.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!list.ReadASN1BitString(&signature) || !list.Empty() || signature.BitLength%8 != 0 {
		return nil, malformed("no CertificateList")
	}
	l.RawTBS, l.algorithm, l.signature = tbs, algorithm, signature.Bytes
	if err := l.parseTBS(tbs); err != nil {
		return nil, fmt.Errorf("reading a CRL: %w", err)
	}
	return l, nil
}

// parseTBS reads
//
//	TBSCertList ::= SEQUENCE {
//	    version             Version OPTIONAL, -- if present, MUST be v2
//	    signature           AlgorithmIdentifier,
//	    issuer              Name,
//	    thisUpdate          Time,
//	    nextUpdate          Time OPTIONAL,
//	    revokedCertificates SEQUENCE OF SEQUENCE { … } OPTIONAL,
//	    crlExtensions       [0] EXPLICIT Extensions OPTIONAL }
func (l *List) parseTBS(element cryptobyte.String) error {
	var tbs, algorithm, issuer cryptobyte.String
	if !element.ReadASN1(&tbs, cbasn1.SEQUENCE) {
		return malformed("no TBSCertList")
	}
	l.Version = 1
	if tbs.PeekASN1Tag(cbasn1.INTEGER) {
		var version int
		if !tbs.ReadASN1Integer(&version) || version != 1 {
			return malformed("a version other than 2 (RFC 5280 §5.1.2.1)")
		}
		l.Version = 2
	}
	if !tbs.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) || !bytes.Equal(algorithm, l.algorithm) {
		// What is signed and what is checked must be the same algorithm
		// (RFC 5280 §5.1.1.2).
		return malformed("two different signature algorithms")
	}
	if !tbs.ReadASN1Element(&issuer, cbasn1.SEQUENCE) || !pki.IsName(issuer) {
		return malformed("no issuer name")
	}
	l.RawIssuer = issuer
	var ok bool
	if l.ThisUpdate, ok = readTime(&tbs); !ok {
		return malformed("no thisUpdate")
	}
	if tbs.PeekASN1Tag(cbasn1.UTCTime) || tbs.PeekASN1Tag(cbasn1.GeneralizedTime) {
		if l.NextUpdate, ok = readTime(&tbs); !ok {
			return malformed("nextUpdate is no time")
		}
	}
	if err := l.parseEntries(&tbs); err != nil {
		return err
	}
	var explicit cryptobyte.String
	var extensions bool
	if !tbs.ReadOptionalASN1(&explicit, &extensions, cbasn1.Tag(0).ContextSpecific().Constructed()) || !tbs.Empty() {
		return malformed("bytes after the fields of TBSCertList")
	}
	if !extensions {
		return nil
	}
	if l.Version == 1 {
		return malformed("extensions in version 1 (RFC 5280 §5.1.2.7)")
	}
	return readExtensions(explicit, l.extension)
}

// parseEntries checks every entry and keeps the bytes.
func (l *List) parseEntries(tbs *cryptobyte.String) error {
	if !tbs.PeekASN1Tag(cbasn1.SEQUENCE) {
		return nil
	}
	var entries cryptobyte.String
	if !tbs.ReadASN1(&entries, cbasn1.SEQUENCE) {
		return malformed("the list of entries")
	}
	if entries.Empty() {
		l.Defects = append(l.Defects, "RFC 5280 5.1.2.6: no entry is revoked, yet the list of entries is there")
	}
	l.entries = entries
	for n := 0; !entries.Empty(); n++ {
		if _, err := readEntry(&entries, l.Version); err != nil {
			return fmt.Errorf("entry %d: %w", n, err)
		}
	}
	return nil
}

// The identifiers of list and entry extensions (RFC 5280 §5.2, §5.3).
const (
	oidAuthorityKeyID   = "2.5.29.35"
	oidNumber           = "2.5.29.20"
	oidDelta            = "2.5.29.27"
	oidDistribution     = "2.5.29.28"
	oidReason           = "2.5.29.21"
	oidInvalidity       = "2.5.29.24"
	oidEntryIssuer      = "2.5.29.29"
	oidCertDistribution = "2.5.29.31"
)

func (l *List) extension(id string, critical bool, value cryptobyte.String) error {
	switch id {
	case oidAuthorityKeyID:
		var seq cryptobyte.String
		var keyID []byte
		var present bool
		if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !value.Empty() ||
			!readOptionalOctets(&seq, &keyID, &present, 0) {
			return malformed("the authority key identifier")
		}
		l.IssuerKey = keyID
	case oidNumber:
		l.Number = new(big.Int)
		if !value.ReadASN1Integer(l.Number) || !value.Empty() || l.Number.Sign() < 0 {
			return malformed("the CRL number")
		}
	case oidDelta:
		return fmt.Errorf("a delta CRL: %w", ErrUnsupported)
	case oidDistribution:
		return l.Scope.parse(value)
	default:
		if critical {
			return fmt.Errorf("critical extension %s: %w", id, ErrUnsupported)
		}
	}
	return nil
}

// readOptionalOctets reads an implicitly tagged primitive OCTET STRING.
func readOptionalOctets(in *cryptobyte.String, out *[]byte, present *bool, tag uint8) bool {
	var value cryptobyte.String
	if !in.ReadOptionalASN1(&value, present, cbasn1.Tag(tag).ContextSpecific()) {
		return false
	}
	if *present {
		*out = value
	}
	return true
}

type extensionVisitor func(id string, critical bool, value cryptobyte.String) error

// readExtensions reads Extensions and hands each to visit, in their order. No
// identifier may come twice (RFC 5280 §4.2), lest two readers see two lists.
//
//	Extension ::= SEQUENCE {
//	    extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
func readExtensions(in cryptobyte.String, visit extensionVisitor) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() || list.Empty() {
		return malformed("the list of extensions")
	}
	var seen []string
	for !list.Empty() {
		var extension, value cryptobyte.String
		var id asn1.ObjectIdentifier
		critical := false
		if !list.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&id) ||
			!readDefaultFalse(&extension, &critical) ||
			!extension.ReadASN1(&value, cbasn1.OCTET_STRING) || !extension.Empty() {
			return malformed("an extension")
		}
		name := id.String()
		if slices.Contains(seen, name) {
			return malformed("extension " + name + " twice")
		}
		if seen = append(seen, name); len(seen) > maxExtensions {
			return fmt.Errorf("more than %d extensions: %w", maxExtensions, ErrTooLarge)
		}
		if err := visit(name, critical, value); err != nil {
			return err
		}
	}
	return nil
}

const maxExtensions = 64

// readDefaultFalse reads BOOLEAN DEFAULT FALSE. An encoded FALSE is not DER,
// but common, and means the same.
func readDefaultFalse(in *cryptobyte.String, out *bool) bool {
	return !in.PeekASN1Tag(cbasn1.BOOLEAN) || in.ReadASN1Boolean(out)
}

func readTime(in *cryptobyte.String) (t time.Time, ok bool) {
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		ok = in.ReadASN1UTCTime(&t)
	} else {
		ok = in.ReadASN1GeneralizedTime(&t)
	}
	return t.UTC(), ok
}

func malformed(what string) error { return fmt.Errorf("%s: %w", what, ErrMalformed) }
