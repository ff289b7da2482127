package cms

import "fmt"

// Attributes that carry evidence: RFC 5126 §6.2 to §6.4, EN 319 122-1 §5.5, and
// Adobe's (ISO 32000-2 §12.8.3.3.2).
const (
	OIDCertificateReferences = "1.2.840.113549.1.9.16.2.21"
	OIDRevocationReferences  = "1.2.840.113549.1.9.16.2.22"
	OIDCertificateValues     = "1.2.840.113549.1.9.16.2.23"
	OIDRevocationValues      = "1.2.840.113549.1.9.16.2.24"
	OIDCompleteTimestamp     = "1.2.840.113549.1.9.16.2.25" // CAdES-C-time-stamp
	OIDReferencesTimestamp   = "1.2.840.113549.1.9.16.2.26" // time-stamped-certs-crls-references
	OIDArchiveTimestamp      = "1.2.840.113549.1.9.16.2.27"
	OIDArchiveTimestampV2    = "1.2.840.113549.1.9.16.2.48"
	OIDArchiveTimestampV3    = "0.4.0.1733.2.4"
	OIDAdobeRevocation       = "1.2.840.113583.1.1.8"

	oidHashIndex   = "0.4.0.1733.2.5"
	oidHashIndexV2 = "0.4.0.19122.1.4"
	oidHashIndexV3 = "0.4.0.19122.1.5"
)

// maxIndexed bounds the digests in one attribute.
const maxIndexed = 10_000

const (
	tag2 = 0xa2
	tag3 = 0xa3
)

// list walks the elements of the one constructed element in raw.
func list(raw []byte, tag byte, what string) (*reader, error) {
	e, rest, err := next(raw, 0)
	if err != nil || e.tag != tag || len(rest) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrMalformed, what)
	}
	return e.children(0), nil
}

// raws returns the elements that are left, at most maxCertificates.
func (r *reader) raws(what string) (out [][]byte, err error) {
	for r.more() {
		if len(out) == maxCertificates {
			return out, fmt.Errorf("%w: over %d %s", ErrTooLarge, maxCertificates, what)
		}
		if e := r.any(); r.err == nil {
			out = append(out, e.raw)
		}
	}
	return out, r.err
}

// ParseCertificateValues reads a certificate-values attribute (RFC 5126
// §6.3.3), SEQUENCE OF Certificate. What could be read is returned beside the
// error.
func ParseCertificateValues(raw []byte) ([][]byte, error) {
	r, err := list(raw, tagSequence, "certificate-values")
	if err != nil {
		return nil, err
	}
	return r.raws("certificates")
}

// RevocationValues is what revocation-values (RFC 5126 §6.3.4) and Adobe's
// attribute carry; the two differ in what an OCSP value is.
//
//	SEQUENCE { crlVals [0] SEQUENCE OF CertificateList OPTIONAL,
//	  ocspVals [1] SEQUENCE OF BasicOCSPResponse (Adobe: OCSPResponse) OPTIONAL,
//	  otherRevVals [2] OPTIONAL }
type RevocationValues struct {
	CRLs, OCSPs [][]byte
	Other       bool // there is more, in a form that is not known
}

// ParseRevocationValues reads either attribute. What could be read is returned
// beside the error.
func ParseRevocationValues(raw []byte) (v RevocationValues, err error) {
	r, err := list(raw, tagSequence, "revocation-values")
	if err != nil {
		return v, err
	}
	if r.peek() == tag0 {
		if v.CRLs, err = r.tagged().raws("CRLs"); err != nil {
			return v, err
		}
	}
	if r.peek() == tag1 {
		if v.OCSPs, err = r.tagged().raws("OCSP responses"); err != nil {
			return v, err
		}
	}
	if r.peek() == tag2 {
		v.Other = true
		r.any()
	}
	return v, r.end("revocation-values")
}

// tagged reads [n] EXPLICIT SEQUENCE and walks the SEQUENCE.
func (r *reader) tagged() *reader {
	outer := r.any().children(r.depth)
	inner := outer.want(tagSequence, "SEQUENCE").children(outer.depth)
	if outer.end("tagged SEQUENCE"); outer.err != nil {
		inner.err = outer.err
	}
	return inner
}
