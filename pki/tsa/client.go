package tsa

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"

	"tamga/pki"
	"tamga/pki/cms"
)

// Client obtains tokens from an authority elsewhere.
type Client struct {
	// Post sends a DER TimeStampReq and returns the DER TimeStampResp, of at
	// most 1 MiB, before the context ends (RFC 3161 §3.4 for HTTP).
	Post func(ctx context.Context, request []byte) (response []byte, err error)
	// Policy is the policy to ask for; "" takes any.
	Policy string
}

// Timestamp asks for a token over imprint, and checks that the answer is over
// this imprint and this request, and signed under the certificate that it
// names. Whether that certificate is to be believed is not decided here.
func (c *Client) Timestamp(ctx context.Context, h pki.Hash, imprint []byte) ([]byte, error) {
	nonce := make([]byte, 16)
	rand.Read(nonce) // never fails, as of Go 1.24
	nonce[0] &= 0x7f
	request := &Request{Hash: h, Imprint: imprint, Policy: c.Policy, Nonce: new(big.Int).SetBytes(nonce), CertReq: true}
	der, err := request.Encode()
	if err != nil {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	answer, err := c.Post(ctx, der)
	if err != nil {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	token, err := parseResponse(answer)
	if err != nil {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	if err := request.check(token); err != nil {
		return nil, fmt.Errorf("asking for a time-stamp: %w", err)
	}
	return token, nil
}

// check is what a requester must look at (RFC 3161 §2.4.2).
func (r *Request) check(token []byte) error {
	sd, info, err := ParseToken(token)
	if err != nil {
		return err
	}
	switch {
	case info.Hash != r.Hash || !bytes.Equal(info.Imprint, r.Imprint):
		return fmt.Errorf("the token is over something else")
	case info.Nonce == nil || info.Nonce.Cmp(r.Nonce) != 0:
		return fmt.Errorf("the token answers another request")
	case r.Policy != "" && info.Policy != r.Policy:
		return fmt.Errorf("the token is under policy %s, not %s", info.Policy, r.Policy)
	}
	s := &sd.Signers[0]
	if s.SignedContentType() != cms.OIDTSTInfo { // RFC 5652 §11.1
		return fmt.Errorf("the token's signature is over another type of content")
	}
	cert, err := signerOf(sd, s)
	if err != nil {
		return err
	}
	if !bytes.Equal(s.MessageDigest(), s.DigestAlgorithm.Sum(sd.Content)) {
		return fmt.Errorf("the token's digest does not fit its content")
	}
	return pki.Verify(cert.PublicKey, s.Algorithm, s.Signed, s.Value)
}

// ParseToken reads a token: a SignedData over a TSTInfo with exactly one
// signer (RFC 3161 §2.4.2). It checks no signature.
func ParseToken(der []byte) (*cms.SignedData, *Info, error) { return ParseTokenWith(nil, der) }

// ParseTokenWith is [ParseToken] with a memory for the certificates, which may
// be nil.
func ParseTokenWith(memo *pki.Memo, der []byte) (*cms.SignedData, *Info, error) {
	sd, err := cms.ParseWith(memo, der)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if sd.ContentType != cms.OIDTSTInfo || !sd.Attached || len(sd.Signers) != 1 {
		return nil, nil, fmt.Errorf("%w: no SignedData over a TSTInfo with one signer", ErrMalformed)
	}
	info, err := ParseInfo(sd.Content)
	if err != nil {
		return nil, nil, err
	}
	return sd, info, nil
}

// signerOf finds the certificate that the token names under its signature: by
// ESSCertID, never by position, because the order is anybody's choice.
func signerOf(sd *cms.SignedData, s *cms.SignerInfo) (*x509.Certificate, error) {
	for _, d := range s.Defects {
		if d.Fatal {
			return nil, fmt.Errorf("%w: %s", ErrMalformed, d.Text)
		}
	}
	id, err := s.SigningCertificate()
	if err != nil || id == nil || !s.DigestAlgorithm.Known() {
		return nil, fmt.Errorf("%w: the token does not name its certificate", ErrMalformed)
	}
	for _, c := range sd.Certificates {
		if id.Fits(c) {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the token's certificate is not in it")
}
