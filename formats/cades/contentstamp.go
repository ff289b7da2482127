package cades

import (
	"fmt"

	"tamga/formats"
	"tamga/pki"
)

// ContentImprint is the digest of the content that the signature will be over.
func (pr Preparer) ContentImprint(in formats.Input, h pki.Hash) ([]byte, error) {
	const doing = "preparing a content time-stamp"
	if !h.Known() {
		return nil, fmt.Errorf(doing+": %w", pki.ErrUnknownAlgorithm)
	}
	switch {
	case pr.Counter > 0:
		return nil, fmt.Errorf(doing+": a counter-signature has no content to stamp (EN 319 122-1 §5.2.8): %w", ErrWish)
	case pr.Parallel:
		raw, err := whole(in)
		if err != nil {
			return nil, fmt.Errorf(doing+": %w", err)
		}
		b, err := openBase(raw)
		if err != nil {
			return nil, fmt.Errorf(doing+": %w", err)
		}
		if in, err = b.content(in); err != nil {
			return nil, fmt.Errorf(doing+": %w", err)
		}
	}
	sums, err := digests(in, []pki.Hash{h})
	if err != nil {
		return nil, fmt.Errorf(doing+": %w", err)
	}
	return sums[h], nil
}

// WithContentStamp returns a Preparer that also puts in a token over the
// content.
func (pr Preparer) WithContentStamp(token []byte) formats.Preparer {
	pr.ContentStamps = append(pr.ContentStamps[:len(pr.ContentStamps):len(pr.ContentStamps)], token)
	return pr
}
