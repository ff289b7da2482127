package profile

import (
	"cmp"
	"encoding/json/jsontext"
	"slices"
	"time"
)

// Issuer is what documents say of who issues them. URI is the "iss" of an
// SD-JWT VC; "" leaves that to the certificate (SD-JWT VC §2.5).
type Issuer struct {
	Authority string
	Country   string
	URI       string
}

// Occasion is what the input cannot know: who issues, and the validity that
// the document shall have.
type Occasion struct {
	Issuer      Issuer
	From, Until time.Time
}

// Claims is what one document shall say, checked against its type.
type Claims struct {
	t      *Type
	values []value
	until  time.Time
}

// value is a claim with what it says, of the Go type that kind tells; for a
// list []any of that.
type value struct {
	claim *claim
	v     any
}

// Until returns when the document must end: the occasion's Until, or earlier
// if what it attests ends on a day before.
func (c *Claims) Until() time.Time { return c.until }

// Read holds a JSON object of claims against the type, and adds what the
// occasion says where the input does not. The error is a [*ClaimsError].
func (t *Type) Read(data []byte, o Occasion) (*Claims, error) {
	p := &problems{}
	given, why := object(data, MaxClaims)
	if why != "" {
		p.add("", why)
		return nil, p.err()
	}
	out := &Claims{t: t, until: o.Until, values: make([]value, 0, len(t.claims))}
	for i := range t.claims {
		c := &t.claims[i]
		raw, ok := given.take(c.name)
		switch {
		case ok:
			if v, sound := p.read(c.name, c, raw); sound {
				out.values = append(out.values, value{c, v})
				out.mind(p, c, v, o)
			}
		case c.fill != fillNot:
			out.fill(p, c, o)
		case c.required:
			p.add(c.name, "is missing")
		}
	}
	for _, name := range given.rest() {
		p.add(cmp.Or(name, " "), "is not known for this type")
	}
	if len(out.values) == 0 && len(p.list) == 0 {
		p.add("", "say nothing")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	return out, nil
}

// read reads the value of c, which is called name in problems.
func (p *problems) read(name string, c *claim, raw jsontext.Value) (any, bool) {
	var v any
	why := ""
	switch {
	case c.kind == kindObject:
		return p.object(name, c, raw)
	case c.list:
		v, why = list(c, raw)
	default:
		v, why = scalar(c, raw)
	}
	if why != "" {
		p.add(name, why)
	}
	return v, why == ""
}

func (p *problems) object(name string, c *claim, raw jsontext.Value) (any, bool) {
	given, why := object(raw, MaxClaims)
	if why != "" {
		p.add(name, why)
		return nil, false
	}
	before := len(p.list)
	var out []value
	for i := range c.members {
		m := &c.members[i]
		raw, ok := given.take(m.name)
		if ok {
			if v, sound := p.read(name+"."+m.name, m, raw); sound {
				out = append(out, value{m, v})
			}
		} else if m.required {
			p.add(name+"."+m.name, "is missing")
		}
	}
	for _, rest := range given.rest() {
		p.add(name+"."+rest, "is not known for this type")
	}
	if len(out) == 0 && len(p.list) == before {
		p.add(name, "says nothing")
	}
	return out, len(p.list) == before
}

func list(c *claim, raw jsontext.Value) (any, string) {
	items, why := array(raw)
	if why != "" {
		return nil, why
	}
	var out []any
	for _, item := range items {
		v, why := scalar(c, item)
		if why != "" {
			return nil, "holds a value that " + why
		}
		if slices.Contains(out, v) {
			return nil, "holds a value twice"
		}
		out = append(out, v)
	}
	return out, ""
}

// mind applies the rules that tie a claim to the occasion.
func (c *Claims) mind(p *problems, of *claim, v any, o Occasion) {
	day, ok := v.(time.Time)
	if !ok {
		return
	}
	// A day has come once it has begun at UTC+14, where days begin first.
	if of.past && day.After(o.From.UTC().Add(14*time.Hour)) {
		p.add(of.name, "lies in the future")
	}
	if of.fill != fillExpires {
		return
	}
	// The document may not outlive what it attests, whose last day counts.
	end := day.AddDate(0, 0, 1)
	if !end.After(o.From) {
		p.add(of.name, "is past")
	} else if end.Before(c.until) {
		c.until = end
	}
}

// fill says for the issuer what the input left out.
func (c *Claims) fill(p *problems, of *claim, o Occasion) {
	var v any
	why := ""
	switch of.fill {
	case fillAuthority:
		v, why = text(of, o.Issuer.Authority)
	case fillCountry:
		v, why = country(o.Issuer.Country)
	case fillIssued:
		v = midnight(o.From)
	case fillExpires:
		v = midnight(o.Until)
	}
	switch {
	case why == "":
		c.values = append(c.values, value{of, v})
	case of.required:
		p.add(of.name, "is missing, and the service's settings do not say it")
	}
}

func midnight(t time.Time) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}
