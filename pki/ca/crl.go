package ca

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"

	"tamga/pki"
	"tamga/pki/crl"

	"golang.org/x/crypto/cryptobyte"
)

// CRLRequest asks for a list of everything that the authority has revoked.
type CRLRequest struct {
	Number     *big.Int // greater than that of every list before (RFC 5280 §5.2.3)
	ThisUpdate time.Time
	NextUpdate time.Time
	Entries    []crl.Entry
}

var oidInvalidity = asn1.ObjectIdentifier{2, 5, 29, 24}

// CRL makes a complete list, version 2, in DER. It refuses what readers could
// read in two ways: the same serial number twice, a revocation in the future,
// reasons that only delta lists have.
func (a *Authority) CRL(ctx context.Context, req CRLRequest) ([]byte, error) {
	der, err := a.crl(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("making a CRL: %w", err)
	}
	return der, nil
}

func (a *Authority) crl(ctx context.Context, req CRLRequest) ([]byte, error) {
	if a.Key == nil {
		return nil, errors.New("the authority has no key")
	}
	list, err := req.template()
	if err != nil {
		return nil, err
	}
	signer, err := a.Key.CertificateSigner()
	if err != nil {
		return nil, err
	}
	algorithm, err := pki.DefaultAlgorithm(signer.Public())
	if err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	list.SignatureAlgorithm = x509Algorithms[algorithm]
	der, err := x509.CreateRevocationList(rand.Reader, list, a.Key.Certificate(), signer)
	if err != nil {
		return nil, err
	}
	return der, readBack(der, a.Key.Certificate(), req)
}

// readBack verifies what was made, and that every entry is in it.
func readBack(der []byte, issuer *x509.Certificate, req CRLRequest) error {
	made, err := crl.Parse(der)
	if err != nil {
		return fmt.Errorf("reading back what was made: %w", err)
	}
	if err := made.Verify(issuer, pki.Verify); err != nil {
		return fmt.Errorf("verifying what was made: %w", err)
	}
	n := 0
	for e, err := range made.Entries() {
		if err != nil || n >= len(req.Entries) || e.Serial.Cmp(req.Entries[n].Serial) != 0 || e.Reason != req.Entries[n].Reason {
			return errors.New("reading back what was made: other entries than asked for")
		}
		n++
	}
	if n != len(req.Entries) || made.Number == nil || made.Number.Cmp(req.Number) != 0 {
		return errors.New("reading back what was made: fewer entries than asked for, or another number")
	}
	return nil
}

func (req CRLRequest) template() (*x509.RevocationList, error) {
	switch {
	case req.Number == nil || req.Number.Sign() < 0 || req.Number.BitLen() > 159:
		return nil, fmt.Errorf("the number is absent, negative or longer than 20 octets: %w", ErrRefused)
	case req.ThisUpdate.IsZero() || !req.NextUpdate.After(req.ThisUpdate):
		return nil, fmt.Errorf("the next update is not after this one: %w", ErrRefused)
	}
	list := &x509.RevocationList{
		Number: req.Number, ThisUpdate: req.ThisUpdate.UTC(), NextUpdate: req.NextUpdate.UTC(),
	}
	seen := make(map[string]bool, len(req.Entries))
	for _, e := range req.Entries {
		switch {
		case e.Serial == nil || e.Serial.Sign() <= 0:
			return nil, fmt.Errorf("an entry without a positive serial number: %w", ErrRefused)
		case seen[string(e.Serial.Bytes())]:
			return nil, fmt.Errorf("serial number %x comes twice: %w", e.Serial, ErrRefused)
		case !e.Reason.Known() || e.Reason == crl.RemoveFromCRL:
			return nil, fmt.Errorf("serial number %x: %s: %w", e.Serial, e.Reason, ErrRefused)
		case e.Time.IsZero() || e.Time.After(req.ThisUpdate):
			return nil, fmt.Errorf("serial number %x: revoked at no time, or in the future: %w", e.Serial, ErrRefused)
		}
		seen[string(e.Serial.Bytes())] = true
		entry, err := listEntry(e)
		if err != nil {
			return nil, err
		}
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, entry)
	}
	return list, nil
}

func listEntry(e crl.Entry) (x509.RevocationListEntry, error) {
	entry := x509.RevocationListEntry{
		SerialNumber: e.Serial, RevocationTime: e.Time.UTC(), ReasonCode: int(e.Reason),
	}
	if e.Invalid.IsZero() {
		return entry, nil
	}
	var b cryptobyte.Builder
	b.AddASN1GeneralizedTime(e.Invalid.UTC().Truncate(time.Second))
	value, err := b.Bytes()
	if err != nil {
		return entry, fmt.Errorf("serial number %x: the invalidity date: %w", e.Serial, err)
	}
	entry.ExtraExtensions = []pkix.Extension{{Id: oidInvalidity, Value: value}}
	return entry, nil
}
