package verifier_test

import (
	"bytes"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/verifier/report"
)

// show adds the holder's proof over an SD-JWT (RFC 9901 §4.3): a JWT by who,
// bound to the bytes over.
func show(t testing.TB, p *pkitest.PKI, who string, document, over []byte) []byte {
	t.Helper()
	b64 := base64.RawURLEncoding.EncodeToString
	hash := b64(pki.SHA256.Sum(over))
	input := b64([]byte(`{"alg":"ES256","typ":"kb+jwt"}`)) + "." +
		b64([]byte(`{"iat":1780315200,"aud":"https://verifier.test","nonce":"1","sd_hash":"`+hash+`"}`))
	value, err := p.Key(who, pki.UseSign).Sign(t.Context(), pki.UseSign, pki.ES256, []byte(input))
	require.NoError(t, err)
	return append(bytes.Clone(document), input+"."+b64(value)...)
}

// A thief of a copy cannot make the holder's proof. What he adds in its place
// must not be carried by the issuer's good signature.
func TestHolderProof(t *testing.T) {
	h := newHouse(t)
	doc := h.make(h.orders()["SD-JWT"])
	h.expect(h.verify(doc), report.Valid, "")

	s := h.expect(h.verify(show(t, h.p, "bob", doc, doc)), report.Valid, "")
	require.Equal(t, "note.holder-signed", s.Notes[0].Code)
	h.expect(h.verify(show(t, h.p, "alice", doc, doc)), report.NotValid, report.SigCryptoFailure)
	h.expect(h.verify(show(t, h.p, "bob", doc, []byte("another presentation"))), report.NotValid, report.HashFailure)

	forged := show(t, h.p, "bob", doc, doc)
	at := bytes.LastIndexByte(forged, '.') + 10
	if forged[at] == 'A' { // another letter, so that it is still base64url
		forged[at] = 'B'
	} else {
		forged[at] = 'A'
	}
	h.expect(h.verify(forged), report.NotValid, report.SigCryptoFailure)
}
