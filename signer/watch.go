package signer

import (
	"context"
	"io"

	"tamga/formats"
)

// watched returns in so that reading it fails once ctx has ended. Formats know
// no contexts; this is what stops the hashing of a file of gigabytes.
func watched(ctx context.Context, in formats.Input) formats.Input {
	in.ReaderAt = watchedReader{ctx, in.ReaderAt}
	var parts []formats.Input
	for _, part := range in.Detached {
		parts = append(parts, watched(ctx, part))
	}
	in.Detached = parts
	return in
}

type watchedReader struct {
	ctx  context.Context
	base io.ReaderAt
}

func (w watchedReader) ReadAt(b []byte, off int64) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.base.ReadAt(b, off)
}
