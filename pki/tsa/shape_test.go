package tsa_test

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/tsa"
)

func tlv(tag byte, parts ...[]byte) []byte {
	out, err := asn1.Marshal(asn1.RawValue{
		Class: int(tag >> 6), Tag: int(tag & 0x1f), IsCompound: tag&0x20 != 0, Bytes: bytes.Join(parts, nil),
	})
	if err != nil {
		panic(err)
	}
	return out
}

func oid(dotted string) []byte {
	id, err := pki.ParseOID(dotted)
	if err != nil {
		panic(err)
	}
	der, err := asn1.Marshal(id)
	if err != nil {
		panic(err)
	}
	return der
}

func imprintOf(h pki.Hash, digest []byte) []byte {
	return tlv(0x30, h.AlgorithmIdentifier(), tlv(4, digest))
}

// bend is a part of a message put in the place of another, or in addition, and
// what the reader then complains of ("": nothing).
type bend struct {
	part string
	der  []byte
	says string
}

// message is the parts of a SEQUENCE in their order.
type message []struct {
	name string
	der  []byte
}

func (m message) with(bends ...bend) []byte {
	var parts [][]byte
	for _, p := range m {
		for _, b := range bends {
			if p.name == b.part {
				p.der = b.der
			}
		}
		parts = append(parts, p.der)
	}
	for _, b := range bends {
		if b.part == "after" {
			parts = append(parts, b.der)
		}
	}
	return tlv(0x30, parts...)
}

var (
	imprint    = pki.SHA256.Sum([]byte("content"))
	qualified  = oid("0.4.0.1862.1.1")
	twiceZero  = []byte{2, 2, 0, 1} // a number in a second form, which DER forbids
	manyBytes  = bytes.Repeat([]byte{1}, 32)
	beyondEnd  = []byte{0x7f} // a length of more than there is
	directory  = tlv(0xa0, tlv(0xa4, tlv(0x30)))
	tokenParts = message{
		{"version", []byte{2, 1, 1}},
		{"policy", oid(policy)},
		{"imprint", imprintOf(pki.SHA256, imprint)},
		{"serial", []byte{2, 1, 42}},
		{"time", tlv(0x18, []byte("20260601120000Z"))},
		{"accuracy", nil},
		{"ordering", nil},
		{"nonce", nil},
		{"tsa", nil},
		{"extensions", nil},
	}
)

func extensions(list ...[]byte) []byte { return tlv(0xa1, list...) }

// A token of which one part is bent says nothing at all: a reader that passes
// over what it cannot read believes what nobody has said.
func TestParseInfoShape(t *testing.T) {
	short := func(tag byte) []byte { return append([]byte{tag}, beyondEnd...) }
	fine := tlv(0x30, qualified, tlv(4))
	for _, b := range []bend{
		{"none", nil, ""},
		{"version", nil, "version 1"},
		{"version", []byte{2, 1, 2}, "version 1"},
		{"version", []byte{2, 1, 0}, "version 1"},
		{"version", tlv(4, []byte{1}), "version 1"},
		{"policy", nil, "version 1"},
		{"policy", tlv(4, []byte{0x2a}), "version 1"},
		{"policy", tlv(6), "version 1"},
		{"imprint", nil, "message imprint"},
		{"imprint", tlv(0x31, pki.SHA256.AlgorithmIdentifier(), tlv(4, imprint)), "message imprint"},
		{"imprint", tlv(0x30, tlv(0x31, oid("2.16.840.1.101.3.4.2.1")), tlv(4, imprint)), "message imprint"},
		{"imprint", tlv(0x30, tlv(0x30), tlv(4, imprint)), "message imprint"},
		{"imprint", tlv(0x30, pki.SHA256.AlgorithmIdentifier(), tlv(3, imprint)), "message imprint"},
		{"imprint", tlv(0x30, pki.SHA256.AlgorithmIdentifier(), tlv(4, imprint), tlv(4)), "message imprint"},
		{"imprint", imprintOf(pki.SHA256, imprint[1:]), "imprint of 31 bytes"},
		{"imprint", imprintOf(pki.SHA384, imprint), "imprint of 32 bytes"},
		{"imprint", tlv(0x30, tlv(0x30, oid("1.2.3")), tlv(4, imprint[1:])), ""},
		{"serial", nil, "serial number or time"},
		{"serial", tlv(4, []byte{1}), "serial number or time"},
		{"serial", twiceZero, "serial number or time"},
		{"time", nil, "serial number or time"},
		{"time", tlv(0x17, []byte("20260601120000Z")), "serial number or time"},
		{"accuracy", tlv(0x31, []byte{2, 1, 1}), "bytes after"},
		{"accuracy", short(0x30), "accuracy"},
		{"ordering", []byte{1, 1, 0xff}, ""},
		{"ordering", []byte{1, 1, 1}, "ordering"},
		{"ordering", tlv(1), "ordering"},
		{"nonce", []byte{2, 1, 7}, ""},
		{"nonce", twiceZero, "nonce"},
		{"tsa", directory, ""},
		{"tsa", short(0xa0), "tsa"},
		{"tsa", tlv(0x80, []byte("name")), "bytes after"},
		{"extensions", extensions(), ""},
		{"extensions", extensions(fine, fine), ""},
		{"extensions", short(0xa1), "extensions"},
		{"extensions", extensions(tlv(0x31, qualified, tlv(4))), "extensions"},
		{"extensions", extensions(tlv(0x30, tlv(4), tlv(4))), "extensions"},
		{"extensions", extensions(tlv(0x30, qualified, tlv(3))), "extensions"},
		{"extensions", extensions(tlv(0x30, qualified)), "extensions"},
		{"extensions", extensions(tlv(0x30, qualified, tlv(4), tlv(5))), "extensions"},
		{"extensions", extensions(tlv(0x30, qualified, []byte{1, 1, 1}, tlv(4))), "extensions"},
		{"extensions", extensions(tlv(0x30, qualified, []byte{1, 1, 0}, tlv(4))), ""},
		{"extensions", extensions(fine, tlv(0x30, qualified, []byte{1, 1, 0xff}, tlv(4))), "critical extension 0.4.0.1862.1.1"},
		{"after", tlv(5), "bytes after"},
	} {
		info, err := tsa.ParseInfo(tokenParts.with(b))
		if b.says != "" {
			require.ErrorIs(t, err, tsa.ErrMalformed, "%s %x", b.part, b.der)
			require.ErrorContains(t, err, b.says, "%s %x", b.part, b.der)
			continue
		}
		require.NoError(t, err, "%s %x", b.part, b.der)
		require.Equal(t, policy, info.Policy)
		require.Equal(t, big.NewInt(42), info.Serial)
		require.Equal(t, b.part == "ordering", info.Ordering)
		require.Equal(t, b.part == "nonce", info.Nonce != nil)
		require.Equal(t, b.part != "imprint", info.Hash.Known())
	}
	whole := tokenParts.with()
	for _, der := range [][]byte{nil, append(bytes.Clone(whole), 0), tlv(0x31, whole[2:]), whole[:len(whole)-1]} {
		_, err := tsa.ParseInfo(der)
		require.ErrorIs(t, err, tsa.ErrMalformed, "%x", der)
	}
}

// Time has one form (RFC 3161 §2.4.2), so that none reads as another time
// elsewhere: in UTC, with seconds, the fraction after a point and without zeros
// at its end.
func TestParseInfoTime(t *testing.T) {
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"20260601120000Z":            0,
		"20260601120000.5Z":          500 * time.Millisecond,
		"20260601120000.01Z":         10 * time.Millisecond,
		"20260601120000.901Z":        901 * time.Millisecond,
		"20260601120000.123456789Z":  123456789,
		"20260601120000.1234567891Z": -1,
		"20260601120000.50Z":         -1,
		"20260601120000.Z":           -1,
		"20260601120000,5Z":          -1,
		"20260601120000.5.5Z":        -1,
		"20260601120000./1Z":         -1,
		"20260601120000.:1Z":         -1,
		"20260601120000.-1Z":         -1,
		"20260601120000":             -1,
		"20260601120000.5":           -1,
		"20260601120000+0000":        -1,
		"20260601120000ZZ":           -1,
		"202606011200Z":              -1,
		"20260601120060Z":            -1,
		"20260631120000Z":            -1,
		"260601120000Z":              -1,
		"":                           -1,
	} {
		info, err := tsa.ParseInfo(tokenParts.with(bend{part: "time", der: tlv(0x18, []byte(text))}))
		if want < 0 {
			require.ErrorIs(t, err, tsa.ErrMalformed, text)
			require.ErrorContains(t, err, ": time", text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, noon.Add(want), info.Time, text)
	}
}

// An accuracy that wraps around, or is less than nothing, would move the time
// that a token vouches for.
func TestParseInfoAccuracy(t *testing.T) {
	seconds := func(b ...byte) []byte { return tlv(2, b) }
	millis := func(b ...byte) []byte { return tlv(0x80, b) }
	micros := func(b ...byte) []byte { return tlv(0x81, b) }
	for _, c := range []struct {
		parts [][]byte
		want  time.Duration
	}{
		{nil, 0},
		{[][]byte{seconds(1)}, time.Second},
		{[][]byte{millis(1)}, time.Millisecond},
		{[][]byte{micros(1)}, time.Microsecond},
		{[][]byte{seconds(2), millis(3), micros(4)}, 2003004 * time.Microsecond},
		{[][]byte{millis(3, 0xe7), micros(3, 0xe7)}, 999999 * time.Microsecond},
		{[][]byte{seconds(0, 0x80, 0, 0, 0)}, 1 << 31 * time.Second},
		{[][]byte{seconds(0, 0x80, 0, 0, 1)}, -1},
		{[][]byte{seconds(0x40, 0, 0, 0, 0, 0, 0, 0)}, -1},
		{[][]byte{seconds(1, 0, 0, 0, 0, 0, 0, 0, 0)}, -1},
		{[][]byte{seconds(0xff)}, -1},
		{[][]byte{millis(0xff)}, -1},
		{[][]byte{micros(0xff)}, -1},
		{[][]byte{millis(3, 0xe8)}, -1},
		{[][]byte{micros(3, 0xe8)}, -1},
		{[][]byte{twiceZero}, -1},
		{[][]byte{twiceZero, millis(1)}, -1},
		{[][]byte{millis(0, 1), micros(1)}, -1},
		{[][]byte{micros(0, 1)}, -1},
		{[][]byte{micros(1), millis(1)}, -1},
		{[][]byte{seconds(1), seconds(1)}, -1},
	} {
		der := tlv(0x30, c.parts...)
		info, err := tsa.ParseInfo(tokenParts.with(bend{part: "accuracy", der: der}))
		if c.want < 0 {
			require.ErrorIs(t, err, tsa.ErrMalformed, "%x", der)
			require.ErrorContains(t, err, ": accuracy", "%x", der)
			continue
		}
		require.NoError(t, err, "%x", der)
		require.Equal(t, c.want, info.Accuracy, "%x", der)
	}
}

var requestParts = message{
	{"version", []byte{2, 1, 1}},
	{"imprint", imprintOf(pki.SHA256, imprint)},
	{"policy", nil},
	{"nonce", nil},
	{"certReq", nil},
	{"extensions", nil},
}

// What an authority has not understood of a request it must not answer, because
// the answer would be for a question that was not put.
func TestParseRequestShape(t *testing.T) {
	for _, b := range []bend{
		{"none", nil, ""},
		{"version", nil, "version 1"},
		{"version", []byte{2, 1, 2}, "version 1"},
		{"version", tlv(4, []byte{1}), "version 1"},
		{"imprint", nil, "message imprint"},
		{"imprint", imprintOf(pki.SHA256, imprint[1:]), "imprint of 31 bytes"},
		{"policy", oid(policy), ""},
		{"policy", tlv(6), "policy"},
		{"nonce", []byte{2, 1, 7}, ""},
		{"nonce", twiceZero, "nonce"},
		{"certReq", []byte{1, 1, 0xff}, ""},
		{"certReq", []byte{1, 1, 1}, "certReq"},
		{"extensions", tlv(0xa0, manyBytes), ""},
		{"extensions", []byte{0xa0, 0x7f}, "bytes after"},
		{"after", tlv(5), "bytes after"},
	} {
		r, err := tsa.ParseRequest(requestParts.with(b))
		if b.says != "" {
			require.ErrorIs(t, err, tsa.ErrMalformed, "%s %x", b.part, b.der)
			require.ErrorContains(t, err, b.says, "%s %x", b.part, b.der)
			continue
		}
		require.NoError(t, err, "%s %x", b.part, b.der)
		require.Equal(t, b.part == "policy", r.Policy == policy)
		require.Equal(t, b.part == "nonce", r.Nonce != nil)
		require.Equal(t, b.part == "certReq", r.CertReq)
		require.Equal(t, b.part == "extensions", r.Extensions)
		require.Equal(t, imprint, r.Imprint)
	}
	whole := requestParts.with()
	for _, der := range [][]byte{nil, append(bytes.Clone(whole), 0), tlv(0x31, whole[2:]), whole[:len(whole)-1]} {
		_, err := tsa.ParseRequest(der)
		require.ErrorIs(t, err, tsa.ErrMalformed, "%x", der)
	}
}

// sized is parts with a filler that makes the whole of exactly so many bytes.
func sized(t *testing.T, size int, whole func(filler []byte) []byte) []byte {
	t.Helper()
	der := whole(make([]byte, size-len(whole(nil))))
	der = whole(make([]byte, 2*size-len(whole(nil))-len(der)))
	require.Len(t, der, size)
	return der
}

func TestMessagesOfAMebibyte(t *testing.T) {
	ask := func(filler []byte) []byte {
		return requestParts.with(bend{part: "extensions", der: tlv(0xa0, append(make([]byte, 1<<17), filler...))})
	}
	_, err := tsa.ParseRequest(sized(t, 1<<20, ask))
	require.NoError(t, err)
	_, err = tsa.ParseRequest(sized(t, 1<<20+1, ask))
	require.ErrorIs(t, err, tsa.ErrMalformed)
	require.ErrorContains(t, err, "request of 1048577 bytes")

	answer := func(filler []byte) []byte {
		return tlv(0x30, tlv(0x30, []byte{2, 1, 0}), tlv(0x30, make([]byte, 1<<17), filler))
	}
	_, err = asked(t, &tsa.Client{}, sized(t, 1<<20, answer))
	require.ErrorIs(t, err, tsa.ErrMalformed)
	require.False(t, strings.Contains(err.Error(), "response of"), err)
	_, err = asked(t, &tsa.Client{}, sized(t, 1<<20+1, answer))
	require.ErrorIs(t, err, tsa.ErrMalformed)
	require.ErrorContains(t, err, "response of 1048577 bytes")
}

// The requests that a client writes are what RFC 3161 draws, part for part.
func TestRequestEncoding(t *testing.T) {
	der, err := (&tsa.Request{Hash: pki.SHA256, Imprint: imprint}).Encode()
	require.NoError(t, err)
	require.Equal(t, requestParts.with(), der)
	der, err = (&tsa.Request{
		Hash: pki.SHA256, Imprint: imprint, Policy: policy, Nonce: big.NewInt(7), CertReq: true,
	}).Encode()
	require.NoError(t, err)
	require.Equal(t, tlv(0x30, []byte{2, 1, 1}, imprintOf(pki.SHA256, imprint), oid(policy),
		[]byte{2, 1, 7}, []byte{1, 1, 0xff}), der)
	_, err = (&tsa.Request{Hash: pki.SHA256, Imprint: imprint, Policy: "one"}).Encode()
	require.Error(t, err)
}
