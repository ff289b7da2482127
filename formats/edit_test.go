package formats_test

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tamga/formats"
	"tamga/pki"
)

func of(b []byte) formats.Input {
	return formats.Input{Name: "test", ReaderAt: bytes.NewReader(b), Size: int64(len(b))}
}

func TestEditReadsAsOneDocument(t *testing.T) {
	base := []byte("the first part, and what is cut off")
	for _, keep := range []int64{0, 1, 14, int64(len(base))} {
		for _, tail := range []string{"", " and a tail"} {
			want := append(bytes.Clone(base[:keep]), tail...)
			in := formats.Edit{Keep: keep, Tail: []byte(tail)}.Apply(of(base), "changed")
			require.EqualValues(t, len(want), in.Size)
			require.NoError(t, iotest.TestReader(in.Reader(), want))
			for from := range want {
				for to := from; to <= len(want); to++ {
					got := make([]byte, to-from)
					n, err := in.ReadAt(got, int64(from))
					require.NoError(t, err)
					require.Equal(t, want[from:to], got[:n])
				}
			}
			_, err := in.ReadAt(make([]byte, 1), int64(len(want)))
			require.ErrorIs(t, err, io.EOF)
			_, err = in.ReadAt(make([]byte, 1), -1)
			require.Error(t, err)
		}
	}
}

// A file that shrinks while it is read must not be signed as if it ended there.
func TestShrunkInputIsAnError(t *testing.T) {
	short := formats.Input{Name: "short", ReaderAt: bytes.NewReader([]byte("four")), Size: 100}
	_, err := short.Digest(pki.SHA256)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	_, err = formats.Edit{Keep: 100}.Apply(short, "changed").ReadAt(make([]byte, 10), 0)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func TestDigest(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 100_000)
	d, err := of(content).Digest(pki.SHA384)
	require.NoError(t, err)
	require.Equal(t, pki.SHA384.Sum(content), d.Sum(nil))
	_, err = of(content).Digest(pki.UnknownHash)
	require.ErrorIs(t, err, pki.ErrUnknownAlgorithm)
}
