package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/config"
)

// Whatever the bytes: certificates, at least one, or an error; never half a
// list without one.
func FuzzParseCertificates(f *testing.F) {
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n"))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\nMAA="))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := config.ParseCertificates(text)
		if err != nil {
			require.Empty(t, list)
			return
		}
		require.NotEmpty(t, list)
		for _, c := range list {
			require.NotEmpty(t, c.Raw)
		}
	})
}
