package pades

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
)

// Lock says which form fields a signature closes (ISO 32000-2 §12.7.5.5,
// §12.8.2.4), and what may be done to the document from then on.
type Lock struct {
	Action LockAction
	Fields []string // full names; none for LockAll
	// Permission closes the document too (/P, PDF 2.0); zero: no word about it.
	Permission Permission
}

// LockAction tells how the fields of a lock are meant.
type LockAction string

// The values of /Action (table 236).
const (
	LockAll     LockAction = "All"
	LockInclude LockAction = "Include" // these fields
	LockExclude LockAction = "Exclude" // all but these
)

// flaw says what no reader would know the meaning of; "" if all is well.
func (l *Lock) flaw() string {
	switch {
	case l.Action != LockAll && l.Action != LockInclude && l.Action != LockExclude:
		return fmt.Sprintf("a lock with /Action %q, not All, Include or Exclude", l.Action)
	case l.Action == LockAll && len(l.Fields) > 0:
		return "a lock on all fields that names some"
	case l.Permission > Annotate:
		return fmt.Sprintf("a lock with /P %d, not 1, 2 or 3", l.Permission)
	}
	return ""
}

// setLock takes over what the field demands of its signature (/Lock), or what
// the signer wishes. Both at once could contradict each other.
func (b *building) setLock(target field) error {
	own, err := readLock(b.f, target.dict)
	if err != nil {
		return fmt.Errorf("field %q: %w", target.name, err)
	}
	switch b.lock = own; {
	case b.pr.Lock == nil:
	case own != nil:
		return fmt.Errorf("field %q says itself what its signature locks, so no other lock can be asked for: %w",
			target.name, ErrForbidden)
	default:
		if err := b.known(b.pr.Lock); err != nil {
			return err
		}
		l := *b.pr.Lock
		b.lock = &l
	}
	return b.limitLock(own == nil)
}

// limitLock holds the lock's /P to what is in effect: it shall be no more than
// that (table 236).
func (b *building) limitLock(wished bool) error {
	if b.lock == nil || b.lock.Permission == 0 {
		return nil
	}
	limit, err := certification(b.f, b.fm)
	if err != nil {
		return err
	}
	if c := b.pr.Certify; c != 0 && (limit == 0 || c < limit) {
		limit = c
	}
	if limit == 0 || b.lock.Permission <= limit {
		return nil
	}
	if wished {
		return fmt.Errorf("a lock that allows more (/P %d) than the document's certification (/P %d): %w",
			b.lock.Permission, limit, ErrForbidden)
	}
	b.lock.Permission = limit
	return nil
}

// known refuses a wish that names fields which are not there: whoever mistypes
// a name would believe that a field is locked.
func (b *building) known(l *Lock) error {
	if why := l.flaw(); why != "" {
		return fmt.Errorf("%s: %w", why, ErrWish)
	}
	for _, name := range l.Fields {
		found := slices.ContainsFunc(b.fm.fields, func(fl field) bool { return fl.name == name && !fl.widget })
		if !found {
			return fmt.Errorf("locking field %q, which the document does not have: %w", name, ErrWish)
		}
	}
	return nil
}

// readLock reads the /Lock of a field (table 236); nil if there is none.
func readLock(f *pdf.File, dict pdf.Value) (*Lock, error) {
	v, err := f.Get(dict, "Lock")
	if err != nil || v.Kind == pdf.Null {
		return nil, err
	}
	if v.Kind != pdf.Dict {
		return nil, fmt.Errorf("a /Lock that is no dictionary: %w", formats.ErrMalformed)
	}
	action, err := f.Get(v, "Action")
	if err != nil {
		return nil, err
	}
	l := &Lock{Action: LockAction(action.Name())}
	list, err := f.Get(v, "Fields")
	if err != nil {
		return nil, err
	}
	for _, item := range list.Items() {
		name, err := f.Resolve(item)
		if err != nil {
			return nil, err
		}
		if l.Action != LockAll {
			l.Fields = append(l.Fields, name.Text())
		}
	}
	p, err := f.Get(v, "P")
	if err != nil {
		return nil, err
	}
	if n, ok := p.Int(); p.Kind != pdf.Null {
		if !ok || n < 1 || n > 3 {
			return nil, fmt.Errorf("a /Lock with /P %.20s, not 1, 2 or 3: %w", p.Raw, formats.ErrMalformed)
		}
		l.Permission = Permission(n)
	}
	if why := l.flaw(); why != "" {
		return nil, fmt.Errorf("%s: %w", why, formats.ErrMalformed)
	}
	return l, nil
}

// entries writes what a lock and the parameters of FieldMDP have in common
// (tables 236 and 259). /P in the latter is not in the standard; Acrobat
// writes and obeys it there.
func (l *Lock) entries() string {
	var b strings.Builder
	fmt.Fprintf(&b, "/Action /%s", l.Action)
	if l.Action != LockAll {
		b.WriteString(" /Fields [")
		for i, name := range l.Fields {
			if i > 0 {
				b.WriteByte(' ')
			}
			b.Write(pdf.TextString(name))
		}
		b.WriteByte(']')
	}
	if l.Permission != 0 {
		fmt.Fprintf(&b, " /P %d", l.Permission)
	}
	return b.String()
}

// entry writes the /Lock of a new field.
func (l *Lock) entry() string {
	if l == nil {
		return ""
	}
	return "\n/Lock << /Type /SigFieldLock " + l.entries() + " >>"
}

// references writes the signature's /Reference (§12.8.2, table 256): the
// certification first, then the lock.
func (b *building) references() []byte {
	var list bytes.Buffer
	if b.pr.Certify != 0 {
		fmt.Fprintf(&list, "<< /Type /SigRef /TransformMethod /DocMDP /TransformParams "+
			"<< /Type /TransformParams /P %d /V /1.2 >> >>", b.pr.Certify)
	}
	if b.lock != nil {
		if list.Len() > 0 {
			list.WriteByte('\n')
		}
		fmt.Fprintf(&list, "<< /Type /SigRef /TransformMethod /FieldMDP /Data %s /TransformParams "+
			"<< /Type /TransformParams /V /1.2 %s >> >>", b.fm.catalogRef, b.lock.entries())
	}
	if list.Len() == 0 {
		return nil
	}
	return fmt.Appendf(nil, "\n/Reference [%s]", list.Bytes())
}
