package pki

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

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
	if !in.ReadASN1(&rdns, cbasn1.SEQUENCE) || !in.Empty() {
		return Name{}, errNotName
	}
	var n Name
	sure := true // the two forms are one list until they differ
	for !rdns.Empty() {
		var set cryptobyte.String
		if !rdns.ReadASN1(&set, cbasn1.SET) || set.Empty() {
			return Name{}, errNotName
		}
		strict, loose, ok := readRDN(set)
		if !ok {
			return Name{}, errNotName
		}
		if sure && strict != loose {
			sure, n.loose = false, slices.Clone(n.strict)
		}
		if n.strict == nil {
			n.strict = make([]string, 0, usualRDNs)
		}
		n.strict = append(n.strict, strict)
		if !sure {
			n.loose = append(n.loose, loose)
		}
	}
	if sure {
		n.loose = n.strict
	}
	return n, nil
}

// usualRDNs is how many most names have at most.
const usualRDNs = 5

// readRDN returns both forms of an RDN. Its attributes are a set: DER has sorted
// them by their bytes before preparation, which says nothing of them after it.
func readRDN(set cryptobyte.String) (strict, loose string, ok bool) {
	if strict, loose, ok = readAttribute(&set); !ok || set.Empty() {
		return strict, loose, ok
	}
	all, allLoose := []string{strict}, []string{loose}
	for !set.Empty() {
		if strict, loose, ok = readAttribute(&set); !ok {
			return "", "", false
		}
		all, allLoose = append(all, strict), append(allLoose, loose)
	}
	return joinSet(all), joinSet(allLoose), true
}

// readAttribute reads one attribute of an RDN and returns both its forms.
func readAttribute(set *cryptobyte.String) (strict, loose string, ok bool) {
	var attribute, id, value cryptobyte.String
	var tag cbasn1.Tag
	if !set.ReadASN1(&attribute, cbasn1.SEQUENCE) ||
		!attribute.ReadASN1(&id, cbasn1.OBJECT_IDENTIFIER) || !isIdentifier(id) ||
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

// isIdentifier reports whether id is the contents of an OBJECT IDENTIFIER (X.690
// §8.19): numbers of seven bits an octet, none with a needless leading zero.
func isIdentifier(id []byte) bool {
	for i, c := range id {
		if c == 0x80 && (i == 0 || id[i-1] < 0x80) {
			return false
		}
	}
	return len(id) > 0 && id[len(id)-1] < 0x80
}

func joinSet(attributes []string) string {
	slices.Sort(attributes)
	return "+" + join(attributes...) // a single attribute begins with a length below 2^24
}

// join writes parts behind their lengths, so that no two lists run into one.
func join(parts ...string) string {
	size := 0
	for _, p := range parts {
		size += len(p) + 4
	}
	var out strings.Builder
	out.Grow(size)
	var length [4]byte
	for _, p := range parts {
		binary.BigEndian.PutUint32(length[:], uint32(len(p)))
		out.Write(length[:])
		out.WriteString(p)
	}
	return out.String()
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
