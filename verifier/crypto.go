package verifier

import (
	"bytes"
	"errors"
	"fmt"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// Cryptographic verification, EN 319 102-1 §5.2.7. The references come first,
// then the value; the value is also checked where content was not supplied.
var (
	contentChecks = []check{
		{"reference.present", "EN 319 102-1 5.2.7.4", report.SignedDataNotFound, referencesPresent},
	}
	digestChecks = []check{
		{"reference.digest", "EN 319 102-1 5.2.7.4", report.HashFailure, referencesIntact},
	}
	valueChecks = []check{
		{"signature.value", "EN 319 102-1 5.2.7.4", report.SigCryptoFailure, valueVerifies},
	}
)

func referencesPresent(t *trial) finding {
	for _, r := range t.sig.References {
		if r.Open == nil {
			return no("not supplied").of(r.Name)
		}
	}
	if len(t.sig.References) == 0 {
		return skip()
	}
	return yes("%d of %d", len(t.sig.References), len(t.sig.References))
}

// referencesIntact digests everything that was supplied, and compares. Every
// reference counts: the one that was left unchecked is the one that is forged.
func referencesIntact(t *trial) finding {
	n := 0
	for i, r := range t.sig.References {
		if r.Open == nil {
			continue
		}
		direct := t.sig.Direct && i == 0
		if direct {
			r.Hash = t.sig.Algorithm.Hash() // a digest by another would be one of something else
		}
		if !r.Hash.Known() {
			return no("its digest algorithm is not supported").of(r.Name).as(report.CryptoConstraintsFailure)
		}
		got, err := t.shared.sums.digest(t.ctx, r)
		if err != nil {
			if malformed(err) {
				return no("it cannot be read: %v", err).of(r.Name)
			}
			t.fail(fmt.Errorf("reading %s: %w", r.Name, err))
			return no("%v", err).of(r.Name)
		}
		if direct {
			t.direct = got // the value itself says whether it is the right one
		} else if !bytes.Equal(got, r.Want) {
			return no("%s is %x, signed is %x", r.Hash, got, clip(r.Want)).of(r.Name)
		}
		n++
	}
	if n == 0 {
		return skip()
	}
	return yes("%d of %d", n, len(t.sig.References))
}

// malformed reports whether the bytes are at fault, not the reading of them.
func malformed(err error) bool {
	return errors.Is(err, formats.ErrMalformed) || errors.Is(err, formats.ErrTooLarge) ||
		errors.Is(err, formats.ErrUnsupported)
}

func clip(b []byte) []byte { return b[:min(len(b), 64)] }

// valueVerifies asks as [pki.Verify] does, under the certificate that the signature
// says is its own: the certificate that verified is the one that is reported.
func valueVerifies(t *trial) finding {
	if !t.sig.Algorithm.Known() {
		return no("its algorithm is not supported").as(report.CryptoConstraintsFailure)
	}
	memo := t.shared.memo.pki
	var err error
	if t.sig.Direct {
		err = memo.VerifyDigestAnew(t.signer.PublicKey, t.sig.Algorithm, t.direct, t.sig.Value)
	} else {
		err = memo.VerifyAnew(t.signer.PublicKey, t.sig.Algorithm, t.sig.Signed, t.sig.Value)
	}
	switch {
	case err == nil:
		return yes("%s", t.sig.Algorithm)
	case errors.Is(err, pki.ErrInvalidSignature):
		return no("%v", err)
	}
	return no("%v", err).as(report.CryptoConstraintsFailure)
}
