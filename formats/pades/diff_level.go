package pades

import (
	"fmt"

	"tamga/formats/internal/pdf"
)

// What the signatures of the older revision allow. The zero [Permission] allows
// further signatures and their evidence, which is what a document without a
// certification allows; the others are those of DocMDP (ISO 32000-2 §12.8.2.2,
// table 257).
//
// A certification counts only if it is the value of a signed field: then it is
// judged like every other signature, and a forged one makes the document
// invalid. A lock (§12.7.5.5, §12.8.2.4) closes what it names for all; without a
// certification, fields may be filled only if every signature says which.

// permissions reads them.
func (c *comparison) permissions() (string, error) {
	level, err := certification(c.old, c.was)
	if err != nil {
		return "", err
	}
	if level != 0 && !c.certified() {
		return "a certification that is no signature field", nil
	}
	signatures, open := 0, 0
	for _, fl := range c.was.fields {
		if !fl.signed() || fl.value.Get("SubFilter").Name() == subFilterRFC3161 {
			continue
		}
		signatures++
		l, err := c.locksOf(fl)
		if err != nil {
			return "", err
		}
		c.locked = append(c.locked, l...)
		free := len(l) > 0
		for _, one := range l {
			p, err := c.old.Get(one.params, "P")
			if err != nil {
				return "", err
			}
			if n, ok := p.Int(); ok && n >= 1 && n <= 3 && (level == 0 && n == 1 || Permission(n) < level) {
				level = Permission(n)
			}
			action, err := c.old.Get(one.params, "Action")
			if err != nil {
				return "", err
			}
			free = free && (action.Name() == string(LockInclude) || action.Name() == string(LockExclude))
		}
		if free {
			open++
		}
	}
	if level == 0 && signatures > 0 && open == signatures {
		level = FillForms
	}
	c.level = level
	return "", nil
}

// certified reports whether the certification is the value of a signed field.
func (c *comparison) certified() bool {
	perms, err := c.old.Get(c.was.catalog, "Perms")
	if err != nil {
		return false
	}
	ref, ok := perms.Get("DocMDP").Ref()
	for _, fl := range c.was.fields {
		if v, is := fl.dict.Get("V").Ref(); ok && is && v == ref && fl.kind == "Sig" {
			return true
		}
	}
	return false
}

// fieldLock is what one signature locks.
type fieldLock struct {
	by     string // the name of its field
	params pdf.Value
}

// locksOf reads the lock of a signed field, in the field and in the signature.
func (c *comparison) locksOf(fl field) ([]fieldLock, error) {
	var out []fieldLock
	own, err := c.old.Get(fl.dict, "Lock")
	if err != nil {
		return nil, err
	}
	if own.Kind == pdf.Dict {
		out = append(out, fieldLock{fl.name, own})
	}
	return out, transforms(c.old, fl.value, func(method string, params pdf.Value) error {
		if method == "FieldMDP" {
			out = append(out, fieldLock{fl.name, params})
		}
		return nil
	})
}

// lockedBy returns the signature that locks a field, "" if none does.
func (c *comparison) lockedBy(name string) (string, error) {
	for _, l := range c.locked {
		if yes, err := locks(c.old, l.params, name); yes || err != nil {
			return l.by, err
		}
	}
	return "", nil
}

// mayFill refuses to change a field that is locked, or any of a document that
// may not be changed.
func (c *comparison) mayFill(name string) (string, error) {
	by, err := c.lockedBy(name)
	if by != "" || err != nil {
		return fmt.Sprintf("the field %q was changed, which the signature %q locks", printable(name), printable(by)), err
	}
	return "", nil
}

// maySign refuses a further signature where nothing but a document time-stamp
// may be added (/P 1).
func (c *comparison) maySign(field pdf.Value, name string) (string, error) {
	if c.level != NoChanges {
		return "", nil
	}
	value, err := c.new.Get(field, "V")
	if err != nil {
		return "", err
	}
	if value.Get("SubFilter").Name() == subFilterRFC3161 && value.Get("Type").Name() == "DocTimeStamp" {
		return "", nil
	}
	return fmt.Sprintf("the signature field %q was added or filled, and the document may not be changed (/P 1)",
		printable(name)), nil
}
