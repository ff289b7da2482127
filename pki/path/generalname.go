package path

import (
	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// form is a choice of GeneralName, by its tag number.
//
//	GeneralName ::= CHOICE {
//	    otherName [0] SEQUENCE { type-id OID, value [0] EXPLICIT ANY },
//	    rfc822Name [1] IA5String, dNSName [2] IA5String, x400Address [3] ORAddress,
//	    directoryName [4] EXPLICIT Name, ediPartyName [5] EDIPartyName,
//	    uniformResourceIdentifier [6] IA5String, iPAddress [7] OCTET STRING,
//	    registeredID [8] OBJECT IDENTIFIER }
type form uint8

const (
	otherName form = iota
	rfc822Name
	dnsName
	x400Address
	directoryName
	ediPartyName
	uriName
	ipAddress
	registeredID
	formCount
)

var formNames = [formCount]string{"otherName", "rfc822Name", "dNSName", "x400Address",
	"directoryName", "ediPartyName", "uniformResourceIdentifier", "iPAddress", "registeredID"}

func (f form) String() string { return formNames[f] }

// generalName is one name, with the part of it that is compared.
type generalName struct {
	form      form
	text      string   // rfc822Name, dnsName, uriName; ipAddress as octets
	directory pki.Name // directoryName
	typeID    oid      // otherName; empty for one that is not well-formed, which refuses only itself
	value     string   // otherName: the DER of its value
}

// maxNames is the most names in an extension.
const maxNames = 1 << 16

// readGeneralNames reads GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName.
func readGeneralNames(in cryptobyte.String) ([]generalName, bool) {
	list, ok := readFilled(in)
	if !ok {
		return nil, false
	}
	var out []generalName
	for !list.Empty() {
		n, ok := readGeneralName(&list)
		if !ok || len(out) == maxNames || n.form == ipAddress && len(n.text) != 4 && len(n.text) != 16 {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// readGeneralName reads one GeneralName. The octets of an iPAddress are not
// counted here: a constraint has twice as many as an address.
func readGeneralName(in *cryptobyte.String) (n generalName, ok bool) {
	var content cryptobyte.String
	var tag cbasn1.Tag
	if !in.ReadAnyASN1(&content, &tag) || tag&0xc0 != 0x80 {
		return n, false
	}
	n.form = form(tag & 0x1f)
	constructed := n.form == otherName || n.form == x400Address ||
		n.form == directoryName || n.form == ediPartyName
	if n.form >= formCount || constructed != (tag&0x20 != 0) {
		return n, false
	}
	switch n.form {
	case rfc822Name, dnsName, uriName:
		n.text = string(content)
		return n, isASCII(n.text)
	case ipAddress:
		n.text = string(content)
		return n, true
	case directoryName:
		name, err := pki.ParseName(content)
		n.directory = name
		return n, err == nil
	case otherName:
		var value cryptobyte.String
		if n.typeID, ok = readOID(&content); ok &&
			content.ReadASN1(&value, cbasn1.Tag(0).ContextSpecific().Constructed()) && content.Empty() {
			n.value = string(value)
		}
		return n, true
	}
	return n, len(content) > 0
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}
