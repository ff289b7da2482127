package profile

import (
	"encoding/base64"
	"time"

	"tamga/formats/sdjwt"
)

// SDJWT returns the claims as members of an SD-JWT VC (PID Rulebook §4.1.1). A
// path of two steps makes an object. What is disclosed selectively is so down to
// each member of an object, and each of several values of a list, so that a
// holder shows one nationality and keeps the other (RFC 9901 §6.3); in mdoc the
// element is all or nothing.
//
//	string, country …  string      date   string YYYY-MM-DD
//	integer            number      image  string, a data URL or empty
//	bool               boolean     list   array     object  object
func (c *Claims) SDJWT() []sdjwt.Claim {
	out := make([]sdjwt.Claim, 0, len(c.values))
	groups := map[string]int{} // name of an object of claims: its place in out
	for _, v := range c.values {
		path, claim := v.claim.sdjwt, sdjwt.Claim{Value: member(v.v, !v.claim.always), Disclose: !v.claim.always}
		if len(path) == 1 {
			claim.Name = path[0]
			out = append(out, claim)
			continue
		}
		if len(path) == 0 {
			continue
		}
		at, ok := groups[path[0]]
		if !ok {
			at = len(out)
			groups[path[0]] = at
			out = append(out, sdjwt.Claim{Name: path[0], Value: []sdjwt.Claim(nil), Disclose: true})
		}
		claim.Name = path[1]
		out[at].Value = append(out[at].Value.([]sdjwt.Claim), claim)
	}
	return out
}

func member(v any, disclose bool) any {
	switch v := v.(type) {
	case time.Time:
		return v.Format(time.DateOnly)
	case []byte:
		if len(v) == 0 {
			return ""
		}
		return "data:image/jpeg;base64," + base64.StdEncoding.EncodeToString(v)
	case []any:
		out := make([]sdjwt.Item, len(v))
		for i, item := range v {
			out[i] = sdjwt.Item{Value: member(item, disclose), Disclose: disclose && len(v) > 1}
		}
		return out
	case []value:
		out := make([]sdjwt.Claim, len(v))
		for i, m := range v {
			out[i] = sdjwt.Claim{Name: m.claim.name, Value: member(m.v, disclose), Disclose: disclose}
		}
		return out
	}
	return v
}
