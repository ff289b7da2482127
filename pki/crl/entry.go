package crl

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"iter"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// Entry is one revoked certificate.
type Entry struct {
	Serial *big.Int
	// Issuer is the DER name of the certificate's issuer, where an indirect
	// list says that it is not the list's (RFC 5280 §5.3.3); nil: it is.
	Issuer []byte
	Time   time.Time // of revocation
	Reason Reason    // Unspecified where nothing is said
	// Invalid is since when the key is known or suspected to be compromised
	// (RFC 5280 §5.3.2); zero: not said.
	Invalid time.Time
}

// maxEntry bounds one entry: real ones have some forty bytes, those with an
// issuer's name some hundred.
const maxEntry = 64 << 10

// each hands the element of every entry, with its place, to visit until that
// says false. The element is valid until visit returns.
func (l *List) each(visit func(at int64, element cryptobyte.String) bool) error {
	if l.entries.memory != nil {
		rest := cryptobyte.String(l.entries.memory[l.entries.at:l.entries.end])
		for !rest.Empty() {
			var element cryptobyte.String
			at := l.entries.end - int64(len(rest))
			if !rest.ReadASN1Element(&element, cbasn1.SEQUENCE) {
				return malformed("an entry")
			}
			if !visit(at, element) {
				return nil
			}
		}
		return nil
	}
	return l.eachInFile(visit)
}

// window is how much of a file is read at once.
const window = 256 << 10

func (l *List) eachInFile(visit func(at int64, element cryptobyte.String) bool) error {
	var buf []byte // what is at hand of the file, from at on
	for at := l.entries.at; at < l.entries.end; {
		c := cursor{bytes.NewReader(buf), buf, 0, int64(len(buf))}
		_, header, content, err := c.header()
		if size := header + content; err == nil && size <= maxEntry {
			if buf[0] != byte(cbasn1.SEQUENCE) {
				return malformed("an entry")
			}
			if !visit(at, cryptobyte.String(buf[:size])) {
				return nil
			}
			buf, at = buf[size:], at+size
			continue
		}
		// Not enough at hand, or not an entry: only a fresh window can tell.
		want := min(window, l.entries.end-at)
		if int64(len(buf)) == want {
			return malformed("an entry")
		}
		buf = make([]byte, want)
		if n, err := l.entries.r.ReadAt(buf, at); n < len(buf) {
			if err == nil || err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return fmt.Errorf("reading %d bytes at %d: %w", want, at, err)
		}
	}
	return nil
}

// Lookup returns the entry for cert, and whether there is one. That there is
// none means "not revoked" only for a certificate that the list covers: see
// [List.Covers]. The error is that of the file, if the list is in one.
func (l *List) Lookup(cert *x509.Certificate) (Entry, bool, error) {
	want, err := serialElement(cert)
	if err != nil {
		return Entry{}, false, err
	}
	if index := l.index.Load(); index != nil {
		return index.lookup(l, cert, want)
	}
	var found *Entry
	var issuer []byte
	var wrong error
	err = l.each(func(_ int64, element cryptobyte.String) bool {
		if l.foreign {
			if issuer, wrong = entryIssuer(element, issuer); wrong != nil {
				return false
			}
		}
		if !hasSerial(element, want) || !l.isOf(cert, issuer) {
			return true
		}
		var e Entry
		if e, wrong = readEntry(element, l.Version); wrong == nil {
			e.Issuer = bytes.Clone(issuer)
			found = &e
		}
		return false
	})
	if err == nil {
		err = wrong
	}
	if err != nil || found == nil {
		return Entry{}, false, err
	}
	return *found, true, nil
}

// isOf reports whether an entry whose issuer is issuer (nil: the list's) is
// about a certificate of cert's issuer.
func (l *List) isOf(cert *x509.Certificate, issuer []byte) bool {
	if issuer == nil {
		issuer = l.RawIssuer
	}
	return !l.Scope.Indirect || pki.SameName(issuer, cert.RawIssuer)
}

// serialElement is the DER of cert's serial number. Parse has let only the
// shortest encoding through, so equal numbers are equal bytes.
func serialElement(cert *x509.Certificate) ([]byte, error) {
	if cert.SerialNumber == nil {
		return nil, fmt.Errorf("looking a certificate up: it has no serial number: %w", ErrMalformed)
	}
	var b cryptobyte.Builder
	b.AddASN1BigInt(cert.SerialNumber)
	return b.Bytes()
}

func hasSerial(element cryptobyte.String, want []byte) bool {
	var entry cryptobyte.String
	return element.ReadASN1(&entry, cbasn1.SEQUENCE) && bytes.HasPrefix(entry, want)
}

// Entries returns every entry in the list's order. The error is that of the
// file, if the list is in one, and ends it.
func (l *List) Entries() iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		var issuer []byte
		err := l.each(func(_ int64, element cryptobyte.String) bool {
			e, err := readEntry(element, l.Version)
			if e.Issuer != nil {
				issuer = bytes.Clone(e.Issuer)
			}
			e.Issuer = issuer
			return yield(e, err) && err == nil
		})
		if err != nil {
			yield(Entry{}, err)
		}
	}
}

// checkEntry is readEntry for a million of them: it makes nothing. It reports
// whether the entry names an issuer.
func checkEntry(element cryptobyte.String, version int) (foreign bool, err error) {
	var entry, serial cryptobyte.String
	at := element
	if !element.ReadASN1(&entry, cbasn1.SEQUENCE) || !element.Empty() {
		return false, malformed("no SEQUENCE")
	}
	if !entry.ReadASN1(&serial, cbasn1.INTEGER) || !isShortest(serial) {
		return false, malformed("no serial number")
	}
	if !isTime(&entry) {
		return false, malformed("no revocation date")
	}
	if entry.Empty() {
		return false, nil
	}
	e, err := readEntry(at, version)
	return e.Issuer != nil, err
}

// isShortest reports whether an INTEGER has no octet that says nothing (X.690
// §8.3.2): a serial number in a second encoding would not be found.
func isShortest(n []byte) bool {
	if len(n) == 0 {
		return false
	}
	return len(n) == 1 || !(n[0] == 0 && n[1] < 0x80 || n[0] == 0xff && n[1] >= 0x80)
}

// isTime reads a time, and tells by its digits alone if it is the usual
// "YYMMDDhhmmssZ".
func isTime(in *cryptobyte.String) bool {
	at := *in
	var text cryptobyte.String
	if in.ReadASN1(&text, cbasn1.UTCTime) && len(text) == 13 && text[12] == 'Z' {
		digits := func(i, from, to int) bool {
			if text[i] < '0' || text[i] > '9' || text[i+1] < '0' || text[i+1] > '9' {
				return false
			}
			n := int(text[i]-'0')*10 + int(text[i+1]-'0')
			return from <= n && n <= to
		}
		if digits(0, 0, 99) && digits(2, 1, 12) && digits(4, 1, 28) && digits(6, 0, 23) && digits(8, 0, 59) && digits(10, 0, 59) {
			return true
		}
	}
	*in = at
	_, ok := readTime(in)
	return ok
}

// entryIssuer is the issuer that holds for an entry: its own, or the one before.
func entryIssuer(element cryptobyte.String, before []byte) ([]byte, error) {
	var entry cryptobyte.String
	var tag cbasn1.Tag
	var skipped cryptobyte.String
	if in := element; !in.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.SkipASN1(cbasn1.INTEGER) ||
		!entry.ReadAnyASN1(&skipped, &tag) {
		return nil, malformed("an entry")
	}
	if entry.Empty() {
		return before, nil
	}
	e, err := readEntry(element, 2)
	if e.Issuer != nil {
		return bytes.Clone(e.Issuer), err
	}
	return before, err
}

// readEntry reads
//
//	SEQUENCE {
//	    userCertificate    CertificateSerialNumber,
//	    revocationDate     Time,
//	    crlEntryExtensions Extensions OPTIONAL }
func readEntry(element cryptobyte.String, version int) (e Entry, err error) {
	var entry cryptobyte.String
	e.Serial = new(big.Int)
	if !element.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Integer(e.Serial) {
		return e, malformed("no serial number")
	}
	var ok bool
	if e.Time, ok = readTime(&entry); !ok {
		return e, malformed("no revocation date")
	}
	if entry.Empty() {
		return e, nil
	}
	if version == 1 {
		return e, malformed("entry extensions in version 1 (RFC 5280 §5.1.2.6)")
	}
	return e, readExtensions(entry, e.extension)
}

func (e *Entry) extension(id string, critical bool, value cryptobyte.String) error {
	switch id {
	case oidReason:
		var reason int
		if !value.ReadASN1Enum(&reason) || !value.Empty() {
			return malformed("the reason")
		}
		e.Reason = Reason(reason)
	case oidInvalidity:
		if !value.ReadASN1GeneralizedTime(&e.Invalid) || !value.Empty() {
			return malformed("the invalidity date")
		}
	case oidEntryIssuer:
		name, err := directoryName(value)
		e.Issuer = name
		return err
	default:
		if critical {
			return fmt.Errorf("critical extension %s: %w", id, ErrUnsupported)
		}
	}
	return nil
}

// directoryName is the one Name among GeneralNames: an issuer that has none
// cannot be compared with what certificates say.
func directoryName(names cryptobyte.String) ([]byte, error) {
	var list, name cryptobyte.String
	if !names.ReadASN1(&list, cbasn1.SEQUENCE) || !names.Empty() {
		return nil, malformed("the names of an issuer")
	}
	found, err := directoryNames(list)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("an issuer of %d directory names: %w", len(found), ErrUnsupported)
	}
	name = found[0]
	return name, nil
}

// directoryNames are the Names among the GeneralNames in list: directoryName
// [4] is EXPLICIT, because Name is a CHOICE.
func directoryNames(list cryptobyte.String) (out [][]byte, err error) {
	for !list.Empty() {
		var element, name cryptobyte.String
		var tag cbasn1.Tag
		if !list.ReadAnyASN1(&element, &tag) {
			return nil, malformed("a general name")
		}
		if tag != cbasn1.Tag(4).ContextSpecific().Constructed() {
			continue
		}
		if !element.ReadASN1Element(&name, cbasn1.SEQUENCE) || !element.Empty() || !pki.IsName(name) {
			return nil, malformed("a directory name")
		}
		if out = append(out, name); len(out) > maxExtensions {
			return nil, fmt.Errorf("more than %d names: %w", maxExtensions, ErrTooLarge)
		}
	}
	return out, nil
}
