package pkitest

import (
	"bytes"
	"context"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"tamga/pki"

	"golang.org/x/crypto/ocsp"
)

// PKI is a drawn PKI. It is not safe for concurrent change of Now.
type PKI struct {
	// Now is the time at which CRLs and OCSP responses are made:
	// 2026-06-01 12:00 UTC. A test may change it.
	Now time.Time

	t        testing.TB
	drawnAt  time.Time
	entities map[string]*entity
	order    []string
}

// New builds what drawing says; see the package comment for its grammar. A
// drawing with a mistake ends the test.
func New(t testing.TB, drawing string) *PKI {
	t.Helper()
	p, err := draw(drawing)
	if err != nil {
		t.Fatalf("pkitest: %v", err)
	}
	p.t = t
	return p
}

func draw(text string) (*PKI, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	p := &PKI{Now: now, drawnAt: now, entities: map[string]*entity{}}
	return p, build(d, p)
}

// Clock returns a clock that stands at Now.
func (p *PKI) Clock() func() time.Time { return func() time.Time { return p.Now } }

// Cert returns name's certificate.
func (p *PKI) Cert(name string) *x509.Certificate {
	return p.entity(name).cert
}

// Signer returns name's private key.
func (p *PKI) Signer(name string) crypto.Signer {
	return p.entity(name).key
}

// Chain returns name's certificate and those above it, leaf first, without the
// root; of a root, itself.
func (p *PKI) Chain(name string) []*x509.Certificate {
	e := p.entity(name)
	chain := []*x509.Certificate{e.cert}
	for e = e.issuer; e != nil && e.issuer != nil; e = e.issuer {
		chain = append(chain, e.cert)
	}
	return chain
}

// Key returns name's key with its [PKI.Chain], for uses; without any, for what
// the drawing says of it.
func (p *PKI) Key(name string, uses ...pki.Use) *pki.Key {
	e := p.entity(name)
	if len(uses) == 0 {
		uses = slices.Clone(e.uses)
		if e.issues {
			uses = append(uses, pki.UseCertificate)
		}
	}
	key, err := pki.NewKey(pki.KeyConfig{Name: name, Uses: uses}, e.key, p.Chain(name))
	if err != nil {
		p.fail("%v", err)
	}
	return key
}

// Anchors returns all who signed themselves, trusted for uses; without any, for
// every use.
func (p *PKI) Anchors(uses ...pki.Use) pki.Anchors {
	if len(uses) == 0 {
		uses = pki.Uses()
	}
	var out pki.Anchors
	for _, name := range p.order {
		if e := p.entities[name]; e.issuer == nil {
			out = append(out, pki.Anchor{Certificate: e.cert, Uses: slices.Clone(uses), Source: "pkitest"})
		}
	}
	return out
}

// Roots returns the anchors as package x509 wants them.
func (p *PKI) Roots() *x509.CertPool {
	pool := x509.NewCertPool()
	for _, a := range p.Anchors() {
		pool.AddCert(a.Certificate)
	}
	return pool
}

// CRL returns issuer's list in DER as it stands at Now: made an hour ago, good
// for a week, with those revoked by then.
func (p *PKI) CRL(issuer string) []byte {
	der, err := p.revocationList(p.entity(issuer))
	if err != nil {
		p.fail("making the CRL of %s: %v", issuer, err)
	}
	return der
}

// OCSP returns what name's issuer answers about it, a DER OCSPResponse made at
// Now. With a responder, a drawn [ocsp] certificate of the same issuer, that
// one signs.
func (p *PKI) OCSP(name string, responder ...string) []byte {
	e := p.entity(name)
	if e.issuer == nil {
		p.fail("%s has no issuer to answer for it", name)
	}
	answer := ocsp.Response{
		Status: ocsp.Good, SerialNumber: e.cert.SerialNumber,
		ThisUpdate: p.Now.Add(-time.Hour), NextUpdate: p.Now.AddDate(0, 0, 7),
	}
	if at := e.revocationTime(p); e.revoked && !at.After(p.Now) {
		answer.Status, answer.RevokedAt, answer.RevocationReason = ocsp.Revoked, at, e.reason
	}
	by := e.issuer
	if len(responder) > 0 {
		by = p.entity(responder[0])
		answer.Certificate = by.cert
	}
	der, err := ocsp.CreateResponse(e.issuer.cert, by.cert, answer, by.key)
	if err != nil {
		p.fail("answering for %s: %v", name, err)
	}
	return der
}

// Revocation returns a source of the CRLs of every drawn CA, made at the Now of
// the question.
func (p *PKI) Revocation() pki.RevocationSource { return source{p} }

type source struct{ p *PKI }

func (s source) Revocation(_ context.Context, cert, _ *x509.Certificate) ([]pki.Revocation, error) {
	var out []pki.Revocation
	for _, name := range s.p.order {
		e := s.p.entities[name]
		if !e.issues || !bytes.Equal(e.cert.RawSubject, cert.RawIssuer) {
			continue
		}
		der, err := s.p.revocationList(e)
		if err != nil {
			return nil, err
		}
		out = append(out, pki.Revocation{Kind: pki.CRL, Raw: der, Source: "pkitest"})
	}
	return out, nil
}

// Issue adds name, certified by issuer ("": by itself) over a new P-256 key,
// after edit has changed what the drawing would have given it. It is for
// certificates that break rules; what package x509 refuses to make ends the
// test.
func (p *PKI) Issue(issuer, name string, edit func(*x509.Certificate)) *x509.Certificate {
	if _, ok := p.entities[name]; ok {
		p.fail("%s is already drawn", name)
	}
	n := node{name: name, issuer: issuer, cn: name, country: "UT", pathLen: -1, uses: []pki.Use{pki.UseSign}}
	e := &entity{node: n}
	if issuer != "" {
		e.issuer = p.entity(issuer)
	}
	t, err := template(&n)
	if err != nil {
		p.fail("%v", err)
	}
	edit(t)
	e.issues = t.IsCA
	if e.key, err = newKey("p256", 0); err != nil {
		p.fail("%v", err)
	}
	if err := e.certify(t); err != nil {
		p.fail("%v", err)
	}
	p.entities[name], p.order = e, append(p.order, name)
	return e.cert
}

// PEM returns the certificates of names, one after the other.
func (p *PKI) PEM(names ...string) []byte {
	var out []byte
	for _, name := range names {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Cert(name).Raw})...)
	}
	return out
}

// KeyPEM returns name's private key as PKCS#8, not encrypted, for tools.
func (p *PKI) KeyPEM(name string) []byte {
	der, err := x509.MarshalPKCS8PrivateKey(p.Signer(name))
	if err != nil {
		p.fail("%v", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func (p *PKI) entity(name string) *entity {
	e, ok := p.entities[name]
	if !ok {
		p.fail("%q is not drawn; there are %q", name, p.order)
	}
	return e
}

// fail ends the test and names the line that asked. It is not [testing.T.Helper]
// because that is forbidden inside of a fuzz target, where a PKI drawn outside
// of it is of use all the same.
func (p *PKI) fail(format string, args ...any) {
	where := "pkitest"
	for skip := 1; ; skip++ {
		_, file, line, ok := runtime.Caller(skip)
		if !ok {
			break
		}
		if filepath.Base(file) != "pkitest.go" {
			where = fmt.Sprintf("%s:%d: pkitest", filepath.Base(file), line)
			break
		}
	}
	p.t.Fatalf("%s: %s", where, fmt.Sprintf(format, args...))
}
