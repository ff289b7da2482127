package main

import (
	"context"
	"crypto"
	"crypto/x509"
	"io"
	"time"

	"github.com/digitorus/pdf"
	"github.com/digitorus/pdfsign/sign"

	"tamga/formats"
	"tamga/formats/pades"
)

// Both do alike: read a PDF, sign it with P-256 at level B, write the whole
// result. The large file meets each in a process of its own: what pdfsign
// spends there on memory, a process that has spent it before would hide.
func padesPeerLarge(ctx context.Context, h *house) (float64, error) {
	if _, err := h.largePDF(); err != nil {
		return 0, err
	}
	var ratios []float64
	for range 5 {
		theirs, err := h.inChild(ctx, "time pdfsign", largePDFile)
		if err != nil {
			return 0, err
		}
		ours, err := h.inChild(ctx, "time pades", largePDFile)
		if err != nil {
			return 0, err
		}
		ratios = append(ratios, ours/theirs)
	}
	if err := h.drop(largePDFile); err != nil {
		return 0, err
	}
	return median(ratios)
}

func padesPeerSmall(ctx context.Context, h *house) (float64, error) {
	in, err := h.open("small.pdf", 50<<10, pdfOf(letters, 0))
	if err != nil {
		return 0, err
	}
	return ratio(ctx, 101, func() error { return h.pdfsign(in) }, func() error { return h.pades(ctx, in) })
}

func (h *house) pades(ctx context.Context, in formats.Input) error {
	edit, err := h.sign(ctx, pades.Preparer{}, in)
	if err != nil {
		return err
	}
	return discard(edit, in)
}

// discard reads the whole result, as who writes it must.
func discard(e formats.Edit, in formats.Input) error {
	_, err := io.Copy(io.Discard, e.Apply(in, in.Name).Reader())
	return err
}

// pdfsign signs with digitorus/pdfsign 0.9.0 as its README has it.
func (h *house) pdfsign(in formats.Input) error {
	reader, err := pdf.NewReader(in.ReaderAt, in.Size)
	if err != nil {
		return err
	}
	return sign.Sign(io.NewSectionReader(in.ReaderAt, 0, in.Size), io.Discard, reader, in.Size, sign.SignData{
		Signature: sign.SignDataSignature{
			Info:     sign.SignDataSignatureInfo{Name: "bench", Date: h.pki.Now.Truncate(time.Second)},
			CertType: sign.ApprovalSignature,
		},
		Signer: h.pki.Signer("file"), DigestAlgorithm: crypto.SHA256,
		Certificate:       h.pki.Cert("file"),
		CertificateChains: [][]*x509.Certificate{h.pki.Chain("file")},
	})
}
