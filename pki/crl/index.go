package crl

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// index finds entries by their serial numbers, for a list that is asked many
// times.
type index struct {
	seed maphash.Seed
	// rows are sorted. Each has bits of the hash of a serial number above the
	// place of its entry, which tells the number itself.
	rows []uint64
	// named are the places of the entries that name an issuer, sorted: it holds
	// for those after them.
	named []uint32
}

// placeBits is what a place in the largest list takes.
const (
	placeBits = 30
	_         = uint(1<<placeBits - MaxFile) // does not compile if MaxFile needs more
)

// BuildIndex looks through the list once, so that [List.Lookup] need not look
// through it for each certificate: of use from some ten questions on. It costs
// 8 bytes of memory an entry, and 4 for each that names its issuer. It is safe
// while others ask.
func (l *List) BuildIndex() error {
	ix := &index{seed: maphash.MakeSeed(), rows: make([]uint64, 0, l.count)}
	var wrong error
	err := l.each(func(at int64, element cryptobyte.String) bool {
		var e rawEntry
		if e, wrong = readEntry(element, l.Version); wrong != nil {
			return false
		}
		ix.rows = append(ix.rows, ix.hash(e.serial)|uint64(at))
		if e.issuer != nil {
			ix.named = append(ix.named, uint32(at))
		}
		return true
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return fmt.Errorf("building the index of a CRL: %w", err)
	}
	slices.Sort(ix.rows)
	ix.named = slices.Clip(ix.named)
	l.index.Store(ix)
	return nil
}

// hash is what a row has of a serial number. A stranger who writes the list
// does not know the seed, and so cannot make many fall together.
func (ix *index) hash(serial []byte) uint64 {
	return maphash.Bytes(ix.seed, serial) &^ (1<<placeBits - 1)
}

func (ix *index) ask(q *question) error {
	hash := ix.hash(q.serial)
	i, _ := slices.BinarySearch(ix.rows, hash)
	for ; i < len(ix.rows) && ix.rows[i]&^(1<<placeBits-1) == hash; i++ {
		at := uint32(ix.rows[i] & (1<<placeBits - 1))
		element, err := q.list.entryAt(at)
		if err != nil {
			return err
		}
		issuer, err := ix.issuer(q.list, at)
		if err != nil {
			return err
		}
		if err := q.hear(element, issuer); err != nil {
			return err
		}
	}
	return nil
}

// issuer is what the last entry that names an issuer, up to the one at a place,
// says; nil: none has.
func (ix *index) issuer(l *List, at uint32) ([]byte, error) {
	i, found := slices.BinarySearchFunc(ix.named, at, cmp.Compare[uint32])
	if !found {
		if i--; i < 0 {
			return nil, nil
		}
	}
	element, err := l.entryAt(ix.named[i])
	if err != nil {
		return nil, err
	}
	e, err := readEntry(element, l.Version)
	return bytes.Clone(e.issuer), err
}

func (l *List) entryAt(at uint32) (cryptobyte.String, error) {
	c := l.entries
	c.at = int64(at)
	return c.element(cbasn1.SEQUENCE, "an entry")
}
