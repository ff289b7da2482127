package tsa

import (
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// maxMessage bounds requests and responses.
const maxMessage = 1 << 20

// Request asks for a token (RFC 3161 §2.4.1).
//
//	TimeStampReq ::= SEQUENCE { version, messageImprint, reqPolicy OID OPTIONAL,
//	  nonce OPTIONAL, certReq BOOLEAN DEFAULT FALSE, extensions [0] OPTIONAL }
type Request struct {
	Hash       pki.Hash // unknown if not one of ours
	Imprint    []byte
	Policy     string // "": any
	Nonce      *big.Int
	CertReq    bool
	Extensions bool // whether there are any; none is known
}

// ParseRequest reads a request. The error wraps [ErrMalformed].
func ParseRequest(der []byte) (*Request, error) {
	if len(der) > maxMessage {
		return nil, fmt.Errorf("%w: request of %d bytes", ErrMalformed, len(der))
	}
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var version int64
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1Integer(&version) || version != 1 {
		return nil, fmt.Errorf("%w: no TimeStampReq of version 1", ErrMalformed)
	}
	r := &Request{}
	var err error
	if r.Hash, r.Imprint, err = readImprint(&seq); err != nil {
		return nil, err
	}
	if seq.PeekASN1Tag(cbasn1.OBJECT_IDENTIFIER) {
		var policy asn1.ObjectIdentifier
		if !seq.ReadASN1ObjectIdentifier(&policy) {
			return nil, fmt.Errorf("%w: policy", ErrMalformed)
		}
		r.Policy = policy.String()
	}
	if seq.PeekASN1Tag(cbasn1.INTEGER) {
		r.Nonce = new(big.Int)
		if !seq.ReadASN1Integer(r.Nonce) {
			return nil, fmt.Errorf("%w: nonce", ErrMalformed)
		}
	}
	if seq.PeekASN1Tag(cbasn1.BOOLEAN) && !seq.ReadASN1Boolean(&r.CertReq) {
		return nil, fmt.Errorf("%w: certReq", ErrMalformed)
	}
	if seq.PeekASN1Tag(tag0c) {
		r.Extensions = true
		seq.SkipASN1(tag0c)
	}
	if !seq.Empty() {
		return nil, fmt.Errorf("%w: bytes after the request", ErrMalformed)
	}
	return r, nil
}

// Encode writes the request in DER.
func (r *Request) Encode() ([]byte, error) {
	var b cryptobyte.Builder
	policy, err := optionalOID(r.Policy)
	if err != nil {
		return nil, err
	}
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		addImprint(b, r.Hash, r.Imprint)
		if policy != nil {
			b.AddASN1ObjectIdentifier(policy)
		}
		if r.Nonce != nil {
			b.AddASN1BigInt(r.Nonce)
		}
		if r.CertReq {
			b.AddASN1Boolean(true)
		}
	})
	return b.Bytes()
}

func optionalOID(dotted string) (asn1.ObjectIdentifier, error) {
	if dotted == "" {
		return nil, nil
	}
	return pki.ParseOID(dotted)
}
