package cades

import (
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
)

// errShape says that an attribute is not built as its clause says.
var errShape = errors.New("it cannot be read")

// readClaims reads what the signer says. What cannot be read is told: a claim
// that one program shows and another does not is worth a look.
func (f *facts) readClaims() {
	f.Claims.Time = signingTime(f.s)
	for _, c := range []struct {
		oid, clause string
		read        func(value cryptobyte.String) error
	}{
		{oidSignaturePolicy, "EN 319 122-1 5.2.9", f.readPolicy},
		{oidCommitment, "EN 319 122-1 5.2.3", f.readCommitment},
		{oidSignerLocation, "EN 319 122-1 5.2.5", f.readPlace},
		{oidSignerAttributesV2, "EN 319 122-1 5.2.6.1", f.readRoles},
		{oidSignerAttributes, "RFC 5126 5.11.3", f.readRoles},
	} {
		for _, a := range f.s.SignedAttrs {
			if a.OID != c.oid {
				continue
			}
			if len(a.Values) > maxProperties {
				f.defect(c.clause, attributeNames[c.oid]+": more values than are read")
			}
			for _, value := range a.Values[:min(len(a.Values), maxProperties)] {
				if err := c.read(value); err != nil {
					f.defect(c.clause, attributeNames[c.oid]+": "+err.Error())
				}
			}
		}
	}
}

// readPolicy reads signature-policy-identifier; the implied policy, a NULL, has
// no name. With two, the first counts.
func (f *facts) readPolicy(value cryptobyte.String) error {
	if value.PeekASN1Tag(cbasn1.NULL) || f.Claims.Policy != "" {
		return nil
	}
	var seq, digest, list cryptobyte.String
	var id asn1.ObjectIdentifier
	var more bool
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&id) {
		return errShape
	}
	f.Claims.Policy = id.String()
	if !seq.ReadASN1(&digest, cbasn1.SEQUENCE) || !seq.ReadOptionalASN1(&list, &more, cbasn1.SEQUENCE) || !seq.Empty() {
		return errShape
	}
	for !list.Empty() {
		var q, uri cryptobyte.String
		if !list.ReadASN1(&q, cbasn1.SEQUENCE) || !q.ReadASN1ObjectIdentifier(&id) {
			return errShape
		}
		if id.String() == oidPolicyURI && f.Claims.PolicyURI == "" && q.ReadASN1(&uri, cbasn1.IA5String) {
			f.Claims.PolicyURI = shown(string(uri))
		}
	}
	return nil
}

func (f *facts) readCommitment(value cryptobyte.String) error {
	var seq cryptobyte.String
	var id asn1.ObjectIdentifier
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1ObjectIdentifier(&id) {
		return errShape
	}
	if len(f.Claims.Commitments) < maxProperties {
		f.Claims.Commitments = append(f.Claims.Commitments, formats.Commitment(id.String()))
	}
	return nil
}

// readPlace reads signer-location, its lines in the order in which an envelope
// has them.
func (f *facts) readPlace(value cryptobyte.String) error {
	var seq cryptobyte.String
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return errShape
	}
	var country, city, address cryptobyte.String
	var hasCountry, hasCity, hasAddress bool
	if !seq.ReadOptionalASN1(&country, &hasCountry, explicit(0)) || !seq.ReadOptionalASN1(&city, &hasCity, explicit(1)) ||
		!seq.ReadOptionalASN1(&address, &hasAddress, explicit(2)) || !seq.Empty() {
		return errShape
	}
	var lines []string
	if hasAddress {
		var list cryptobyte.String
		if !address.ReadASN1(&list, cbasn1.SEQUENCE) {
			return errShape
		}
		for !list.Empty() && len(lines) < 6 {
			line, ok := directoryString(&list)
			if !ok {
				return errShape
			}
			lines = append(lines, line)
		}
	}
	for _, part := range []struct {
		is bool
		in *cryptobyte.String
	}{{hasCity, &city}, {hasCountry, &country}} {
		if !part.is {
			continue
		}
		line, ok := directoryString(part.in)
		if !ok {
			return errShape
		}
		lines = append(lines, line)
	}
	f.Claims.Location = strings.Join(lines, ", ")
	return nil
}

// readRoles reads the claimed attributes of both versions of signer-attributes:
// every value that is text, whatever the type of its attribute. Certified ones
// are not read: nobody here can judge an attribute certificate.
func (f *facts) readRoles(value cryptobyte.String) error {
	var seq cryptobyte.String
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return errShape
	}
	for !seq.Empty() {
		var part, list cryptobyte.String
		var tag cbasn1.Tag
		if !seq.ReadAnyASN1(&part, &tag) {
			return errShape
		}
		if tag != explicit(0) {
			continue
		}
		if !part.ReadASN1(&list, cbasn1.SEQUENCE) {
			return errShape
		}
		for !list.Empty() {
			var attr, values cryptobyte.String
			var id asn1.ObjectIdentifier
			if !list.ReadASN1(&attr, cbasn1.SEQUENCE) || !attr.ReadASN1ObjectIdentifier(&id) ||
				!attr.ReadASN1(&values, cbasn1.SET) {
				return errShape
			}
			f.addRoles(values)
		}
	}
	return nil
}

func (f *facts) addRoles(values cryptobyte.String) {
	for !values.Empty() && len(f.Claims.Roles) < maxProperties {
		role, ok := directoryString(&values)
		if !ok {
			return
		}
		f.Claims.Roles = append(f.Claims.Roles, role)
	}
}

// directoryString reads one of the string types of X.520 §9.3.1, or IA5String.
func directoryString(in *cryptobyte.String) (string, bool) {
	var body cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&body, &tag) {
		return "", false
	}
	switch tag {
	case cbasn1.UTF8String, cbasn1.PrintableString, cbasn1.IA5String:
		return shown(string(body)), true
	case cbasn1.T61String: // read as Latin-1, as everybody writes it
		runes := make([]rune, len(body))
		for i, b := range body {
			runes[i] = rune(b)
		}
		return shown(string(runes)), true
	case cbasn1.Tag(30): // BMPString
		if len(body)%2 != 0 {
			return "", false
		}
		units := make([]uint16, len(body)/2)
		for i := range units {
			units[i] = binary.BigEndian.Uint16(body[2*i:])
		}
		return shown(string(utf16.Decode(units))), true
	}
	return "", false
}

// shown is text of a stranger as it may be shown: a bounded length, and nothing
// that steers a terminal or turns around what stands beside it.
func shown(s string) string {
	s = strings.ToValidUTF8(s[:min(len(s), maxText)], "\uFFFD")
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return '\uFFFD'
		}
		return r
	}, s)
}
