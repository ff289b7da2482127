package pki

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
)

// Use is a purpose: what a key may sign, and what an anchor is trusted for.
// The zero value is no purpose.
type Use string

// The purposes that keys and anchors are bound to.
const (
	UseSign        Use = "sign"        // signatures and seals on files: CAdES, PAdES
	UseTimestamp   Use = "timestamp"   // RFC 3161 tokens
	UseCertificate Use = "certificate" // X.509 certificates and CRLs
	UseOCSP        Use = "ocsp"        // OCSP responses
	UseMdoc        Use = "mdoc"        // ISO 18013-5 documents
	UseSDJWT       Use = "sdjwt"       // SD-JWT VC documents
)

// Uses lists every purpose, for those who check what an operator wrote.
func Uses() []Use {
	return []Use{UseSign, UseTimestamp, UseCertificate, UseOCSP, UseMdoc, UseSDJWT}
}

var (
	// ErrKeyNotFound says that no key answers to a name or URI.
	ErrKeyNotFound = errors.New("key not found")
	// ErrKeyUse says that a key's limits forbid what was asked of it.
	ErrKeyUse = errors.New("key may not be used for this")
)

// KeyConfig is what limits a key.
type KeyConfig struct {
	Name       string
	Uses       []Use       // at least one
	Algorithms []Algorithm // empty: whatever fits the key
}

// Key is a signing key, the certificates that speak for it, and the limits of
// its use. It never reveals its private half, and is safe for concurrent use
// if its signer is.
type Key struct {
	cfg    KeyConfig
	signer crypto.Signer
	chain  []*x509.Certificate
}

// NewKey binds signer to chain, leaf first, under the limits of cfg. It fails
// unless the leaf certifies signer.Public(), so that a key can never speak
// with another's certificate.
func NewKey(cfg KeyConfig, signer crypto.Signer, chain []*x509.Certificate) (*Key, error) {
	if cfg.Name == "" || len(cfg.Uses) == 0 {
		return nil, fmt.Errorf("binding key %q: a key needs a name and at least one use", cfg.Name)
	}
	if len(chain) == 0 {
		return nil, fmt.Errorf("binding key %q: no certificate", cfg.Name)
	}
	want, err := x509.MarshalPKIXPublicKey(signer.Public())
	if err != nil {
		return nil, fmt.Errorf("binding key %q: %w", cfg.Name, err)
	}
	have, err := x509.MarshalPKIXPublicKey(chain[0].PublicKey)
	if err != nil || !bytes.Equal(want, have) {
		return nil, fmt.Errorf("binding key %q: certificate %s is for another key", cfg.Name, chain[0].Subject)
	}
	cfg.Uses, cfg.Algorithms = slices.Clone(cfg.Uses), slices.Clone(cfg.Algorithms)
	return &Key{cfg: cfg, signer: signer, chain: slices.Clone(chain)}, nil
}

// Name returns the name that configuration and audit call the key by.
func (k *Key) Name() string { return k.cfg.Name }

// Chain returns the certificates, leaf first.
func (k *Key) Chain() []*x509.Certificate { return slices.Clone(k.chain) }

// Certificate returns the leaf.
func (k *Key) Certificate() *x509.Certificate { return k.chain[0] }

// Allows reports whether the key's limits permit use with alg.
func (k *Key) Allows(use Use, alg Algorithm) bool {
	return slices.Contains(k.cfg.Uses, use) &&
		(len(k.cfg.Algorithms) == 0 || slices.Contains(k.cfg.Algorithms, alg))
}

// Sign signs message, not a digest of it. The error wraps [ErrKeyUse] if the
// limits forbid use or alg. The signature has verified under the leaf
// certificate before it is returned, so a faulty token or a flipped bit never
// leaves the house.
func (k *Key) Sign(ctx context.Context, use Use, alg Algorithm, message []byte) ([]byte, error) {
	if !k.Allows(use, alg) {
		return nil, fmt.Errorf("key %q, use %q, algorithm %s: %w", k.cfg.Name, use, alg, ErrKeyUse)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("signing with key %q: %w", k.cfg.Name, err)
	}
	sig, err := signWith(k.signer, alg, message)
	if err != nil {
		return nil, fmt.Errorf("signing with key %q: %w", k.cfg.Name, err)
	}
	if err := Verify(k.chain[0].PublicKey, alg, message, sig); err != nil {
		return nil, fmt.Errorf("key %q made a signature that its own certificate refuses: %w", k.cfg.Name, err)
	}
	return sig, nil
}

// CertificateSigner returns the key as a [crypto.Signer] for
// [x509.CreateCertificate] and its kin, which know no messages, only digests.
// They check their own result. The error wraps [ErrKeyUse] unless the key may
// sign certificates or OCSP responses.
func (k *Key) CertificateSigner() (crypto.Signer, error) {
	if !slices.Contains(k.cfg.Uses, UseCertificate) && !slices.Contains(k.cfg.Uses, UseOCSP) {
		return nil, fmt.Errorf("key %q, use %q: %w", k.cfg.Name, UseCertificate, ErrKeyUse)
	}
	return k.signer, nil
}

func signWith(signer crypto.Signer, alg Algorithm, message []byte) ([]byte, error) {
	if !alg.Known() {
		return nil, ErrUnknownAlgorithm
	}
	row := algorithms[alg]
	switch row.family {
	case ed25519Pure, mldsaPure:
		return signer.Sign(rand.Reader, message, crypto.Hash(0))
	case rsaPSS:
		return signer.Sign(rand.Reader, row.hash.Sum(message),
			&rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: row.hash.Std()})
	}
	random := rand.Reader
	if _, ok := signer.(*ecdsa.PrivateKey); ok {
		// Without a source of randomness package ecdsa derives the nonce by
		// RFC 6979. That is a quarter faster, and the one attack that hedging
		// is for, a fault during signing, ends at Key.Sign's own check.
		random = nil
	}
	sig, err := signer.Sign(random, row.hash.Sum(message), row.hash.Std())
	if err != nil || row.family != ecdsaRaw {
		return sig, err
	}
	return derToRaw(sig, row.curve)
}
