package crl

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Scope is the issuing distribution point of a list (RFC 5280 §5.2.5): for
// which certificates it speaks. The zero value is all of its issuer's.
type Scope struct {
	Point     Point     // where the list is published; zero: anywhere
	UserOnly  bool      // no CA certificates
	CAOnly    bool      // CA certificates only
	Attribute bool      // attribute certificates only
	Reasons   ReasonSet // the only reasons it speaks for; 0: all
	Indirect  bool      // it may hold certificates of other issuers
	raw       []byte    // the extension's value
}

// Point is the DistributionPointName of a list or a certificate. The zero value
// is none.
type Point struct {
	Names    [][]byte // DER GeneralNames, any of which may be the one that fits
	Relative []byte   // the DER content of an RDN, relative to the list's issuer
}

func (p Point) isZero() bool { return len(p.Names) == 0 && p.Relative == nil }

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
	var someReasons bool
	s.raw = value
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !value.Empty() || seq.Empty() {
		return malformed("the issuing distribution point")
	}
	var err error
	if s.Point, err = readPointName(&seq); err != nil {
		return err
	}
	if !readFlag(&seq, 1, &s.UserOnly) || !readFlag(&seq, 2, &s.CAOnly) ||
		!seq.ReadOptionalASN1(&reasons, &someReasons, cbasn1.Tag(3).ContextSpecific()) ||
		!readFlag(&seq, 4, &s.Indirect) || !readFlag(&seq, 5, &s.Attribute) || !seq.Empty() {
		return malformed("the issuing distribution point")
	}
	if someReasons {
		var ok bool
		if s.Reasons, ok = reasonSet(reasons); !ok || s.Reasons == 0 {
			return malformed("the reasons of the issuing distribution point")
		}
	}
	only := 0
	for _, b := range []bool{s.UserOnly, s.CAOnly, s.Attribute} {
		if b {
			only++
		}
	}
	if only > 1 {
		return malformed("a list of several kinds of certificates only (RFC 5280 §5.2.5)")
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
func readPointName(in *cryptobyte.String) (Point, error) {
	var explicit, names, relative cryptobyte.String
	var present bool
	constructed := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	if !in.ReadOptionalASN1(&explicit, &present, constructed(0)) {
		return Point{}, malformed("the name of a distribution point")
	}
	if !present {
		return Point{}, nil
	}
	if explicit.PeekASN1Tag(constructed(1)) {
		if !explicit.ReadASN1(&relative, constructed(1)) || !explicit.Empty() || relative.Empty() {
			return Point{}, malformed("the relative name of a distribution point")
		}
		return Point{Relative: relative}, nil
	}
	if !explicit.ReadASN1(&names, constructed(0)) || !explicit.Empty() || names.Empty() {
		return Point{}, malformed("the name of a distribution point")
	}
	var out [][]byte
	for !names.Empty() {
		var name cryptobyte.String
		var tag cbasn1.Tag
		if !names.ReadAnyASN1Element(&name, &tag) {
			return Point{}, malformed("the name of a distribution point")
		}
		if out = append(out, name); len(out) > maxExtensions {
			return Point{}, fmt.Errorf("more than %d names of a distribution point: %w", maxExtensions, ErrTooLarge)
		}
	}
	return Point{Names: out}, nil
}
