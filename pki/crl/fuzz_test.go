package crl_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// Two readers that see different entries are an attack on one of them: ours, in
// memory and in a file, and package x509 must agree on every list that both
// accept. Whatever a list says, the answers hold to their promises, and a file
// that fails in the middle is an error and never another list.
func FuzzParse(f *testing.F) {
	p := pkitest.New(f, drawn)
	for _, name := range []string{"ca", "root", "other"} {
		f.Add(p.CRL(name), uint8(3))
	}
	ed := pkitest.New(f, "ca[ed25519] -> a, b, c; ca.revoked(a, b, c)")
	f.Add(ed.CRL("ca"), uint8(9))
	on := func(reason crl.Reason) x509.RevocationListEntry { return revoked(p, p.Cert("bob"), reason) }
	foreign := on(crl.KeyCompromise)
	foreign.ExtraExtensions = of(p.Cert("other"))
	for _, edit := range []func(*x509.RevocationList){
		func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, delta(0), fresh, extension(60, false, tlv(0x18, []byte("20200229235958Z"))))
			l.RevokedCertificateEntries = []x509.RevocationListEntry{on(crl.RemoveFromCRL), on(crl.CertificateHold)}
		},
		func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, scope(at(uri("http://pki.test/ca.crl")), someReasons(otherwise), indirect))
			l.RevokedCertificateEntries = []x509.RevocationListEntry{on(crl.Superseded), foreign, on(crl.KeyCompromise)}
		},
	} {
		f.Add(makeList(f, p, "ca", edit), uint8(7))
	}
	f.Add(writeList(f, p, 3), uint8(0))
	f.Fuzz(func(t *testing.T, der []byte, reads uint8) {
		failsOrAgrees(t, p, der, int(reads))
		list, err := crl.Parse(der)
		if err != nil {
			require.Nil(t, list)
			return
		}
		_ = list.Verify(p.Cert("ca"), pki.Verify)
		answers := judged(t, p.Cert("bob"), crl.Checked{List: list, Signer: p.Cert("ca")})
		if reasons, err := list.Covers(p.Cert("bob")); err != nil {
			require.Zero(t, reasons)
			require.Empty(t, answers, "a list that does not cover says nothing")
		}
		agree(t, list)
		theirs, err := x509.ParseRevocationList(der)
		if err != nil {
			return
		}
		n := 0
		for e := range list.Entries() {
			o := theirs.RevokedCertificateEntries[n]
			require.Zero(t, e.Serial.Cmp(o.SerialNumber))
			require.True(t, e.Time.Equal(o.RevocationTime))
			n++
		}
		require.Len(t, theirs.RevokedCertificateEntries, n)
	})
}

// failsOrAgrees reads a list from a file that fails after some reads.
func failsOrAgrees(t *testing.T, p *pkitest.PKI, der []byte, reads int) {
	t.Helper()
	r := &failing{der, reads, errDisk}
	opened, err := crl.Open(r, int64(len(der)))
	parsed, wrong := crl.Parse(der)
	if err != nil {
		require.True(t, wrong != nil || errors.Is(err, errDisk), "%v, but Open says %v", wrong, err)
		return
	}
	require.NoError(t, wrong)
	want, there, wrong := parsed.Lookup(p.Cert("bob"))
	require.NoError(t, wrong)
	got, found, err := opened.Lookup(p.Cert("bob"))
	if err == nil {
		require.Equal(t, there, found)
		require.Equal(t, want, got)
	} else {
		require.ErrorIs(t, err, errDisk)
		require.False(t, found)
	}
	whole, err := crl.Open(bytes.NewReader(der), int64(len(der)))
	require.NoError(t, err)
	agree(t, whole)
	require.Equal(t, parsed.Len(), whole.Len())
}
