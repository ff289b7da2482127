package path

import "strings"

// host is a domain name in lower case. A constraint may begin with a dot, and a
// dNSName with the label "*".
type host struct {
	name     string
	subOnly  bool // constraint ".example.com": at least one label more
	wildcard bool // "*.example.com": name is what follows the first dot
}

// parseHost reads a dNSName: labels of letters, digits, hyphens and underlines,
// the first of which may be "*" (RFC 9525 §6.3). Neither a trailing dot nor a
// last label of digits alone, which makes an IPv4 address of it (RFC 3696 §2).
func parseHost(s string) (host, bool) {
	if !isASCII(s) {
		return host{}, false // ToLower would make a k of the Kelvin sign
	}
	h := host{name: strings.ToLower(s)}
	if rest, ok := strings.CutPrefix(h.name, "*."); ok {
		h.name, h.wildcard = rest, true
	}
	if len(h.name) > 253 {
		return host{}, false
	}
	label, digits := 0, true
	for i := range len(h.name) {
		c := h.name[i]
		switch {
		case c == '.':
			if label == 0 {
				return host{}, false
			}
			label, digits = 0, true
			continue
		case '0' <= c && c <= '9':
		case 'a' <= c && c <= 'z', c == '-', c == '_':
			digits = false
		default:
			return host{}, false
		}
		if label++; label > 63 {
			return host{}, false
		}
	}
	return h, !digits // and not empty
}

// constraintHost reads the base of a dNSName or URI constraint. The empty one
// means all; a leading dot asks for at least one label more, which is RFC 5280
// §4.2.1.10 for URIs, and what every implementation does for dNSName. The dot of
// the root at the end says nothing.
func constraintHost(s string) (host, bool) {
	if s == "" {
		return host{}, true
	}
	rest, dotted := strings.CutPrefix(s, ".")
	h, ok := parseHost(strings.TrimSuffix(rest, "."))
	h.subOnly = dotted
	return h, ok && !h.wildcard
}

// within reports whether h, and all that its wildcard stands for, is base or
// lies below it.
func (h host) within(base host) bool {
	if base.name == "" {
		return true
	}
	if h.name == base.name {
		return !base.subOnly || h.wildcard
	}
	return isBelow(h.name, base.name)
}

// mayStandFor reports whether h is a wildcard that also stands for base: an
// excluded "a.example.com" must not come back as "*.example.com".
func (h host) mayStandFor(base host) bool {
	_, parent, _ := strings.Cut(base.name, ".")
	return h.wildcard && parent == h.name
}

// matchesURI reports whether h is the very host of a URI constraint, or, if
// that begins with a dot, below it (RFC 5280 §4.2.1.10).
func (h host) matchesURI(base host) bool {
	if base.name == "" {
		return true
	}
	if base.subOnly {
		return isBelow(h.name, base.name)
	}
	return h.name == base.name
}

// isBelow reports whether name has labels before base.
func isBelow(name, base string) bool {
	cut := len(name) - len(base)
	return cut > 0 && name[cut-1] == '.' && name[cut:] == base
}

// uriHost returns the host of a URI, if that is a domain name:
//
//	scheme "://" [ userinfo "@" ] host [ ":" port ] [ "/" … | "?" … | "#" … ]
func uriHost(s string) (host, bool) {
	scheme, rest, _ := strings.Cut(s, "://") // without it, there is no host
	if scheme == "" || strings.ContainsAny(scheme, "/?#") {
		return host{}, false
	}
	// A backslash ends the authority in browsers and not in RFC 3986: what two
	// readers read differently is read by none.
	if i := strings.IndexAny(rest, "/?#\\"); i >= 0 {
		if rest[i] == '\\' {
			return host{}, false
		}
		rest = rest[:i]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	name, port, _ := strings.Cut(rest, ":")
	if strings.Trim(port, "0123456789") != "" {
		return host{}, false
	}
	h, ok := parseHost(name)
	return h, ok && !h.wildcard
}

// mailbox is a parsed rfc822Name. A constraint may have no local part.
type mailbox struct {
	local string // as it was: upper and lower case differ (RFC 5321 §2.4)
	host  host
}

// parseMailbox reads local@host. Quoted local parts, a second "@", comments and
// address literals are not understood: two readers would see two domains.
func parseMailbox(s string) (mailbox, bool) {
	local, domain, _ := strings.Cut(s, "@") // without it, there is no host
	if local == "" || strings.ContainsAny(local, "\"\\()<>[]:;, \t\r\n\x00") {
		return mailbox{}, false
	}
	h, ok := parseHost(domain)
	return mailbox{local, h}, ok && !h.wildcard
}

// constraintMailbox reads a mailbox, a host, a domain with a leading dot, or
// nothing, which means all (RFC 5280 §4.2.1.10).
func constraintMailbox(s string) (mailbox, bool) {
	if strings.Contains(s, "@") {
		return parseMailbox(s)
	}
	h, ok := constraintHost(s)
	return mailbox{host: h}, ok
}

func (m mailbox) matches(base mailbox, sameLocal func(a, b string) bool) bool {
	if base.local != "" && !sameLocal(m.local, base.local) {
		return false
	}
	return m.host.matchesURI(base.host)
}

// inNetwork compares octets of the same family under the constraint's mask.
func inNetwork(address string, s *subtree) bool {
	if len(address) != len(s.address) {
		return false
	}
	for i := range len(address) {
		if address[i]&s.mask[i] != s.address[i] {
			return false
		}
	}
	return true
}

// unmapped returns the IPv4 address within ::ffff:0:0/96, else "": an excluded
// IPv4 network must not come back in IPv6 (RFC 4291 §2.5.5.2).
func unmapped(address string) string {
	const prefix = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"
	if v4, ok := strings.CutPrefix(address, prefix); ok {
		return v4
	}
	return ""
}

// parseIPv4 reads four decimal numbers between dots, as octets.
func parseIPv4(s string) (string, bool) {
	parts := strings.SplitN(s, ".", 5)
	if len(parts) != 4 {
		return "", false
	}
	out := make([]byte, 4)
	for i, p := range parts {
		n := 0
		if p == "" || len(p) > 3 || strings.Trim(p, "0123456789") != "" {
			return "", false
		}
		for _, c := range p {
			n = n*10 + int(c-'0')
		}
		if n > 255 {
			return "", false
		}
		out[i] = byte(n)
	}
	return string(out), true
}
