package main

import (
	"context"
	"fmt"

	"tamga/pki"
	"tamga/pki/pkitest"
	"tamga/pki/tsa"
)

// newAuthority is a time-stamp authority under the arc for examples (2.999).
func newAuthority(p *pkitest.PKI) (*tsa.Authority, error) {
	return tsa.NewAuthority(tsa.AuthorityConfig{Key: p.Key("tsa"), Policy: "2.999.1", Now: p.Clock()})
}

// tsaToken is request to response, as a server answers.
func tsaToken(ctx context.Context, h *house) (float64, error) {
	imprint := pki.SHA256.Sum([]byte(person))
	client := tsa.Client{Post: h.tsa.Respond}
	if _, err := client.Timestamp(ctx, pki.SHA256, imprint); err != nil {
		return 0, fmt.Errorf("the authority's answer is none: %w", err)
	}
	request, err := (&tsa.Request{Hash: pki.SHA256, Imprint: imprint, CertReq: true}).Encode()
	if err != nil {
		return 0, err
	}
	return ratio(ctx, smallRounds, h.rawSign(), func() error {
		_, err := h.tsa.Respond(ctx, request)
		return err
	})
}
