package tsa

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"sync"
	"time"

	"tamga/pki"
	"tamga/pki/cms"
)

// ErrClock says that the clock has gone back since the last token.
var ErrClock = errors.New("the clock has gone back")

// backward is how far the clock may step back, as time servers make it do,
// before the authority stops; within it tokens repeat the last time.
const backward = time.Second

// Authority issues time-stamp tokens. It is safe for concurrent use.
type Authority struct {
	key      *pki.Key
	alg      pki.Algorithm
	policy   string
	accuracy time.Duration
	now      func() time.Time

	mu   sync.Mutex
	last time.Time // of the latest token
}

// AuthorityConfig is what an operator decides.
type AuthorityConfig struct {
	Key      *pki.Key      // with pki.UseTimestamp
	Policy   string        // dotted identifier of the time-stamp policy
	Accuracy time.Duration // stated in each token; whole milliseconds
	Now      func() time.Time
}

// NewAuthority checks that the key may stamp and that its certificate says so
// as RFC 3161 §2.3 demands: one purpose, id-kp-timeStamping, critical.
func NewAuthority(cfg AuthorityConfig) (*Authority, error) {
	if cfg.Key == nil || cfg.Now == nil {
		return nil, errors.New("setting up a time-stamp authority: key or clock is missing")
	}
	if _, err := pki.ParseOID(cfg.Policy); err != nil {
		return nil, fmt.Errorf("setting up a time-stamp authority: policy: %w", err)
	}
	cert := cfg.Key.Certificate()
	alg, err := pki.DefaultAlgorithm(cert.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("setting up a time-stamp authority: %w", err)
	}
	if !cfg.Key.Allows(pki.UseTimestamp, alg) {
		return nil, fmt.Errorf("setting up a time-stamp authority with key %q: %w", cfg.Key.Name(), pki.ErrKeyUse)
	}
	if !stampsOnly(cert) {
		return nil, fmt.Errorf("setting up a time-stamp authority: the certificate of %s lacks the one critical purpose id-kp-timeStamping", cert.Subject)
	}
	return &Authority{key: cfg.Key, alg: alg, policy: cfg.Policy, accuracy: cfg.Accuracy, now: cfg.Now}, nil
}

// stampsOnly is RFC 3161 §2.3.
func stampsOnly(c *x509.Certificate) bool {
	critical := false
	for _, e := range c.Extensions {
		if e.Id.String() == "2.5.29.37" {
			critical = e.Critical
		}
	}
	return critical && len(c.UnknownExtKeyUsage) == 0 &&
		slices.Equal(c.ExtKeyUsage, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping})
}

// Timestamp returns a token with the authority's certificates in it.
func (a *Authority) Timestamp(ctx context.Context, h pki.Hash, imprint []byte) ([]byte, error) {
	return a.stamp(ctx, &Request{Hash: h, Imprint: imprint, CertReq: true})
}

// Respond answers a request as it came from the wire. What is wrong with the
// request is told in the answer (RFC 3161 §2.4.2); the error is for the
// operator, and the answer is then a systemFailure or timeNotAvailable.
func (a *Authority) Respond(ctx context.Context, request []byte) ([]byte, error) {
	r, err := ParseRequest(request)
	if err != nil {
		return encodeResponse(nil, &Refusal{Failure: BadDataFormat, Text: "the request cannot be read"}), nil
	}
	if refusal := a.objection(r); refusal != nil {
		return encodeResponse(nil, refusal), nil
	}
	token, err := a.stamp(ctx, r)
	switch {
	case errors.Is(err, ErrClock):
		return encodeResponse(nil, &Refusal{Failure: TimeNotAvailable, Text: "no reliable time"}), err
	case err != nil:
		return encodeResponse(nil, &Refusal{Failure: SystemFailure, Text: "the authority cannot sign now"}), err
	}
	return encodeResponse(token, nil), nil
}

func (a *Authority) objection(r *Request) *Refusal {
	switch {
	case !r.Hash.Known() || r.Hash == pki.SHA1 || r.Hash == pki.SHA224:
		return &Refusal{Failure: BadAlgorithm, Text: "this digest is not accepted"}
	case len(r.Imprint) != r.Hash.Size():
		return &Refusal{Failure: BadDataFormat, Text: "the imprint does not fit its digest"}
	case r.Policy != "" && r.Policy != a.policy:
		return &Refusal{Failure: UnacceptedPolicy, Text: "this policy is not offered"}
	case r.Extensions:
		return &Refusal{Failure: UnacceptedExtension, Text: "extensions are not accepted"}
	case r.Nonce != nil && r.Nonce.BitLen() > 512:
		return &Refusal{Failure: BadRequest, Text: "the nonce is too long"}
	}
	return nil
}

func (a *Authority) stamp(ctx context.Context, r *Request) ([]byte, error) {
	if refusal := a.objection(r); refusal != nil {
		return nil, refusal
	}
	when, err := a.tick()
	if err != nil {
		return nil, err
	}
	cert := a.key.Certificate()
	if when.Before(cert.NotBefore) || when.After(cert.NotAfter) {
		return nil, fmt.Errorf("stamping: the certificate of %s is not valid at %s", cert.Subject, when.Format(time.RFC3339))
	}
	serial := make([]byte, 16)
	rand.Read(serial) // never fails, as of Go 1.24
	serial[0] &= 0x7f
	info := Info{
		Policy: a.policy, Hash: r.Hash, Imprint: r.Imprint, Serial: new(big.Int).SetBytes(serial),
		Time: when, Accuracy: a.accuracy, Nonce: r.Nonce,
	}
	content, err := info.encode()
	if err != nil {
		return nil, fmt.Errorf("stamping: %w", err)
	}
	return a.sign(ctx, content, r.CertReq)
}

// tick returns the time for a token, never before that of the last one.
func (a *Authority) tick() (time.Time, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.now().UTC().Truncate(time.Second)
	if now.Before(a.last.Add(-backward)) {
		return now, fmt.Errorf("stamping: %w, from %s to %s", ErrClock, a.last.Format(time.RFC3339), now.Format(time.RFC3339))
	}
	if now.Before(a.last) {
		now = a.last
	}
	a.last = now
	return now, nil
}

func (a *Authority) sign(ctx context.Context, content []byte, certReq bool) ([]byte, error) {
	st := cms.Statement{
		ContentType: cms.OIDTSTInfo, Digest: a.alg.Hash().Sum(content),
		Algorithm: a.alg, Certificate: a.key.Certificate(),
	}
	attrs, err := st.SignedAttributes()
	if err != nil {
		return nil, fmt.Errorf("stamping: %w", err)
	}
	value, err := a.key.Sign(ctx, pki.UseTimestamp, a.alg, attrs)
	if err != nil {
		return nil, fmt.Errorf("stamping: %w", err)
	}
	token := cms.Assembly{
		ContentType: cms.OIDTSTInfo, Content: content, Algorithm: a.alg,
		Certificate: a.key.Certificate(), SignedAttrs: attrs, Value: value,
	}
	if certReq { // §2.4.1: without it, no certificates may be sent
		token.Certificates = a.key.Chain()
	}
	return token.Encode()
}
