package ca

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"tamga/pki"
)

// ErrRefused says that a request asks for what its profile or the authority's
// rules forbid.
var ErrRefused = errors.New("refused")

// Request asks for a certificate. It says who and whose key; what for and how
// long, the profile says.
type Request struct {
	Profile   string
	Subject   pkix.Name // not empty; ExtraNames for what pkix.Name has no field for
	PublicKey crypto.PublicKey

	// Subject alternative names. CAs have none.
	DNSNames       []string
	EmailAddresses []string
	IPAddresses    []net.IP
	URIs           []*url.URL

	// NotAfter ends the certificate earlier than its profile does; zero: not.
	NotAfter time.Time
	// Serial has been reserved beforehand; nil: [NewSerial].
	Serial *big.Int
}

// minRSABits is what ETSI TS 119 312 still allows new signing keys.
const minRSABits = 2048

// checkKey refuses keys that must not be certified.
func (p *Profile) checkKey(pub crypto.PublicKey) error {
	if pub == nil {
		return fmt.Errorf("no public key: %w", ErrRefused)
	}
	if _, err := pki.DefaultAlgorithm(pub); err != nil {
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if k, ok := pub.(*rsa.PublicKey); ok {
		if bits := k.N.BitLen(); bits < minRSABits {
			return fmt.Errorf("an RSA key of %d bits, less than %d: %w", bits, minRSABits, ErrRefused)
		}
	}
	if !p.has(oidMdocSigner) {
		return nil
	}
	switch pub.(type) {
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return nil
	}
	return fmt.Errorf("an mdoc signer has an ECDSA or EdDSA key (ISO/IEC 18013-5 B.1.4), not %T: %w", pub, ErrRefused)
}

// usageFor leaves out what a key of pub's kind cannot do (RFC 5480 §3, RFC 8410
// §5, RFC 9881 §5).
func (p *Profile) usageFor(pub crypto.PublicKey) x509.KeyUsage {
	usage := p.usage
	if _, ok := pub.(*rsa.PublicKey); ok {
		return usage &^ (x509.KeyUsageKeyAgreement | x509.KeyUsageEncipherOnly | x509.KeyUsageDecipherOnly)
	}
	usage &^= x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment
	if _, ok := pub.(*ecdsa.PublicKey); !ok {
		usage &^= x509.KeyUsageKeyAgreement | x509.KeyUsageEncipherOnly | x509.KeyUsageDecipherOnly
	}
	return usage
}

// Upper bounds of RFC 5280 appendix A.1.
const (
	maxCommonName = 64
	maxName       = 128
	maxNames      = 32
)

// checkNames refuses subjects that no relying party could read, and names that
// the profile does not permit.
func (p *Profile) checkNames(req Request) error {
	rdns := req.Subject.ToRDNSequence()
	if len(rdns) == 0 {
		return fmt.Errorf("the subject is empty: %w", ErrRefused)
	}
	for _, set := range rdns {
		for _, a := range set {
			text, ok := a.Value.(string)
			switch n := utf8.RuneCountInString(text); {
			case !ok:
				continue
			case n == 0 || n > maxName || !utf8.ValidString(text) || strings.ContainsFunc(text, isControl):
				return fmt.Errorf("subject attribute %s: %q: %w", a.Type, text, ErrRefused)
			case a.Type.String() == "2.5.4.3" && n > maxCommonName:
				return fmt.Errorf("a common name of more than %d characters: %w", maxCommonName, ErrRefused)
			}
		}
	}
	for _, c := range req.Subject.Country {
		if len(c) != 2 || c != strings.ToUpper(c) {
			return fmt.Errorf("%q is no country code of ISO 3166-1: %w", c, ErrRefused)
		}
	}
	if p.isCA && p.issuerAltName && (len(req.Subject.Country) != 1 || req.Subject.CommonName == "") {
		return fmt.Errorf("an IACA has one country and a common name (ISO/IEC 18013-5 B.1.2): %w", ErrRefused)
	}
	return p.checkAlternatives(req)
}

// isControl finds what could make one name look like another in a list or a
// log: control characters and those that turn the direction of writing.
func isControl(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

func (p *Profile) checkAlternatives(req Request) error {
	names := alternatives(req)
	if p.isCA && len(names) > 0 {
		return fmt.Errorf("a CA has no alternative names: %w", ErrRefused)
	}
	if len(names) > maxNames {
		return fmt.Errorf("more than %d alternative names: %w", maxNames, ErrRefused)
	}
	for _, n := range names {
		if n == "" || !isASCII(n) {
			return fmt.Errorf("alternative name %q is not of printable ASCII: %w", n, ErrRefused)
		}
	}
	if p.names == nil {
		return nil
	}
	if req.Subject.CommonName != "" {
		names = append(names, req.Subject.CommonName)
	}
	for _, n := range names {
		if !p.names.MatchString(n) {
			return fmt.Errorf("the profile's name_whitelist does not permit %q: %w", n, ErrRefused)
		}
	}
	return nil
}

func alternatives(req Request) []string {
	var out []string
	out = append(append(out, req.DNSNames...), req.EmailAddresses...)
	for _, ip := range req.IPAddresses {
		out = append(out, ip.String())
	}
	for _, u := range req.URIs {
		if u == nil {
			out = append(out, "")
			continue
		}
		out = append(out, u.String())
	}
	return out
}

// checkIssuer refuses what cert's rules forbid it to certify under p.
func (p *Profile) checkIssuer(cert *x509.Certificate, req Request) error {
	switch {
	case !cert.BasicConstraintsValid || !cert.IsCA || cert.KeyUsage&x509.KeyUsageCertSign == 0:
		return fmt.Errorf("%s is no CA: %w", cert.Subject, ErrRefused)
	case len(cert.SubjectKeyId) == 0:
		return fmt.Errorf("%s has no subject key identifier (RFC 5280 §4.2.1.2): %w", cert.Subject, ErrRefused)
	case bytes.Equal(rawKey(cert.PublicKey), rawKey(req.PublicKey)):
		return fmt.Errorf("the key is the CA's own: %w", ErrRefused)
	case p.isCA && cert.MaxPathLenZero && cert.MaxPathLen == 0:
		return fmt.Errorf("%s may have no CA below (path length 0): %w", cert.Subject, ErrRefused)
	case p.isCA && cert.MaxPathLen > 0 && (p.pathLen < 0 || p.pathLen >= cert.MaxPathLen):
		return fmt.Errorf("the profile's path length is not below %d, which %s has: %w",
			cert.MaxPathLen, cert.Subject, ErrRefused)
	}
	if !p.has(oidMdocSigner) {
		return nil
	}
	// ISO/IEC 18013-5 B.1.4: the country, and the state if any, are the IACA's,
	// so that a reader can tell whose document it is from either.
	s, i := req.Subject, cert.Subject
	if len(s.Country) != 1 || len(i.Country) != 1 || s.Country[0] != i.Country[0] || s.CommonName == "" {
		return fmt.Errorf("an mdoc signer has a common name and its IACA's country: %w", ErrRefused)
	}
	if len(i.Province) > 0 && (len(s.Province) != 1 || s.Province[0] != i.Province[0]) {
		return fmt.Errorf("an mdoc signer has its IACA's state or province: %w", ErrRefused)
	}
	return nil
}

func rawKey(pub crypto.PublicKey) []byte {
	der, err := x509.MarshalPKIXPublicKey(pub)
	if err != nil {
		return nil
	}
	return der
}
