package sdjwt

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"tamga/formats"
	"tamga/formats/internal/jose"
	"tamga/pki"
)

// maxDecoys bounds the decoy digests of one object.
const maxDecoys = 1024

// Preparer writes one SD-JWT VC with all of its disclosures, as an issuer
// hands it to its holder. It reads no input.
type Preparer struct {
	Type       string // vct
	Claims     []Claim
	HolderKey  crypto.PublicKey // P-256, P-384, P-521 or Ed25519; nil: bearer document
	Issuer     string           // iss, an https URI; "": the certificate says it
	ValidFrom  time.Time        // nbf; zero: not said
	ValidUntil time.Time        // exp, required
	// Decoys is how many digests of nothing go to each object that has hidden
	// claims.
	Decoys int
	Random io.Reader // of salts; nil: crypto/rand
}

// ID returns [formats.SDJWT].
func (Preparer) ID() formats.ID { return formats.SDJWT }

// algorithms are those that SD-JWT VCs are issued with; HAIP 1.0 demands ES256
// of everybody.
var algorithms = []pki.Algorithm{pki.ES256, pki.ES384, pki.ES512, pki.Ed25519}

// Prepare lays out header and payload. The claims are drawn into the state of
// the Pending, which therefore holds what the document says of a person.
//
//	ToBeSigned = BASE64URL(header) . BASE64URL(payload)
//	State      = ~ disclosure ~ disclosure … ~
func (p Preparer) Prepare(_ formats.Input, params formats.Params) (*formats.Pending, error) {
	if err := p.check(params); err != nil {
		return nil, fmt.Errorf("preparing an SD-JWT VC: %w", err)
	}
	random := p.Random
	if random == nil {
		random = rand.Reader
	}
	w, err := newWriter(p.Claims, p.Decoys, random)
	if err != nil {
		return nil, fmt.Errorf("preparing an SD-JWT VC: %w", err)
	}
	defer w.release()
	w.header(params)
	split := len(w.text)
	if err := p.payload(w, params.Time); err != nil {
		return nil, fmt.Errorf("preparing an SD-JWT VC: %w", err)
	}
	header, payload := w.text[:split], w.text[split:]
	signed := make([]byte, 0, base64.RawURLEncoding.EncodedLen(len(header))+
		base64.RawURLEncoding.EncodedLen(len(payload))+1)
	signed = jose.AppendBase64(signed, header)
	signed = jose.AppendBase64(append(signed, '.'), payload)
	return &formats.Pending{
		Format: formats.SDJWT, Algorithm: params.Algorithm, Level: params.Level,
		ToBeSigned: signed, State: append(w.disclosures, '~'),
	}, nil
}

// check refuses what no verifier would accept, before a key is asked.
func (p Preparer) check(params formats.Params) error {
	switch {
	case p.Type == "":
		return errors.New("no type (vct)")
	case params.Level != "":
		return fmt.Errorf("level %s: identity documents have none", params.Level)
	case !slices.Contains(algorithms, params.Algorithm):
		return fmt.Errorf("algorithm %s: %w", params.Algorithm, formats.ErrUnsupported)
	case len(params.Chain) == 0:
		return errors.New("no certificate")
	case selfSigned(params.Chain[0]):
		// HAIP 1.0 §6.1.1: nobody could tell who vouches for the issuer.
		return errors.New("the signer's certificate is self-signed")
	case p.Decoys < 0 || p.Decoys > maxDecoys:
		return fmt.Errorf("%d decoys: more than %d, or less than none", p.Decoys, maxDecoys)
	}
	if err := p.checkTimes(params); err != nil {
		return err
	}
	if err := checkIssuer(p.Issuer); err != nil {
		return err
	}
	return checkClaims(p.Claims, 0, true)
}

// checkTimes refuses a document that would outlive the certificate that
// vouches for it, or begin before: it would lie to whoever reads its dates.
func (p Preparer) checkTimes(params formats.Params) error {
	leaf := params.Chain[0]
	from := p.ValidFrom
	if from.IsZero() {
		from = params.Time
	}
	switch {
	case params.Time.IsZero():
		return errors.New("no time of signing (iat)")
	case p.ValidUntil.IsZero():
		return errors.New("no end of validity (exp)")
	case !p.ValidUntil.After(from) || !p.ValidUntil.After(params.Time):
		return errors.New("it would be over before it begins")
	case params.Time.Before(leaf.NotBefore) || from.Before(leaf.NotBefore):
		return fmt.Errorf("it would begin before the signer's certificate (%s)", utc(leaf.NotBefore))
	case p.ValidUntil.After(leaf.NotAfter):
		return fmt.Errorf("it would outlive the signer's certificate (%s)", utc(leaf.NotAfter))
	}
	return nil
}

func utc(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func selfSigned(c *x509.Certificate) bool { return bytes.Equal(c.RawSubject, c.RawIssuer) }

// header writes the protected header (SD-JWT VC draft §3.2.1, RFC 7515 §4.1.6):
//
//	{"alg": "ES256", "typ": "dc+sd-jwt", "x5c": ["leaf", "issuer", …]}
//
// The trust anchor stays out (HAIP 1.0 §6.1.1): who trusts it has it.
func (w *writer) header(params formats.Params) {
	w.text = append(w.text, `{"alg":"`+params.Algorithm.JOSE()+`","typ":"dc+sd-jwt","x5c":[`...)
	for i, c := range params.Chain {
		if i > 0 {
			if selfSigned(c) {
				continue
			}
			w.text = append(w.text, ',')
		}
		w.text = append(w.text, '"')
		w.text = base64.StdEncoding.AppendEncode(w.text, c.Raw)
		w.text = append(w.text, '"')
	}
	w.text = append(w.text, `]}`...)
}

// payload writes the payload into w.text (SD-JWT VC draft §3.2.2):
//
//	{"iss": …, "iat": …, "nbf": …, "exp": …, "vct": …, "cnf": {"jwk": {…}},
//	 claims, "_sd": [digests], "_sd_alg": "sha-256"}
//
// The last two stand only where something is hidden (draft §3.2.2.4).
func (p Preparer) payload(w *writer, signed time.Time) (err error) {
	w.text = append(w.text, '{')
	if p.Issuer != "" {
		w.text = append(w.text, `"iss":`...)
		if w.text, err = appendText(w.text, p.Issuer); err != nil {
			return err
		}
		w.text = append(w.text, ',')
	}
	w.text = strconv.AppendInt(append(w.text, `"iat":`...), signed.Unix(), 10)
	if !p.ValidFrom.IsZero() {
		w.text = strconv.AppendInt(append(w.text, `,"nbf":`...), p.ValidFrom.Unix(), 10)
	}
	w.text = strconv.AppendInt(append(w.text, `,"exp":`...), p.ValidUntil.Unix(), 10)
	if w.text, err = appendText(append(w.text, `,"vct":`...), p.Type); err != nil {
		return fmt.Errorf("type: %w", err)
	}
	if p.HolderKey != nil {
		w.text = append(w.text, `,"cnf":{"jwk":`...)
		if w.text, err = jose.AppendKey(w.text, p.HolderKey); err != nil {
			return fmt.Errorf("holder's key: %w", err)
		}
		w.text = append(w.text, '}')
	}
	if err := w.members(p.Claims, false); err != nil {
		return err
	}
	if len(w.disclosures) > 0 {
		w.text = append(w.text, `,"_sd_alg":"sha-256"`...)
	}
	w.text = append(w.text, '}')
	return nil
}

// StampInput returns nil: identity documents carry no time-stamp.
func (Preparer) StampInput(*formats.Pending, []byte) []byte { return nil }

// Complete puts header, payload, value and disclosures together (RFC 9901 §4).
func (Preparer) Complete(p *formats.Pending, c formats.Completion) (formats.Edit, error) {
	state := p.State
	switch {
	case p.Format != formats.SDJWT || len(p.ToBeSigned) == 0 ||
		len(state) == 0 || state[0] != '~' || state[len(state)-1] != '~':
		return formats.Edit{}, errors.New("completing an SD-JWT VC: this is no pending one")
	case len(c.Value) == 0:
		return formats.Edit{}, errors.New("completing an SD-JWT VC: no signature value")
	case c.Timestamp != nil:
		return formats.Edit{}, fmt.Errorf("completing an SD-JWT VC: a time-stamp: %w", formats.ErrUnsupported)
	}
	out := make([]byte, 0, len(p.ToBeSigned)+len(state)+base64.RawURLEncoding.EncodedLen(len(c.Value))+1)
	out = append(append(out, p.ToBeSigned...), '.')
	out = jose.AppendBase64(out, c.Value)
	return formats.Edit{Tail: append(out, state...)}, nil
}
