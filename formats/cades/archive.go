package cades

import (
	"bytes"
	"fmt"
	"hash"
	"io"
	"sync"

	"tamga/formats"
	"tamga/pki"
)

// bindArchiveV3 reads what an archive-time-stamp-v3 is over (EN 319 122-1
// §5.5.3): the digest of
//
//	eContentType ‖ digest of the content ‖ version … signature ‖ ats-hash-index
//
// each as it came, tag and length included. The index, which stands unsigned in
// the token itself, becomes one reference for each digest in it (§5.5.2). A
// digest that fits nothing that is there leaves a reference to something that
// was not supplied, so the stamp proves nothing: else whoever removed a
// revocation list from the file could pass for one who never had it.
func (f *facts) bindArchiveV3(t *token) {
	index, err := t.sd.Signers[0].HashIndex()
	if err != nil {
		t.unreadable(err.Error())
		return
	}
	if f.content != nil {
		sum, s, kind := f.contentSum(t.info.Hash), f.s, f.sd.TypeRaw
		t.over(func() io.Reader {
			return io.MultiReader(bytes.NewReader(kind), sum.reader(), bytes.NewReader(s.Head), bytes.NewReader(index.Raw))
		})
	}
	known := f.indexed(index.Hash)
	covers := [][]formats.Object{f.commitment()}
	for _, part := range []struct {
		name    string
		digests [][]byte
		known   map[string]*item
	}{
		{"an archived certificate", index.Certificates, known.certificates},
		{"archived revocation information", index.Revocations, known.revocations},
		{"an archived attribute", index.Attributes, f.indexedAttributes(index.Hash, index.Values)},
	} {
		seen := map[string]bool{}
		for _, digest := range part.digests {
			if seen[string(digest)] { // one digest a thousand times is one digest
				continue
			}
			seen[string(digest)] = true
			ref := formats.Reference{Name: "an object that is no longer there", Hash: index.Hash, Want: digest}
			if it := part.known[string(digest)]; it != nil {
				ref.Name, ref.Open, ref.Whole = part.name, it.input.Reader, it.input
				covers = append(covers, it.holds)
			}
			t.Signature.References = append(t.Signature.References, ref)
		}
	}
	f.cover(t, covers...)
}

// item is what a digest in a hash index may be of, and the evidence in it.
type item struct {
	input *formats.Input
	holds []formats.Object
}

func newItem(octets []byte, holds ...formats.Object) *item {
	return &item{&formats.Input{ReaderAt: bytes.NewReader(octets), Size: int64(len(octets))}, holds}
}

// items are what the hash indexes of all signers may name.
type items struct {
	certificates, revocations []*item
	raws                      map[*item][]byte
	byDigest                  map[pki.Hash]indexed
}

type indexed struct{ certificates, revocations map[string]*item }

// indexed digests every CertificateChoice and RevocationInfoChoice, once for
// each algorithm, however many signers, time-stamps and entries there are.
func (r *reading) indexed(h pki.Hash) indexed {
	if r.items == nil {
		r.items = r.listItems()
	}
	known, ok := r.items.byDigest[h]
	if ok || !h.Known() {
		return known
	}
	known = indexed{map[string]*item{}, map[string]*item{}}
	for _, it := range r.items.certificates {
		known.certificates[string(h.Sum(r.items.raws[it]))] = it
	}
	for _, it := range r.items.revocations {
		known.revocations[string(h.Sum(r.items.raws[it]))] = it
	}
	r.items.byDigest[h] = known
	return known
}

func (r *reading) listItems() *items {
	out := &items{raws: map[*item][]byte{}, byDigest: map[pki.Hash]indexed{}}
	add := func(to *[]*item, raw []byte, holds ...formats.Object) {
		it := newItem(raw, holds...)
		*to, out.raws[it] = append(*to, it), raw
	}
	for _, c := range r.sd.Certificates {
		add(&out.certificates, c.Raw, formats.ObjectOf(c.Raw))
	}
	for _, raw := range r.sd.Unparsed {
		add(&out.certificates, raw)
	}
	for _, choice := range r.sd.Revocations {
		var holds []formats.Object
		for _, raw := range [][]byte{choice.CRL, choice.OCSP} {
			if raw != nil {
				holds = append(holds, formats.ObjectOf(raw))
			}
		}
		add(&out.revocations, choice.Raw, holds...)
	}
	return out
}

// itemKey is how the unsigned attributes of a signer are digested.
type itemKey struct {
	hash   pki.Hash
	values bool
}

// indexedAttributes digests the unsigned attributes: in version 3 of the index
// attrType ‖ one attrValue, before that the whole Attribute.
func (f *facts) indexedAttributes(h pki.Hash, values bool) map[string]*item {
	key := itemKey{h, values}
	if known, ok := f.attrs[key]; ok || !h.Known() {
		return known
	}
	known := map[string]*item{}
	for _, a := range f.s.UnsignedAttrs {
		var all []formats.Object
		for _, raw := range a.Values {
			if values {
				d := h.New()
				d.Write(a.Type)
				d.Write(raw)
				known[string(d.Sum(nil))] = &item{joined(a.Type, raw), f.held[&raw[0]]}
			}
			all = append(all, f.held[&raw[0]]...)
		}
		if !values {
			known[string(h.Sum(a.Raw))] = newItem(a.Raw, all...)
		}
	}
	if f.attrs == nil {
		f.attrs = map[itemKey]map[string]*item{}
	}
	f.attrs[key] = known
	return known
}

// joined reads one slice after the other, and copies neither.
func joined(a, b []byte) *formats.Input {
	first := formats.Input{ReaderAt: bytes.NewReader(a), Size: int64(len(a))}
	both := formats.Edit{Keep: first.Size, Tail: b}.Apply(first, "")
	return &both
}

// contentSum is the digest of the content, made once when it is first read.
type contentSum struct {
	open func() io.Reader
	hash pki.Hash
	mu   sync.Mutex
	sum  []byte // nil: not made yet
}

func (r *reading) contentSum(h pki.Hash) *contentSum {
	if r.sums[h] == nil {
		r.sums[h] = &contentSum{open: r.content, hash: h}
	}
	return r.sums[h]
}

func (c *contentSum) reader() io.Reader { return &sumReader{of: c} }

// sumReader reads the digest of a content. It digests a piece with each Read,
// and returns nothing until it is done, so that whoever reads can stop.
type sumReader struct {
	of      *contentSum
	src     io.Reader
	digest  hash.Hash
	out     []byte
	started bool
}

func (r *sumReader) Read(b []byte) (int, error) {
	if !r.started {
		if err := r.start(); err != nil {
			return 0, err
		}
	}
	if r.src != nil {
		n, err := r.src.Read(b)
		r.digest.Write(b[:n])
		if err == io.EOF {
			r.out, r.src = r.digest.Sum(nil), nil
			r.of.mu.Lock()
			r.of.sum = r.out
			r.of.mu.Unlock()
			err = nil
		}
		return 0, err
	}
	if len(r.out) == 0 {
		return 0, io.EOF
	}
	n := copy(b, r.out)
	r.out = r.out[n:]
	return n, nil
}

func (r *sumReader) start() error {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.started = true
	if r.out = r.of.sum; r.out != nil {
		return nil
	}
	if !r.of.hash.Known() {
		return fmt.Errorf("digesting the content: %w", pki.ErrUnknownAlgorithm)
	}
	r.src, r.digest = r.of.open(), r.of.hash.New()
	return nil
}
