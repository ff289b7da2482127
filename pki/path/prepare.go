package path

// prepare is RFC 5280 §6.1.4: what f, an issuer, changes for those below it.
func (v *validation) prepare(f *facts) *Error {
	if err := v.mapPolicies(f); err != nil { // (a), (b)
		return err
	}
	if f.constraints != nil { // (g)
		v.constraints = append(v.constraints, f.constraints)
	}
	if !f.selfIssued() { // (h)
		for _, n := range []*int{&v.explicitPolicy, &v.policyMapping, &v.inhibit} {
			*n = max(*n-1, 0)
		}
	}
	v.tighten(f) // (i), (j)
	if !f.isCA { // (k); also every certificate of version 1 or 2
		return refuse(f, BasicConstraints, "RFC 5280 §6.1.4 (k)", "it issues, but is not said to be a CA")
	}
	if !f.selfIssued() { // (l)
		if v.maxPathLength <= 0 {
			return refuse(f, PathLength, "RFC 5280 §6.1.4 (l)",
				"more CAs in a row than one of them allows below itself")
		}
		v.maxPathLength--
	}
	if f.pathLength != absent { // (m)
		v.maxPathLength = min(v.maxPathLength, f.pathLength)
	}
	if !f.signsCerts { // (n)
		return refuse(f, KeyUsage, "RFC 5280 §6.1.4 (n)", "its key may not sign certificates")
	}
	return nil
}

// mapPolicies is §6.1.4 (a) and (b).
func (v *validation) mapPolicies(f *facts) *Error {
	for _, m := range f.mappings {
		if m.issuer == anyPolicyOID || m.subject == anyPolicyOID {
			return refuse(f, Policy, "RFC 5280 §6.1.4 (a)", "anyPolicy is mapped")
		}
	}
	v.graph.apply(f.mappings, v.policyMapping > 0)
	return nil
}

// tighten is §6.1.4 (i) and (j): a count may only become smaller.
func (v *validation) tighten(f *facts) {
	for _, n := range []struct {
		count *int
		skip  int
	}{
		{&v.explicitPolicy, f.requireExplicit},
		{&v.policyMapping, f.inhibitMapping},
		{&v.inhibit, f.inhibitAny},
	} {
		if n.skip != absent {
			*n.count = min(*n.count, n.skip)
		}
	}
}

// wrapUp is §6.1.5 (a) and (b); (g) is in run.
func (v *validation) wrapUp(f *facts) {
	v.explicitPolicy = max(v.explicitPolicy-1, 0)
	if f.requireExplicit == 0 {
		v.explicitPolicy = 0
	}
}

// trust begins with an anchor. It is a name and a key (§6.1.1 (d)); what else
// its certificate says holds only where asked, by RFC 5937 §3.2: what would
// refuse an issuer refuses an anchor, though one without basicConstraints, such
// as of version 1, is let be.
func (v *validation) trust(f *facts) *Error {
	if f.nameless {
		return f.malformed
	}
	if v.q.AnchorValidity {
		if err := v.period(f, false); err != nil {
			return err
		}
	}
	if !v.q.AnchorConstraints {
		return nil
	}
	if f.malformed != nil {
		return f.malformed
	}
	if f.policies != nil {
		if err := v.policies(f, false); err != nil {
			return err
		}
	}
	if err := v.purpose(f, false); err != nil {
		return err
	}
	if err := v.understood(f, false); err != nil {
		return err
	}
	if err := v.mapPolicies(f); err != nil {
		return err
	}
	if f.constraints != nil {
		v.constraints = append(v.constraints, f.constraints)
	}
	v.tighten(f)
	if f.hasBasic && !f.isCA {
		return refuse(f, BasicConstraints, "RFC 5937 §3.2", "the anchor says that it is no CA")
	}
	if f.pathLength != absent {
		v.maxPathLength = min(v.maxPathLength, f.pathLength)
	}
	if !f.signsCerts {
		return refuse(f, KeyUsage, "RFC 5937 §3.2", "the anchor's key may not sign certificates")
	}
	return nil
}
