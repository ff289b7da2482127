package path

import (
	"fmt"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// Object identifiers of names in unexpected places.
var (
	commonNameOID   = mustOID("2.5.4.3")
	emailAddressOID = mustOID("1.2.840.113549.1.9.1")
	smtpUTF8OID     = mustOID("1.3.6.1.5.5.7.8.9") // RFC 9598 §3
)

// target is a name that constraints apply to, made ready for comparison.
type target struct {
	form      form
	text      string // as it was, for the report
	defect    string // why it cannot be compared, if so
	also      form   // a second form whose constraints apply, if not the same
	directory pki.Name
	address   string
	mailbox   mailbox
	host      host
}

func (n *target) String() string {
	if n.text == "" {
		return n.form.String()
	}
	return fmt.Sprintf("%s %.200q", n.form, n.text)
}

// hasForm reports whether constraints of form f apply to n.
func (n *target) hasForm(f form) bool { return n.form == f || n.also == f }

// targets are all names of a certificate that constraints apply to: the subject
// unless empty, the e-mail addresses in it, and the alternative names (RFC 5280
// §6.1.3 (b), §4.2.1.10). Some take a host or an address from the common name of
// a leaf without alternative names, so it is looked at in the same way.
func (f *facts) targets(isLeaf bool) []target {
	out := make([]target, 0, len(f.alternative)+1)
	if !f.subject.Empty() {
		out = append(out, target{form: directoryName, also: directoryName, directory: f.subject})
	}
	hasHost := false
	for _, n := range f.alternative {
		hasHost = hasHost || n.form == dnsName || n.form == ipAddress
		out = append(out, newTarget(n))
	}
	eachAttribute(f.cert.RawSubject, func(id oid, text string, clear bool) {
		switch {
		case id == emailAddressOID:
			t := newTarget(generalName{form: rfc822Name, text: text})
			if !clear {
				t.defect = "it is of an unexpected string type"
			}
			out = append(out, t)
		case isLeaf && !hasHost:
			if h, ok := parseHost(text); ok && strings.Contains(h.name, ".") {
				out = append(out, newTarget(generalName{form: dnsName, text: text}))
			} else if a, ok := parseIPv4(text); ok {
				out = append(out, newTarget(generalName{form: ipAddress, text: a}))
			}
		}
	})
	return out
}

func newTarget(n generalName) target {
	t := target{form: n.form, also: n.form, text: n.text}
	ok := true
	switch n.form {
	case directoryName:
		t.directory = n.directory
	case ipAddress:
		t.address, t.text = n.text, ""
	case dnsName:
		if t.host, ok = parseHost(n.text); !ok {
			// "10.0.0.1" as a dNSName must not pass by an excluded 10.0.0.0/8.
			t.defect, t.also = "it is no domain name", ipAddress
		}
	case rfc822Name:
		if t.mailbox, ok = parseMailbox(n.text); !ok {
			t.defect = "it is no mailbox"
		}
	case uriName:
		// Without a host that is a domain name, a URI must be refused where
		// URIs are constrained (RFC 5280 §4.2.1.10).
		if t.host, ok = uriHost(n.text); !ok {
			t.defect = "its host is no domain name"
		}
	case otherName:
		if n.typeID == smtpUTF8OID || n.typeID == "" {
			return smtpUTF8Target(n)
		}
	}
	return t
}

// smtpUTF8Target judges SmtpUTF8Mailbox ::= UTF8String by the constraints on
// rfc822Name (RFC 9598 §6), so that no one walks around an excluded domain in
// UTF-8; where otherName itself is constrained it is refused.
func smtpUTF8Target(n generalName) target {
	t := target{form: rfc822Name, also: otherName, defect: "it is no mailbox"}
	in := cryptobyte.String(n.value)
	var text cryptobyte.String
	if in.ReadASN1(&text, cbasn1.UTF8String) && in.Empty() {
		t.text = string(text)
	}
	var ok bool
	if t.mailbox, ok = parseMailbox(t.text); ok {
		t.defect = ""
	}
	return t
}

func (n *target) excludedBy(s *subtree) bool {
	switch n.form {
	case directoryName:
		return n.directory.MayBeWithin(s.directory)
	case dnsName:
		return n.host.within(s.host) || n.host.mayStandFor(s.host)
	case uriName:
		return n.host.matchesURI(s.host)
	case rfc822Name:
		return n.mailbox.matches(s.mailbox, strings.EqualFold)
	case ipAddress:
		return inNetwork(n.address, s) || inNetwork(unmapped(n.address), s)
	}
	return true
}

func (n *target) permittedBy(s *subtree) bool {
	switch n.form {
	case directoryName:
		return n.directory.Within(s.directory)
	case dnsName:
		return n.host.within(s.host)
	case uriName:
		return n.host.matchesURI(s.host)
	case rfc822Name:
		return n.mailbox.matches(s.mailbox, func(a, b string) bool { return a == b })
	case ipAddress:
		return inNetwork(n.address, s)
	}
	return false
}

// eachAttribute calls f for the common names and e-mail addresses in a Name,
// with their text as far as it is ASCII, without zero octets: those of wide
// characters, and those that end a string for some. It is clear if the type is
// one that an e-mail address may have.
func eachAttribute(name cryptobyte.String, f func(id oid, text string, clear bool)) {
	var rdns, set, attribute, value cryptobyte.String
	var tag cbasn1.Tag
	if !name.ReadASN1(&rdns, cbasn1.SEQUENCE) {
		return
	}
	for rdns.ReadASN1(&set, cbasn1.SET) {
		for set.ReadASN1(&attribute, cbasn1.SEQUENCE) {
			id, ok := readOID(&attribute)
			if !ok || !attribute.ReadAnyASN1(&value, &tag) {
				return
			}
			if id != commonNameOID && id != emailAddressOID {
				continue
			}
			f(id, strings.ReplaceAll(string(value), "\x00", ""), tag == cbasn1.IA5String || tag == cbasn1.UTF8String)
		}
	}
}
