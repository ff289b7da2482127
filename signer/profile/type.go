package profile

import (
	"slices"
	"time"

	"tamga/formats"
)

// Type is a document type that has been checked. It does not change.
type Type struct {
	name      string
	titles    map[string]string // by language
	formats   []formats.ID
	validity  time.Duration
	docType   string // ISO 18013-5
	namespace string
	vct       string // SD-JWT VC
	claims    []claim
}

// claim is a statement that a document type can make.
type claim struct {
	name     string // in the input
	kind     kind
	list     bool // one or more of kind
	required bool
	past     bool // a date that must have come
	fill     fill
	max      int // characters of text, bytes of an image
	values   []int64
	members  []claim  // of an object
	mdoc     string   // element identifier, "" if not in mdoc
	sdjwt    []string // path, nil if not in SD-JWT
	always   bool     // in the clear in SD-JWT
}

// fill tells who says a claim that the input leaves out.
type fill string

const (
	fillNot       fill = ""
	fillAuthority fill = "authority" // Issuer.Authority
	fillCountry   fill = "country"   // Issuer.Country
	fillIssued    fill = "issued"    // the day on which validity begins
	fillExpires   fill = "expires"   // the day on which it ends
)

// Name returns what requests call the type, such as "pid".
func (t *Type) Name() string { return t.name }

// Title returns the type's name for people in lang ("en", "uk", "et"), in
// English if it has none.
func (t *Type) Title(lang string) string {
	if title, ok := t.titles[lang]; ok {
		return title
	}
	return t.titles["en"]
}

// Formats returns the formats in which the type is issued.
func (t *Type) Formats() []formats.ID { return slices.Clone(t.formats) }

// Validity returns how long a document is valid, at most.
func (t *Type) Validity() time.Duration { return t.validity }

// DocType returns the type's name in mdoc, "" if it has none.
func (t *Type) DocType() string { return t.docType }

// VCT returns the type's name in SD-JWT VC, "" if it has none.
func (t *Type) VCT() string { return t.vct }

// Claim describes a claim to those who fill in a request.
type Claim struct {
	Name     string
	Kind     string // "string", "date", "list of country", …
	Required bool
	Members  []Claim // of an object
}

// Claims describes what the type can say, in the order of its file.
func (t *Type) Claims() []Claim { return describe(t.claims) }

func describe(claims []claim) []Claim {
	out := make([]Claim, 0, len(claims))
	for _, c := range claims {
		d := Claim{Name: c.name, Kind: string(c.kind), Required: c.required && c.fill == fillNot}
		if c.list {
			d.Kind = "list of " + d.Kind
		}
		if len(c.members) > 0 {
			d.Members = describe(c.members)
		}
		out = append(out, d)
	}
	return out
}
