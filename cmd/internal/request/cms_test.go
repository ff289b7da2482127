package request_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/cmd/internal/request"
	"tamga/formats"
	"tamga/formats/cades"
	"tamga/pki"
)

func TestCMS(t *testing.T) {
	sum := strings.Repeat("ab", 32)
	p, _, err := request.Signature{Format: "cades", CMS: request.CMS{
		Commitments: []string{"Approval", "1.2.3.4"}, Roles: []string{"clerk"},
		PolicyID: "1.2.3", PolicySum: "SHA256:" + sum, PolicyURI: "https://example.org",
	}}.Resolve(input("x"))
	require.NoError(t, err)
	made := p.(cades.Preparer)
	require.Equal(t, []formats.Commitment{formats.ProofOfApproval, "1.2.3.4"}, made.Commitments)
	require.Equal(t, []string{"clerk"}, made.Roles)
	require.Equal(t, "1.2.3", made.Policy.ID)
	require.Equal(t, pki.SHA256, made.Policy.Hash)
	require.Len(t, made.Policy.Digest, 32)
	for _, c := range []request.CMS{{Attached: true}, {Parallel: true}, {Counter: 2}} {
		p, _, err := request.Signature{CMS: c}.Resolve(input("%PDF-1.7\n"))
		require.NoError(t, err, "they make sense with a CMS alone")
		require.Equal(t, cades.Preparer{Attached: c.Attached, Parallel: c.Parallel, Counter: c.Counter}, p)
	}
	for name, wish := range map[string]request.Signature{
		"a role in a PDF":     {CMS: request.CMS{Roles: []string{"clerk"}}},
		"both":                {CMS: request.CMS{Parallel: true, Counter: 1}},
		"attached to others":  {CMS: request.CMS{Attached: true, Counter: 1}},
		"a stamp in a PDF":    {CMS: request.CMS{ContentStamp: true}},
		"a stamp of a value":  {CMS: request.CMS{ContentStamp: true, Counter: 1}},
		"no number":           {CMS: request.CMS{Counter: -1}},
		"no role":             {Format: "cades", CMS: request.CMS{Roles: []string{""}}},
		"no commitment":       {Format: "cades", CMS: request.CMS{Commitments: []string{"something"}}},
		"no name":             {Format: "cades", CMS: request.CMS{PolicySum: "sha256:" + sum}},
		"no digest":           {Format: "cades", CMS: request.CMS{PolicyID: "1.2.3"}},
		"digest of something": {Format: "cades", CMS: request.CMS{PolicyID: "1.2.3", PolicySum: "crc:" + sum}},
		"short digest":        {Format: "cades", CMS: request.CMS{PolicyID: "1.2.3", PolicySum: "sha512:" + sum}},
	} {
		_, _, err := wish.Resolve(input("%PDF-1.7\n"))
		var mistake *request.Error
		require.ErrorAs(t, err, &mistake, name)
		require.NotEmpty(t, mistake.Hint)
	}
}

func TestNamesAsWished(t *testing.T) {
	for want, wish := range map[string]request.Signature{
		"report.docx.p7s.p7s":    {},
		"report.docx.p7s.p7m":    {CMS: request.CMS{Attached: true}},
		"report.docx.signed.p7s": {CMS: request.CMS{Parallel: true}},
	} {
		require.Equal(t, want, wish.SignedName("report.docx.p7s", formats.CAdES))
	}
	require.Equal(t, "a.signed.pdf", request.Signature{}.SignedName("a.pdf", formats.PAdES))
	require.Equal(t, "application/pkcs7-mime", request.Signature{CMS: request.CMS{Attached: true}}.MediaType(formats.CAdES))
	require.Equal(t, "application/cms", request.Signature{CMS: request.CMS{Counter: 1}}.MediaType(formats.CAdES))
	require.Equal(t, "application/pkcs7-signature", request.Signature{}.MediaType(formats.CAdES))
}
