package sdjwt

import (
	"fmt"
	"slices"

	"tamga/formats"
	"tamga/formats/internal/jose"
	"tamga/pki"
)

// processor puts disclosures where the issuer's digests say that they belong
// (RFC 9901 §7.1 step 3), in the payload and in each other.
type processor struct {
	*reading
	hash    pki.Hash
	waiting map[string]*disclosure // by digest in base64url
	seen    map[string]bool        // digests that were embedded
	hidden  int                    // digests without a disclosure: not shown, or decoys
	paths   int                    // bytes of all paths so far
}

// maxPaths bounds the paths of all claims together, which long names above
// many claims would else multiply.
const maxPaths = 8 << 20

// spend counts a path.
func (p *processor) spend(path string) (string, error) {
	if p.paths += len(path); p.paths > maxPaths {
		return "", fmt.Errorf("names of claims over %d bytes: %w", maxPaths, formats.ErrTooLarge)
	}
	return path, nil
}

// processAll processes the payload and judges what was left over.
func (r *reading) processAll() error {
	p := &processor{reading: r, seen: map[string]bool{}, waiting: map[string]*disclosure{}}
	r.process = p
	p.chooseHash()
	p.index()
	if err := p.object(r.claims, "", 0); err != nil {
		return err
	}
	isHash := func(m jose.Member) bool { return m.Name == nameHash }
	r.claims.Members = slices.DeleteFunc(r.claims.Members, isHash)
	for _, d := range r.disclosures {
		if d.path == "" && d.broken == "" {
			// A disclosure that the issuer never signed is how a claim is
			// slipped into somebody else's document.
			r.fatal("RFC 9901 7.1", "disclosure %d: its digest is not in what the issuer signed", d.number)
		}
	}
	return nil
}

// chooseHash reads _sd_alg (RFC 9901 §4.1.1), SHA-256 where it is absent.
func (p *processor) chooseHash() {
	at := p.claims.Get(nameHash)
	if at == nil {
		p.hash = pki.SHA256
		return
	}
	name, ok := at.AsString()
	if p.hash = pki.HashByIANA(name); !ok || !p.hash.Known() {
		p.fatal("RFC 9901 4.1.1", "digest algorithm %.32q is none of ours", name)
	}
}

func (p *processor) index() {
	if !p.hash.Known() {
		return
	}
	for _, d := range p.disclosures {
		digest := string(jose.AppendBase64(nil, p.hash.Sum(d.text)))
		if p.waiting[digest] != nil {
			p.fatal("RFC 9901 7.1", "disclosure %d stands twice", d.number)
			continue
		}
		p.waiting[digest] = d
	}
}

// take returns the disclosure for an embedded digest, nil if there is none. A
// digest that stands twice would reveal one claim in two places, of which
// another reader may see the other.
func (p *processor) take(digest, path string) *disclosure {
	if p.seen[digest] {
		p.fatal("RFC 9901 7.1", "a digest stands twice, the second time at %s", place(path))
		return nil
	}
	p.seen[digest] = true
	d := p.waiting[digest]
	if d == nil {
		p.hidden++
		return nil
	}
	d.want, _ = jose.Decode(digest) // the text is one that we made
	d.path = place(path)
	if d.broken != "" {
		return nil
	}
	return d
}

func place(path string) string {
	if path == "" {
		return "the top level"
	}
	return path
}

func (p *processor) value(v *jose.Value, path string, depth int) error {
	if depth > formats.MaxDepth {
		return fmt.Errorf("disclosures over %d levels: %w", formats.MaxDepth, formats.ErrTooLarge)
	}
	switch v.Kind {
	case '{':
		return p.object(v, path, depth)
	case '[':
		return p.array(v, path, depth)
	}
	return nil
}

// object processes what stands in it, then what its digests reveal.
func (p *processor) object(v *jose.Value, path string, depth int) error {
	var digests []string
	kept := v.Members[:0]
	for i := range v.Members {
		m := v.Members[i]
		switch m.Name {
		case nameDigests:
			var ok bool
			if digests, ok = m.AsStrings(); !ok {
				p.fatal("RFC 9901 4.2.4.1", "_sd at %s is no list of digests", place(path))
			}
			continue
		case nameElement:
			p.fatal("RFC 9901 4.1", "a claim at %s is called ...", place(path))
			continue
		}
		at, err := p.spend(member(path, m.Name))
		if err != nil {
			return err
		}
		if err := p.value(&m.Value, at, depth+1); err != nil {
			return err
		}
		kept = append(kept, m)
	}
	v.Members = kept
	return p.reveal(v, digests, path, depth)
}

// reveal inserts the claims that digests stand for.
func (p *processor) reveal(v *jose.Value, digests []string, path string, depth int) error {
	if len(digests) == 0 {
		return nil
	}
	names := make(map[string]bool, len(v.Members))
	for i := range v.Members {
		names[v.Members[i].Name] = true
	}
	for _, digest := range digests {
		d := p.take(digest, path)
		if d == nil {
			continue
		}
		var err error
		if d.path, err = p.spend(member(path, d.name)); err != nil {
			return err
		}
		switch {
		case !d.named:
			p.fatal("RFC 9901 7.1", "disclosure %d: an array element in place of a claim", d.number)
		case reservedName(d.name), depth == 0 && d.name == nameHash:
			// Digests of digests: what it adds was never seen by the issuer.
			p.fatal("RFC 9901 7.1", "disclosure %d: a claim called %s", d.number, d.name)
		case names[d.name]:
			// Of two values for one name, one reader takes this, one that.
			p.fatal("RFC 9901 7.1", "disclosure %d: claim %s is there already", d.number, d.path)
		case depth == 0 && slices.Contains(fixed, d.name):
			p.fatal("SD-JWT VC 3.2.2.2", "disclosure %d: claim %s must not be hidden", d.number, d.name)
		default:
			names[d.name] = true
			if err := p.value(d.value, d.path, depth+1); err != nil {
				return err
			}
			v.Members = append(v.Members, jose.Member{Name: d.name, Value: *d.value})
		}
	}
	return nil
}

// array replaces the elements {"...": "digest"} by what they stand for, or by
// nothing.
func (p *processor) array(v *jose.Value, path string, depth int) error {
	kept := v.Items[:0]
	for i := range v.Items {
		item := v.Items[i]
		at, err := p.spend(element(path, len(kept)))
		if err != nil {
			return err
		}
		digest, hidden := elementDigest(&item)
		if hidden {
			d := p.take(digest, at)
			if d == nil {
				continue
			}
			if d.named {
				p.fatal("RFC 9901 7.1", "disclosure %d: a claim in place of an array element", d.number)
				continue
			}
			item = *d.value
		}
		if err := p.value(&item, at, depth+1); err != nil {
			return err
		}
		kept = append(kept, item)
	}
	v.Items = kept
	return nil
}

// elementDigest returns the digest of a hidden element: an object whose only
// member is called "..." and is a string (RFC 9901 §4.2.4.2).
func elementDigest(v *jose.Value) (string, bool) {
	if v.Kind != '{' || len(v.Members) != 1 || v.Members[0].Name != nameElement {
		return "", false
	}
	return v.Members[0].AsString()
}
