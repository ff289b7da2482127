package crl

import (
	"bytes"
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// The identifiers of list and entry extensions (RFC 5280 §5.2, §5.3, ISO/IEC
// 9594-8 §9.5.2.9), as DER: 2.5.29 and the last octet.
const (
	oidNumber         = "\x06\x03\x55\x1d\x14"
	oidReason         = "\x06\x03\x55\x1d\x15"
	oidInvalidity     = "\x06\x03\x55\x1d\x18"
	oidDelta          = "\x06\x03\x55\x1d\x1b"
	oidDistribution   = "\x06\x03\x55\x1d\x1c"
	oidEntryIssuer    = "\x06\x03\x55\x1d\x1d"
	oidAuthorityKeyID = "\x06\x03\x55\x1d\x23"
	oidFreshest       = "\x06\x03\x55\x1d\x2e"
	oidExpiredCerts   = "\x06\x03\x55\x1d\x3c"
)

// extension is one of a list or of an entry.
type extension struct {
	id       cryptobyte.String // the element
	critical bool
	value    cryptobyte.String
}

func (x extension) name() string {
	var id asn1.ObjectIdentifier
	x.id.ReadASN1ObjectIdentifier(&id) // nothing, if it is none
	return id.String()
}

// unknown is what to make of an extension that is not known here: nothing, or if
// it is critical the end (RFC 5280 §5.2).
func (x extension) unknown() error {
	name := x.name()
	if name == "" {
		return malformed("the identifier of an extension")
	}
	if x.critical {
		return fmt.Errorf("critical extension %s: %w", name, ErrUnsupported)
	}
	return nil
}

// maxExtensions bounds the extensions of a list or an entry, and the names in
// one of them.
const maxExtensions = 64

// readExtensions reads Extensions and hands each to visit, in their order. No
// identifier may come twice (RFC 5280 §4.2), lest two readers see two lists.
//
//	Extension ::= SEQUENCE {
//	    extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
func readExtensions(in cryptobyte.String, visit func(extension) error) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() || list.Empty() {
		return malformed("the list of extensions")
	}
	seen := make([]cryptobyte.String, 0, 8)
	for !list.Empty() {
		var x extension
		var in cryptobyte.String
		if !list.ReadASN1(&in, cbasn1.SEQUENCE) || !in.ReadASN1Element(&x.id, cbasn1.OBJECT_IDENTIFIER) ||
			!readDefaultFalse(&in, &x.critical) ||
			!in.ReadASN1(&x.value, cbasn1.OCTET_STRING) || !in.Empty() {
			return malformed("an extension")
		}
		for _, id := range seen {
			if bytes.Equal(id, x.id) {
				return malformed("extension " + x.name() + " twice")
			}
		}
		if seen = append(seen, x.id); len(seen) > maxExtensions {
			return fmt.Errorf("more than %d extensions: %w", maxExtensions, ErrTooLarge)
		}
		if err := visit(x); err != nil {
			return err
		}
	}
	return nil
}

// readDefaultFalse reads BOOLEAN DEFAULT FALSE. An encoded FALSE is not DER,
// but common, and means the same.
func readDefaultFalse(in *cryptobyte.String, out *bool) bool {
	return !in.PeekASN1Tag(cbasn1.BOOLEAN) || in.ReadASN1Boolean(out)
}

// extension reads one of the list.
func (l *List) extension(x extension) error {
	switch string(x.id) {
	case oidAuthorityKeyID:
		return l.readAuthority(x.value)
	case oidNumber:
		return readNumber(x.value, &l.Number, "the CRL number")
	case oidDelta:
		// A list that only adds to another, taken for a whole one, would be
		// silent about most of what is revoked: see Combine.
		return readNumber(x.value, &l.Base, "the number of the base list")
	case oidDistribution:
		return l.Scope.parse(x.value)
	case oidFreshest:
		points, err := readPoints(x.value)
		if err != nil {
			return fmt.Errorf("where deltas are to be found: %w", err)
		}
		for _, p := range points {
			l.Freshest = append(l.Freshest, p.Point)
		}
		return nil
	case oidExpiredCerts:
		return l.readExpiredCerts(x.value)
	}
	return x.unknown()
}

// readAuthority reads
//
//	AuthorityKeyIdentifier ::= SEQUENCE {
//	    keyIdentifier             [0] OCTET STRING OPTIONAL,
//	    authorityCertIssuer       [1] GeneralNames OPTIONAL,
//	    authorityCertSerialNumber [2] INTEGER OPTIONAL }
//
// of which only the first is of use here. A delta must have all of it the same.
func (l *List) readAuthority(value cryptobyte.String) error {
	l.authority = value
	var seq, key cryptobyte.String
	var present bool
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !value.Empty() ||
		!seq.ReadOptionalASN1(&key, &present, cbasn1.Tag(0).ContextSpecific()) {
		return malformed("the authority key identifier")
	}
	l.IssuerKey = key
	return nil
}

// readExpiredCerts reads ExpiredCertsOnCRL ::= GeneralizedTime. CAs in service
// write a UTCTime. To claim more for the list than it has said would let what
// was revoked pass, so that then nothing is claimed.
func (l *List) readExpiredCerts(value cryptobyte.String) error {
	utc := value.PeekASN1Tag(cbasn1.UTCTime)
	t, ok := readTime(&value)
	if !ok || !value.Empty() {
		return malformed("expiredCertsOnCRL")
	}
	if utc {
		l.Defects = append(l.Defects, "ISO/IEC 9594-8 9.5.2.9: expiredCertsOnCRL is a UTCTime, and is passed over")
		return nil
	}
	l.ExpiredCerts = t
	return nil
}

func readNumber(value cryptobyte.String, out **big.Int, what string) error {
	n := new(big.Int)
	if !value.ReadASN1Integer(n) || !value.Empty() || n.Sign() < 0 {
		return malformed(what)
	}
	*out = n
	return nil
}

// directoryName is the one Name among GeneralNames: an issuer that has none
// cannot be compared with what certificates say. That it is a Name has not been
// checked.
func directoryName(names cryptobyte.String) (cryptobyte.String, error) {
	var list, name cryptobyte.String
	if !names.ReadASN1(&list, cbasn1.SEQUENCE) || !names.Empty() {
		return nil, malformed("the names of an issuer")
	}
	found := 0
	for !list.Empty() {
		one, err := nextDirectoryName(&list)
		if err != nil {
			return nil, err
		}
		if one != nil {
			name = one
			found++
		}
	}
	if found != 1 {
		return nil, fmt.Errorf("an issuer of %d directory names: %w", found, ErrUnsupported)
	}
	return name, nil
}

// nextDirectoryName moves past a GeneralName, and returns the Name in it if it
// is a directoryName: [4] is EXPLICIT, because Name is a CHOICE.
func nextDirectoryName(list *cryptobyte.String) (cryptobyte.String, error) {
	var element, name cryptobyte.String
	var tag cbasn1.Tag
	if !list.ReadAnyASN1(&element, &tag) {
		return nil, malformed("a general name")
	}
	if tag != tagDirectoryName {
		return nil, nil
	}
	if !element.ReadASN1Element(&name, cbasn1.SEQUENCE) || !element.Empty() {
		return nil, malformed("a directory name")
	}
	return name, nil
}

const tagDirectoryName = cbasn1.Tag(4 | 0x80 | 0x20)

// directoryNames are all Names in GeneralNames.
func directoryNames(list cryptobyte.String) ([][]byte, error) {
	out := [][]byte{}
	for !list.Empty() {
		name, err := nextDirectoryName(&list)
		switch {
		case err != nil:
			return nil, err
		case name == nil:
			continue
		case !pki.IsName(name):
			return nil, malformed("a directory name")
		}
		if out = append(out, name); len(out) > maxExtensions {
			return nil, fmt.Errorf("more than %d names: %w", maxExtensions, ErrTooLarge)
		}
	}
	return out, nil
}
