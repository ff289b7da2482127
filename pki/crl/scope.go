package crl

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// ErrScope says that a list does not speak of a certificate: that it is not on
// the list means nothing.
var ErrScope = errors.New("the list does not cover the certificate")

// Scope is the issuing distribution point of a list (RFC 5280 §5.2.5): for
// which certificates it speaks. The zero value is all of its issuer's.
type Scope struct {
	// Points are the DER GeneralNames where the list is published, of which a
	// certificate must name one. Empty: anywhere.
	Points    [][]byte
	UserOnly  bool // no CA certificates
	CAOnly    bool // CA certificates only
	Attribute bool // attribute certificates only
}

// parse reads
//
//	IssuingDistributionPoint ::= SEQUENCE {
//	    distributionPoint          [0] EXPLICIT DistributionPointName OPTIONAL,
//	    onlyContainsUserCerts      [1] BOOLEAN DEFAULT FALSE,
//	    onlyContainsCACerts        [2] BOOLEAN DEFAULT FALSE,
//	    onlySomeReasons            [3] ReasonFlags OPTIONAL,
//	    indirectCRL                [4] BOOLEAN DEFAULT FALSE,
//	    onlyContainsAttributeCerts [5] BOOLEAN DEFAULT FALSE }
func (s *Scope) parse(value cryptobyte.String) error {
	var seq, reasons cryptobyte.String
	var someReasons, indirect bool
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !value.Empty() || seq.Empty() {
		return malformed("the issuing distribution point")
	}
	points, err := readPointName(&seq)
	if err != nil {
		return err
	}
	s.Points = points
	if !readFlag(&seq, 1, &s.UserOnly) || !readFlag(&seq, 2, &s.CAOnly) ||
		!seq.ReadOptionalASN1(&reasons, &someReasons, cbasn1.Tag(3).ContextSpecific()) ||
		!readFlag(&seq, 4, &indirect) || !readFlag(&seq, 5, &s.Attribute) || !seq.Empty() {
		return malformed("the issuing distribution point")
	}
	only := 0
	for _, b := range []bool{s.UserOnly, s.CAOnly, s.Attribute} {
		if b {
			only++
		}
	}
	switch {
	case only > 1:
		return malformed("a list of several kinds of certificates only (RFC 5280 §5.2.5)")
	case someReasons:
		return fmt.Errorf("a list for some reasons only: %w", ErrUnsupported)
	case indirect:
		return fmt.Errorf("an indirect CRL: %w", ErrUnsupported)
	}
	return nil
}

// readFlag reads an implicitly tagged BOOLEAN DEFAULT FALSE.
func readFlag(in *cryptobyte.String, tag uint8, out *bool) bool {
	var value cryptobyte.String
	var present bool
	if !in.ReadOptionalASN1(&value, &present, cbasn1.Tag(tag).ContextSpecific()) {
		return false
	}
	if !present {
		return true
	}
	*out = len(value) == 1 && value[0] == 0xff
	return len(value) == 1 && (value[0] == 0 || value[0] == 0xff)
}

// readPointName reads the optional name of a distribution point, which lists
// and certificates share:
//
//	[0] CHOICE { fullName [0] GeneralNames, nameRelativeToCRLIssuer [1] RDN }
func readPointName(in *cryptobyte.String) ([][]byte, error) {
	var explicit, names cryptobyte.String
	var present bool
	constructed := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	if !in.ReadOptionalASN1(&explicit, &present, constructed(0)) {
		return nil, malformed("the name of a distribution point")
	}
	if !present {
		return nil, nil
	}
	if explicit.PeekASN1Tag(constructed(1)) {
		return nil, fmt.Errorf("a distribution point relative to its issuer: %w", ErrUnsupported)
	}
	if !explicit.ReadASN1(&names, constructed(0)) || !explicit.Empty() || names.Empty() {
		return nil, malformed("the name of a distribution point")
	}
	var out [][]byte
	for !names.Empty() {
		var name cryptobyte.String
		var tag cbasn1.Tag
		if !names.ReadAnyASN1Element(&name, &tag) {
			return nil, malformed("the name of a distribution point")
		}
		if out = append(out, name); len(out) > maxExtensions {
			return nil, fmt.Errorf("more than %d names of a distribution point: %w", maxExtensions, ErrTooLarge)
		}
	}
	return out, nil
}

// Covers returns nil if the list speaks of cert: it has cert's issuer, cert is
// of the kind that the list is for, and the list is published where cert says.
// Otherwise the error wraps [ErrScope], [ErrMalformed] or [ErrUnsupported].
func (l *List) Covers(cert *x509.Certificate) error {
	if !pki.SameName(l.RawIssuer, cert.RawIssuer) {
		return fmt.Errorf("a list of another issuer: %w", ErrScope)
	}
	isCA := cert.BasicConstraintsValid && cert.IsCA
	switch {
	case l.Scope.Attribute:
		return fmt.Errorf("a list of attribute certificates: %w", ErrScope)
	case (l.Scope.UserOnly || l.Scope.CAOnly) && cert.Version < 3:
		return fmt.Errorf("the certificate does not say whether it is a CA's: %w", ErrScope)
	case l.Scope.UserOnly && isCA:
		return fmt.Errorf("a list of user certificates, and a CA certificate: %w", ErrScope)
	case l.Scope.CAOnly && !isCA:
		return fmt.Errorf("a list of CA certificates, and a user certificate: %w", ErrScope)
	}
	return l.coversPoints(cert)
}

// coversPoints compares where the list is published with where the certificate
// looks (RFC 5280 §6.3.3 (b)).
func (l *List) coversPoints(cert *x509.Certificate) error {
	for _, e := range cert.Extensions {
		if e.Id.String() != oidCertDistribution {
			continue
		}
		points, err := readPoints(e.Value)
		if err != nil {
			return fmt.Errorf("reading the certificate's CRL distribution points: %w", err)
		}
		return l.matchPoints(points)
	}
	if len(l.Scope.Points) > 0 {
		return fmt.Errorf("the list is for one distribution point, and the certificate names none: %w", ErrScope)
	}
	return nil
}

func (l *List) matchPoints(points []point) error {
	direct := false
	for _, p := range points {
		if p.otherIssuer || p.someReasons {
			continue
		}
		direct = true
		if len(l.Scope.Points) == 0 || slices.ContainsFunc(p.names, func(name []byte) bool {
			return slices.ContainsFunc(l.Scope.Points, func(own []byte) bool { return bytes.Equal(own, name) })
		}) {
			return nil
		}
	}
	if !direct {
		return fmt.Errorf("the certificate asks for lists of another issuer, or for some reasons: %w", ErrScope)
	}
	return fmt.Errorf("the list is for another distribution point: %w", ErrScope)
}

// point is a distribution point in a certificate.
type point struct {
	names                    [][]byte
	someReasons, otherIssuer bool
}

// readPoints reads RFC 5280 §4.2.1.13:
//
//	CRLDistributionPoints ::= SEQUENCE OF SEQUENCE {
//	    distributionPoint [0] EXPLICIT DistributionPointName OPTIONAL,
//	    reasons           [1] ReasonFlags OPTIONAL,
//	    cRLIssuer         [2] GeneralNames OPTIONAL }
func readPoints(der []byte) ([]point, error) {
	in := cryptobyte.String(der)
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() || list.Empty() {
		return nil, malformed("the list of points")
	}
	var out []point
	for !list.Empty() {
		var seq, ignored cryptobyte.String
		var p point
		if !list.ReadASN1(&seq, cbasn1.SEQUENCE) {
			return nil, malformed("a point")
		}
		names, err := readPointName(&seq)
		if err != nil {
			return nil, err
		}
		p.names = names
		if !seq.ReadOptionalASN1(&ignored, &p.someReasons, cbasn1.Tag(1).ContextSpecific()) ||
			!seq.ReadOptionalASN1(&ignored, &p.otherIssuer, cbasn1.Tag(2).ContextSpecific().Constructed()) ||
			!seq.Empty() {
			return nil, malformed("a point")
		}
		if out = append(out, p); len(out) > maxExtensions {
			return nil, fmt.Errorf("more than %d points: %w", maxExtensions, ErrTooLarge)
		}
	}
	return out, nil
}

var oidKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 15}
