package deps

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
)

// Check reads the module in fsys and returns each departure from planText as
// one line, sorted; none means that the house stands as planned. The error
// says that the plan or a file could not be read.
func Check(fsys fs.FS, planText string) ([]string, error) {
	p, err := parsePlan(planText)
	if err != nil {
		return nil, err
	}
	sources, err := readSources(fsys)
	if err != nil {
		return nil, err
	}
	arrows := ownArrows(sources)
	var found []string
	for _, pkg := range slices.Sorted(maps.Keys(sources)) {
		if _, placed := p.below[pkg]; !placed {
			found = append(found, fmt.Sprintf("%s is not in the plan", pkg))
			continue
		}
		allowed := p.reach(pkg)
		for _, target := range arrows[pkg] {
			if !slices.Contains(allowed, target) {
				found = append(found, fmt.Sprintf("%s imports %s, which does not stand below it", pkg, target))
			}
		}
		for _, r := range p.rules {
			found = append(found, r.broken(pkg, sources[pkg], closure(arrows, pkg))...)
		}
	}
	slices.Sort(found)
	return found, nil
}

// ownArrows keeps the imports that stay inside the module.
func ownArrows(sources map[string]*source) map[string][]string {
	out := map[string][]string{}
	for pkg, s := range sources {
		for _, target := range s.imports {
			if _, own := sources[target]; own {
				out[pkg] = append(out[pkg], target)
			}
		}
	}
	return out
}

// broken returns how pkg breaks the rule. What it reaches inside the module
// counts by whatever way; what lies outside counts where it is imported.
func (r rule) broken(pkg string, s *source, reached []string) []string {
	var found []string
	say := func(format, what string) {
		found = append(found, fmt.Sprintf("%s "+format+" %s: %s", pkg, what, r.text))
	}
	inside := within(pkg, r.who)
	switch {
	case r.verb == "never" && inside:
		for _, target := range append(slices.Clone(s.imports), reached...) {
			if within(target, r.whats) && !within(pkg, r.whats) {
				say("reaches", target)
			}
		}
	case r.verb == "import" && !inside:
		for _, target := range s.imports {
			if within(target, r.whats) {
				say("imports", target)
			}
		}
	case r.verb == "call" && !inside:
		for _, name := range s.calls {
			if slices.Contains(r.whats, name) {
				say("uses", name)
			}
		}
	case r.verb == "declare" && !inside:
		for _, name := range s.declares {
			if slices.Contains(r.whats, name) {
				say("declares", name)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
