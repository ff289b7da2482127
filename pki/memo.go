package pki

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/mldsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/binary"
	"sync"
)

// Memo remembers what an archive would otherwise ask for every document: which
// signatures [Verify] has found good, and what certificates say, each by all
// the bytes that went into the question. A bad signature and a certificate that
// cannot be read are never remembered. Where it is for many documents, keys that
// are used often are prepared, so that what is new is checked in less than half
// the time. It is bounded and safe for concurrent use. The zero value and nil remember nothing.
type Memo struct {
	signatures   Generations[memoKey, struct{}]
	certificates Generations[memoKey, *x509.Certificate]
	interned     Generations[*x509.Certificate, struct{}]
	keys         *combs
}

type memoKey [sha256.Size]byte

// maxRemembered is the size in bytes of the largest certificate that is
// remembered: a stranger's documents may name any number of large ones.
const maxRemembered = 8 << 10

// preparesFrom is the limit from which on a Memo is for many documents.
const preparesFrom = 1 << 10

// NewMemo returns a Memo of at least limit and at most twice limit signatures,
// of some 100 bytes each, and as many certificates, of some 5 KB each.
func NewMemo(limit int) *Memo {
	m := &Memo{
		signatures:   Generations[memoKey, struct{}]{Limit: limit},
		certificates: Generations[memoKey, *x509.Certificate]{Limit: limit},
		interned:     Generations[*x509.Certificate, struct{}]{Limit: limit},
	}
	if limit >= preparesFrom {
		m.keys = newCombs()
	}
	return m
}

// Verify answers as [Verify] does.
func (m *Memo) Verify(key crypto.PublicKey, alg Algorithm, message, sig []byte) error {
	return m.VerifyBy(m.VerifyAnew, key, alg, message, sig)
}

// VerifyAnew answers as [Verify] does, and remembers the key alone: for the
// signature of a document, which is not seen twice.
func (m *Memo) VerifyAnew(key crypto.PublicKey, alg Algorithm, message, sig []byte) error {
	if m == nil {
		return Verify(key, alg, message, sig)
	}
	return verify(m.keys, key, alg, message, sig)
}

// VerifyDigestAnew is VerifyAnew for a message that was too large to hold: see
// [VerifyDigest].
func (m *Memo) VerifyDigestAnew(key crypto.PublicKey, alg Algorithm, digest, sig []byte) error {
	if m == nil {
		return VerifyDigest(key, alg, digest, sig)
	}
	return verifyDigest(m.keys, key, alg, digest, sig)
}

// VerifyBy asks verify, which is VerifyAnew or counts what it is asked, only for
// what is not remembered.
func (m *Memo) VerifyBy(verify VerifyFunc, key crypto.PublicKey, alg Algorithm, message, sig []byte) error {
	if m == nil || m.signatures.Limit <= 0 {
		return verify(key, alg, message, sig)
	}
	id, ok := memoID(key, alg, message, sig)
	if !ok {
		return verify(key, alg, message, sig)
	}
	if _, good := m.signatures.Get(id); good {
		return nil
	}
	err := verify(key, alg, message, sig)
	if err == nil {
		m.signatures.Put(id, struct{}{})
	}
	return err
}

// ParseCertificate answers as [x509.ParseCertificate] does. The certificate is
// shared: it must not be changed.
func (m *Memo) ParseCertificate(der []byte) (*x509.Certificate, error) {
	if m == nil || m.certificates.Limit <= 0 || len(der) > maxRemembered {
		return x509.ParseCertificate(der)
	}
	id := memoKey(sha256.Sum256(der))
	if c, ok := m.certificates.Get(id); ok {
		return c, nil
	}
	c, err := x509.ParseCertificate(bytes.Clone(der)) // not to keep the whole document
	if err == nil {
		m.certificates.Put(id, c)
	}
	return c, err
}

// Intern returns the certificate that is remembered for the bytes of c, so that
// equal certificates of many documents are one. It is none that keeps the
// document in memory that c came from.
func (m *Memo) Intern(c *x509.Certificate) *x509.Certificate {
	if m == nil || m.certificates.Limit <= 0 {
		return c
	}
	if len(c.Raw) > maxRemembered {
		return apart(c)
	}
	if _, ok := m.interned.Get(c); ok {
		return c
	}
	id := memoKey(sha256.Sum256(c.Raw))
	known, ok := m.certificates.Get(id)
	if !ok {
		known = apart(c)
		m.certificates.Put(id, known)
	}
	m.interned.Put(known, struct{}{})
	return known
}

// apart is c in memory of its own, so that whoever keeps it does not keep the
// document that it came in.
func apart(c *x509.Certificate) *x509.Certificate {
	out, err := x509.ParseCertificate(bytes.Clone(c.Raw))
	if err != nil {
		return c // made by hand, as in tests: there is no document
	}
	return out
}

// Generations is a bounded map, safe for concurrent use: two maps, of which the
// old one is dropped when the new one is full, so that what is asked for again
// and again stays. It holds at least Limit and at most twice Limit values; the
// zero value holds none.
type Generations[K comparable, V any] struct {
	Limit    int
	mu       sync.Mutex
	few      []entry[K, V] // the first ones, while a map would cost more than a search
	new, old map[K]V
}

type entry[K comparable, V any] struct {
	key   K
	value V
}

const few = 8

// Get returns the value for key, and whether there is one.
func (g *Generations[K, V]) Get(key K) (V, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.few {
		if g.few[i].key == key {
			return g.few[i].value, true
		}
	}
	if v, ok := g.new[key]; ok {
		return v, true
	}
	v, ok := g.old[key]
	if ok {
		g.put(key, v)
	}
	return v, ok
}

// Put remembers a value.
func (g *Generations[K, V]) Put(key K, value V) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.put(key, value)
}

func (g *Generations[K, V]) put(key K, value V) {
	if g.Limit <= 0 {
		return
	}
	if g.new == nil {
		for i := range g.few {
			if g.few[i].key == key {
				g.few[i].value = value
				return
			}
		}
		if len(g.few) < min(few, g.Limit) {
			g.few = append(g.few, entry[K, V]{key, value})
			return
		}
		g.new = make(map[K]V, 2*few)
		for _, e := range g.few {
			g.new[e.key] = e.value
		}
		g.few = nil
	}
	if len(g.new) >= g.Limit {
		g.old, g.new = g.new, make(map[K]V)
	}
	g.new[key] = value
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
