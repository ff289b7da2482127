package sdjwt

import (
	"bytes"
	"fmt"
	"io"
	"slices"

	"tamga/formats"
	"tamga/formats/internal/jose"
)

const typeBinding = "kb+jwt"

// bound reads the key-binding JWT, the holder's own signature over what is
// shown, to whom, and when (RFC 9901 §4.3):
//
//	header   {"alg": …, "typ": "kb+jwt"}
//	payload  {"iat": …, "aud": …, "nonce": …, "sd_hash": …}
//
// The key is the one that the issuer has named in cnf. Whether audience and
// nonce are the right ones, only he can say who asked for the proof.
func (r *reading) bound() (*formats.Signature, error) {
	jws, err := r.budget.ParseCompact(r.binding)
	if err != nil {
		return nil, fmt.Errorf("key binding: %w", err)
	}
	payload, err := r.budget.ParseJSON(jws.Payload)
	if err != nil {
		return nil, fmt.Errorf("key binding: payload: %w", err)
	}
	s := jws.Signatures[0]
	sig := &formats.Signature{
		Name: "holder", Kind: "key binding (kb+jwt)", Algorithm: s.Header.Algorithm,
		Signed: s.Signed, Value: s.Value, Coverage: formats.Coverage{Whole: true}, Defects: s.Header.Defects,
	}
	fatal := func(clause, text string) {
		sig.Defects = append(sig.Defects, formats.Defect{Clause: clause, Text: text, Fatal: true})
	}
	if s.Header.Type != typeBinding {
		fatal("RFC 9901 4.3", "typ is not kb+jwt")
	}
	// Without any of these a proof that was given once could be shown again.
	for _, name := range []string{"aud", "nonce", "sd_hash"} {
		if text, ok := payload.Get(name).AsString(); !ok || text == "" {
			fatal("RFC 9901 4.3", name+" is absent or no text")
		}
	}
	side := &reading{claims: payload}
	if sig.Claims.Time = side.time("iat", 0); sig.Claims.Time.IsZero() {
		fatal("RFC 9901 4.3", "iat is absent or no date")
	}
	text, _ := payload.Get("sd_hash").AsString()
	want, err := jose.Decode(text)
	if err != nil {
		fatal("RFC 9901 4.3", "sd_hash is not base64url")
	}
	sig.References = []formats.Reference{{
		Name: "sd_hash", Hash: r.process.hash, Want: want,
		Open: func() io.Reader { return bytes.NewReader(r.presented) },
	}}
	return sig, r.holder(sig, fatal)
}

// holder finds the key that the binding must be under (RFC 7800 §3.2).
func (r *reading) holder(sig *formats.Signature, fatal func(clause, text string)) error {
	key, err := r.holderKey()
	switch {
	case err != nil:
		fatal("RFC 7800 3.2", err.Error())
	case key == nil:
		fatal("RFC 9901 4.1.2", "the issuer has named no key of the holder (cnf.jwk)")
	case !key.Verifies(sig.Algorithm):
		fatal("RFC 7517 4.4", "the holder's key is not for this algorithm")
	default:
		sig.Signer.Key = key.Public
	}
	return nil
}

// holderKey reads cnf.jwk; nil if there is none.
func (r *reading) holderKey() (*jose.Key, error) {
	jwk := r.claims.Get("cnf")
	if jwk != nil {
		jwk = jwk.Get("jwk")
	}
	if jwk == nil {
		return nil, nil
	}
	return jwk.Key()
}

// confirm holds the issuer's own cnf to its form: an unusable one binds to
// nobody, and must not look as if it did.
func (r *reading) confirm() {
	at := r.claims.Get("cnf")
	if at == nil {
		return
	}
	known := []string{"jwk", "jwe", "kid", "jku", "jkt", "x5t#S256"}
	if at.Kind != '{' || !slices.ContainsFunc(known, func(n string) bool { return at.Get(n) != nil }) {
		r.fatal("RFC 7800 3.1", "cnf names no key")
		return
	}
	if _, err := r.holderKey(); err != nil {
		r.fatal("RFC 7800 3.2", "cnf: %v", err)
	}
}
