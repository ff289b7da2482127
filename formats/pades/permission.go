package pades

import (
	"errors"
	"fmt"
	"slices"

	"tamga/formats/internal/pdf"
)

// ErrForbidden says that the document itself, by a certification or a lock,
// forbids what was asked: the new signature would break an earlier one.
var ErrForbidden = errors.New("the document forbids it")

// permitted asks every earlier signature whether it allows one more, in the
// field with the given name.
func permitted(f *pdf.File, fm *form, name string) error {
	if err := certification(f, fm); err != nil {
		return err
	}
	for _, fl := range fm.fields {
		if !fl.signed() {
			continue
		}
		lock, err := f.Get(fl.dict, "Lock")
		if err != nil {
			return err
		}
		if p, ok := lock.Get("P").Int(); ok && p == 1 {
			return fmt.Errorf("signature %q allows no further change (/Lock /P 1): %w", fl.name, ErrForbidden)
		}
		if err := transforms(f, fl.value, func(method string, params pdf.Value) error {
			if method == "FieldMDP" && locks(params, name) {
				return fmt.Errorf("signature %q locks field %q (FieldMDP): %w", fl.name, name, ErrForbidden)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// unlocked asks the permissions of an encrypted document (ISO 32000-2
// §7.6.4.2), which bind whoever has only the user password.
func unlocked(f *pdf.File, target field) error {
	e := f.Encryption()
	if e == nil || e.MayAddFields() || e.MayFill() && target.dict.Kind == pdf.Dict {
		return nil
	}
	if e.MayFill() {
		return fmt.Errorf("without the owner password only an existing field may be signed: %w", ErrForbidden)
	}
	return fmt.Errorf("signing needs the owner password: %w", ErrForbidden)
}

// certification reads the document's DocMDP permissions (ISO 32000-2
// §12.8.2.2): 1 allows nothing, 2 (the default) and 3 allow signatures.
func certification(f *pdf.File, fm *form) error {
	perms, err := f.Get(fm.catalog, "Perms")
	if err != nil {
		return err
	}
	sig, err := f.Get(perms, "DocMDP")
	if err != nil || sig.Kind != pdf.Dict {
		return err
	}
	return transforms(f, sig, func(method string, params pdf.Value) error {
		if p, ok := params.Get("P").Int(); method == "DocMDP" && ok && p == 1 {
			return fmt.Errorf("the document is certified to allow no changes at all (DocMDP /P 1): %w", ErrForbidden)
		}
		return nil
	})
}

// transforms calls each with every signature reference of a signature
// dictionary (§12.8.2, table 256).
func transforms(f *pdf.File, sig pdf.Value, each func(method string, params pdf.Value) error) error {
	list, err := f.Get(sig, "Reference")
	if err != nil {
		return err
	}
	for _, item := range list.Items() {
		ref, err := f.Resolve(item)
		if err != nil {
			return err
		}
		params, err := f.Get(ref, "TransformParams")
		if err != nil {
			return err
		}
		if err := each(ref.Get("TransformMethod").Name(), params); err != nil {
			return err
		}
	}
	return nil
}

// locks reports whether FieldMDP parameters or a lock (tables 236 and 259)
// name a field.
func locks(params pdf.Value, name string) bool {
	named := slices.ContainsFunc(params.Get("Fields").Items(), func(v pdf.Value) bool {
		return v.Text() == name
	})
	switch params.Get("Action").Name() {
	case "All":
		return true
	case "Include":
		return named
	case "Exclude":
		return !named
	}
	return false
}
