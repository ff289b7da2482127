package path

import (
	"encoding/asn1"
	"math"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// maxPolicies is the most policies, or mappings, or purposes, in a certificate.
const maxPolicies = 1024

// Well-known identifiers, as DER content.
var (
	anyPolicyOID = mustOID(AnyPolicy)
	anyUsageOID  = mustOID(AnyPurpose)
	cpsOID       = mustOID("1.3.6.1.5.5.7.2.1")
	noticeOID    = mustOID("1.3.6.1.5.5.7.2.2")
)

// parseOID turns a dotted identifier into DER content.
func parseOID(dotted string) (oid, error) {
	id, err := pki.ParseOID(dotted)
	if err != nil {
		return "", err
	}
	return contentOf(id), nil
}

func mustOID(dotted string) oid { return contentOf(pki.MustOID(dotted)) }

func contentOf(id asn1.ObjectIdentifier) oid {
	var b cryptobyte.Builder
	b.AddASN1ObjectIdentifier(id)
	in, content := cryptobyte.String(b.BytesOrPanic()), cryptobyte.String(nil)
	in.ReadASN1(&content, cbasn1.OBJECT_IDENTIFIER)
	return oid(content)
}

// dotted writes an identifier that readOID has checked.
func (o oid) dotted() string {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.OBJECT_IDENTIFIER, func(b *cryptobyte.Builder) { b.AddBytes([]byte(o)) })
	in := cryptobyte.String(b.BytesOrPanic())
	var id asn1.ObjectIdentifier
	in.ReadASN1ObjectIdentifier(&id)
	return id.String()
}

// readOID reads an OBJECT IDENTIFIER with arcs below 2^31, minimally encoded.
func readOID(in *cryptobyte.String) (oid, bool) {
	var id asn1.ObjectIdentifier
	var content cryptobyte.String
	check := *in
	if !check.ReadASN1ObjectIdentifier(&id) || !in.ReadASN1(&content, cbasn1.OBJECT_IDENTIFIER) {
		return "", false
	}
	return oid(content), true
}

// readFilled reads a SEQUENCE that holds something, and behind which is nothing.
func readFilled(in cryptobyte.String) (content cryptobyte.String, ok bool) {
	ok = in.ReadASN1(&content, cbasn1.SEQUENCE)
	return content, ok && in.Empty() && !content.Empty()
}

// readOIDs reads SEQUENCE SIZE (1..MAX) OF OBJECT IDENTIFIER.
func readOIDs(in cryptobyte.String) ([]oid, bool) {
	list, ok := readFilled(in)
	if !ok {
		return nil, false
	}
	var out []oid
	for !list.Empty() {
		id, ok := readOID(&list)
		if !ok || len(out) == maxPolicies {
			return nil, false
		}
		out = append(out, id)
	}
	return out, true
}

// readSkip reads SkipCerts ::= INTEGER (0..MAX). What is larger than any path
// is all the same.
func readSkip(in *cryptobyte.String) (int, bool) {
	return readCount(in, cbasn1.INTEGER)
}

func readCount(in *cryptobyte.String, tag cbasn1.Tag) (int, bool) {
	var content cryptobyte.String
	if !in.ReadASN1(&content, tag) || len(content) == 0 || content[0]&0x80 != 0 ||
		len(content) > 1 && content[0] == 0 && content[1]&0x80 == 0 {
		return absent, false
	}
	n := 0
	for _, c := range content {
		if n = n<<8 | int(c); n > math.MaxInt16 {
			return math.MaxInt16, true
		}
	}
	return n, true
}

// readKeyUsage reads KeyUsage ::= BIT STRING, of which keyCertSign is bit 5. At
// least one bit must be set (RFC 5280 §4.2.1.3).
func (f *facts) readKeyUsage(in cryptobyte.String) bool {
	var bits asn1.BitString
	if !in.ReadASN1BitString(&bits) || !in.Empty() {
		return false
	}
	f.signsCerts = bits.At(5) == 1
	return slices.ContainsFunc(bits.Bytes, func(b byte) bool { return b != 0 })
}

// readBasicConstraints reads
//
//	BasicConstraints ::= SEQUENCE {
//	    cA BOOLEAN DEFAULT FALSE, pathLenConstraint INTEGER (0..MAX) OPTIONAL }
//
// An explicit FALSE is no DER, but common and clear.
func (f *facts) readBasicConstraints(in cryptobyte.String) bool {
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return false
	}
	f.hasBasic = true
	if seq.PeekASN1Tag(cbasn1.BOOLEAN) && !seq.ReadASN1Boolean(&f.isCA) {
		return false
	}
	ok := true
	if !seq.Empty() {
		f.pathLength, ok = readSkip(&seq)
	}
	return ok && seq.Empty()
}

// readPolicies reads
//
//	certificatePolicies ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//	    policyIdentifier OBJECT IDENTIFIER,
//	    policyQualifiers SEQUENCE SIZE (1..MAX) OF PolicyQualifierInfo OPTIONAL }
//
// A policy must not occur twice. In a critical extension, a qualifier that is
// not understood makes the whole one not understood (RFC 5280 §4.2.1.4).
func (f *facts) readPolicies(in cryptobyte.String, critical bool) bool {
	list, ok := readFilled(in)
	if !ok {
		return false
	}
	f.policies = []oid{} // the extension is there, whatever happens next
	seen := map[oid]bool{}
	for !list.Empty() {
		var info cryptobyte.String
		if !list.ReadASN1(&info, cbasn1.SEQUENCE) {
			return false
		}
		id, ok := readOID(&info)
		if !ok || seen[id] || len(seen) == maxPolicies {
			return false
		}
		seen[id] = true
		f.policies = append(f.policies, id)
		known := true
		if !info.Empty() && !readQualifiers(&info, &known) || !info.Empty() || !known && id == anyPolicyOID {
			return false
		}
		if !known && critical {
			f.critical = append(f.critical, "2.5.29.32")
		}
	}
	return true
}

// readQualifiers reads SEQUENCE SIZE (1..MAX) OF PolicyQualifierInfo. What they
// say is for people; one of another kind makes known false.
//
//	PolicyQualifierInfo ::= SEQUENCE { policyQualifierId OBJECT IDENTIFIER, qualifier ANY }
func readQualifiers(info *cryptobyte.String, known *bool) bool {
	var list cryptobyte.String
	if !info.ReadASN1(&list, cbasn1.SEQUENCE) || list.Empty() {
		return false
	}
	for !list.Empty() {
		var one, value cryptobyte.String
		var tag cbasn1.Tag
		if !list.ReadASN1(&one, cbasn1.SEQUENCE) {
			return false
		}
		id, ok := readOID(&one)
		if !ok || !one.ReadAnyASN1(&value, &tag) || !one.Empty() {
			return false
		}
		if id != cpsOID && id != noticeOID {
			*known = false
		}
	}
	return true
}

// readMappings reads
//
//	PolicyMappings ::= SEQUENCE SIZE (1..MAX) OF SEQUENCE {
//	    issuerDomainPolicy OBJECT IDENTIFIER, subjectDomainPolicy OBJECT IDENTIFIER }
func (f *facts) readMappings(in cryptobyte.String) bool {
	list, ok := readFilled(in)
	if !ok {
		return false
	}
	for !list.Empty() {
		var pair cryptobyte.String
		if !list.ReadASN1(&pair, cbasn1.SEQUENCE) || len(f.mappings) == maxPolicies {
			return false
		}
		from, okFrom := readOID(&pair)
		to, okTo := readOID(&pair)
		if !okFrom || !okTo || !pair.Empty() {
			return false
		}
		f.mappings = append(f.mappings, mapping{from, to})
	}
	return true
}

// readPolicyConstraints reads
//
//	PolicyConstraints ::= SEQUENCE {
//	    requireExplicitPolicy [0] SkipCerts OPTIONAL,
//	    inhibitPolicyMapping  [1] SkipCerts OPTIONAL }
//
// of which at least one must be there (RFC 5280 §4.2.1.11).
func (f *facts) readPolicyConstraints(in cryptobyte.String) bool {
	seq, ok := readFilled(in)
	if tag := cbasn1.Tag(0).ContextSpecific(); ok && seq.PeekASN1Tag(tag) {
		f.requireExplicit, ok = readCount(&seq, tag)
	}
	if tag := cbasn1.Tag(1).ContextSpecific(); ok && seq.PeekASN1Tag(tag) {
		f.inhibitMapping, ok = readCount(&seq, tag)
	}
	return ok && seq.Empty()
}
