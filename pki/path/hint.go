package path

import (
	"bytes"
	"crypto/x509"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// keyHint is what a certificate says of the key that signed it: a help in the
// choice between issuers of one name, never a proof, and never a reason to
// refuse (RFC 5280 §4.2.1.1).
type keyHint struct {
	keyID, serial []byte
	issuers       []generalName
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
		var hasID, hasNames, hasSerial bool
		if !in.ReadASN1(&seq, cbasn1.SEQUENCE) ||
			!seq.ReadOptionalASN1(&keyID, &hasID, cbasn1.Tag(0).ContextSpecific()) ||
			!seq.ReadOptionalASN1(&names, &hasNames, cbasn1.Tag(1).ContextSpecific().Constructed()) ||
			!seq.ReadOptionalASN1(&serial, &hasSerial, cbasn1.Tag(2).ContextSpecific()) {
			return keyHint{}
		}
		h.keyID = keyID
		if hasNames && hasSerial {
			h.serial, h.issuers = serial, readHintNames(names)
		}
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
// identifier, one if either side has none, one more for the right issuer and
// serial number, one less for wrong ones.
func (h keyHint) rank(issuer *candidate) int {
	rank := 1
	if id := issuer.cert.SubjectKeyId; len(h.keyID) > 0 && len(id) > 0 {
		rank = 0
		if bytes.Equal(h.keyID, id) {
			rank = 3
		}
	}
	if h.serial == nil {
		return rank
	}
	for _, n := range h.issuers {
		if n.directory.Equal(issuer.issuer) && bytes.Equal(h.serial, serialOf(issuer.cert)) {
			return rank + 1
		}
	}
	return rank - 1
}

// serialOf returns the content of the serial number as it stands in DER.
func serialOf(c *x509.Certificate) []byte {
	in := cryptobyte.String(c.RawTBSCertificate)
	var tbs, serial cryptobyte.String
	if !in.ReadASN1(&tbs, cbasn1.SEQUENCE) ||
		!tbs.SkipOptionalASN1(cbasn1.Tag(0).ContextSpecific().Constructed()) ||
		!tbs.ReadASN1(&serial, cbasn1.INTEGER) {
		return nil
	}
	return serial
}
