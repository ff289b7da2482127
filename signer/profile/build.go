package profile

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"tamga/formats"
)

// maxValidity is the longest life without a way to revoke (ARF 3.0 VCR_01).
const maxValidity = 24 * time.Hour

// Limits on what a claim may hold. The Rulebook gives text 150 characters
// (§3.1.1); an ISO 39794-5 portrait for a wallet is some 20 kB.
const (
	maxText  = 150
	maxImage = 512 << 10
	maxItems = 16
)

var (
	claimName  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	identifier = regexp.MustCompile(`^[!-~]{1,128}$`)
)

// reserved are the members of an SD-JWT VC that the format writes itself
// (RFC 9901 §4.1, SD-JWT VC §2.2.2.2). A claim of such a name would let data
// from a request change the validity, the type or the holder of a credential.
var reserved = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "vct", "vct#integrity", "aka_vcts", "status",
	"_sd", "_sd_alg", "...",
}

// builder collects what is wrong while a file becomes a Type.
type builder struct{ faults []error }

func (b *builder) fault(format string, args ...any) {
	b.faults = append(b.faults, fmt.Errorf(format, args...))
}

func build(f *file) (*Type, []error) {
	b := &builder{}
	t := &Type{
		name: f.Name, titles: maps.Clone(f.Display),
		docType: f.Mdoc.DocType, namespace: f.Mdoc.Namespace, vct: f.SDJWT.VCT,
	}
	if !claimName.MatchString(f.Name) {
		b.fault("name: need lower-case letters, digits and _")
	}
	if f.Display["en"] == "" {
		b.fault("display.en is missing")
	}
	var err error
	if t.validity, err = time.ParseDuration(f.Validity); err != nil || t.validity < time.Hour {
		b.fault("validity: need a duration of an hour or more, such as \"24h\"")
	} else if t.validity > maxValidity {
		b.fault("validity: more than 24h needs a status list (ARF VCR_01), which is not issued yet")
	}
	b.formats(t, f.Formats)
	if len(f.Claims) == 0 {
		b.fault("there are no claims")
	}
	for i := range f.Claims {
		t.claims = append(t.claims, b.claim(&f.Claims[i]))
	}
	b.unique(t)
	return t, b.faults
}

func (b *builder) formats(t *Type, names []string) {
	for _, name := range names {
		id := formats.ID(name)
		switch {
		case id != formats.Mdoc && id != formats.SDJWT:
			b.fault("formats: %q is none of mdoc, sdjwt", name)
		case slices.Contains(t.formats, id):
			b.fault("formats: %q stands twice", name)
		default:
			t.formats = append(t.formats, id)
		}
	}
	if len(names) == 0 {
		b.fault("formats: need mdoc, sdjwt or both")
	}
	b.section(t, formats.Mdoc, "mdoc.doctype", t.docType)
	b.section(t, formats.Mdoc, "mdoc.namespace", t.namespace)
	b.section(t, formats.SDJWT, "sdjwt.vct", t.vct)
}

// section wants an identifier where the format is issued, and none elsewhere.
func (b *builder) section(t *Type, id formats.ID, key, value string) {
	switch issued := slices.Contains(t.formats, id); {
	case issued && !identifier.MatchString(value):
		b.fault("%s: need an identifier without spaces", key)
	case !issued && value != "":
		b.fault("%s: %s is not among the formats", key, id)
	}
}

func (b *builder) claim(f *fileClaim) claim {
	c := claim{
		name: f.Name, kind: kind(f.Type), list: f.List, required: f.Required, past: f.Past,
		fill: fill(f.Fill), max: f.Max, values: slices.Clone(f.Values), mdoc: f.Mdoc,
		always: f.Disclose == "always",
	}
	if f.SDJWT != "" {
		c.sdjwt = strings.Split(f.SDJWT, ".")
	}
	if f.Disclose != "" && f.Disclose != "always" && f.Disclose != "selectively" {
		b.fault("claim %q: disclose is none of always, selectively", f.Name)
	}
	for _, m := range f.Members {
		member := claim{name: m.Name, kind: kind(m.Type), required: m.Required, max: m.Max}
		if member.kind == kindObject {
			b.fault("claim %q: member %q is an object, which goes too deep", f.Name, m.Name)
		}
		b.kind(f.Name+"."+m.Name, &member)
		c.members = append(c.members, member)
	}
	b.kind(f.Name, &c)
	b.rules(&c)
	b.place(&c)
	return c
}

// kind checks the parts that belong to a kind, and sets its limit.
func (b *builder) kind(name string, c *claim) {
	if !claimName.MatchString(c.name) {
		b.fault("claim %q: need a name of lower-case letters, digits and _", name)
	}
	limit, ok := kinds[c.kind]
	if !ok {
		b.fault("claim %q: type %q is none of %v", name, c.kind, slices.Sorted(maps.Keys(kinds)))
	}
	if c.max < 0 || c.max > limit {
		b.fault("claim %q: max must be from 0 to %d", name, limit)
	}
	if c.max == 0 {
		c.max = limit
	}
	if (c.kind == kindObject) != (len(c.members) > 0) {
		b.fault("claim %q: an object, and nothing else, has members", name)
	}
	seen := map[string]bool{}
	for _, m := range c.members {
		if seen[m.name] {
			b.fault("claim %q: member %q stands twice", name, m.name)
		}
		seen[m.name] = true
	}
}

// rules checks the parts that depend on the kind.
func (b *builder) rules(c *claim) {
	if len(c.values) > 0 && c.kind != kindInteger {
		b.fault("claim %q: values are for integers", c.name)
	}
	if c.past && c.kind != kindDate {
		b.fault("claim %q: past is for dates", c.name)
	}
	if c.list && (c.kind == kindImage || c.kind == kindObject) {
		b.fault("claim %q: there are no lists of %s", c.name, c.kind)
	}
	want, ok := map[fill]kind{
		fillNot: c.kind, fillAuthority: kindString, fillCountry: kindCountry,
		fillIssued: kindDate, fillExpires: kindDate,
	}[c.fill]
	if !ok {
		b.fault("claim %q: fill %q is none of authority, country, issued, expires", c.name, c.fill)
	} else if want != c.kind || c.fill != fillNot && c.list {
		b.fault("claim %q: fill %q is for a %s", c.name, c.fill, want)
	}
}

// place checks where the claim stands in the document.
func (b *builder) place(c *claim) {
	if c.mdoc == "" && c.sdjwt == nil {
		b.fault("claim %q: has no place, neither mdoc nor sdjwt", c.name)
	}
	if c.mdoc != "" && !identifier.MatchString(c.mdoc) {
		b.fault("claim %q: mdoc: need an identifier without spaces", c.name)
	}
	if len(c.sdjwt) > 2 {
		b.fault("claim %q: sdjwt: more than one level of nesting", c.name)
	}
	for i, part := range c.sdjwt {
		if !identifier.MatchString(part) || slices.Contains([]string{"_sd", "_sd_alg", "..."}, part) ||
			i == 0 && slices.Contains(reserved, part) {
			b.fault("claim %q: sdjwt: %q is not free to be used", c.name, part)
		}
	}
	if c.always && len(c.sdjwt) != 1 {
		b.fault("claim %q: disclose = \"always\" is for a claim of its own in sdjwt", c.name)
	}
}

// unique refuses two claims in one place, in the input or in a document.
func (b *builder) unique(t *Type) {
	seen := map[string]string{}
	take := func(place, by string) {
		if first, ok := seen[place]; ok && first != by {
			b.fault("claims %q and %q are both %s", first, by, place)
		} else if ok {
			b.fault("claim %q stands twice", by)
		}
		seen[place] = by
	}
	whole := map[string]string{} // first parts of paths: "leaf" or "group"
	for _, c := range t.claims {
		by := c.name
		take("the input's "+c.name, by)
		if c.mdoc != "" {
			b.issued(t, formats.Mdoc, c.name)
			take("mdoc "+c.mdoc, by)
		}
		if c.sdjwt == nil {
			continue
		}
		b.issued(t, formats.SDJWT, c.name)
		take("sdjwt "+strings.Join(c.sdjwt, "."), by)
		is := map[bool]string{true: "a claim", false: "an object of claims"}[len(c.sdjwt) == 1]
		if was := whole[c.sdjwt[0]]; was != "" && was != is {
			b.fault("claim %q: sdjwt: %q is both a claim and an object of claims", c.name, c.sdjwt[0])
		}
		whole[c.sdjwt[0]] = is
	}
}

func (b *builder) issued(t *Type, id formats.ID, name string) {
	if !slices.Contains(t.formats, id) {
		b.fault("claim %q: has a place in %s, which is not among the formats", name, id)
	}
}
