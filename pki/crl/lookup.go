package crl

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// Lookup returns the entry for cert, and whether there is one. That there is
// none means "not revoked" only for a certificate that the list covers: see
// [List.Covers]. If there are several, it is the gravest. The error is that of
// the file, if the list is in one.
func (l *List) Lookup(cert *x509.Certificate) (Entry, bool, error) {
	if cert.SerialNumber == nil {
		return Entry{}, false, fmt.Errorf("looking a certificate up: it has no serial number: %w", ErrMalformed)
	}
	var b cryptobyte.Builder
	b.AddASN1BigInt(cert.SerialNumber)
	serial, err := b.Bytes()
	if err != nil {
		return Entry{}, false, fmt.Errorf("looking a certificate up: %w", err)
	}
	q := question{list: l, cert: cert, serial: serial}
	if index := l.index.Load(); index != nil {
		err = index.ask(&q)
	} else {
		err = q.ask()
	}
	if err != nil {
		return Entry{}, false, fmt.Errorf("looking a certificate up: %w", err)
	}
	return q.entry, q.found, nil
}

// question is for one certificate, and what has been found so far.
type question struct {
	list   *List
	cert   *x509.Certificate
	serial []byte // the element; Parse has let only its shortest form through
	entry  Entry
	found  bool
}

// ask looks at every entry.
func (q *question) ask() error {
	var issuer []byte // that is in force, nil: the list's
	var wrong error
	err := q.list.each(func(_ int64, element cryptobyte.String) bool {
		if q.list.foreign {
			var e rawEntry
			if e, wrong = readEntry(element, q.list.Version); wrong != nil {
				return false
			}
			if e.issuer != nil {
				issuer = append(issuer[:0], e.issuer...)
			}
		}
		wrong = q.hear(element, issuer)
		return wrong == nil
	})
	if err != nil {
		return err
	}
	return wrong
}

// hear takes note of an entry if it is about the certificate.
func (q *question) hear(element cryptobyte.String, issuer []byte) error {
	var entry cryptobyte.String
	if at := element; !at.ReadASN1(&entry, cbasn1.SEQUENCE) || !bytes.HasPrefix(entry, q.serial) {
		return nil
	}
	// RFC 5280 §5.3.3: another issuer's certificate of the same number is not
	// this one.
	of := issuer
	if of == nil {
		of = q.list.RawIssuer
	}
	if !pki.SameName(of, q.cert.RawIssuer) {
		return nil
	}
	e, err := readEntry(element, q.list.Version)
	if err != nil {
		return err
	}
	if found := e.entry(issuer); !q.found || found.graver(&q.entry) {
		q.entry, q.found = found, true
	}
	return nil
}

// graver orders what a list says twice of one certificate, lest a second entry
// undo the first or hide behind it: revoked before held before removed, and the
// earlier before the later.
func (e *Entry) graver(than *Entry) bool {
	if a, b := e.Reason.gravity(), than.Reason.gravity(); a != b {
		return a > b
	}
	return e.Time.Before(than.Time)
}

// Entries returns every entry in the list's order. The error is that of the
// file, if the list is in one, and ends it.
func (l *List) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var issuer []byte
		var wrong error
		err := l.each(func(_ int64, element cryptobyte.String) bool {
			var e rawEntry
			if e, wrong = readEntry(element, l.Version); wrong != nil {
				return false
			}
			if e.issuer != nil {
				issuer = append(issuer[:0], e.issuer...)
			}
			return yield(e.entry(issuer), nil)
		})
		if err = errors.Join(err, wrong); err != nil {
			yield(Entry{}, err)
		}
	}
}
