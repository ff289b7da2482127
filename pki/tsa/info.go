package tsa

import (
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"tamga/pki"
)

// ErrMalformed says that the bytes are not what RFC 3161 demands.
var ErrMalformed = errors.New("malformed time-stamp")

// Info is what a token says (RFC 3161 §2.4.2).
//
//	TSTInfo ::= SEQUENCE { version, policy OID, messageImprint, serialNumber,
//	  genTime, accuracy OPTIONAL, ordering DEFAULT FALSE, nonce OPTIONAL,
//	  tsa [0] GeneralName OPTIONAL, extensions [1] OPTIONAL }
type Info struct {
	Policy   string
	Hash     pki.Hash // unknown if not one of ours
	Imprint  []byte
	Serial   *big.Int
	Time     time.Time
	Accuracy time.Duration // zero: not said
	Ordering bool
	Nonce    *big.Int // nil: none
}

var (
	tag0  = cbasn1.Tag(0).ContextSpecific()
	tag1  = cbasn1.Tag(1).ContextSpecific()
	tag0c = tag0.Constructed()
	tag1c = tag1.Constructed()
)

// ParseInfo reads the eContent of a token. The error wraps [ErrMalformed].
func ParseInfo(der []byte) (*Info, error) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var version int64
	var policy asn1.ObjectIdentifier
	info := &Info{Serial: new(big.Int)}
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1Integer(&version) || version != 1 || !seq.ReadASN1ObjectIdentifier(&policy) {
		return nil, fmt.Errorf("%w: no TSTInfo of version 1", ErrMalformed)
	}
	info.Policy = policy.String()
	var err error
	if info.Hash, info.Imprint, err = readImprint(&seq); err != nil {
		return nil, err
	}
	var when cryptobyte.String
	if !seq.ReadASN1Integer(info.Serial) || !seq.ReadASN1(&when, cbasn1.GeneralizedTime) {
		return nil, fmt.Errorf("%w: serial number or time", ErrMalformed)
	}
	if info.Time, err = parseTime(string(when)); err != nil {
		return nil, err
	}
	return info, info.readOptional(seq)
}

func (info *Info) readOptional(seq cryptobyte.String) error {
	var accuracy cryptobyte.String
	var present bool
	if !seq.ReadOptionalASN1(&accuracy, &present, cbasn1.SEQUENCE) {
		return fmt.Errorf("%w: accuracy", ErrMalformed)
	}
	if present {
		var err error
		if info.Accuracy, err = parseAccuracy(accuracy); err != nil {
			return err
		}
	}
	if seq.PeekASN1Tag(cbasn1.BOOLEAN) && !seq.ReadASN1Boolean(&info.Ordering) {
		return fmt.Errorf("%w: ordering", ErrMalformed)
	}
	if seq.PeekASN1Tag(cbasn1.INTEGER) {
		info.Nonce = new(big.Int)
		if !seq.ReadASN1Integer(info.Nonce) {
			return fmt.Errorf("%w: nonce", ErrMalformed)
		}
	}
	if !seq.SkipOptionalASN1(tag0c) {
		return fmt.Errorf("%w: tsa", ErrMalformed)
	}
	if seq.PeekASN1Tag(tag1c) {
		if err := skipExtensions(&seq); err != nil {
			return err
		}
	}
	if !seq.Empty() {
		return fmt.Errorf("%w: bytes after the TSTInfo", ErrMalformed)
	}
	return nil
}

// skipExtensions passes over extensions, such as the qcStatements of qualified
// authorities (EN 319 422 §9.1). None is known here, so a critical one makes
// the token unreadable (RFC 5280 §4.2).
//
//	Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue }
func skipExtensions(in *cryptobyte.String) error {
	var list cryptobyte.String
	if !in.ReadASN1(&list, tag1c) {
		return fmt.Errorf("%w: extensions", ErrMalformed)
	}
	for !list.Empty() {
		var extension cryptobyte.String
		var id asn1.ObjectIdentifier
		var critical bool
		if !list.ReadASN1(&extension, cbasn1.SEQUENCE) || !extension.ReadASN1ObjectIdentifier(&id) ||
			extension.PeekASN1Tag(cbasn1.BOOLEAN) && !extension.ReadASN1Boolean(&critical) ||
			!extension.SkipASN1(cbasn1.OCTET_STRING) || !extension.Empty() {
			return fmt.Errorf("%w: extensions", ErrMalformed)
		}
		if critical {
			return fmt.Errorf("%w: critical extension %s, which is not known", ErrMalformed, id)
		}
	}
	return nil
}

// readImprint reads MessageImprint { hashAlgorithm, hashedMessage }.
func readImprint(in *cryptobyte.String) (pki.Hash, []byte, error) {
	var seq, alg, imprint cryptobyte.String
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !seq.ReadASN1Element(&alg, cbasn1.SEQUENCE) ||
		!seq.ReadASN1(&imprint, cbasn1.OCTET_STRING) || !seq.Empty() {
		return 0, nil, fmt.Errorf("%w: message imprint", ErrMalformed)
	}
	h, err := pki.ParseHashIdentifier(alg)
	if err != nil && !errors.Is(err, pki.ErrUnknownAlgorithm) {
		return 0, nil, fmt.Errorf("%w: message imprint: %w", ErrMalformed, err)
	}
	if h.Known() && len(imprint) != h.Size() {
		return 0, nil, fmt.Errorf("%w: imprint of %d bytes for %s", ErrMalformed, len(imprint), h)
	}
	return h, imprint, nil
}

// parseTime reads a GeneralizedTime in UTC with an optional fraction that does
// not end in zero (§2.4.2).
func parseTime(s string) (time.Time, error) {
	const layout = "20060102150405"
	whole, fraction, found := strings.Cut(strings.TrimSuffix(s, "Z"), ".")
	t, err := time.Parse(layout, whole)
	// Package time would read a fraction after a comma, too.
	if err != nil || len(whole) != len(layout) || !strings.HasSuffix(s, "Z") {
		return t, fmt.Errorf("%w: time", ErrMalformed)
	}
	if found && (fraction == "" || strings.HasSuffix(fraction, "0") || len(fraction) > 9) {
		return t, fmt.Errorf("%w: time", ErrMalformed)
	}
	var nanos int64
	for i := range 9 {
		nanos *= 10
		if i < len(fraction) {
			if fraction[i] < '0' || fraction[i] > '9' {
				return t, fmt.Errorf("%w: time", ErrMalformed)
			}
			nanos += int64(fraction[i] - '0')
		}
	}
	return t.Add(time.Duration(nanos)), nil
}

// parseAccuracy reads SEQUENCE { seconds, [0] millis, [1] micros }, each
// optional.
func parseAccuracy(in cryptobyte.String) (time.Duration, error) {
	var seconds, millis, micros int64
	ok := true
	if in.PeekASN1Tag(cbasn1.INTEGER) {
		ok = in.ReadASN1Integer(&seconds)
	}
	if ok && in.PeekASN1Tag(tag0) {
		ok = in.ReadASN1Int64WithTag(&millis, tag0)
	}
	if ok && in.PeekASN1Tag(tag1) {
		ok = in.ReadASN1Int64WithTag(&micros, tag1)
	}
	const most = 1 << 31
	if !ok || !in.Empty() || seconds < 0 || seconds > most || millis < 0 || millis > 999 || micros < 0 || micros > 999 {
		return 0, fmt.Errorf("%w: accuracy", ErrMalformed)
	}
	return time.Duration(seconds)*time.Second + time.Duration(millis)*time.Millisecond + time.Duration(micros)*time.Microsecond, nil
}

// encode writes the TSTInfo in DER, with whole seconds.
func (info *Info) encode() ([]byte, error) {
	policy, err := pki.ParseOID(info.Policy)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1ObjectIdentifier(policy)
		addImprint(b, info.Hash, info.Imprint)
		b.AddASN1BigInt(info.Serial)
		b.AddASN1GeneralizedTime(info.Time.UTC())
		if info.Accuracy > 0 {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(int64(info.Accuracy / time.Second))
				if ms := int64(info.Accuracy % time.Second / time.Millisecond); ms > 0 {
					b.AddASN1Int64WithTag(ms, tag0)
				}
			})
		}
		if info.Nonce != nil {
			b.AddASN1BigInt(info.Nonce)
		}
	})
	return b.Bytes()
}

func addImprint(b *cryptobyte.Builder, h pki.Hash, imprint []byte) {
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(h.AlgorithmIdentifier())
		b.AddASN1OctetString(imprint)
	})
}
