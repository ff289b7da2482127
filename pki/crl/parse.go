package crl

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// Limits on the size of a list in bytes.
const (
	MaxSize = 64 << 20 // that is held in memory: about two million entries
	MaxFile = 1 << 30  // that stays in its file: about thirty million
)

var (
	// ErrMalformed says that the bytes are no list by RFC 5280.
	ErrMalformed = errors.New("malformed")
	// ErrTooLarge says that the list, or a part of it, is larger than a limit.
	ErrTooLarge = errors.New("too large")
	// ErrUnsupported says that the list may be well, but is of a kind from
	// which no conclusion is drawn here.
	ErrUnsupported = errors.New("not supported")
)

// List is what a revocation list says. Nothing in it has been checked.
type List struct {
	Raw        []byte // the whole CertificateList; nil if it is in a file
	RawIssuer  []byte // DER of the issuer's Name
	Version    int    // 1 or 2
	ThisUpdate time.Time
	NextUpdate time.Time // zero: not said
	Number     *big.Int  // nil: not said (RFC 5280 §5.2.3)
	// Base is the number of the list that this one only adds to (RFC 5280
	// §5.2.4); nil: it is complete.
	Base      *big.Int
	IssuerKey []byte // authority key identifier, nil: not said
	Scope     Scope
	// ExpiredCerts is since when certificates stay on the list though they have
	// ended (ISO/IEC 9594-8 §9.5.2.9); zero: not said.
	ExpiredCerts time.Time
	// Freshest is where deltas of the list are published (RFC 5280 §5.2.6).
	Freshest []Point
	// Defects are departures from RFC 5280 that leave the meaning clear. CAs in
	// service commit them, such as that of Ukraine's central authority.
	Defects []string

	tbs       cursor // the signed bytes
	entries   cursor // the content of revokedCertificates
	algorithm []byte // DER of the AlgorithmIdentifier
	signature []byte
	issuer    string // what equal names of issuers have the same
	authority []byte // the value of the authority key identifier
	count     int    // of entries
	foreign   bool   // an entry names an issuer
	index     atomic.Pointer[index]
}

// Len returns how many entries the list has.
func (l *List) Len() int { return l.count }

// Parse reads one DER list and refuses bytes after it. The error wraps
// [ErrMalformed], [ErrTooLarge] or [ErrUnsupported].
func Parse(der []byte) (*List, error) {
	if len(der) > MaxSize {
		return nil, fmt.Errorf("reading a CRL of %d bytes: %w", len(der), ErrTooLarge)
	}
	if der == nil {
		der = []byte{}
	}
	l, err := read(cursor{bytes.NewReader(der), der, 0, int64(len(der))})
	if err != nil {
		return nil, err
	}
	l.Raw = der
	return l, nil
}

// Open reads the list that r holds in its first size bytes, and leaves the
// entries there: memory does not depend on how many there are. They are looked
// through once now, once for the signature, and once for each question that is
// asked without an index. r must not change. The error is that of [Parse], or
// r's own.
func Open(r io.ReaderAt, size int64) (*List, error) {
	if size > MaxFile {
		return nil, fmt.Errorf("reading a CRL of %d bytes: %w", size, ErrTooLarge)
	}
	if size < 0 {
		return nil, fmt.Errorf("reading a CRL of %d bytes: %w", size, ErrMalformed)
	}
	return read(cursor{r: r, end: size})
}

// read reads
//
//	CertificateList ::= SEQUENCE {
//	    tbsCertList        TBSCertList,
//	    signatureAlgorithm AlgorithmIdentifier,
//	    signatureValue     BIT STRING }
func read(in cursor) (*List, error) {
	l := &List{}
	if err := l.parse(in); err != nil {
		return nil, fmt.Errorf("reading a CRL: %w", err)
	}
	return l, nil
}

func (l *List) parse(in cursor) error {
	list, err := in.enter(cbasn1.SEQUENCE, "CertificateList")
	if err != nil {
		return err
	}
	if !in.empty() {
		return malformed("bytes after the list")
	}
	l.tbs = list
	tbs, err := list.enter(cbasn1.SEQUENCE, "TBSCertList")
	if err != nil {
		return err
	}
	l.tbs.end = tbs.end
	if l.algorithm, err = list.element(cbasn1.SEQUENCE, "signature algorithm"); err != nil {
		return err
	}
	value, err := list.element(cbasn1.BIT_STRING, "signature")
	if err != nil {
		return err
	}
	var signature asn1.BitString
	if !value.ReadASN1BitString(&signature) || signature.BitLength%8 != 0 || !list.empty() {
		return malformed("the signature")
	}
	l.signature = signature.Bytes
	return l.parseTBS(tbs)
}

// parseTBS reads
//
//	TBSCertList ::= SEQUENCE {
//	    version             Version OPTIONAL, -- if present, MUST be v2
//	    signature           AlgorithmIdentifier,
//	    issuer              Name,
//	    thisUpdate          Time,
//	    nextUpdate          Time OPTIONAL,
//	    revokedCertificates SEQUENCE OF SEQUENCE { … } OPTIONAL,
//	    crlExtensions       [0] EXPLICIT Extensions OPTIONAL }
func (l *List) parseTBS(tbs cursor) error {
	if err := l.parseVersion(&tbs); err != nil {
		return err
	}
	algorithm, err := tbs.element(cbasn1.SEQUENCE, "algorithm")
	if err != nil {
		return err
	}
	if !bytes.Equal(algorithm, l.algorithm) {
		// What is signed and what is checked must be the same algorithm
		// (RFC 5280 §5.1.1.2).
		return malformed("two different signature algorithms")
	}
	issuer, err := tbs.element(cbasn1.SEQUENCE, "issuer name")
	if err != nil {
		return err
	}
	name, err := pki.ParseName(issuer)
	if err != nil {
		return malformed("no issuer name")
	}
	l.RawIssuer, l.issuer = issuer, name.Key()
	if l.ThisUpdate, err = nextTime(&tbs); err != nil {
		return err
	}
	if l.ThisUpdate.IsZero() {
		return malformed("no time of update")
	}
	if l.NextUpdate, err = nextTime(&tbs); err != nil {
		return err
	}
	if err := l.parseEntries(&tbs); err != nil {
		return err
	}
	return l.parseExtensions(&tbs)
}

func (l *List) parseVersion(tbs *cursor) error {
	l.Version = 1
	if given, err := tbs.next(cbasn1.INTEGER); !given {
		return err
	}
	element, err := tbs.element(cbasn1.INTEGER, "version")
	if err != nil {
		return err
	}
	var version int
	if !element.ReadASN1Integer(&version) || version != 1 {
		return malformed("a version other than 2 (RFC 5280 §5.1.2.1)")
	}
	l.Version = 2
	return nil
}

// nextTime is the zero time if no Time comes next.
func nextTime(tbs *cursor) (time.Time, error) {
	for _, tag := range []cbasn1.Tag{cbasn1.UTCTime, cbasn1.GeneralizedTime} {
		if given, err := tbs.next(tag); err != nil {
			return time.Time{}, err
		} else if !given {
			continue
		}
		element, err := tbs.element(tag, "time of update")
		if err != nil {
			return time.Time{}, err
		}
		t, ok := readTime(&element)
		if !ok || t.IsZero() {
			return time.Time{}, malformed("a time of update")
		}
		return t, nil
	}
	return time.Time{}, nil
}

// parseEntries checks every entry, and leaves them where they are.
func (l *List) parseEntries(tbs *cursor) error {
	if given, err := tbs.next(cbasn1.SEQUENCE); !given {
		return err
	}
	entries, err := tbs.enter(cbasn1.SEQUENCE, "list of entries")
	if err != nil {
		return err
	}
	if entries.empty() {
		l.Defects = append(l.Defects, "RFC 5280 5.1.2.6: no entry is revoked, yet the list of entries is there")
	}
	l.entries = entries
	var issuer []byte
	var wrong error
	err = l.each(func(_ int64, element cryptobyte.String) bool {
		var e rawEntry
		if e, wrong = readEntry(element, l.Version); wrong != nil {
			return false
		}
		if e.issuer != nil && !bytes.Equal(e.issuer, issuer) {
			l.foreign, issuer = true, append(issuer[:0], e.issuer...)
			if !pki.IsName(issuer) {
				wrong = malformed("the name of the issuer")
				return false
			}
		}
		l.count++
		return true
	})
	if err = errors.Join(err, wrong); err != nil {
		return fmt.Errorf("entry %d: %w", l.count, err)
	}
	return nil
}

func (l *List) parseExtensions(tbs *cursor) error {
	var raw cryptobyte.String
	tag := cbasn1.Tag(0).ContextSpecific().Constructed()
	if given, err := tbs.next(tag); err != nil {
		return err
	} else if given {
		element, err := tbs.element(tag, "extensions")
		if err != nil {
			return err
		}
		if !element.ReadASN1(&raw, tag) {
			return malformed("the extensions")
		}
	}
	if !tbs.empty() {
		return malformed("bytes after the fields of TBSCertList")
	}
	if raw != nil {
		if l.Version == 1 {
			return malformed("extensions in version 1 (RFC 5280 §5.1.2.7)")
		}
		if err := readExtensions(raw, l.extension); err != nil {
			return err
		}
	}
	if l.foreign && !l.Scope.Indirect {
		return malformed("an entry of another issuer in a list that is not indirect (RFC 5280 §5.3.3)")
	}
	return nil
}

func malformed(what string) error { return fmt.Errorf("%s: %w", what, ErrMalformed) }
