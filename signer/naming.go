package signer

import (
	"crypto"

	"tamga/pki"
)

// naming is how a family of formats names algorithms: by OID (CMS), by "alg"
// (JOSE) or by number (COSE).
type naming struct {
	has   func(pki.Algorithm) bool
	first func(crypto.PublicKey) (pki.Algorithm, error)
}

var (
	namedByOID  = naming{func(a pki.Algorithm) bool { return a.OID() != "" }, pki.DefaultAlgorithm}
	namedByJOSE = naming{func(a pki.Algorithm) bool { return a.JOSE() != "" }, pki.DefaultRawAlgorithm}
	namedByCOSE = naming{func(a pki.Algorithm) bool { return a.COSE() != 0 }, pki.DefaultRawAlgorithm}
)
