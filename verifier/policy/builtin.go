package policy

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.toml
var files embed.FS

// DefaultName is the policy that counts where nobody names one.
const DefaultName = "tamga-2026-1"

// reserved are the families of names that only published policies may have.
var reserved = []string{"tamga-", "ades-"}

// Names lists the built-in policies, the default first.
func Names() []string { return []string{DefaultName, "ades-2026-1"} }

// ByName returns the built-in policy of that name.
func ByName(name string) (*Policy, error) {
	text, err := Source(name)
	if err != nil {
		return nil, err
	}
	p, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading policy %q: %w", name, err)
	}
	return p, nil
}

// Source returns the file of a built-in policy, with its comments.
func Source(name string) ([]byte, error) {
	for _, known := range Names() {
		if name == known {
			return files.ReadFile(name + ".toml")
		}
	}
	return nil, fmt.Errorf("choosing policy %q: there are only %s", name, strings.Join(Names(), ", "))
}

// Default returns the policy called [DefaultName]. It is part of the program,
// and its tests hold that it can be read: otherwise Default panics.
func Default() *Policy {
	p, err := ByName(DefaultName)
	if err != nil {
		panic(err)
	}
	return p
}
