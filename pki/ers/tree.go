package ers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"tamga/pki"
)

// ErrNotCovered says that the data is not what the record is over.
var ErrNotCovered = errors.New("the data is not among the digests of the evidence record")

// Form is one way in which a data object may have been written when it was
// archived.
type Form struct {
	// Open reads it from the beginning.
	Open func() io.Reader
	// Digest is its digest, which may be asked for again. Nil digests what Open
	// reads.
	Digest func(pki.Hash) ([]byte, error)
}

func (f Form) digest(h pki.Hash) ([]byte, error) {
	if f.Digest != nil {
		return f.Digest(h)
	}
	d := h.New()
	if _, err := io.Copy(d, f.Open()); err != nil {
		return nil, fmt.Errorf("digesting a data object: %w", err)
	}
	return d.Sum(nil), nil
}

// Object is a data object: any one of its forms counts, the first that fits.
type Object []Form

// leaf is a digest that must stand in the first list of a tree, and what it is
// the digest of.
type leaf struct {
	digest []byte
	open   func() io.Reader
}

func octets(b []byte) func() io.Reader {
	return func() io.Reader { return bytes.NewReader(b) }
}

// Root returns what the message imprint of an archive time-stamp must be the
// digest of, by the algorithm of the imprint, with chains and positions in them
// counted from 0 (§4.3 and §5.3):
//
//   - the first of the first chain is over the objects;
//   - the first of a later chain is over each object's digest with that of all
//     chains before it behind it;
//   - every other one is over the token before it.
//
// All objects must be in the first list. The error wraps [ErrNotCovered] if one
// is not, or if there is no tree to hold them; else it is that of reading them.
func (r *Record) Root(chain, position int, objects []Object) (open func() io.Reader, err error) {
	c := &r.Chains[chain]
	s := &c.Stamps[position]
	if !s.Hash.Known() {
		return nil, fmt.Errorf("%w: its digest algorithm is not known", ErrNotCovered)
	}
	var found []leaf
	switch {
	case position > 0:
		token := c.Stamps[position-1].Token
		found, err = s.find([][]leaf{{{s.Hash.Sum(token), octets(token)}}})
	case len(objects) == 0:
		return nil, fmt.Errorf("%w: there is no data", ErrNotCovered)
	default:
		var leaves [][]leaf
		if leaves, err = r.leaves(chain, objects); err == nil {
			found, err = s.find(leaves)
		}
	}
	if err != nil {
		return nil, err
	}
	if s.Tree == nil {
		return found[0].open, nil
	}
	return s.climb(found), nil
}

// leaves are the digests of the objects, one list for each.
func (r *Record) leaves(chain int, objects []Object) (out [][]leaf, err error) {
	h := r.Chains[chain].Hash
	var before []byte
	if chain > 0 {
		before = r.sequence(chain, h)
	}
	for _, o := range objects {
		var forms []leaf
		for _, f := range o {
			digest, err := f.digest(h)
			if err != nil {
				return nil, err
			}
			l := leaf{digest, f.Open}
			if chain > 0 {
				// §5.2 step 4, h(i)' = H(h(i) + ha(i)): not sorted. Figure 4 says
				// otherwise; all records known are by the text.
				both := slices.Concat(digest, before)
				l = leaf{h.Sum(both), octets(both)}
			}
			forms = append(forms, l)
		}
		out = append(out, forms)
	}
	return out, nil
}

// sequence is the digest of the ArchiveTimeStampSequence of the chains before
// one (§5.2 step 3): a SEQUENCE in DER around the chains as they came.
func (r *Record) sequence(chain int, h pki.Hash) []byte {
	size := 0
	for _, c := range r.Chains[:chain] {
		size += len(c.Raw)
	}
	d := h.New()
	d.Write(header(size))
	for _, c := range r.Chains[:chain] {
		d.Write(c.Raw)
	}
	return d.Sum(nil)
}

// header is the tag and the length of a SEQUENCE in DER.
func header(size int) []byte {
	if size < 0x80 {
		return []byte{tagSequence, byte(size)}
	}
	var octets []byte
	for n := size; n > 0; n >>= 8 {
		octets = append([]byte{byte(n)}, octets...)
	}
	return append([]byte{tagSequence, 0x80 | byte(len(octets))}, octets...)
}

// find looks for each object in the first list (§4.3 step 2), by any of its
// forms. Without a tree there must be one object, which the token is over
// itself: the first form that fits the imprint, or just the first.
func (s *Stamp) find(objects [][]leaf) (out []leaf, err error) {
	first := [][]byte{s.Info.Imprint}
	if s.Tree != nil {
		first = s.Tree[0]
	} else if len(objects) != 1 {
		return nil, fmt.Errorf("%w: %d objects, and no tree", ErrNotCovered, len(objects))
	}
	for _, forms := range objects {
		i := slices.IndexFunc(forms, func(l leaf) bool {
			return slices.ContainsFunc(first, func(d []byte) bool { return bytes.Equal(d, l.digest) })
		})
		if i < 0 {
			return nil, ErrNotCovered
		}
		out = append(out, forms[i])
	}
	return out, nil
}

// climb makes what the root is the digest of (§4.3 step 3): the digests of a
// list, sorted and concatenated, are digested into the next list.
//
// A list of one stays as it is, and is not digested again: a node with one child
// is that child. RFC 4998 groups only where there is more than one digest
// (§4.2.1 step 3), and RFC 6283 §3.2.1 says so in so many words.
func (s *Stamp) climb(found []leaf) func() io.Reader {
	var carried []byte
	open := found[0].open
	for _, list := range s.Tree {
		list = slices.Clone(list)
		if carried != nil {
			list = append(list, carried)
		}
		if len(list) == 1 {
			carried = list[0]
			continue
		}
		slices.SortFunc(list, bytes.Compare)
		row := bytes.Join(list, nil)
		carried, open = s.Hash.Sum(row), octets(row)
	}
	return open
}

// Group reports whether the objects are all that the first list of the first
// archive time-stamp holds: that none was left out of a group (§4.3, §5.3). A
// list with more may be a larger group, or the objects' neighbours in the tree:
// nobody can tell. The error is that of [Record.Root].
func (r *Record) Group(objects []Object) (bool, error) {
	s := &r.Chains[0].Stamps[0]
	if !s.Hash.Known() {
		return false, fmt.Errorf("%w: its digest algorithm is not known", ErrNotCovered)
	}
	leaves, err := r.leaves(0, objects)
	if err != nil {
		return false, err
	}
	found, err := s.find(leaves)
	if err != nil || s.Tree == nil {
		return err == nil, err
	}
	for _, d := range s.Tree[0] {
		if !slices.ContainsFunc(found, func(l leaf) bool { return bytes.Equal(l.digest, d) }) {
			return false, nil
		}
	}
	return true, nil
}
