package request

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"

	"github.com/lestrrat-go/jwx/v4/jwk"
)

// HolderKey reads the public key that an identity document shall be bound to:
// a PEM "PUBLIC KEY" (RFC 7468 §13) or a JWK (RFC 7517). It must be one that
// mdoc and SD-JWT VC can both name: P-256, P-384, P-521 or Ed25519. A private
// key is refused: it belongs to its holder alone.
func HolderKey(text []byte) (crypto.PublicKey, error) {
	var key any
	var err error
	text = bytes.TrimSpace(text)
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		key, err = fromJWK(text)
	case bytes.HasPrefix(text, []byte("-----BEGIN ")):
		key, err = fromPEM(text)
	default:
		return nil, &Error{"the holder's key is neither PEM nor a JWK", hintHolder}
	}
	if err != nil {
		return nil, err
	}
	switch pub := key.(type) {
	case *ecdsa.PublicKey:
		if c := pub.Curve; c == elliptic.P256() || c == elliptic.P384() || c == elliptic.P521() {
			if _, err := pub.Bytes(); err == nil { // the point is on its curve
				return pub, nil
			}
		}
	case ed25519.PublicKey:
		if len(pub) == ed25519.PublicKeySize {
			return pub, nil
		}
	}
	return nil, &Error{"the holder's key is of a kind that identity documents cannot carry", hintHolder}
}

const hintHolder = "give the public key as PEM (BEGIN PUBLIC KEY) or JWK: P-256, P-384, P-521 or Ed25519"

var errPrivate = &Error{"this is a private key, which its holder must not hand out",
	"give the public half: openssl pkey -in KEY.pem -pubout"}

func fromPEM(text []byte) (any, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) != 0 {
		return nil, &Error{"the holder's key is not one PEM block", hintHolder}
	}
	if bytes.Contains([]byte(block.Type), []byte("PRIVATE")) {
		return nil, errPrivate
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if block.Type != "PUBLIC KEY" || err != nil {
		return nil, &Error{"the holder's key is not a PEM public key", hintHolder}
	}
	return key, nil
}

func fromJWK(text []byte) (any, error) {
	parsed, err := jwk.ParseKey(text)
	if err != nil {
		return nil, &Error{"the holder's key is not a JWK", hintHolder}
	}
	if private, err := jwk.IsPrivateKey(parsed); err != nil || private {
		return nil, errPrivate
	}
	key, err := jwk.Export[any](parsed)
	if err != nil {
		return nil, &Error{"the holder's key is not a usable JWK", hintHolder}
	}
	return key, nil
}
