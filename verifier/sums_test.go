package verifier_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier"
	"tamga/verifier/report"
)

// counted counts what is read of an input.
type counted struct {
	io.ReaderAt
	octets int64
}

func (c *counted) ReadAt(b []byte, off int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, off)
	c.octets += int64(n)
	return n, err
}

// overParts is a document of one signature over each of the parts of data.
func overParts(b *bench, in *formats.Input, data []byte, hashes []pki.Hash, parts []formats.Part) {
	for i, p := range parts {
		sig := b.signed("alice", "a part", content)
		h := hashes[i%len(hashes)]
		sig.References = []formats.Reference{{
			Name: "part", Hash: h, Want: h.Sum(slices.Concat(data[:p.GapFrom], data[p.GapTo:p.End])), Whole: in, Part: p,
			Open: func() io.Reader {
				return io.MultiReader(io.NewSectionReader(in, 0, p.GapFrom), io.NewSectionReader(in, p.GapTo, p.End-p.GapTo))
			},
		}}
		b.doc.Signatures = append(b.doc.Signatures, sig)
	}
	b.sig, b.doc.Signatures = b.doc.Signatures[0], b.doc.Signatures[1:]
}

// quietly is verify for documents that are too many to be kept in testdata.
func (b *bench) quietly() *report.Report {
	b.v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: append([]formats.Signature{b.sig}, b.doc.Signatures...)}}}
	r, err := b.v.Verify(b.t.Context(), b.input())
	require.NoError(b.t, err)
	return r
}

// Parts that are digested in one pass have the digests that they have alone,
// however they lie: side by side, within each other, overlapping, twice, empty.
// Each octet counts for those that it lies in, and no other.
func TestPartsInOnePass(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	data := make([]byte, 600<<10) // of more than two buffers
	for i := range data {
		data[i] = byte(rnd.Uint32())
	}
	for range 30 {
		at := func() int64 { return rnd.Int64N(int64(len(data)) + 1) }
		var parts []formats.Part
		for range 1 + rnd.IntN(8) {
			ends := []int64{at(), at(), at()}
			slices.Sort(ends)
			parts = append(parts, formats.Part{GapFrom: ends[0], GapTo: ends[1], End: ends[2]})
		}
		parts = append(parts, parts[0], formats.Part{GapFrom: 1, GapTo: 1, End: 1})
		changed := bytes.Clone(data)
		flipped := rnd.IntN(len(data))
		changed[flipped] ^= 1
		for _, actual := range [][]byte{data, changed} {
			b := newBench(t)
			in := &formats.Input{ReaderAt: bytes.NewReader(actual), Size: int64(len(actual))}
			overParts(b, in, data, []pki.Hash{pki.SHA256, pki.SHA512}, parts)
			r := b.quietly()
			for i, p := range parts {
				o := int64(flipped)
				within := o < p.GapFrom || o >= p.GapTo && o < p.End
				spoilt := &actual[0] == &changed[0] && within
				require.Equal(t, spoilt, r.Verdict.Signatures[i].SubIndication == report.HashFailure, "part %d %+v, octet %d", i, p, o)
			}
		}
	}
}

// A file that was signed fifty times is read once, and not fifty times.
func TestOnePassIsOne(t *testing.T) {
	data := make([]byte, 1<<20)
	source := &counted{ReaderAt: bytes.NewReader(data)}
	in := &formats.Input{ReaderAt: source, Size: int64(len(data))}
	var parts []formats.Part
	for i := range int64(50) {
		end := int64(len(data)) - 50*1000 + i*1000
		parts = append(parts, formats.Part{GapFrom: end - 500, GapTo: end - 100, End: end})
	}
	b := newBench(t)
	overParts(b, in, data, []pki.Hash{pki.SHA256}, parts)
	for i := range b.doc.Signatures { // over the content as well: no pass of its own
		stamp := b.signed("tsa", "stamp", b.doc.Signatures[i].Value)
		whole := formats.Reference{Hash: pki.SHA256, Want: pki.SHA256.Sum(data), Whole: in, Open: in.Reader}
		stamp.References = append(stamp.References, whole)
		b.doc.Signatures[i].Evidence.Timestamps = []formats.Timestamp{
			{Kind: formats.ContentTimestamp, Time: b.p.Now.Add(-2 * time.Hour), Signature: stamp}}
	}
	for _, s := range b.quietly().Verdict.Signatures {
		require.Equal(t, report.TotalPassed, s.Indication)
	}
	require.Less(t, source.octets, int64(len(data)+1))
}

// What is over one file says nothing of another, though the parts are alike.
func TestPartsOfTwoInputs(t *testing.T) {
	p := []formats.Part{{GapFrom: 3, GapTo: 5, End: 9}}
	one, two := []byte("the first"), []byte("secondary")
	b := newBench(t)
	overParts(b, &formats.Input{ReaderAt: bytes.NewReader(one), Size: 9}, one, []pki.Hash{pki.SHA256}, p)
	first := b.sig
	overParts(b, &formats.Input{ReaderAt: bytes.NewReader(two), Size: 9}, two, []pki.Hash{pki.SHA256}, p)
	b.doc.Signatures = append(b.doc.Signatures, first)
	for _, s := range b.quietly().Verdict.Signatures {
		require.Equal(t, report.TotalPassed, s.Indication, "%+v", failedChecks(s))
	}
}

// An input that ends before a part of it, or cannot be read, has no digest.
func TestPartsOfWhatCannotBeRead(t *testing.T) {
	data := make([]byte, 1000)
	broken := errors.New("the disk is gone")
	brokenBefore := func(limit int64) io.ReaderAt {
		return readerAtFunc(func(b []byte, off int64) (int, error) {
			if off < limit {
				return 0, broken
			}
			return bytes.NewReader(data).ReadAt(b, off)
		})
	}
	for name, source := range map[string]io.ReaderAt{
		"too short": bytes.NewReader(data[:900]), "broken": brokenBefore(1000), "broken at the beginning": brokenBefore(5),
	} {
		for _, p := range []formats.Part{{GapFrom: 950, GapTo: 960, End: 1000}, {GapFrom: 10, GapTo: 20, End: 1000}} {
			b := newBench(t)
			overParts(b, &formats.Input{ReaderAt: source, Size: 1000}, data, []pki.Hash{pki.SHA256}, []formats.Part{p})
			b.v.Formats = []formats.Parser{fake{id: b.id, doc: formats.Document{Signatures: []formats.Signature{b.sig}}}}
			r, err := b.v.Verify(t.Context(), b.input())
			require.Error(t, err, name)
			require.Equal(t, name != "too short", errors.Is(err, broken))
			require.Nil(t, r)
			require.NotErrorIs(t, err, verifier.ErrDefect)
		}
	}
}

type readerAtFunc func([]byte, int64) (int, error)

func (f readerAtFunc) ReadAt(b []byte, off int64) (int, error) { return f(b, off) }
