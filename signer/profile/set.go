package profile

import (
	_ "embed"
	"fmt"
	"slices"
)

// Set is the document types that a service issues. It does not change.
type Set struct{ types []*Type }

// NewSet returns the set of types, which must have different names, in mdoc
// and SD-JWT VC too: nobody shall get one document who asked for another.
func NewSet(types ...*Type) (*Set, error) {
	seen := map[string]bool{}
	for _, t := range types {
		if t == nil {
			return nil, fmt.Errorf("collecting document types: one is missing")
		}
		for _, name := range []string{"type " + t.name, "docType " + t.docType, "vct " + t.vct} {
			if name == "docType " || name == "vct " {
				continue
			}
			if seen[name] {
				return nil, fmt.Errorf("collecting document types: two have the %s", name)
			}
			seen[name] = true
		}
	}
	return &Set{slices.Clone(types)}, nil
}

// ByName returns the type that requests call name. It asks a nil Set too.
func (s *Set) ByName(name string) (*Type, bool) {
	if s == nil {
		return nil, false
	}
	for _, t := range s.types {
		if t.name == name {
			return t, true
		}
	}
	return nil, false
}

// All returns the types.
func (s *Set) All() []*Type {
	if s == nil {
		return nil
	}
	return slices.Clone(s.types)
}

//go:embed eu/pid.toml
var euPID []byte

// EU returns the embedded pack of the European Union: the PID.
func EU() (*Set, error) {
	pid, err := Parse(euPID)
	if err != nil {
		return nil, fmt.Errorf("reading the embedded pack eu: %w", err)
	}
	return NewSet(pid)
}
