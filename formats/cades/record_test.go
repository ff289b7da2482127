package cades_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/formattest"
	"tamga/pki"
	"tamga/pki/pkitest"
)

func TestRecordsKeepTheContract(t *testing.T) {
	p := pkitest.New(t, "root -> tsa[timestamp]")
	data := []byte("what was archived")
	plain := p.Record("tsa", pki.SHA256, data).DER()
	r := p.Record("tsa", pki.SHA256, data)
	r.RenewStamp("tsa")
	r.RenewTree("tsa", pki.SHA512)
	with := []formats.Input{input("data", data)}
	formattest.Test(t, formattest.Format{
		Parser: cades.RecordParser{}, Mutations: 400,
		Samples: []formattest.Sample{
			{Name: "one", Bytes: plain, Detached: with},
			{Name: "renewed", Bytes: r.DER(), Detached: with},
			{Name: "alone", Bytes: plain, Broken: true},
		},
	})
}

// Only evidence records begin so: certificates, keys, requests and time-stamps
// do not.
func TestSniffRecords(t *testing.T) {
	p := pkitest.New(t, "root -> tsa[timestamp], alice")
	good := p.Record("tsa", pki.SHA256, []byte("data")).DER()
	parser := cades.RecordParser{}
	require.True(t, parser.Sniff(good))
	require.True(t, parser.Sniff(append([]byte{0x30, 0x80}, good[4:]...)), "BER")
	require.False(t, cades.Parser{}.Sniff(good))
	token := p.Token("tsa", pki.SHA256, make([]byte, 32))
	for name, other := range map[string][]byte{
		"certificate": p.Cert("alice").Raw, "CRL": p.CRL("root"), "OCSP": p.OCSP("alice"), "token": token,
		"PEM": p.KeyPEM("alice"), "signed attributes": sign(t, p, "alice", cades.Preparer{}, 0, formats.LevelB, []byte("x")),
		"version 2": bytes.Replace(good, []byte{2, 1, 1}, []byte{2, 1, 2}, 1),
	} {
		require.False(t, parser.Sniff(other), name)
	}
}
