package crl

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"hash/maphash"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// index finds entries by their serial numbers, for a list that is asked many
// times. A row takes 16 bytes.
type index struct {
	seed maphash.Seed
	rows []row // by hash, then by place
}

// row is an entry: where it is, and in an indirect list for whom.
type row struct {
	hash   uint64
	at     int64
	issuer *[]byte
}

// BuildIndex looks through the list once, so that [List.Lookup] need not look
// through it for each certificate. It costs 24 bytes of memory an entry.
func (l *List) BuildIndex() error {
	ix := &index{seed: maphash.MakeSeed()}
	var issuer []byte
	var named *[]byte
	var wrong error
	err := l.each(func(at int64, element cryptobyte.String) bool {
		if l.foreign {
			now, err := entryIssuer(element, issuer)
			if wrong = err; err != nil {
				return false
			}
			if !bytes.Equal(now, issuer) {
				issuer, named = now, &now
			}
		}
		var entry, serial cryptobyte.String
		if !element.ReadASN1(&entry, cbasn1.SEQUENCE) || !entry.ReadASN1Element(&serial, cbasn1.INTEGER) {
			wrong = malformed("an entry")
			return false
		}
		ix.rows = append(ix.rows, row{maphash.Bytes(ix.seed, serial), at, named})
		return true
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return err
	}
	slices.SortFunc(ix.rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.at, b.at))
	})
	l.index.Store(ix)
	return nil
}

func (ix *index) lookup(l *List, cert *x509.Certificate, serial []byte) (Entry, bool, error) {
	hash := maphash.Bytes(ix.seed, serial)
	i, _ := slices.BinarySearchFunc(ix.rows, hash, func(r row, h uint64) int { return cmp.Compare(r.hash, h) })
	for ; i < len(ix.rows) && ix.rows[i].hash == hash; i++ {
		var issuer []byte
		if named := ix.rows[i].issuer; named != nil {
			issuer = *named
		}
		c := l.entries
		c.at = ix.rows[i].at
		element, err := c.element(cbasn1.SEQUENCE, "an entry")
		if err != nil {
			return Entry{}, false, err
		}
		if !hasSerial(element, serial) || !l.isOf(cert, issuer) {
			continue
		}
		e, err := readEntry(element, l.Version)
		e.Issuer = bytes.Clone(issuer)
		return e, err == nil, err
	}
	return Entry{}, false, nil
}
