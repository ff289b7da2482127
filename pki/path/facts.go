package path

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"tamga/pki"
)

// absent is a number that an extension does not give.
const absent = -1

// maxExtensions is the most extensions in a certificate; real ones have 15.
const maxExtensions = 256

// facts is what validation reads in one certificate. Everything is read by hand
// from the extensions: crypto/x509 passes over some, and is lenient with others.
type facts struct {
	cert            *x509.Certificate
	subject, issuer pki.Name

	hasBasic, isCA  bool
	pathLength      int // or absent
	signsCerts      bool
	purposes        []oid // nil: no extension
	alternative     []generalName
	constraints     *constraints // nil: no extension
	policies        []oid        // nil: no extension
	mappings        []mapping
	requireExplicit int // skip counts, or absent
	inhibitMapping  int
	inhibitAny      int

	critical  []string // dotted, critical, and not understood here
	malformed *Error   // the first thing that cannot be read
	nameless  bool     // and that is subject or issuer
}

// oid is the DER content of an object identifier: comparable, never re-encoded.
type oid string

// mapping is a pair of RFC 5280 §4.2.1.5.
type mapping struct{ issuer, subject oid }

// selfIssued: subject and issuer are the same name (RFC 5280 §3.2).
func (f *facts) selfIssued() bool { return f.subject.Equal(f.issuer) }

// readFacts reads a certificate. What cannot be read is remembered and not
// returned, because an anchor may be as it likes (RFC 5280 §6.1.1 (d)).
func readFacts(c *x509.Certificate, name func(der []byte) parsedName) *facts {
	f := &facts{
		cert: c, signsCerts: true,
		pathLength: absent, requireExplicit: absent, inhibitMapping: absent, inhibitAny: absent,
	}
	subject, issuer := name(c.RawSubject), name(c.RawIssuer)
	if f.subject = subject.Name; subject.err != nil {
		f.fail("RFC 5280 §4.1.2.6", "subject: "+subject.err.Error())
	}
	if f.issuer = issuer.Name; issuer.err != nil {
		f.fail("RFC 5280 §4.1.2.4", "issuer: "+issuer.err.Error())
	}
	f.nameless = f.malformed != nil
	if len(c.Extensions) > maxExtensions {
		f.fail("RFC 5280 §4.2", fmt.Sprintf("%d extensions", len(c.Extensions)))
		return f
	}
	for i, e := range c.Extensions {
		// A certificate must not hold an extension twice (RFC 5280 §4.2): two
		// readers would obey two different ones.
		for _, earlier := range c.Extensions[:i] {
			if earlier.Id.Equal(e.Id) {
				f.fail("RFC 5280 §4.2", "extension "+e.Id.String()+" occurs twice")
			}
		}
		f.readExtension(e)
	}
	return f
}

func (f *facts) fail(clause, detail string) {
	if f.malformed == nil {
		f.malformed = &Error{Kind: Malformed, Clause: clause, Certificate: f.cert, Detail: detail}
	}
}

// readExtension reads those extensions that path validation obeys. The key
// identifiers only guide the search, but are understood, so that they may be
// critical; all else that is critical is the caller's to understand.
func (f *facts) readExtension(e pkix.Extension) {
	value := cryptobyte.String(e.Value)
	clause, ok := "", false
	switch idCE(e) {
	case 14, 35: // subjectKeyIdentifier, authorityKeyIdentifier
		return
	case 15:
		clause, ok = "RFC 5280 §4.2.1.3", f.readKeyUsage(value)
	case 17:
		clause = "RFC 5280 §4.2.1.6"
		f.alternative, ok = readGeneralNames(value)
	case 19:
		clause, ok = "RFC 5280 §4.2.1.9", f.readBasicConstraints(value)
	case 30:
		clause = "RFC 5280 §4.2.1.10"
		f.constraints, ok = readConstraints(value)
	case 32:
		clause, ok = "RFC 5280 §4.2.1.4", f.readPolicies(value, e.Critical)
	case 33:
		clause, ok = "RFC 5280 §4.2.1.5", f.readMappings(value)
	case 36:
		clause, ok = "RFC 5280 §4.2.1.11", f.readPolicyConstraints(value)
	case 37:
		clause = "RFC 5280 §4.2.1.12"
		f.purposes, ok = readOIDs(value)
	case 54:
		clause = "RFC 5280 §4.2.1.14"
		f.inhibitAny, ok = readSkip(&value)
		ok = ok && value.Empty()
	default:
		if e.Critical {
			f.critical = append(f.critical, e.Id.String())
		}
		return
	}
	if !ok {
		f.fail(clause, "extension "+e.Id.String()+" is not what its clause says")
	}
}

// idCE returns n of an extension id-ce.n (2.5.29.n), else absent.
func idCE(e pkix.Extension) int {
	if len(e.Id) == 4 && e.Id[0] == 2 && e.Id[1] == 5 && e.Id[2] == 29 {
		return e.Id[3]
	}
	return absent
}
