package cades

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/formats"
	"tamga/pki"
	"tamga/pki/cms"
)

// Object identifiers of signed attributes (EN 319 122-1 §5.2, RFC 2634 §2.9).
const (
	oidContentHints       = "1.2.840.113549.1.9.16.2.4"
	oidSignaturePolicy    = "1.2.840.113549.1.9.16.2.15"
	oidCommitment         = "1.2.840.113549.1.9.16.2.16"
	oidSignerLocation     = "1.2.840.113549.1.9.16.2.17"
	oidSignerAttributes   = "1.2.840.113549.1.9.16.2.18" // of RFC 5126, read only
	oidSignerAttributesV2 = "0.4.0.19122.1.1"
	oidMIMEType           = "0.4.0.1733.2.1"

	oidPolicyURI = "1.2.840.113549.1.9.16.5.1" // id-spq-ets-uri
	// oidRole is the type of a claimed role. The standard leaves it open; id-at-name
	// is what EU DSS writes, and any type is read.
	oidRole = "2.5.4.41"
)

// maxProperties bounds each list, and what is read of one in a signature.
const maxProperties = 32

// maxText bounds a property that is text, in bytes.
const maxText = 1 << 10

// Properties are what a signature says beside what it must: the optional signed
// attributes of EN 319 122-1 §5.2. The zero value says nothing.
type Properties struct {
	Commitments []formats.Commitment // §5.2.3
	Roles       []string             // claimed, §5.2.6.1
	Place       Place                // §5.2.5
	Policy      Policy               // §5.2.9
	// Hint tells what the content is, in words (content-hints, §5.2.4.1).
	Hint string
	// MIMEType of the content (mime-type, §5.2.4.2).
	MIMEType string
	// ContentStamps are DER TimeStampTokens over the content (§5.2.8).
	ContentStamps [][]byte
}

// Place is where the signer says to be: signer-location, §5.2.5.
type Place struct {
	Country string
	City    string
	Address []string // at most six lines
}

func (p Place) empty() bool { return p.Country == "" && p.City == "" && len(p.Address) == 0 }

// Policy is the signature policy that the signer says to follow, §5.2.9.1.
type Policy struct {
	ID     string // dotted object identifier; "": none
	Hash   pki.Hash
	Digest []byte // of the policy document, as its own specification has it
	URI    string // where it can be had
}

// attributes are the DER Attributes.
func (p Properties) attributes() (out [][]byte, err error) {
	if err := p.valid(); err != nil {
		return nil, err
	}
	add := func(oid string, values ...[]byte) {
		out = append(out, cms.NewAttribute(oid, values...))
	}
	if len(p.Commitments) > 0 {
		var values [][]byte
		for _, c := range p.Commitments {
			values = append(values, commitment(c))
		}
		add(oidCommitment, values...)
	}
	if len(p.Roles) > 0 {
		add(oidSignerAttributesV2, roles(p.Roles))
	}
	if !p.Place.empty() {
		add(oidSignerLocation, p.Place.encode())
	}
	if p.Policy.ID != "" {
		add(oidSignaturePolicy, p.Policy.encode())
	}
	if p.Hint != "" {
		add(oidContentHints, contentHints(p.Hint))
	}
	if p.MIMEType != "" {
		add(oidMIMEType, sequence(func(b *cryptobyte.Builder) { utf8String(b, p.MIMEType) }, 0))
	}
	for _, token := range p.ContentStamps { // EU DSS reads no attribute with two
		add(cms.OIDContentTimestamp, token)
	}
	return out, nil
}

// valid refuses what could not be read back as it was meant.
func (p Properties) valid() error {
	if max(len(p.Commitments), len(p.Roles), len(p.ContentStamps)) > maxProperties {
		return fmt.Errorf("more than %d commitments, roles or content time-stamps", maxProperties)
	}
	for _, c := range p.Commitments {
		if _, err := pki.ParseOID(string(c)); err != nil {
			return fmt.Errorf("commitment: %w", err)
		}
	}
	if len(p.Place.Address) > 6 {
		return errors.New("an address of more than six lines")
	}
	texts := append([]string{p.Place.Country, p.Place.City, p.Policy.URI, p.Hint, p.MIMEType}, p.Place.Address...)
	for _, s := range p.Roles {
		if s == "" {
			return errors.New("an empty role")
		}
		texts = append(texts, s)
	}
	for _, s := range texts {
		if len(s) > maxText || !utf8.ValidString(s) || strings.ContainsFunc(s, unprintable) {
			return fmt.Errorf("text of %d bytes: over %d, or with characters that cannot be printed", len(s), maxText)
		}
	}
	return p.Policy.valid()
}

func (p Policy) valid() error {
	if p.ID == "" {
		if p.URI != "" || len(p.Digest) > 0 {
			return errors.New("a signature policy without identifier")
		}
		return nil
	}
	if _, err := pki.ParseOID(p.ID); err != nil {
		return fmt.Errorf("signature policy: %w", err)
	}
	if !p.Hash.Known() || len(p.Digest) != p.Hash.Size() {
		return errors.New("a signature policy needs the digest of its document (EN 319 122-1 §5.2.9.1)")
	}
	if strings.ContainsFunc(p.URI, func(r rune) bool { return r > unicode.MaxASCII }) {
		return errors.New("the address of a signature policy must be ASCII")
	}
	return nil
}

// unprintable characters could change what is seen around them.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// sequence builds one element; tag 0 leaves out the frame.
func sequence(body func(*cryptobyte.Builder), tag cbasn1.Tag) []byte {
	var b cryptobyte.Builder
	if tag == 0 {
		body(&b)
	} else {
		b.AddASN1(tag, body)
	}
	return b.BytesOrPanic() // every value has been checked
}

func utf8String(b *cryptobyte.Builder, s string) {
	b.AddASN1(cbasn1.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(s)) })
}

func explicit(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

// commitment writes CommitmentTypeIndication:
//
//	SEQUENCE { commitmentTypeId OID, commitmentTypeQualifier OPTIONAL }
func commitment(c formats.Commitment) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(pki.MustOID(string(c)))
	}, cbasn1.SEQUENCE)
}

// roles writes SignerAttributeV2 with claimed attributes alone:
//
//	SEQUENCE { claimedAttributes [0] EXPLICIT SEQUENCE OF Attribute OPTIONAL,
//	  certifiedAttributesV2 [1] OPTIONAL, signedAssertions [2] OPTIONAL }
func roles(names []string) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				for _, name := range names {
					b.AddBytes(cms.NewAttribute(oidRole, sequence(func(b *cryptobyte.Builder) { utf8String(b, name) }, 0)))
				}
			})
		})
	}, cbasn1.SEQUENCE)
}

// encode writes SignerLocation:
//
//	SEQUENCE { countryName [0] DirectoryString OPTIONAL,
//	  localityName [1] DirectoryString OPTIONAL,
//	  postalAddress [2] SEQUENCE SIZE (1..6) OF DirectoryString OPTIONAL }
func (p Place) encode() []byte {
	return sequence(func(b *cryptobyte.Builder) {
		for i, s := range []string{p.Country, p.City} {
			if s != "" {
				b.AddASN1(explicit(uint8(i)), func(b *cryptobyte.Builder) { utf8String(b, s) })
			}
		}
		if len(p.Address) > 0 {
			b.AddASN1(explicit(2), func(b *cryptobyte.Builder) {
				b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					for _, line := range p.Address {
						utf8String(b, line)
					}
				})
			})
		}
	}, cbasn1.SEQUENCE)
}

// encode writes SignaturePolicyId:
//
//	SEQUENCE { sigPolicyId OID, sigPolicyHash SEQUENCE { hashAlgorithm, OCTET STRING },
//	  sigPolicyQualifiers SEQUENCE OF SEQUENCE { OID, ANY } OPTIONAL }
func (p Policy) encode() []byte {
	return sequence(func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(pki.MustOID(p.ID))
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(p.Hash.AlgorithmIdentifier())
			b.AddASN1OctetString(p.Digest)
		})
		if p.URI == "" {
			return
		}
		b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(pki.MustOID(oidPolicyURI))
				b.AddASN1(cbasn1.IA5String, func(b *cryptobyte.Builder) { b.AddBytes([]byte(p.URI)) })
			})
		})
	}, cbasn1.SEQUENCE)
}

// contentHints writes ContentHints (RFC 2634 §2.9) of plain data:
//
//	SEQUENCE { contentDescription UTF8String OPTIONAL, contentType OID }
func contentHints(description string) []byte {
	return sequence(func(b *cryptobyte.Builder) {
		utf8String(b, description)
		b.AddASN1ObjectIdentifier(pki.MustOID(cms.OIDData))
	}, cbasn1.SEQUENCE)
}
