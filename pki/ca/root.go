package ca

import (
	"context"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// Root asks for a certificate that signs itself.
type Root struct {
	Request  // PublicKey is taken from Signer
	Signer   crypto.Signer
	Profiles *Profiles
	Now      func() time.Time
	CRLURL   string // where the root's own CRL will be published; "": not said
	Contact  string // for profiles with issuer_alt_name
}

// SelfSign makes the certificate of a root or an IACA. The error wraps
// [ErrNoProfile] or [ErrRefused] if it is the request's fault; profiles that
// are not for CAs are refused.
func SelfSign(ctx context.Context, root Root) (*x509.Certificate, error) {
	cert, err := root.selfSign(ctx)
	if err != nil {
		return nil, fmt.Errorf("making a root: %w", err)
	}
	return cert, nil
}

func (r Root) selfSign(ctx context.Context) (*x509.Certificate, error) {
	if r.Signer == nil || r.Now == nil {
		return nil, errors.New("there is no key or no clock")
	}
	p, err := r.Profiles.Profile(r.Profile)
	if err != nil {
		return nil, err
	}
	if !p.isCA {
		return nil, fmt.Errorf("profile %q is not for CAs: %w", p.name, ErrRefused)
	}
	r.PublicKey = r.Signer.Public()
	if err := errors.Join(p.checkKey(r.PublicKey), p.checkNames(r.Request), checkURL(r.CRLURL)); err != nil {
		return nil, err
	}
	t, err := p.template(r.Request, r.Contact)
	if err != nil {
		return nil, err
	}
	if err := p.setValidity(t, r.Now().UTC(), r.NotAfter, nil); err != nil {
		return nil, err
	}
	if r.CRLURL != "" {
		t.CRLDistributionPoints = []string{r.CRLURL}
	}
	return create(ctx, t, t, r.PublicKey, r.Signer)
}
