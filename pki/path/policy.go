package path

import "slices"

// policyGraph is the valid_policy_graph of RFC 9618 §5. The tree of RFC 5280
// §6.1.2 (a) has a node for each way to a policy, and a few kilobytes of
// mappings make it larger than any memory (CVE-2023-0464); in the graph a
// policy is one node in each depth, whatever the number of its parents.
type policyGraph struct {
	levels []policyLevel
}

// policyLevel is the nodes of one depth.
type policyLevel struct {
	nodes []policyNode
	index map[oid]int // valid_policy to node; deleted ones are not in it
}

type policyNode struct {
	policy   oid
	expected []oid // expected_policy_set
	parents  []int // in the level above
	underAny bool  // the parent is anyPolicy, and policy is not
	dead     bool
}

// newPolicyGraph is the node of depth 0 (RFC 5280 §6.1.2 (a)).
func newPolicyGraph() *policyGraph {
	root := policyLevel{index: map[oid]int{}}
	root.add(policyNode{policy: anyPolicyOID, expected: []oid{anyPolicyOID}})
	return &policyGraph{levels: []policyLevel{root}}
}

func (l *policyLevel) add(n policyNode) {
	l.index[n.policy] = len(l.nodes)
	l.nodes = append(l.nodes, n)
}

func (g *policyGraph) last() *policyLevel { return &g.levels[len(g.levels)-1] }

// null reports whether the graph has no node left. Each node has a parent, so
// there is none above if there is none in the lowest depth; ancestors without
// descendants are passed over in authoritySet instead of being pruned.
func (g *policyGraph) null() bool { return len(g.last().index) == 0 }

// descend is RFC 5280 §6.1.3 (d) as amended by RFC 9618 §5.3, and (e): without
// policies the next depth has no node.
func (g *policyGraph) descend(policies []oid, allowAny bool) {
	if g.null() {
		return
	}
	above := g.last()
	expecting := map[oid][]int{}
	for i, n := range above.nodes {
		for _, e := range n.expected {
			if !n.dead {
				expecting[e] = append(expecting[e], i)
			}
		}
	}
	anyAbove, hasAny := above.index[anyPolicyOID]
	next := policyLevel{index: make(map[oid]int, len(policies))}
	for _, p := range policies { // (d)(1)
		if p == anyPolicyOID {
			continue
		}
		if parents := expecting[p]; parents != nil {
			next.add(policyNode{policy: p, expected: []oid{p}, parents: parents})
		} else if hasAny {
			next.add(policyNode{policy: p, expected: []oid{p}, parents: []int{anyAbove}, underAny: true})
		}
	}
	if allowAny && slices.Contains(policies, anyPolicyOID) { // (d)(2)
		for _, n := range above.nodes {
			for _, e := range n.expected {
				if _, there := next.index[e]; !there && !n.dead {
					next.add(policyNode{policy: e, expected: []oid{e}, parents: expecting[e]})
				}
			}
		}
	}
	g.levels = append(g.levels, next)
}

// apply is RFC 5280 §6.1.4 (b) as amended by RFC 9618 §5.4: mappings change what
// the next certificate is expected to assert or, where mapping is inhibited,
// delete the policies that they would map.
func (g *policyGraph) apply(mappings []mapping, allowed bool) {
	level := g.last()
	anyIndex, hasAny := level.index[anyPolicyOID]
	fresh := map[oid]bool{} // mapped policies
	for _, m := range mappings {
		i, there := level.index[m.issuer]
		switch {
		case !allowed:
			if there {
				level.nodes[i].dead = true
				delete(level.index, m.issuer)
			}
			continue
		case !there && !hasAny:
			continue
		case !there:
			i = len(level.nodes)
			level.add(policyNode{policy: m.issuer, parents: level.nodes[anyIndex].parents, underAny: true})
		}
		if !fresh[m.issuer] {
			fresh[m.issuer] = true
			level.nodes[i].expected = nil
		}
		level.nodes[i].expected = append(level.nodes[i].expected, m.subject)
	}
}

// authoritySet is the authority-constrained-policy-set of RFC 9618 §5.5 (g): the
// policies, as the first who asserted them calls them, that reach the lowest
// depth; and anyPolicy if that itself does.
func (g *policyGraph) authoritySet() map[oid]bool {
	out := map[oid]bool{}
	reached := make([]bool, len(g.last().nodes))
	for i, n := range g.last().nodes {
		reached[i] = true // none is dead: a leaf maps nothing
		if n.policy == anyPolicyOID {
			out[anyPolicyOID] = true
		}
	}
	for depth := len(g.levels) - 1; depth > 0; depth-- {
		above := make([]bool, len(g.levels[depth-1].nodes))
		for i, n := range g.levels[depth].nodes {
			if !reached[i] {
				continue
			}
			if n.underAny {
				out[n.policy] = true
			}
			for _, p := range n.parents {
				above[p] = true
			}
		}
		reached = above
	}
	return out
}

// userSet is the user-constrained-policy-set (RFC 5280 §6.1.5 (g)), sorted;
// want is the user-initial-policy-set, nil for any.
func (g *policyGraph) userSet(want []oid) []string {
	authority := g.authoritySet()
	out := []string{}
	if want == nil {
		for p := range authority {
			out = append(out, p.dotted())
		}
	}
	for _, p := range want {
		if authority[p] || authority[anyPolicyOID] {
			out = append(out, p.dotted())
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
