package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// Memo remembers signatures that [Verify] has found good, by all the bytes that
// went into the question, so that an archive's issuers, responders and lists
// are verified once and not once a document. A bad signature is never
// remembered. It is bounded and safe for concurrent use; the zero value
// remembers nothing.
type Memo struct {
	mu       sync.Mutex
	limit    int
	new, old map[memoKey]struct{} // two generations: the old one is dropped when the new one is full
}

type memoKey [sha256.Size]byte

// NewMemo returns a Memo of at least limit and at most twice limit answers, of
// some 100 bytes each.
func NewMemo(limit int) *Memo { return &Memo{limit: limit, new: map[memoKey]struct{}{}} }

// Verify answers as [Verify] does.
func (m *Memo) Verify(key crypto.PublicKey, alg Algorithm, message, sig []byte) error {
	id, ok := memoID(key, alg, message, sig)
	if !ok || m.limit <= 0 {
		return Verify(key, alg, message, sig)
	}
	if m.has(id) {
		return nil
	}
	err := Verify(key, alg, message, sig)
	if err == nil {
		m.add(id)
	}
	return err
}

func (m *Memo) has(id memoKey) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.new[id]; ok {
		return true
	}
	_, ok := m.old[id]
	if ok {
		m.put(id)
	}
	return ok
}

func (m *Memo) add(id memoKey) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(id)
}

func (m *Memo) put(id memoKey) {
	if len(m.new) >= m.limit {
		m.old, m.new = m.new, make(map[memoKey]struct{}, m.limit)
	}
	m.new[id] = struct{}{}
}

// memoID digests everything that [Verify] looks at, each part with its length
// before it, so that no two questions run into one. It reports false for a kind
// of key that it cannot write down.
func memoID(key crypto.PublicKey, alg Algorithm, message, sig []byte) (id memoKey, ok bool) {
	var kind byte
	var curve string
	var public []byte
	var exponent int
	switch k := key.(type) {
	case *ecdsa.PublicKey:
		der, err := k.Bytes()
		if err != nil {
			return id, false
		}
		kind, curve, public = 'e', k.Curve.Params().Name, der
	case *rsa.PublicKey:
		if k.N == nil {
			return id, false
		}
		kind, public, exponent = 'r', k.N.Bytes(), k.E
	case ed25519.PublicKey:
		kind, public = 'd', k
	case *mldsa.PublicKey:
		kind, curve, public = 'm', k.Parameters().String(), k.Bytes()
	default:
		return id, false
	}
	h := sha256.New()
	h.Write([]byte{kind, byte(alg)})
	for _, part := range [][]byte{[]byte(curve), public, binary.BigEndian.AppendUint64(nil, uint64(exponent)), message, sig} {
		h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part))))
		h.Write(part)
	}
	h.Sum(id[:0])
	return id, true
}
