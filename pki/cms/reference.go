package cms

import (
	"fmt"

	"tamga/pki"
)

// DigestReference names an object by its digest.
type DigestReference struct {
	Hash   pki.Hash
	Digest []byte
}

// ParseCertificateReferences reads complete-certificate-references (RFC 5126
// §6.2.1). Issuer and serial number, which no digest vouches for, are left out.
//
//	SEQUENCE OF OtherCertID { otherCertHash OtherHash, issuerSerial OPTIONAL }
func ParseCertificateReferences(raw []byte) (out []DigestReference, err error) {
	r, err := list(raw, tagSequence, "complete-certificate-references")
	if err != nil {
		return nil, err
	}
	err = r.references(&out)
	return out, err
}

// ParseRevocationReferences reads complete-revocation-references (§6.2.2). An
// OCSP response that is named without a digest is left out.
//
//	SEQUENCE OF CrlOcspRef {
//	  crlids  [0] SEQUENCE { SEQUENCE OF SEQUENCE { crlHash OtherHash, id OPTIONAL } } OPTIONAL,
//	  ocspids [1] SEQUENCE { SEQUENCE OF SEQUENCE { id, ocspRepHash OtherHash OPTIONAL } } OPTIONAL,
//	  otherRev [2] OPTIONAL }
func ParseRevocationReferences(raw []byte) (out []DigestReference, err error) {
	r, err := list(raw, tagSequence, "complete-revocation-references")
	if err != nil {
		return nil, err
	}
	for r.more() {
		ref := r.want(tagSequence, "CrlOcspRef").children(r.depth)
		if ref.peek() == tag0 {
			wrapper := ref.tagged()
			crls := wrapper.want(tagSequence, "crls").children(wrapper.depth)
			if err := firstError(wrapper.err, crls.references(&out)); err != nil {
				return out, err
			}
		}
		if ref.peek() == tag1 {
			wrapper := ref.tagged()
			ocsps := wrapper.want(tagSequence, "ocspResponses").children(wrapper.depth)
			if err := firstError(wrapper.err, ocsps.responseReferences(&out)); err != nil {
				return out, err
			}
		}
		if ref.err != nil {
			return out, ref.err
		}
	}
	return out, r.err
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// references reads SEQUENCEs that begin with an OtherHash.
func (r *reader) references(out *[]DigestReference) error {
	for r.more() {
		item := r.want(tagSequence, "reference").children(r.depth)
		if err := item.otherHash(out); err != nil {
			return firstError(r.err, err)
		}
	}
	return r.err
}

// responseReferences reads SEQUENCEs in which an OtherHash may be the second.
func (r *reader) responseReferences(out *[]DigestReference) error {
	for r.more() {
		item := r.want(tagSequence, "reference").children(r.depth)
		item.want(tagSequence, "ocspIdentifier")
		if !item.more() {
			continue
		}
		if err := item.otherHash(out); err != nil {
			return firstError(r.err, err)
		}
	}
	return r.err
}

// otherHash reads OtherHash ::= CHOICE { sha1Hash OCTET STRING, SEQUENCE {
// hashAlgorithm, hashValue OCTET STRING } }.
func (r *reader) otherHash(out *[]DigestReference) error {
	if len(*out) == maxIndexed {
		return fmt.Errorf("%w: over %d references", ErrTooLarge, maxIndexed)
	}
	if r.peek() == tagOctetString {
		*out = append(*out, DigestReference{pki.SHA1, r.any().body})
		return r.err
	}
	other := r.want(tagSequence, "otherHash").children(r.depth)
	hash := parseDigest(other.want(tagSequence, "hashAlgorithm"))
	value := other.want(tagOctetString, "hashValue")
	if err := firstError(r.err, other.end("otherHash")); err != nil {
		return err
	}
	*out = append(*out, DigestReference{hash, value.body})
	return nil
}
