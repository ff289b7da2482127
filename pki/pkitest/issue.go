package pkitest

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
	"time"

	"tamga/pki"
)

// leafUses are what a drawing can say of one who issues nothing.
var leafUses = []pki.Use{pki.UseSign, pki.UseTimestamp, pki.UseOCSP, pki.UseMdoc, pki.UseSDJWT}

var (
	oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidOCSPNoCheck = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 48, 1, 5}
	oidMdocSigner  = asn1.ObjectIdentifier{1, 0, 18013, 5, 1, 2}
	oidTimestamp   = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}
)

// entity is a drawn name with its key and certificate.
type entity struct {
	node
	key    crypto.Signer
	cert   *x509.Certificate
	issuer *entity // nil: signed itself
}

// template lays out n's certificate.
func template(n *node) (*x509.Certificate, error) {
	serial := make([]byte, 12)
	rand.Read(serial)                 // never fails, as of Go 1.24
	serial[0] = serial[0]&0x7f | 0x40 // positive, and always as long
	t := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject: pkix.Name{
			Country: []string{n.country}, Organization: []string{"Tamga Test"}, CommonName: n.cn,
		},
		NotBefore: n.from, NotAfter: n.until,
	}
	from, until := lifetime(n)
	if t.NotBefore.IsZero() {
		t.NotBefore = from
	}
	if t.NotAfter.IsZero() {
		t.NotAfter = until
	}
	if n.issuer != "" && !n.noCRL {
		t.CRLDistributionPoints = []string{"http://pki.test/" + n.issuer + ".crl"}
	}
	if n.issues {
		t.BasicConstraintsValid, t.IsCA = true, true
		t.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
		t.MaxPathLen, t.MaxPathLenZero = n.pathLen, n.pathLen == 0
	}
	return t, addUses(t, n.uses)
}

// lifetime is the validity where the drawing says nothing: each issuer outlives
// what it issues, an mdoc signer stays under its 457 days (ISO 18013-5 B.1.4).
func lifetime(n *node) (from, until time.Time) {
	day := func(year, month int) time.Time {
		return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	}
	switch {
	case n.issuer == "":
		return day(2022, 1), day(2042, 1)
	case n.issues:
		return day(2024, 1), day(2036, 1)
	}
	return day(2026, 1), day(2027, 3)
}

// addUses gives t the usages and extensions that its uses demand.
func addUses(t *x509.Certificate, uses []pki.Use) error {
	var critical []asn1.ObjectIdentifier
	for _, use := range uses {
		t.KeyUsage |= x509.KeyUsageDigitalSignature
		switch use {
		case pki.UseSign:
			t.KeyUsage |= x509.KeyUsageContentCommitment
		case pki.UseTimestamp:
			critical = append(critical, oidTimestamp)
		case pki.UseMdoc:
			critical = append(critical, oidMdocSigner)
		case pki.UseOCSP:
			t.ExtKeyUsage = append(t.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning)
			t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidOCSPNoCheck, Value: []byte{5, 0}})
		}
	}
	if len(critical) == 0 {
		return nil
	}
	if len(t.ExtKeyUsage) > 0 {
		return fmt.Errorf("the use ocsp does not go together with %v", uses)
	}
	value, err := asn1.Marshal(critical)
	if err != nil {
		return fmt.Errorf("encoding the extended key usage: %w", err)
	}
	t.ExtraExtensions = append(t.ExtraExtensions, pkix.Extension{Id: oidExtKeyUsage, Critical: true, Value: value})
	return nil
}

// certify signs t for e under its issuer, or under itself.
func (e *entity) certify(t *x509.Certificate) error {
	parent, signer := t, e.key
	if e.issuer != nil {
		parent, signer = e.issuer.cert, e.issuer.key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, e.key.Public(), signer)
	if err != nil {
		return fmt.Errorf("issuing to %s: %w", e.name, err)
	}
	e.cert, err = x509.ParseCertificate(der)
	return err
}

// revocationTime is when e was revoked, if it was.
func (e *entity) revocationTime(p *PKI) time.Time {
	if e.revokedAt.IsZero() {
		return p.drawnAt.AddDate(0, 0, -1)
	}
	return e.revokedAt
}

// revocationList makes e's CRL as it stands at now.
func (p *PKI) revocationList(e *entity) ([]byte, error) {
	list := &x509.RevocationList{
		Number:     big.NewInt(p.Now.Unix()),
		ThisUpdate: p.Now.Add(-time.Hour), NextUpdate: p.Now.AddDate(0, 0, 7),
	}
	for _, name := range p.order {
		n := p.entities[name]
		if n.issuer != e || !n.revoked {
			continue
		}
		at := n.revocationTime(p)
		if at.After(p.Now) {
			continue
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: n.cert.SerialNumber, RevocationTime: at, ReasonCode: n.reason,
		})
	}
	return x509.CreateRevocationList(rand.Reader, list, e.cert, e.key)
}

func build(d *drawing, p *PKI) error {
	rsaPosition := 0
	for _, name := range d.order {
		n := d.nodes[name]
		if !n.issues && len(n.uses) == 0 {
			n.uses = []pki.Use{pki.UseSign}
		}
		e := &entity{node: *n, issuer: p.entities[n.issuer]}
		if n.keyOf != "" {
			e.key = p.entities[n.keyOf].key
		} else {
			key, err := newKey(n.kind, rsaPosition)
			if err != nil {
				return fmt.Errorf("making the key of %s: %w", name, err)
			}
			if slices.Contains(keyKinds[3:6], n.kind) {
				rsaPosition++
			}
			e.key = key
		}
		t, err := template(n)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := e.certify(t); err != nil {
			return err
		}
		p.entities[name], p.order = e, append(p.order, name)
	}
	return nil
}
