package policy

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"tamga/formats"
	"tamga/pki"
)

// rule adds the levels to the rule of a signed thing.
func (t *formatTable) rule() (Rule, error) {
	r, err := t.signedTable.rule()
	if err != nil {
		return Rule{}, err
	}
	r.Levels = nil
	if t.Levels == nil {
		return r, nil // the highest
	}
	r.Levels = []formats.Level{}
	for _, name := range *t.Levels {
		if !slices.Contains(levels, formats.Level(name)) {
			return Rule{}, fmt.Errorf("level %q is not known; the levels are %q", name, levels)
		}
		r.Levels = append(r.Levels, formats.Level(name))
	}
	return r, nil
}

func (t *signedTable) rule() (Rule, error) {
	r, err := t.pathTable.rule()
	r.Attribute, r.References = required(t.Attribute), required(t.References)
	return r, err
}

// rule is that of something without attributes, references and levels.
func (t *pathTable) rule() (Rule, error) {
	r := Rule{
		Levels: []formats.Level{}, Revocation: true,
		Freshness: Freshness{NextUpdate: t.Freshness.NextUpdate, MaxAge: time.Duration(t.Freshness.MaxAge)},
	}
	for i, name := range t.Trust {
		use := pki.Use(name)
		switch {
		case !slices.Contains(pki.Uses(), use) || slices.Contains(r.Uses(), use):
			return Rule{}, fmt.Errorf("trust: %q is no use, or comes twice; the uses are %q", name, pki.Uses())
		case i == 0:
			r.Use = use
		default:
			r.Also = append(r.Also, use)
		}
	}
	switch {
	case t.Revocation == nil || *t.Revocation == "all":
	case *t.Revocation == "signer":
		r.SignerOnly = true
	case *t.Revocation == "none":
		r.Revocation = false
	default:
		return Rule{}, fmt.Errorf(`revocation is "all", "signer" or "none", not %q`, *t.Revocation)
	}
	var errPurpose, errPolicies error
	r.Purpose, errPurpose = t.Purpose.purpose()
	r.Policies, errPolicies = t.Policies.policies()
	return r, errors.Join(errPurpose, errPolicies)
}

// dotted is an object identifier as it is written (X.660): its first arc is 0, 1
// or 2.
var dotted = regexp.MustCompile(`^[0-2](\.(0|[1-9][0-9]{0,38}))+$`)

func checkOIDs(what string, list []string) error {
	for i, id := range list {
		if !dotted.MatchString(id) || slices.Contains(list[:i], id) {
			return fmt.Errorf("%s: %q is no dotted object identifier, or comes twice", what, id)
		}
	}
	return nil
}

func (t *purposeTable) purpose() (Purpose, error) {
	if t.Need == nil {
		return Purpose{}, errors.New("purpose: need must say which purposes are; [] asks for none")
	}
	p := Purpose{
		Need: *t.Need, Refuse: t.Refuse,
		Only: required(t.Only), Critical: required(t.Critical), AnyIssuer: !required(t.Nested),
	}
	return p, errors.Join(checkOIDs("purpose.need", p.Need), checkOIDs("purpose.refuse", p.Refuse))
}

func (t *certPolicyTable) policies() (Policies, error) {
	if t.Policies == nil {
		return Policies{}, errors.New("certificate-policies: policies must say which are accepted; [] accepts any")
	}
	return Policies{
		Accept: *t.Policies, AcceptAny: len(*t.Policies) == 0, NotExplicit: !required(t.Explicit),
		AnyPolicy: !required(t.InhibitAny), Mapping: !required(t.InhibitMaps),
	}, checkOIDs("certificate-policies", *t.Policies)
}
