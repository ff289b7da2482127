package ca

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"slices"

	"tamga/pki"
)

// maxCSR is the size in bytes of the largest request that is read; one for
// ML-DSA-87 has about 8 KiB.
const maxCSR = 64 << 10

// subjectAttributes are what a subject may take over from a CSR: the attributes
// of RFC 5280 appendix A.1 and of EN 319 412-2 §4.2.4 and -3 §4.2.1 for natural
// and legal persons, in addition to those that [pkix.Name] has fields for.
var subjectAttributes = []string{
	"2.5.4.4",  // surname
	"2.5.4.42", // givenName
	"2.5.4.65", // pseudonym
	"2.5.4.97", // organizationIdentifier
	"2.5.4.12", // title
}

// RequestFromCSR reads a DER PKCS#10 request (RFC 2986) of a stranger's making,
// after proof that the requester holds the private key. It takes the public
// key; names only as far as the profile's CSRWhitelist has them, none without
// one; and never an extension. What is missing, the caller adds, and answers
// for. The error wraps [ErrRefused].
func (p *Profile) RequestFromCSR(der []byte) (Request, error) {
	if len(der) > maxCSR {
		return Request{}, fmt.Errorf("reading a CSR of %d bytes, more than %d: %w", len(der), maxCSR, ErrRefused)
	}
	csr, err := x509.ParseCertificateRequest(der)
	if err != nil {
		return Request{}, fmt.Errorf("reading a CSR: %w: %w", ErrRefused, err)
	}
	// Proof of possession: who cannot sign could have another's public key
	// certified in their own name, and claim the other's signatures.
	algorithm := pki.UnknownAlgorithm
	for ours, theirs := range x509Algorithms {
		if theirs == csr.SignatureAlgorithm {
			algorithm = ours
		}
	}
	if err := pki.Verify(csr.PublicKey, algorithm, csr.RawTBSCertificateRequest, csr.Signature); err != nil {
		return Request{}, fmt.Errorf("verifying a CSR: %w: %w", ErrRefused, err)
	}
	req := Request{Profile: p.name, PublicKey: csr.PublicKey}
	if err := p.checkKey(req.PublicKey); err != nil {
		return Request{}, fmt.Errorf("reading a CSR: %w", err)
	}
	if p.csr.Subject {
		req.Subject = subjectOf(csr.Subject)
	}
	if p.csr.DNSNames {
		req.DNSNames = csr.DNSNames
	}
	if p.csr.EmailAddresses {
		req.EmailAddresses = csr.EmailAddresses
	}
	if p.csr.IPAddresses {
		req.IPAddresses = csr.IPAddresses
	}
	if p.csr.URIs {
		req.URIs = csr.URIs
	}
	return req, nil
}

// subjectOf leaves of a name what a certificate may say of its subject.
func subjectOf(n pkix.Name) pkix.Name {
	out := pkix.Name{
		Country: n.Country, Organization: n.Organization, OrganizationalUnit: n.OrganizationalUnit,
		Locality: n.Locality, Province: n.Province, SerialNumber: n.SerialNumber, CommonName: n.CommonName,
	}
	for _, a := range n.Names {
		if _, text := a.Value.(string); text && slices.Contains(subjectAttributes, a.Type.String()) {
			out.ExtraNames = append(out.ExtraNames, a)
		}
	}
	return out
}
