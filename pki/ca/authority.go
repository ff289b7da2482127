package ca

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"tamga/pki"
)

// Authority issues certificates and CRLs with one key. It is safe for
// concurrent use if its fields are not changed.
type Authority struct {
	Key      *pki.Key // for [pki.UseCertificate]; its leaf is the CA certificate
	Profiles *Profiles
	Now      func() time.Time

	// What certificates say of the authority; "": nothing. A profile's own
	// URLs take precedence.
	CRLURL    string // where its CRL is published
	OCSPURL   string // where its OCSP responder answers
	IssuerURL string // where its own certificate is published
	// Contact is an e-mail address or URL, for profiles with issuer_alt_name.
	Contact string
}

// Issue makes a certificate. The error wraps [ErrNoProfile] or [ErrRefused] if
// it is the request's fault. NotBefore lies a little back, for clocks that run
// behind; NotAfter is the profile's, but never after the authority's own.
func (a *Authority) Issue(ctx context.Context, req Request) (*x509.Certificate, error) {
	cert, err := a.issue(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("issuing a certificate: %w", err)
	}
	return cert, nil
}

func (a *Authority) issue(ctx context.Context, req Request) (*x509.Certificate, error) {
	p, err := a.Profiles.Profile(req.Profile)
	if err != nil {
		return nil, err
	}
	if err := a.check(); err != nil {
		return nil, err
	}
	issuer := a.Key.Certificate()
	if err := errors.Join(p.checkKey(req.PublicKey), p.checkNames(req)); err != nil {
		return nil, err
	}
	if err := p.checkIssuer(issuer, req); err != nil {
		return nil, err
	}
	t, err := p.template(req, a.Contact)
	if err != nil {
		return nil, err
	}
	if err := p.setValidity(t, a.Now().UTC(), req.NotAfter, issuer); err != nil {
		return nil, err
	}
	if err := a.addURLs(t, p); err != nil {
		return nil, err
	}
	signer, err := a.Key.CertificateSigner()
	if err != nil {
		return nil, err
	}
	return create(ctx, t, issuer, req.PublicKey, signer)
}

// check finds what whoever built the authority has left out.
func (a *Authority) check() error {
	if a.Key == nil || a.Now == nil {
		return errors.New("the authority has no key or no clock")
	}
	for _, u := range []string{a.CRLURL, a.OCSPURL, a.IssuerURL} {
		if err := checkURL(u); err != nil {
			return fmt.Errorf("the authority's %w", err)
		}
	}
	return nil
}

// template lays out all but validity, issuer and URLs.
func (p *Profile) template(req Request, contact string) (*x509.Certificate, error) {
	id, err := keyID(req.PublicKey)
	if err != nil {
		return nil, err
	}
	serial := req.Serial
	if serial == nil {
		serial = NewSerial()
	}
	if serial.Sign() <= 0 || serial.BitLen() > 159 {
		return nil, fmt.Errorf("a serial number of %d bits is not between 1 and 159 (RFC 5280 §4.1.2.2): %w",
			serial.BitLen(), ErrRefused)
	}
	extensions, err := p.extensions(contact)
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{
		SerialNumber: serial, Subject: req.Subject, SubjectKeyId: id,
		KeyUsage: p.usageFor(req.PublicKey), ExtraExtensions: extensions,
		DNSNames: req.DNSNames, EmailAddresses: req.EmailAddresses,
		IPAddresses: req.IPAddresses, URIs: req.URIs,
	}
	if t.KeyUsage == 0 {
		return nil, fmt.Errorf("the profile has no usage for a key of type %T: %w", req.PublicKey, ErrRefused)
	}
	if p.isCA {
		t.BasicConstraintsValid, t.IsCA = true, true
		t.MaxPathLen, t.MaxPathLenZero = p.pathLen, p.pathLen == 0
	}
	return t, nil
}

// setValidity follows profile, request and issuer (nil: none), in this order.
func (p *Profile) setValidity(t *x509.Certificate, now, notAfter time.Time, issuer *x509.Certificate) error {
	t.NotBefore = now.Truncate(time.Minute).Add(-p.backdate)
	if !p.notBefore.IsZero() {
		t.NotBefore = p.notBefore.UTC()
	}
	t.NotAfter = t.NotBefore.Add(p.expiry)
	if !p.notAfter.IsZero() {
		t.NotAfter = p.notAfter.UTC()
	}
	if !notAfter.IsZero() && notAfter.Before(t.NotAfter) {
		t.NotAfter = notAfter.UTC()
	}
	if issuer != nil {
		if t.NotBefore.Before(issuer.NotBefore) {
			t.NotBefore = issuer.NotBefore
		}
		if t.NotAfter.After(issuer.NotAfter) {
			t.NotAfter = issuer.NotAfter
		}
	}
	t.NotAfter = t.NotAfter.Truncate(time.Second)
	if !t.NotAfter.After(t.NotBefore) || !t.NotAfter.After(now) {
		return fmt.Errorf("it would be valid from %s to %s, and now is %s: %w",
			t.NotBefore.Format(time.RFC3339), t.NotAfter.Format(time.RFC3339), now.Format(time.RFC3339), ErrRefused)
	}
	if p.has(oidMdocSigner) && t.NotAfter.Sub(t.NotBefore) > maxMdocSigner {
		return fmt.Errorf("an mdoc signer lives %d days at most (ISO/IEC 18013-5 B.1.4): %w",
			maxMdocSigner/day, ErrRefused)
	}
	return nil
}

// addURLs says where revocation and the issuer are to be found.
func (a *Authority) addURLs(t *x509.Certificate, p *Profile) error {
	if !p.noCheck { // nobody is to ask about the one who answers
		t.CRLDistributionPoints = urls(p.crlURL, a.CRLURL)
		t.OCSPServer = urls(p.ocspURL, a.OCSPURL)
	}
	if t.IssuingCertificateURL = p.issuerURLs; len(p.issuerURLs) == 0 {
		t.IssuingCertificateURL = urls(a.IssuerURL)
	}
	if p.has(oidMdocSigner) && len(t.CRLDistributionPoints) == 0 {
		return errors.New("an mdoc signer has a CRL distribution point (ISO/IEC 18013-5 B.1.4), " +
			"and the authority has no CRL URL")
	}
	return nil
}

// urls returns the first that is not empty, if any, as a list.
func urls(candidates ...string) []string {
	if i := slices.IndexFunc(candidates, func(u string) bool { return u != "" }); i >= 0 {
		return candidates[i : i+1]
	}
	return nil
}

// NewSerial returns a serial number of 16 random octets, positive and never
// shorter. Nobody can predict it, which is what stops collisions prepared
// beforehand (CA/Browser Forum BR 7.1 asks for 8 octets).
func NewSerial() *big.Int {
	octets := make([]byte, 16)
	rand.Read(octets) // never fails, as of Go 1.24
	octets[0] = octets[0]&0x7f | 0x40
	return new(big.Int).SetBytes(octets)
}

// x509Algorithms are package x509's names for what certificates are signed with.
var x509Algorithms = map[pki.Algorithm]x509.SignatureAlgorithm{
	pki.RSASHA256: x509.SHA256WithRSA, pki.RSASHA384: x509.SHA384WithRSA, pki.RSASHA512: x509.SHA512WithRSA,
	pki.PSSSHA256: x509.SHA256WithRSAPSS, pki.PSSSHA384: x509.SHA384WithRSAPSS, pki.PSSSHA512: x509.SHA512WithRSAPSS,
	pki.ECDSASHA256: x509.ECDSAWithSHA256, pki.ECDSASHA384: x509.ECDSAWithSHA384, pki.ECDSASHA512: x509.ECDSAWithSHA512,
	pki.Ed25519: x509.PureEd25519,
	pki.MLDSA44: x509.MLDSA44, pki.MLDSA65: x509.MLDSA65, pki.MLDSA87: x509.MLDSA87,
}

// create signs t under issuer (t itself for a root), reads the result back and
// verifies it.
func create(ctx context.Context, t, issuer *x509.Certificate, pub crypto.PublicKey, signer crypto.Signer,
) (*x509.Certificate, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	algorithm, err := pki.DefaultAlgorithm(signer.Public())
	if err != nil {
		return nil, err
	}
	t.SignatureAlgorithm = x509Algorithms[algorithm]
	der, err := x509.CreateCertificate(rand.Reader, t, issuer, pub, signer)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("reading back what was made: %w", err)
	}
	if err := pki.Verify(signer.Public(), algorithm, cert.RawTBSCertificate, cert.Signature); err != nil {
		return nil, fmt.Errorf("verifying what was made: %w", err)
	}
	if cert.SignatureAlgorithm != t.SignatureAlgorithm || !bytes.Equal(rawKey(cert.PublicKey), rawKey(pub)) {
		return nil, errors.New("reading back what was made: it is for another key, or signed otherwise")
	}
	return cert, nil
}
