package verifier

import (
	"cmp"
	"context"
	"hash"
	"io"
	"slices"
	"sync"

	"tamga/formats"
	"tamga/pki"
)

// sums are the digests of whole inputs and of parts of them, made once for a
// document: a hundred signers with thirty time-stamps each over one file of a
// gigabyte would otherwise keep a verifier busy for half an hour.
type sums struct {
	known   map[sumKey][]byte
	planned []sumKey // parts that will be asked for
}

type sumKey struct {
	of   *formats.Input
	hash pki.Hash
	part formats.Part
}

// keyOf is for references that say which input they are over: all of one is the
// part before a gap at its end.
func keyOf(r *formats.Reference) sumKey {
	part := r.Part
	if part == (formats.Part{}) {
		part = formats.Part{GapFrom: r.Whole.Size, GapTo: r.Whole.Size, End: r.Whole.Size}
	}
	return sumKey{r.Whole, r.Hash, part}
}

// plan takes note of all that the signatures of a document are over: what lies
// in one input is digested in one pass when the first of it is asked for.
func (s *sums) plan(doc *formats.Document) {
	for i := range doc.Signatures {
		sig := &doc.Signatures[i]
		s.planAll(sig.References)
		for k := range sig.Evidence.Timestamps {
			s.planAll(sig.Evidence.Timestamps[k].Signature.References)
		}
	}
}

func (s *sums) planAll(list []formats.Reference) {
	for i := range list {
		if list[i].Whole != nil {
			s.planned = append(s.planned, keyOf(&list[i]))
		}
	}
}

func (s *sums) digest(ctx context.Context, r formats.Reference) ([]byte, error) {
	if r.Whole == nil {
		h := r.Hash.New()
		err := stream(ctx, r.Open(), h)
		return h.Sum(nil), err
	}
	key := keyOf(&r)
	if sum, ok := s.known[key]; ok {
		return sum, nil
	}
	err := s.pass(ctx, key)
	return s.known[key], err
}

// buffers of 256 KiB: content is streamed, whatever its size.
var buffers = sync.Pool{New: func() any { return new([256 << 10]byte) }}

// stream writes all of src to dst.
func stream(ctx context.Context, src io.Reader, dst io.Writer) error {
	buf := buffers.Get().(*[256 << 10]byte)
	defer buffers.Put(buf)
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, err := src.Read(buf[:])
		dst.Write(buf[:n]) // a hash never fails (package hash)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// pass digests a part with all that are planned of the same input.
func (s *sums) pass(ctx context.Context, first sumKey) error {
	wanted := []sumKey{first}
	for _, key := range s.planned {
		if key.of == first.of && key.hash == first.hash {
			wanted = append(wanted, key)
		}
	}
	slices.SortFunc(wanted, func(a, b sumKey) int {
		x, y := a.part, b.part
		return cmp.Or(cmp.Compare(x.GapFrom, y.GapFrom), cmp.Compare(x.GapTo, y.GapTo), cmp.Compare(x.End, y.End))
	})
	wanted = slices.Compact(wanted)
	digests, err := digestParts(ctx, first.of, first.hash, wanted)
	if err != nil {
		return err
	}
	for i, key := range wanted {
		s.known[key] = digests[i]
	}
	return nil
}

// digestParts returns the digests of parts in the order of their gaps. Up to its
// gap each part reads what all others read: one hash, the trunk, goes along, and
// each branches off where its gap begins. In a file that was signed again and
// again, a gap stands near the end of what was there, so that the work is that
// of one pass.
//
//	0 … gap 1   gap 1 … end 1   gap 2   gap 2 … end 2
//	trunk ──┬───────────────────┬──→
//	        └─ branch 1 ──→     └─ branch 2 ──→
func digestParts(ctx context.Context, in *formats.Input, h pki.Hash, wanted []sumKey) ([][]byte, error) {
	var (
		trunk   = h.New()
		at      = int64(0)
		digests [][]byte
	)
	branches := make([]branch, len(wanted))
	for i, key := range wanted {
		if err := (span{in, at, key.part.GapFrom}).feed(ctx, trunk, branches[:i]); err != nil {
			return nil, err
		}
		at = key.part.GapFrom
		// Every hash of the standard library can be cloned (package hash).
		twin, err := trunk.(hash.Cloner).Clone()
		if err != nil {
			return nil, err
		}
		branches[i] = branch{twin, key.part}
	}
	end := at
	for _, key := range wanted {
		end = max(end, key.part.End)
	}
	if err := (span{in, at, end}).feed(ctx, io.Discard, branches); err != nil {
		return nil, err
	}
	for _, b := range branches {
		digests = append(digests, b.Sum(nil))
	}
	return digests, nil
}

// branch is the digest of a part from its gap on.
type branch struct {
	hash.Hash
	part formats.Part
}

// take adds what of a piece at some offset lies behind the gap of the part.
func (b branch) take(piece []byte, at int64) {
	size := int64(len(piece))
	from := min(max(b.part.GapTo-at, 0), size)
	b.Write(piece[from:max(from, min(b.part.End-at, size))])
}

// span is what lies from one offset of an input to another.
type span struct {
	in       *formats.Input
	from, to int64
}

// feed gives the octets of the span to the trunk, and to each branch what it
// wants of them.
func (s span) feed(ctx context.Context, trunk io.Writer, branches []branch) error {
	at := s.from
	err := stream(ctx, io.NewSectionReader(s.in, s.from, s.to-s.from), writerFunc(func(piece []byte) (int, error) {
		for _, b := range branches {
			b.take(piece, at)
		}
		at += int64(len(piece))
		return trunk.Write(piece)
	}))
	if err == nil && at != s.to {
		return io.ErrUnexpectedEOF
	}
	return err
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }
