package pades

import (
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
	"tamga/formats/internal/pdf"
	"tamga/pki"
)

// The bits of /Ff in a seed value dictionary (ISO 32000-2 table 237): which of
// its entries are demands and not advice.
const (
	seedFilter = 1 << iota
	seedSubFilter
	seedVersion
	seedReasons
	seedAttestation
	seedRevocation
	seedDigest
	seedLock
	seedAppearance
	seedKnown = 1<<iota - 1
)

// seedVersions is the newest seed value dictionary that is understood (/V).
const seedVersions = 3

// seed is the seed value dictionary of a field (/SV, §12.7.5.5): what whoever
// made the form demands of the signature in it.
type seed struct {
	*building
	dict  pdf.Value
	flags int64
	field string
}

// obeySeed refuses a signature that does not meet what the field demands. It
// changes nothing of its own accord, because a reason or a certification is a
// statement of the signer; the one exception is a lock of the document.
func (b *building) obeySeed(target field) error {
	dict, err := b.f.Get(target.dict, "SV")
	if err != nil || dict.Kind == pdf.Null {
		return err
	}
	if dict.Kind != pdf.Dict {
		return fmt.Errorf("field %q: seed values (/SV) that are no dictionary: %w",
			target.name, formats.ErrMalformed)
	}
	flags, err := b.f.Get(dict, "Ff")
	if err != nil {
		return err
	}
	s := &seed{building: b, dict: dict, field: target.name}
	if flags.Kind != pdf.Null {
		var ok bool
		if s.flags, ok = flags.Int(); !ok {
			return fmt.Errorf("field %q: seed values (/SV) with /Ff %.20s: %w",
				target.name, flags.Raw, formats.ErrMalformed)
		}
	}
	if s.flags&^seedKnown != 0 {
		return s.refuse("something that ISO 32000-2 does not define (/Ff %d)", "choose another field", s.flags)
	}
	for _, rule := range []func() error{
		s.filter, s.subFilter, s.version, s.digest, s.reasons, s.certification, s.stamp, s.attestation,
		s.revocation, s.lockDocument, s.appearance, s.certificate,
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// refuse says what the field demands, and what to do.
func (s *seed) refuse(demand, remedy string, args ...any) error {
	return fmt.Errorf("field %q demands %s: %s: %w",
		s.field, fmt.Sprintf(demand, args...), remedy, ErrForbidden)
}

// get returns an entry, null unless its flag makes it a demand.
func (s *seed) get(key string, flag int64) (pdf.Value, error) {
	if s.flags&flag == 0 {
		return pdf.Value{}, nil
	}
	return s.f.Get(s.dict, key)
}

// texts returns the elements of an array of strings or names, or the one that
// stands for an array of one.
func (s *seed) texts(v pdf.Value) ([]string, error) {
	items := v.Items()
	if v.Kind != pdf.Array && v.Kind != pdf.Null {
		items = []pdf.Value{v}
	}
	var out []string
	for _, item := range items {
		item, err := s.f.Resolve(item)
		if err != nil {
			return nil, err
		}
		if item.Kind == pdf.Name {
			out = append(out, item.Name())
		} else {
			out = append(out, item.Text())
		}
	}
	return out, nil
}

// listed shows a few of a stranger's words.
func listed(words []string) string {
	var out []string
	for i, w := range words {
		if i == 8 {
			out = append(out, "…")
			break
		}
		out = append(out, printable(w))
	}
	return strings.Join(out, ", ")
}

func (s *seed) filter() error {
	v, err := s.get("Filter", seedFilter)
	if err == nil && v.Kind != pdf.Null && v.Name() != filterPPKLite {
		return s.refuse("the signature handler %q", "sign with that program, or choose another field",
			printable(v.Name()))
	}
	return err
}

func (s *seed) subFilter() error {
	v, err := s.get("SubFilter", seedSubFilter)
	if err != nil || v.Kind == pdf.Null {
		return err
	}
	kinds, err := s.texts(v)
	if err == nil && !slices.Contains(kinds, subFilterCAdES) {
		return s.refuse("a signature of kind %s, where PAdES is %s",
			"choose another field, or ask who made the form to allow PAdES", listed(kinds), subFilterCAdES)
	}
	return err
}

func (s *seed) version() error {
	v, err := s.get("V", seedVersion)
	if n, ok := v.Number(); err == nil && v.Kind != pdf.Null && (!ok || n > seedVersions) {
		return s.refuse("seed values of version %.20s", "choose another field", v.Raw)
	}
	return err
}

// digestNames are the names of /DigestMethod (table 237).
var digestNames = map[pki.Hash]string{
	pki.SHA1: "SHA1", pki.SHA256: "SHA256", pki.SHA384: "SHA384", pki.SHA512: "SHA512",
}

func (s *seed) digest() error {
	v, err := s.get("DigestMethod", seedDigest)
	if err != nil || v.Kind == pdf.Null {
		return err
	}
	names, err := s.texts(v)
	name, known := digestNames[s.p.Algorithm.Hash()]
	// Other makers write "sha256" or "SHA-256" and mean the same.
	same := func(w string) bool { return strings.EqualFold(strings.ReplaceAll(w, "-", ""), name) }
	if err == nil && !(known && slices.ContainsFunc(names, same)) {
		return s.refuse("the digest %s, but the key signs with %s",
			"choose a key or an algorithm with that digest", listed(names), s.p.Algorithm)
	}
	return err
}

// reasons: a single full stop means that no reason may be given.
func (s *seed) reasons() error {
	v, err := s.get("Reasons", seedReasons)
	if err != nil || v.Kind == pdf.Null {
		return err
	}
	may, err := s.texts(v)
	switch {
	case err != nil || len(may) == 0:
		return err
	case len(may) == 1 && may[0] == ".":
		if s.pr.Reason != "" {
			return s.refuse("a signature without a reason", "leave the reason out")
		}
	case !slices.Contains(may, s.pr.Reason):
		return s.refuse("one of the reasons: %s", "sign with one of them, word for word", listed(may))
	}
	return nil
}

// certification: /MDP has no flag and is always a demand.
func (s *seed) certification() error {
	v, err := s.f.Get(s.dict, "MDP")
	if err != nil || v.Kind != pdf.Dict {
		return err
	}
	p, err := s.f.Get(v, "P")
	if err != nil || p.Kind == pdf.Null {
		return err
	}
	n, ok := p.Int()
	switch {
	case !ok || n < 0 || n > 3:
		return s.refuse("a certification of an unknown kind (/MDP /P %.20s)", "choose another field", p.Raw)
	case n == 0 && s.pr.Certify != 0:
		return s.refuse("an approval", "sign without certifying, or certify in another field")
	case n != int64(s.pr.Certify):
		return s.refuse("a certification that allows %s (/MDP /P %d)",
			"certify with that permission, or choose another field", permissionWords[n], n)
	}
	return nil
}

var permissionWords = [...]string{"", "no changes", "filling in forms", "annotations"}

func (s *seed) stamp() error {
	v, err := s.f.Get(s.dict, "TimeStamp")
	if err != nil {
		return err
	}
	must, err := s.f.Get(v, "Ff")
	if n, ok := must.Int(); err == nil && ok && n&1 != 0 && s.p.Level == formats.LevelB {
		return s.refuse("a time-stamp", "sign at level B-T")
	}
	return err
}

func (s *seed) attestation() error {
	v, err := s.get("LegalAttestation", seedAttestation)
	if err != nil || v.Kind == pdf.Null || s.pr.Certify == 0 {
		return err
	}
	may, err := s.texts(v)
	if err == nil && len(may) > 0 && !slices.Contains(may, s.pr.Attestation) {
		return s.refuse("one of the legal attestations: %s", "attest one of them, word for word", listed(may))
	}
	return err
}

// revocation: PAdES keeps this evidence in the security store of the document
// and not in the signature (EN 319 142-1 §6.3).
func (s *seed) revocation() error {
	v, err := s.get("AddRevInfo", seedRevocation)
	if err == nil && v.Bool() {
		return s.refuse("revocation information within the signature (/AddRevInfo)",
			"choose another field: a PAdES signature has it in the document's security store")
	}
	return err
}

// lockDocument: the demand to lock (PDF 2.0) is met by /P 1 of a lock.
func (s *seed) lockDocument() error {
	v, err := s.get("LockDocument", seedLock)
	if err != nil {
		return err
	}
	locks := s.pr.Certify == NoChanges || s.lock != nil && s.lock.Permission == NoChanges
	switch word := v.Name(); {
	case word == "true" && !locks && s.pr.Certify == 0:
		if s.lock == nil {
			s.lock = &Lock{Action: LockInclude} // no field, but the document
		}
		s.lock.Permission = NoChanges
	case word == "true" && !locks:
		return s.refuse("that the document be locked", "certify that no changes are allowed")
	case word == "false" && locks:
		return s.refuse("that the document stay open", "do not lock it")
	}
	return nil
}

func (s *seed) appearance() error {
	v, err := s.get("AppearanceFilter", seedAppearance)
	if err == nil && v.Kind != pdf.Null {
		return s.refuse("the appearance named %q", "sign with the program that has it, or choose another field",
			printable(v.Text()))
	}
	return err
}
