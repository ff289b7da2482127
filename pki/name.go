package pki

import (
	"bytes"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Name is a distinguished name made ready for comparison (RFC 5280 §7.1). The
// zero value is the empty name, which is equal to itself and above all others.
type Name struct {
	strict []string // each RDN in a form of which equal ones have the same
	loose  []string // the same, with all doubt removed in favour of equality
}

var errNotName = errors.New("reading a distinguished name: not a SEQUENCE OF SET OF attributes")

// ParseName reads a Name:
//
//	Name ::= SEQUENCE OF SET SIZE (1..) OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
func ParseName(der []byte) (Name, error) {
	in := cryptobyte.String(der)
	var rdns cryptobyte.String
	var n Name
	if !in.ReadASN1(&rdns, cbasn1.SEQUENCE) || !in.Empty() {
		return Name{}, errNotName
	}
	for !rdns.Empty() {
		var set cryptobyte.String
		if !rdns.ReadASN1(&set, cbasn1.SET) || set.Empty() {
			return Name{}, errNotName
		}
		var strict, loose []string
		for !set.Empty() {
			a, b, ok := readAttribute(&set)
			if !ok {
				return Name{}, errNotName
			}
			strict, loose = append(strict, a), append(loose, b)
		}
		n.strict = append(n.strict, joinSet(strict))
		n.loose = append(n.loose, joinSet(loose))
	}
	return n, nil
}

// readAttribute reads one attribute of an RDN and returns both its forms.
func readAttribute(set *cryptobyte.String) (strict, loose string, ok bool) {
	var attribute, id, value cryptobyte.String
	var tag cbasn1.Tag
	var oid asn1.ObjectIdentifier
	if !set.ReadASN1(&attribute, cbasn1.SEQUENCE) {
		return "", "", false
	}
	rest := attribute
	if !rest.ReadASN1ObjectIdentifier(&oid) || !attribute.ReadASN1(&id, cbasn1.OBJECT_IDENTIFIER) ||
		!attribute.ReadAnyASN1(&value, &tag) || !attribute.Empty() {
		return "", "", false
	}
	bytewise := func() string { return join(string(id), "#", string(rune(tag)), string(value)) }
	text, sure, ok := attributeText(tag, value)
	if !ok {
		same := bytewise()
		return same, same, true
	}
	prepared, ok := prepareText(text)
	if !ok {
		prepared = prepareLoosely(text)
	}
	loose = join(string(id), prepared)
	if sure && ok {
		return loose, loose, true
	}
	return bytewise(), loose, true
}

// joinSet is the form of an RDN. Its attributes are a set: DER has sorted them
// by their bytes before preparation, which says nothing of them after it.
func joinSet(attributes []string) string {
	if len(attributes) == 1 {
		return attributes[0]
	}
	slices.Sort(attributes)
	return "+" + join(attributes...) // a single attribute begins with a length below 2^24
}

// join writes parts behind their lengths, so that no two lists run into one.
func join(parts ...string) string {
	size := 0
	for _, p := range parts {
		size += len(p) + 4
	}
	out := make([]byte, 0, size)
	for _, p := range parts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(p)))
		out = append(out, p...)
	}
	return string(out)
}

// Empty reports whether n has no RDN.
func (n Name) Empty() bool { return len(n.strict) == 0 }

// Equal reports whether both are the same name.
func (n Name) Equal(other Name) bool { return slices.Equal(n.strict, other.strict) }

// Key returns a string that is the same for equal names and no others, to look
// them up by.
func (n Name) Key() string { return join(n.strict...) }

// Within reports whether n is base or lies below it: whether its first RDNs are
// those of base (RFC 5280 §4.2.1.10, permitted subtrees).
func (n Name) Within(base Name) bool { return hasPrefix(n.strict, base.strict) }

// MayBeWithin is Within for excluded subtrees, where what cannot be compared
// counts as equal: text of a type that RFC 5280 §7.1 does not tell how to
// compare, such as TeletexString, and characters that RFC 4518 §2.4 forbids.
// Who is excluded as PrintableString must not come back as TeletexString.
func (n Name) MayBeWithin(base Name) bool {
	return hasPrefix(n.strict, base.strict) || hasPrefix(n.loose, base.loose)
}

func hasPrefix(list, prefix []string) bool {
	return len(list) >= len(prefix) && slices.Equal(list[:len(prefix)], prefix)
}

// SameName compares two DER Names by RFC 5280 §7.1: text without regard to its
// string type, to case and to the number of spaces, RDNs as sets, all else byte
// by byte. What is no Name equals only the same bytes.
func SameName(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := ParseName(a)
	y, errY := ParseName(b)
	return errX == nil && errY == nil && x.Equal(y)
}

// IsName reports whether der is a Name.
func IsName(der cryptobyte.String) bool {
	_, err := ParseName(der)
	return err == nil
}
