package formattest

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
)

// Writer is a way to make a document of the format.
type Writer struct {
	Name string
	// New returns a preparer that takes its randomness from random, for those
	// that need some.
	New    func(random io.Reader) formats.Preparer
	Input  formats.Input
	Params formats.Params
	Key    *pki.Key
	Use    pki.Use
	// Timestamper stamps at level B-T; nil at other levels.
	Timestamper pki.Timestamper
	// Detached is what the result is read with, for formats that leave the
	// content where it was.
	Detached []formats.Input
}

// testWriter: Prepare → Sign → Complete → Parse. The pending signature goes
// through JSON on its way, as it does when it waits for a key elsewhere, and
// is completed by another preparer than laid it out.
func testWriter(t *testing.T, p formats.Parser, w Writer) {
	pending, err := w.New(&counter{}).Prepare(w.Input, w.Params)
	require.NoError(t, err)
	require.Equal(t, p.ID(), pending.Format)
	require.Equal(t, w.Params.Algorithm, pending.Algorithm)
	require.NotEmpty(t, pending.ToBeSigned)
	same, err := w.New(&counter{}).Prepare(w.Input, w.Params)
	require.NoError(t, err)
	require.Equal(t, pending, same, "the same wishes and randomness give the same bytes")

	stored, err := json.Marshal(pending)
	require.NoError(t, err)
	var fetched formats.Pending
	require.NoError(t, json.Unmarshal(stored, &fetched))

	value, err := w.Key.Sign(t.Context(), w.Use, w.Params.Algorithm, fetched.ToBeSigned)
	require.NoError(t, err)
	done := formats.Completion{Value: value}
	other := w.New(&counter{})
	if w.Timestamper != nil {
		stamped := other.StampInput(&fetched, value)
		require.NotEmpty(t, stamped)
		done.Timestamp, err = w.Timestamper.Timestamp(t.Context(), pki.SHA256, pki.SHA256.Sum(stamped))
		require.NoError(t, err)
	}
	edit, err := other.Complete(&fetched, done)
	require.NoError(t, err)
	again, err := w.New(&counter{}).Complete(pending, done)
	require.NoError(t, err)
	require.Equal(t, edit, again, "completing is a function of what is pending and what completes it")
	require.LessOrEqual(t, edit.Keep, w.Input.Size)
	require.GreaterOrEqual(t, edit.Keep, int64(0))
	testWritten(t, p, w, edit, value)
}

func testWritten(t *testing.T, p formats.Parser, w Writer, edit formats.Edit, value []byte) {
	out := edit.Apply(w.Input, w.Name)
	out.Detached = w.Detached
	head := make([]byte, min(out.Size, formats.HeadSize))
	_, err := io.ReadFull(out.Reader(), head)
	require.NoError(t, err)
	require.True(t, p.Sniff(head), "a format knows what it has written")
	doc, err := p.Parse(out)
	require.NoError(t, err)
	require.Empty(t, doc.Defects)
	require.NotEmpty(t, doc.Signatures)
	ours := 0
	for i := range doc.Signatures {
		sig := &doc.Signatures[i]
		require.NoError(t, holds(sig, nil), sig.Name)
		if !bytes.Equal(sig.Value, value) {
			continue
		}
		ours++
		require.Empty(t, sig.Defects)
		require.True(t, signerOf(sig).Equal(w.Key.Certificate()))
		if w.Timestamper != nil {
			require.Len(t, sig.Evidence.Timestamps, 1)
			require.NoError(t, holds(&sig.Evidence.Timestamps[0].Signature, nil), "the time-stamp")
		}
	}
	require.Equal(t, 1, ours, "the signature that was made stands in the document once")
}

// counter is randomness that is the same each time.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n
	}
	return len(b), nil
}
