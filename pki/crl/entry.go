package crl

import (
	"bytes"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
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

// rawEntry is an entry where it lies: to read a million makes nothing.
type rawEntry struct {
	serial  cryptobyte.String // the element
	time    time.Time
	reason  Reason
	invalid time.Time
	issuer  cryptobyte.String // what certificateIssuer says, nil: nothing
}

// entry copies e, whose issuer is inForce: its own, or that of one before it.
func (e rawEntry) entry(inForce []byte) Entry {
	out := Entry{Serial: new(big.Int), Issuer: bytes.Clone(inForce), Time: e.time, Reason: e.reason, Invalid: e.invalid}
	e.serial.ReadASN1Integer(out.Serial) // readEntry has checked its form
	return out
}

// readEntry reads
//
//	SEQUENCE {
//	    userCertificate    CertificateSerialNumber,
//	    revocationDate     Time,
//	    crlEntryExtensions Extensions OPTIONAL }
func readEntry(element cryptobyte.String, version int) (e rawEntry, err error) {
	var entry, serial cryptobyte.String
	if !element.ReadASN1(&entry, cbasn1.SEQUENCE) {
		return e, malformed("no SEQUENCE")
	}
	start := entry
	if !entry.ReadASN1(&serial, cbasn1.INTEGER) || !isShortest(serial) {
		return e, malformed("no serial number")
	}
	e.serial = start[:len(start)-len(entry)]
	var ok bool
	if e.time, ok = readTime(&entry); !ok {
		return e, malformed("no revocation date")
	}
	if entry.Empty() {
		return e, nil
	}
	if version == 1 {
		return e, malformed("entry extensions in version 1 (RFC 5280 §5.1.2.6)")
	}
	err = readExtensions(entry, func(x extension) error { return e.extension(x) })
	return e, err
}

func (e *rawEntry) extension(x extension) error {
	switch string(x.id) {
	case oidReason:
		var reason int
		if !x.value.ReadASN1Enum(&reason) || !x.value.Empty() {
			return malformed("the reason")
		}
		e.reason = Reason(reason)
	case oidInvalidity:
		if !x.value.PeekASN1Tag(cbasn1.GeneralizedTime) {
			return malformed("the invalidity date")
		}
		var ok bool
		if e.invalid, ok = readTime(&x.value); !ok || !x.value.Empty() {
			return malformed("the invalidity date")
		}
	case oidEntryIssuer:
		name, err := directoryName(x.value)
		e.issuer = name
		return err
	default:
		return x.unknown()
	}
	return nil
}

// isShortest reports whether an INTEGER has no octet that says nothing (X.690
// §8.3.2): a serial number in a second encoding would not be found.
func isShortest(n []byte) bool {
	if len(n) == 0 {
		return false
	}
	return len(n) == 1 || !(n[0] == 0 && n[1] < 0x80 || n[0] == 0xff && n[1] >= 0x80)
}

// readTime reads a Time, the usual form of it by its digits alone.
func readTime(in *cryptobyte.String) (time.Time, bool) {
	var text cryptobyte.String
	var tag cbasn1.Tag
	if rest := *in; rest.ReadAnyASN1(&text, &tag) {
		if t, ok := usualTime(tag, text); ok {
			*in = rest
			return t, true
		}
	}
	var t time.Time
	var ok bool
	if in.PeekASN1Tag(cbasn1.UTCTime) {
		ok = in.ReadASN1UTCTime(&t)
	} else {
		ok = in.ReadASN1GeneralizedTime(&t)
	}
	return t.UTC(), ok
}

// usualTime reads "YYMMDDhhmmssZ" and "YYYYMMDDhhmmssZ" (RFC 5280 §4.1.2.5).
func usualTime(tag cbasn1.Tag, text []byte) (time.Time, bool) {
	century := 1
	if tag == cbasn1.UTCTime {
		century = 0
	} else if tag != cbasn1.GeneralizedTime {
		return time.Time{}, false
	}
	if len(text) != 2*(century+6)+1 || text[len(text)-1] != 'Z' {
		return time.Time{}, false
	}
	var n [7]int
	for i := range century + 6 {
		high, low := text[2*i]-'0', text[2*i+1]-'0'
		if high > 9 || low > 9 {
			return time.Time{}, false
		}
		n[i+1-century] = int(high)*10 + int(low)
	}
	year := n[0]*100 + n[1]
	if century == 0 {
		if year = 2000 + n[1]; n[1] >= 50 {
			year = 1900 + n[1]
		}
	}
	t := time.Date(year, time.Month(n[2]), n[3], n[4], n[5], n[6], 0, time.UTC)
	same := n[2] >= 1 && n[2] <= 12 && t.Day() == n[3] && n[5] < 60 && n[6] < 60
	return t, same
}
