package ca_test

import (
	"crypto/x509"
	"encoding/pem"
	"testing"

	"tamga/pki/ca"

	"github.com/cloudflare/cfssl/config"
	"github.com/cloudflare/cfssl/log"
	"github.com/cloudflare/cfssl/signer"
	"github.com/cloudflare/cfssl/signer/local"
	"github.com/stretchr/testify/require"
)

// cfssl as a second issuer: under our CA, with our profiles, it issues what our
// verifiers accept, with the same usages and lifetime as we do.
func TestCFSSLReadsTheProfilesAlike(t *testing.T) {
	log.Level = log.LevelFatal
	for _, kind := range []string{"p256", "rsa2048"} {
		caKey := key(t, kind)
		cert, err := ca.SelfSign(ctx, ca.Root{
			Request: ca.Request{Profile: "root-ca", Subject: name("Root")}, Signer: caKey, Profiles: profiles(t), Now: clock,
		})
		require.NoError(t, err)
		a := authority(t, caKey, cert)
		policy, err := config.LoadConfig(ca.DefaultProfilesJSON())
		require.NoError(t, err)
		theirs, err := local.NewSigner(caKey, cert, signer.DefaultSigAlgo(caKey), policy.Signing)
		require.NoError(t, err)
		roots := x509.NewCertPool()
		roots.AddCert(cert)

		for _, profile := range []string{"issuing-ca", "document-signer", "timestamp", "ocsp", "sdjwt-signer"} {
			der := csr(t, "p384", func(r *x509.CertificateRequest) { r.DNSNames, r.EmailAddresses = nil, nil })
			p, err := a.Profiles.Profile(profile)
			require.NoError(t, err)
			req, err := p.RequestFromCSR(der)
			require.NoError(t, err)
			req.Subject = name("Both")
			ours, err := a.Issue(ctx, req)
			require.NoError(t, err)

			text, err := theirs.Sign(signer.SignRequest{
				Request:   string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})),
				Profile:   profile,
				NotBefore: ours.NotBefore,
			})
			require.NoError(t, err, profile)
			block, _ := pem.Decode(text)
			require.NotNil(t, block)
			second, err := x509.ParseCertificate(block.Bytes)
			require.NoError(t, err)

			require.Equal(t, ours.KeyUsage, second.KeyUsage, profile)
			require.Equal(t, ours.ExtKeyUsage, second.ExtKeyUsage, profile)
			require.Equal(t, ours.NotBefore, second.NotBefore, profile)
			require.Equal(t, ours.NotAfter, second.NotAfter, profile)
			require.Equal(t, ours.IsCA, second.IsCA, profile)
			require.Equal(t, ours.MaxPathLenZero, second.MaxPathLenZero, profile)
			require.Equal(t, ours.AuthorityKeyId, second.AuthorityKeyId, profile)
			for _, c := range []*x509.Certificate{ours, second} {
				_, err = c.Verify(x509.VerifyOptions{
					Roots: roots, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
				})
				require.NoError(t, err, profile)
			}
		}
	}
}

// What speaks against cfssl's signer in the core, kept here so that we notice
// if it changes: without a whitelist the requester names themselves, and the
// usage of a time-stamp unit is not critical (RFC 3161 §2.3 demands it).
func TestCFSSLFallsShort(t *testing.T) {
	log.Level = log.LevelFatal
	caKey := key(t, "p256")
	cert, err := ca.SelfSign(ctx, ca.Root{
		Request: ca.Request{Profile: "root-ca", Subject: name("Root")}, Signer: caKey, Profiles: profiles(t), Now: clock,
	})
	require.NoError(t, err)
	policy, err := config.LoadConfig(ca.DefaultProfilesJSON())
	require.NoError(t, err)
	theirs, err := local.NewSigner(caKey, cert, x509.ECDSAWithSHA256, policy.Signing)
	require.NoError(t, err)
	text, err := theirs.Sign(signer.SignRequest{
		Request: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: csr(t, "p384", nil)})),
		Profile: "timestamp", NotBefore: now,
	})
	require.NoError(t, err)
	block, _ := pem.Decode(text)
	made, err := x509.ParseCertificate(block.Bytes)
	require.NoError(t, err)
	require.Equal(t, []string{"bank.example"}, made.DNSNames)
	require.False(t, extension(made, "2.5.29.37").Critical)
}
