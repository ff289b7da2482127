package pki

import (
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
)

// ParseOID reads a dotted object identifier, such as "1.2.840.113549.1.7.1".
func ParseOID(dotted string) (asn1.ObjectIdentifier, error) {
	var out asn1.ObjectIdentifier
	for part := range strings.SplitSeq(dotted, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("%.80q is no object identifier", dotted)
		}
		out = append(out, int(n))
	}
	if len(out) < 2 || out[0] > 2 || out[0] < 2 && out[1] > 39 {
		return nil, fmt.Errorf("%.80q is no object identifier", dotted)
	}
	return out, nil
}

// MustOID is [ParseOID] for identifiers that stand in a program; it panics on
// what is none.
func MustOID(dotted string) asn1.ObjectIdentifier {
	oid, err := ParseOID(dotted)
	if err != nil {
		panic(err)
	}
	return oid
}
