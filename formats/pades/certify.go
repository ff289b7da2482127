package pades

import (
	"fmt"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// Permission is what a certified document allows afterwards (DocMDP /P, ISO
// 32000-2 table 257). Further evidence (DSS, document time-stamps) may always
// be added.
type Permission uint8

// The permissions. Each allows what those before it do.
const (
	NoChanges Permission = iota + 1
	FillForms            // forms may be filled and signed
	Annotate             // annotations may be made, changed and taken away
)

// certifiable refuses a certification where the document cannot have one: it
// must be the first signature (§12.8.2.2.1), because it vouches for the state
// that all others sign.
func (b *building) certifiable() error {
	switch {
	case b.pr.Certify == 0 && b.pr.Attestation != "":
		return fmt.Errorf("a legal attestation belongs to a certification (§12.8.7): ask for one: %w", ErrWish)
	case b.pr.Certify == 0:
		return nil
	case b.pr.Certify > Annotate:
		return fmt.Errorf("certification with /P %d, not 1, 2 or 3: %w", b.pr.Certify, ErrWish)
	}
	for _, fl := range b.fm.fields {
		if fl.signed() {
			return fmt.Errorf("the document has a signature already (field %q), and a certification must be "+
				"the first (ISO 32000-2 §12.8.2.2.1): sign it without certifying: %w", fl.name, ErrForbidden)
		}
	}
	perms, err := b.f.Get(b.fm.catalog, "Perms")
	if err != nil {
		return err
	}
	if perms.Get("DocMDP").Kind != pdf.Null {
		return fmt.Errorf("the catalogue names a certification already (/Perms /DocMDP): %w", ErrForbidden)
	}
	if perms.Kind != pdf.Dict && perms.Kind != pdf.Null {
		return fmt.Errorf("a catalogue whose /Perms is no dictionary: %w", formats.ErrMalformed)
	}
	return nil
}

// certify names the signature in the catalogue's /Perms (§12.8.6), where a
// reader looks for it, and attests in /Legal (§12.8.7). Other keys of /Perms
// stay.
func (b *building) certify() error {
	if b.pr.Certify == 0 {
		return nil
	}
	perms, err := b.f.Get(b.fm.catalog, "Perms")
	if err != nil {
		return err
	}
	raw := pdf.Rewrite(perms, pdf.Set{Key: "DocMDP", Raw: []byte(b.sig.String())})
	if ref, ok := b.fm.catalog.Get("Perms").Ref(); ok && perms.Kind == pdf.Dict {
		b.u.Set(ref, raw)
	} else {
		b.setCatalog("Perms", raw)
	}
	if b.pr.Attestation == "" {
		return nil
	}
	legal, err := b.f.Get(b.fm.catalog, "Legal")
	if err != nil {
		return err
	}
	words := pdf.Set{Key: "Attestation", Raw: pdf.TextString(b.pr.Attestation)}
	b.setCatalog("Legal", pdf.Rewrite(legal, words))
	return nil
}
