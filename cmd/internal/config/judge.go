package config

import (
	"context"
	"crypto/x509"
	"slices"
	"time"

	"tamga/formats/catalog"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/policy"
)

// Judge is what a verifier judges by, for whoever needs no keys.
type Judge struct {
	Settings *Settings      // the data folder; nil: there is none
	Trust    []pki.Anchor   // beside those of Settings
	Evidence *Evidence      // nil: none but that of the documents and of Settings
	Policy   *policy.Policy // nil: [policy.Default]
	Memo     *verifier.Memo // nil: a new one
	Now      func() time.Time
	Tool     string
}

// remembered is how much a judge remembers between documents: the evidence of
// some hundred issuers.
const remembered = 1024

// Verifier wires the judge. The error says that the data folder's revocation
// lists cannot be read.
func (j Judge) Verifier() (*verifier.Verifier, error) {
	known := &lists{}
	if j.Settings != nil {
		if err := known.load(j.Settings.authorities); err != nil {
			return nil, err
		}
		j.Trust = append(slices.Clone(j.Settings.anchors), j.Trust...)
	}
	return j.with(known), nil
}

func (j Judge) with(known pki.RevocationSource) *verifier.Verifier {
	v := &verifier.Verifier{
		Formats: catalog.Parsers(), Trust: pki.Anchors(j.Trust), Revocation: known,
		Policy: j.Policy, Memo: j.Memo, Now: j.Now, Tool: j.Tool,
	}
	if v.Memo == nil {
		v.Memo = verifier.NewMemo(remembered)
	}
	if v.Policy == nil {
		v.Policy = policy.Default()
	}
	if j.Evidence != nil {
		v.Revocation, v.Issuers = RevocationSources{known, j.Evidence}, j.Evidence
	}
	return v
}

// RevocationSources asks one source after the other.
type RevocationSources []pki.RevocationSource

// Revocation returns what any of them has. One that fails fails all: what it
// would have said may be what counts.
func (list RevocationSources) Revocation(
	ctx context.Context, cert, issuer *x509.Certificate,
) ([]pki.Revocation, error) {
	var out []pki.Revocation
	for _, s := range list {
		more, err := s.Revocation(ctx, cert, issuer)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// IssuerSources asks one source after the other.
type IssuerSources []pki.IssuerSource

// Issuers returns what any of them has.
func (list IssuerSources) Issuers(ctx context.Context, cert *x509.Certificate) ([]*x509.Certificate, error) {
	var out []*x509.Certificate
	for _, s := range list {
		more, err := s.Issuers(ctx, cert)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}
