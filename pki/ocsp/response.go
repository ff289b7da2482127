package ocsp

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// MaxSize is the size in bytes of the largest response that is read: real ones
// have a few thousand.
const MaxSize = 256 << 10

const (
	maxAnswers      = 1000
	maxCertificates = 32
	maxExtensions   = 64
)

var (
	// ErrMalformed says that the bytes are no response by RFC 6960.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge says that a limit of this package is exceeded.
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported says that the response may be well, but is of a kind from
	// which no conclusion is drawn here.
	ErrUnsupported = errors.New("not supported")
)

// Response is what an OCSP response says. Nothing in it has been checked.
type Response struct {
	Raw    []byte // as it came
	Basic  []byte // DER of the BasicOCSPResponse, which is all of Raw if it came bare
	RawTBS []byte // DER of the ResponseData: the signed bytes
	// ResponderName is the DER Name of the signer, or nil: then
	// ResponderKeyHash is a digest of its key, by RFC 6960 made with SHA-1.
	ResponderName    []byte
	ResponderKeyHash []byte
	ProducedAt       time.Time // when it was signed
	Answers          []Answer
	Certificates     []*x509.Certificate // that came with it and could be read
	Nonce            []byte              // nil: not said
	// ExtendedRevoke says that "revoked" may stand for "never issued" (RFC
	// 6960 §4.4.8): see Answer.NeverIssued.
	ExtendedRevoke bool
	// Defects are departures from the standard that leave the meaning clear.
	Defects []string

	algorithm []byte // DER of the AlgorithmIdentifier
	signature []byte
}

// Parse reads one DER OCSPResponse, or a bare BasicOCSPResponse, and refuses
// bytes after it. The error is a [Refusal], or wraps [ErrMalformed],
// [ErrTooLarge] or [ErrUnsupported].
func Parse(raw []byte) (*Response, error) {
	if len(raw) > MaxSize {
		return nil, fmt.Errorf("reading an OCSP response of %d bytes: %w", len(raw), ErrTooLarge)
	}
	r := &Response{Raw: raw}
	if err := r.parse(); err != nil {
		return nil, fmt.Errorf("reading an OCSP response: %w", err)
	}
	return r, nil
}

// parse tells the two forms apart by their first field and unpacks
//
//	OCSPResponse ::= SEQUENCE {
//	    responseStatus  ENUMERATED,
//	    responseBytes   [0] EXPLICIT SEQUENCE {
//	        responseType  OBJECT IDENTIFIER,
//	        response      OCTET STRING } OPTIONAL }
func (r *Response) parse() error {
	in := cryptobyte.String(r.Raw)
	var seq cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() {
		return malformed("no single SEQUENCE")
	}
	if seq.PeekASN1Tag(cbasn1.SEQUENCE) {
		r.Basic = r.Raw
		return r.parseBasic()
	}
	var status int
	if !seq.ReadASN1Enum(&status) {
		return malformed("no responseStatus")
	}
	// A refusal is not signed, and says nothing whatever comes after it
	// (RFC 6960 §4.2.1).
	if status != 0 {
		if refusal := Refusal(status); refusal.known() {
			return refusal
		}
		return malformed(fmt.Sprintf("responseStatus %d (RFC 6960 §4.2.1)", status))
	}
	var tagged, body, basic cryptobyte.String
	var kind asn1.ObjectIdentifier
	if !seq.ReadASN1(&tagged, explicit(0)) || !seq.Empty() ||
		!tagged.ReadASN1(&body, cbasn1.SEQUENCE) || !tagged.Empty() ||
		!body.ReadASN1ObjectIdentifier(&kind) ||
		!body.ReadASN1(&basic, cbasn1.OCTET_STRING) || !body.Empty() {
		return malformed("no responseBytes")
	}
	if kind.String() != oidBasic {
		return fmt.Errorf("a response of type %s: %w", kind, ErrUnsupported)
	}
	r.Basic = basic
	return r.parseBasic()
}

// Full is the OCSPResponse around Basic, which is what PDF and RFC 5940 keep,
// also where Basic came bare. There is only one way to write it.
func (r *Response) Full() []byte {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Enum(0) // successful
		b.AddASN1(explicit(0), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(pki.MustOID(oidBasic))
				b.AddASN1OctetString(r.Basic)
			})
		})
	})
	return b.BytesOrPanic()
}

// parseBasic reads
//
//	BasicOCSPResponse ::= SEQUENCE {
//	    tbsResponseData     ResponseData,
//	    signatureAlgorithm  AlgorithmIdentifier,
//	    signature           BIT STRING,
//	    certs               [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL }
func (r *Response) parseBasic() error {
	in := cryptobyte.String(r.Basic)
	var seq, tbs, algorithm, certs cryptobyte.String
	var signature asn1.BitString
	var present bool
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Element(&tbs, cbasn1.SEQUENCE) ||
		!seq.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!seq.ReadASN1BitString(&signature) || signature.BitLength%8 != 0 ||
		!seq.ReadOptionalASN1(&certs, &present, explicit(0)) || !seq.Empty() {
		return malformed("no BasicOCSPResponse")
	}
	r.RawTBS, r.algorithm, r.signature = tbs, algorithm, signature.Bytes
	if err := r.parseData(tbs); err != nil {
		return err
	}
	if !present {
		return nil
	}
	return r.parseCertificates(certs)
}

// parseData reads
//
//	ResponseData ::= SEQUENCE {
//	    version             [0] EXPLICIT INTEGER { v1(0) } DEFAULT v1,
//	    responderID         CHOICE { [1] EXPLICIT Name, [2] EXPLICIT OCTET STRING },
//	    producedAt          GeneralizedTime,
//	    responses           SEQUENCE OF SingleResponse,
//	    responseExtensions  [1] EXPLICIT Extensions OPTIONAL }
func (r *Response) parseData(element cryptobyte.String) error {
	var data, version, responses, extensions cryptobyte.String
	var versioned, extended bool
	if !element.ReadASN1(&data, cbasn1.SEQUENCE) ||
		!data.ReadOptionalASN1(&version, &versioned, explicit(0)) {
		return malformed("no ResponseData")
	}
	if versioned {
		var v int
		if !version.ReadASN1Integer(&v) || !version.Empty() {
			return malformed("the version")
		}
		if v != 0 {
			return fmt.Errorf("version %d: %w", v+1, ErrUnsupported)
		}
		r.note("X.690 11.5: the version is written, though it is the default")
	}
	if !r.readResponder(&data) {
		return malformed("the responder's identifier")
	}
	var ok bool
	if r.ProducedAt, ok = r.readTime(&data); !ok {
		return malformed("producedAt")
	}
	if !data.ReadASN1(&responses, cbasn1.SEQUENCE) ||
		!data.ReadOptionalASN1(&extensions, &extended, explicit(1)) || !data.Empty() {
		return malformed("the fields of ResponseData")
	}
	if extended {
		if err := r.readExtensions(extensions, r.extension); err != nil {
			return err
		}
	}
	for !responses.Empty() {
		if len(r.Answers) == maxAnswers {
			return fmt.Errorf("more than %d answers: %w", maxAnswers, ErrTooLarge)
		}
		answer, err := r.readAnswer(&responses)
		if err != nil {
			return fmt.Errorf("answer %d: %w", len(r.Answers), err)
		}
		r.Answers = append(r.Answers, answer)
	}
	return nil
}

func (r *Response) readResponder(data *cryptobyte.String) bool {
	var id, hash cryptobyte.String
	if data.PeekASN1Tag(explicit(1)) {
		if !data.ReadASN1(&id, explicit(1)) || !pki.IsName(id) {
			return false
		}
		r.ResponderName = id
		return true
	}
	if !data.ReadASN1(&id, explicit(2)) || !id.ReadASN1(&hash, cbasn1.OCTET_STRING) ||
		!id.Empty() || hash.Empty() {
		return false
	}
	r.ResponderKeyHash = hash
	return true
}

// parseCertificates keeps what package x509 can read. What it cannot read is
// no reason to lose the answer: the signer may be known from elsewhere.
func (r *Response) parseCertificates(in cryptobyte.String) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return malformed("the certificates")
	}
	for n := 0; !list.Empty(); n++ {
		var der cryptobyte.String
		if n == maxCertificates {
			return fmt.Errorf("more than %d certificates: %w", maxCertificates, ErrTooLarge)
		}
		if !list.ReadASN1Element(&der, cbasn1.SEQUENCE) {
			return malformed("a certificate")
		}
		c, err := x509.ParseCertificate(der)
		if err != nil {
			r.note("RFC 5280 4.1: a certificate in the response cannot be read")
			continue
		}
		r.Certificates = append(r.Certificates, c)
	}
	return nil
}

// Algorithm returns what the response was signed with; the error is that of
// [pki.ParseAlgorithmIdentifier].
func (r *Response) Algorithm() (pki.Algorithm, error) {
	return pki.ParseAlgorithmIdentifier(r.algorithm, pki.UnknownHash)
}

var (
	// ErrNonce says that a response answers another request.
	ErrNonce = errors.New("the nonce is not the request's")
	// ErrNoNonce says that a response does not tell which request it answers.
	// Responders that prepare their answers write none (RFC 5019 §4): then its
	// times alone can tell that it is not an old one.
	ErrNoNonce = errors.New("there is no nonce")
)

// AnswersRequest returns nil if the response repeats the nonce of a request,
// or the request had none (RFC 6960 §4.4.1). The error wraps [ErrNonce] or
// [ErrNoNonce].
func (r *Response) AnswersRequest(nonce []byte) error {
	switch {
	case len(nonce) == 0 || bytes.Equal(r.Nonce, nonce):
		return nil
	case r.Nonce == nil:
		return fmt.Errorf("matching an OCSP response to its request: %w", ErrNoNonce)
	}
	return fmt.Errorf("matching an OCSP response to its request: %w", ErrNonce)
}

// note remembers a defect, once however often it occurs.
func (r *Response) note(defect string) {
	if !slices.Contains(r.Defects, defect) {
		r.Defects = append(r.Defects, defect)
	}
}

func explicit(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }

func malformed(what string) error { return fmt.Errorf("%s: %w", what, ErrMalformed) }
