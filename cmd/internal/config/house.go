package config

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"time"

	"tamga/pki"
	"tamga/pki/softkey"
	"tamga/pki/tsa"
	"tamga/signer"
	"tamga/verifier"
)

// House is a data folder at work: keys open, ports wired.
type House struct {
	Signer *signer.Service
	TSA    *tsa.Authority // nil unless opened for [pki.UseTimestamp]

	settings *Settings
	now      func() time.Time
	keys     []*pki.Key
	lists    *lists
	memo     *verifier.Memo // of all verdicts of this process
	opener   pki.KeyOpener
}

// Open opens the keys that have one of uses, and wires what needs them.
// Opening a key takes a good tenth of a second, so ask for what you need. In a
// test folder, lists that are a day old are renewed on the way: what is signed
// must verify, also when no server has been running.
func (s *Settings) Open(ctx context.Context, now func() time.Time, uses ...pki.Use) (*House, error) {
	h := &House{settings: s, now: now, lists: &lists{}, memo: verifier.NewMemo(remembered),
		opener: softkey.Opener{Passphrase: softkey.PassphraseFile(s.path(s.config.Passphrase))}}
	if err := h.lists.load(s.authorities); err != nil {
		return nil, err
	}
	renew := s.Test() && h.lists.due(s.authorities, now())
	if renew {
		uses = append(slices.Clone(uses), pki.UseCertificate)
	}
	if err := h.openKeys(ctx, uses); err != nil {
		return nil, err
	}
	if renew {
		if err := h.RenewLists(ctx); err != nil {
			return nil, err
		}
	}
	if err := h.wire(); err != nil {
		return nil, err
	}
	return h, nil
}

// Close lets go of the keys.
func (h *House) Close() error { return h.opener.Close() }

// openKeys opens one key after the other: scrypt takes 16 MiB for each on
// purpose, which side by side would be the most memory that we ever use.
func (h *House) openKeys(ctx context.Context, uses []pki.Use) error {
	for _, k := range h.settings.keys {
		if !slices.ContainsFunc(uses, func(u pki.Use) bool { return slices.Contains(k.limits.Uses, u) }) {
			continue
		}
		key, err := k.open(ctx, h.opener)
		if err != nil {
			return err
		}
		h.keys = append(h.keys, key)
		runtime.GC() // the next one's 16 MiB are then those of this one
	}
	return nil
}

func (k keySettings) open(ctx context.Context, opener pki.KeyOpener) (*pki.Key, error) {
	s, err := opener.OpenKey(ctx, k.path)
	if err != nil {
		return nil, fmt.Errorf("key %q: %w", k.limits.Name, err)
	}
	return pki.NewKey(k.limits, s, k.chain)
}

// key returns the open key of this name, nil if there is none.
func (h *House) key(name string) *pki.Key {
	for _, k := range h.keys {
		if k.Name() == name {
			return k
		}
	}
	return nil
}

// CRL returns the current list of the authority called name, nil if none.
func (h *House) CRL(name string) []byte { return h.lists.of(name) }

// Verifier judges with the lists as they are at any time.
func (h *House) Verifier(tool string) (*verifier.Verifier, error) {
	j := Judge{Trust: h.settings.anchors, Memo: h.memo, Now: h.now, Tool: tool}
	return j.with(h.lists), nil
}

// Stale says which revocation lists of the folder have ended. What depends on
// them can then not be told.
func (s *Settings) Stale(now time.Time) ([]string, error) {
	known := &lists{}
	if err := known.load(s.authorities); err != nil {
		return nil, err
	}
	return known.stale(s.authorities, now), nil
}

// fingerprint is how reports name a certificate.
func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}

// Ready returns each reason why the house cannot do its work now.
func (h *House) Ready(context.Context) []string {
	now := h.now()
	var reasons []string
	for _, k := range h.keys {
		for _, c := range k.Chain() {
			if now.Before(c.NotBefore) || now.After(c.NotAfter) {
				reasons = append(reasons, fmt.Sprintf("key %q: the certificate of %s is not valid now (%s to %s)",
					k.Name(), c.Subject.CommonName, c.NotBefore.UTC().Format(time.DateOnly), c.NotAfter.UTC().Format(time.DateOnly)))
			}
		}
	}
	return append(reasons, h.lists.stale(h.settings.authorities, now)...)
}
