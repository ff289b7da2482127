package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/mldsa"
	"crypto/rsa"
	"fmt"
	"strings"
)

// Algorithm is a signature algorithm: a way to turn a message and a key into a
// value, with the encoding of that value. The zero value is no algorithm.
type Algorithm uint8

// ECDSA has two rows for each digest, because its value has two encodings:
// X.509 and CMS write a DER SEQUENCE of r and s and leave the curve open
// (RFC 5480, RFC 5754); JOSE and COSE write r and s side by side and bind the
// curve to the digest (RFC 7518 §3.4, RFC 9864 §2.1).
const (
	UnknownAlgorithm Algorithm = iota
	RSASHA1                    // read, never written
	RSASHA256
	RSASHA384
	RSASHA512
	PSSSHA256
	PSSSHA384
	PSSSHA512
	ECDSASHA1 // read, never written
	ECDSASHA256
	ECDSASHA384
	ECDSASHA512
	ES256
	ES384
	ES512
	Ed25519
	MLDSA44
	MLDSA65
	MLDSA87
)

type family uint8

const (
	rsaPKCS1 family = iota + 1
	rsaPSS
	ecdsaDER
	ecdsaRaw
	ed25519Pure
	mldsaPure
)

// algorithms is the one list of signature algorithms. The hash of Ed25519 and
// ML-DSA is the digest that a CMS signer puts beside them (RFC 8419 §2.3,
// RFC 9882 §3.3); they sign the message itself.
var algorithms = [...]struct {
	name   string
	family family
	hash   Hash
	curve  elliptic.Curve // ecdsaRaw only
	oid    string
	jose   string
	cose   int64
	xml    string
}{
	RSASHA1:     {"RSA with SHA-1", rsaPKCS1, SHA1, nil, "1.2.840.113549.1.1.5", "", 0, "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
	RSASHA256:   {"RSA with SHA-256", rsaPKCS1, SHA256, nil, "1.2.840.113549.1.1.11", "RS256", -257, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"},
	RSASHA384:   {"RSA with SHA-384", rsaPKCS1, SHA384, nil, "1.2.840.113549.1.1.12", "RS384", -258, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"},
	RSASHA512:   {"RSA with SHA-512", rsaPKCS1, SHA512, nil, "1.2.840.113549.1.1.13", "RS512", -259, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"},
	PSSSHA256:   {"RSA-PSS with SHA-256", rsaPSS, SHA256, nil, oidPSS, "PS256", -37, "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"},
	PSSSHA384:   {"RSA-PSS with SHA-384", rsaPSS, SHA384, nil, oidPSS, "PS384", -38, "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"},
	PSSSHA512:   {"RSA-PSS with SHA-512", rsaPSS, SHA512, nil, oidPSS, "PS512", -39, "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"},
	ECDSASHA1:   {"ECDSA with SHA-1", ecdsaDER, SHA1, nil, "1.2.840.10045.4.1", "", 0, ""},
	ECDSASHA256: {"ECDSA with SHA-256", ecdsaDER, SHA256, nil, "1.2.840.10045.4.3.2", "", 0, ""},
	ECDSASHA384: {"ECDSA with SHA-384", ecdsaDER, SHA384, nil, "1.2.840.10045.4.3.3", "", 0, ""},
	ECDSASHA512: {"ECDSA with SHA-512", ecdsaDER, SHA512, nil, "1.2.840.10045.4.3.4", "", 0, ""},
	ES256:       {"ES256", ecdsaRaw, SHA256, elliptic.P256(), "", "ES256", -7, ""},
	ES384:       {"ES384", ecdsaRaw, SHA384, elliptic.P384(), "", "ES384", -35, ""},
	ES512:       {"ES512", ecdsaRaw, SHA512, elliptic.P521(), "", "ES512", -36, ""},
	Ed25519:     {"Ed25519", ed25519Pure, SHA512, nil, "1.3.101.112", "EdDSA", -8, ""},
	MLDSA44:     {"ML-DSA-44", mldsaPure, SHA512, nil, "2.16.840.1.101.3.4.3.17", "ML-DSA-44", -48, ""},
	MLDSA65:     {"ML-DSA-65", mldsaPure, SHA512, nil, "2.16.840.1.101.3.4.3.18", "ML-DSA-65", -49, ""},
	MLDSA87:     {"ML-DSA-87", mldsaPure, SHA512, nil, "2.16.840.1.101.3.4.3.19", "ML-DSA-87", -50, ""},
}

const oidPSS = "1.2.840.113549.1.1.10"

// coseAliases are the fully specified algorithms of RFC 9864 §2, which name
// the same computation as an older number.
var coseAliases = map[int64]Algorithm{-9: ES256, -51: ES384, -52: ES512, -19: Ed25519}

// Known reports whether a is a row of the table.
func (a Algorithm) Known() bool { return a != UnknownAlgorithm && int(a) < len(algorithms) }

// String returns the name people use, such as "ECDSA with SHA-256".
func (a Algorithm) String() string {
	if !a.Known() {
		return "unknown algorithm"
	}
	return algorithms[a].name
}

// Hash returns the digest that belongs to a; for algorithms that sign the
// message itself, the digest that CMS puts beside them.
func (a Algorithm) Hash() Hash {
	if !a.Known() {
		return UnknownHash
	}
	return algorithms[a].hash
}

// JOSE returns a's "alg" (RFC 7518 §3.1), "" if it has none.
func (a Algorithm) JOSE() string {
	if !a.Known() {
		return ""
	}
	return algorithms[a].jose
}

// COSE returns a's number (RFC 9053 §2), 0 if it has none.
func (a Algorithm) COSE() int64 {
	if !a.Known() {
		return 0
	}
	return algorithms[a].cose
}

// OID returns a's dotted object identifier, "" if it has none. The three PSS
// rows share one; their parameters tell them apart.
func (a Algorithm) OID() string {
	if !a.Known() {
		return ""
	}
	return algorithms[a].oid
}

// AlgorithmByJOSE returns the row whose "alg" is name, or UnknownAlgorithm.
// "Ed25519" is the fully specified name of RFC 9864 §2.2.
func AlgorithmByJOSE(name string) Algorithm {
	if name == "Ed25519" {
		return Ed25519
	}
	for a := RSASHA1; a.Known(); a++ {
		if algorithms[a].jose != "" && algorithms[a].jose == name {
			return a
		}
	}
	return UnknownAlgorithm
}

// AlgorithmByCOSE returns the row with COSE number n, or UnknownAlgorithm.
func AlgorithmByCOSE(n int64) Algorithm {
	if a, ok := coseAliases[n]; ok {
		return a
	}
	for a := RSASHA1; a.Known(); a++ {
		if algorithms[a].cose != 0 && algorithms[a].cose == n {
			return a
		}
	}
	return UnknownAlgorithm
}

// DefaultAlgorithm returns the algorithm to sign CMS and X.509 with under pub:
// the digest as strong as the key. It fails on a key of unknown kind.
func DefaultAlgorithm(pub crypto.PublicKey) (Algorithm, error) {
	switch k := pub.(type) {
	case *rsa.PublicKey:
		return RSASHA256, nil
	case *ecdsa.PublicKey:
		switch k.Curve {
		case elliptic.P256():
			return ECDSASHA256, nil
		case elliptic.P384():
			return ECDSASHA384, nil
		case elliptic.P521():
			return ECDSASHA512, nil
		}
	case ed25519.PublicKey:
		return Ed25519, nil
	case *mldsa.PublicKey:
		return mldsaAlgorithm(k)
	}
	return UnknownAlgorithm, fmt.Errorf("choosing an algorithm for %T: %w", pub, ErrUnknownAlgorithm)
}

// DefaultRawAlgorithm is [DefaultAlgorithm] for JOSE and COSE, whose ECDSA
// values are r and s side by side.
func DefaultRawAlgorithm(pub crypto.PublicKey) (Algorithm, error) {
	a, err := DefaultAlgorithm(pub)
	switch a {
	case ECDSASHA256:
		a = ES256
	case ECDSASHA384:
		a = ES384
	case ECDSASHA512:
		a = ES512
	case RSASHA256:
		a = PSSSHA256
	}
	return a, err
}

func mldsaAlgorithm(k *mldsa.PublicKey) (Algorithm, error) {
	for _, a := range []Algorithm{MLDSA44, MLDSA65, MLDSA87} {
		if strings.EqualFold(k.Parameters().String(), algorithms[a].name) {
			return a, nil
		}
	}
	return UnknownAlgorithm, fmt.Errorf("choosing an algorithm for %s: %w", k.Parameters(), ErrUnknownAlgorithm)
}
