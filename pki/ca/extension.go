package ca

import (
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

var (
	oidExtendedUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidPolicies      = asn1.ObjectIdentifier{2, 5, 29, 32}
	oidIssuerAltName = asn1.ObjectIdentifier{2, 5, 29, 18}
	oidNoCheck       = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidCPS           = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 2, 1}
	oidUserNotice    = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 2, 2}
)

// extendedUsageExtension is RFC 5280 §4.2.1.12:
//
//	ExtKeyUsageSyntax ::= SEQUENCE OF KeyPurposeId
func extendedUsageExtension(usages []asn1.ObjectIdentifier, critical bool) (pkix.Extension, error) {
	if len(usages) == 0 {
		return pkix.Extension{}, nil
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, oid := range usages {
			b.AddASN1ObjectIdentifier(oid)
		}
	})
	value, err := b.Bytes()
	return pkix.Extension{Id: oidExtendedUsage, Critical: critical, Value: value}, err
}

// issuerAltNameExtension is RFC 5280 §4.2.1.7 with the one contact that ISO/IEC
// 18013-5 B.1 asks for, an e-mail address or a URL:
//
//	GeneralNames ::= SEQUENCE OF CHOICE { rfc822Name [1] IA5String, uniformResourceIdentifier [6] IA5String, … }
func issuerAltNameExtension(contact string) (pkix.Extension, error) {
	tag := cbasn1.Tag(6).ContextSpecific()
	if strings.Contains(contact, "@") && !strings.Contains(contact, "://") {
		tag = cbasn1.Tag(1).ContextSpecific()
		if a, err := mail.ParseAddress(contact); err != nil || a.Address != contact {
			return pkix.Extension{}, fmt.Errorf("the contact %q is no e-mail address", contact)
		}
	} else if contact == "" {
		return pkix.Extension{}, errors.New("the profile wants the authority's contact, an e-mail address or a URL")
	} else if err := checkURL(contact); err != nil {
		return pkix.Extension{}, fmt.Errorf("the contact: %w", err)
	}
	if !isASCII(contact) {
		return pkix.Extension{}, fmt.Errorf("the contact %q has more than ASCII", contact)
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(tag, func(b *cryptobyte.Builder) { b.AddBytes([]byte(contact)) })
	})
	value, err := b.Bytes()
	return pkix.Extension{Id: oidIssuerAltName, Value: value}, err
}

// policiesExtension is RFC 5280 §4.2.1.4:
//
//	certificatePolicies ::= SEQUENCE OF SEQUENCE {
//	    policyIdentifier OBJECT IDENTIFIER,
//	    policyQualifiers SEQUENCE OF SEQUENCE { OBJECT IDENTIFIER, qualifier } OPTIONAL }
//	qualifier ::= CHOICE { cPSuri IA5String, userNotice SEQUENCE { explicitText UTF8String } }
func policiesExtension(policies []policy) (pkix.Extension, error) {
	if len(policies) == 0 {
		return pkix.Extension{}, nil
	}
	var b cryptobyte.Builder
	var failed error
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, p := range policies {
			oid, err := parseOID(p.ID)
			failed = errors.Join(failed, err)
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				if err != nil {
					return
				}
				b.AddASN1ObjectIdentifier(oid)
				failed = errors.Join(failed, addQualifiers(b, p))
			})
		}
	})
	if failed != nil {
		return pkix.Extension{}, fmt.Errorf("policies: %w", failed)
	}
	value, err := b.Bytes()
	return pkix.Extension{Id: oidPolicies, Value: value}, err
}

func addQualifiers(b *cryptobyte.Builder, p policy) (failed error) {
	if len(p.Qualifiers) == 0 {
		return nil
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		for _, q := range p.Qualifiers {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				text := func(b *cryptobyte.Builder) { b.AddBytes([]byte(q.Value)) }
				switch {
				case q.Type == "id-qt-cps" && q.Value != "" && isASCII(q.Value):
					b.AddASN1ObjectIdentifier(oidCPS)
					b.AddASN1(cbasn1.IA5String, text)
				case q.Type == "id-qt-unotice" && q.Value != "" && len([]rune(q.Value)) <= 200:
					b.AddASN1ObjectIdentifier(oidUserNotice)
					b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1(cbasn1.UTF8String, text) })
				default:
					failed = errors.Join(failed, fmt.Errorf("qualifier %q of %s", q.Type, p.ID))
				}
			})
		}
	})
	return failed
}

// keyID is the subject key identifier by RFC 7093 §2 method 1: the first 160
// bits of the SHA-256 of the public key's BIT STRING.
//
//	SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }
func keyID(pub crypto.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil, fmt.Errorf("encoding the public key: %w", err)
	}
	in := cryptobyte.String(der)
	var info cryptobyte.String
	var bits asn1.BitString
	if !in.ReadASN1(&info, cbasn1.SEQUENCE) || !info.SkipASN1(cbasn1.SEQUENCE) || !info.ReadASN1BitString(&bits) {
		return nil, errors.New("encoding the public key: no SubjectPublicKeyInfo")
	}
	sum := sha256.Sum256(bits.Bytes)
	return sum[:20], nil
}

// checkURL allows none, or an absolute one that relying parties can fetch.
func checkURL(s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !isASCII(s) {
		return fmt.Errorf("%q is no URL", s)
	}
	switch u.Scheme {
	case "http", "https", "ldap":
		return nil
	}
	return fmt.Errorf("%q is no http, https or ldap URL", s)
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}
