package ocsp

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"slices"
	"time"

	"tamga/pki"
)

var (
	// ErrUnauthorised says that a certificate may not answer for an issuer.
	ErrUnauthorised = errors.New("not authorised to answer")
	// ErrNoSigner says that nobody at hand is whom the response names.
	ErrNoSigner = errors.New("the signer is not known")
)

// maxSigners is how many certificates with the signer's name are tried.
const maxSigners = 8

// Signer returns those among issuer, the response's certificates and pool that
// the response names as its signer, by name or by key (RFC 6960 §4.2.2.3), in
// that order and each once. None of them has been judged. Without any, the
// error wraps [ErrNoSigner], or [pki.ErrUnknownAlgorithm] if the key is named
// by another digest than SHA-1.
func (r *Response) Signer(issuer *x509.Certificate, pool []*x509.Certificate) ([]*x509.Certificate, error) {
	if r.ResponderName == nil && len(r.ResponderKeyHash) != pki.SHA1.Size() {
		return nil, fmt.Errorf("finding the signer: a key digest of %d bytes: %w",
			len(r.ResponderKeyHash), pki.ErrUnknownAlgorithm)
	}
	var out []*x509.Certificate
	for _, c := range slices.Concat([]*x509.Certificate{issuer}, r.Certificates, pool) {
		if c != nil && r.isNamed(c) && len(out) < maxSigners &&
			!slices.ContainsFunc(out, func(o *x509.Certificate) bool { return bytes.Equal(o.Raw, c.Raw) }) {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("finding the signer: %w", ErrNoSigner)
	}
	return out, nil
}

func (r *Response) isNamed(c *x509.Certificate) bool {
	if r.ResponderName != nil {
		return pki.SameName(r.ResponderName, c.RawSubject)
	}
	key, err := pki.PublicKeyBits(c)
	return err == nil && bytes.Equal(r.ResponderKeyHash, pki.SHA1.Sum(key))
}

// Verify returns nil if signer's key has signed the response. It says nothing
// of signer's right to answer: see [Authorised]. The error wraps
// [pki.ErrInvalidSignature] or [pki.ErrUnknownAlgorithm].
func (r *Response) Verify(signer *x509.Certificate, verify pki.VerifyFunc) error {
	alg, err := r.Algorithm()
	if err != nil {
		return fmt.Errorf("verifying an OCSP response: %w", err)
	}
	if err := verify(signer.PublicKey, alg, r.RawTBS, r.signature); err != nil {
		return fmt.Errorf("verifying an OCSP response: %w", err)
	}
	return nil
}

// Authorised returns nil if responder may answer for the certificates of
// issuer: it is the issuer, or the issuer itself has certified it with
// id-kp-OCSPSigning (RFC 6960 §4.2.2.2). "Any" extended key usage is not
// enough, and neither is a certificate further down: whoever holds one of the
// issuer's certificates could else declare himself not revoked. The error wraps
// [ErrUnauthorised], [pki.ErrInvalidSignature] or [pki.ErrUnknownAlgorithm].
//
// The key usage of the issuer itself is not asked for: CAs in service answer
// with keys for certificates and CRLs, and could certify a delegate as well.
func Authorised(responder, issuer *x509.Certificate, verify pki.VerifyFunc) error {
	if isSame(responder, issuer) {
		return nil
	}
	fail := func(why string) error {
		return fmt.Errorf("authorising the responder: %s: %w", why, ErrUnauthorised)
	}
	switch {
	case !pki.SameName(responder.RawIssuer, issuer.RawSubject):
		return fail("another issuer has certified it")
	case !slices.Contains(responder.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return fail("its certificate is not for OCSP (id-kp-OCSPSigning)")
	case !pki.AllowsKeyUsage(responder, x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment):
		// RFC 5280 §4.2.1.12 lists these two as consistent with OCSPSigning.
		return fail("its key usage does not allow signatures")
	case slices.ContainsFunc(responder.UnhandledCriticalExtensions, isUnknown):
		return fail("its certificate has a critical extension that is not known")
	case !pki.AllowsKeyUsage(issuer, x509.KeyUsageCertSign) || issuer.BasicConstraintsValid && !issuer.IsCA:
		return fail("who certified it is no CA")
	}
	if err := pki.VerifyCertificate(responder, issuer.PublicKey, verify); err != nil {
		return fmt.Errorf("authorising the responder: the issuer's signature on its certificate: %w", err)
	}
	return nil
}

// isUnknown tells the critical extensions that package x509 does not handle from
// those that take no right to answer away: no look for a revocation (RFC 6960
// §4.2.2.2.1), and what makes a certificate a qualified one (RFC 3739 §3.2.6),
// which some responders' certificates in service carry as critical.
func isUnknown(id asn1.ObjectIdentifier) bool {
	return id.String() != oidNoCheck && id.String() != oidQCStatements
}

// isSame reports whether both certificates are of one name and one key, as
// those of a CA are that was certified several times.
func isSame(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo) &&
		pki.SameName(a.RawSubject, b.RawSubject)
}

// NoCheck reports whether c's issuer asks not to look for a revocation of c
// (id-pkix-ocsp-nocheck, RFC 6960 §4.2.2.2.1). It counts on a responder's
// certificate only.
func NoCheck(c *x509.Certificate) bool {
	return slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.String() == oidNoCheck })
}

// Question is what [Response.Judge] needs.
type Question struct {
	Certificate *x509.Certificate   // in question
	Issuer      *x509.Certificate   // believed by the caller
	Pool        []*x509.Certificate // where else the signer may be found
	// Responders are believed by the caller, by decision, to answer for
	// Issuer's certificates (RFC 6960 §4.2.2.2, first case).
	Responders []*x509.Certificate
	Verify     pki.VerifyFunc
}

// Authority is the right by which a signer answers (RFC 6960 §4.2.2.2). The
// zero value is none.
type Authority uint8

// The authorities: the issuer itself, a responder that the issuer has
// certified, and one of Question.Responders.
const (
	NoAuthority Authority = iota
	IssuerItself
	Delegate
	Appointed
)

// Statement is an answer that has been found to come from who may give it. Its
// times, and whether Signer was itself revoked, have not been judged.
type Statement struct {
	Answer
	ProducedAt time.Time
	Signer     *x509.Certificate
	Authority  Authority
}

// Judge returns what the response says of the certificate in question (RFC 6960
// §3.2 steps 1 to 4), or an error that wraps one of this package's, or
// [pki.ErrInvalidSignature] or [pki.ErrUnknownAlgorithm]. Where several
// certificates bear the signer's name, one that passes is enough.
func (r *Response) Judge(q Question) (*Statement, error) {
	answer, err := r.Answer(q.Certificate, q.Issuer)
	if err != nil {
		return nil, err
	}
	signers, err := r.Signer(q.Issuer, slices.Concat(q.Responders, q.Pool))
	if err != nil {
		return nil, err
	}
	var first error
	for _, signer := range signers {
		by, err := r.accepts(signer, &q)
		if err == nil {
			return &Statement{Answer: *answer, ProducedAt: r.ProducedAt, Signer: signer, Authority: by}, nil
		}
		if first == nil || errors.Is(err, pki.ErrUnknownAlgorithm) {
			first = err
		}
	}
	return nil, first
}

// appoints reports whether c is one of Responders.
func (q *Question) appoints(c *x509.Certificate) bool {
	return slices.ContainsFunc(q.Responders, func(r *x509.Certificate) bool { return r != nil && isSame(c, r) })
}

// accepts reports by what right signer answers, if it has one and has signed.
func (r *Response) accepts(signer *x509.Certificate, q *Question) (Authority, error) {
	fail := func(why string) (Authority, error) {
		return NoAuthority, fmt.Errorf("authorising the responder: %s: %w", why, ErrUnauthorised)
	}
	by := Delegate
	switch {
	case isSame(signer, q.Issuer):
		by = IssuerItself
	case isSame(signer, q.Certificate):
		// A delegate whose key was stolen would call its own certificate good.
		return fail("it answers for itself")
	case r.ProducedAt.Before(signer.NotBefore) || r.ProducedAt.After(signer.NotAfter):
		// Nobody looks for the revocation of most delegates, whose certificates
		// end soon instead: a key thrown away since must not answer any more.
		return fail("its certificate was not valid when it answered")
	case q.appoints(signer):
		by = Appointed
	default:
		if err := Authorised(signer, q.Issuer, q.Verify); err != nil {
			return NoAuthority, err
		}
	}
	if err := r.Verify(signer, q.Verify); err != nil {
		return NoAuthority, err
	}
	return by, nil
}
