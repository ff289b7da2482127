package path_test

import (
	"bytes"
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"
)

// candidates are three CAs of one name and key, and a leaf below: the right key
// identifier is the oldest's, the newest has another, and the one in between
// has none.
func candidates(t *testing.T, root *forged) (leaf, right, none, wrong *forged) {
	make := func(id byte, years int) *forged {
		c := forge(t, root, "CA", 1, func(c *x509.Certificate) {
			c.NotBefore = now.AddDate(years, 0, 0)
			c.SubjectKeyId = []byte{id}
		})
		if id == 0 {
			c.SubjectKeyId = nil
		}
		return c
	}
	right, none, wrong = make(1, -3), make(0, -2), make(2, -1)
	return forge(t, right, "leaf", 2, nil), right, none, wrong
}

// first is the issuer that is tried before all others.
func first(t *testing.T, leaf, root *forged, pool ...*forged) *x509.Certificate {
	t.Helper()
	found := find(t, leaf, anchors(root), chainOf(pool...), params())
	require.Len(t, found, len(pool))
	return found[0].Chain[1]
}

// The right key identifier comes first, then none, then another, however new
// they are.
func TestHints(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf, right, none, wrong := candidates(t, root)
	require.Equal(t, []byte{1}, leaf.AuthorityKeyId)
	for _, pool := range [][]*x509.Certificate{chainOf(right, none, wrong), chainOf(wrong, none, right)} {
		found := find(t, leaf, anchors(root), pool, params())
		require.Len(t, found, 3)
		for i, want := range chainOf(right, none, wrong) {
			require.Equal(t, want, found[i].Chain[1])
		}
	}
	// A leaf without the extension: the newest first.
	bare := doctored(leaf)
	bare.Extensions = bare.Extensions[:0:0]
	require.Equal(t, wrong.Certificate, first(t, bare, root, right, none, wrong))
}

// A hint that cannot be read is none, whatever its first part says, and no
// reason to refuse: the newest comes first.
func TestUnreadableHints(t *testing.T) {
	root := forge(t, nil, "Root CA", 0, nil)
	leaf, right, none, wrong := candidates(t, root)
	id := []byte{0x80, 1, 1}
	require.Equal(t, right.Certificate, first(t, hinted(leaf, tlv(0x30, id)), root, right, none, wrong))
	for _, hint := range [][]byte{
		nil, tlv(0x31, id), tlv(0x30, []byte{0x80, 9, 1}),
		tlv(0x30, id, []byte{0xa1, 9}), tlv(0x30, id, []byte{0x82, 9}),
	} {
		require.Equal(t, wrong.Certificate, first(t, hinted(leaf, hint), root, right, none, wrong), "%x", hint)
	}
}

func hinted(leaf *forged, hint []byte) *forged {
	return doctored(leaf, extension("2.5.29.35", false, hint))
}

// Issuer and serial number tell, too, both together; of many names, the first
// sixteen are looked at.
func TestHintsOfSerialNumber(t *testing.T) {
	root, other := forge(t, nil, "Root CA", 0, nil), forge(t, nil, "Other CA", 4, nil)
	old := func(c *x509.Certificate) { c.NotBefore = now.AddDate(-3, 0, 0) }
	right := forge(t, root, "CA", 1, old)
	wrong := forge(t, other, "CA", 1, nil) // of the same serial number, and newer
	require.Equal(t, right.SerialNumber, wrong.SerialNumber)
	leaf := forge(t, right, "leaf", 2, nil)
	tried := func(hint ...[]byte) *x509.Certificate {
		found := find(t, hinted(leaf, tlv(0x30, hint...)), anchors(root, other), chainOf(right, wrong), params())
		require.Len(t, found, 2)
		return found[0].Chain[1]
	}
	name, stray := tlv(0xa4, root.RawSubject), tlv(0xa4, rawName(attr("2.5.4.3", "Stray CA")))
	serial, another := tlv(0x82, right.SerialNumber.Bytes()), tlv(0x82, []byte{1})
	require.Equal(t, wrong.Certificate, tried())
	require.Equal(t, right.Certificate, tried(tlv(0xa1, name), serial))
	require.Equal(t, right.Certificate, tried(tlv(0xa1, dns("a.example"), name), serial))
	require.Equal(t, wrong.Certificate, tried(tlv(0xa1, name), another))
	require.Equal(t, wrong.Certificate, tried(tlv(0xa1, name)))
	require.Equal(t, wrong.Certificate, tried(serial))
	require.Equal(t, right.Certificate, tried(tlv(0xa1, bytes.Repeat(stray, 15), name), serial))
	require.Equal(t, wrong.Certificate, tried(tlv(0xa1, bytes.Repeat(stray, 16), name), serial))
	// Names that cannot be read to the end are none.
	require.Equal(t, wrong.Certificate, tried(tlv(0xa1, name, []byte{0x82, 9}), serial))
	require.Equal(t, wrong.Certificate, tried(tlv(0xa1, name, tlv(0xa4, []byte{5, 0})), serial))
}
