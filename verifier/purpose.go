package verifier

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"slices"
	"strings"

	"tamga/pki/path"
	"tamga/verifier/policy"
)

// keyUsageFits demands that the certificate is for signatures: a key that was
// certified for encryption or key agreement may be held by others, or be used
// where its owner does not see what is signed.
func keyUsageFits(t *trial) finding {
	if t.signer.KeyUsage == 0 {
		return yes("key usage is not limited")
	}
	if t.signer.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) == 0 {
		return no("the certificate is not for signatures (key usage %09b)", t.signer.KeyUsage)
	}
	return yes("digitalSignature or contentCommitment")
}

var (
	oidExtendedKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidNoRevAvail       = asn1.ObjectIdentifier{2, 5, 29, 56}          // RFC 9608 §2
	oidValidityAssured  = asn1.ObjectIdentifier{0, 4, 0, 194121, 2, 1} // EN 319 412-1 §5.2.2
)

// purposeFits judges the extended key usage by the policy's rule for the use.
func purposeFits(t *trial) finding {
	rule, have := t.rule.Purpose, purposes(t.signer)
	names := strings.Join(have, " ")
	if len(rule.Need) > 0 {
		switch {
		case !slices.ContainsFunc(have, func(p string) bool { return slices.Contains(rule.Need, p) }):
			return no("purpose %s is required, the certificate has %q", strings.Join(rule.Need, " or "), names)
		case rule.Only && slices.ContainsFunc(have, func(p string) bool { return !slices.Contains(rule.Need, p) }):
			return no("purpose %s must be the only one, the certificate has %q", rule.Need[0], names)
		case rule.Critical && !critical(t.signer, oidExtendedKeyUsage):
			return no("the extended key usage must be critical")
		}
	}
	if c := t.narrowed(rule); c != nil {
		return no("it is issued by who may issue for %q only", strings.Join(purposes(c), " ")).of(t.subject(c))
	}
	other := func(p string) bool { return !slices.Contains(rule.Refuse, p) }
	if len(have) > 0 && !slices.ContainsFunc(have, other) {
		return no("the certificate is for %q only", names)
	}
	if len(have) == 0 {
		return yes("purpose is not limited")
	}
	return yes("%s", names)
}

// narrowed is an issuer whose own extended key usage leaves out what is needed,
// where the policy reads it as TLS does: for all that the issuer issues.
func (t *trial) narrowed(rule policy.Purpose) *x509.Certificate {
	if rule.AnyIssuer || len(rule.Need) == 0 || len(t.path) < 3 {
		return nil
	}
	for _, c := range t.path[1 : len(t.path)-1] {
		have := purposes(c)
		if len(have) > 0 && !slices.Contains(have, path.AnyPurpose) &&
			!slices.ContainsFunc(have, func(p string) bool { return slices.Contains(rule.Need, p) }) {
			return c
		}
	}
	return nil
}

// purposes are the extended key usages of c as dotted identifiers, those that
// crypto/x509 has a number for and those it has none for.
func purposes(c *x509.Certificate) []string {
	var out []string
	for _, u := range c.ExtKeyUsage {
		if oid, ok := purposeOIDs[u]; ok {
			out = append(out, oid)
		} else {
			out = append(out, "other")
		}
	}
	for _, oid := range c.UnknownExtKeyUsage {
		out = append(out, oid.String())
	}
	return out
}

var purposeOIDs = map[x509.ExtKeyUsage]string{
	x509.ExtKeyUsageAny:             "2.5.29.37.0",
	x509.ExtKeyUsageServerAuth:      "1.3.6.1.5.5.7.3.1",
	x509.ExtKeyUsageClientAuth:      "1.3.6.1.5.5.7.3.2",
	x509.ExtKeyUsageCodeSigning:     "1.3.6.1.5.5.7.3.3",
	x509.ExtKeyUsageEmailProtection: "1.3.6.1.5.5.7.3.4",
	x509.ExtKeyUsageTimeStamping:    "1.3.6.1.5.5.7.3.8",
	x509.ExtKeyUsageOCSPSigning:     "1.3.6.1.5.5.7.3.9",
}

func critical(c *x509.Certificate, oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oid) && e.Critical })
}

func hasExtension(c *x509.Certificate, oid asn1.ObjectIdentifier) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oid) })
}
