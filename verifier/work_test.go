package verifier_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki/cms"
	"tamga/pki/pkitest"
	"tamga/verifier/report"
)

// counter counts what is read of a document.
type counter struct {
	*bytes.Reader
	read int64
}

func (c *counter) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(b, off)
	c.read += int64(n)
	return n, err
}

// A small CMS names eighty signers over one large file: the file is digested
// once, not eighty times.
func TestManySignersOneDigest(t *testing.T) {
	h := newHouse(t)
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<14)
	o := h.orders()["CAdES detached"]
	o.in = content
	doc := h.make(o)
	sd, err := cms.Parse(doc)
	require.NoError(t, err)
	signer := sd.Signers[0].Raw
	set := bytes.Index(doc, signer) - 4
	require.EqualValues(t, 0x31, doc[set], "a SET with a length of three octets")
	many := pkitest.Forge(t, doc, set, func([]byte) []byte { return bytes.Repeat(signer, 80) })

	c := &counter{Reader: bytes.NewReader(content)}
	in := input("doc", many)
	in.Detached = []formats.Input{{Name: "content", ReaderAt: c, Size: int64(len(content))}}
	r, err := h.v.Verify(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, r.Verdict.Signatures, 80)
	require.Equal(t, report.Valid, r.Verdict.Status)
	require.EqualValues(t, len(content), c.read)
}
