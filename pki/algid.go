package pki

import (
	"bytes"
	"encoding/asn1"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// AlgorithmIdentifier returns the DER of a's X.509 AlgorithmIdentifier:
//
//	AlgorithmIdentifier ::= SEQUENCE { algorithm OID, parameters ANY OPTIONAL }
//
// RSA PKCS#1 carries NULL (RFC 4055 §5), PSS its hash, mask and salt length
// (RFC 4055 §3.1), the others nothing (RFC 5754 §3.2, RFC 8410 §3, RFC 9881 §2).
// It is nil for an algorithm without an OID.
func (a Algorithm) AlgorithmIdentifier() []byte {
	if a.OID() == "" {
		return nil
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(MustOID(a.OID()))
		switch algorithms[a].family {
		case rsaPKCS1:
			b.AddASN1NULL()
		case rsaPSS:
			b.AddBytes(pssParameters(a.Hash()))
		}
	})
	return b.BytesOrPanic()
}

// AlgorithmIdentifier returns the DER of h's AlgorithmIdentifier, without
// parameters (RFC 5754 §2).
func (h Hash) AlgorithmIdentifier() []byte {
	if !h.Known() {
		return nil
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(MustOID(h.OID()))
	})
	return b.BytesOrPanic()
}

// pssParameters is RSASSA-PSS-params of RFC 4055 §3.1 with MGF1 over the same
// hash and a salt as long as the digest; the trailer field keeps its default.
func pssParameters(h Hash) []byte {
	var hashID cryptobyte.Builder
	hashID.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(MustOID(h.OID()))
		b.AddASN1NULL()
	})
	id := hashID.BytesOrPanic()
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) { b.AddBytes(id) })
		b.AddASN1(cbasn1.Tag(1).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(MustOID("1.2.840.113549.1.1.8"))
				b.AddBytes(id)
			})
		})
		b.AddASN1(cbasn1.Tag(2).ContextSpecific().Constructed(), func(b *cryptobyte.Builder) {
			b.AddASN1Int64(int64(h.Size()))
		})
	})
	return b.BytesOrPanic()
}

// ParseHashIdentifier reads the DER (or BER) of a digest AlgorithmIdentifier.
// Parameters must be absent or NULL (RFC 5754 §2). The error wraps
// [ErrUnknownAlgorithm] or tells that the bytes are not one.
func ParseHashIdentifier(der []byte) (Hash, error) {
	oid, params, err := splitIdentifier(der)
	if err != nil {
		return UnknownHash, err
	}
	h := HashByOID(oid)
	if !h.Known() {
		return UnknownHash, fmt.Errorf("digest algorithm %s: %w", oid, ErrUnknownAlgorithm)
	}
	if !absentOrNull(params) {
		return UnknownHash, fmt.Errorf("digest algorithm %s has parameters: %w", h, ErrUnknownAlgorithm)
	}
	return h, nil
}

// ParseAlgorithmIdentifier reads the AlgorithmIdentifier of a signature. CMS
// signers may name only the key (rsaEncryption) and leave the digest to the
// SignerInfo (RFC 3370 §3.2): digest supplies it, UnknownHash in X.509. Where
// both name a digest, they must agree. The error wraps [ErrUnknownAlgorithm]
// if this is an algorithm that we do not know.
func ParseAlgorithmIdentifier(der []byte, digest Hash) (Algorithm, error) {
	if a, ok := plainAlgorithms[string(der)]; ok && !digest.Known() {
		return a, nil
	}
	oid, params, err := splitIdentifier(der)
	if err != nil {
		return UnknownAlgorithm, err
	}
	a := algorithmByOID(oid, params, digest)
	if !a.Known() {
		return UnknownAlgorithm, fmt.Errorf("signature algorithm %s: %w", oid, ErrUnknownAlgorithm)
	}
	switch algorithms[a].family {
	case rsaPKCS1, ecdsaDER:
		if !absentOrNull(params) {
			return UnknownAlgorithm, fmt.Errorf("signature algorithm %s has parameters: %w", a, ErrUnknownAlgorithm)
		}
		if digest.Known() && digest != a.Hash() {
			return UnknownAlgorithm, fmt.Errorf("digest %s beside signature algorithm %s: %w", digest, a, ErrUnknownAlgorithm)
		}
	case rsaPSS:
		if digest.Known() && digest != a.Hash() {
			return UnknownAlgorithm, fmt.Errorf("digest %s beside signature algorithm %s: %w", digest, a, ErrUnknownAlgorithm)
		}
	case ed25519Pure, mldsaPure:
		if len(params) != 0 {
			return UnknownAlgorithm, fmt.Errorf("signature algorithm %s has parameters: %w", a, ErrUnknownAlgorithm)
		}
	}
	return a, nil
}

// plainAlgorithms are the identifiers as everybody writes them: to know them by
// their bytes costs a tenth of reading them.
var plainAlgorithms = func() map[string]Algorithm {
	out := map[string]Algorithm{}
	for a := RSASHA1; a.Known(); a++ {
		if der := a.AlgorithmIdentifier(); der != nil {
			out[string(der)] = a
		}
	}
	return out
}()

func algorithmByOID(oid string, params []byte, digest Hash) Algorithm {
	switch oid {
	case "1.2.840.113549.1.1.1": // rsaEncryption
		for _, a := range []Algorithm{RSASHA1, RSASHA256, RSASHA384, RSASHA512} {
			if a.Hash() == digest {
				return a
			}
		}
		return UnknownAlgorithm
	case oidPSS:
		for _, a := range []Algorithm{PSSSHA256, PSSSHA384, PSSSHA512} {
			if pssParametersMean(params, a.Hash()) {
				return a
			}
		}
		return UnknownAlgorithm
	}
	for a := RSASHA1; a.Known(); a++ {
		if algorithms[a].oid == oid {
			return a
		}
	}
	return UnknownAlgorithm
}

// pssParametersMean reports whether params say: h, MGF1 with h, a salt as long
// as h, trailer 1. Hash identifiers may carry NULL or nothing (RFC 4055 §2.1).
func pssParametersMean(params []byte, h Hash) bool {
	in := cryptobyte.String(params)
	var seq, hashID, mgf, mgfID, mgfHash, salt, trailer cryptobyte.String
	var mgfOID asn1.ObjectIdentifier
	var saltLen int64
	tag := func(n uint8) cbasn1.Tag { return cbasn1.Tag(n).ContextSpecific().Constructed() }
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() ||
		!seq.ReadASN1(&hashID, tag(0)) || !identifierIs(hashID, h) ||
		!seq.ReadASN1(&mgf, tag(1)) || !mgf.ReadASN1(&mgfID, cbasn1.SEQUENCE) || !mgf.Empty() ||
		!mgfID.ReadASN1ObjectIdentifier(&mgfOID) || mgfOID.String() != "1.2.840.113549.1.1.8" {
		return false
	}
	mgfHash = mgfID
	if !identifierIs(mgfHash, h) ||
		!seq.ReadASN1(&salt, tag(2)) || !salt.ReadASN1Integer(&saltLen) || !salt.Empty() || saltLen != int64(h.Size()) {
		return false
	}
	if seq.Empty() {
		return true
	}
	var one int64
	return seq.ReadASN1(&trailer, tag(3)) && trailer.ReadASN1Integer(&one) && trailer.Empty() && one == 1 && seq.Empty()
}

func identifierIs(der []byte, h Hash) bool {
	got, err := ParseHashIdentifier(der)
	return err == nil && got == h
}

func splitIdentifier(der []byte) (oid string, params []byte, err error) {
	in := cryptobyte.String(der)
	var seq cryptobyte.String
	var id asn1.ObjectIdentifier
	if !in.ReadASN1(&seq, cbasn1.SEQUENCE) || !in.Empty() || !seq.ReadASN1ObjectIdentifier(&id) {
		return "", nil, fmt.Errorf("reading an AlgorithmIdentifier of %d bytes: not DER", len(der))
	}
	return id.String(), seq, nil
}

func absentOrNull(params []byte) bool {
	return len(params) == 0 || bytes.Equal(params, []byte{5, 0})
}
