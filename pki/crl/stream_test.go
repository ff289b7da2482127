package crl_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/pki"
	"tamga/pki/crl"
	"tamga/pki/pkitest"
)

// bigSerial is the number of the entry i of a list that writeList makes.
func bigSerial(i int) *big.Int {
	n := binary.BigEndian.AppendUint64([]byte{0x42, 0xa7}, uint64(i)*0x9e3779b97f4a7c15)
	return new(big.Int).SetBytes(append(n, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66))
}

// writeList makes a list of n entries under ca's P-256 key. Every third has a
// reason.
func writeList(t testing.TB, p *pkitest.PKI, n int) []byte {
	t.Helper()
	reason := tlv(0x30, tlv(0x30, tlv(6, []byte{0x55, 0x1d, 21}), tlv(4, []byte{10, 1, 1})))
	when := tlv(0x17, []byte("260101000000Z"))
	var entries bytes.Buffer
	for i := range n {
		number := bigSerial(i).Bytes()
		size := 2 + len(number) + len(when)
		if i%3 == 0 {
			size += len(reason)
		}
		entries.Write([]byte{0x30, byte(size), 2, byte(len(number))})
		entries.Write(number)
		entries.Write(when)
		if i%3 == 0 {
			entries.Write(reason)
		}
	}
	algorithm := tlv(0x30, tlv(6, []byte{0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2}))
	tbs := tlv(0x30, tlv(2, []byte{1}), algorithm, p.Cert("ca").RawSubject, tlv(0x17, []byte("260601110000Z")),
		tlv(0x17, []byte("260608110000Z")), tlv(0x30, entries.Bytes()))
	digest := pki.SHA256.Sum(tbs)
	value, err := p.Signer("ca").Sign(rand.Reader, digest, crypto.SHA256)
	require.NoError(t, err)
	return tlv(0x30, tbs, algorithm, tlv(3, []byte{0}, value))
}

// withSerial is a certificate of ca's for questions.
func withSerial(p *pkitest.PKI, n *big.Int) *x509.Certificate {
	return &x509.Certificate{SerialNumber: n, RawIssuer: p.Cert("ca").RawSubject, Version: 3}
}

// A list of many windows in a file says what it says in memory.
func TestOpen(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	const n = 30_000
	der := writeList(t, p, n)
	path := filepath.Join(t.TempDir(), "list.crl")
	require.NoError(t, os.WriteFile(path, der, 0o600))
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	opened, err := crl.Open(f, int64(len(der)))
	require.NoError(t, err)
	require.Nil(t, opened.Raw)
	require.Equal(t, n, opened.Len())
	parsed, err := crl.Parse(der)
	require.NoError(t, err)
	for _, l := range []*crl.List{opened, parsed} {
		require.NoError(t, l.Verify(p.Cert("ca"), pki.Verify))
		for _, indexed := range []bool{false, true} {
			if indexed {
				require.NoError(t, l.BuildIndex())
			}
			for i := 0; i < n; i += 4999 {
				e, found, err := l.Lookup(withSerial(p, bigSerial(i)))
				require.NoError(t, err)
				require.True(t, found, i)
				require.Equal(t, i%3 == 0, e.Reason == crl.KeyCompromise)
			}
			_, found, err := l.Lookup(withSerial(p, bigSerial(n)))
			require.NoError(t, err)
			require.False(t, found)
		}
	}
	ours, theirs := 0, 0
	for range opened.Entries() {
		ours++
	}
	for range parsed.Entries() {
		if theirs++; theirs == 10 {
			break
		}
	}
	require.Equal(t, n, ours)

	twin := pkitest.New(t, "ca -> alice")
	require.ErrorIs(t, opened.Verify(twin.Cert("ca"), pki.Verify), pki.ErrInvalidSignature)
	changed := bytes.Clone(der)
	changed[len(der)/2] ^= 1
	if l, err := crl.Open(bytes.NewReader(changed), int64(len(der))); err == nil {
		require.ErrorIs(t, l.Verify(p.Cert("ca"), pki.Verify), pki.ErrInvalidSignature)
	}
	_, err = crl.Open(f, crl.MaxFile+1)
	require.ErrorIs(t, err, crl.ErrTooLarge)
	_, err = crl.Open(f, -1)
	require.ErrorIs(t, err, crl.ErrMalformed)
}

// Algorithms that sign the message itself have to have all of it.
func TestOpenWithPureAlgorithms(t *testing.T) {
	for _, kind := range []string{"ed25519", "mldsa65", "rsa2048"} {
		p := pkitest.New(t, "ca["+kind+"] -> bob; ca.revoked(bob)")
		der := p.CRL("ca")
		l, err := crl.Open(bytes.NewReader(der), int64(len(der)))
		require.NoError(t, err, kind)
		require.NoError(t, l.Verify(p.Cert("ca"), pki.Verify), kind)
		require.True(t, judged(t, p.Cert("bob"), crl.Checked{List: l, Signer: p.Cert("ca")})[0].Revoked, kind)
	}
}

var errDisk = errors.New("the disk is gone")

// failing reads well until the n-th read, and then returns less, with err.
type failing struct {
	der   []byte
	reads int
	err   error
}

func (f *failing) ReadAt(p []byte, off int64) (int, error) {
	n, err := bytes.NewReader(f.der).ReadAt(p, off)
	if f.reads--; f.reads < 0 {
		if n /= 2; f.reads%2 == 0 {
			n = 0
		}
		clear(p[n:])
		return n, f.err
	}
	return n, err
}

// A disk that fails, or a file that is cut while it is read, must not make a
// revoked certificate one that is not on the list.
func TestReaderThatFails(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	const n = 8_000 // two windows
	der := writeList(t, p, n)
	for _, given := range []error{errDisk, io.EOF, nil} {
		opened, want := false, io.ErrUnexpectedEOF
		if given == errDisk {
			want = errDisk
		}
		for reads := range 32 {
			r := &failing{der, reads, given}
			l, err := crl.Open(r, int64(len(der)))
			if err != nil {
				require.ErrorIs(t, err, want)
				require.False(t, opened)
				continue
			}
			opened = true
			r.reads = reads % 2
			_, found, err := l.Lookup(withSerial(p, bigSerial(n-1)))
			require.ErrorIs(t, err, want)
			require.False(t, found)
			r.reads = reads % 2
			_, err = crl.Judge(withSerial(p, bigSerial(n-1)), []crl.Checked{{List: l, Signer: p.Cert("ca")}})
			require.ErrorIs(t, err, want)
			r.reads = reads % 2
			require.ErrorIs(t, l.BuildIndex(), want)
			r.reads = 0
			require.ErrorIs(t, l.Verify(p.Cert("ca"), pki.Verify), want)
			r.reads = 0
			failed := 0
			for _, err := range l.Entries() {
				if err != nil {
					require.ErrorIs(t, err, want)
					failed++
				}
			}
			require.Equal(t, 1, failed)
			r.reads = 100
			require.NoError(t, l.BuildIndex())
			r.reads = 0
			_, found, err = l.Lookup(withSerial(p, bigSerial(n)))
			require.NoError(t, err, "the index tells without the file who is not on the list")
			require.False(t, found)
			_, _, err = l.Lookup(withSerial(p, bigSerial(n-1)))
			require.ErrorIs(t, err, want)
		}
		require.True(t, opened)
	}
}

// The disk fails under one of two lists.
func TestCombinedReaderThatFails(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	open := func(edit func(*x509.RevocationList)) (*crl.List, *failing) {
		r := &failing{makeList(t, p, "ca", edit), 100, errDisk}
		l, err := crl.Open(r, int64(len(r.der)))
		require.NoError(t, err)
		return l, r
	}
	on := []x509.RevocationListEntry{revoked(p, p.Cert("bob"), crl.CertificateHold)}
	base, baseFile := open(func(l *x509.RevocationList) { l.RevokedCertificateEntries = on })
	later, laterFile := open(func(l *x509.RevocationList) {
		l.Number, l.RevokedCertificateEntries = big.NewInt(2), on
		l.ExtraExtensions = append(l.ExtraExtensions, delta(1))
	})
	both, err := crl.Combine(base, later)
	require.NoError(t, err)
	for _, r := range []*failing{baseFile, laterFile} {
		r.reads = 0
		entry, found, err := both.Lookup(p.Cert("bob"))
		require.ErrorIs(t, err, errDisk)
		require.False(t, found)
		require.Zero(t, entry)
		r.reads = 100
	}
	_, found, err := both.Lookup(p.Cert("bob"))
	require.NoError(t, err)
	require.True(t, found)
	_, found, err = crl.Combined{}.Lookup(p.Cert("bob"))
	require.ErrorIs(t, err, crl.ErrDelta)
	require.False(t, found)
}

// The file of an indirect list is written anew while it is in use. What stands
// there then may be anything, but what is no entry is an error.
func TestFileThatChanges(t *testing.T) {
	p := pkitest.New(t, "root -> ca[ca], lists[ca]")
	sends := points(point(tlv(0xa2, directory(p.Cert("lists").RawSubject))))
	bob, carol := certificate(p, "ca", "bob", sends), certificate(p, "ca", "carol", sends)
	der := makeList(t, p, "lists", func(l *x509.RevocationList) {
		first := revoked(p, bob, crl.KeyCompromise)
		first.ExtraExtensions = of(p.Cert("ca"))
		l.ExtraExtensions = append(l.ExtraExtensions, scope(indirect))
		l.RevokedCertificateEntries = []x509.RevocationListEntry{first, revoked(p, carol, crl.Superseded)}
	})
	l, err := crl.Open(bytes.NewReader(der), int64(len(der)))
	require.NoError(t, err)
	indexed, err := crl.Open(bytes.NewReader(der), int64(len(der)))
	require.NoError(t, err)
	require.NoError(t, indexed.BuildIndex())
	number := bytes.Index(der, bob.SerialNumber.Bytes()) - 2 // its tag
	date := number + 2 + len(bob.SerialNumber.Bytes())
	for what, place := range map[string]int{"no number": number, "no date": date, "no entry": number - 2} {
		was := der[place]
		der[place] = 5
		for _, list := range []*crl.List{l, indexed} {
			for _, cert := range []*x509.Certificate{bob, carol} {
				_, found, err := list.Lookup(cert)
				require.ErrorIs(t, err, crl.ErrMalformed, what)
				require.False(t, found)
			}
		}
		fresh, err := crl.Open(bytes.NewReader(der), int64(len(der)))
		require.ErrorIs(t, err, crl.ErrMalformed)
		require.Nil(t, fresh)
		require.ErrorIs(t, l.BuildIndex(), crl.ErrMalformed, what)
		failed := 0
		for _, err := range l.Entries() {
			require.ErrorIs(t, err, crl.ErrMalformed, what)
			failed++
		}
		require.Equal(t, 1, failed, what)
		der[place] = was
	}
	require.NoError(t, l.BuildIndex())

	direct := makeList(t, p, "ca", func(l *x509.RevocationList) {
		l.RevokedCertificateEntries = []x509.RevocationListEntry{revoked(p, bob, crl.Superseded), revoked(p, carol, crl.Superseded)}
	})
	l, err = crl.Open(bytes.NewReader(direct), int64(len(direct)))
	require.NoError(t, err)
	direct[bytes.Index(direct, bob.SerialNumber.Bytes())+len(bob.SerialNumber.Bytes())] = 5
	_, found, err := l.Lookup(bob)
	require.ErrorIs(t, err, crl.ErrMalformed)
	require.False(t, found)
}

// A caller's own way to check signatures is asked for what is in memory.
func TestVerifyAsksTheCaller(t *testing.T) {
	p := pkitest.New(t, "ca -> bob")
	list, err := crl.Parse(p.CRL("ca"))
	require.NoError(t, err)
	asked := false
	require.ErrorIs(t, list.Verify(p.Cert("ca"), func(crypto.PublicKey, pki.Algorithm, []byte, []byte) error {
		asked = true
		return errDisk
	}), errDisk)
	require.True(t, asked)
	ed := pkitest.New(t, "ca[ed25519] -> bob")
	r := &failing{ed.CRL("ca"), 100, errDisk}
	opened, err := crl.Open(r, int64(len(r.der)))
	require.NoError(t, err)
	r.reads = 0
	require.ErrorIs(t, opened.Verify(ed.Cert("ca"), pki.Verify), errDisk)
}

// live is what is held in memory by now.
func live() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// What a list in a file costs does not depend on how many entries it has, and
// what reading makes on the way does not either.
func TestOpenInConstantMemory(t *testing.T) {
	p := pkitest.New(t, "ca -> alice")
	var allocs, bytesMade []uint64
	for _, n := range []int{1_000, 100_000} {
		der := writeList(t, p, n)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		l, err := crl.Open(bytes.NewReader(der), int64(len(der)))
		require.NoError(t, err)
		require.NoError(t, l.Verify(p.Cert("ca"), pki.Verify))
		_, found, err := l.Lookup(withSerial(p, bigSerial(n-1)))
		require.NoError(t, err)
		require.True(t, found)
		runtime.ReadMemStats(&after)
		allocs = append(allocs, after.Mallocs-before.Mallocs)
		bytesMade = append(bytesMade, after.TotalAlloc-before.TotalAlloc)
	}
	require.Less(t, allocs[1], allocs[0]+200)
	require.Less(t, bytesMade[1], uint64(2<<20))
}
