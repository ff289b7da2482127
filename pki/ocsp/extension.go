package ocsp

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// The object identifiers of RFC 6960 Appendix B, of CRL entry extensions that
// may stand beside an answer (RFC 6960 §4.4.5), and of others' extensions.
const (
	oidBasic          = "1.3.6.1.5.5.7.48.1.1"
	oidNonce          = "1.3.6.1.5.5.7.48.1.2"
	oidNoCheck        = "1.3.6.1.5.5.7.48.1.5"
	oidArchiveCutoff  = "1.3.6.1.5.5.7.48.1.6"
	oidExtendedRevoke = "1.3.6.1.5.5.7.48.1.9"
	oidReason         = "2.5.29.21"
	oidInvalidity     = "2.5.29.24"
	oidQCStatements   = "1.3.6.1.5.5.7.1.3"
	oidCertHash       = "1.3.36.8.3.13"
	oidTransparency   = "1.3.6.1.4.1.11129.2.4.5"
)

// maxNonce is the length of the longest nonce (RFC 9654 §2.1).
const maxNonce = 128

// extension reads one of responseExtensions.
func (r *Response) extension(id string, critical bool, value cryptobyte.String) error {
	switch id {
	case oidNonce:
		r.readNonce(value)
	case oidExtendedRevoke:
		var null cryptobyte.String
		if !value.ReadASN1(&null, cbasn1.NULL) || !null.Empty() || !value.Empty() {
			return malformed("the extended revoked definition")
		}
		r.ExtendedRevoke = true
	default:
		return unknownExtension(id, critical)
	}
	return nil
}

// readNonce reads OCTET STRING (SIZE (1..128)). Before RFC 8954 responders took
// the extension's value itself for the nonce, as the text of RFC 2560 allows.
func (r *Response) readNonce(value cryptobyte.String) {
	var nonce cryptobyte.String
	if whole := value; !value.ReadASN1(&nonce, cbasn1.OCTET_STRING) || !value.Empty() {
		r.note("RFC 9654 2.1: the nonce is no OCTET STRING")
		nonce = whole
	}
	if len(nonce) == 0 || len(nonce) > maxNonce {
		r.note("RFC 9654 2.1: the nonce is not of 1 to 128 bytes")
	}
	r.Nonce = append([]byte{}, nonce...)
}

// readSingleExtensions reads the extensions of one answer.
func (r *Response) readSingleExtensions(in cryptobyte.String, a *Answer) error {
	said, again := a.Reason, Answer{}
	err := r.readExtensions(in, func(id string, critical bool, value cryptobyte.String) error {
		ok := true
		switch id {
		case oidArchiveCutoff:
			a.ArchiveCutoff, ok = r.readTime(&value)
		case oidInvalidity:
			a.Invalid, ok = r.readTime(&value)
		case oidReason:
			ok = r.readReason(&value, &again)
		case oidCertHash:
			return a.readCertHash(value)
		case oidNonce:
			// It belongs to the response, and says nothing here, even if it is
			// critical as in some responders' answers.
			r.note("RFC 6960 4.4.1: a nonce stands in an answer")
			return nil
		case oidTransparency:
			// RFC 6962 §3.3: that the certificate was logged. It says nothing
			// of revocation, whatever is in it.
			return nil
		default:
			return unknownExtension(id, critical)
		}
		if !ok || !value.Empty() {
			return malformed("extension " + id)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if again.Reason == Unspecified || again.Reason == said {
		return nil
	}
	// Reasons decide whether a key may be in other hands, so that two of them
	// are none.
	if a.Status != Revoked || said != Unspecified {
		return malformed("two reasons of revocation")
	}
	a.Reason = again.Reason
	return nil
}

// readCertHash reads
//
//	CertHash ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, certificateHash OCTET STRING }
func (a *Answer) readCertHash(value cryptobyte.String) error {
	var seq, algorithm, sum cryptobyte.String
	if !value.ReadASN1(&seq, cbasn1.SEQUENCE) || !value.Empty() ||
		!seq.ReadASN1Element(&algorithm, cbasn1.SEQUENCE) ||
		!seq.ReadASN1(&sum, cbasn1.OCTET_STRING) || !seq.Empty() {
		return malformed("the digest of the certificate")
	}
	h, _, err := readHash(algorithm)
	a.CertHash = &CertHash{Hash: h, Sum: sum}
	return err
}

// readHash reads a digest AlgorithmIdentifier. One that we do not know is no
// fault of the response.
func readHash(der cryptobyte.String) (pki.Hash, string, error) {
	h, err := pki.ParseHashIdentifier(der)
	if err != nil && !errors.Is(err, pki.ErrUnknownAlgorithm) {
		return pki.UnknownHash, "", malformed("a digest algorithm")
	}
	var seq cryptobyte.String
	var id asn1.ObjectIdentifier
	der.ReadASN1(&seq, cbasn1.SEQUENCE) // it can be read: it has been, above
	seq.ReadASN1ObjectIdentifier(&id)
	return h, id.String(), nil
}

// unknownExtension refuses what is critical (RFC 6960 §4.4): it may change what
// the answer means.
func unknownExtension(id string, critical bool) error {
	if critical {
		return fmt.Errorf("critical extension %s: %w", id, ErrUnsupported)
	}
	return nil
}

type extensionVisitor func(id string, critical bool, value cryptobyte.String) error

// readExtensions reads Extensions and hands each to visit, in their order. No
// identifier may come twice (RFC 5280 §4.2), lest two readers see two answers.
//
//	Extension ::= SEQUENCE {
//	    extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }
func (r *Response) readExtensions(in cryptobyte.String, visit extensionVisitor) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, cbasn1.SEQUENCE) || !in.Empty() {
		return malformed("the list of extensions")
	}
	if list.Empty() {
		r.note("RFC 5280 4.1: a list of extensions is empty")
	}
	var seen []string
	for !list.Empty() {
		var extension, value cryptobyte.String
		var id asn1.ObjectIdentifier
		critical := false
		if !list.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&id) ||
			!r.readCritical(&extension, &critical) ||
			!extension.ReadASN1(&value, cbasn1.OCTET_STRING) || !extension.Empty() {
			return malformed("an extension")
		}
		name := id.String()
		if slices.Contains(seen, name) {
			return malformed("extension " + name + " twice")
		}
		if seen = append(seen, name); len(seen) > maxExtensions {
			return fmt.Errorf("more than %d extensions: %w", maxExtensions, ErrTooLarge)
		}
		if err := visit(name, critical, value); err != nil {
			return err
		}
	}
	return nil
}

// readCritical reads BOOLEAN DEFAULT FALSE. An encoded FALSE is not DER, but
// common, and means the same.
func (r *Response) readCritical(in *cryptobyte.String, out *bool) bool {
	if !in.PeekASN1Tag(cbasn1.BOOLEAN) {
		return true
	}
	if !in.ReadASN1Boolean(out) {
		return false
	}
	if !*out {
		r.note("X.690 11.5: an extension is written not to be critical, though that is the default")
	}
	return true
}

// readTime reads a GeneralizedTime, by RFC 6960 §4.2.2.1 in the form of RFC
// 5280 §4.1.2.5.2: YYYYMMDDHHMMSSZ. Responders in service add fractions of a
// second; with an offset in place of Z the time is as clear. Without either it
// is a time somewhere, and refused.
func (r *Response) readTime(in *cryptobyte.String) (time.Time, bool) {
	var body cryptobyte.String
	if !in.ReadASN1(&body, cbasn1.GeneralizedTime) || len(body) > len("20060102150405.999999999+0000") {
		return time.Time{}, false
	}
	text := string(body)
	if t, err := time.Parse("20060102150405Z", text); err == nil && len(text) == len("20060102150405Z") {
		return t, true
	}
	t, err := time.Parse("20060102150405Z0700", text)
	// Package time would read a fraction after a comma, too.
	if err != nil || strings.Contains(text, ",") {
		return time.Time{}, false
	}
	r.note("RFC 5280 4.1.2.5.2: a time has fractions of a second or an offset")
	return t.UTC(), true
}
