package mdoc

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"tamga/formats"
	"tamga/formats/internal/cose"
	"tamga/pki"
)

// Preparer writes IssuerSigned.
type Preparer struct {
	DocType    string
	Namespaces []Namespace
	HolderKey  crypto.PublicKey // ECDSA on a NIST curve, or Ed25519
	ValidFrom  time.Time        // fractions of a second are cut off
	ValidUntil time.Time
	Random     io.Reader // where salts and the order of digests come from
}

// Namespace is a list of elements under one name, such as
// "org.iso.18013.5.1".
type Namespace struct {
	Name     string
	Elements []Element
}

// Element is one claim. Value is a string, bool, int, int64, uint64, []byte,
// [FullDate], [time.Time], or []any or map[string]any of these.
type Element struct {
	ID    string
	Value any
}

// FullDate is a day, YYYY-MM-DD (RFC 8943 §2.2, tag 1004).
type FullDate string

// MaxElements is how many elements one namespace may have when written.
const MaxElements = 512

// ID returns [formats.Mdoc].
func (Preparer) ID() formats.ID { return formats.Mdoc }

// valueSize is the length of a value of one of the algorithms for an MSO
// (ISO/IEC 18013-5 9.1.2.4), 0 for others.
func valueSize(a pki.Algorithm) int {
	switch a {
	case pki.ES256, pki.Ed25519:
		return 64
	case pki.ES384:
		return 96
	case pki.ES512:
		return 132
	}
	return 0
}

// Prepare lays out the document. An mdoc is made of claims, not of a file, so
// in is not looked at.
func (w Preparer) Prepare(_ formats.Input, p formats.Params) (*formats.Pending, error) {
	if err := w.check(p); err != nil {
		return nil, fmt.Errorf("preparing an mdoc: %w", err)
	}
	l := layout{Preparer: w, params: p, size: valueSize(p.Algorithm), buffers: pool.Get().(*buffers)}
	defer l.forget()
	pending, err := l.pending()
	if err != nil {
		return nil, fmt.Errorf("preparing an mdoc: %w", err)
	}
	return pending, nil
}

// StampInput returns nil: an mdoc carries no time-stamp.
func (Preparer) StampInput(*formats.Pending, []byte) []byte { return nil }

// check refuses what must not be signed.
func (w Preparer) check(p formats.Params) error {
	switch {
	case w.DocType == "":
		return errors.New("no docType")
	case w.HolderKey == nil:
		return errors.New("no key of its holder: it would belong to whoever has a copy")
	case w.Random == nil:
		return errors.New("no source of randomness")
	case p.Level != "":
		return fmt.Errorf("level %q: %w for an mdoc", p.Level, formats.ErrUnsupported)
	case len(p.Chain) == 0:
		return errors.New("no certificate of the signer")
	case valueSize(p.Algorithm) == 0:
		return fmt.Errorf("%s: %w (ISO/IEC 18013-5 9.1.2.4)", p.Algorithm, formats.ErrUnsupported)
	}
	leaf := p.Chain[0]
	if own, err := pki.DefaultRawAlgorithm(leaf.PublicKey); err != nil || own != p.Algorithm {
		return fmt.Errorf("%s with the key of %s: %w", p.Algorithm, leaf.Subject, formats.ErrUnsupported)
	}
	if selfIssued(leaf) {
		return fmt.Errorf("%s signed itself, and is no document signer (ISO/IEC 18013-5 B.1)", leaf.Subject)
	}
	return w.checkTimes(p.Time, leaf)
}

// checkTimes holds ISO/IEC 18013-5 9.1.2.4: signed lies within the validity of
// the document signer's certificate, which the document does not outlive, and
// not after validFrom.
func (w Preparer) checkTimes(signed time.Time, leaf *x509.Certificate) error {
	from, until, signed := seconds(w.ValidFrom), seconds(w.ValidUntil), seconds(signed)
	for _, t := range []time.Time{from, until, signed} {
		if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
			return errors.New("the time of signing, the start or the end of validity is not given")
		}
	}
	switch {
	case !until.After(from):
		return fmt.Errorf("it would be over (%s) before it began (%s)", stamp(until), stamp(from))
	case from.Before(signed):
		return fmt.Errorf("it would begin (%s) before it was signed (%s)", stamp(from), stamp(signed))
	case signed.Before(leaf.NotBefore) || signed.After(leaf.NotAfter):
		return fmt.Errorf("the time of signing (%s) lies outside of the validity of the certificate of %s",
			stamp(signed), leaf.Subject)
	case until.After(leaf.NotAfter):
		return fmt.Errorf("it would outlive (%s) the certificate of %s (%s)",
			stamp(until), leaf.Subject, stamp(leaf.NotAfter))
	}
	return nil
}

func seconds(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

func selfIssued(c *x509.Certificate) bool { return bytes.Equal(c.RawIssuer, c.RawSubject) }

// Complete puts the value in its place. State is
//
//	the position of the value, 8 bytes, big-endian
//	the document, with zeros where the value will stand
func (Preparer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	if p.Format != formats.Mdoc || valueSize(p.Algorithm) == 0 {
		return formats.Edit{}, fmt.Errorf("completing an mdoc: %w: this is a pending %q with %s",
			formats.ErrUnsupported, p.Format, p.Algorithm)
	}
	size := valueSize(p.Algorithm)
	if len(c.Value) != size {
		return formats.Edit{}, fmt.Errorf("completing an mdoc: a value of %s has %d bytes, not %d",
			p.Algorithm, size, len(c.Value))
	}
	if len(c.Timestamp) != 0 {
		return formats.Edit{}, errors.New("completing an mdoc: it carries no time-stamp")
	}
	if len(p.State) < positionSize {
		return formats.Edit{}, fmt.Errorf("completing an mdoc: %w: its state has %d bytes",
			formats.ErrMalformed, len(p.State))
	}
	at, doc := binary.BigEndian.Uint64(p.State), p.State[positionSize:]
	head := cose.AppendHead(nil, cose.MajorBytes, uint64(size))
	if at > uint64(len(doc)) || uint64(len(doc))-at < uint64(size) || !bytes.HasSuffix(doc[:at], head) {
		return formats.Edit{}, fmt.Errorf("completing an mdoc: %w: its state has no room for the value",
			formats.ErrMalformed)
	}
	doc = bytes.Clone(doc)
	copy(doc[at:], c.Value)
	return formats.Edit{Tail: doc}, nil
}

const positionSize = 8
