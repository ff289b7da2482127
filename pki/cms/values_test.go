package cms_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/cms"
)

var (
	empty  = []byte{0x30, 0}
	digest = append([]byte{0x04, 32}, pki.SHA256.Sum(nil)...)
)

func sequence(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	return append([]byte{tag, 0x82, byte(len(body) >> 8), byte(len(body))}, body...)
}

func TestRevocationValues(t *testing.T) {
	one, two := []byte{0x30, 1, 1}, []byte{0x30, 1, 2}
	v, err := cms.ParseRevocationValues(sequence(0x30, sequence(0xa0, sequence(0x30, one, two)), sequence(0xa1, sequence(0x30, two))))
	require.NoError(t, err)
	require.Equal(t, cms.RevocationValues{CRLs: [][]byte{one, two}, OCSPs: [][]byte{two}}, v)
	v, err = cms.ParseRevocationValues(sequence(0x30, sequence(0xa2, empty)))
	require.NoError(t, err)
	require.True(t, v.Other)
	for name, raw := range map[string][]byte{
		"nothing": nil, "no SEQUENCE": {0x31, 0}, "bytes behind": append(bytes.Clone(empty), 0),
		"no list": sequence(0x30, sequence(0xa0, one)), "two lists": sequence(0x30, sequence(0xa0, sequence(0x30), sequence(0x30))),
		"out of order": sequence(0x30, sequence(0xa1, sequence(0x30)), sequence(0xa0, sequence(0x30))),
	} {
		_, err := cms.ParseRevocationValues(raw)
		require.ErrorIs(t, err, cms.ErrMalformed, name)
	}
}

func TestReferences(t *testing.T) {
	sha256 := sequence(0x30, pki.SHA256.AlgorithmIdentifier(), digest)
	sha1 := append([]byte{0x04, 20}, pki.SHA1.Sum(nil)...)
	want := []cms.DigestReference{{pki.SHA256, pki.SHA256.Sum(nil)}, {pki.SHA1, pki.SHA1.Sum(nil)}}
	got, err := cms.ParseCertificateReferences(sequence(0x30, sequence(0x30, sha256, empty), sequence(0x30, sha1)))
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = cms.ParseRevocationReferences(sequence(0x30, sequence(0x30,
		sequence(0xa0, sequence(0x30, sequence(0x30, sequence(0x30, sha256, empty)))),
		sequence(0xa1, sequence(0x30, sequence(0x30, sequence(0x30, empty, sha1), sequence(0x30, empty)))),
		sequence(0xa2, empty)), sequence(0x30)))
	require.NoError(t, err)
	require.Equal(t, want, got)
	for name, raw := range map[string][]byte{
		"no digest": sequence(0x30, sequence(0x30)), "no list": digest,
		"bytes in the digest": sequence(0x30, sequence(0x30, sequence(0x30, pki.SHA256.AlgorithmIdentifier(), digest, empty))),
	} {
		_, err := cms.ParseCertificateReferences(raw)
		require.ErrorIs(t, err, cms.ErrMalformed, name)
	}
}

// FuzzValues: whatever an attribute holds, what is read of it lies in it.
func FuzzValues(f *testing.F) {
	f.Add(sequence(0x30, sequence(0xa0, sequence(0x30, empty)), sequence(0xa1, sequence(0x30, empty))))
	f.Add(sequence(0x30, sequence(0x30, digest), sequence(0x30, sequence(0x30, pki.SHA256.AlgorithmIdentifier(), digest))))
	f.Add(sequence(0x30, sequence(0x30, sequence(0xa0, sequence(0x30, sequence(0x30, sequence(0x30, digest)))))))
	f.Add(sequence(0x30, pki.SHA256.AlgorithmIdentifier(), sequence(0x30, digest), empty, empty))
	f.Fuzz(func(t *testing.T, raw []byte) {
		certificates, err1 := cms.ParseCertificateValues(raw)
		values, err2 := cms.ParseRevocationValues(raw)
		one, err3 := cms.ParseCertificateReferences(raw)
		two, err4 := cms.ParseRevocationReferences(raw)
		s := cms.SignerInfo{UnsignedAttrs: []cms.Attribute{{OID: "0.4.0.19122.1.5", Values: [][]byte{raw}}}}
		index, err5 := s.HashIndex()
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if err != nil && !errors.Is(err, cms.ErrMalformed) && !errors.Is(err, cms.ErrTooLarge) {
				t.Fatal(err)
			}
		}
		all := append(append(certificates, values.CRLs...), values.OCSPs...)
		for _, r := range append(one, two...) {
			all = append(all, r.Digest)
		}
		if err5 == nil {
			all = append(append(append(all, index.Certificates...), index.Revocations...), index.Attributes...)
		}
		for _, part := range all {
			if !bytes.Contains(raw, part) {
				t.Fatalf("%x is not in %x", part, raw)
			}
		}
	})
}
