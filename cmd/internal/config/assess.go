package config

import (
	"context"
	"fmt"

	"tamga/formats"
	"tamga/signer"
	"tamga/verifier"
	"tamga/verifier/report"
)

// Assess lets a verifier judge for the signer, which does not judge itself.
func Assess(basis func(context.Context, formats.Input) ([]verifier.Basis, error)) signer.Assess {
	return func(ctx context.Context, in formats.Input) ([]signer.Assessment, error) {
		list, err := basis(ctx, in)
		if err != nil {
			return nil, err
		}
		var out []signer.Assessment
		for _, b := range list {
			out = append(out, assessment(b))
		}
		return out, nil
	}
}

func assessment(b verifier.Basis) signer.Assessment {
	a := signer.Assessment{
		Signature: b.Signature, Name: b.Report.Name, Level: b.Level,
		Evidence: formats.Evidence{Certificates: b.Certificates, Revocations: b.Revocations},
	}
	for _, c := range b.Unknown {
		a.Unknown = append(a.Unknown, c.Subject.String())
	}
	if b.Report.Indication == report.TotalPassed && !b.Report.Changed() {
		return a
	}
	why := fmt.Sprintf("%s %s, %s", b.Report.Indication, b.Report.SubIndication, firstFailed(b.Report))
	a.Doubt = why
	if b.Report.Indication == report.TotalFailed || b.Report.Changed() {
		a.Broken = why
	}
	return a
}

// assess judges by what the folder itself trusts and knows.
func (h *House) assess(ctx context.Context, in formats.Input) ([]signer.Assessment, error) {
	judge, err := h.Verifier("assessment before extending")
	if err != nil {
		return nil, err
	}
	return Assess(judge.Basis)(ctx, in)
}
