package deps

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Plan is the plan of this module.
//
//go:embed plan.txt
var Plan string

// plan is a plan as read:
//
//	a, b < c, d            c and d may import a and b, and all that those may
//	never a -> b           a must not reach b, by whatever way
//	only a -> b            nobody but a imports b
//	only a calls p.F       nobody but a calls F of the standard package p
//	only a declares init   nobody but a has a func init
type plan struct {
	below map[string][]string // package → what it may import, directly said
	rules []rule
}

type rule struct {
	text  string // as written, for the report
	verb  string // "never", "import", "call", "declare"
	who   []string
	whats []string
}

func parsePlan(text string) (*plan, error) {
	p := &plan{below: map[string][]string{}}
	for n, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := p.add(line); err != nil {
			return nil, fmt.Errorf("plan line %d: %w", n+1, err)
		}
	}
	return p, p.checkCircles()
}

func (p *plan) add(line string) error {
	if rest, ok := strings.CutPrefix(line, "never "); ok {
		return p.addRule(rule{text: line, verb: "never"}, rest, " -> ")
	}
	if rest, ok := strings.CutPrefix(line, "only "); ok {
		for sep, verb := range map[string]string{" -> ": "import", " calls ": "call", " declares ": "declare"} {
			if strings.Contains(rest, sep) {
				return p.addRule(rule{text: line, verb: verb}, rest, sep)
			}
		}
		return fmt.Errorf("%q: want ->, calls or declares", line)
	}
	lower, upper, ok := strings.Cut(line, "<")
	if !ok {
		return fmt.Errorf("%q: want <", line)
	}
	for _, u := range names(upper) {
		if _, known := p.below[u]; !known {
			p.below[u] = nil
		}
		for _, l := range names(lower) {
			if _, known := p.below[l]; !known && l != "NONE" {
				return fmt.Errorf("%s stands below %s before it was placed itself", l, u)
			}
			if l != "NONE" {
				p.below[u] = append(p.below[u], l)
			}
		}
	}
	return nil
}

func (p *plan) addRule(r rule, rest, sep string) error {
	who, whats, ok := strings.Cut(rest, sep)
	if !ok {
		return fmt.Errorf("%q: want%s", r.text, sep)
	}
	r.who, r.whats = names(who), names(whats)
	if len(r.who) == 0 || len(r.whats) == 0 {
		return fmt.Errorf("%q: a side is empty", r.text)
	}
	p.rules = append(p.rules, r)
	return nil
}

// checkCircles fails if some package stands above itself.
func (p *plan) checkCircles() error {
	for pkg := range p.below {
		if slices.Contains(p.reach(pkg), pkg) {
			return fmt.Errorf("%s stands above itself", pkg)
		}
	}
	return nil
}

// reach returns all that pkg may import.
func (p *plan) reach(pkg string) []string { return closure(p.below, pkg) }

// closure returns all that can be reached from start over the arrows.
func closure(arrows map[string][]string, start string) []string {
	var out []string
	todo := slices.Clone(arrows[start])
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !slices.Contains(out, next) {
			out = append(out, next)
			todo = append(todo, arrows[next]...)
		}
	}
	return out
}

func names(list string) []string {
	var out []string
	for _, n := range strings.Split(list, ",") {
		if n = strings.TrimSpace(n); n != "" {
			out = append(out, n)
		}
	}
	return out
}

// within reports whether pkg is one of roots or below one.
func within(pkg string, roots []string) bool {
	return slices.ContainsFunc(roots, func(r string) bool {
		return pkg == r || strings.HasPrefix(pkg, r+"/")
	})
}
