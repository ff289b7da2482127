package mdoc

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"tamga/formats"
	"tamga/formats/internal/cose"
)

// layout builds one document. All maps are in deterministic order (RFC 8949
// §4.2.1: by the bytes of their encoded keys, so shorter names come first).
//
//	IssuerSigned = {                               8.3.2.1.2.2
//	  "issuerAuth": COSE_Sign1,
//	  "nameSpaces": { + name => [ + #6.24(bstr .cbor IssuerSignedItem) ] }
//	}
type layout struct {
	Preparer
	params formats.Params
	size   int // of the value
	salts  []byte
	orders []byte // 8 bytes of randomness for each element
	*buffers
}

// buffers are kept from document to document: half of the time of a layout
// would go into collecting them.
type buffers struct {
	random  []byte
	items   []byte // nameSpaces, its value
	digests []byte // valueDigests, its value
	scratch []byte // one item, then the MSO
	payload []byte
	slots   [][sha256.Size]byte // digests by their number
	perm    []uint64
}

var pool = sync.Pool{New: func() any { return new(buffers) }}

// maxKept is the largest buffer that is kept.
const maxKept = 64 << 10

// forget gives the buffers back, without what they said of somebody.
func (b *buffers) forget() {
	for _, p := range []*[]byte{&b.random, &b.items, &b.scratch} {
		if cap(*p) > maxKept {
			*p = nil
		}
		clear((*p)[:cap(*p)])
	}
	pool.Put(b)
}

const (
	saltSize  = 32 // 9.1.2.5 asks for 16 at least
	orderSize = 8
)

func (l *layout) pending() (*formats.Pending, error) {
	spaces, n, err := l.spaces()
	if err != nil {
		return nil, err
	}
	if err := l.draw(n); err != nil {
		return nil, err
	}
	if err := l.layItems(spaces); err != nil {
		return nil, err
	}
	if err := l.layPayload(); err != nil {
		return nil, err
	}
	var room [16]byte
	return &formats.Pending{
		Format: formats.Mdoc, Algorithm: l.params.Algorithm,
		ToBeSigned: cose.AppendSigStructure(
			make([]byte, 0, len(l.payload)+64), cose.AppendProtected(room[:0], l.params.Algorithm), l.payload),
		State: l.state(),
	}, nil
}

// spaces returns the namespaces in the order in which they are written, and
// the number of elements. Names must be there, be UTF-8 and be there once: of
// two elements of one name readers would show different ones.
func (l *layout) spaces() ([]Namespace, int, error) {
	spaces, n := l.Namespaces, 0
	if len(spaces) == 0 {
		return nil, 0, errors.New("no elements")
	}
	if len(spaces) > 1 {
		spaces = slices.Clone(spaces)
		slices.SortFunc(spaces, func(a, b Namespace) int { return keyOrder(a.Name, b.Name) })
	}
	for i, s := range spaces {
		switch {
		case s.Name == "" || !utf8.ValidString(s.Name):
			return nil, 0, errors.New("a namespace has no name of UTF-8")
		case i > 0 && s.Name == spaces[i-1].Name:
			return nil, 0, fmt.Errorf("namespace %q stands twice", s.Name)
		case len(s.Elements) == 0 || len(s.Elements) > MaxElements:
			return nil, 0, fmt.Errorf("namespace %q has %d elements, of 1 to %d", s.Name, len(s.Elements), MaxElements)
		}
		for j, e := range s.Elements {
			if e.ID == "" || !utf8.ValidString(e.ID) {
				return nil, 0, fmt.Errorf("element %d of %s has no name of UTF-8", j+1, s.Name)
			}
		}
		if j := twice(s.Elements); j >= 0 {
			return nil, 0, fmt.Errorf("element %s/%s stands twice", s.Name, s.Elements[j].ID)
		}
		n += len(s.Elements)
	}
	return spaces, n, nil
}

// twice returns the position of an element whose name stood before it, or -1.
// It is a table in place of a map, which would cost more than all the digests.
func twice(list []Element) int {
	var slots [2 * MaxElements]uint16 // position + 1; 0: empty
	for i, e := range list {
		at := maphash.String(seed, e.ID) % uint64(len(slots))
		for slots[at] != 0 {
			if list[slots[at]-1].ID == e.ID {
				return i
			}
			at = (at + 1) % uint64(len(slots))
		}
		slots[at] = uint16(i + 1)
	}
	return -1
}

var seed = maphash.MakeSeed()

// keyOrder is the order of text keys in a deterministic map.
func keyOrder(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// draw takes all randomness at once: for each element a salt, and a number that
// shuffles. Two equal neighbours mean that the source has died; documents with
// known salts would disclose what they hide.
func (l *layout) draw(n int) error {
	l.random = sized(l.random, n*(saltSize+orderSize))
	if _, err := io.ReadFull(l.Random, l.random); err != nil {
		return fmt.Errorf("drawing salts: %w", err)
	}
	l.salts, l.orders = l.random[:n*saltSize], l.random[n*saltSize:]
	last := zeros[:]
	for i := 0; i < len(l.salts); i += saltSize {
		salt := l.salts[i : i+saltSize]
		if bytes.Equal(salt, last) {
			return errors.New("drawing salts: the source of randomness repeats itself")
		}
		last = salt
	}
	return nil
}

var zeros [saltSize]byte

// sized is b with n elements, of any content.
func sized[T any](b []T, n int) []T { return slices.Grow(b[:0], n)[:n] }

// layItems writes nameSpaces and valueDigests side by side.
func (l *layout) layItems(spaces []Namespace) error {
	l.items = cose.AppendHead(l.items[:0], cose.MajorMap, uint64(len(spaces)))
	l.digests = cose.AppendHead(l.digests[:0], cose.MajorMap, uint64(len(spaces)))
	for _, s := range spaces {
		if err := l.laySpace(s); err != nil {
			return err
		}
	}
	return nil
}

// laySpace writes one namespace. Digest numbers are a random permutation of
// 0 … n-1: neither they nor their order tell which element was withheld
// (9.1.2.4: unpredictable, and unique for the namespace).
func (l *layout) laySpace(s Namespace) error {
	n := len(s.Elements)
	l.shuffle(n)
	l.slots = sized(l.slots, n)
	l.items = cose.AppendText(l.items, s.Name)
	l.items = cose.AppendHead(l.items, cose.MajorArray, uint64(n))
	for i, e := range s.Elements {
		if err := l.layItem(e, l.perm[i]); err != nil {
			return fmt.Errorf("element %s/%s: %w", s.Name, e.ID, err)
		}
	}
	l.digests = cose.AppendText(l.digests, s.Name)
	l.digests = cose.AppendHead(l.digests, cose.MajorMap, uint64(n))
	for id := range l.slots {
		l.digests = cose.AppendHead(l.digests, cose.MajorUint, uint64(id))
		l.digests = cose.AppendBytes(l.digests, l.slots[id][:])
	}
	return nil
}

// shuffle fills perm by Fisher and Yates. The bias of taking 64 bits modulo at
// most MaxElements is below 2^-54.
func (l *layout) shuffle(n int) {
	l.perm = sized(l.perm, n)
	for i := range n {
		l.perm[i] = uint64(i)
	}
	for i := n - 1; i >= 0; i-- {
		j := binary.BigEndian.Uint64(l.orders) % uint64(i+1)
		l.orders = l.orders[orderSize:]
		l.perm[i], l.perm[j] = l.perm[j], l.perm[i]
	}
}

// layItem writes an item and its digest, which covers the tag and the head of
// the byte string too (9.1.2.5).
//
//	IssuerSignedItem = {                           8.3.2.1.2.2
//	  "random": bstr, "digestID": uint, "elementValue": any, "elementIdentifier": tstr
//	}
func (l *layout) layItem(e Element, id uint64) error {
	b := append(l.scratch[:0], "\xa4\x66random"...)
	b = cose.AppendBytes(b, l.salts[:saltSize])
	l.salts = l.salts[saltSize:]
	b = append(b, "\x68digestID"...)
	b = cose.AppendHead(b, cose.MajorUint, id)
	b = append(b, "\x6celementValue"...)
	b, err := appendValue(b, e.Value, 0)
	if err != nil {
		return err
	}
	b = append(b, "\x71elementIdentifier"...)
	l.scratch = cose.AppendText(b, e.ID)
	start := len(l.items)
	l.items = cose.AppendEncoded(l.items, l.scratch)
	l.slots[id] = sha256.Sum256(l.items[start:])
	return nil
}

// layPayload writes MobileSecurityObjectBytes, #6.24(bstr .cbor
//
//	MobileSecurityObject = {                       9.1.2.4
//	  "docType": tstr, "version": "1.0",
//	  "validityInfo": { "signed": tdate, "validFrom": tdate, "validUntil": tdate },
//	  "valueDigests": { + name => { + digestID => bstr } },
//	  "deviceKeyInfo": { "deviceKey": COSE_Key },
//	  "digestAlgorithm": "SHA-256"
//	})
func (l *layout) layPayload() error {
	if !utf8.ValidString(l.DocType) {
		return errors.New("the docType is not UTF-8")
	}
	b := append(l.scratch[:0], "\xa6\x67docType"...)
	b = cose.AppendText(b, l.DocType)
	b = append(b, "\x67version\x631.0\x6cvalidityInfo\xa3\x66signed"...)
	b = appendDateTime(b, l.params.Time)
	b = appendDateTime(append(b, "\x69validFrom"...), l.ValidFrom)
	b = appendDateTime(append(b, "\x6avalidUntil"...), l.ValidUntil)
	b = append(b, "\x6cvalueDigests"...)
	b = append(b, l.digests...)
	b = append(b, "\x6ddeviceKeyInfo\xa1\x69deviceKey"...)
	b, err := cose.AppendKey(b, l.HolderKey)
	if err != nil {
		return fmt.Errorf("the holder's key: %w", err)
	}
	l.scratch = append(b, "\x6fdigestAlgorithm\x67SHA-256"...)
	l.payload = cose.AppendEncoded(l.payload[:0], l.scratch)
	return nil
}

// state is the document without its value; see Complete.
func (l *layout) state() []byte {
	var room [4][]byte
	chain := room[:0]
	size := 128 + len(l.payload) + len(l.items) + l.size
	for i, c := range l.params.Chain {
		if i > 0 && selfIssued(c) {
			continue // the root is for the verifier to have (9.3.1, B.1)
		}
		chain = append(chain, c.Raw)
		size += len(c.Raw) + 8
	}
	b := append(make([]byte, positionSize, size), "\xa2\x6aissuerAuth"...)
	b = cose.AppendUnsigned(b, cose.Unsigned{
		Algorithm: l.params.Algorithm, Chain: chain, Payload: l.payload, Value: l.size,
	})
	binary.BigEndian.PutUint64(b, uint64(len(b)-positionSize))
	b = append(b, zeroValue[:l.size]...)
	b = append(b, "\x6anameSpaces"...)
	return append(b, l.items...)
}

var zeroValue [132]byte // as long as the longest value, of ES512
