package pki

import (
	"crypto"
	_ "crypto/sha1" // verification of old signatures; policy decides what they are worth
	"crypto/sha256"
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"hash"
)

// Hash is a digest algorithm. It is a type of ours because national digests
// (Kupyna, GOST 34.311) have no number in package crypto.
type Hash uint8

// The digests that signatures refer to. SHA1 is read, never written.
const (
	UnknownHash Hash = iota
	SHA1
	SHA224
	SHA256
	SHA384
	SHA512
	SHA3_256
	SHA3_384
	SHA3_512
)

// hashes holds each digest's names: RFC 5754 §2 and RFC 8702 §3 for the OIDs,
// the JSON registry "Named Information Hash Algorithm" for iana.
var hashes = [...]struct {
	std  crypto.Hash
	name string
	iana string
	oid  string
	xml  string
}{
	SHA1:     {crypto.SHA1, "SHA-1", "sha-1", "1.3.14.3.2.26", "http://www.w3.org/2000/09/xmldsig#sha1"},
	SHA224:   {crypto.SHA224, "SHA-224", "sha-224", "2.16.840.1.101.3.4.2.4", "http://www.w3.org/2001/04/xmldsig-more#sha224"},
	SHA256:   {crypto.SHA256, "SHA-256", "sha-256", "2.16.840.1.101.3.4.2.1", "http://www.w3.org/2001/04/xmlenc#sha256"},
	SHA384:   {crypto.SHA384, "SHA-384", "sha-384", "2.16.840.1.101.3.4.2.2", "http://www.w3.org/2001/04/xmldsig-more#sha384"},
	SHA512:   {crypto.SHA512, "SHA-512", "sha-512", "2.16.840.1.101.3.4.2.3", "http://www.w3.org/2001/04/xmlenc#sha512"},
	SHA3_256: {crypto.SHA3_256, "SHA3-256", "sha3-256", "2.16.840.1.101.3.4.2.8", "http://www.w3.org/2007/05/xmldsig-more#sha3-256"},
	SHA3_384: {crypto.SHA3_384, "SHA3-384", "sha3-384", "2.16.840.1.101.3.4.2.9", "http://www.w3.org/2007/05/xmldsig-more#sha3-384"},
	SHA3_512: {crypto.SHA3_512, "SHA3-512", "sha3-512", "2.16.840.1.101.3.4.2.10", "http://www.w3.org/2007/05/xmldsig-more#sha3-512"},
}

// Known reports whether h is a digest of the table.
func (h Hash) Known() bool { return h != UnknownHash && int(h) < len(hashes) }

// String returns the name people use, such as "SHA-256".
func (h Hash) String() string {
	if !h.Known() {
		return "unknown digest"
	}
	return hashes[h].name
}

// IANA returns the lower-case registry name, such as "sha-256", which SD-JWT
// (RFC 9901 §4.1.1) and similar formats write; "" if unknown.
func (h Hash) IANA() string {
	if !h.Known() {
		return ""
	}
	return hashes[h].iana
}

// OID returns the dotted object identifier, "" if unknown.
func (h Hash) OID() string {
	if !h.Known() {
		return ""
	}
	return hashes[h].oid
}

// Size returns the length of a digest in bytes, 0 if unknown.
func (h Hash) Size() int {
	if !h.Known() {
		return 0
	}
	return hashes[h].std.Size()
}

// New returns a running digest. It panics on an unknown hash, as
// [crypto.Hash.New] does: ask Known first when h came from a stranger.
func (h Hash) New() hash.Hash {
	if !h.Known() {
		panic("pki: New on an unknown hash")
	}
	return hashes[h].std.New()
}

// Sum returns the digest of message.
func (h Hash) Sum(message []byte) []byte {
	if h == SHA256 { // by far the most frequent, and this way without a state on the heap
		sum := sha256.Sum256(message)
		return sum[:]
	}
	d := h.New()
	d.Write(message)
	return d.Sum(nil)
}

// Std returns h's number in package crypto, 0 if it has none.
func (h Hash) Std() crypto.Hash {
	if !h.Known() {
		return 0
	}
	return hashes[h].std
}

// HashByOID returns the digest with the dotted identifier oid, or UnknownHash.
func HashByOID(oid string) Hash {
	for h := SHA1; h.Known(); h++ {
		if hashes[h].oid == oid {
			return h
		}
	}
	return UnknownHash
}

// HashByIANA returns the digest with the registry name, or UnknownHash.
func HashByIANA(name string) Hash {
	for h := SHA1; h.Known(); h++ {
		if hashes[h].iana == name {
			return h
		}
	}
	return UnknownHash
}
