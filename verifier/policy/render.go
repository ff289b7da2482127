package policy

import (
	"encoding/json"
	"time"

	"tamga/formats"
)

// rendered is a policy with the names of the files, nothing left out.
type rendered struct {
	Schema     int                         `json:"schema"`
	Name       string                      `json:"name"`
	Date       string                      `json:"date"`
	Title      string                      `json:"title"`
	Claims     bool                        `json:"claimed-time-against-signer"`
	Stamps     string                      `json:"failing-timestamps"`
	Algorithms []renderedEnd               `json:"algorithms"`
	Digests    []renderedEnd               `json:"digests"`
	Keys       []renderedKey               `json:"keys"`
	Formats    map[formats.ID]renderedRule `json:"format"`
	Timestamp  renderedRule                `json:"timestamp"`
	Revocation map[string]any              `json:"revocation"`
	Credential map[string]any              `json:"credential"`
	Limits     map[string]int              `json:"limits"`
}

type renderedEnd struct {
	Name  string `json:"name"`
	Until string `json:"until"`
}

type renderedKey struct {
	Kind  KeyKind `json:"kind"`
	Bits  int     `json:"bits"`
	Until string  `json:"until"`
}

type renderedRule struct {
	Trust      []string        `json:"trust"`
	Attribute  bool            `json:"signing-certificate"`
	References bool            `json:"references"`
	Levels     []formats.Level `json:"levels"`
	Revocation string          `json:"revocation"`
	Freshness  map[string]any  `json:"freshness"`
	Purpose    map[string]any  `json:"purpose"`
	Policies   map[string]any  `json:"certificate-policies"`
}

// MarshalJSON renders what is required, whole, with the names of the files. Two
// policies that require the same have the same bytes.
func (p *Policy) MarshalJSON() ([]byte, error) {
	out := rendered{
		Schema: fileSchema, Name: p.Name, Date: p.Date.Format(time.DateOnly), Title: p.Title,
		Claims: p.ClaimAgainst, Stamps: p.Stamps.String(),
		Algorithms: []renderedEnd{}, Digests: []renderedEnd{}, Keys: []renderedKey{},
		Formats: map[formats.ID]renderedRule{}, Timestamp: p.Timestamp.render(),
		Revocation: map[string]any{
			"short-lived": p.Revocation.ShortLived.String(), "future-skew": p.Revocation.Skew.String(),
			"signer": p.Revocation.Signer.render(),
		},
		Credential: map[string]any{
			"short-lived": p.Credential.ShortLived.String(), "status-required": p.Credential.StatusRequired,
		},
		Limits: map[string]int{
			"certificates": p.Limits.Certificates, "certificate-bytes": p.Limits.CertificateBytes,
			"path": p.Limits.Path, "revocations": p.Limits.Revocations,
			"timestamps": p.Limits.Timestamps, "signatures": p.Limits.Signatures,
		},
	}
	for _, a := range p.Algorithms {
		out.Algorithms = append(out.Algorithms, renderedEnd{a.Algorithm.String(), openOr(a.Until)})
	}
	for _, d := range p.Digests {
		out.Digests = append(out.Digests, renderedEnd{d.Hash.String(), openOr(d.Until)})
	}
	for _, k := range p.Keys {
		out.Keys = append(out.Keys, renderedKey{k.Kind, k.Bits, openOr(k.Until)})
	}
	for _, f := range p.Formats {
		out.Formats[f.ID] = f.Rule.render()
	}
	return json.Marshal(out)
}

func openOr(until time.Time) string {
	if until.IsZero() {
		return "open"
	}
	return until.Format(time.DateOnly)
}

func (r Rule) render() renderedRule {
	out := renderedRule{
		Trust: []string{}, Attribute: r.Attribute, References: r.References, Levels: r.Levels, Revocation: "all",
		Freshness: map[string]any{"next-update": r.Freshness.NextUpdate, "max-age": r.Freshness.MaxAge.String()},
		Purpose: map[string]any{
			"need": list(r.Purpose.Need), "refuse": list(r.Purpose.Refuse), "only": r.Purpose.Only,
			"critical": r.Purpose.Critical, "nested": !r.Purpose.AnyIssuer,
		},
		Policies: map[string]any{
			"policies": list(r.Policies.Accept), "any": r.Policies.AcceptAny,
			"require-explicit-policy": !r.Policies.NotExplicit,
			"inhibit-any-policy":      !r.Policies.AnyPolicy, "inhibit-policy-mapping": !r.Policies.Mapping,
		},
	}
	if r.Levels == nil {
		out.Levels = levels[len(levels)-1:]
	}
	for _, u := range r.Uses() {
		out.Trust = append(out.Trust, string(u))
	}
	switch {
	case !r.Revocation:
		out.Revocation = "none"
	case r.SignerOnly:
		out.Revocation = "signer"
	}
	return out
}

// list is l, or an empty list that is not null.
func list(l []string) []string { return append([]string{}, l...) }
