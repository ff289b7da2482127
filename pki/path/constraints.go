package path

import (
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// maxNameChecks is the most comparisons of names with constraints in one path.
// Both lists come from strangers, and each name meets each constraint: 70 KB of
// certificates ask for a million (the quadratic attack on Go, CVE-2025-58187).
const maxNameChecks = 1 << 20

// constraints is one nameConstraints extension, by form.
type constraints struct {
	permitted, excluded [formCount][]subtree
	count               int
}

// subtree is the base of a GeneralSubtree, made ready for comparison.
type subtree struct {
	directory pki.Name // directoryName
	address   string   // ipAddress: the network, already masked
	mask      string
	mailbox   mailbox // rfc822Name: local is empty for a host or a domain
	host      host    // dnsName, uriName
	unclear   bool    // a host or mailbox that is none: permits nothing, excludes all of its form
}

// readConstraints reads
//
//	NameConstraints ::= SEQUENCE {
//	    permittedSubtrees [0] GeneralSubtrees OPTIONAL,
//	    excludedSubtrees  [1] GeneralSubtrees OPTIONAL }
//	GeneralSubtrees ::= SEQUENCE SIZE (1..MAX) OF GeneralSubtree
//
// of which at least one must be there (RFC 5280 §4.2.1.10).
func readConstraints(in cryptobyte.String) (*constraints, bool) {
	seq, ok := readFilled(in)
	if !ok {
		return nil, false
	}
	c := new(constraints)
	for tag, into := range []*[formCount][]subtree{&c.permitted, &c.excluded} {
		var list cryptobyte.String
		var there bool
		if !seq.ReadOptionalASN1(&list, &there, cbasn1.Tag(tag).ContextSpecific().Constructed()) ||
			there && list.Empty() {
			return nil, false
		}
		for !list.Empty() {
			f, s, ok := readSubtree(&list)
			if !ok || c.count == maxNames {
				return nil, false
			}
			into[f] = append(into[f], s)
			c.count++
		}
	}
	return c, seq.Empty()
}

// readSubtree reads
//
//	GeneralSubtree ::= SEQUENCE {
//	    base GeneralName, minimum [0] INTEGER DEFAULT 0, maximum [1] INTEGER OPTIONAL }
//
// DER omits a minimum of 0, and RFC 5280 §4.2.1.10 has no use for other values.
func readSubtree(list *cryptobyte.String) (f form, s subtree, ok bool) {
	var seq cryptobyte.String
	if !list.ReadASN1(&seq, cbasn1.SEQUENCE) {
		return f, s, false
	}
	base, ok := readGeneralName(&seq)
	if !seq.Empty() {
		return f, s, false
	}
	clear := true
	switch base.form {
	case directoryName:
		s.directory = base.directory
	case dnsName, uriName:
		s.host, clear = constraintHost(base.text)
	case rfc822Name:
		s.mailbox, clear = constraintMailbox(base.text)
	case ipAddress:
		s.address, s.mask, ok = constraintAddress(base.text)
	}
	s.unclear = !clear
	return base.form, s, ok
}

// constraintAddress reads an address and its mask, as octets; the ones of the
// mask must come first (RFC 4632 §3.1).
func constraintAddress(octets string) (address, mask string, ok bool) {
	if len(octets) != 8 && len(octets) != 32 {
		return "", "", false
	}
	address, mask = octets[:len(octets)/2], octets[len(octets)/2:]
	zeros := false
	masked := make([]byte, len(mask))
	for i := range len(mask) {
		for bit := 7; bit >= 0; bit-- {
			one := mask[i]>>bit&1 == 1
			if one && zeros {
				return "", "", false
			}
			zeros = !one
		}
		masked[i] = address[i] & mask[i]
	}
	return string(masked), mask, true
}

// checks counts the comparisons that judge would make of all targets.
func (c *constraints) checks(targets []target) int {
	n := 0
	for i := range targets {
		f := targets[i].form
		n += len(c.permitted[f]) + len(c.excluded[f])
	}
	return n
}

// judge returns why n is refused by c, or "". Excluded subtrees come first,
// whatever is permitted (RFC 5280 §6.1.3 (c) after (b)).
func (c *constraints) judge(n *target) string {
	for f := range formCount {
		permitted, excluded := c.permitted[f], c.excluded[f]
		if len(permitted)+len(excluded) == 0 || !n.hasForm(f) {
			continue
		}
		// A constrained form that is not understood, or a name that is not
		// well-formed, must not slip through (RFC 5280 §4.2.1.10).
		if n.defect != "" || f != n.form {
			return fmt.Sprintf("%s cannot be held against constraints on %s: %s", n, f, n.defect)
		}
		for i := range excluded {
			if excluded[i].unclear || n.excludedBy(&excluded[i]) {
				return n.String() + " is excluded"
			}
		}
		if len(permitted) == 0 {
			continue
		}
		ok := false
		for i := 0; i < len(permitted) && !ok; i++ {
			ok = !permitted[i].unclear && n.permittedBy(&permitted[i])
		}
		if !ok {
			return n.String() + " is in no permitted subtree"
		}
	}
	return ""
}
