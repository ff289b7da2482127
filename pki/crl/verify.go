package crl

import (
	"crypto/x509"
	"errors"
	"fmt"

	"tamga/pki"
)

// ErrIssuer says that a certificate may not have issued a list: it has another
// name, or may not sign lists.
var ErrIssuer = errors.New("not the issuer of the list")

// Verify returns nil if issuer has signed the list and may sign lists. Whether
// issuer itself is to be believed, the caller decides. The error wraps
// [ErrIssuer], [pki.ErrInvalidSignature] or [pki.ErrUnknownAlgorithm], or is
// that of the file that the list is in.
func (l *List) Verify(issuer *x509.Certificate, verify pki.VerifyFunc) error {
	if !pki.SameName(l.RawIssuer, issuer.RawSubject) {
		return fmt.Errorf("verifying a CRL: %s has another name: %w", issuer.Subject, ErrIssuer)
	}
	// RFC 5280 §6.3.3 (f): if the key usage is said, cRLSign must be in it.
	if !pki.AllowsKeyUsage(issuer, x509.KeyUsageCRLSign) {
		return fmt.Errorf("verifying a CRL: the key of %s may not sign CRLs: %w", issuer.Subject, ErrIssuer)
	}
	algorithm, err := l.Algorithm()
	if err == nil {
		err = l.verify(issuer, algorithm, verify)
	}
	if err != nil {
		return fmt.Errorf("verifying a CRL of %s: %w", issuer.Subject, err)
	}
	return nil
}

// verify reads the signed bytes of a list in a file once, and keeps none of
// them if the algorithm signs a digest.
func (l *List) verify(issuer *x509.Certificate, algorithm pki.Algorithm, verify pki.VerifyFunc) error {
	size := l.tbs.end - l.tbs.at
	if l.tbs.memory != nil || !algorithm.Prehashed() {
		if size > MaxSize {
			return fmt.Errorf("%d bytes for an algorithm that signs the whole: %w", size, ErrTooLarge)
		}
		tbs := l.tbs
		message, err := tbs.bytes(size)
		if err != nil {
			return err
		}
		return verify(issuer.PublicKey, algorithm, message, l.signature)
	}
	h, buf := algorithm.Hash().New(), make([]byte, min(window, size))
	for at := l.tbs.at; at < l.tbs.end; at += int64(len(buf)) {
		buf = buf[:min(int64(len(buf)), l.tbs.end-at)]
		if err := readAt(l.tbs.r, buf, at); err != nil {
			return fmt.Errorf("reading the signed bytes: %w", err)
		}
		h.Write(buf)
	}
	return pki.VerifyDigest(issuer.PublicKey, algorithm, h.Sum(nil), l.signature)
}

// Algorithm returns what the list was signed with; the error is that of
// [pki.ParseAlgorithmIdentifier].
func (l *List) Algorithm() (pki.Algorithm, error) {
	return pki.ParseAlgorithmIdentifier(l.algorithm, pki.UnknownHash)
}
