package path

import (
	"bytes"
	"crypto/x509"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// keyHint is what a certificate says of the key that signed it: a help in the
// choice between issuers of one name, never a proof, and never a reason to
// refuse (RFC 5280 §4.2.1.1).
type keyHint struct {
	keyID   []byte
	issuers []generalName
	serial  *big.Int
}

// readHint reads the extension, leniently:
//
//	AuthorityKeyIdentifier ::= SEQUENCE {
//	    keyIdentifier             [0] OCTET STRING OPTIONAL,
//	    authorityCertIssuer       [1] GeneralNames OPTIONAL,
//	    authorityCertSerialNumber [2] INTEGER OPTIONAL }
func readHint(c *x509.Certificate) keyHint {
	var h keyHint
	for _, e := range c.Extensions {
		if idCE(e) != 35 {
			continue
		}
		in := cryptobyte.String(e.Value)
		var seq, keyID, names, serial cryptobyte.String
		var there bool
		if !in.ReadASN1(&seq, cbasn1.SEQUENCE) ||
			!seq.ReadOptionalASN1(&keyID, &there, cbasn1.Tag(0).ContextSpecific()) ||
			!seq.ReadOptionalASN1(&names, &there, cbasn1.Tag(1).ContextSpecific().Constructed()) ||
			!seq.ReadOptionalASN1(&serial, &there, cbasn1.Tag(2).ContextSpecific()) {
			return keyHint{}
		}
		h = keyHint{keyID, readHintNames(names), new(big.Int).SetBytes(serial)}
	}
	return h
}

func readHintNames(list cryptobyte.String) []generalName {
	var out []generalName
	for !list.Empty() && len(out) < 16 {
		n, ok := readGeneralName(&list)
		if !ok {
			return nil
		}
		if n.form == directoryName {
			out = append(out, n)
		}
	}
	return out
}

// rank is higher for a likelier issuer: two points for the right key
// identifier, one if either side has none, two more for the right issuer and
// serial number.
func (h keyHint) rank(issuer *candidate) int {
	rank := 1
	if id := issuer.cert.SubjectKeyId; len(h.keyID) > 0 && len(id) > 0 {
		rank = 0
		if bytes.Equal(h.keyID, id) {
			rank = 3
		}
	}
	for _, n := range h.issuers {
		if n.directory.Equal(issuer.issuer) && issuer.cert.SerialNumber.Cmp(h.serial) == 0 {
			return rank + 2
		}
	}
	return rank
}
