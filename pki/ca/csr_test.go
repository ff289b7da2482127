package ca_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"tamga/pki/ca"

	"github.com/stretchr/testify/require"
)

func csr(t *testing.T, kind string, change func(*x509.CertificateRequest)) []byte {
	t.Helper()
	template := &x509.CertificateRequest{
		Subject: pkix.Name{
			Country: []string{"UA"}, CommonName: "Олена Коваль", SerialNumber: "TINUA-1234567890",
			ExtraNames: []pkix.AttributeTypeAndValue{
				{Type: asn1.ObjectIdentifier{2, 5, 4, 42}, Value: "Олена"},
				{Type: asn1.ObjectIdentifier{1, 2, 3, 4}, Value: "smuggled"},
			},
		},
		DNSNames: []string{"bank.example"}, EmailAddresses: []string{"olena@example.com"},
	}
	if change != nil {
		change(template)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key(t, kind))
	require.NoError(t, err)
	return der
}

// A CSR that asks to be a CA, for a host, or with an attribute of its own, gets
// a document signer's certificate all the same.
func TestCSRDecidesNothing(t *testing.T) {
	profile, err := profiles(t).Profile("document-signer")
	require.NoError(t, err)
	constraints, err := asn1.Marshal(struct{ CA bool }{true})
	require.NoError(t, err)
	der := csr(t, "p256", func(r *x509.CertificateRequest) {
		r.ExtraExtensions = []pkix.Extension{
			{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Critical: true, Value: constraints},
			{Id: asn1.ObjectIdentifier{2, 5, 29, 15}, Critical: true, Value: []byte{3, 2, 1, 6}},
		}
	})
	req, err := profile.RequestFromCSR(der)
	require.NoError(t, err)
	require.Empty(t, req.DNSNames, "not on the whitelist")
	require.Equal(t, []string{"olena@example.com"}, req.EmailAddresses)

	cert, err := root(t, "root-ca", "p256").Issue(ctx, req)
	require.NoError(t, err)
	require.False(t, cert.IsCA)
	require.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment, cert.KeyUsage)
	require.Equal(t, "Олена Коваль", cert.Subject.CommonName)
	var seen []string
	for _, a := range cert.Subject.Names {
		seen = append(seen, a.Type.String())
	}
	require.Contains(t, seen, "2.5.4.42")
	require.NotContains(t, seen, "1.2.3.4")

	stamp, err := profiles(t).Profile("timestamp")
	require.NoError(t, err)
	req, err = stamp.RequestFromCSR(der)
	require.NoError(t, err)
	require.Empty(t, req.Subject.ToRDNSequence(), "no whitelist, no names")
	require.Equal(t, key(t, "p256").Public(), req.PublicKey)
}

// Who cannot sign with a key must not have it certified: it may be another's.
func TestCSRWithoutPossession(t *testing.T) {
	profile, err := profiles(t).Profile("document-signer")
	require.NoError(t, err)
	for _, kind := range []string{"p256", "rsa2048", "ed25519", "ml-dsa-44"} {
		der := csr(t, kind, nil)
		_, err = profile.RequestFromCSR(der)
		require.NoError(t, err, kind)
		der[len(der)-3] ^= 1
		_, err = profile.RequestFromCSR(der)
		require.ErrorIs(t, err, ca.ErrRefused, kind)
	}
	der := csr(t, "p256", nil)
	for _, bad := range [][]byte{nil, der[:len(der)-1], append(der[:len(der):len(der)], 0), make([]byte, 1<<20)} {
		_, err = profile.RequestFromCSR(bad)
		require.ErrorIs(t, err, ca.ErrRefused)
	}
	t.Setenv("GODEBUG", "rsa1024min=0")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	der, err = x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: name("x")}, weak)
	require.NoError(t, err)
	_, err = profile.RequestFromCSR(der)
	require.ErrorIs(t, err, ca.ErrRefused)
}

// Property: a request is read or refused, and what is read has a key.
func FuzzRequestFromCSR(f *testing.F) {
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: name("x")}, key(f, "ed25519"))
	require.NoError(f, err)
	f.Add(der)
	profile, err := profiles(f).Profile("document-signer")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, der []byte) {
		req, err := profile.RequestFromCSR(der)
		require.Equal(t, err == nil, req.PublicKey != nil)
	})
}
