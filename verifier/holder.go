package verifier

import (
	"bytes"
	"errors"

	"tamga/formats"
	"tamga/pki"
	"tamga/verifier/report"
)

// holderChecks judge the holder's own signature over what is shown, where one
// came with an identity document (the key-binding JWT of RFC 9901 §7.3): under
// the key that the issuer named, over these very bytes. A presentation whose
// proof is forged, or belongs to another, must not pass on the strength of the
// issuer's signature. Whether the proof was made for whoever looks at it now
// (audience and nonce) only they can tell who asked for it.
var holderChecks = []check{
	{"holder.format", "RFC 9901 4.3", report.FormatFailure, holderWellFormed},
	{"holder.digest", "RFC 9901 7.3", report.HashFailure, holderDigests},
	{"holder.value", "RFC 9901 7.3", report.SigCryptoFailure, holderSigned},
}

// proof is the holder's signature, nil if none came.
func (t *trial) proof() *formats.Signature {
	if t.sig.Credential == nil || len(t.sig.Counter) == 0 {
		return nil
	}
	return &t.sig.Counter[0]
}

func holderWellFormed(t *trial) finding {
	p := t.proof()
	if p == nil {
		return skip()
	}
	if n := len(t.sig.Counter); n > 1 {
		return no("%d proofs of the holder, where one is expected", n)
	}
	for _, d := range p.Defects {
		if d.Fatal {
			return no("%s (%s)", d.Text, d.Clause)
		}
	}
	if p.Signer.Key == nil || len(p.References) == 0 {
		return no("it names no key, or is over nothing")
	}
	return yes("%s", p.Kind)
}

func holderDigests(t *trial) finding {
	p := t.proof()
	if p == nil {
		return skip()
	}
	for _, r := range p.References {
		if r.Open == nil || !r.Hash.Known() {
			return no("cannot be compared").of(r.Name)
		}
		got, err := t.shared.sums.digest(t.ctx, r)
		if err != nil {
			t.fail(err)
			return no("%v", err).of(r.Name)
		}
		if !bytes.Equal(got, r.Want) {
			return no("%s is %x, signed is %x", r.Hash, got, clip(r.Want)).of(r.Name)
		}
	}
	return yes("what is shown is what the holder signed")
}

func holderSigned(t *trial) finding {
	p := t.proof()
	if p == nil {
		return skip()
	}
	err := t.shared.memo.pki.VerifyAnew(p.Signer.Key, p.Algorithm, p.Signed, p.Value)
	switch {
	case err == nil:
		return yes("%s", p.Algorithm)
	case errors.Is(err, pki.ErrInvalidSignature):
		return no("%v", err)
	}
	return no("%v", err).as(report.CryptoConstraintsFailure)
}
