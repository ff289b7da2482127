package cms

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"

	"tamga/pki"
)

// Object identifiers of RFC 5652, RFC 5035, RFC 3161 and RFC 5940.
const (
	OIDData       = "1.2.840.113549.1.7.1"
	OIDSignedData = "1.2.840.113549.1.7.2"
	OIDTSTInfo    = "1.2.840.113549.1.9.16.1.4"

	OIDContentType          = "1.2.840.113549.1.9.3"
	OIDMessageDigest        = "1.2.840.113549.1.9.4"
	OIDSigningTime          = "1.2.840.113549.1.9.5"
	OIDCounterSignature     = "1.2.840.113549.1.9.6"
	OIDAlgorithmProtection  = "1.2.840.113549.1.9.52"
	OIDSigningCertificate   = "1.2.840.113549.1.9.16.2.12"
	OIDSigningCertificateV2 = "1.2.840.113549.1.9.16.2.47"
	OIDSignatureTimestamp   = "1.2.840.113549.1.9.16.2.14"
	OIDContentTimestamp     = "1.2.840.113549.1.9.16.2.20"

	oidOCSPResponse = "1.3.6.1.5.5.7.16.2"   // id-ri-ocsp-response, RFC 5940 §2
	oidOCSPBasic    = "1.3.6.1.5.5.7.48.1.1" // id-pkix-ocsp-basic, EN 319 122-1 §5.4.2.2
)

// Limits on what a SignedData may hold.
const (
	maxCertificates = 1000
	maxSigners      = 1000
	maxAttributes   = 200
	maxIntegerBytes = 128
)

// Defect is a departure from RFC 5652 that leaves the rest readable.
type Defect struct {
	Clause string
	Text   string
	Fatal  bool // what is signed or by whom is no longer certain
}

// SignedData is RFC 5652 §5.1. Byte slices lie in the bytes that were parsed.
//
//	ContentInfo ::= SEQUENCE { contentType OID, content [0] EXPLICIT
//	  SignedData ::= SEQUENCE {
//	    version, digestAlgorithms SET,
//	    encapContentInfo SEQUENCE { eContentType OID, eContent [0] OCTET STRING OPTIONAL },
//	    certificates [0] IMPLICIT SET OPTIONAL, crls [1] IMPLICIT SET OPTIONAL,
//	    signerInfos SET OF SignerInfo } }
type SignedData struct {
	Memo         *pki.Memo // that certificates were read with
	Raw          []byte    // the ContentInfo
	Version      int
	ContentType  string // dotted eContentType
	Content      []byte // eContent, if Attached
	Attached     bool
	Certificates []*x509.Certificate
	Unparsed     [][]byte // certificates that could not be read
	Revocations  []RevocationChoice
	Signers      []SignerInfo
	Defects      []Defect

	// What archive time-stamps are over, as it came, headers included.
	EncapRaw        []byte // encapContentInfo
	TypeRaw         []byte // its eContentType
	CertificatesRaw []byte // certificates [0], nil if absent
	RevocationsRaw  []byte // crls [1], nil if absent
}

// RevocationChoice is RFC 5652 §10.2.1: a CRL, or OtherRevocationInfoFormat
// with an OCSP response. Both are nil for a format that is not known.
type RevocationChoice struct {
	Raw  []byte // the element as it came
	CRL  []byte // CertificateList
	OCSP []byte // OCSPResponse (RFC 5940) or BasicOCSPResponse
}

// Parse reads a ContentInfo with a SignedData. Whatever is not fatal to
// reading it is noted as a defect. The error wraps [ErrMalformed] or
// [ErrTooLarge].
func Parse(raw []byte) (*SignedData, error) { return ParseWith(nil, raw) }

// ParseWith is [Parse] with a memory for the certificates, which may be nil.
func ParseWith(memo *pki.Memo, raw []byte) (*SignedData, error) {
	info, rest, err := next(raw, 0)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the end", ErrMalformed, len(rest))
	}
	sd := &SignedData{Raw: raw, Memo: memo}
	r := info.children(0)
	if info.tag != tagSequence {
		return nil, fmt.Errorf("%w: no ContentInfo", ErrMalformed)
	}
	if oid, err := dotted(r.want(tagOID, "contentType")); err != nil || oid != OIDSignedData {
		return nil, fmt.Errorf("%w: content type is not SignedData", ErrMalformed)
	}
	wrap := r.want(tag0, "content")
	if err := r.end("ContentInfo"); err != nil {
		return nil, err
	}
	inner := wrap.children(1)
	seq := inner.want(tagSequence, "SignedData")
	if err := inner.end("content"); err != nil {
		return nil, err
	}
	if err := sd.read(seq.children(2)); err != nil {
		return nil, err
	}
	return sd, nil
}

func (sd *SignedData) read(r *reader) error {
	var err error
	if sd.Version, err = small(r.want(tagInteger, "version")); err != nil {
		return err
	}
	r.want(tagSet, "digestAlgorithms") // each signer names its own
	encap := r.want(tagSequence, "encapContentInfo")
	if r.err != nil {
		return r.err
	}
	sd.EncapRaw = encap.raw
	if err := sd.readContent(encap.children(r.depth)); err != nil {
		return err
	}
	if r.peek() == tag0 {
		set := r.any()
		sd.CertificatesRaw = set.raw
		if err := sd.readCertificates(set.children(r.depth)); err != nil {
			return err
		}
	}
	if r.peek() == tag1 {
		set := r.any()
		sd.RevocationsRaw = set.raw
		if err := sd.readRevocations(set.children(r.depth)); err != nil {
			return err
		}
	}
	infos := r.want(tagSet, "signerInfos")
	if err := r.end("SignedData"); err != nil {
		return err
	}
	for list := infos.children(r.depth); ; {
		if !list.more() {
			return list.err
		}
		if len(sd.Signers) == maxSigners {
			return fmt.Errorf("%w: over %d signers", ErrTooLarge, maxSigners)
		}
		s, err := parseSignerInfo(list.want(tagSequence, "SignerInfo"), list)
		if err != nil {
			return fmt.Errorf("signer %d: %w", len(sd.Signers)+1, err)
		}
		sd.Signers = append(sd.Signers, s)
	}
}

func (sd *SignedData) readContent(r *reader) error {
	var err error
	id := r.want(tagOID, "eContentType")
	if sd.ContentType, err = dotted(id); err != nil {
		return err
	}
	sd.TypeRaw = id.raw
	if !r.more() {
		return r.err
	}
	wrap := r.want(tag0, "eContent")
	if err := r.end("encapContentInfo"); err != nil {
		return err
	}
	inner := wrap.children(r.depth)
	content := inner.any()
	if err := inner.end("eContent"); err != nil {
		return err
	}
	sd.Attached = true
	if content.tag&^constructed == tagOctetString {
		sd.Content, err = content.octets(r.depth)
		return err
	}
	// PKCS#7 1.5 §9.3 put any type here, and digested its contents octets.
	sd.Content = content.body
	sd.defect("RFC 5652 5.2", false, "the content is no OCTET STRING")
	return nil
}

func (sd *SignedData) readCertificates(r *reader) error {
	for r.more() {
		e := r.any()
		if r.err != nil {
			break
		}
		if len(sd.Certificates)+len(sd.Unparsed) == maxCertificates {
			return fmt.Errorf("%w: over %d certificates", ErrTooLarge, maxCertificates)
		}
		// CertificateChoices other than Certificate are attribute certificates
		// and other formats (§10.2.2), which vouch for nobody's key.
		cert, err := sd.Memo.ParseCertificate(e.raw)
		if e.tag != tagSequence || err != nil {
			sd.Unparsed = append(sd.Unparsed, e.raw)
			sd.defect("RFC 5652 10.2.2", false, "a certificate of %d bytes cannot be read", len(e.raw))
			continue
		}
		sd.Certificates = append(sd.Certificates, cert)
	}
	return r.err
}

// readRevocations reads RevocationInfoChoices (§10.2.1): CertificateList, or
// [1] OtherRevocationInfoFormat { OID, ANY }.
func (sd *SignedData) readRevocations(r *reader) error {
	for r.more() {
		e := r.any()
		if r.err != nil {
			break
		}
		if len(sd.Revocations) == maxCertificates {
			return fmt.Errorf("%w: over %d revocation lists", ErrTooLarge, maxCertificates)
		}
		choice := RevocationChoice{Raw: e.raw}
		switch e.tag {
		case tagSequence:
			choice.CRL = e.raw
		case tag1:
			other := e.children(r.depth)
			oid, err := dotted(other.want(tagOID, "otherRevInfoFormat"))
			body := other.any()
			if err != nil || other.err != nil {
				return fmt.Errorf("%w: revocation information", ErrMalformed)
			}
			if oid == oidOCSPResponse || oid == oidOCSPBasic {
				choice.OCSP = body.raw
			}
		}
		if choice.CRL == nil && choice.OCSP == nil {
			sd.defect("RFC 5652 10.2.1", false, "revocation information in a form that is not known")
		}
		sd.Revocations = append(sd.Revocations, choice)
	}
	return r.err
}

func (sd *SignedData) defect(clause string, fatal bool, format string, args ...any) {
	sd.Defects = append(sd.Defects, Defect{clause, fmt.Sprintf(format, args...), fatal})
}

// Certificate returns the certificate that s names by its sid, nil if it is
// not among those of the SignedData. Where several answer to the same name,
// the signing-certificate attribute decides, which is the verifier's matter.
func (sd *SignedData) Certificate(s *SignerInfo) *x509.Certificate {
	for _, c := range sd.Certificates {
		if s.KeyID != nil && bytes.Equal(c.SubjectKeyId, s.KeyID) ||
			s.Serial != nil && c.SerialNumber.Cmp(s.Serial) == 0 && bytes.Equal(c.RawIssuer, s.Issuer) {
			return c
		}
	}
	return nil
}

// common are the identifiers that nearly every SignedData has, by their DER: to
// know them by their bytes costs a tenth of reading them.
var common = func() map[string]string {
	out := map[string]string{}
	for _, id := range []string{
		OIDData, OIDSignedData, OIDTSTInfo, OIDContentType, OIDMessageDigest, OIDSigningTime,
		OIDSigningCertificateV2, OIDSignatureTimestamp,
	} {
		out[string(oidBytes(id))] = id
	}
	return out
}()

// dotted reads an OBJECT IDENTIFIER.
func dotted(e element) (string, error) {
	if known, ok := common[string(e.raw)]; ok {
		return known, nil
	}
	in := cryptobyte.String(e.raw)
	var oid asn1.ObjectIdentifier
	if e.tag != tagOID || !in.ReadASN1ObjectIdentifier(&oid) {
		return "", fmt.Errorf("%w: bad OBJECT IDENTIFIER", ErrMalformed)
	}
	return oid.String(), nil
}

func integer(e element) (*big.Int, error) {
	if e.tag != tagInteger || len(e.body) == 0 || len(e.body) > maxIntegerBytes {
		return nil, fmt.Errorf("%w: bad INTEGER", ErrMalformed)
	}
	n := new(big.Int).SetBytes(e.body)
	if e.body[0]&0x80 != 0 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(e.body))))
	}
	return n, nil
}

func small(e element) (int, error) {
	n, err := integer(e)
	if err != nil {
		return 0, err
	}
	if !n.IsInt64() || n.Int64() < 0 || n.Int64() > 255 {
		return 0, fmt.Errorf("%w: version out of range", ErrMalformed)
	}
	return int(n.Int64()), nil
}

// parseDigest reads a digest AlgorithmIdentifier; an unknown one is a fact of
// the signer, not an error.
func parseDigest(e element) pki.Hash {
	h, err := pki.ParseHashIdentifier(e.raw)
	if err != nil {
		return pki.UnknownHash
	}
	return h
}
