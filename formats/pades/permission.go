package pades

import (
	"errors"
	"fmt"
	"strings"

	"tamga/formats/internal/pdf"
)

// ErrWish says that what was asked of a signature does not go together with the
// document, or with itself. The document is not at fault.
var ErrWish = errors.New("not as it was asked for")

// ErrForbidden says that the document itself, by a certification or a lock,
// forbids what was asked: the new signature would break an earlier one.
var ErrForbidden = errors.New("the document forbids it")

// permitted asks every earlier signature whether it allows one more, in the
// field with the given name.
func permitted(f *pdf.File, fm *form, name string) error {
	p, err := certification(f, fm)
	if err != nil {
		return err
	}
	if p == NoChanges {
		return fmt.Errorf("the document is certified to allow no changes at all (DocMDP /P 1): %w", ErrForbidden)
	}
	for _, fl := range fm.fields {
		if !fl.signed() {
			continue
		}
		lock, err := f.Get(fl.dict, "Lock")
		if err != nil {
			return err
		}
		if err := closed(f, fl.name, "/Lock", lock); err != nil {
			return err
		}
		if err := transforms(f, fl.value, func(method string, params pdf.Value) error {
			if method != "FieldMDP" {
				return nil
			}
			if err := closed(f, fl.name, method, params); err != nil {
				return err
			}
			locked, err := locks(f, params, name)
			if err == nil && locked {
				err = fmt.Errorf("signature %q locks field %q (FieldMDP): %w", fl.name, name, ErrForbidden)
			}
			return err
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

// closed refuses if a lock closes the whole document (/P 1).
func closed(f *pdf.File, signature, where string, dict pdf.Value) error {
	p, err := f.Get(dict, "P")
	if err != nil {
		return err
	}
	if n, ok := p.Int(); ok && n == int64(NoChanges) {
		return fmt.Errorf("signature %q allows no further change (%s /P 1): %w", signature, where, ErrForbidden)
	}
	return nil
}

// certification reads the document's DocMDP permissions (ISO 32000-2
// §12.8.2.2): 1 allows nothing, 2 (the default) and 3 allow signatures; zero
// if the document is not certified.
func certification(f *pdf.File, fm *form) (Permission, error) {
	perms, err := f.Get(fm.catalog, "Perms")
	if err != nil {
		return 0, err
	}
	sig, err := f.Get(perms, "DocMDP")
	if err != nil || sig.Kind != pdf.Dict {
		return 0, err
	}
	allowed := FillForms
	err = transforms(f, sig, func(method string, params pdf.Value) error {
		p, err := f.Get(params, "P")
		if n, ok := p.Int(); method == "DocMDP" && ok {
			switch n {
			case 1:
				allowed = NoChanges
			case 3:
				allowed = Annotate
			}
		}
		return err
	})
	return allowed, err
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
// name a field. A field with kids stands for them too, as Acrobat has it.
func locks(f *pdf.File, params pdf.Value, name string) (bool, error) {
	list, err := f.Get(params, "Fields")
	if err != nil {
		return false, err
	}
	named := false
	for _, item := range list.Items() {
		v, err := f.Resolve(item)
		if err != nil {
			return false, err
		}
		named = named || v.Text() == name || strings.HasPrefix(name, v.Text()+".")
	}
	action, err := f.Get(params, "Action")
	switch action.Name() {
	case "All":
		return true, err
	case "Include":
		return named, err
	case "Exclude":
		return !named, err
	}
	return false, err
}
