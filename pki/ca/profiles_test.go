package ca_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

	"tamga/pki/ca"

	"github.com/cloudflare/cfssl/config"
	"github.com/stretchr/testify/require"
)

func TestDefaultProfilesAreCFSSLs(t *testing.T) {
	_, err := config.LoadConfig(ca.DefaultProfilesJSON())
	require.NoError(t, err)
	require.Equal(t, []string{
		"document-signer", "iaca", "issuing-ca", "mdoc-signer", "ocsp", "root-ca", "sdjwt-signer", "timestamp",
	}, profiles(t).Names())
}

func one(members string) []byte {
	return []byte(`{"signing": {"profiles": {"p": {` + members + `}}}}`)
}

const (
	basic = `"usages": ["digital signature"], "expiry": "1h"`
	sign  = `"usages": ["digital signature"], "expiry": `
	short = `"expiry": "1h", `
	isCA  = `, "ca_constraint": {"is_ca": true}`
	mdoc  = `, "tamga": {"extended_usages": ["1.0.18013.5.1.2"], "issuer_alt_name": true}`
)

func TestProfilesRead(t *testing.T) {
	set, err := ca.ParseProfiles([]byte(`{"signing": {
		"default": {"expiry": "8760h", "usages": ["signing"]},
		"profiles": {"full": {
			"usages": ["signing", "key encipherment", "client auth"], "expiry": "720h", "backdate": "1h",
			"ca_constraint": {"is_ca": false}, "copy_extensions": false, "auth_key": "",
			"crl_url": "http://x.example/c", "ocsp_url": "http://x.example/o", "issuer_urls": ["http://x.example/i"],
			"name_whitelist": "^Ada$", "CSRWhitelist": {"PublicKey": true, "Subject": true},
			"policies": [{"id": "0.4.0.194112.1.0", "qualifiers": [
				{"type": "id-qt-cps", "value": "https://x.example/cps"}, {"type": "id-qt-unotice", "value": "Увага"}]}]
		}}}}`))
	require.NoError(t, err)
	require.Equal(t, []string{"default", "full"}, set.Names())
	full, err := set.Profile("full")
	require.NoError(t, err)
	require.Equal(t, 720*time.Hour, full.Lifetime())
	require.Equal(t, x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment, full.KeyUsage())
	require.False(t, full.IsCA())
	require.Equal(t, "full", full.Name())

	a := root(t, "root-ca", "p256")
	a.Profiles, a.Now = set, func() time.Time { return now.AddDate(0, 0, 1) }
	request := ca.Request{Profile: "full", Subject: name("Ada"), PublicKey: key(t, "p384").Public()}
	cert, err := a.Issue(ctx, request)
	require.NoError(t, err)
	require.Equal(t, x509.KeyUsageDigitalSignature, cert.KeyUsage, "an EC key enciphers nothing (RFC 5480 §3)")
	require.Equal(t, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, cert.ExtKeyUsage)
	require.Equal(t, now.AddDate(0, 0, 1).Truncate(time.Minute).Add(-time.Hour), cert.NotBefore)
	require.Equal(t, []string{"http://x.example/c"}, cert.CRLDistributionPoints)
	require.Equal(t, []string{"http://x.example/o"}, cert.OCSPServer)
	require.Equal(t, []string{"http://x.example/i"}, cert.IssuingCertificateURL)
	require.Equal(t, "0.4.0.194112.1.0", cert.PolicyIdentifiers[0].String())
	request.Subject = name("Eve")
	_, err = a.Issue(ctx, request)
	require.ErrorIs(t, err, ca.ErrRefused, "name_whitelist")
}

// A mistake in a profile is a certificate that may do too much, for years. None
// passes in silence, though cfssl's own reader lets most of these pass.
func TestProfilesRefused(t *testing.T) {
	for members, want := range map[string]string{
		`"expiry": "1h"`:                  "no usages",
		`"usages": ["digital signature"]`: "no expiry",

		short + `"usages": ["digital signature", "content comitment"]`: `"content comitment"`,

		short + `"usages": ["timestamping"]`:             "no key usage",
		short + `"usages": ["digital signature", "any"]`: "undo",
		sign + `"-1h"`: "not between",
		sign + `"1y"`:  "unknown unit",

		sign + `"1000000h"`: "not between",

		basic + `, "backdate": "-1h"`:                           "backdate",
		basic + `, "backdate": "1000h"`:                         "backdate",
		basic + `, "expirry": "2h"`:                             "expirry",
		basic + `, "Expiry": 1`:                                 "Expiry",
		basic + `, "expiry": "2h"`:                              "duplicate",
		basic + isCA:                                            "without",
		basic + `, "ca_constraint": {"max_path_len": 1}`:        "without is_ca",
		basic + `, "ca_constraint": {"is_ca": true, "path": 1}`: "path",
		short + `"usages": ["cert sign"]`:                       "without is_ca",
		short + `"usages": ["crl sign"]`:                        "without is_ca",

		short + `"usages": ["cert sign"], "ca_constraint": {"is_ca": true, "max_path_len": -2}`: "not between",

		basic + `, "copy_extensions": true`:         "copy_extensions",
		basic + `, "auth_key": "k"`:                 "auth_key",
		basic + `, "remote": "r"`:                   "remote",
		basic + `, "allowed_extensions": ["1.2.3"]`: "allowed_extensions",
		basic + `, "lint_error_level": 3`:           "lint_error_level",

		basic + `, "ClientProvidesSerialNumbers": true`: "ClientProvidesSerialNumbers",

		basic + `, "ocsp_no_check": true`:           "ocsp_no_check",
		basic + `, "crl_url": "file:///etc/passwd"`: "no URL",
		basic + `, "crl_url": "ftp://x/"`:           "http",
		basic + `, "name_whitelist": "("`:           "whitelist",
		basic + `, "policies": [{"id": "1.2.x"}]`:   "1.2.x",
		basic + `, "policies": [{"id": "5.1"}]`:     "5.1",

		basic + `, "policies": [{"id": "1.2", "qualifiers": [{"type": "id-qt-cps", "value": "два"}]}]`: "qualifier",
		basic + `, "not_before": "2030-01-01T00:00:00Z", "not_after": "2029-01-01T00:00:00Z"`:          "not after",
		basic + `, "tamga": {"extended_usages": ["1.2.3", "1.2.3"]}`:                                   "twice",

		basic + `, "tamga": {"extended_usages": ["2.5.29.37.0"]}`: "undo",
		basic + `, "tamga": {"extended_usages": ["1.2.03"]}`:      "1.2.03",
		basic + `, "tamga": {"critical": true}`:                   "critical",

		basic + `, "tamga": {"extended_usages": ["1.0.18013.5.1.2"]}`:          "issuer_alt_name",
		short + `"usages": ["digital signature", "content commitment"]` + mdoc: "B.1.4",
		sign + `"10969h"` + mdoc: "457 days",
		short + `"usages": ["cert sign"]` + isCA + `, "tamga": {"issuer_alt_name": true}`: "B.1.2",
		short + `"usages": ["digital signature", "timestamping", "client auth"]`:          "RFC 3161",
		short + `"usages": ["digital signature", "ocsp signing", "client auth"]`:          "RFC 6960",

		short + `"usages": ["key agreement", "timestamping"]`: "RFC 3161",
		basic + `, "CSRWhitelist": {"Subject": true}`:         "PublicKey",
		basic + `, "not_after": "tomorrow"`:                   "not_after",
	} {
		_, err := ca.ParseProfiles(one(members))
		require.ErrorContains(t, err, want, members)
	}
	for _, data := range []string{
		``, `{}`, `[]`, `{"signing": {}}`, `{"signing": {"profiles": {"p": null}}}`,
		`{"signing": {"default": {"expiry": "1h"}}}`,
		`{"signing": {"profiles": {"p": {` + basic + `}}}, "auth_keys": {"k": {"key": "env:HOME"}}}`,
		`{"signing": {"profiles": {"p": {` + basic + `}}}} tail`,
		`{"signing": {"profiles": {"": {` + basic + `}}}}`,
		`{"signing": {"default": {` + basic + `}, "profiles": {"default": {` + basic + `}}}}`,
		strings.Repeat(`[`, 100000), strings.Repeat(" ", 2<<20),
	} {
		_, err := ca.ParseProfiles([]byte(data))
		require.Error(t, err, "%.80s", data)
	}
}

// Property: what is accepted, cfssl accepts too, and reads the same lifetime;
// it names only usages that cfssl knows; and it never allows both to certify
// and not to be a CA.
func FuzzParseProfiles(f *testing.F) {
	f.Add(ca.DefaultProfilesJSON())
	f.Add(one(basic))
	f.Add(one(basic + `, "tamga": {"extended_usages": ["1.2.3"]}, "policies": [{"id": "1.2.3"}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		set, err := ca.ParseProfiles(data)
		if err != nil {
			require.Nil(t, set)
			return
		}
		theirs, err := config.LoadConfig(data)
		require.NoError(t, err)
		for _, n := range set.Names() {
			p, err := set.Profile(n)
			require.NoError(t, err)
			read := theirs.Signing.Profiles[n]
			if read == nil {
				require.Equal(t, "default", n)
				read = theirs.Signing.Default
			}
			usage, _, unknown := read.Usages()
			require.Empty(t, unknown)
			require.Equal(t, usage, p.KeyUsage())
			require.Equal(t, read.Expiry, p.Lifetime())
			require.Equal(t, p.IsCA(), p.KeyUsage()&x509.KeyUsageCertSign != 0)
		}
	})
}
