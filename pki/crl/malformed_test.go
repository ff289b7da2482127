package crl_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// parts are those of a list, each of which a case may change.
type parts struct {
	version, algorithm, issuer, this, next, entries, extensions, after []byte
	outer, signature, end                                              []byte
}

func newParts() parts {
	name := tlv(0x30, tlv(0x31, tlv(0x30, tlv(6, []byte{0x55, 4, 3}), tlv(0x0c, []byte("ca")))))
	algorithm := tlv(0x30, tlv(6, []byte{0x2b, 0x65, 0x70}))
	return parts{
		version: tlv(2, []byte{1}), algorithm: algorithm, outer: algorithm, issuer: name,
		this: tlv(0x17, []byte("260601110000Z")), next: tlv(0x17, []byte("260608110000Z")),
		signature: tlv(3, []byte{0}, make([]byte, 64)),
	}
}

func (p parts) der() []byte {
	tbs := tlv(0x30, p.version, p.algorithm, p.issuer, p.this, p.next, p.entries, p.extensions, p.after)
	return tlv(0x30, tbs, p.outer, p.signature, p.end)
}

func anExtension(id []byte, critical bool, value []byte) []byte {
	var flag []byte
	if critical {
		flag = tlv(1, yes)
	}
	return tlv(0x30, id, flag, tlv(4, value))
}

func known(last byte) []byte { return tlv(6, []byte{0x55, 0x1d, last}) }

// listWith is a list with these extensions, entryWith one with an entry that has
// them.
func listWith(extensions ...[]byte) parts {
	p := newParts()
	p.extensions = tlv(0xa0, tlv(0x30, extensions...))
	return p
}

func entryOf(fields ...[]byte) parts {
	p := newParts()
	p.entries = tlv(0x30, tlv(0x30, fields...))
	return p
}

var anEntry = bytes.Join([][]byte{tlv(2, []byte{7}), tlv(0x17, []byte("260101000000Z"))}, nil)

func entryWith(extensions ...[]byte) parts {
	p := entryOf(anEntry, tlv(0x30, extensions...))
	p.extensions = tlv(0xa0, tlv(0x30, anExtension(known(28), true, tlv(0x30, indirect))))
	return p
}

// Serial numbers of one octet, and those with a zero before them so as not to be
// negative, are as short as can be (X.690 §8.3.2).
func TestShortestSerials(t *testing.T) {
	for _, serial := range [][]byte{{0}, {0xff}, {0, 0x80}, {0xff, 0x7f}} {
		_, err := crl.Parse(entryOf(tlv(2, serial), tlv(0x17, []byte("260101000000Z"))).der())
		require.NoError(t, err, "%x", serial)
	}
}

func changed(edit func(*parts)) parts {
	p := newParts()
	edit(&p)
	return p
}

// What is not as RFC 5280 §5.1 has it is no list, in memory or in a file.
func TestMalformed(t *testing.T) {
	name := newParts().issuer
	reason, number := known(21), anExtension(known(20), false, tlv(2, []byte{1}))
	strange := anExtension(tlv(6, []byte{0x2a, 3, 4}), false, nil)
	many := make([][]byte, 0, 66)
	for i := range byte(66) {
		many = append(many, anExtension(tlv(6, []byte{0x2a, 3, i}), false, nil))
	}
	names := func(list ...[]byte) []byte { return anExtension(known(29), true, tlv(0x30, list...)) }
	for what, c := range map[string]struct {
		list parts
		want error
	}{
		"nothing wrong":            {newParts(), nil},
		"nothing wrong in entries": {entryWith(anExtension(reason, false, tlv(10, []byte{1})), strange, names(directory(name))), nil},
		"an URI beside the name":   {entryWith(names(uri("http://pki.test"), directory(name))), nil},
		"a flag that says no":      {listWith(tlv(0x30, known(20), tlv(1, []byte{0}), tlv(4, tlv(2, []byte{1})))), nil},
		"a short negative number":  {entryOf(tlv(2, []byte{0xff, 0x7f}), tlv(0x17, []byte("260101000000Z"))), nil},
		"as many as there may be":  {listWith(many[:64]...), nil},
		"empty extension lists":    {listWith(), crl.ErrMalformed},
		"an entry, then a good":    {changed(func(p *parts) { p.entries = tlv(0x30, tlv(0x30, tlv(5)), tlv(0x30, anEntry)) }), crl.ErrMalformed},
		"a name, then a good": {func() parts {
			p := entryWith()
			p.entries = tlv(0x30, tlv(0x30, anEntry, tlv(0x30, names(directory(tlv(0x30, tlv(5)))))), tlv(0x30, anEntry))
			return p
		}(), crl.ErrMalformed},
		"after a scope":         {listWith(anExtension(known(28), true, append(tlv(0x30, indirect), 5, 0))), crl.ErrMalformed},
		"reasons not yet known": {listWith(anExtension(known(28), true, tlv(0x30, someReasons([]byte{6, 0x60, 0x40})))), crl.ErrMalformed},
		"half an URI":           {entryWith(names([]byte{0x86, 9})), crl.ErrMalformed},

		"version 1 said":       {changed(func(p *parts) { p.version = tlv(2, []byte{0}) }), crl.ErrMalformed},
		"version 3":            {changed(func(p *parts) { p.version = tlv(2, []byte{2}) }), crl.ErrMalformed},
		"no issuer":            {changed(func(p *parts) { p.issuer = nil }), crl.ErrMalformed},
		"no name":              {changed(func(p *parts) { p.issuer = tlv(0x30, tlv(5)) }), crl.ErrMalformed},
		"no time":              {changed(func(p *parts) { p.this, p.next = nil, nil }), crl.ErrMalformed},
		"no such day":          {changed(func(p *parts) { p.this = tlv(0x17, []byte("260230110000Z")) }), crl.ErrMalformed},
		"no such month":        {changed(func(p *parts) { p.next = tlv(0x17, []byte("261330110000Z")) }), crl.ErrMalformed},
		"letters for a time":   {changed(func(p *parts) { p.this = tlv(0x18, []byte("2026o601110000Z")) }), crl.ErrMalformed},
		"the year one":         {changed(func(p *parts) { p.next = tlv(0x18, []byte("00010101000000Z")) }), crl.ErrMalformed},
		"three times":          {changed(func(p *parts) { p.next = append(p.next, p.this...) }), crl.ErrMalformed},
		"other algorithm":      {changed(func(p *parts) { p.outer = tlv(0x30, tlv(6, []byte{0x2b, 0x65, 0x71})) }), crl.ErrMalformed},
		"no algorithm":         {changed(func(p *parts) { p.outer = nil }), crl.ErrMalformed},
		"odd bits":             {changed(func(p *parts) { p.signature = tlv(3, []byte{1}, make([]byte, 64)) }), crl.ErrMalformed},
		"no bits":              {changed(func(p *parts) { p.signature = tlv(4, make([]byte, 64)) }), crl.ErrMalformed},
		"more in the list":     {changed(func(p *parts) { p.end = tlv(5) }), crl.ErrMalformed},
		"more in the signed":   {changed(func(p *parts) { p.after = tlv(5) }), crl.ErrMalformed},
		"a huge issuer":        {changed(func(p *parts) { p.issuer = tlv(0x30, make([]byte, 2<<20)) }), crl.ErrTooLarge},
		"a huge entry":         {entryOf(anEntry, make([]byte, 70<<10)), crl.ErrTooLarge},
		"a length of zero":     {changed(func(p *parts) { p.entries = []byte{0x30, 0x81, 0} }), crl.ErrMalformed},
		"no length of entries": {changed(func(p *parts) { p.entries = []byte{0x30, 0x80} }), crl.ErrMalformed},
		"not an entry":         {changed(func(p *parts) { p.entries = tlv(0x30, tlv(0x31, anEntry)) }), crl.ErrMalformed},
		"entries, then not":    {changed(func(p *parts) { p.entries = tlv(0x30, tlv(0x30, anEntry), tlv(0x31, anEntry)) }), crl.ErrMalformed},
		"half an entry":        {changed(func(p *parts) { p.entries = tlv(0x30, tlv(0x30, anEntry), []byte{0x30, 9, 2}) }), crl.ErrMalformed},
		"no number":            {entryOf(tlv(0x17, []byte("260101000000Z"))), crl.ErrMalformed},
		"an empty number":      {entryOf(tlv(2), tlv(0x17, []byte("260101000000Z"))), crl.ErrMalformed},
		"no date":              {entryOf(tlv(2, []byte{7})), crl.ErrMalformed},
		"more in an entry":     {entryOf(anEntry, tlv(0x30, strange), tlv(5)), crl.ErrMalformed},
		"an entry of nothing":  {entryOf(anEntry, tlv(0x30)), crl.ErrMalformed},
		"version 1, entry ext": {changedEntry(strange, func(p *parts) { p.version, p.extensions = nil, nil }), crl.ErrMalformed},
		"version 1, list ext":  {changedEntry(strange, func(p *parts) { p.version, p.entries = nil, nil }), crl.ErrMalformed},

		"unknown, critical":        {listWith(anExtension(tlv(6, []byte{0x2a, 3, 4}), true, nil)), crl.ErrUnsupported},
		"unknown in an entry":      {entryWith(anExtension(tlv(6, []byte{0x2a, 3, 4}), true, nil)), crl.ErrUnsupported},
		"no identifier":            {listWith(anExtension(tlv(6, []byte{0x2a, 0x80}), false, nil)), crl.ErrMalformed},
		"no identifier, twice":     {listWith(anExtension(tlv(6), false, nil), anExtension(tlv(6), false, nil)), crl.ErrMalformed},
		"twice":                    {listWith(number, number), crl.ErrMalformed},
		"twice, with one between":  {listWith(number, strange, number), crl.ErrMalformed},
		"twice in an entry":        {entryWith(strange, strange), crl.ErrMalformed},
		"too many":                 {listWith(many...), crl.ErrTooLarge},
		"more after the value":     {listWith(tlv(0x30, known(20), tlv(4, tlv(2, []byte{1})), tlv(5))), crl.ErrMalformed},
		"a flag that is no flag":   {listWith(tlv(0x30, known(20), tlv(1, []byte{1}), tlv(4, tlv(2, []byte{1})))), crl.ErrMalformed},
		"a negative number":        {listWith(anExtension(known(20), false, tlv(2, yes))), crl.ErrMalformed},
		"a number and more":        {listWith(anExtension(known(20), false, append(tlv(2, []byte{1}), 5, 0))), crl.ErrMalformed},
		"a key and more":           {listWith(anExtension(known(35), false, append(tlv(0x30), 5, 0))), crl.ErrMalformed},
		"no key":                   {listWith(anExtension(known(35), false, tlv(4))), crl.ErrMalformed},
		"half a key":               {listWith(anExtension(known(35), false, tlv(0x30, []byte{0x80, 9}))), crl.ErrMalformed},
		"expired, no time":         {listWith(anExtension(known(60), false, tlv(5))), crl.ErrMalformed},
		"expired, and more":        {listWith(anExtension(known(60), false, append(tlv(0x18, []byte("20260601110000Z")), 5, 0))), crl.ErrMalformed},
		"no delta":                 {listWith(anExtension(known(46), false, tlv(0x30))), crl.ErrMalformed},
		"delta points, and more":   {listWith(anExtension(known(46), false, append(tlv(0x30, point(at(uri("x")))), 5, 0))), crl.ErrMalformed},
		"an empty scope":           {listWith(anExtension(known(28), true, tlv(0x30))), crl.ErrMalformed},
		"a scope, and more":        {listWith(anExtension(known(28), true, tlv(0x30, indirect, tlv(0x86)))), crl.ErrMalformed},
		"a flag of two octets":     {listWith(anExtension(known(28), true, tlv(0x30, tlv(0x84, yes, yes)))), crl.ErrMalformed},
		"users and attributes":     {listWith(anExtension(known(28), true, tlv(0x30, tlv(0x81, yes), tlv(0x85, yes)))), crl.ErrMalformed},
		"points without names":     {listWith(anExtension(known(28), true, tlv(0x30, at()))), crl.ErrMalformed},
		"half a name":              {listWith(anExtension(known(28), true, tlv(0x30, at([]byte{0x86, 9})))), crl.ErrMalformed},
		"names and more":           {listWith(anExtension(known(28), true, tlv(0x30, tlv(0xa0, tlv(0xa0, uri("x")), tlv(5))))), crl.ErrMalformed},
		"a relative name and more": {listWith(anExtension(known(28), true, tlv(0x30, tlv(0xa0, tlv(0xa1, tlv(5)), tlv(5))))), crl.ErrMalformed},
		"reasons of no octet":      {listWith(anExtension(known(28), true, tlv(0x30, tlv(0x83)))), crl.ErrMalformed},
		"reasons of nine bits":     {listWith(anExtension(known(28), true, tlv(0x30, someReasons([]byte{8, 0x60})))), crl.ErrMalformed},
		"reasons of more bits":     {listWith(anExtension(known(28), true, tlv(0x30, someReasons([]byte{9, 0x60, 0})))), crl.ErrMalformed},
		"reasons of three octets":  {listWith(anExtension(known(28), true, tlv(0x30, someReasons([]byte{0, 0x60, 0, 0})))), crl.ErrMalformed},
		"reasons in the padding":   {listWith(anExtension(known(28), true, tlv(0x30, someReasons([]byte{6, 0x60})))), crl.ErrMalformed},

		"reason is no ENUMERATED": {entryWith(anExtension(reason, false, tlv(2, []byte{1}))), crl.ErrMalformed},
		"reason and more":         {entryWith(anExtension(reason, false, append(tlv(10, []byte{1}), 5, 0))), crl.ErrMalformed},
		"invalid at UTCTime":      {entryWith(anExtension(known(24), false, tlv(0x17, []byte("260601110000Z")))), crl.ErrMalformed},
		"invalid at no time":      {entryWith(anExtension(known(24), false, tlv(0x18, []byte("2026")))), crl.ErrMalformed},
		"invalid and more":        {entryWith(anExtension(known(24), false, append(tlv(0x18, []byte("20260601110000Z")), 5, 0))), crl.ErrMalformed},
		"issuer is no list":       {entryWith(anExtension(known(29), true, tlv(5))), crl.ErrMalformed},
		"issuers and more":        {entryWith(anExtension(known(29), true, append(tlv(0x30, directory(name)), 5, 0))), crl.ErrMalformed},
		"no directory name":       {entryWith(names(uri("http://pki.test"))), crl.ErrUnsupported},
		"two directory names":     {entryWith(names(directory(name), directory(name))), crl.ErrUnsupported},
		"half a directory name":   {entryWith(names([]byte{0xa4, 9})), crl.ErrMalformed},
		"no name in it":           {entryWith(names(directory(tlv(5)))), crl.ErrMalformed},
		"two names in it":         {entryWith(names(tlv(0xa4, name, name))), crl.ErrMalformed},
		"a name that is none":     {entryWith(names(directory(tlv(0x30, tlv(5))))), crl.ErrMalformed},
	} {
		der := c.list.der()
		list, err := crl.Parse(der)
		require.ErrorIs(t, err, c.want, what)
		opened, fileErr := crl.Open(bytes.NewReader(der), int64(len(der)))
		require.ErrorIs(t, fileErr, c.want, what)
		require.Equal(t, c.want == nil, list != nil && opened != nil, what)
		if c.want != nil {
			require.Equal(t, err.Error(), fileErr.Error(), what)
		}
	}
}

func changedEntry(ext []byte, edit func(*parts)) parts {
	p := entryWith(ext)
	edit(&p)
	return p
}

// Lengths in more octets than they need, or that promise more than there is.
func TestLengths(t *testing.T) {
	good := newParts().der()
	require.Equal(t, byte(0x81), good[1])
	for what, der := range map[string][]byte{
		"two octets for one":   append([]byte{0x30, 0x82, 0, good[2]}, good[3:]...),
		"no end":               append([]byte{0x30, 0x80}, good[3:]...),
		"more than can be":     append([]byte{0x30, 0x86, 1, 0, 0, 0, 0, 0}, good[3:]...),
		"more than a number":   append([]byte{0x30, 0x88, 0x7f, 255, 255, 255, 255, 255, 255, 255}, good[3:]...),
		"more than there is":   append([]byte{0x30, 0x81, good[2] + 1}, good[3:]...),
		"less than there is":   append([]byte{0x30, 0x81, good[2] - 1}, good[3:]...),
		"one octet for seven":  {0x30, 0x81, 0x05, 0x30, 3, 2, 1, 1},
		"a tag of many octets": append([]byte{0x3f, 0x81}, good[2:]...),
		"a SET":                append([]byte{0x31}, good[1:]...),
		"nothing":              {},
		"a tag alone":          {0x30},
	} {
		_, err := crl.Parse(der)
		require.ErrorIs(t, err, crl.ErrMalformed, what)
		_, err = crl.Open(bytes.NewReader(der), int64(len(der)))
		require.ErrorIs(t, err, crl.ErrMalformed, what)
	}
	_, err := crl.Parse(nil)
	require.ErrorIs(t, err, crl.ErrMalformed)

	// 128 octets whose length is written as "until the end": that is BER, and a
	// careless reader takes it for 128.
	long := newParts()
	for len(long.der()) != 3+128 {
		long.signature = tlv(3, make([]byte, len(long.signature)-3))
	}
	_, err = crl.Parse(long.der())
	require.NoError(t, err)
	_, err = crl.Parse(append([]byte{0x30, 0x80}, long.der()[3:]...))
	require.ErrorIs(t, err, crl.ErrMalformed)
}

// A list of entries without an entry is a departure that leaves the meaning
// clear, and is told.
func TestDefects(t *testing.T) {
	list, err := crl.Parse(changed(func(p *parts) { p.entries = tlv(0x30) }).der())
	require.NoError(t, err)
	require.Len(t, list.Defects, 1)
	for reason := crl.Reason(-1); reason < 12; reason++ {
		require.Equal(t, reason >= 0 && reason <= 10 && reason != 7, reason.Known(), "%d", reason)
	}
}

// A certificate whose issuer cannot be read finds nothing, and not what has no
// name either.
func TestSetWithoutNames(t *testing.T) {
	set, err := crl.NewSet(changed(func(p *parts) { p.issuer = tlv(0x30) }).der())
	require.NoError(t, err)
	found, err := set.Revocation(t.Context(), &x509.Certificate{}, nil)
	require.NoError(t, err)
	require.Empty(t, found)
}

// Times in each form that CAs write, as package x509 reads them.
func TestTimes(t *testing.T) {
	for text, want := range map[string]time.Time{
		"490101000000Z":       time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		"500101000000Z":       time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC),
		"000229235959Z":       time.Date(2000, 2, 29, 23, 59, 59, 0, time.UTC),
		"2601010000Z":         time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		"260101000000+0200":   time.Date(2025, 12, 31, 22, 0, 0, 0, time.UTC),
		"20500101000000Z":     time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC),
		"20260101000000+0200": time.Date(2025, 12, 31, 22, 0, 0, 0, time.UTC),
		"99991231235959Z":     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		"260101240000Z":       {},
		"260101006000Z":       {},
		"260101000060Z":       {},
		"260001000000Z":       {},
		"260100000000Z":       {},
		"20230229000000Z":     {},
		"20260101000000.5Z":   {},
		"26010100000 Z":       {},
		"2o0101000000Z":       {},
		"o20101000000Z":       {},
		"2:0101000000Z":       {},
		":20101000000Z":       {},
		"260101000000X":       {},
		"260101000000":        {},
	} {
		p := newParts()
		p.this = tlv(0x17, []byte(text))
		if len(text) == 15 || len(text) == 17 && text[12] == '0' || len(text) == 19 {
			p.this = tlv(0x18, []byte(text))
		}
		list, err := crl.Parse(p.der())
		_, theirs := x509.ParseRevocationList(p.der())
		require.Equal(t, theirs == nil, err == nil, text)
		require.Equal(t, want.IsZero(), err != nil, text)
		if err == nil {
			require.Equal(t, want, list.ThisUpdate, text)
		}
	}
}

// What a certificate says of its lists is as much a stranger's as they are. What
// cannot be read is not an answer.
func TestCertificatePoints(t *testing.T) {
	p := pkitest.New(t, "ca -> alice; other -> eve")
	issuer, other := directory(p.Cert("ca").RawSubject), directory(p.Cert("other").RawSubject)
	full := checked(t, p, "ca", func(*x509.RevocationList) {}).List
	relative := func(name string) []byte {
		return tlv(0xa0, tlv(0xa1, tlv(0x30, tlv(6, []byte{0x55, 4, 3}), tlv(0x0c, []byte(name)))))
	}
	placed := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(relative("one")))
	}).List
	named := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(tlv(0xa0, tlv(0xa0, issuer, uri("x"))), indirect))
	}).List
	many := make([][]byte, 65)
	for i := range many {
		many[i] = point(at(uri("x")))
	}
	manyNames := make([][]byte, 65)
	for i := range manyNames {
		manyNames[i] = issuer
	}
	for what, c := range map[string]struct {
		list  *crl.List
		value []byte
		want  error
	}{
		"a place":                   {full, tlv(0x30, point(at(uri("x")))), nil},
		"the same relative name":    {placed, tlv(0x30, point(relative("ONE"))), nil},
		"another relative name":     {placed, tlv(0x30, point(relative("two"))), crl.ErrScope},
		"a place, and a relative":   {placed, tlv(0x30, point(at(uri("one")))), crl.ErrScope},
		"the second place":          {placed, tlv(0x30, point(at(uri("x"))), point(relative("one"))), nil},
		"sent to the issuer":        {named, tlv(0x30, point(tlv(0xa2, issuer))), nil},
		"sent to the issuer, there": {named, tlv(0x30, point(at(uri("x")), tlv(0xa2, issuer))), nil},
		"sent, to another place":    {named, tlv(0x30, point(at(uri("y")), tlv(0xa2, issuer))), crl.ErrScope},
		"sent to one of two":        {named, tlv(0x30, point(tlv(0xa2, other, issuer))), nil},
		"sent to another":           {named, tlv(0x30, point(tlv(0xa2, other))), crl.ErrScope},
		"sent to nobody":            {named, tlv(0x30, point(tlv(0xa2, uri("x")))), crl.ErrScope},
		"sent, not indirect":        {full, tlv(0x30, point(tlv(0xa2, issuer))), crl.ErrScope},
		"for no reasons":            {full, tlv(0x30, point(at(uri("x")), tlv(0x81, []byte{0, 0}))), crl.ErrScope},
		"as many as there may be":   {full, tlv(0x30, many[:64]...), nil},
		"as many names":             {named, tlv(0x30, point(tlv(0xa2, manyNames[:64]...))), nil},
		"as many names of a place":  {full, tlv(0x30, point(at(many[:64]...))), nil},
		"reasons in the padding":    {full, tlv(0x30, point(at(uri("x")), tlv(0x81, []byte{6, 0x60}))), crl.ErrMalformed},
		"no points":                 {full, tlv(0x30), crl.ErrMalformed},
		"no list":                   {full, tlv(0x31, point(at(uri("x")))), crl.ErrMalformed},
		"more after them":           {full, append(tlv(0x30, point(at(uri("x")))), 5, 0), crl.ErrMalformed},
		"a point that is none":      {full, tlv(0x30, tlv(0x31)), crl.ErrMalformed},
		"more in a point":           {full, tlv(0x30, point(at(uri("x")), tlv(5))), crl.ErrMalformed},
		"half a point":              {full, tlv(0x30, point([]byte{0xa0, 9})), crl.ErrMalformed},
		"half the reasons":          {full, tlv(0x30, point([]byte{0x81, 9})), crl.ErrMalformed},
		"reasons of no octet":       {full, tlv(0x30, point(tlv(0x81))), crl.ErrMalformed},
		"an issuer cut off":         {full, tlv(0x30, point(tlv(0xa2, []byte{0xa4, 9}))), crl.ErrMalformed},
		"an issuer that is none":    {full, tlv(0x30, point(tlv(0xa2, directory(tlv(0x30, tlv(5)))))), crl.ErrMalformed},
		"too many":                  {full, tlv(0x30, many...), crl.ErrTooLarge},
		"too many names":            {full, tlv(0x30, point(tlv(0xa2, manyNames...))), crl.ErrTooLarge},
		"too many names of a place": {full, tlv(0x30, point(at(many...))), crl.ErrTooLarge},
	} {
		cert := *p.Cert("alice")
		cert.Extensions = []pkix.Extension{extension(31, false, c.value)}
		reasons, err := c.list.Covers(&cert)
		require.ErrorIs(t, err, c.want, what)
		require.Equal(t, c.want == nil, reasons == crl.AllReasons, what)
		require.Equal(t, c.want == nil, len(judged(t, &cert, crl.Checked{List: c.list, Signer: p.Cert("ca")})) == 1, what)
	}
}

// Which certificates a list is for (RFC 5280 §6.3.3 (b)(2)(ii) to (iv)).
func TestKindsOfCertificates(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	sub := p.Issue("ca", "sub", func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true })
	unread := *sub
	unread.BasicConstraintsValid = false // no basic constraints, whatever IsCA says
	old := *p.Cert("alice")
	old.Version = 1
	for flag, want := range map[byte][4]bool{
		0x81: {true, false, true, false}, 0x82: {false, true, false, false}, 0x85: {}, 0x84: {true, true, true, true},
	} {
		list := checked(t, p, "ca", func(l *x509.RevocationList) {
			l.ExtraExtensions = append(l.ExtraExtensions, scope(tlv(flag, yes)))
		}).List
		for i, cert := range []*x509.Certificate{p.Cert("alice"), sub, &unread, &old} {
			_, err := list.Covers(cert)
			require.Equal(t, want[i], err == nil, "%x, certificate %d", flag, i)
		}
	}
}

// Answers together end with the first that ends, and keep what all keep.
func TestTimesTogether(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	day := func(n int) time.Time { return p.Now.AddDate(0, 0, n) }
	part := func(bits []byte, this, next int, keeps string) crl.Checked {
		raw := listWith(anExtension(known(28), true, tlv(0x30, someReasons(bits))))
		if keeps != "" {
			raw = listWith(anExtension(known(28), true, tlv(0x30, someReasons(bits))),
				anExtension(known(60), false, tlv(0x18, []byte(keeps))))
		}
		raw.issuer, raw.next = p.Cert("ca").RawSubject, nil
		raw.this = tlv(0x17, []byte(day(this).Format("060102150405Z")))
		if next != 0 {
			raw.next = tlv(0x17, []byte(day(next).Format("060102150405Z")))
		}
		list, err := crl.Parse(raw.der())
		require.NoError(t, err)
		return crl.Checked{List: list, Signer: p.Cert("ca")}
	}
	const early, late = "20200101000000Z", "20240101000000Z"
	for _, c := range []struct {
		a, b        crl.Checked
		this, next  int
		keeps       string
		description string
	}{
		{part(compromised, -3, 3, early), part(otherwise, -2, 2, late), -3, 2, late, "the second ends first"},
		{part(compromised, -2, 2, early), part(otherwise, -3, 3, late), -3, 2, late, "the first ends first"},
		{part(compromised, -3, 0, ""), part(otherwise, -2, 2, late), -3, 0, "", "the first has no end"},
		{part(compromised, -3, 3, early), part(otherwise, -2, 0, ""), -3, 0, "", "the second has no end"},
	} {
		answers := judged(t, p.Cert("alice"), c.a, c.b)
		require.Len(t, answers, 1, c.description)
		require.Equal(t, day(c.this), answers[0].ThisUpdate, c.description)
		if c.next == 0 {
			require.Zero(t, answers[0].NextUpdate, c.description)
		} else {
			require.Equal(t, day(c.next), answers[0].NextUpdate, c.description)
		}
		if c.keeps == "" {
			require.Zero(t, answers[0].ExpiredCerts, c.description)
		} else {
			require.Equal(t, c.keeps, answers[0].ExpiredCerts.Format("20060102150405Z"), c.description)
		}
	}
	require.Equal(t, "reason 7", crl.Reason(7).String())
}
