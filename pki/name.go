package pki

import (
	"bytes"
	"encoding/asn1"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// SameName compares two DER Names by RFC 5280 §7.1: text in PrintableString or
// UTF8String without regard to case and to the number of spaces, all else byte
// by byte. What is no Name equals only the same bytes.
func SameName(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, okX := normalName(a)
	y, okY := normalName(b)
	return okX && okY && x == y
}

// normalName writes a Name in a form of which equal names have the same. The
// attributes of one RDN keep their order: DER has sorted them, though by the
// bytes before normalisation, which at worst makes two equal names differ.
func normalName(der cryptobyte.String) (string, bool) {
	if !IsName(der) {
		return "", false
	}
	var rdns cryptobyte.String
	der.ReadASN1(&rdns, cbasn1.SEQUENCE)
	var b cryptobyte.Builder
	for !rdns.Empty() {
		var set cryptobyte.String
		rdns.ReadASN1(&set, cbasn1.SET)
		b.AddASN1(cbasn1.SET, func(b *cryptobyte.Builder) {
			for !set.Empty() {
				addNormal(b, &set)
			}
		})
	}
	out, err := b.Bytes()
	return string(out), err == nil
}

// addNormal moves one attribute from set, which IsName has checked, to b.
func addNormal(b *cryptobyte.Builder, set *cryptobyte.String) {
	var attribute, value cryptobyte.String
	var id asn1.ObjectIdentifier
	var tag cbasn1.Tag
	set.ReadASN1(&attribute, cbasn1.SEQUENCE)
	attribute.ReadASN1ObjectIdentifier(&id)
	attribute.ReadAnyASN1(&value, &tag)
	b.AddASN1ObjectIdentifier(id)
	if tag == cbasn1.PrintableString || tag == cbasn1.UTF8String {
		text := strings.ToLower(strings.Join(strings.Fields(string(value)), " "))
		b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(text)) })
		return
	}
	b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes(value) })
}

// IsName reports whether der is a Name:
//
//	Name ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }
func IsName(der cryptobyte.String) bool {
	var rdns cryptobyte.String
	if !der.ReadASN1(&rdns, cbasn1.SEQUENCE) || !der.Empty() {
		return false
	}
	for !rdns.Empty() {
		var set cryptobyte.String
		if !rdns.ReadASN1(&set, cbasn1.SET) || set.Empty() {
			return false
		}
		for !set.Empty() {
			var attribute, value cryptobyte.String
			var id asn1.ObjectIdentifier
			var tag cbasn1.Tag
			if !set.ReadASN1(&attribute, cbasn1.SEQUENCE) || !attribute.ReadASN1ObjectIdentifier(&id) ||
				!attribute.ReadAnyASN1(&value, &tag) || !attribute.Empty() {
				return false
			}
		}
	}
	return true
}
