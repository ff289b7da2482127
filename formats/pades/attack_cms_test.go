package pades_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// parts are the elements within a DER value, headers included.
func parts(der []byte) [][]byte {
	s, out := cryptobyte.String(der), [][]byte{}
	var body cryptobyte.String
	var tag asn1.Tag
	if !s.ReadAnyASN1(&body, &tag) {
		panic("no DER")
	}
	for !body.Empty() {
		var one cryptobyte.String
		if !body.ReadAnyASN1Element(&one, &tag) {
			panic("no DER")
		}
		out = append(out, one)
	}
	return out
}

// wrap is a DER value of elements.
func wrap(tag byte, elements ...[]byte) []byte {
	var b cryptobyte.Builder
	b.AddASN1(asn1.Tag(tag), func(b *cryptobyte.Builder) { b.AddBytes(slices.Concat(elements...)) })
	return b.BytesOrPanic()
}

// cmsAttack changes the parts of SignedData (RFC 5652 §5.1) that the signature
// value does not cover:
//
//	version, digestAlgorithms, encapContentInfo, [0] certificates, signerInfos
//
// The signer's own part stays as it was. It does not fit where the place that
// was kept is too small.
func cmsAttack(name, row, rule string, change func(p [][]byte)) attack {
	return attack{name: name, row: row, rule: rule, bytes: true, strike: func(e *edit) []byte {
		from, to := gap(e.b)
		raw, err := hex.DecodeString(string(e.b[from+1 : to-1]))
		if err != nil {
			e.t.Fatal(err)
		}
		s := cryptobyte.String(raw)
		var der cryptobyte.String
		if !s.ReadASN1Element(&der, asn1.SEQUENCE) {
			e.t.Fatal("no CMS")
		}
		info := parts(der)
		data := parts(parts(info[1])[0])
		change(data)
		evil := wrap(0x30, info[0], wrap(0xA0, wrap(0x30, data...)))
		if len(evil) > len(raw) || bytes.Equal(evil, der) {
			return nil
		}
		evil = append(evil, make([]byte, len(raw)-len(evil))...)
		return rewritten(e.b, fmt.Sprintf("<%x>", evil))
	}}
}

func last(p [][]byte) *[]byte { return &p[len(p)-1] }

// signatureAttacks are changes to the CMS that leave the signature value right.
var signatureAttacks = []attack{
	cmsAttack("C2: content within the CMS", "C2", "document.cms", func(p [][]byte) {
		p[2] = wrap(0x30, parts(p[2])[0], wrap(0xA0, wrap(0x04, []byte("Pay 999 euro"))))
	}),
	cmsAttack("C2: empty content within the CMS", "C2", "document.cms", func(p [][]byte) {
		p[2] = wrap(0x30, parts(p[2])[0], wrap(0xA0, wrap(0x04)))
	}),
	cmsAttack("C2: content of another type", "C2", "document.cms", func(p [][]byte) {
		p[2] = bytes.Replace(p[2], []byte{0x01, 0x07}, []byte{0x01, 0x09}, 1)
		p[2][len(p[2])-1] ^= 1
	}),
	cmsAttack("C3: the signer twice", "C3", "document.cms", func(p [][]byte) {
		signer := parts(*last(p))[0]
		short := parts(signer)
		if len(short) > 6 {
			short = short[:6] // without its time-stamp, to make it fit
		}
		*last(p) = wrap(0x31, signer, wrap(0x30, short...))
		p[3] = wrap(0xA0, parts(p[3])[0])
	}),
	cmsAttack("C3: no signer", "C3", "document.cms", func(p [][]byte) { *last(p) = wrap(0x31) }),
	cmsAttack("C5: another digest algorithm", "C5", "cades.SignatureFacts", func(p [][]byte) {
		sha256, sha512 := []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1}, []byte{0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3}
		signer := parts(parts(*last(p))[0])
		signer[2] = bytes.Replace(signer[2], sha256, sha512, 1)
		*last(p) = wrap(0x31, wrap(0x30, signer...))
	}),
	cmsAttack("C1: signed attributes left out", "C1", "cades.SignatureFacts", func(p [][]byte) {
		signer := parts(parts(*last(p))[0])
		*last(p) = wrap(0x31, wrap(0x30, slices.Delete(signer, 3, 4)...))
	}),
	cmsAttack("C6: another signer's certificate", "C6", "cades.SignatureFacts", func(p [][]byte) {
		p[3] = wrap(0xA0, slices.DeleteFunc(parts(p[3]), func(der []byte) bool {
			c, err := x509.ParseCertificate(der)
			return err != nil || !c.IsCA
		})...)
	}),
}
