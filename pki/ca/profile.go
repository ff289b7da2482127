package ca

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cloudflare/cfssl/config"
)

var (
	oidTimestamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
	oidOCSPSigning  = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 9}
	oidMdocSigner   = asn1.ObjectIdentifier{1, 0, 18013, 5, 1, 2}
)

const (
	day = 24 * time.Hour
	// defaultBackdate is cfssl's; clocks of relying parties run behind.
	defaultBackdate = 5 * time.Minute
	maxBackdate     = 72 * time.Hour
	maxLifetime     = 50 * 366 * day
	maxMdocSigner   = 457 * day      // ISO/IEC 18013-5 B.1.4
	maxIACA         = 20 * 365 * day // ISO/IEC 18013-5 B.1.2
	caUsages        = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
)

// Profile is what certificates of one kind may be used for, and how long. Its
// rules hold once it has been read:
//
//   - A CA certifies, and nobody else does (RFC 5280 §4.2.1.3, §4.2.1.9).
//   - A time-stamp unit has the one extended usage, critical (RFC 3161 §2.3).
//   - An OCSP responder has the one extended usage (RFC 6960 §4.2.2.2), and
//     nobody else id-pkix-ocsp-nocheck.
//   - An mdoc signer has the one extended usage, critical, digitalSignature
//     only, issuerAltName and at most 457 days (ISO/IEC 18013-5 B.1.4).
//   - A CA with issuerAltName is an IACA: path length 0, at most 20 years
//     (ISO/IEC 18013-5 B.1.2).
//   - Nobody has anyExtendedKeyUsage, which undoes all others.
type Profile struct {
	name             string
	usage            x509.KeyUsage
	extended         []asn1.ObjectIdentifier
	extendedCritical bool
	isCA             bool
	pathLen          int // -1: not limited
	expiry, backdate time.Duration
	notBefore        time.Time // zero: by the clock
	notAfter         time.Time
	issuerAltName    bool
	noCheck          bool
	crlURL, ocspURL  string
	issuerURLs       []string
	policies         []policy
	names            *regexp.Regexp // nil: all
	csr              config.CSRWhitelist
}

// Name returns what the profile is called.
func (p *Profile) Name() string { return p.name }

// IsCA reports whether the profile is for CAs.
func (p *Profile) IsCA() bool { return p.isCA }

// KeyUsage returns the key usages.
func (p *Profile) KeyUsage() x509.KeyUsage { return p.usage }

// Lifetime returns how long certificates are valid at most.
func (p *Profile) Lifetime() time.Duration { return p.expiry }

// newProfile turns what cfssl has read into a checked value.
func newProfile(name string, given *profile, read *config.SigningProfile) (*Profile, error) {
	if name == "" || read == nil {
		return nil, errors.New("it has no name")
	}
	p := &Profile{
		name: name, expiry: read.Expiry, backdate: read.Backdate,
		notBefore: read.NotBefore, notAfter: read.NotAfter,
		isCA: read.CAConstraint.IsCA, pathLen: pathLen(read.CAConstraint),
		noCheck: read.OCSPNoCheck, crlURL: read.CRL, ocspURL: read.OCSP, issuerURLs: read.IssuerURL,
		policies: given.Policies, names: read.NameWhitelist, issuerAltName: given.Tamga.IssuerAltName,
	}
	if read.CSRWhitelist != nil {
		p.csr = *read.CSRWhitelist
	}
	if p.backdate == 0 {
		p.backdate = defaultBackdate
	}
	if err := p.readUsages(given, read); err != nil {
		return nil, err
	}
	for _, rule := range []func() error{p.checkTimes, p.checkCA, p.checkExtended, p.checkMdoc, p.checkURLs} {
		if err := rule(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func pathLen(c config.CAConstraint) int {
	if c.MaxPathLen == 0 && !c.MaxPathLenZero {
		return -1
	}
	return c.MaxPathLen
}

// extendedUsages are the identifiers of cfssl's names, as RFC 5280 §4.2.1.12
// and package x509 have them.
var extendedUsages = map[x509.ExtKeyUsage]asn1.ObjectIdentifier{
	x509.ExtKeyUsageServerAuth:                 {1, 3, 6, 1, 5, 5, 7, 3, 1},
	x509.ExtKeyUsageClientAuth:                 {1, 3, 6, 1, 5, 5, 7, 3, 2},
	x509.ExtKeyUsageCodeSigning:                {1, 3, 6, 1, 5, 5, 7, 3, 3},
	x509.ExtKeyUsageEmailProtection:            {1, 3, 6, 1, 5, 5, 7, 3, 4},
	x509.ExtKeyUsageIPSECEndSystem:             {1, 3, 6, 1, 5, 5, 7, 3, 5},
	x509.ExtKeyUsageIPSECTunnel:                {1, 3, 6, 1, 5, 5, 7, 3, 6},
	x509.ExtKeyUsageIPSECUser:                  {1, 3, 6, 1, 5, 5, 7, 3, 7},
	x509.ExtKeyUsageTimeStamping:               oidTimestamping,
	x509.ExtKeyUsageOCSPSigning:                oidOCSPSigning,
	x509.ExtKeyUsageMicrosoftServerGatedCrypto: {1, 3, 6, 1, 4, 1, 311, 10, 3, 3},
	x509.ExtKeyUsageNetscapeServerGatedCrypto:  {2, 16, 840, 1, 113730, 4, 1},
}

func (p *Profile) readUsages(given *profile, read *config.SigningProfile) error {
	usage, extended, unknown := read.Usages()
	if len(unknown) > 0 {
		return fmt.Errorf("nobody knows the usage %q; there are %s", unknown[0], strings.Join(usageNames(), ", "))
	}
	p.usage = usage
	for _, e := range extended {
		oid := extendedUsages[e]
		if oid == nil {
			return errors.New("the usage \"any\" would undo all others")
		}
		p.extended = append(p.extended, oid)
	}
	for _, dotted := range given.Tamga.ExtendedUsages {
		oid, err := parseOID(dotted)
		if err != nil {
			return fmt.Errorf("extended usage %w", err)
		}
		if oid.String() == "2.5.29.37.0" {
			return errors.New("the usage anyExtendedKeyUsage would undo all others")
		}
		p.extended = append(p.extended, oid)
	}
	for i, oid := range p.extended {
		if slices.ContainsFunc(p.extended[:i], oid.Equal) {
			return fmt.Errorf("extended usage %s comes twice", oid)
		}
	}
	if p.usage == 0 {
		return errors.New("it has no key usage")
	}
	return nil
}

func usageNames() []string {
	var out []string
	for name := range config.KeyUsage {
		out = append(out, name)
	}
	for name, usage := range config.ExtKeyUsage {
		if extendedUsages[usage] != nil {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (p *Profile) has(oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(p.extended, oid.Equal)
}

func (p *Profile) checkTimes() error {
	switch {
	case p.expiry <= 0 || p.expiry > maxLifetime:
		return fmt.Errorf("an expiry of %s is not between 0 and 50 years", p.expiry)
	case p.backdate < 0 || p.backdate > maxBackdate:
		return fmt.Errorf("a backdate of %s is not between 0 and %s", p.backdate, maxBackdate)
	}
	return nil
}

func (p *Profile) checkCA() error {
	switch {
	case p.isCA && p.usage&x509.KeyUsageCertSign == 0:
		return errors.New("is_ca without the usage \"cert sign\"")
	case !p.isCA && p.usage&caUsages != 0:
		return errors.New("the usages \"cert sign\" and \"crl sign\" without is_ca")
	case !p.isCA && p.pathLen != -1:
		return errors.New("max_path_len without is_ca")
	case p.pathLen < -1 || p.pathLen > 16:
		return fmt.Errorf("a max_path_len of %d is not between 0 and 16", p.pathLen)
	case p.isCA && p.issuerAltName && p.pathLen != 0:
		return errors.New("an IACA (a CA with issuer_alt_name) has max_path_len_zero (ISO/IEC 18013-5 B.1.2)")
	case p.isCA && p.issuerAltName && p.expiry > maxIACA:
		return errors.New("an IACA (a CA with issuer_alt_name) lives 20 years at most (ISO/IEC 18013-5 B.1.2)")
	}
	return nil
}

func (p *Profile) checkExtended() error {
	sign := x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	switch {
	case p.noCheck && !p.has(oidOCSPSigning):
		return errors.New("ocsp_no_check without the usage \"ocsp signing\"")
	case p.has(oidOCSPSigning) && (len(p.extended) > 1 || p.isCA || p.usage&^sign != 0):
		return errors.New("the usage \"ocsp signing\" goes with signing usages only (RFC 6960 §4.2.2.2)")
	case p.has(oidTimestamping) && (len(p.extended) > 1 || p.isCA || p.usage&^sign != 0):
		return errors.New("the usage \"timestamping\" goes with signing usages only (RFC 3161 §2.3)")
	}
	p.extendedCritical = p.has(oidTimestamping) || p.has(oidMdocSigner)
	return nil
}

func (p *Profile) checkMdoc() error {
	switch {
	case !p.has(oidMdocSigner):
		return nil
	case len(p.extended) > 1 || p.isCA || p.usage != x509.KeyUsageDigitalSignature:
		return errors.New("an mdoc signer has the usage \"digital signature\" and no other (ISO/IEC 18013-5 B.1.4)")
	case p.expiry > maxMdocSigner:
		return fmt.Errorf("an mdoc signer lives %d days at most (ISO/IEC 18013-5 B.1.4)", maxMdocSigner/day)
	case !p.issuerAltName:
		return errors.New("an mdoc signer has issuer_alt_name (ISO/IEC 18013-5 B.1.4)")
	}
	return nil
}

func (p *Profile) checkURLs() error {
	for _, u := range append([]string{p.crlURL, p.ocspURL}, p.issuerURLs...) {
		if err := checkURL(u); err != nil {
			return err
		}
	}
	return nil
}

// extensions are those that package x509 does not make, or not critical.
func (p *Profile) extensions(contact string) ([]pkix.Extension, error) {
	var out []pkix.Extension
	for _, part := range []func() (pkix.Extension, error){
		func() (pkix.Extension, error) { return extendedUsageExtension(p.extended, p.extendedCritical) },
		func() (pkix.Extension, error) { return policiesExtension(p.policies) },
		func() (pkix.Extension, error) {
			if !p.issuerAltName {
				return pkix.Extension{}, nil
			}
			return issuerAltNameExtension(contact)
		},
		func() (pkix.Extension, error) {
			if !p.noCheck {
				return pkix.Extension{}, nil
			}
			return pkix.Extension{Id: oidNoCheck, Value: []byte{5, 0}}, nil
		},
	} {
		e, err := part()
		if err != nil {
			return nil, err
		}
		if e.Id != nil {
			out = append(out, e)
		}
	}
	return out, nil
}
