package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"tamga/formats"
	"tamga/formats/cades"
	"tamga/formats/pades"
	"tamga/signer"
)

const (
	large       = 256 * mebi // for CAdES
	largePDF    = 64 * mebi
	largeName   = "large.txt"
	largePDFile = "large.pdf"
	rounds      = 7 // for files, of which each turn takes a tenth of a second
)

func (h *house) largeFile() (formats.Input, error) { return h.open(largeName, large, letters) }

func (h *house) largePDF() (formats.Input, error) {
	return h.open(largePDFile, largePDF, pdfOf(letters, 0))
}

func cadesSign(ctx context.Context, h *house) (float64, error) {
	in, err := h.largeFile()
	if err != nil {
		return 0, err
	}
	return ratio(ctx, rounds, hashOf(in), func() error {
		_, err := h.sign(ctx, cades.Preparer{}, in)
		return err
	})
}

// checked is the signer's whole way against two readings.
func (h *house) checked(ctx context.Context, f formats.Preparer, in formats.Input) (float64, error) {
	hash := hashOf(in)
	return ratio(ctx, rounds, func() error {
		if err := hash(); err != nil {
			return err
		}
		return hash()
	}, func() error {
		_, err := h.signer.Sign(ctx, signer.SignRequest{Format: f, Level: formats.LevelT}, in)
		return err
	})
}

func cadesSignChecked(ctx context.Context, h *house) (float64, error) {
	in, err := h.largeFile()
	if err != nil {
		return 0, err
	}
	return h.checked(ctx, cades.Preparer{}, in)
}

func cadesVerify(ctx context.Context, h *house) (float64, error) {
	in, err := h.largeFile()
	if err != nil {
		return 0, err
	}
	edit, err := h.sign(ctx, cades.Preparer{}, in)
	if err != nil {
		return 0, err
	}
	signature := input(edit.Tail)
	signature.Detached = []formats.Input{in}
	figure, err := ratio(ctx, rounds, hashOf(in), func() error { return h.check(ctx, signature) })
	if err != nil {
		return 0, err
	}
	return figure, h.drop(largeName)
}

func padesSign(ctx context.Context, h *house) (float64, error) {
	in, err := h.largePDF()
	if err != nil {
		return 0, err
	}
	return ratio(ctx, rounds, hashOf(in), func() error {
		_, err := h.sign(ctx, pades.Preparer{}, in)
		return err
	})
}

func padesSignChecked(ctx context.Context, h *house) (float64, error) {
	in, err := h.largePDF()
	if err != nil {
		return 0, err
	}
	return h.checked(ctx, pades.Preparer{}, in)
}

func padesVerify(ctx context.Context, h *house) (float64, error) {
	in, err := h.largePDF()
	if err != nil {
		return 0, err
	}
	return h.verifyPDF(ctx, in, rounds)
}

func padesVerifyObjects(ctx context.Context, h *house) (float64, error) {
	in, err := h.open("objects.pdf", mebi, pdfOf(letters, 40000))
	if err != nil {
		return 0, err
	}
	return h.verifyPDF(ctx, in, 31)
}

// manySigned is how often a document of many signatures is signed.
const manySigned = 50

// padesVerifyMany is a small document of many signatures against the same of one.
func padesVerifyMany(ctx context.Context, h *house) (float64, error) {
	in, err := h.open("small.pdf", 50<<10, pdfOf(letters, 0))
	if err != nil {
		return 0, err
	}
	one, many, err := h.signMany(ctx, in)
	if err != nil {
		return 0, err
	}
	return ratio(ctx, rounds, func() error { return h.check(ctx, one) }, func() error { return h.check(ctx, many) })
}

// padesVerifyManyLarge is a large one against the digest of it.
func padesVerifyManyLarge(ctx context.Context, h *house) (float64, error) {
	in, err := h.largePDF()
	if err != nil {
		return 0, err
	}
	_, many, err := h.signMany(ctx, in)
	if err != nil {
		return 0, err
	}
	return ratio(ctx, rounds, hashOf(in), func() error { return h.check(ctx, many) })
}

// signMany returns the document signed once, and many times, one after the
// other.
func (h *house) signMany(ctx context.Context, first formats.Input) (one, many formats.Input, err error) {
	in := first
	for i := range manySigned {
		edit, err := h.sign(ctx, pades.Preparer{}, in)
		if err != nil {
			return one, many, err
		}
		// A file each time: inputs that lie over one another would be read
		// through all of them.
		name := fmt.Sprintf("%d of %s", i+1, first.Name)
		signed := edit.Apply(in, name)
		in, err = h.open(name, signed.Size, func(w io.Writer, _ *os.File, _ int64) error {
			_, err := io.Copy(w, signed.Reader())
			return err
		})
		if err != nil {
			return one, many, err
		}
		switch {
		case i == 0:
			one = in
		case i > 1:
			if err := h.drop(fmt.Sprintf("%d of %s", i, first.Name)); err != nil {
				return one, many, err
			}
		}
	}
	return one, in, nil
}

func (h *house) verifyPDF(ctx context.Context, in formats.Input, rounds int) (float64, error) {
	edit, err := h.sign(ctx, pades.Preparer{}, in)
	if err != nil {
		return 0, err
	}
	signed := edit.Apply(in, in.Name)
	return ratio(ctx, rounds, hashOf(in), func() error { return h.check(ctx, signed) })
}
