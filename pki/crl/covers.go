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

// Covers returns the reasons for which the list speaks of cert (RFC 5280 §6.3.3
// (b) to (d)): cert is of the kind that the list is for, the list is published
// where cert says, and it is of cert's issuer or, if it is indirect, of whom
// cert names for that. The error wraps [ErrScope], [ErrMalformed] or
// [ErrTooLarge]; without one the set is not empty.
func (l *List) Covers(cert *x509.Certificate) (ReasonSet, error) {
	isCA := cert.BasicConstraintsValid && cert.IsCA
	switch {
	case l.Scope.Attribute:
		return 0, fmt.Errorf("a list of attribute certificates: %w", ErrScope)
	case l.Scope.UserOnly && cert.Version < 3:
		return 0, fmt.Errorf("the certificate does not say whether it is a CA's: %w", ErrScope)
	case l.Scope.UserOnly && isCA:
		return 0, fmt.Errorf("a list of user certificates, and a CA certificate: %w", ErrScope)
	case l.Scope.CAOnly && !isCA:
		return 0, fmt.Errorf("a list of CA certificates, and a user certificate: %w", ErrScope)
	}
	points, err := certificatePoints(cert)
	if err != nil {
		return 0, err
	}
	var covered ReasonSet
	err = fmt.Errorf("a list of another issuer, or for another distribution point: %w", ErrScope)
	for _, p := range points {
		if why := l.covers(cert, p); why != nil {
			err = why
			continue
		}
		covered |= p.reasons
	}
	if l.Scope.Reasons != 0 {
		covered &= l.Scope.Reasons
	}
	if covered == 0 {
		return 0, err
	}
	return covered, nil
}

// covers compares the list with one distribution point of the certificate.
func (l *List) covers(cert *x509.Certificate, p point) error {
	issuers := [][]byte{cert.RawIssuer}
	if p.issuers != nil {
		// (b)(1): the certificate sends to another issuer, whose list must say
		// that it is indirect.
		if issuers = p.issuers; !l.Scope.Indirect {
			return fmt.Errorf("the certificate asks for an indirect list: %w", ErrScope)
		}
	}
	if !slices.ContainsFunc(issuers, func(name []byte) bool { return pki.SameName(name, l.RawIssuer) }) {
		return fmt.Errorf("a list of another issuer: %w", ErrScope)
	}
	if l.Scope.Point.isZero() {
		return nil
	}
	// (b)(2)(i): one of the list's names is one of the point's or, where the
	// point has none, of its issuers'.
	own := fullNames(l.Scope.Point, l.RawIssuer)
	wanted := fullNames(p.Point, l.RawIssuer)
	if p.Point.isZero() {
		for _, name := range p.issuers {
			wanted = append(wanted, directory(name))
		}
	}
	for _, name := range own {
		if slices.ContainsFunc(wanted, func(w []byte) bool { return sameGeneralName(w, name) }) {
			return nil
		}
	}
	return fmt.Errorf("the list is for another distribution point: %w", ErrScope)
}

// fullNames are the GeneralNames of a point; a relative one stands below the
// issuer of the list (RFC 5280 §4.2.1.13).
func fullNames(p Point, issuer []byte) [][]byte {
	if p.Relative == nil {
		return slices.Clone(p.Names)
	}
	in := cryptobyte.String(issuer)
	var rdns cryptobyte.String
	if !in.ReadASN1(&rdns, cbasn1.SEQUENCE) {
		return nil
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(rdns)
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(p.Relative) })
	})
	name, err := b.Bytes()
	if err != nil {
		return nil
	}
	return [][]byte{directory(name)}
}

// directory is a Name as a GeneralName.
func directory(name []byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(tagDirectoryName, func(b *cryptobyte.Builder) { b.AddBytes(name) })
	return b.BytesOrPanic()
}

// sameGeneralName compares directory names as names, and all else by its bytes.
func sameGeneralName(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y cryptobyte.String
	inA, inB := cryptobyte.String(a), cryptobyte.String(b)
	return inA.ReadASN1(&x, tagDirectoryName) && inB.ReadASN1(&y, tagDirectoryName) && pki.SameName(x, y)
}

// point is a distribution point in a certificate.
type point struct {
	Point
	reasons ReasonSet
	issuers [][]byte // DER Names of cRLIssuer; nil: the certificate's issuer
}

var oidCertDistribution = asn1.ObjectIdentifier{2, 5, 29, 31}

// certificatePoints are where cert's status is to be found: what it says or,
// if it says nothing, its issuer's name (RFC 5280 §6.3.3, last paragraph). The
// paragraph allows its issuer's name in any case. We do not: an issuer that has
// left its revocations to another may publish a list of its own that is empty.
func certificatePoints(cert *x509.Certificate) ([]point, error) {
	for _, e := range cert.Extensions {
		if e.Id.Equal(oidCertDistribution) {
			points, err := readPoints(e.Value)
			if err != nil {
				return nil, fmt.Errorf("reading the certificate's CRL distribution points: %w", err)
			}
			return points, nil
		}
	}
	return []point{{Point: Point{Names: [][]byte{directory(cert.RawIssuer)}}, reasons: AllReasons}}, nil
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
		p, err := readPoint(&list)
		if err != nil {
			return nil, err
		}
		if out = append(out, p); len(out) > maxExtensions {
			return nil, fmt.Errorf("more than %d points: %w", maxExtensions, ErrTooLarge)
		}
	}
	return out, nil
}

func readPoint(list *cryptobyte.String) (p point, err error) {
	var seq, reasons, issuers cryptobyte.String
	var someReasons, otherIssuer bool
	if !list.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return p, malformed("a point")
	}
	if p.Point, err = readPointName(&seq); err != nil {
		return p, err
	}
	if !seq.ReadOptionalASN1(&reasons, &someReasons, cbasn1.Tag(1).ContextSpecific()) ||
		!seq.ReadOptionalASN1(&issuers, &otherIssuer, cbasn1.Tag(2).ContextSpecific().Constructed()) ||
		!seq.Empty() {
		return p, malformed("a point")
	}
	p.reasons = AllReasons
	if someReasons {
		var ok bool
		if p.reasons, ok = reasonSet(reasons); !ok {
			return p, malformed("the reasons of a point")
		}
	}
	if otherIssuer {
		// Not nil, even if nobody there has a directory name.
		if p.issuers, err = directoryNames(issuers); err != nil {
			return p, err
		}
	}
	return p, nil
}
