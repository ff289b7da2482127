package profile

import (
	"time"

	"tamga/formats/mdoc"
)

// Mdoc returns the claims as data elements (PID Rulebook §3.1.1):
//
//	string, country …  tstr        date   full-date, #6.1004(tstr)
//	integer            uint        image  bstr
//	bool               bool        list   [+ …]     object  { tstr => … }
func (c *Claims) Mdoc() []mdoc.Namespace {
	ns := mdoc.Namespace{Name: c.t.namespace, Elements: make([]mdoc.Element, 0, len(c.values))}
	for _, v := range c.values {
		if v.claim.mdoc != "" {
			ns.Elements = append(ns.Elements, mdoc.Element{ID: v.claim.mdoc, Value: element(v.v)})
		}
	}
	return []mdoc.Namespace{ns}
}

func element(v any) any {
	switch v := v.(type) {
	case time.Time:
		return mdoc.FullDate(v.Format(time.DateOnly))
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = element(item)
		}
		return out
	case []value:
		out := make(map[string]any, len(v))
		for _, member := range v {
			out[member.claim.name] = element(member.v)
		}
		return out
	}
	return v
}
