package pkitest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tamga/pki"
)

// node is a name of the drawing with what was said of it.
type node struct {
	name, issuer string
	kind         string // of key
	keyOf        string // shares the key of
	uses         []pki.Use
	from, until  time.Time
	revoked      bool
	revokedAt    time.Time
	reason       int
	pathLen      int // -1: not said
	cn, country  string
	noCRL        bool
	issues       bool
}

// drawing keeps nodes in the order of their first mention.
type drawing struct {
	nodes map[string]*node
	order []string
}

func parse(text string) (*drawing, error) {
	d := &drawing{nodes: map[string]*node{}}
	for _, line := range strings.Split(text, "\n") {
		line, _, _ = strings.Cut(line, "#")
		for _, s := range strings.Split(line, ";") {
			s = strings.TrimSpace(s)
			if s == "" {
				continue
			}
			if err := d.statement(s); err != nil {
				return nil, fmt.Errorf("statement %q: %w", s, err)
			}
		}
	}
	if len(d.order) == 0 {
		return nil, fmt.Errorf("the drawing is empty")
	}
	return d, d.check()
}

func (d *drawing) statement(s string) error {
	if issuer, rest, ok := strings.Cut(s, ".revoked("); ok {
		list, ok := strings.CutSuffix(rest, ")")
		if !ok {
			return fmt.Errorf("no closing parenthesis")
		}
		return d.revokes(strings.TrimSpace(issuer), list)
	}
	name, change, dot := strings.Cut(s, ".")
	if name = strings.TrimSpace(name); dot && isName(name) {
		n := d.node(name)
		key, value, ok := strings.Cut(change, "=")
		if !ok {
			return fmt.Errorf("a change is name.attribute = value")
		}
		return n.set(strings.TrimSpace(key) + "=" + strings.TrimSpace(value))
	}
	return d.chain(s)
}

func (d *drawing) revokes(issuer, list string) error {
	if !isName(issuer) {
		return fmt.Errorf("%q is no name", issuer)
	}
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if !isName(name) {
			return fmt.Errorf("%q is no name", name)
		}
		n := d.node(name)
		if n.issuer != "" && n.issuer != issuer {
			return fmt.Errorf("%s was not issued by %s", name, issuer)
		}
		n.issuer, n.revoked = issuer, true
		d.node(issuer).issues = true
	}
	return nil
}

func (d *drawing) chain(s string) error {
	issuer := ""
	links := strings.Split(s, "->")
	for i, link := range links {
		names, err := d.list(link)
		if err != nil {
			return err
		}
		if len(names) > 1 && i < len(links)-1 {
			return fmt.Errorf("only the end of a chain may be a list")
		}
		for _, name := range names {
			if issuer == "" {
				continue
			}
			n := d.nodes[name]
			if n.issuer != "" && n.issuer != issuer {
				return fmt.Errorf("%s has two issuers, %s and %s", name, n.issuer, issuer)
			}
			n.issuer, d.nodes[issuer].issues = issuer, true
		}
		issuer = names[0]
	}
	return nil
}

// list reads "name[a, b], name" and returns the names.
func (d *drawing) list(s string) ([]string, error) {
	var names []string
	for {
		s = strings.TrimSpace(s)
		end := strings.IndexAny(s, "[,")
		if end < 0 {
			end = len(s)
		}
		name := strings.TrimSpace(s[:end])
		if !isName(name) {
			return nil, fmt.Errorf("%q is no name", name)
		}
		n := d.node(name)
		names, s = append(names, name), s[end:]
		if strings.HasPrefix(s, "[") {
			attributes, rest, ok := strings.Cut(s[1:], "]")
			if !ok {
				return nil, fmt.Errorf("no closing bracket after %s", name)
			}
			for _, a := range strings.Split(attributes, ",") {
				if err := n.set(strings.TrimSpace(a)); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			}
			s = strings.TrimSpace(rest)
		}
		if s == "" {
			return names, nil
		}
		if s[0] != ',' {
			return nil, fmt.Errorf("%q after %s", s, name)
		}
		s = s[1:]
	}
}

func (d *drawing) node(name string) *node {
	n, ok := d.nodes[name]
	if !ok {
		n = &node{name: name, cn: name, country: "UT", pathLen: -1}
		d.nodes[name], d.order = n, append(d.order, name)
	}
	return n
}

// set applies one attribute, "word" or "word=value".
func (n *node) set(attribute string) (err error) {
	key, value, valued := strings.Cut(attribute, "=")
	switch {
	case !valued && slices.Contains(keyKinds, key):
		n.kind = key
	case !valued && key == "ca":
		n.issues = true
	case !valued && slices.Contains(leafUses, pki.Use(key)):
		n.uses = append(n.uses, pki.Use(key))
	case !valued && key == "nocrl":
		n.noCRL = true
	case key == "revoked":
		n.revoked = true
		if valued {
			n.revokedAt, err = date(value)
		}
	case key == "from":
		n.from, err = date(value)
	case key == "until":
		n.until, err = date(value)
	case key == "reason":
		n.reason, err = strconv.Atoi(value)
	case key == "pathlen":
		n.pathLen, err = strconv.Atoi(value)
	case key == "cn" && value != "":
		n.cn = value
	case key == "country" && len(value) == 2:
		n.country = value
	case key == "key" && isName(value):
		n.keyOf = value
	default:
		return fmt.Errorf("no attribute is called %q", attribute)
	}
	return err
}

// check refuses circles and references into the void, and orders the names so
// that issuers come first.
func (d *drawing) check() error {
	var ordered []string
	state := map[string]int{} // 1: being visited, 2: done
	var visit func(name string) error
	visit = func(name string) error {
		n, ok := d.nodes[name]
		switch {
		case !ok:
			return fmt.Errorf("%q is not drawn", name)
		case state[name] == 1:
			return fmt.Errorf("%s is drawn in a circle", name)
		case state[name] == 2:
			return nil
		}
		state[name] = 1
		for _, needed := range []string{n.issuer, n.keyOf} {
			if needed == "" {
				continue
			}
			if err := visit(needed); err != nil {
				return err
			}
		}
		if n.revoked && n.issuer == "" {
			return fmt.Errorf("%s is revoked, but has no issuer", name)
		}
		state[name], ordered = 2, append(ordered, name)
		return nil
	}
	for _, name := range d.order {
		if err := visit(name); err != nil {
			return err
		}
	}
	d.order = ordered
	return nil
}

func date(value string) (time.Time, error) {
	if t, err := time.Parse(time.DateOnly, value); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, value)
}

func isName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || (r < '0' || r > '9') && r != '-' && r != '_') {
			return false
		}
	}
	return s != ""
}
