package pades

import (
	"bytes"
	"crypto/x509"
	"io"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/internal/pdf"
	"tamga/pki"
	"tamga/pki/cms"
)

// The two kinds of before 2008 that ISO 32000-1 §12.8.3 describes and ISO
// 32000-2 deprecates. Both rest on SHA-1, which the policy judges.

// overDigest reads adbe.pkcs7.sha1: the content of the CMS is the SHA-1 of what
// /ByteRange covers (ISO 32000-1 §12.8.3.3.1). Both must fit: the digest of the
// file, and what the signer signed of it. Programs of that time wrote no signed
// attributes; 20 octets are too few to be taken for some.
func (d *document) overDigest(sd *cms.SignedData, signed byteRange) formats.Signature {
	sig := cades.DirectFacts(sd, 0, func() io.Reader { return bytes.NewReader(sd.Content) })
	sig.References[0].Name = "the digest in the CMS"
	sig.References = append(sig.References, formats.Reference{
		Name: "content", Hash: pki.SHA1, Want: sd.Content, Open: signed.open(d.in), Whole: &d.in, Part: signed.part(),
	})
	return sig
}

// maxBareCertificates bounds /Cert.
const maxBareCertificates = 100

// bare reads adbe.x509.rsa_sha1: /Contents is an OCTET STRING with the RSA
// value, over the content itself, and /Cert holds the certificates as strings,
// the signer's first (ISO 32000-1 §12.8.3.2). Nothing of it is signed but the
// content, so that neither time nor certificate is more than a claim.
func (d *document) bare(sig *formats.Signature, dict pdf.Value, raw []byte, signed byteRange) *formats.Defect {
	const clause = "ISO 32000-1 12.8.3.2"
	in := cryptobyte.String(raw)
	var value cryptobyte.String
	if !in.ReadASN1(&value, cbasn1.OCTET_STRING) || !in.Empty() {
		return refuse(clause, "/Contents holds something other than an OCTET STRING")
	}
	held, err := d.file.Get(dict, "Cert")
	if err != nil {
		return refuse(clause, "/Cert cannot be read: %v", err)
	}
	texts := []pdf.Value{held}
	if held.Kind == pdf.Array {
		texts = held.Items()
	}
	if len(texts) > maxBareCertificates {
		return refuse(clause, "/Cert holds more than %d certificates", maxBareCertificates)
	}
	var chain []*x509.Certificate
	for i, item := range texts {
		text, err := d.file.Resolve(item)
		if err != nil {
			return refuse(clause, "certificate %d in /Cert cannot be read: %v", i+1, err)
		}
		c, err := d.in.Memo.ParseCertificate(text.Bytes())
		if err != nil {
			return refuse(clause, "certificate %d in /Cert cannot be read: %v", i+1, err)
		}
		chain = append(chain, c)
	}
	if len(chain) == 0 {
		return refuse(clause, "/Cert holds no certificate")
	}
	sig.Algorithm, sig.Value, sig.Direct = pki.RSASHA1, value, true
	sig.Signer.Certificate, sig.Evidence.Certificates = chain[0], chain
	sig.References = []formats.Reference{{
		Name: "content", Hash: pki.SHA1, Open: signed.open(d.in), Whole: &d.in, Part: signed.part(),
	}}
	return nil
}
