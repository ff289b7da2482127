package fetch

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// CheckHost fails unless host is what an allow list may hold: a name, or an
// address, with a port if it is not that of the scheme. A name stands for itself
// alone, never for those below it.
func CheckHost(host string) error {
	name, port := host, ""
	if h, p, err := net.SplitHostPort(host); err == nil {
		name, port = h, p
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	u, err := url.Parse("http://" + host + "/")
	bad := err != nil || name == "" || u.Host != host || u.User != nil || u.Path != "/" ||
		strings.ContainsAny(name, "/*%?#@ ") || host != strings.ToLower(host) || strings.HasSuffix(host, ":") ||
		strings.HasSuffix(name, ".")
	if bad || port != "" && u.Port() != port {
		return fmt.Errorf("%q is no host: write it in lower case and without a dot at its end, as in crl.example.com or crl.example.com:8080",
			host)
	}
	return nil
}

// errNotAllowed says that the allow list does not hold a host.
var errNotAllowed = errors.New("the host is not on the list of those that may be asked")

// refused returns why u must not be asked, nil if it may be.
func (f *Fetcher) refused(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return fmt.Errorf("only http and https are asked, not %q", u.Scheme)
	case u.User != nil:
		return errors.New("the URL holds a user's name or password")
	case u.Host == "" || u.Opaque != "":
		return errors.New("the URL names no host")
	case !slices.Contains(f.cfg.Hosts, hostOf(u)) && !slices.Contains(f.cfg.Hosts, withPort(u)):
		return errNotAllowed
	}
	return nil
}

// hostOf is the host of u as the allow list would name it.
func hostOf(u *url.URL) string {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if p := u.Port(); p != "" && !(u.Scheme == "http" && p == "80") && !(u.Scheme == "https" && p == "443") {
		host += ":" + p
	}
	return host
}

// withPort is hostOf with the port of the scheme written out.
func withPort(u *url.URL) string {
	host := hostOf(u)
	if u.Port() != "" && strings.HasSuffix(host, ":"+u.Port()) {
		return host
	}
	if u.Scheme == "https" {
		return host + ":443"
	}
	return host + ":80"
}

// dialControl refuses to connect to an address that is not on the public
// network. It sees the address that is dialled, after every look-up of names, so
// that a name cannot be shown as public and then resolved as private (DNS
// rebinding), and it is asked for the first hop and each redirect alike. The
// addresses of the machine's own services, its neighbours and its cloud's keys
// (169.254.169.254) would otherwise be for any stranger's document to name.
func dialControl(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return fmt.Errorf("dialling %s: only TCP is used", network)
	}
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dialling %q: not an address", address)
	}
	if !isPublic(at.Addr()) {
		return fmt.Errorf("%w: %s", errPrivate, at.Addr())
	}
	return nil
}

// errPrivate says that a name leads to an address that is not on the public
// network.
var errPrivate = errors.New("the address is not on the public network")

// special are the blocks that IANA's registries of special-purpose addresses do
// not call globally reachable (RFC 6890), and those that wrap another address in
// an IPv6 one, which would hide a private one.
var special = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
	"192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"::/96",           // unspecified, loopback, IPv4-compatible
	"64:ff9b::/96",    // NAT64, RFC 6052
	"64:ff9b:1::/48",  // NAT64 of one's own, RFC 8215
	"100::/64",        // discard, RFC 6666
	"2001::/23",       // Teredo and other protocol assignments
	"2001:db8::/32",   // documentation
	"2002::/16",       // 6to4
	"3fff::/20",       // documentation, RFC 9637
	"5f00::/16",       // segment routing, RFC 9602
	"fc00::/7",        // of one's own
	"fe80::/10",       // link
	"fec0::/10",       // site, as it once was
	"ff00::/8",        // multicast
	"::ffff:0:0:0/96", // IPv4-translated, RFC 2765
)

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// isPublic reports whether a is a unicast address on the public network.
func isPublic(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return a.IsValid() && a.IsGlobalUnicast() && !a.IsPrivate() &&
		!slices.ContainsFunc(special, func(p netip.Prefix) bool { return p.Contains(a) })
}
