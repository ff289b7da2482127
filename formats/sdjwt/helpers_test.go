package sdjwt_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/formats/sdjwt"
	"tamga/pki"
	"tamga/pki/pkitest"
)

// world is a PKI with an issuer of documents.
func world(t testing.TB) *pkitest.PKI {
	return pkitest.New(t, `root -> ca -> issuer[sdjwt, p256, cn=Ministry of Orenda]
		ca -> issuer384[sdjwt, p384]; ca -> issuer521[sdjwt, p521]; ca -> ed[sdjwt, ed25519]; ca -> holder`)
}

func input(data []byte) formats.Input {
	return formats.Input{Name: "test.sdjwt", ReaderAt: bytes.NewReader(data), Size: int64(len(data))}
}

func params(p *pkitest.PKI, name string, alg pki.Algorithm) formats.Params {
	return formats.Params{Algorithm: alg, Chain: p.Chain(name), Time: p.Now}
}

// identity is a document as a ministry would issue it, with everything that
// can be hidden: claims, objects in objects, elements of arrays.
func identity(p *pkitest.PKI) sdjwt.Preparer {
	return sdjwt.Preparer{
		Type: "urn:test:person:1", Issuer: "https://issuer.test", HolderKey: p.Signer("holder").Public(),
		ValidFrom: p.Now, ValidUntil: p.Now.AddDate(0, 0, 14), Random: &counter{},
		Claims: []sdjwt.Claim{
			{Name: "given_name", Value: "Олена", Disclose: true},
			{Name: "family_name", Value: `O"Neill\`, Disclose: true},
			{Name: "issuing_country", Value: "UT"},
			{Name: "address", Disclose: true, Value: []sdjwt.Claim{
				{Name: "locality", Value: "Kõrvemaa", Disclose: true},
				{Name: "country", Value: "UT"},
			}},
			{Name: "age", Value: []sdjwt.Claim{
				{Name: "18", Value: true, Disclose: true}, {Name: "65", Value: false, Disclose: true},
			}},
			{Name: "nationalities", Value: []sdjwt.Item{{Value: "UT", Disclose: true}, {Value: "XX"}}},
			{Name: "height", Value: 1.75, Disclose: true},
			{Name: "children", Value: 2, Disclose: true},
			{Name: "portrait", Value: "data:image/jpeg;base64,AAAA", Disclose: true},
		},
	}
}

// issue makes a document and returns its bytes.
func issue(t testing.TB, p *pkitest.PKI, prep sdjwt.Preparer, name string, alg pki.Algorithm) []byte {
	t.Helper()
	pending, err := prep.Prepare(input(nil), params(p, name, alg))
	require.NoError(t, err)
	value, err := p.Key(name).Sign(t.Context(), pki.UseSDJWT, alg, pending.ToBeSigned)
	require.NoError(t, err)
	edit, err := prep.Complete(pending, formats.Completion{Value: value})
	require.NoError(t, err)
	require.Zero(t, edit.Keep)
	return edit.Tail
}

// read parses data, which must be readable, and returns its only signature.
func read(t testing.TB, data []byte) formats.Signature {
	t.Helper()
	doc, err := sdjwt.Parser{}.Parse(input(data))
	require.NoError(t, err)
	require.Len(t, doc.Signatures, 1)
	return doc.Signatures[0]
}

// counter is randomness that is the same each time.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n
	}
	return len(b), nil
}

// digest returns the digest of what a reference opens.
func digest(t testing.TB, r formats.Reference) []byte {
	t.Helper()
	content, err := io.ReadAll(r.Open())
	require.NoError(t, err)
	return r.Hash.Sum(content)
}

// fatal returns the texts of the fatal defects.
func fatal(sig formats.Signature) (out []string) {
	for _, d := range sig.Defects {
		if d.Fatal {
			out = append(out, d.Clause+": "+d.Text)
		}
	}
	return out
}

// forge is an issuer that signs whatever it is told to, so that what is refused
// is refused for its form.
type forge struct {
	t testing.TB
	p *pkitest.PKI
}

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// hash returns the digest of a disclosure as it stands in _sd.
func hash(disclosure string) string {
	return base64.RawURLEncoding.EncodeToString(pki.SHA256.Sum([]byte(disclosure)))
}

func (f forge) header(typ string) string {
	return fmt.Sprintf(`{"alg":"ES256","typ":%q,"x5c":[%q]}`, typ,
		base64.StdEncoding.EncodeToString(f.p.Cert("issuer").Raw))
}

func (f forge) sign(name, header, payload string) string {
	signed := b64(header) + "." + b64(payload)
	value, err := f.p.Key(name, pki.UseSDJWT).Sign(f.t.Context(), pki.UseSDJWT, pki.ES256, []byte(signed))
	require.NoError(f.t, err)
	return signed + "." + base64.RawURLEncoding.EncodeToString(value)
}

// make signs a payload and appends disclosures, which are given as JSON.
func (f forge) make(typ, payload string, disclosures ...string) []byte {
	out := f.sign("issuer", f.header(typ), payload) + "~"
	for _, d := range disclosures {
		out += b64(d) + "~"
	}
	return []byte(out)
}

// flattened turns a compact document into its JSON serialisation.
func flattened(t testing.TB, compact []byte) []byte {
	parts := strings.Split(string(compact), "~")
	jwt := strings.Split(parts[0], ".")
	header := map[string]any{"disclosures": parts[1 : len(parts)-1]}
	if last := parts[len(parts)-1]; last != "" {
		header["kb_jwt"] = last
	}
	out, err := json.Marshal(map[string]any{
		"payload": jwt[1], "protected": jwt[0], "signature": jwt[2], "header": header,
	})
	require.NoError(t, err)
	return out
}

// bind appends the holder's proof.
func (f forge) bind(shown []byte, payload string) []byte {
	payload = strings.ReplaceAll(payload, "SD_HASH", hash(string(shown)))
	return append(bytes.Clone(shown), f.sign("holder", `{"alg":"ES256","typ":"kb+jwt"}`, payload)...)
}

const bindingPayload = `{"iat":1780315200,"aud":"https://verifier.test","nonce":"1","sd_hash":"SD_HASH"}`
