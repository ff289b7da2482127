package sdjwt

import (
	"fmt"
	"slices"
	"strings"

	"tamga/formats"
)

// Claim is one claim of a document to be issued.
type Claim struct {
	Name string
	// Value is what the claim states: nil, bool, string, an integer, float64,
	// []any, []string or map[string]any of these; or []Claim, an object whose
	// members can be hidden, or []Item, an array whose elements can be.
	Value any
	// Disclose is whether the holder can show the claim or hide it. A claim
	// without it is always shown, but what is in it may still be hidden.
	Disclose bool
}

// Item is an element of an array, as [Claim] is a member of an object.
type Item struct {
	Value    any
	Disclose bool
}

// Names that carry the mechanism itself (RFC 9901 §4.1): a claim of that name
// would be taken for it.
const (
	nameDigests = "_sd"
	nameElement = "..."
	nameHash    = "_sd_alg"
)

// fixed are the claims that cannot be hidden (SD-JWT VC draft §3.2.2.2): a
// holder who could leave out exp or status could outlive both.
var fixed = []string{"iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"}

// written are the claims that the [Preparer] writes of its own fields.
var written = append([]string{"iat"}, fixed...)

// checkClaims refuses names that the document uses for itself, and names that
// stand twice on one level.
func checkClaims(claims []Claim, depth int, top bool) error {
	if depth > formats.MaxDepth/2 {
		return fmt.Errorf("claims nested over %d levels: %w", formats.MaxDepth/2, formats.ErrTooLarge)
	}
	seen := make(map[string]bool, len(claims))
	for i := range claims {
		c := &claims[i]
		switch {
		case reservedName(c.Name), top && (c.Name == nameHash || slices.Contains(written, c.Name)):
			return fmt.Errorf("claim %q: the name is not free to be used", c.Name)
		case c.Name == "":
			return fmt.Errorf("claim %d has no name", i+1)
		case seen[c.Name]:
			return fmt.Errorf("claim %q stands twice", c.Name)
		}
		seen[c.Name] = true
		if err := checkValue(c.Value, depth); err != nil {
			return fmt.Errorf("claim %q: %w", c.Name, err)
		}
	}
	return nil
}

func checkValue(v any, depth int) error {
	switch v := v.(type) {
	case []Claim:
		return checkClaims(v, depth+1, false)
	case []Item:
		if depth > formats.MaxDepth/2 {
			return fmt.Errorf("nested over %d levels: %w", formats.MaxDepth/2, formats.ErrTooLarge)
		}
		for i := range v {
			if err := checkValue(v[i].Value, depth+1); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
	}
	return nil
}

func reservedName(name string) bool {
	return name == nameDigests || name == nameElement
}

// checkIssuer holds iss to what a verifier can make use of: an https URI
// without query or fragment (SD-JWT VC draft §5).
func checkIssuer(uri string) error {
	rest, ok := strings.CutPrefix(uri, "https://")
	if uri == "" || ok && rest != "" && rest[0] != '/' && !strings.ContainsAny(rest, "?#@\" \t\r\n\\") {
		return nil
	}
	return fmt.Errorf("issuer %q is no https URI without query and fragment", uri)
}
