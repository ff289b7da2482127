package crl_test

import (
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// The lists of these tests are written by package x509, with extensions that it
// knows nothing of.

func tlv(tag byte, parts ...[]byte) []byte {
	var body []byte
	for _, p := range parts {
		body = append(body, p...)
	}
	out, err := asn1.Marshal(asn1.RawValue{
		Class: int(tag >> 6), Tag: int(tag & 0x1f), IsCompound: tag&0x20 != 0, Bytes: body,
	})
	if err != nil {
		panic(err)
	}
	return out
}

var yes = []byte{0xff}

func extension(last int, critical bool, value []byte) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, last}, Critical: critical, Value: value}
}

// scope is an issuing distribution point.
func scope(parts ...[]byte) pkix.Extension { return extension(28, true, tlv(0x30, parts...)) }

// The parts of a scope and of a certificate's distribution point.
var (
	indirect = tlv(0x84, yes)
	// Bits 1 and 2, and all others: together they are all reasons.
	compromised = []byte{5, 0x60}
	otherwise   = []byte{7, 0x1f, 0x80}
)

func someReasons(bits []byte) []byte { return tlv(0x83, bits) }

func uri(address string) []byte { return tlv(0x86, []byte(address)) }

func at(names ...[]byte) []byte { return tlv(0xa0, tlv(0xa0, names...)) }

func directory(name []byte) []byte { return tlv(0xa4, name) }

// points is a certificate's CRLDistributionPoints.
func points(list ...[]byte) pkix.Extension { return extension(31, false, tlv(0x30, list...)) }

func point(parts ...[]byte) []byte { return tlv(0x30, parts...) }

// delta makes a list one that adds to those from number base on.
func delta(base byte) pkix.Extension { return extension(27, true, tlv(2, []byte{base})) }

// of says that an entry and those after it are of another issuer.
func of(issuer *x509.Certificate) []pkix.Extension {
	return []pkix.Extension{extension(29, true, tlv(0x30, directory(issuer.RawSubject)))}
}

// revoked is an entry for a certificate.
func revoked(p *pkitest.PKI, cert *x509.Certificate, reason crl.Reason) x509.RevocationListEntry {
	return x509.RevocationListEntry{
		SerialNumber: cert.SerialNumber, RevocationTime: p.Now.AddDate(0, 0, -2), ReasonCode: int(reason),
	}
}

// makeList makes a list of name's, with the number and as many days old as said.
func makeList(t testing.TB, p *pkitest.PKI, name string, edit func(*x509.RevocationList)) []byte {
	t.Helper()
	list := &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: p.Now.Add(-time.Hour), NextUpdate: p.Now.AddDate(0, 0, 7),
	}
	edit(list)
	der, err := x509.CreateRevocationList(rand.Reader, list, p.Cert(name), p.Signer(name))
	require.NoError(t, err)
	return der
}

// checked makes a list and verifies it.
func checked(t testing.TB, p *pkitest.PKI, name string, edit func(*x509.RevocationList)) crl.Checked {
	t.Helper()
	list, err := crl.Parse(makeList(t, p, name, edit))
	require.NoError(t, err)
	require.NoError(t, list.Verify(p.Cert(name), pki.Verify))
	return crl.Checked{List: list, Signer: p.Cert(name)}
}

// judged is Judge where nothing can go wrong.
func judged(t testing.TB, cert *x509.Certificate, lists ...crl.Checked) []crl.Answer {
	t.Helper()
	answers, err := crl.Judge(cert, lists)
	require.NoError(t, err)
	require.LessOrEqual(t, len(answers), len(lists))
	for _, a := range answers {
		require.True(t, a.Complete())
	}
	return answers
}

// certificate issues one with other distribution points.
func certificate(p *pkitest.PKI, issuer, name string, extra ...pkix.Extension) *x509.Certificate {
	return p.Issue(issuer, name, func(c *x509.Certificate) {
		c.CRLDistributionPoints, c.ExtraExtensions = nil, append(c.ExtraExtensions, extra...)
	})
}

// sibling issues to another certificate with the same name and another key:
// serial is to be that of cert.
func sibling(p *pkitest.PKI, issuer, name string, cert *x509.Certificate, extra ...pkix.Extension) *x509.Certificate {
	return p.Issue(issuer, name, func(c *x509.Certificate) {
		c.SerialNumber = cert.SerialNumber
		c.CRLDistributionPoints, c.ExtraExtensions = nil, append(c.ExtraExtensions, extra...)
	})
}
