package mdoc_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats/mdoc"
)

func TestSniff(t *testing.T) {
	yes := map[string]string{
		"IssuerSigned":            "\xa2\x6anameSpaces\xa0",
		"the other way round":     "\xa2\x6aissuerAuth\x84",
		"longer than needed":      "\xb9\x00\x02\x78\x0anameSpaces",
		"without an end":          "\xbf\x6aissuerAuth",
		"DeviceResponse":          "\xa3\x67version\x631.0\x69documents\x81",
		"in deterministic order":  "\xa3\x66status\x00\x67version\x631.0\x69documents\x81",
		"nothing but errors":      "\xa3\x67version\x631.0\x6edocumentErrors\x81",
		"cut right after the key": "\xa2\x6anameSpaces",
	}
	for name, head := range yes {
		require.True(t, mdoc.Parser{}.Sniff([]byte(head)), name)
		text := base64.RawURLEncoding.EncodeToString([]byte(head + "\x00\x00"))
		require.True(t, mdoc.Parser{}.Sniff([]byte(text)), "%s as text", name)
		require.True(t, mdoc.Parser{}.Sniff([]byte(" \r\n\t"+text+"\n")), "%s as text with blanks", name)
	}
	for name, head := range map[string]string{
		"nothing":             "",
		"blanks":              " \n",
		"DeviceRequest":       "\xa2\x67version\x631.0\x6bdocRequests\x81",
		"an array":            "\x81\x6anameSpaces",
		"another map":         "\xa1\x61a\x01",
		"a map of numbers":    "\xa1\x01\x6anameSpaces",
		"a version of number": "\xa2\x67version\x01\x69documents",
		"a status of text":    "\xa2\x66status\x61a\x69documents",
		"a cut key":           "\xa2\x6anameSpace",
		"a huge key":          "\xa2\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
		"reserved":            "\xbc\x6anameSpaces",
		"PDF":                 "%PDF-1.7",
		"JWT":                 "eyJhbGciOiJFUzI1NiIsInR5cCI6ImRjK3NkLWp3dCJ9.e30.",
		"DER":                 "\x30\x82\x01\x00",
		"PEM":                 "-----BEGIN CERTIFICATE-----",
		"JSON":                "{\"version\":\"1.0\",\"documents\":[]}",
	} {
		require.False(t, mdoc.Parser{}.Sniff([]byte(head)), name)
	}
}
