package crl_test

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// bothWays reads a list in memory and in a file, which must say the same.
func bothWays(t *testing.T, der []byte) (*crl.List, error) {
	t.Helper()
	parsed, err := crl.Parse(der)
	opened, other := crl.Open(bytes.NewReader(der), int64(len(der)))
	require.Equal(t, fmt.Sprint(err), fmt.Sprint(other))
	if err == nil {
		require.Equal(t, parsed.Len(), opened.Len())
		require.Equal(t, parsed.Defects, opened.Defects)
	}
	return parsed, err
}

// retagged has the tag of something else, and the same contents.
func retagged(der []byte, tag byte) []byte { return append([]byte{tag}, der[1:]...) }

// A part with the tag of something else, cut short, or with more behind it: who
// passes over it reads another list than the next one does. Errors name the
// part.
func TestListToTheLetter(t *testing.T) {
	strange := tlv(6, []byte{0x2a, 3, 4})
	fine := anExtension(strange, false, nil)
	cut := func(tag byte) []byte { return []byte{tag, 0x7f} }
	idp := func(parts ...[]byte) parts { return listWith(anExtension(known(28), true, tlv(0x30, parts...))) }
	extensions := func(der []byte) parts { return changed(func(p *parts) { p.extensions = der }) }
	dated := func(date []byte) parts { return entryOf(tlv(2, []byte{7}), date) }
	for _, c := range []struct {
		list parts
		says string
	}{
		{extensions(cut(0xa0)), "longer than what holds it"},
		{extensions(tlv(0xa0, tlv(0x31, fine))), "the list of extensions"},
		{extensions(tlv(0xa0, tlv(0x30, fine), tlv(5))), "the list of extensions"},
		{extensions(tlv(0xa0, tlv(0x30, retagged(fine, 0x31)))), "an extension"},
		{extensions(tlv(0xa0, tlv(0x30, tlv(0x30, retagged(strange, 4), tlv(4))))), "an extension"},
		{extensions(tlv(0xa0, tlv(0x30, tlv(0x30, strange, tlv(3))))), "an extension"},
		{extensions(tlv(0xa0, tlv(0x30, tlv(0x30, strange, tlv(1, []byte{1}), tlv(4))))), "an extension"},
		{extensions(tlv(0xa0, tlv(0x30, tlv(0x30, strange, tlv(4), tlv(5))))), "an extension"},
		{listWith(fine, fine), "extension 1.2.3.4 twice"},
		{changed(func(p *parts) { p.algorithm, p.outer = tlv(0x31), tlv(0x31) }), "no signature algorithm"},
		{changed(func(p *parts) { p.algorithm = retagged(p.algorithm, 0x31) }), "no algorithm"},
		{changed(func(p *parts) { p.signature[0] = 4 }), "no signature"},
		{changed(func(p *parts) { p.signature = tlv(3) }), "the signature"},
		{changed(func(p *parts) { p.signature = tlv(3, []byte{8}, make([]byte, 64)) }), "the signature"},
		{changed(func(p *parts) {
			p.entries = tlv(0x30, tlv(0x30, tlv(2, []byte{0, 7}), anEntry[3:]), tlv(0x30, anEntry))
		}), "entry 0: no serial number"},
		{entryWith(anExtension(known(29), true, tlv(0x30, cut(0xa4)))), "a general name"},
		{entryWith(anExtension(known(29), true, tlv(0x30, tlv(0xa4, tlv(0x31))))), "a directory name"},
		{entryWith(anExtension(known(29), true, tlv(0x30, tlv(0xa4, tlv(0x30), tlv(5))))), "a directory name"},
		{dated(tlv(0x16, []byte("20260101000000Z"))), "no revocation date"},
		{dated(tlv(0x18, []byte("x0260101000000Z"))), "no revocation date"},
		{dated(tlv(0x18, []byte("2x260101000000Z"))), "no revocation date"},
		{dated(tlv(0x18, []byte("20260101000000z"))), "no revocation date"},
		{dated(tlv(0x18, []byte("20260101240000Z"))), "no revocation date"},
		{dated(tlv(0x18, []byte("20260101990000Z"))), "no revocation date"},
		{dated(tlv(0x17, []byte("2601010000000"))), "no revocation date"},
		{dated(tlv(0x17, []byte("260101000060Z"))), "no revocation date"},
		{listWith(anExtension(known(28), true, tlv(0x31, indirect))), "the issuing distribution point"},
		{listWith(anExtension(known(28), true, append(tlv(0x30, indirect), 5, 0))), "the issuing distribution point"},
		{idp(), "the issuing distribution point"},
		{idp(indirect, tlv(5)), "the issuing distribution point"},
		{idp(tlv(0x81, []byte{1})), "the issuing distribution point"},
		{idp(tlv(0x82, []byte{1})), "the issuing distribution point"},
		{idp(tlv(0x84, []byte{1})), "the issuing distribution point"},
		{idp(tlv(0x85, []byte{1})), "the issuing distribution point"},
		{idp(tlv(0x81)), "the issuing distribution point"},
		{idp(tlv(0x81, yes, yes)), "the issuing distribution point"},
		{idp(tlv(0x81, []byte{0, 0})), "the issuing distribution point"},
		{idp(cut(0x81)), "the issuing distribution point"},
		{idp(cut(0x83)), "the issuing distribution point"},
		{idp(someReasons(nil)), "the reasons of the issuing distribution point"},
		{idp(someReasons([]byte{8, 0x60})), "the reasons of the issuing distribution point"},
		{idp(someReasons([]byte{0, 0x60, 0x40})), "the reasons of the issuing distribution point"},
		{idp(someReasons([]byte{5, 0x61})), "the reasons of the issuing distribution point"},
		{idp(cut(0xa0)), "the name of a distribution point"},
		{idp(tlv(0xa0)), "the name of a distribution point"},
		{idp(tlv(0xa0, tlv(0xa0))), "the name of a distribution point"},
		{idp(tlv(0xa0, cut(0xa0))), "the name of a distribution point"},
		{idp(tlv(0xa0, tlv(0xa2, uri("u")))), "the name of a distribution point"},
		{idp(tlv(0xa0, tlv(0xa0, uri("u")), tlv(5))), "the name of a distribution point"},
		{idp(tlv(0xa0, tlv(0xa0, cut(0x86)))), "the name of a distribution point"},
		{idp(tlv(0xa0, tlv(0xa1))), "the relative name of a distribution point"},
		{idp(tlv(0xa0, cut(0xa1))), "the relative name of a distribution point"},
		{idp(tlv(0xa0, tlv(0xa1, tlv(0x30)), tlv(5))), "the relative name of a distribution point"},
	} {
		_, err := bothWays(t, c.list.der())
		require.ErrorIs(t, err, crl.ErrMalformed, c.says)
		require.ErrorContains(t, err, c.says, "%x", c.list.der())
	}
}

// A length of 0x80 is BER for "until it ends", and no 128.
func TestIndefiniteLengthIsNoLength(t *testing.T) {
	longer := tlv(0x30, tlv(2, bytes.Repeat([]byte{7}, 9)), anEntry[3:])
	filled := append(bytes.Repeat(tlv(0x30, anEntry), 5), longer...)
	require.Len(t, filled, 128)
	_, err := bothWays(t, changed(func(p *parts) { p.entries = tlv(0x30, filled) }).der())
	require.NoError(t, err)
	_, err = bothWays(t, changed(func(p *parts) { p.entries = append([]byte{0x30, 0x80}, filled...) }).der())
	require.ErrorIs(t, err, crl.ErrMalformed)
}

// What is at a limit is read, and what is beyond it is not.
func TestListLimits(t *testing.T) {
	many := func(n int, one func(i int) []byte) []byte {
		var list [][]byte
		for i := range n {
			list = append(list, one(i))
		}
		return bytes.Join(list, nil)
	}
	extensions := func(n int) parts {
		return listWith(many(n, func(i int) []byte { return anExtension(tlv(6, []byte{0x2a, 3, byte(i)}), false, nil) }))
	}
	names := func(n int) parts {
		return listWith(anExtension(known(28), true, tlv(0x30, at(many(n, func(int) []byte { return uri("u") })))))
	}
	large := func(n int) parts {
		return listWith(anExtension(tlv(6, []byte{0x2a, 3, 4}), false, make([]byte, 1<<19+n)))
	}
	entry := func(n int) parts {
		bare := tlv(0x30, anExtension(tlv(6, []byte{0x2a, 3, 4}), false, make([]byte, 1<<15)))
		over := len(tlv(0x30, anEntry, bare)) - 1<<15
		return entryOf(anEntry, tlv(0x30, anExtension(tlv(6, []byte{0x2a, 3, 4}), false, make([]byte, 1<<16-over+n))))
	}
	rest := 1<<20 - len(large(0).extensions) // 1<<19 and more have headers as long
	for what, c := range map[string]struct{ most, more parts }{
		"extensions": {extensions(64), extensions(65)},
		"names":      {names(64), names(65)},
		"bytes":      {large(rest), large(rest + 1)},
		"an entry":   {entry(0), entry(1)},
	} {
		_, err := bothWays(t, c.most.der())
		require.NoError(t, err, what)
		_, err = bothWays(t, c.more.der())
		require.ErrorIs(t, err, crl.ErrTooLarge, what)
	}
	zeros := make([]byte, crl.MaxSize+1)
	_, err := crl.Parse(zeros[1:])
	require.ErrorIs(t, err, crl.ErrMalformed)
	_, err = crl.Parse(zeros)
	require.ErrorIs(t, err, crl.ErrTooLarge)
	_, err = crl.Open(bytes.NewReader(nil), crl.MaxFile)
	require.NotErrorIs(t, err, crl.ErrTooLarge)
	_, err = crl.Open(bytes.NewReader(nil), crl.MaxFile+1)
	require.ErrorIs(t, err, crl.ErrTooLarge)
	for size, says := range map[int64]string{0: "no element", -1: "a CRL of -1 bytes"} {
		_, err = crl.Open(bytes.NewReader(nil), size)
		require.ErrorIs(t, err, crl.ErrMalformed)
		require.ErrorContains(t, err, says)
	}
}

// What is not usual, and clear all the same.
func TestListIsClear(t *testing.T) {
	l, err := bothWays(t, changed(func(p *parts) { p.entries = tlv(0x30) }).der())
	require.NoError(t, err)
	require.Len(t, l.Defects, 1)
	require.Contains(t, l.Defects[0], "RFC 5280 5.1.2.6")
	l, err = bothWays(t, entryOf(tlv(2, []byte{0xff, 0x7f}), tlv(0x17, []byte("991231235959Z"))).der())
	require.NoError(t, err)
	require.Empty(t, l.Defects)
	for e, err := range l.Entries() {
		require.NoError(t, err)
		require.Equal(t, big.NewInt(-129), e.Serial)
		require.Equal(t, 1999, e.Time.Year())
	}
	l, err = bothWays(t, listWith(anExtension(known(28), true, tlv(0x30, tlv(0x81, []byte{0}), indirect))).der())
	require.NoError(t, err)
	require.True(t, l.Scope.Indirect)
	require.False(t, l.Scope.UserOnly)
	for _, c := range []struct {
		bits []byte
		want crl.ReasonSet
	}{{compromised, 0x06}, {[]byte{7, 0x1f, 0x80}, 0x1f8}, {[]byte{0, 0x60}, 0x06}} {
		l, err = bothWays(t, listWith(anExtension(known(28), true, tlv(0x30, someReasons(c.bits)))).der())
		require.NoError(t, err)
		require.Equal(t, c.want, l.Scope.Reasons, "%x", c.bits)
	}
	require.True(t, crl.KeyCompromise.Known())
	require.False(t, crl.Reason(7).Known())
}

// A certificate that no answer can be found for: there is no list for a name
// that is none, and no number to look for.
func TestCertificatesThatAreNone(t *testing.T) {
	p := pkitest.New(t, "ca -> alice; ca.revoked(alice)")
	set, err := crl.NewSet(p.CRL("ca"))
	require.NoError(t, err)
	odd := *p.Cert("alice")
	odd.RawIssuer = []byte{5, 0}
	lists, err := set.Revocation(t.Context(), &odd, nil)
	require.NoError(t, err)
	require.Empty(t, lists)
	l, err := crl.Parse(p.CRL("ca"))
	require.NoError(t, err)
	_, found, err := l.Lookup(&x509.Certificate{RawIssuer: p.Cert("ca").RawSubject})
	require.ErrorIs(t, err, crl.ErrMalformed)
	require.False(t, found)
}

// A delta is of one key and one name with its list. Mallory's CA has either the
// name or the key identifier of bob's, and its delta would release him.
func TestCombineIsOfOneIssuer(t *testing.T) {
	authority := func(key byte) []byte { return anExtension(known(35), false, tlv(0x30, tlv(0x80, []byte{key}))) }
	number := func(last, n byte) []byte { return anExtension(known(last), last == 27, tlv(2, []byte{n})) }
	parsed := func(p parts) *crl.List {
		l, err := bothWays(t, p.der())
		require.NoError(t, err)
		return l
	}
	base := parsed(listWith(authority(1), number(20, 1)))
	own := listWith(authority(1), number(20, 2), number(27, 1))
	_, err := crl.Combine(base, parsed(own))
	require.NoError(t, err)
	otherName := own
	otherName.issuer = bytes.Replace(own.issuer, []byte("ca"), []byte("mc"), 1)
	for _, delta := range []parts{otherName, listWith(authority(2), number(20, 2), number(27, 1))} {
		combined, err := crl.Combine(base, parsed(delta))
		require.ErrorIs(t, err, crl.ErrDelta)
		require.ErrorContains(t, err, "another issuer")
		_, found, err := combined.Lookup(&x509.Certificate{SerialNumber: big.NewInt(7), RawIssuer: own.issuer})
		require.ErrorIs(t, err, crl.ErrDelta)
		require.False(t, found)
	}
}

// A list stays in a file that somebody else may write to. What was an entry
// when it was opened, and is none when it is asked, must not become silence.
func TestFileThatIsChanged(t *testing.T) {
	name := newParts().issuer
	names := anExtension(known(29), true, tlv(0x30, directory(name)))
	cert := &x509.Certificate{SerialNumber: big.NewInt(7), RawIssuer: name}
	for what, c := range map[string]struct{ list parts }{
		"direct": {changed(func(p *parts) {
			reason := tlv(0x30, anExtension(known(21), false, tlv(10, []byte{1})))
			p.entries = tlv(0x30, tlv(0x30, anEntry, reason), tlv(0x30, tlv(2, []byte{8}), anEntry[3:]))
		})},
		"indirect": {entryWith(names)},
	} {
		for _, indexed := range []bool{false, true} {
			der := c.list.der()
			l, err := crl.Open(bytes.NewReader(der), int64(len(der)))
			require.NoError(t, err)
			if indexed {
				require.NoError(t, l.BuildIndex())
			}
			_, found, err := l.Lookup(cert)
			require.NoError(t, err)
			require.True(t, found, what)
			der[bytes.Index(der, anEntry)+len(anEntry)+2] = 0x31 // an extension, no more
			_, found, err = l.Lookup(cert)
			require.ErrorIs(t, err, crl.ErrMalformed, "%s, indexed %t", what, indexed)
			require.False(t, found)
			require.ErrorIs(t, l.BuildIndex(), crl.ErrMalformed)
			entries := 0
			for _, err := range l.Entries() {
				require.ErrorIs(t, err, crl.ErrMalformed)
				entries++
			}
			require.Equal(t, 1, entries)
			der[bytes.Index(der, anEntry)-2] = 0x31 // no entry any more
			_, found, err = l.Lookup(cert)
			require.ErrorIs(t, err, crl.ErrMalformed, "%s, indexed %t", what, indexed)
			require.False(t, found)
		}
	}
}

// Flags in padding, or of no reason, make the point of a certificate one that
// cannot be read; a name in an ediPartyName is no directory name.
func TestPointsToTheLetter(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	ca := p.Cert("ca").RawSubject
	otherwise := bytes.ReplaceAll(ca, []byte("\x13\x02ca"), []byte("\x0c\x02ca"))
	require.NotEqual(t, ca, otherwise)
	list := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(at(directory(ca))))
	}).List
	edi := checked(t, p, "ca", func(l *x509.RevocationList) {
		l.ExtraExtensions = append(l.ExtraExtensions, scope(at(tlv(0xa5, ca))))
	}).List
	for _, c := range []struct {
		list  *crl.List
		point []byte
		want  error
	}{
		{list, point(at(directory(otherwise))), nil},
		{list, point(at(tlv(0xa5, otherwise))), crl.ErrScope},
		{edi, point(at(directory(otherwise))), crl.ErrScope},
		{edi, point(at(tlv(0xa5, ca))), nil},
		{list, point(at(directory(ca)), tlv(0x81, []byte{5, 0x61})), crl.ErrMalformed},
		{list, point(at(directory(ca)), tlv(0x81, []byte{0, 0x60, 0x40})), crl.ErrMalformed},
		{list, bytes.Repeat(point(at(directory(ca))), 64), nil},
		{list, bytes.Repeat(point(at(directory(ca))), 65), crl.ErrTooLarge},
		{list, point(at(directory(ca)), tlv(0xa2, bytes.Repeat(directory(ca), 64))), crl.ErrScope},
		{list, point(at(directory(ca)), tlv(0xa2, bytes.Repeat(directory(ca), 65))), crl.ErrTooLarge},
	} {
		cert := *p.Cert("alice")
		cert.Extensions = []pkix.Extension{points(c.point)}
		_, err := c.list.Covers(&cert)
		require.ErrorIs(t, err, c.want, "%x", c.point)
	}
}

// once fails at one read, and leaves nothing of what it should have read.
type once struct {
	der []byte
	at  int
}

func (o *once) ReadAt(p []byte, off int64) (int, error) {
	if o.at--; o.at == -1 {
		clear(p)
		return 0, errDisk
	}
	return bytes.NewReader(o.der).ReadAt(p, off)
}

// A disk that fails once, wherever in the list, must not leave out a part that
// may be left out, such as the entries.
func TestReaderThatFailsOnce(t *testing.T) {
	p := pkitest.New(t, "ca -> bob; ca.revoked(bob)")
	der := p.CRL("ca")
	failed := 0
	for at := range 100 {
		r := &once{der, at}
		l, err := crl.Open(r, int64(len(der)))
		if r.at >= 0 { // there are no more reads than that
			require.NoError(t, err)
			require.Equal(t, 1, l.Len())
			break
		}
		require.ErrorIs(t, err, errDisk, "at read %d", at)
		failed++
	}
	require.Greater(t, failed, 10)
}

// An algorithm that signs the whole has to have it in memory, and there is a
// limit to that, though a list in a file may be longer.
func TestPureAlgorithmsUpToMaxSize(t *testing.T) {
	p := pkitest.New(t, "ca[ed25519] -> bob")
	list := newParts()
	list.issuer = p.Cert("ca").RawSubject
	entry := func(n int) []byte {
		return tlv(0x30, anEntry, tlv(0x30, anExtension(tlv(6, []byte{0x2a, 3, 4}), false, make([]byte, n))))
	}
	whole := func(n int) []byte {
		list.entries = tlv(0x30, bytes.Repeat(entry(65_000), 1031), entry(n))
		return list.der()
	}
	const outside = 6 + 7 + 67 // the header of all, algorithm and signature
	rest := crl.MaxSize - (len(whole(1000)) - outside - 1000)
	for n, want := range map[int]error{rest: pki.ErrInvalidSignature, rest + 1: crl.ErrTooLarge} {
		der := whole(n)
		l, err := crl.Open(bytes.NewReader(der), int64(len(der)))
		require.NoError(t, err)
		require.ErrorIs(t, l.Verify(p.Cert("ca"), pki.Verify), want)
	}
}

func TestWithoutTBS(t *testing.T) {
	der := newParts().der()
	der[bytes.Index(der, newParts().version)-2] = 0x31
	_, err := bothWays(t, der)
	require.ErrorContains(t, err, "TBSCertList")
}
