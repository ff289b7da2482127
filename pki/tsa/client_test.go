package tsa_test

import (
	"bytes"
	"context"
	"encoding/asn1"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
)

// asked is what a client says to an answer.
func asked(t *testing.T, c *tsa.Client, answer []byte) ([]byte, error) {
	t.Helper()
	c.Post = func(context.Context, []byte) ([]byte, error) { return answer, nil }
	return c.Timestamp(t.Context(), pki.SHA256, imprint)
}

func rejection(parts ...[]byte) []byte {
	return tlv(0x30, tlv(0x30, append([][]byte{{2, 1, 2}}, parts...)...))
}

// Whatever a refusal says beside that it is one: it is one.
func TestClientReadsRefusals(t *testing.T) {
	text := tlv(0x30, tlv(12, []byte("not today")))
	for _, c := range []struct {
		answer  []byte
		failure tsa.Failure
		text    string
		says    string
	}{
		{rejection(), -1, "", "(no reason)"},
		{rejection(text), -1, "not today", `(no reason): "not today"`},
		{rejection(text, []byte{3, 2, 5, 0x20}), 2, "not today", `(badRequest): "not today"`},
		{rejection([]byte{3, 2, 5, 0x20}), 2, "", "(badRequest)"},
		{rejection([]byte{3, 4, 6, 0, 0, 0x40}), 17, "", "(no reason)"},
		{rejection([]byte{3, 4, 6, 0x04, 0, 0x40}), 5, "", "(badDataFormat)"},
		{rejection([]byte{3, 2, 0, 0}), -1, "", "(no reason)"},
		{rejection([]byte{3, 2, 5, 0x3f}), -1, "", "(no reason)"},
		{rejection([]byte{4, 2, 5, 0x20}), -1, "", "(no reason)"},
		{rejection(tlv(0x30, tlv(22, []byte("ascii")))), -1, "", "(no reason)"},
		{rejection(tlv(0x31, tlv(12, []byte("a set")))), -1, "", "(no reason)"},
		{tlv(0x30, tlv(0x30, []byte{2, 1, 3}), tlv(0x30)), -1, "", "(no reason)"},
		{tlv(0x30, tlv(0x30, []byte{2, 1, 0xff}), tlv(0x30)), -1, "", "(no reason)"},
	} {
		_, err := asked(t, &tsa.Client{}, c.answer)
		var refusal *tsa.Refusal
		require.ErrorAs(t, err, &refusal, "%x", c.answer)
		require.Equal(t, c.failure, refusal.Failure, "%x", c.answer)
		require.Equal(t, c.text, refusal.Text, "%x", c.answer)
		require.ErrorContains(t, err, c.says)
	}
}

func TestClientRefusesShapes(t *testing.T) {
	granted, token := tlv(0x30, []byte{2, 1, 0}), tlv(0x30)
	for name, c := range map[string]struct {
		answer []byte
		says   string
	}{
		"nothing":          {nil, "no TimeStampResp"},
		"a set":            {tlv(0x31, granted, token), "no TimeStampResp"},
		"trailing bytes":   {append(tlv(0x30, granted, token), 0), "no TimeStampResp"},
		"a set of status":  {tlv(0x30, tlv(0x31, []byte{2, 1, 0}), token), "no TimeStampResp"},
		"no status":        {tlv(0x30, tlv(0x30), token), "no TimeStampResp"},
		"status of octets": {tlv(0x30, tlv(0x30, []byte{4, 1, 0}), token), "no TimeStampResp"},
		"no token":         {tlv(0x30, granted), "granted without a token"},
		"a set as token":   {tlv(0x30, granted, tlv(0x31)), "granted without a token"},
		"two tokens":       {tlv(0x30, granted, token, token), "granted without a token"},
	} {
		_, err := asked(t, &tsa.Client{}, c.answer)
		require.ErrorIs(t, err, tsa.ErrMalformed, name)
		require.ErrorContains(t, err, c.says, name)
	}
}

// forger answers requests as an authority does, but for what its fields bend.
type forger struct {
	p        *pkitest.PKI
	who      string
	status   byte
	content  func(r *tsa.Request) []byte // the TSTInfo
	attrs    func(set []byte) []byte     // before they are signed
	assembly func(*cms.Assembly)         // after
	token    func(der []byte) []byte
}

// tstInfo is what an honest authority says, but for what is bent.
func tstInfo(r *tsa.Request, bends ...bend) []byte {
	nonce, err := asn1.Marshal(r.Nonce)
	if err != nil {
		panic(err)
	}
	return tokenParts.with(append([]bend{{part: "nonce", der: nonce}}, bends...)...)
}

func (f *forger) post(_ context.Context, request []byte) ([]byte, error) {
	r, err := tsa.ParseRequest(request)
	if err != nil {
		return nil, err
	}
	cert, content := f.p.Cert(f.who), tstInfo(r)
	if f.content != nil {
		content = f.content(r)
	}
	set, err := cms.Statement{
		ContentType: cms.OIDTSTInfo, Digest: pki.SHA256.Sum(content), Algorithm: pki.ECDSASHA256, Certificate: cert,
	}.SignedAttributes()
	if err != nil {
		return nil, err
	}
	if f.attrs != nil {
		set = f.attrs(set)
	}
	value, err := f.p.Key(f.who, pki.UseTimestamp).Sign(context.Background(), pki.UseTimestamp, pki.ECDSASHA256, set)
	if err != nil {
		return nil, err
	}
	a := cms.Assembly{
		ContentType: cms.OIDTSTInfo, Content: content, Algorithm: pki.ECDSASHA256, Certificate: cert,
		Certificates: f.p.Chain(f.who), SignedAttrs: set, Value: value,
	}
	if f.assembly != nil {
		f.assembly(&a)
	}
	token, err := a.Encode()
	if err != nil {
		return nil, err
	}
	if f.token != nil {
		token = f.token(token)
	}
	return tlv(0x30, tlv(0x30, []byte{2, 1, f.status}), token), nil
}

// attribute is one of a set of attributes, found by its identifier.
func attribute(t *testing.T, set []byte, id string) []byte {
	t.Helper()
	var outer asn1.RawValue
	_, err := asn1.Unmarshal(set, &outer)
	require.NoError(t, err)
	for rest := outer.Bytes; len(rest) > 0; {
		var a asn1.RawValue
		rest, err = asn1.Unmarshal(rest, &a)
		require.NoError(t, err)
		if bytes.HasPrefix(a.Bytes, oid(id)) {
			return a.FullBytes
		}
	}
	t.Fatalf("no attribute %s", id)
	return nil
}

// without leaves an attribute out of a set, with puts another in its place.
func without(t *testing.T, set []byte, id string, with ...[]byte) []byte {
	t.Helper()
	var outer asn1.RawValue
	_, err := asn1.Unmarshal(set, &outer)
	require.NoError(t, err)
	return tlv(0x31, bytes.Replace(outer.Bytes, attribute(t, set, id), bytes.Join(with, nil), 1))
}

// signerInfos changes the contents of the SET of signers, the last of a token.
func signerInfos(t *testing.T, der []byte, edit func(body []byte) []byte) []byte {
	t.Helper()
	sd, err := cms.Parse(der)
	require.NoError(t, err)
	at := bytes.LastIndex(der, sd.Signers[0].Raw)
	return pkitest.Forge(t, der, at-len(tlv(0x31, sd.Signers[0].Raw))+len(sd.Signers[0].Raw), edit)
}

// Each of these is signed by the authority's own key, and each is not what was
// asked for, or not what a token may be (RFC 3161 §2.4.2).
func TestClientRefusesForgedTokens(t *testing.T) {
	p := pkitest.New(t, drawing)
	with := func(part string, der []byte) func(*tsa.Request) []byte {
		return func(r *tsa.Request) []byte { return tstInfo(r, bend{part: part, der: der}) }
	}
	for name, c := range map[string]struct {
		f    forger
		says string
	}{
		"honest":             {forger{}, ""},
		"with modifications": {forger{status: 1}, ""},
		"attributes unsorted": {forger{attrs: func(set []byte) []byte {
			digest, kind := attribute(t, set, cms.OIDMessageDigest), attribute(t, set, cms.OIDContentType)
			swapped := without(t, set, cms.OIDMessageDigest, kind)
			return without(t, swapped, cms.OIDContentType, digest)
		}}, ""},
		"another policy":         {forger{content: with("policy", oid("1.2.3"))}, "under policy 1.2.3"},
		"another imprint":        {forger{content: with("imprint", imprintOf(pki.SHA256, manyBytes))}, "over something else"},
		"another digest as long": {forger{content: with("imprint", imprintOf(pki.SHA3_256, imprint))}, "over something else"},
		"no nonce":               {forger{content: with("nonce", nil)}, "answers another request"},
		"another nonce":          {forger{content: with("nonce", []byte{2, 1, 7})}, "answers another request"},
		"digest of another content": {forger{attrs: func(set []byte) []byte {
			other := tlv(0x30, oid(cms.OIDMessageDigest), tlv(0x31, tlv(4, pki.SHA256.Sum([]byte("other")))))
			return without(t, set, cms.OIDMessageDigest, other)
		}}, "does not fit its content"},
		"signed as plain data": {forger{attrs: func(set []byte) []byte {
			return without(t, set, cms.OIDContentType, tlv(0x30, oid(cms.OIDContentType), tlv(0x31, oid(cms.OIDData))))
		}}, "another type of content"},
		"two digests": {forger{attrs: func(set []byte) []byte {
			digest := attribute(t, set, cms.OIDMessageDigest)
			return without(t, set, cms.OIDMessageDigest, digest, digest)
		}}, "does not stand once"},
		"no certificate named": {forger{attrs: func(set []byte) []byte {
			return without(t, set, cms.OIDSigningCertificateV2)
		}}, "does not name its certificate"},
		"certificate named unreadably": {forger{attrs: func(set []byte) []byte {
			return without(t, set, cms.OIDSigningCertificateV2, tlv(0x30, oid(cms.OIDSigningCertificateV2), tlv(0x31, tlv(5))))
		}}, "does not name its certificate"},
		"certificate named and more": {forger{attrs: func(set []byte) []byte {
			id := tlv(0x30, tlv(4, pki.SHA256.Sum(p.Cert("stamper").Raw)), tlv(5))
			return without(t, set, cms.OIDSigningCertificateV2,
				tlv(0x30, oid(cms.OIDSigningCertificateV2), tlv(0x31, tlv(0x30, tlv(0x30, id)))))
		}}, "does not name its certificate"},
		"certificate not sent": {forger{assembly: func(a *cms.Assembly) {
			a.Certificates = p.Chain("ca")
		}}, "certificate is not in it"},
		"value of another": {forger{assembly: func(a *cms.Assembly) {
			a.Value[len(a.Value)-1] ^= 1
		}}, "signature"},
		"detached":     {forger{assembly: func(a *cms.Assembly) { a.Content = nil }}, "with one signer"},
		"no TSTInfo":   {forger{assembly: func(a *cms.Assembly) { a.ContentType = cms.OIDData }}, "with one signer"},
		"bent TSTInfo": {forger{content: with("serial", nil)}, "serial number or time"},
		"two signers": {forger{token: func(der []byte) []byte {
			return signerInfos(t, der, func(body []byte) []byte { return append(bytes.Clone(body), body...) })
		}}, "with one signer"},
		"no signer": {forger{token: func(der []byte) []byte {
			return signerInfos(t, der, func([]byte) []byte { return []byte{} })
		}}, "with one signer"},
		"no CMS": {forger{token: func([]byte) []byte { return tlv(0x30, oid("1.2.3")) }}, "malformed CMS"},
		"unknown digest": {forger{token: func(der []byte) []byte {
			return signerInfos(t, der, func(body []byte) []byte {
				return bytes.Replace(body, oid("2.16.840.1.101.3.4.2.1"), oid("2.16.840.1.101.3.4.2.99"), -1)
			})
		}}, "does not name its certificate"},
		"no signed attributes": {forger{token: func(der []byte) []byte {
			sd, err := cms.Parse(der)
			require.NoError(t, err)
			signed := append([]byte{0xa0}, sd.Signers[0].Signed[1:]...)
			return pkitest.Forge(t, der, bytes.Index(der, signed), func([]byte) []byte { return nil })
		}}, ""},
	} {
		c.f.p, c.f.who = p, "stamper"
		client := &tsa.Client{Policy: policy, Post: c.f.post}
		token, err := client.Timestamp(t.Context(), pki.SHA256, imprint)
		if c.says == "" && name != "no signed attributes" {
			require.NoError(t, err, name)
			require.NotEmpty(t, token, name)
			continue
		}
		require.ErrorContains(t, err, c.says, name)
		require.ErrorContains(t, err, "asking for a time-stamp", name)
		require.Empty(t, token, name)
	}
	anybody := &tsa.Client{Post: (&forger{p: p, who: "stamper", content: with("policy", oid("1.2.3"))}).post}
	_, err := anybody.Timestamp(t.Context(), pki.SHA256, imprint)
	require.NoError(t, err, "no policy was asked for")
}

func TestClientAsksNothingWrong(t *testing.T) {
	client := &tsa.Client{Policy: "one", Post: func(context.Context, []byte) ([]byte, error) {
		return nil, errors.New("it was sent")
	}}
	_, err := client.Timestamp(t.Context(), pki.SHA256, imprint)
	require.ErrorContains(t, err, "asking for a time-stamp")
	require.NotContains(t, err.Error(), "it was sent")
}
